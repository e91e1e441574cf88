using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.Tenants;

/// <summary>A SIP domain of a tenant.</summary>
public sealed class TenantDomain : ITenantOwned
{
    /// <summary>Its identifier.</summary>
    public required DomainId Id { get; init; }

    /// <inheritdoc/>
    public required TenantId TenantId { get; init; }

    /// <summary>The domain in lower case, internationalised names as A-labels; unique on the platform.</summary>
    public required string Name { get; init; }

    /// <summary>Its place among the tenant's domains; the lowest is the tenant's realm.</summary>
    public required int Position { get; set; }
}
