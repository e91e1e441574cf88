namespace CloudPbx.AllInOne.Embedded;

/// <summary>What .NET takes from the environment alone, and only at a process's start.</summary>
internal static class RuntimeSettings
{
    private const string FirstGeneration = "DOTNET_GCgen0size";   // hexadecimal, without 0x

    /// <summary>
    /// For a media node. The packet process allocates nothing once it runs: a small first generation keeps its few collections short, and it must not grow by a
    /// larger budget first.
    /// </summary>
    public static void ForMedia(IDictionary<string, string?> environment)
    {
        environment[FirstGeneration] = "4000000";
        environment["DOTNET_gcConcurrent"] = "0";
        environment["DOTNET_TieredPGO"] = "1";
    }

    /// <summary>
    /// For every other service. Where the processor does not tell the size of its caches the collector takes the smallest budget, and a worker that sets up calls
    /// then stops ten times a second, each time to copy what would have been garbage a moment later.
    /// </summary>
    public static void ForSignalling(IDictionary<string, string?> environment) => environment[FirstGeneration] = "2000000";
}
