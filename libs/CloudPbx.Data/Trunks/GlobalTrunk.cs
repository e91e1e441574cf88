using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.Trunks;

/// <summary>A trunk of the platform. It belongs to no tenant; a tenant that gets a number of it has a <see cref="Trunk"/> that is its copy.</summary>
public sealed class GlobalTrunk : IVersioned
{
    /// <summary>Its identifier.</summary>
    public required TrunkId Id { get; init; }

    /// <summary>Its name, unique among the platform's trunks.</summary>
    public required string Name { get; set; }

    /// <summary>Whether it may be used.</summary>
    public required bool Enabled { get; set; }

    /// <summary>Everything else; no accounts, since passwords are sealed by a tenant's key.</summary>
    public required TrunkDetails Details { get; set; }

    /// <summary>Networks from which its calls come.</summary>
    public required IReadOnlyList<string> Sources { get; set; }

    /// <inheritdoc/>
    public Guid Version { get; set; }
}
