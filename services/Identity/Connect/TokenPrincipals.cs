using System.Collections.Immutable;
using System.Security.Claims;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data;
using CloudPbx.Data.Clients;
using CloudPbx.Data.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace CloudPbx.Identity.Connect;

/// <summary>What tokens say about a user or a program, and in which tokens.</summary>
internal sealed class TokenPrincipals(IPbxDatabase database)
{
    /// <summary>The user's security stamp at the sign-in: in codes and refresh tokens only, which nobody but us can read.</summary>
    private const string Stamp = "stamp";

    /// <summary>A user who has just signed in.</summary>
    /// <param name="user">Who.</param>
    /// <param name="session">Their session, with which all that is issued ends.</param>
    /// <param name="scopes">What the client asked for and may have.</param>
    /// <param name="signedInAt">When they proved who they are.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<ClaimsPrincipal> OfUserAsync(GlobalUser user, SessionId session, ImmutableArray<string> scopes, DateTimeOffset signedInAt, CancellationToken cancel)
    {
        ClaimsIdentity identity = New();
        identity.SetScopes(scopes);
        identity.SetClaim(Claims.AuthenticationTime, signedInAt.ToUnixTimeSeconds());
        identity.SetClaim(Stamp, user.SecurityStamp);
        identity.SetClaim(TokenClaims.Session, session.ToString());
        await DescribeAsync(identity, user, cancel);
        return Finish(identity);
    }

    /// <summary>The same user later: what was issued, with what is true now.</summary>
    /// <param name="issued">The code's or refresh token's principal.</param>
    /// <param name="user">Who.</param>
    /// <param name="cancel">Stops the reading.</param>
    /// <returns><see langword="null"/> where password or second factor changed since, or the account was disabled.</returns>
    public async Task<ClaimsPrincipal?> RenewAsync(ClaimsPrincipal issued, GlobalUser user, CancellationToken cancel)
    {
        if (!user.Enabled || issued.GetClaim(Stamp) != user.SecurityStamp)
            return null;
        ClaimsIdentity identity = new(issued.Claims, TokenValidationParameters.DefaultAuthenticationType, Claims.Name, Claims.Role);
        await DescribeAsync(identity, user, cancel);
        return Finish(identity);
    }

    /// <summary>A program that acts for itself (client credentials).</summary>
    /// <param name="client">Which; it has a role.</param>
    /// <param name="scopes">What it asked for and may have.</param>
    public static ClaimsPrincipal OfClient(GlobalClient client, ImmutableArray<string> scopes)
    {
        ClaimsIdentity identity = New();
        bool mayWrite = client.Permissions?.Contains($"\"{Permissions.Prefixes.Scope}{TokenClaims.Api}\"", StringComparison.Ordinal) == true;
        identity.SetScopes(scopes.IsDefaultOrEmpty ? [mayWrite ? TokenClaims.Api : TokenClaims.ApiRead] : scopes);
        identity.SetClaim(TokenClaims.Subject, TokenClaims.ClientSubjectPrefix + client.ClientId);
        identity.SetClaim(TokenClaims.Name, client.DisplayName ?? client.ClientId);
        identity.SetClaim(TokenClaims.Role, TokenClaims.Write(client.Role!.Value));
        identity.SetClaim(TokenClaims.Tenant, client.TenantId?.ToString());
        identity.SetClaim(TokenClaims.Reseller, client.ResellerId?.ToString());
        return Finish(identity);
    }

    private async Task DescribeAsync(ClaimsIdentity identity, GlobalUser user, CancellationToken cancel)
    {
        identity.SetClaim(TokenClaims.Subject, user.Id.ToString());
        identity.SetClaim(TokenClaims.Name, user.DisplayName);
        identity.SetClaim(TokenClaims.Email, user.Email);
        identity.SetClaim(Claims.EmailVerified, user.Email is null ? null : user.EmailConfirmed);
        identity.SetClaim(TokenClaims.Role, TokenClaims.Write(user.Role));
        identity.SetClaim(TokenClaims.Tenant, user.TenantId?.ToString());
        identity.SetClaim(TokenClaims.Reseller, user.ResellerId?.ToString());
        string? number = null;
        if (user.TenantId is { } tenant && user.ExtensionId is { } extension)
        {
            await using PbxDbContext db = database.OpenTenant(tenant);
            number = await db.Extensions.Where(e => e.Id == extension).Select(e => e.Number).SingleOrDefaultAsync(cancel);
        }
        identity.SetClaim(TokenClaims.Extension, number);
        identity.SetClaim(TokenClaims.ExtensionId, number is null ? null : user.ExtensionId?.ToString());
    }

    private static ClaimsIdentity New() => new(TokenValidationParameters.DefaultAuthenticationType, Claims.Name, Claims.Role);

    private static ClaimsPrincipal Finish(ClaimsIdentity identity)
    {
        if (identity.HasScope(TokenClaims.Api) || identity.HasScope(TokenClaims.ApiRead))
            identity.SetResources(TokenClaims.Api);
        identity.SetDestinations(claim => claim.Type switch
        {
            TokenClaims.Name => Both(identity.HasScope(Scopes.Profile)),
            TokenClaims.Email => Both(identity.HasScope(Scopes.Email)),
            Claims.EmailVerified => identity.HasScope(Scopes.Email) ? [Destinations.IdentityToken] : [],
            TokenClaims.Role or TokenClaims.Tenant or TokenClaims.Reseller or TokenClaims.Extension or TokenClaims.ExtensionId => Both(identity.HasScope(Scopes.Roles)),
            TokenClaims.Session => Both(true),
            Claims.AuthenticationTime => [Destinations.IdentityToken],
            _ => [],
        });
        return new ClaimsPrincipal(identity);

        static string[] Both(bool identityToo) => identityToo ? [Destinations.AccessToken, Destinations.IdentityToken] : [Destinations.AccessToken];
    }
}
