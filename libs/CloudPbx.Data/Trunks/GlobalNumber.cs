using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.Trunks;

/// <summary>A number of an inventory: the platform's or a reseller's, as its trunk is. Who has got it, the tenants' numbers say (<see cref="PhoneNumber"/>).</summary>
public sealed class GlobalNumber
{
    /// <summary>E.164 with a leading <c>+</c>.</summary>
    public required string Number { get; init; }

    /// <summary>The shared trunk over which it is reached.</summary>
    public required TrunkId TrunkId { get; init; }

    /// <summary>Whether tenants may take it themselves while it is free, and give it back.</summary>
    public bool SelfService { get; set; }
}
