using CloudPbx.Contracts.Ids;

namespace CloudPbx.Portal.SignUp;

/// <summary>The password of the phone that a sign-up made. The API tells it once; it waits for its owner to have chosen a password of their own.</summary>
/// <param name="Tenant">Whose it is.</param>
/// <param name="Extension">The phone's extension.</param>
/// <param name="Secret">The password.</param>
/// <param name="Until">When it is forgotten.</param>
internal sealed record FirstPhoneSecret(TenantId Tenant, string Extension, string Secret, DateTimeOffset Until)
{
    /// <summary>Does not tell the password.</summary>
    public override string ToString() => Extension;
}
