using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Data.Trunks;

/// <summary>A shared trunk: the platform's or a reseller's. It belongs to no tenant; a tenant that gets a number of it has a <see cref="Trunk"/> that is its copy.</summary>
public sealed class GlobalTrunk : IVersioned
{
    /// <summary>Its identifier.</summary>
    public required TrunkId Id { get; init; }

    /// <summary>The reseller whose it is and whose tenants alone get numbers of it; <see langword="null"/>: the platform's.</summary>
    public ResellerId? ResellerId { get; init; }

    /// <summary>How the carrier knows us: by our address, or by accounts that one runtime of the whole installation keeps registered (<see cref="Keeper"/>).</summary>
    public TrunkKind Kind { get; set; } = TrunkKind.Ip;

    /// <summary>Its name, unique among its owner's shared trunks.</summary>
    public required string Name { get; set; }

    /// <summary>Whether it may be used.</summary>
    public required bool Enabled { get; set; }

    /// <summary>Everything else; the accounts' passwords are sealed by the platform's key (<see cref="Keys.GlobalTrunkPassword"/>).</summary>
    public required TrunkDetails Details { get; set; }

    /// <summary>Networks from which its calls come.</summary>
    public required IReadOnlyList<string> Sources { get; set; }

    /// <summary>Counts its changes: what the keeper has for a <c>config_version</c>.</summary>
    public long Revision { get; set; }

    /// <summary>Whose runtime keeps its accounts registered: an owner like a tenant, of which there is one in the whole installation, under the trunk's own identifier. It has neither phones nor calls, nor a row among the tenants.</summary>
    public TenantId Keeper => new(Id.Value);

    /// <inheritdoc/>
    public Guid Version { get; set; }

    /// <summary>Makes a tenant's copy of it, which is not stored yet; its sources are rows of their own.</summary>
    /// <param name="tenant">The tenant.</param>
    public Trunk ToCopy(TenantId tenant) => new()
    {
        Id = TrunkId.New(), TenantId = tenant, GlobalTrunkId = Id, OfReseller = ResellerId is not null, Name = Name, Kind = Kind, Enabled = Enabled, Details = Details,
    };
}
