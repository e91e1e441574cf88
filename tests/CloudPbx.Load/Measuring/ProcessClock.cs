using CloudPbx.Load.Sockets;

namespace CloudPbx.Load.Measuring;

/// <summary>The processor time of other processes, user and system, ended threads included.</summary>
/// <remarks>By clock_getcpuclockid(3): exact to the nanosecond, where <c>/proc/PID/stat</c> counts in ticks of 10 ms.</remarks>
internal static unsafe class ProcessClock
{
    private const int Scheduled = 2;        // CPUCLOCK_SCHED: what the scheduler counted

    /// <summary>Processor time that these processes have used since their start.</summary>
    /// <returns>Nanoseconds; a process that has ended counts as zero.</returns>
    public static long Nanoseconds(IEnumerable<int> processes) => processes.Sum(id => Nanoseconds(id));

    /// <summary>Processor time that a process has used since its start.</summary>
    public static long Nanoseconds(int process)
    {
        Posix.TimeSpec time;
        return Posix.clock_gettime((~process << 3) | Scheduled, &time) == 0 ? (time.Seconds * 1_000_000_000) + time.Nanoseconds : 0;
    }
}
