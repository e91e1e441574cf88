namespace CloudPbx.Contracts.Api;

/// <summary>What a tenant may have, and how it stands.</summary>
public sealed record TenantPlanDto
{
    /// <summary>The plan that it was given; absent: none.</summary>
    public string? Plan { get; init; }

    /// <summary>Extensions at most; absent: no limit.</summary>
    public int? MaxExtensions { get; init; }

    /// <summary>Trunks at most; absent: no limit.</summary>
    public int? MaxTrunks { get; init; }

    /// <summary>Numbers of the platform's inventory at most that it may take itself; absent: no limit.</summary>
    public int? MaxNumbers { get; init; }

    /// <summary>Mebibytes of recordings and own sounds at most; absent: no limit.</summary>
    public int? MaxStorageMegabytes { get; init; }

    /// <summary>End of the trial, UTC; absent: there is none.</summary>
    public DateTime? TrialEndsAt { get; init; }

    /// <summary>Since when it is suspended, UTC; absent: it is not.</summary>
    public DateTime? SuspendedAt { get; init; }

    /// <summary>Why it is suspended.</summary>
    public string? SuspensionReason { get; init; }

    /// <summary>Extensions now.</summary>
    public required int Extensions { get; init; }

    /// <summary>Trunks now.</summary>
    public required int Trunks { get; init; }

    /// <summary>Numbers of the platform's inventory now.</summary>
    public int Numbers { get; init; }

    /// <summary>Mebibytes that recordings and own sounds take now.</summary>
    public long StorageMegabytes { get; init; }

    /// <summary>Whether the storage is used up: no further recording begins until some are deleted.</summary>
    public bool StorageFull { get; init; }
}
