using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.Audit;

/// <summary>Who changed what of a tenant, when and from where. Entries are only added.</summary>
public sealed class AuditEntry : ITenantOwned
{
    /// <inheritdoc/>
    public required TenantId TenantId { get; init; }

    /// <summary>A UUIDv7: entries of one instant have no order among them.</summary>
    public required Guid Id { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTime At { get; init; }

    /// <summary>Who: the token's subject.</summary>
    public required string Actor { get; init; }

    /// <summary>Their name at that time.</summary>
    public required string ActorName { get; init; }

    /// <summary>What they did: the operation's name, such as <c>CreateExtension</c>.</summary>
    public required string Action { get; init; }

    /// <summary>To what: the request's path. Never a secret, paths have none.</summary>
    public required string Target { get; init; }

    /// <summary>The answer's HTTP status.</summary>
    public required int Status { get; init; }

    /// <summary>From which address.</summary>
    public string? Address { get; init; }
}
