using System.Diagnostics;

namespace CloudPbx.Net.Sockets;

/// <summary>What Linux's scheduler is asked for a thread whose lateness is heard: its turn as soon as it has something to do, also on a machine that is busy otherwise.</summary>
/// <remarks>
/// A thread that goes first and does not come to rest for a quarter of a second has more to do than its core can: it stands back to <see cref="Urgency.Ahead"/>, so that calls'
/// ends and the operator's shell are not starved, until it rests again. Used by one thread, but for what it says of itself. <see cref="ThreadPriority"/> does nothing on Linux.
/// </remarks>
/// <param name="wanted">What the thread asks for.</param>
public sealed unsafe class ThreadUrgency(Urgency wanted)
{
    private const int AheadNiceness = -10;
    private const uint LowestRealTime = 1;

    // From Linux 6.12 on: who wants short turns may interrupt who has a long one. Older kernels take no notice.
    private const ulong TurnNanoseconds = 200_000;

    private static readonly long s_patience = Stopwatch.Frequency / 4;

    private readonly Urgency _wanted = wanted;
    private int _had;
    private long _rested;
    private bool _isFirst, _standsBack;
    private volatile bool _isGranted = true;

    /// <summary>
    /// Whether the thread has what it asked for: real time needs CAP_SYS_NICE or <c>ulimit -r 1</c>, niceness that or <c>ulimit -e 30</c>. True also before it has asked, and
    /// where the process was started under another policy (<c>chrt</c>, systemd's CPUSchedulingPolicy): that is the operator's word, and nothing is changed.
    /// </summary>
    public bool IsGranted => _isGranted;

    /// <summary>Asks for the calling thread, whose urgency this is from now on.</summary>
    /// <param name="now">Of <see cref="Stopwatch"/>.</param>
    public void Begin(long now)
    {
        if (Libc.sched_getscheduler(Libc.CallingThread) != Libc.ScheduleNormally)
            return;
        _had = Libc.getpriority(Libc.PriorityOfProcess, Libc.CallingThread);
        _rested = now;
        _isFirst = _wanted == Urgency.First && TryGoFirst();
        _isGranted = _isFirst || (TryGoAhead() && _wanted != Urgency.First);
    }

    /// <summary>Notes that the thread has nothing to do: it is about to wait.</summary>
    /// <param name="now">Of <see cref="Stopwatch"/>.</param>
    public void Rests(long now)
    {
        _rested = now;
        if (!_standsBack)
            return;
        _standsBack = false;
        _isFirst = TryGoFirst();
    }

    /// <summary>Notes that the thread goes on.</summary>
    /// <param name="now">Of <see cref="Stopwatch"/>.</param>
    public void GoesOn(long now)
    {
        if (!_isFirst || now - _rested < s_patience)
            return;
        (_isFirst, _standsBack) = (false, true);
        TryGoAhead();
    }

    // A thread that the runtime starts on this one (its compiler, say) is not urgent by that.
    private static bool TryGoFirst() => TrySet(new Libc.Scheduling { Policy = Libc.ScheduleInTurn, Flags = Libc.ScheduleChildrenEvenly, Priority = LowestRealTime });

    private bool TryGoAhead()
    {
        if (TryNormal(_wanted == Urgency.None ? _had : Math.Min(AheadNiceness, _had)))
            return true;
        _ = TryNormal(_had);
        return false;
    }

    private static bool TryNormal(int niceness) =>
        TrySet(new Libc.Scheduling { Policy = Libc.ScheduleNormally, Flags = Libc.ScheduleChildrenEvenly, Niceness = niceness, RuntimeNanoseconds = TurnNanoseconds });

    private static bool TrySet(Libc.Scheduling wanted)
    {
        wanted.Size = (uint)sizeof(Libc.Scheduling);
        return Libc.syscall(Libc.SetScheduling, Libc.CallingThread, (nint)(&wanted), 0, 0, 0, 0) == 0;
    }
}
