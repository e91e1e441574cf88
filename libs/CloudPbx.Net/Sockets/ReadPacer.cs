using System.Diagnostics;

namespace CloudPbx.Net.Sockets;

/// <summary>
/// Moderates a thread that reads busy sockets, as network cards moderate interrupts: what comes within an interval of the last read waits until that has passed and is read
/// together. A wake-up costs more than most messages do; a message after a pause is not delayed at all, and a read that took all it had room for is followed at once.
/// </summary>
/// <param name="interval">How long at most something waits.</param>
/// <remarks>Used by one thread.</remarks>
internal struct ReadPacer(TimeSpan interval)
{
    /// <summary>For signalling, a millisecond: a five-hundredth of what a phone waits before it repeats a request (RFC 3261 §17.1.1.1, T1).</summary>
    public static readonly TimeSpan Signalling = TimeSpan.FromMilliseconds(1);

    private readonly long _interval = interval.Ticks * (Stopwatch.Frequency / TimeSpan.TicksPerSecond);
    private long _lastRead;

    /// <summary>Waits, where the last read was a moment ago. Call it before each read that may block.</summary>
    public readonly void Wait()
    {
        if (_lastRead != 0)
            Libc.SleepUntil(_lastRead + _interval);
    }

    /// <summary>Notes a read.</summary>
    /// <param name="wasFull">Whether it took all that it had room for: there is more, and waiting would only cap what can be read.</param>
    public void Took(bool wasFull) => _lastRead = wasFull ? 0 : Stopwatch.GetTimestamp();
}
