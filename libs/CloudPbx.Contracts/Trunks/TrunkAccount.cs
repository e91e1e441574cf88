namespace CloudPbx.Contracts.Trunks;

/// <summary>An account at a carrier: a line of a registered trunk, or what an IP trunk answers challenges with.</summary>
public sealed record TrunkAccount
{
    /// <summary>The user part of the address of record; unique in its trunk.</summary>
    public required string User { get; init; }

    /// <summary>The user name of the digest credentials; <see cref="User"/> where the carrier gave one name only.</summary>
    public required string AuthUser { get; init; }

    /// <summary>The password, sealed by the tenant's key, a shared trunk's by the platform's; <c>TenantConfiguration.TryOpenPassword</c> opens it.</summary>
    public required byte[] SealedPassword { get; init; }
}
