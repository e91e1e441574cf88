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

    /// <summary>Its name, unique among its owner's shared trunks.</summary>
    public required string Name { get; set; }

    /// <summary>Whether it may be used.</summary>
    public required bool Enabled { get; set; }

    /// <summary>Everything else; no accounts, since passwords are sealed by a tenant's key.</summary>
    public required TrunkDetails Details { get; set; }

    /// <summary>Networks from which its calls come.</summary>
    public required IReadOnlyList<string> Sources { get; set; }

    /// <inheritdoc/>
    public Guid Version { get; set; }

    /// <summary>Makes a tenant's copy of it, which is not stored yet; its sources are rows of their own.</summary>
    /// <param name="tenant">The tenant.</param>
    public Trunk ToCopy(TenantId tenant) => new()
    {
        Id = TrunkId.New(), TenantId = tenant, GlobalTrunkId = Id, OfReseller = ResellerId is not null, Name = Name, Kind = TrunkKind.Ip, Enabled = Enabled, Details = Details,
    };
}
