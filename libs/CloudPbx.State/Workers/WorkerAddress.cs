namespace CloudPbx.State.Workers;

/// <summary>Where a CallControl worker takes edges' links, and how busy it is.</summary>
/// <param name="WorkerId">The worker's name, unique while it lives.</param>
/// <param name="Host">A host name or address that edges can reach.</param>
/// <param name="Port">TCP port; 0 where the link is a pipe in the same process.</param>
public sealed record WorkerAddress(string WorkerId, string Host, int Port)
{
    /// <summary>Its silo's address, in the form that silos write.</summary>
    public string? Silo { get; init; }

    /// <summary>Tenants that live on it.</summary>
    public int Tenants { get; init; }

    /// <summary>Calls that ring or talk.</summary>
    public int Calls { get; init; }

    /// <summary>Contacts that are registered.</summary>
    public int Registrations { get; init; }

    /// <summary>How long messages wait before their tenant's thread takes them.</summary>
    public int QueueDelayMilliseconds { get; init; }

    /// <summary>The operator drains it: its tenants move to others, and none comes.</summary>
    public bool IsDraining { get; init; }

    /// <summary>It stops, and is drained for that: no tenant of another worker that stops may move to it.</summary>
    public bool IsLeaving { get; init; }

    /// <summary>Those that are not drained; all of them where every one is, since somebody has to do the work.</summary>
    /// <param name="workers">The live workers.</param>
    public static IReadOnlyList<WorkerAddress> OpenOf(IReadOnlyList<WorkerAddress> workers)
    {
        WorkerAddress[] open = [.. workers.Where(worker => !worker.IsDraining)];
        return open.Length > 0 ? open : workers;
    }
}
