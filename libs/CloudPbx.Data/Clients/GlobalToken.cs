using OpenIddict.EntityFrameworkCore.Models;

namespace CloudPbx.Data.Clients;

/// <summary>A token that was issued, so that it can be redeemed once and revoked.</summary>
public sealed class GlobalToken : OpenIddictEntityFrameworkCoreToken<Guid, GlobalClient, GlobalAuthorization>;
