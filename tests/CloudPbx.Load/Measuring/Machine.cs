using System.Runtime.InteropServices;

namespace CloudPbx.Load.Measuring;

/// <summary>Where the figures come from: without that they say nothing.</summary>
internal static class Machine
{
    /// <summary>Processor, cores, kernel, runtime, and how busy the machine is with other things.</summary>
    public static string Describe()
    {
        string model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown processor";
        string load = File.ReadAllText("/proc/loadavg").Split(' ')[0];
        return $"{model}, {Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}; load average {load}";
    }
}
