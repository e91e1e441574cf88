using System.Collections.Immutable;
using System.Security.Claims;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Clients;
using CloudPbx.Data.Users;
using CloudPbx.Identity.Brands;
using CloudPbx.Identity.Pages;
using CloudPbx.Identity.Users;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace CloudPbx.Identity.Connect;

/// <summary>The protocol's endpoints (OpenID Connect Core, RFC 6749). OpenIddict has checked each request before it comes here.</summary>
internal static class ConnectEndpoints
{
    public const string Authorize = "/connect/authorize";
    public const string Token = "/connect/token";
    public const string UserInfo = "/connect/userinfo";
    public const string EndSession = "/connect/logout";
    public const string Revoke = "/connect/revoke";
    public const string Introspect = "/connect/introspect";

    private const string Scheme = OpenIddictServerAspNetCoreDefaults.AuthenticationScheme;
    private static readonly string[] s_getAndPost = ["GET", "POST"];

    public static void MapConnect(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapMethods(Authorize, s_getAndPost, AuthorizeAsync).ExcludeFromDescription();
        endpoints.MapPost(Token, TokenAsync).ExcludeFromDescription();
        endpoints.MapMethods(UserInfo, s_getAndPost, UserInfoAsync).ExcludeFromDescription();
        endpoints.MapMethods(EndSession, s_getAndPost, EndSessionAsync).ExcludeFromDescription();
    }

    internal static async Task<IResult> AuthorizeAsync(
        HttpContext http, AccountPages pages, BrandHosts brands, UserManager<GlobalUser> users, AccountSignIn signIn, TokenPrincipals principals,
        IOpenIddictApplicationManager clients, IOpenIddictAuthorizationManager authorizations, IAntiforgery forms, TimeProvider time, CancellationToken cancel)
    {
        await brands.WearAsync(http);                       // here and not in a filter: one would leave out what follows where OpenIddict has set 400
        if (http.GetOpenIddictServerResponse() is { Error: not null } refused)
            return pages.Message(http, t => t.RequestRefused, refused.ErrorDescription, StatusCodes.Status400BadRequest);
        OpenIddictRequest request = http.GetOpenIddictServerRequest() ?? throw new InvalidOperationException("OpenIddict has not seen this request.");

        AuthenticateResult present = await http.AuthenticateAsync(IdentityConstants.ApplicationScheme);
        GlobalUser? user = present.Succeeded ? await users.GetUserAsync(present.Principal) : null;
        DateTimeOffset signedInAt = present.Properties?.IssuedUtc ?? DateTimeOffset.MinValue;
        bool stale = request.HasPromptValue(PromptValues.Login)
            || (request.MaxAge is { } seconds && signedInAt.AddSeconds(seconds) < time.GetUtcNow());
        SessionId? session = present.Principal is { } cookie ? AccountSignIn.SessionOf(cookie) : null;
        if (user is null || session is null || stale || !await signIn.CanSignInAsync(user))
        {
            if (request.HasPromptValue(PromptValues.None))                                  // OpenID Connect Core §3.1.2.1: no page may be shown
                return Refuse(Errors.LoginRequired, "Nobody is signed in.");
            if (stale)
                await signIn.LeaveAsync();                                                  // they sign in anew, and come back without the wish for it
            return Results.LocalRedirect(AccountEndpoints.SignInFor(ReturnPath(request)));
        }

        var client = (GlobalClient)(await clients.FindByClientIdAsync(request.ClientId!, cancel))!;
        ImmutableArray<string> scopes = request.GetScopes();
        if (await clients.HasConsentTypeAsync(client, ConsentTypes.Explicit, cancel) && !await HasConsentAsync(authorizations, user, client, scopes, cancel))
        {
            if (request.HasPromptValue(PromptValues.None))
                return Refuse(Errors.ConsentRequired, "The user has not agreed yet.");
            string answer = HttpMethods.IsPost(http.Request.Method) ? http.Request.Form[AccountPages.ConsentField].ToString() : "";
            if (answer.Length == 0 || !await forms.IsRequestValidAsync(http))
                return pages.Consent(http, client.DisplayName ?? client.ClientId!, user, scopes, request);
            if (answer != AccountPages.Agreed)
                return Refuse(Errors.AccessDenied, "The user refused.");
            OpenIddictAuthorizationDescriptor consent = new()
            {
                ApplicationId = client.Id.ToString(), Subject = user.Id.ToString(), Status = Statuses.Valid, Type = AuthorizationTypes.Permanent, CreationDate = time.GetUtcNow(),
            };
            consent.Scopes.UnionWith(scopes);
            await authorizations.CreateAsync(consent, cancel);
        }
        await signIn.UseAsync(session.Value, cancel);
        ClaimsPrincipal principal = await principals.OfUserAsync(user, session.Value, scopes, signedInAt, cancel);
        principal.SetAuthorizationId(await AuthorizeSessionAsync(authorizations, user, session.Value, client, scopes, time, cancel));
        return Results.SignIn(principal, authenticationScheme: Scheme);
    }

