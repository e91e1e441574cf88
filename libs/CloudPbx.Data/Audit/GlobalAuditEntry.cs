using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.Audit;

/// <summary>Who changed what of the platform or of a reseller, and who made or deleted a tenant: what no tenant's own log has, or what is to outlive the tenant. Entries are only added.</summary>
public sealed class GlobalAuditEntry
{
    /// <summary>A UUIDv7: entries of one instant have no order among them.</summary>
    public required Guid Id { get; init; }

    /// <summary>The reseller that it was about; <see langword="null"/>: the platform alone. It may be deleted since: what it did stays.</summary>
    public ResellerId? ResellerId { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTime At { get; init; }

    /// <summary>Who: the token's subject.</summary>
    public required string Actor { get; init; }

    /// <summary>Their name at that time.</summary>
    public required string ActorName { get; init; }

    /// <summary>What they did: the operation's name, such as <c>ChangePlatformSettings</c>.</summary>
    public required string Action { get; init; }

    /// <summary>To what: the request's path. Never a secret, paths have none.</summary>
    public required string Target { get; init; }

    /// <summary>The answer's HTTP status.</summary>
    public required int Status { get; init; }

    /// <summary>From which address.</summary>
    public string? Address { get; init; }
}
