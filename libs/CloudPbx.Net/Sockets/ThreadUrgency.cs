namespace CloudPbx.Net.Sockets;

/// <summary>What Linux's scheduler is asked for a thread whose lateness is heard: its turn as soon as it has something to do, also on a machine that is busy otherwise.</summary>
/// <remarks>
/// Not a real-time class: a loop that has more to do than its core can would starve everything else there, calls' ends and the operator's shell with it.
/// <see cref="ThreadPriority"/> does nothing on Linux.
/// </remarks>
public static unsafe class ThreadUrgency
{
    /// <summary>The lowest value that Linux knows, and the most urgent.</summary>
    public const int MostUrgent = -20;

    /// <summary>The value that no thread is given ahead of others.</summary>
    public const int Even = 0;

    // From Linux 6.12 on: who wants short turns may interrupt who has a long one. Older kernels take no notice.
    private const ulong TurnNanoseconds = 200_000;

    /// <summary>Asks for the calling thread.</summary>
    /// <param name="niceness">What it shall have, from <see cref="MostUrgent"/> to <see cref="Even"/>; below what it has needs CAP_SYS_NICE, or a limit (<c>ulimit -e</c>) that allows it. Short turns need nothing.</param>
    /// <returns>Whether it has that niceness, or a lower one, now; who asks for nothing keeps what the process was started with. True, and nothing changes, where the process was started under another policy (<c>chrt</c>, systemd's CPUSchedulingPolicy): that is the operator's word.</returns>
    public static bool TryAsk(int niceness)
    {
        if (Libc.sched_getscheduler(Libc.CallingThread) != Libc.ScheduleNormally)
            return true;
        int had = Libc.getpriority(Libc.PriorityOfProcess, Libc.CallingThread);
        int wanted = niceness >= Even ? had : Math.Min(niceness, had);
        if (TrySet(wanted))
            return true;
        _ = TrySet(had);
        return false;
    }

    private static bool TrySet(int niceness)
    {
        // A thread that the runtime starts on this one (its compiler, say) is not urgent by that.
        var wanted = new Libc.Scheduling
        {
            Size = (uint)sizeof(Libc.Scheduling), Policy = Libc.ScheduleNormally, Flags = Libc.ScheduleChildrenEvenly, Niceness = niceness, RuntimeNanoseconds = TurnNanoseconds,
        };
        return Libc.syscall(Libc.SetScheduling, Libc.CallingThread, (nint)(&wanted), 0, 0, 0, 0) == 0;
    }
}
