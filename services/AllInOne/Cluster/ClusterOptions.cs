namespace CloudPbx.AllInOne.Cluster;

/// <summary>What <c>cloudpbx cluster</c> was asked for.</summary>
internal sealed record ClusterOptions
{
    /// <summary>Ports, addresses, data folder, certificate, as for a single process.</summary>
    public required RunOptions Run { get; init; }

    /// <summary>Call control workers. 0 for whoever brings a worker of his own.</summary>
    public int Workers { get; init; } = 2;

    /// <summary>Edges; the first is called <c>edge</c>, the others <c>edge-2</c> …</summary>
    public int Edges { get; init; } = 1;

    /// <summary>Media nodes; the first is called <c>media</c>, the others <c>media-2</c> …</summary>
    public int MediaNodes { get; init; } = 1;

    /// <summary>Whether facts travel by RabbitMQ; otherwise each worker stores its records itself.</summary>
    public bool RabbitMq { get; init; }

    /// <summary>Whether the stores may lose their data with the machine: for tests and measurements.</summary>
    public bool VolatileStores { get; init; }

    /// <summary>Processor lists, as <c>taskset</c> takes them, by process (<c>worker-1</c>) or kind (<c>worker</c>).</summary>
    public IReadOnlyDictionary<string, string> Processors { get; init; } = new Dictionary<string, string>();

    /// <summary>Processes (<c>edge-2</c>) or kinds (<c>edge</c>) that are not started again when they end.</summary>
    public IReadOnlyCollection<string> LeftDead { get; init; } = [];

    /// <summary>More settings of the services, each for a process, a kind or all of them.</summary>
    public IReadOnlyList<ServiceSetting> Settings { get; init; } = [];
}

/// <summary>One setting of a service.</summary>
/// <param name="Process">A process (<c>worker-1</c>), a kind (<c>worker</c>), or <c>all</c>.</param>
/// <param name="Key">As in the options: <c>Edge:MessagesPerSecond</c>.</param>
/// <param name="Value">Its value.</param>
internal sealed record ServiceSetting(string Process, string Key, string Value)
{
    /// <summary>Whether it is meant for this process.</summary>
    public bool IsFor(string process, string kind) => Process == process || Process == kind || Process == "all";
}
