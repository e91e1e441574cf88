using System.Diagnostics;

namespace CloudPbx.Net.Sockets;

/// <summary>
/// Moderates a thread that reads a busy socket, as network cards moderate interrupts: what comes within <see cref="s_interval"/> of the last read waits until that has passed and is read
/// together. A wake-up costs more than most messages do; a message after a pause is not delayed at all.
/// </summary>
/// <remarks>Used by one thread.</remarks>
internal struct ReadPacer
{
    // A millisecond: a thousandth part of what a phone waits before it repeats a request (RFC 3261 §17.1.1.2, T1).
    private static readonly long s_interval = Stopwatch.Frequency / 1000;

    private long _lastRead;

    /// <summary>Waits, where the last read was a moment ago. Call it before each read that may block.</summary>
    public readonly void Wait()
    {
        if (_lastRead != 0)
            Libc.SleepUntil(_lastRead + s_interval);
    }

    /// <summary>Notes that a read brought something.</summary>
    public void Read() => _lastRead = Stopwatch.GetTimestamp();
}
