namespace CloudPbx.CallControl.Tenants;

/// <summary>This worker as edges and other workers know it.</summary>
internal sealed class WorkerIdentity
{
    /// <summary>Its name, new with every start: an address may be used again, a worker is not.</summary>
    public string Id { get; } = Guid.NewGuid().ToString("N");

    /// <summary>The address of its inner links; until a listener says otherwise they are pipes in this process.</summary>
    public string Host { get; set; } = "localhost";

    /// <summary>The TCP port of its inner links; 0 where they are pipes in this process.</summary>
    public int Port { get; set; }

    /// <summary>Whether the operator drains it: it is announced as such, its tenants move away, and none comes.</summary>
    public volatile bool IsDraining;

    /// <summary>Whether its tenants move away because it stops: it is announced as drained until they have.</summary>
    public volatile bool IsLeaving;
}
