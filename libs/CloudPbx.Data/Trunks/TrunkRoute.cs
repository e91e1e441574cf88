using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Data.Trunks;

/// <summary>An outbound route of a tenant.</summary>
public sealed class TrunkRoute : ITenantOwned, IVersioned
{
    /// <summary>Its identifier.</summary>
    public required RouteId Id { get; init; }

    /// <inheritdoc/>
    public required TenantId TenantId { get; init; }

    /// <summary>Its name, unique in its tenant.</summary>
    public required string Name { get; set; }

    /// <summary>What numbers begin with; unique in its tenant.</summary>
    public required string Prefix { get; set; }

    /// <summary>Everything else.</summary>
    public required TrunkRouteDetails Details { get; set; }

    /// <inheritdoc/>
    public Guid Version { get; set; }

    /// <summary>The route as a runtime sees it.</summary>
    public OutboundRoute ToRoute() => new()
    {
        Id = Id,
        Name = Name,
        Prefix = Prefix,
        Order = Details.Order,
        Trunks = Details.Trunks,
        FailoverOn = Details.FailoverOn ?? FailoverCauses.Default,
        Rewrite = Details.Rewrite,
        CallerNumber = Details.CallerNumber,
    };
}
