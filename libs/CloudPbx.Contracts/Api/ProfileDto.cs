using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Contracts.Api;

/// <summary>A profile of a tenant's own.</summary>
public sealed record ProfileDto
{
    /// <summary>Its identifier.</summary>
    public required ProfileId Id { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The shipped profile that it starts from.</summary>
    public required string BasedOn { get; init; }

    /// <summary>What it does otherwise.</summary>
    public required TrunkProfileChanges Changes { get; init; }

    /// <summary>The profile as it acts: the shipped one with the changes.</summary>
    public required TrunkProfile Profile { get; init; }

    /// <summary>Names of the trunks that use it: a change reaches them, and while there is one it cannot be deleted.</summary>
    public required IReadOnlyList<string> Trunks { get; init; }
}
