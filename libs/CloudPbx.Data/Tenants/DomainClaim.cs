using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.Tenants;

/// <summary>A domain that a tenant says is its own and has not proven yet. Any number of tenants may claim one: it becomes a <see cref="TenantDomain"/> of whoever proves it.</summary>
public sealed class DomainClaim : ITenantOwned
{
    /// <inheritdoc/>
    public required TenantId TenantId { get; init; }

    /// <summary>The domain in lower case, internationalised names as A-labels.</summary>
    public required string Name { get; init; }

    /// <summary>What the domain's DNS must say. No secret: the whole world reads it there.</summary>
    public required string Token { get; init; }

    /// <summary>Since when, UTC.</summary>
    public required DateTime CreatedAt { get; init; }
}
