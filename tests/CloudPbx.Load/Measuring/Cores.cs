using System.Globalization;
using CloudPbx.Load.Sockets;

namespace CloudPbx.Load.Measuring;

/// <summary>Who runs where: what is measured on the first core, everything else on the others.</summary>
internal static unsafe class Cores
{
    /// <summary>Goes before the command of a measured process.</summary>
    public static readonly string[] Subject = ["taskset", "-c", "0"];

    /// <summary>Goes before the command of everything else.</summary>
    public static readonly string[] Others = ["taskset", "-c", Environment.ProcessorCount > 1 ? $"1-{Environment.ProcessorCount - 1}" : "0"];

    private const int Niceness = -10, FirstNiceness = -20, OfTask = 0;

    /// <summary>Moves this process, with all threads that it has and will have, off the core of what is measured, and puts it and what it starts before other
    /// programs of the machine, where it may do so: waiting for a core costs nothing, but a cache that others emptied does.</summary>
    public static void Arrange() => Place(Environment.ProcessorCount > 1 ? 1 : 0, Niceness);

    /// <summary>As <see cref="Arrange"/>, but before nobody: where it is measured how the product holds its own.</summary>
    public static void ArrangeEvenly() => Place(Environment.ProcessorCount > 1 ? 1 : 0, 0);

    /// <summary>Puts the calling thread before all others of its core: a load generator that waited for a turn would send in bursts that no phones send.</summary>
    /// <remarks>Without the right to it nothing changes. No real-time class: the kernel's own thread delivers packets there, too.</remarks>
    public static void PutFirst() => _ = Posix.setpriority(OfTask, 0, FirstNiceness);

    /// <summary>Gives this process, and what it starts from now on, all cores: for what is measured as its user has it.</summary>
    public static void Release() => Place(0, 0);

    private static void Place(int first, int niceness)
    {
        int count = Environment.ProcessorCount;
        byte* mask = stackalloc byte[128];
        new Span<byte>(mask, 128).Clear();
        for (int core = first; core < count; core++)
            mask[core / 8] |= (byte)(1 << (core % 8));
        foreach (string directory in Directory.EnumerateDirectories("/proc/self/task"))
        {
            int task = int.Parse(Path.GetFileName(directory), CultureInfo.InvariantCulture);
            _ = Posix.sched_setaffinity(task, 128, mask);
            _ = Posix.setpriority(OfTask, (uint)task, niceness);
        }
    }
}
