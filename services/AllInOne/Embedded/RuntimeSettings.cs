namespace CloudPbx.AllInOne.Embedded;

/// <summary>What .NET takes from the environment alone, and only at a process's start.</summary>
internal static class RuntimeSettings
{
    private const string FirstGeneration = "DOTNET_GCgen0size";   // hexadecimal, without 0x

    // A message that arrived is handled by the thread that reads, instead of being handed to the pool first. Nothing in these services waits in that place.
    private const string InlineSockets = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>
    /// For a media node. The packet process allocates nothing once it runs: a small first generation keeps its few collections short, and it must not grow by a
    /// larger budget first.
    /// </summary>
    public static void ForMedia(IDictionary<string, string?> environment)
    {
        environment[FirstGeneration] = "4000000";
        environment["DOTNET_gcConcurrent"] = "0";
        environment["DOTNET_TieredPGO"] = "1";
        environment[InlineSockets] = "1";
    }

    /// <summary>
    /// For the portal, which holds what many open pages show and is asked for something now and then: garbage is collected early, what native code has freed goes
    /// back to the system instead of lying in an arena of each thread, code that was compiled ahead is not compiled again, and of the large buffers in which a page is
    /// sent when it opens a few are kept, not thirty-two of each size and processor (<c>./pbx bench portal</c>).
    /// </summary>
    public static void ForPages(IDictionary<string, string?> environment)
    {
        environment[FirstGeneration] = "400000";
        environment["DOTNET_TieredCompilation"] = "0";
        environment["MALLOC_ARENA_MAX"] = "2";
        environment["MALLOC_TRIM_THRESHOLD_"] = "131072";
        environment["DOTNET_SYSTEM_BUFFERS_SHAREDARRAYPOOL_MAXARRAYSPERPARTITION"] = "4";
    }

    /// <summary>
    /// For a worker. What belongs to a call lives as long as the call: each collection copies all calls that are being set up, an eighth of a worker's time with the budget of
    /// <see cref="ForSignalling"/>. Media nodes and Redis answer several times in a call, and the two thread switches of each answer cost more than what is done with it.
    /// </summary>
    public static void ForWorker(IDictionary<string, string?> environment)
    {
        environment[FirstGeneration] = "8000000";
        environment[InlineSockets] = "1";
    }

    /// <summary>
    /// For an edge, which keeps what its connections hold and allocates next to nothing for a message: what is garbage until the next collection is memory that its thousands of
    /// phones do not need.
    /// </summary>
    public static void ForEdge(IDictionary<string, string?> environment) => environment[FirstGeneration] = "800000";

    /// <summary>
    /// For every other service. Where the processor does not tell the size of its caches the collector takes the smallest budget, and a busy one
    /// then stops ten times a second, each time to copy what would have been garbage a moment later.
    /// </summary>
    public static void ForSignalling(IDictionary<string, string?> environment) => environment[FirstGeneration] = "2000000";
}
