using CloudPbx.Contracts.Ids;

namespace CloudPbx.Contracts.Trunks;

/// <summary>A telephone number of a tenant: what callers from outside dial, and what may be shown outside as caller.</summary>
public sealed record TenantNumber
{
    /// <summary>Its identifier.</summary>
    public required NumberId Id { get; init; }

    /// <summary>The number in E.164 with a leading <c>+</c>; belongs to one tenant on the whole platform.</summary>
    public required string Number { get; init; }

    /// <summary>The trunk over which it is reached and may be shown; <see langword="null"/>: any trunk of the tenant.</summary>
    public TrunkId? Trunk { get; init; }

    /// <summary>The extension that its calls reach; <see langword="null"/>: nobody yet.</summary>
    public string? Extension { get; init; }
}
