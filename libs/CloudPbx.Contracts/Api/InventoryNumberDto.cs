namespace CloudPbx.Contracts.Api;

/// <summary>A number of the platform's inventory, or of a reseller's.</summary>
public sealed record InventoryNumberDto
{
    /// <summary>E.164 with a leading <c>+</c>.</summary>
    public required string Number { get; init; }

    /// <summary>Name of the shared trunk over which it is reached.</summary>
    public required string Trunk { get; init; }

    /// <summary>Whether tenants may take it themselves while it is free, and give it back; <see langword="false"/> if absent.</summary>
    public bool? SelfService { get; init; }

    /// <summary>Name of the tenant that has got it, of a reseller's inventory one of its own, or <see langword="null"/>: it is free.</summary>
    public string? Tenant { get; init; }
}
