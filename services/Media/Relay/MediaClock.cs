namespace CloudPbx.Media.Relay;

/// <summary>Monotonic time of the packet path, in the units that it needs, without allocation.</summary>
internal sealed class MediaClock(TimeProvider time)
{
    private readonly long _ticksPerMicrosecond = Math.Max(1, time.TimestampFrequency / 1_000_000);

    public TimeProvider Time => time;

    /// <summary>Microseconds since some origin.</summary>
    public long Microseconds => time.GetTimestamp() / _ticksPerMicrosecond;

    /// <summary>The wall clock as an NTP timestamp (RFC 3550 §4).</summary>
    public ulong NtpTime => ToNtp(time.GetUtcNow());

    private static ulong ToNtp(DateTimeOffset instant)
    {
        long ticks = instant.UtcTicks - new DateTime(1900, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;
        ulong seconds = (ulong)(ticks / TimeSpan.TicksPerSecond);
        ulong fraction = ((ulong)(ticks % TimeSpan.TicksPerSecond) << 32) / TimeSpan.TicksPerSecond;
        return (seconds << 32) | fraction;
    }
}
