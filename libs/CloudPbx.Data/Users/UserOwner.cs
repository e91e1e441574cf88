using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.Users;

/// <summary>Whose users are meant: a tenant's, a reseller's, or (neither) the platform's own.</summary>
/// <param name="TenantId">The tenant.</param>
/// <param name="ResellerId">The reseller.</param>
public readonly record struct UserOwner(TenantId? TenantId, ResellerId? ResellerId)
{
    /// <summary>The platform's own: operators.</summary>
    public static UserOwner Platform => default;

    /// <summary>A tenant's: administrators and users.</summary>
    /// <param name="tenant">Which.</param>
    public static UserOwner Of(TenantId tenant) => new(tenant, null);

    /// <summary>A reseller's.</summary>
    /// <param name="reseller">Which.</param>
    public static UserOwner Of(ResellerId reseller) => new(null, reseller);
}
