using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Contracts.Api;

/// <summary>A profile of a tenant's own: to create, to change, and in a tenant's document.</summary>
public sealed record ProfileDocument
{
    /// <summary>1 to 64 characters, unique in the tenant and none of a shipped profile. The tenant's trunks name it by <c>profile</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Name of the shipped profile (<c>/v1/profiles</c>) that it starts from; <c>generic</c> if absent.</summary>
    public string? BasedOn { get; init; }

    /// <summary>What it does otherwise than the shipped one.</summary>
    public TrunkProfileChanges? Changes { get; init; }
}
