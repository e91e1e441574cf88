using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Data.Trunks;

/// <summary>A trunk of a tenant.</summary>
public sealed class Trunk : ITenantOwned, IVersioned
{
    /// <summary>Its identifier.</summary>
    public required TrunkId Id { get; init; }

    /// <inheritdoc/>
    public required TenantId TenantId { get; init; }

    /// <summary>Its name, unique in its tenant.</summary>
    public required string Name { get; set; }

    /// <summary>How the carrier knows us.</summary>
    public required TrunkKind Kind { get; set; }

    /// <summary>Whether it may be used.</summary>
    public required bool Enabled { get; set; }

    /// <summary>Everything else.</summary>
    public required TrunkDetails Details { get; set; }

    /// <summary>The shared trunk whose copy this is, or <see langword="null"/>: the tenant's own. The tenant can use a copy but not change it.</summary>
    public TrunkId? GlobalTrunkId { get; init; }

    /// <summary>Whether the shared trunk whose copy this is belongs to the tenant's reseller; else it is the platform's.</summary>
    public bool OfReseller { get; init; }

    /// <summary>Whether it is a tenant's copy of a shared trunk: whose accounts its owner alone is told.</summary>
    public bool IsCopy => GlobalTrunkId is { } shared && shared != Id;

    /// <summary>Who set it up.</summary>
    public TrunkOwner Owner => GlobalTrunkId is null ? TrunkOwner.Tenant : OfReseller ? TrunkOwner.Reseller : TrunkOwner.Platform;

    /// <inheritdoc/>
    public Guid Version { get; set; }
}
