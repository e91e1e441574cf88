using System.Globalization;

namespace CloudPbx.Load.Measuring;

/// <summary>The processor time that .NET's tiered compilation has taken in other processes: it compiles in the background what has become hot, for a minute or two, and then nothing.</summary>
/// <remarks>By the name of its thread in <c>/proc/PID/task</c>, which the kernel cuts at 15 characters. A process of another kind has none.</remarks>
internal static class CompilerClock
{
    private const string ThreadName = ".NET Tiered Com";

    /// <summary>Processor time of the compiling threads that live.</summary>
    /// <returns>Nanoseconds. Less than before where such a thread has ended meanwhile: it does after four seconds without work.</returns>
    public static long Nanoseconds(IEnumerable<int> processes) => processes.SelectMany(Threads).Sum(OfThread);

    private static IEnumerable<string> Threads(int process)
    {
        string folder = $"/proc/{process}/task";
        return Directory.Exists(folder) ? Directory.EnumerateDirectories(folder) : [];
    }

    private static long OfThread(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "comm")).TrimEnd() == ThreadName ? long.Parse(File.ReadAllText(Path.Combine(folder, "schedstat")).Split(' ')[0], CultureInfo.InvariantCulture) : 0;
        }
        catch (IOException)
        {
            return 0;                                             // the thread ended between the listing and the reading
        }
    }
}
