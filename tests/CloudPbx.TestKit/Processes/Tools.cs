using Xunit;

namespace CloudPbx.TestKit.Processes;

/// <summary>Programs of the operating system that the tests use.</summary>
public static class Tools
{
    private static readonly string[] s_system = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    /// <summary>The full path of a program, or null when it is not installed.</summary>
    public static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Concat(s_system)
            .Where(directory => directory.Length > 0)
            .Select(directory => Path.Combine(directory, program))
            .FirstOrDefault(File.Exists);

    /// <summary>Skips the test unless all these programs are installed.</summary>
    public static void Require(params string[] programs)
    {
        string[] missing = [.. programs.Where(program => Find(program) is null)];
        Assert.SkipWhen(missing.Length > 0, $"not installed: {string.Join(", ", missing)} (infra/test/packages.txt)");
    }
}
