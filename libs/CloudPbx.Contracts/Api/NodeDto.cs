namespace CloudPbx.Contracts.Api;

/// <summary>A process of the platform that announces itself.</summary>
public sealed record NodeDto
{
    /// <summary>Its name, while it lives.</summary>
    public required string Id { get; init; }

    /// <summary>What it does.</summary>
    public required NodeKind Kind { get; init; }

    /// <summary>Where the others reach it.</summary>
    public required string Address { get; init; }

    /// <summary>Parties of calls whose media it carries; of a media node.</summary>
    public int? Legs { get; init; }

    /// <summary>How many its ports allow, where it says so.</summary>
    public int? Capacity { get; init; }

    /// <summary>Tenants that live there; of a worker.</summary>
    public int? Tenants { get; init; }

    /// <summary>Calls that it leads; of a worker.</summary>
    public int? Calls { get; init; }

    /// <summary>Phones' contacts that are registered there; of a worker.</summary>
    public int? Registrations { get; init; }

    /// <summary>How long messages wait there before anybody looks at them; of a worker.</summary>
    public int? QueueDelayMilliseconds { get; init; }

    /// <summary>Connections of phones, browsers and carriers; of an edge.</summary>
    public int? Connections { get; init; }

    /// <summary>Nothing begins there: it is drained, or stops.</summary>
    public required bool Draining { get; init; }
}
