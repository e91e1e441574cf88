using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Data.Trunks;

/// <summary>A profile of a tenant's own. Trunks that use it have a copy (<see cref="TrunkDetails.OwnProfile"/>), which whoever changes it changes too: so a trunk is read alone, by edges' directory and workers alike.</summary>
public sealed class TrunkProfileRow : ITenantOwned, IVersioned
{
    /// <summary>Its identifier.</summary>
    public required ProfileId Id { get; init; }

    /// <inheritdoc/>
    public required TenantId TenantId { get; init; }

    /// <summary>Its name, unique in its tenant.</summary>
    public required string Name { get; set; }

    /// <summary>Name of the shipped profile that it starts from.</summary>
    public required string BasedOn { get; set; }

    /// <summary>What it does otherwise.</summary>
    public required TrunkProfileChanges Changes { get; set; }

    /// <inheritdoc/>
    public Guid Version { get; set; }

    /// <summary>The same without the row.</summary>
    public OwnProfile ToProfile() => new(Name, BasedOn, Changes);
}
