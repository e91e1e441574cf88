using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.Trunks;

/// <summary>A telephone number (DID) of a tenant.</summary>
public sealed class PhoneNumber : ITenantOwned, IVersioned
{
    /// <summary>Its identifier.</summary>
    public required NumberId Id { get; init; }

    /// <inheritdoc/>
    public required TenantId TenantId { get; init; }

    /// <summary>E.164 with a leading <c>+</c>; unique on the platform, so that a called number finds one tenant.</summary>
    public required string Number { get; set; }

    /// <summary>Its trunk, of the same tenant: the foreign key says so.</summary>
    public TrunkId? TrunkId { get; set; }

    /// <summary>The number inside that its calls reach; text and no reference, since groups and menus are reached in the same way.</summary>
    public string? Extension { get; set; }

    /// <inheritdoc/>
    public Guid Version { get; set; }
}
