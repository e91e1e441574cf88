namespace CloudPbx.Scenarios.Cluster;

/// <summary>How a worker ends, by the signal that does it.</summary>
public enum WorkerEnd
{
    /// <summary>SIGKILL: at once, without a word.</summary>
    Killed = 9,

    /// <summary>SIGTERM: it gives its tenants away first.</summary>
    Drained = 15,
}
