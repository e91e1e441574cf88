using OpenIddict.EntityFrameworkCore.Models;

namespace CloudPbx.Data.Clients;

/// <summary>What a user let a client do: one sign-in at one client, whose tokens are revoked with it.</summary>
public sealed class GlobalAuthorization : OpenIddictEntityFrameworkCoreAuthorization<Guid, GlobalClient, GlobalToken>;
