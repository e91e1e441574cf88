using System.Diagnostics;
using System.Text;

namespace CloudPbx.TestKit.Processes;

/// <summary>Finds processes by a marker in their environment: what a session bus activates is no child of ours, but it inherits the marker.</summary>
public static class StrayProcesses
{
    /// <summary>The variable that marks a phone's processes.</summary>
    public const string Variable = "PBX_TEST_PHONE";

    /// <summary>Kills every process that carries <see cref="Variable"/> with this value.</summary>
    public static void Kill(string marker)
    {
        byte[] wanted = Encoding.UTF8.GetBytes($"{Variable}={marker}\0");
        foreach (string directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), out int id)) continue;
            try
            {
                if (File.ReadAllBytes(Path.Combine(directory, "environ")).AsSpan().IndexOf(wanted) < 0) continue;
                using Process process = Process.GetProcessById(id);
                process.Kill();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException)
            {
                // It has ended in the meantime, or is another user's.
            }
        }
    }
}
