using CloudPbx.Contracts.Ids;

namespace CloudPbx.Contracts.Api;

/// <summary>What a tenant used in a month (UTC).</summary>
public sealed record UsageDto
{
    /// <summary>Which tenant.</summary>
    public required TenantId TenantId { get; init; }

    /// <summary>Its name.</summary>
    public required string Tenant { get; init; }

    /// <summary>The month, as <c>2026-11</c>.</summary>
    public required string Month { get; init; }

    /// <summary>Extensions at this moment.</summary>
    public required int Extensions { get; init; }

    /// <summary>Calls that began in the month.</summary>
    public required int Calls { get; init; }

    /// <summary>Of them, those that were answered.</summary>
    public required int AnsweredCalls { get; init; }

    /// <summary>Seconds of talk between extensions.</summary>
    public required long InternalSeconds { get; init; }

    /// <summary>Seconds of talk in calls from outside.</summary>
    public required long InboundSeconds { get; init; }

    /// <summary>Seconds of talk in calls to the outside.</summary>
    public required long OutboundSeconds { get; init; }

    /// <summary>Octets that recordings and own sounds take at this moment.</summary>
    public long StorageOctets { get; init; }
}
