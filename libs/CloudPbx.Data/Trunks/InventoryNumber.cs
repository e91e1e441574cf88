using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.Trunks;

/// <summary>A number of an inventory with the tenant that has got it.</summary>
public sealed record InventoryNumber
{
    /// <summary>E.164 with a leading <c>+</c>.</summary>
    public required string Number { get; init; }

    /// <summary>The reseller whose inventory it is in; <see langword="null"/>: the platform's.</summary>
    public ResellerId? ResellerId { get; init; }

    /// <summary>The shared trunk.</summary>
    public required TrunkId TrunkId { get; init; }

    /// <summary>Its name.</summary>
    public required string Trunk { get; init; }

    /// <summary>Whether tenants may take it themselves while it is free, and give it back.</summary>
    public required bool SelfService { get; init; }

    /// <summary>The tenant, or <see langword="null"/>: it is free.</summary>
    public TenantId? TenantId { get; init; }

    /// <summary>The tenant's name, or <see langword="null"/>.</summary>
    public string? Tenant { get; init; }
}