    internal static async Task<IResult> TokenAsync(
        HttpContext http, UserManager<GlobalUser> users, AccountSignIn signIn, TokenPrincipals principals, IOpenIddictApplicationManager clients, CancellationToken cancel)
    {
        OpenIddictRequest request = http.GetOpenIddictServerRequest() ?? throw new InvalidOperationException("OpenIddict has not seen this request.");
        if (request.IsClientCredentialsGrantType())
        {
            // OpenIddict has checked the secret.
            return await clients.FindByClientIdAsync(request.ClientId!, cancel) is GlobalClient { Role: not null } client
                ? Results.SignIn(TokenPrincipals.OfClient(client, request.GetScopes()), authenticationScheme: Scheme)
                : Refuse(Errors.UnauthorizedClient, "This client acts for users only.");
        }
        ClaimsPrincipal? issued = (await http.AuthenticateAsync(Scheme)).Principal;
        GlobalUser? user = issued?.GetClaim(TokenClaims.Subject) is { } subject ? await users.FindByIdAsync(subject) : null;
        if (user is null || AccountSignIn.SessionOf(issued!) is not { } session || !await signIn.IsPresentAsync(user, session, cancel)
            || await principals.RenewAsync(issued!, user, cancel) is not { } principal)
            return Refuse(Errors.InvalidGrant, "The user must sign in again.");
        await signIn.UseAsync(session, cancel);
        return Results.SignIn(principal, authenticationScheme: Scheme);
    }

    internal static async Task<IResult> UserInfoAsync(HttpContext http, UserManager<GlobalUser> users)
    {
        ClaimsPrincipal? token = (await http.AuthenticateAsync(Scheme)).Principal;
        if (token?.GetClaim(TokenClaims.Subject) is not { } subject || await users.FindByIdAsync(subject) is not { Enabled: true })
            return Results.Challenge(Properties(Errors.InvalidToken, "The token is not a user's, or the user is gone."), [Scheme]);
        Dictionary<string, object> claims = new() { [TokenClaims.Subject] = subject };
        void Tell(bool allowed, params string[] names)
        {
            foreach (string name in names.Where(name => allowed && token.GetClaim(name) is not null))
                claims[name] = token.GetClaim(name)!;
        }
        Tell(token.HasScope(Scopes.Profile), TokenClaims.Name);
        Tell(token.HasScope(Scopes.Email), TokenClaims.Email);
        Tell(token.HasScope(Scopes.Roles), TokenClaims.Role, TokenClaims.Tenant, TokenClaims.Reseller, TokenClaims.Extension);
        return Results.Json(claims);
    }

    /// <summary>Signs out. Who comes with a token of the very user (OpenID Connect RP-Initiated Logout §2) is not asked again.</summary>
    internal static async Task<IResult> EndSessionAsync(HttpContext http, AccountPages pages, BrandHosts brands, UserManager<GlobalUser> users, AccountSignIn signIn, IAntiforgery forms)
    {
        await brands.WearAsync(http);
        if (http.GetOpenIddictServerResponse() is { Error: not null } refused)
            return pages.Message(http, t => t.RequestRefused, refused.ErrorDescription, StatusCodes.Status400BadRequest);
        OpenIddictRequest request = http.GetOpenIddictServerRequest() ?? throw new InvalidOperationException("OpenIddict has not seen this request.");
        AuthenticateResult present = await http.AuthenticateAsync(IdentityConstants.ApplicationScheme);
        if (present.Succeeded)
        {
            string? hinted = (await http.AuthenticateAsync(Scheme)).Principal?.GetClaim(TokenClaims.Subject);
            bool confirmed = HttpMethods.IsPost(http.Request.Method) && await forms.IsRequestValidAsync(http);
            if (hinted != users.GetUserId(present.Principal) && !confirmed)
                return pages.ConfirmSignOut(http, request);
            await signIn.LeaveAsync();
        }
        return Results.SignOut(new AuthenticationProperties { RedirectUri = AccountEndpoints.SignedOutPath }, [Scheme]);
    }

    /// <summary>What is issued now belongs to the session: the database removes both together.</summary>
    private static async Task<string?> AuthorizeSessionAsync(
        IOpenIddictAuthorizationManager authorizations, GlobalUser user, SessionId session, GlobalClient client, ImmutableArray<string> scopes, TimeProvider time, CancellationToken cancel)
    {
        OpenIddictAuthorizationDescriptor wanted = new()
        {
            ApplicationId = client.Id.ToString(), Subject = user.Id.ToString(), Status = Statuses.Valid, Type = AuthorizationTypes.AdHoc, CreationDate = time.GetUtcNow(),
        };
        wanted.Scopes.UnionWith(scopes);
        GlobalAuthorization authorization = new() { SessionId = session };
        await authorizations.PopulateAsync(authorization, wanted, cancel);
        await authorizations.CreateAsync(authorization, cancel);
        return await authorizations.GetIdAsync(authorization, cancel);
    }

    private static async Task<bool> HasConsentAsync(
        IOpenIddictAuthorizationManager authorizations, GlobalUser user, GlobalClient client, ImmutableArray<string> scopes, CancellationToken cancel)
    {
        await foreach (object _ in authorizations.FindAsync(user.Id.ToString(), client.Id.ToString(), Statuses.Valid, AuthorizationTypes.Permanent, scopes, cancel))
            return true;
        return false;
    }

    /// <summary>The request again, without the wish that is fulfilled by then.</summary>
    private static string ReturnPath(OpenIddictRequest request)
    {
        List<KeyValuePair<string, string?>> parameters = [];
        foreach ((string name, OpenIddictParameter value) in request.GetParameters())
        {
            if (name is not Parameters.Prompt && (string?)value is { } text)
                parameters.Add(new(name, text));
        }
        return Authorize + QueryString.Create(parameters);
    }

    private static IResult Refuse(string error, string description) => Results.Forbid(Properties(error, description), [Scheme]);

    private static AuthenticationProperties Properties(string error, string description) => new(new Dictionary<string, string?>
    {
        [OpenIddictServerAspNetCoreConstants.Properties.Error] = error,
        [OpenIddictServerAspNetCoreConstants.Properties.ErrorDescription] = description,
    });
}
