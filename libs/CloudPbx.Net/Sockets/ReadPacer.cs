using System.Diagnostics;

namespace CloudPbx.Net.Sockets;

/// <summary>
/// Moderates a thread that reads busy sockets, as network cards moderate interrupts: what comes within an interval of the last read waits until that has passed and is read
/// together. A wake-up costs more than most messages do; a message after a pause is not delayed at all, and a read that took all it had room for is followed at once.
/// </summary>
/// <param name="shortest">How long at most something waits where little comes.</param>
/// <param name="longest">How long at most where much comes: the interval doubles with each read that brings several messages, and halves with each that does not.</param>
/// <remarks>Used by one thread.</remarks>
internal struct ReadPacer(TimeSpan shortest, TimeSpan longest)
{
    private readonly long _shortest = ToTimestamps(shortest), _longest = ToTimestamps(longest);
    private long _interval = ToTimestamps(shortest);
    private long _lastRead;

    /// <summary>Moderates by one interval.</summary>
    /// <param name="interval">How long at most something waits.</param>
    public ReadPacer(TimeSpan interval)
        : this(interval, interval)
    {
    }

    /// <summary>For signalling: a millisecond, and where much comes four, less than a hundredth of what a phone waits before it repeats a request (RFC 3261 §17.1.1.1, T1).</summary>
    public static ReadPacer Signalling => new(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(4));

    /// <summary>How long at most something waits now.</summary>
    public readonly TimeSpan Interval => new(_interval / (Stopwatch.Frequency / TimeSpan.TicksPerSecond));

    /// <summary>Waits, where the last read was a moment ago. Call it before each read that may block.</summary>
    public readonly void Wait()
    {
        if (_lastRead != 0)
            Libc.SleepUntil(_lastRead + _interval);
    }

    /// <summary>Notes a read.</summary>
    /// <param name="wasFull">Whether it took all that it had room for: there is more, and waiting would only cap what can be read.</param>
    /// <param name="hadSeveral">Whether it brought several messages.</param>
    public void Took(bool wasFull, bool hadSeveral = false)
    {
        _lastRead = wasFull ? 0 : Stopwatch.GetTimestamp();
        _interval = hadSeveral ? Math.Min(2 * _interval, _longest) : Math.Max(_interval / 2, _shortest);
    }

    private static long ToTimestamps(TimeSpan time) => time.Ticks * (Stopwatch.Frequency / TimeSpan.TicksPerSecond);
}
