using System.Globalization;
using System.Security.Claims;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Ids;
using CloudPbx.Hosting.Web.Addresses;
using CloudPbx.Portal.SignUp;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace CloudPbx.Portal.SignIn;

/// <summary>Signing in by Identity: authorization code with PKCE (RFC 9700 §2.1.1). The tokens go into the session, never into the browser.</summary>
internal static class OpenIdSignIn
{
    public const string ClientId = "portal";

    private static readonly string[] s_kept = [TokenClaims.Subject, TokenClaims.Name, TokenClaims.Email, TokenClaims.Role, TokenClaims.Tenant, TokenClaims.Reseller, TokenClaims.Extension];

    public static void AddOpenIdSignIn(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<IdentityConnection>();
        services.AddSingleton<TokenRenewal>();
        if (!IsConfigured(configuration))
            return;
        PublicUrl publicUrl = PublicUrl.Of(configuration);
        services.AddAuthentication().AddOpenIdConnect(PortalScheme.OpenId, _ => { });
        services.AddOptions<OpenIdConnectOptions>(PortalScheme.OpenId).Configure<IOptions<PortalOptions>, IdentityConnection>((openId, portal, identity) =>
        {
            openId.SignInScheme = PortalScheme.Cookie;
            openId.Authority = publicUrl.ToString();
            openId.MetadataAddress = "http://localhost/.well-known/openid-configuration";
            openId.RequireHttpsMetadata = false;                        // it goes over the inner way, see IdentityConnection
            openId.BackchannelHttpHandler = identity.Handler;
            openId.ClientId = ClientId;
            openId.ClientSecret = portal.Value.ClientSecret;
            openId.ResponseType = OpenIdConnectResponseType.Code;
            openId.ResponseMode = OpenIdConnectResponseMode.Query;      // a posted answer would need cookies that other sites may send
            openId.UsePkce = true;
            openId.PushedAuthorizationBehavior = PushedAuthorizationBehavior.Disable;
            openId.MapInboundClaims = false;
            openId.SaveTokens = false;
            openId.TokenValidationParameters.NameClaimType = TokenClaims.Name;
            openId.TokenValidationParameters.RoleClaimType = TokenClaims.Role;
            openId.CallbackPath = "/signin-oidc";
            openId.SignedOutCallbackPath = "/signout-callback-oidc";
            openId.SignedOutRedirectUri = SignInEndpoints.Path;
            openId.CorrelationCookie.Name = "__Host-cloudpbx-correlation.";
            openId.CorrelationCookie.Path = "/";
            openId.NonceCookie.Name = "__Host-cloudpbx-nonce.";
            openId.NonceCookie.Path = "/";
            openId.CorrelationCookie.SameSite = openId.NonceCookie.SameSite = SameSiteMode.Lax;
            openId.CorrelationCookie.SecurePolicy = openId.NonceCookie.SecurePolicy = CookieSecurePolicy.Always;
            openId.Scope.Clear();
            foreach (string scope in (string[])["openid", "profile", "email", "roles", "offline_access", TokenClaims.Api])
                openId.Scope.Add(scope);
            openId.Events = new OpenIdConnectEvents { OnTokenValidated = KeepAsync, OnRemoteFailure = AgainAsync, OnRedirectToIdentityProvider = SpeakAsync, OnRedirectToIdentityProviderForSignOut = HintAsync };
        });
    }

    /// <summary>Whether people sign in by Identity; without it the operator's token is asked for.</summary>
    public static bool IsConfigured(IConfiguration configuration) =>
        configuration["Portal:Identity"] is { Length: > 0 } && configuration["Portal:ClientSecret"] is { Length: > 0 };

    private static async Task KeepAsync(TokenValidatedContext context)
    {
        OpenIdConnectMessage tokens = context.TokenEndpointResponse!;
        HttpContext http = context.HttpContext;
        DateTimeOffset now = http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        PortalSession session = new()
        {
            AccessToken = tokens.AccessToken,
            RefreshToken = tokens.RefreshToken,
            IdToken = tokens.IdToken,
            ExpiresAt = int.TryParse(tokens.ExpiresIn, out int seconds) ? now.AddSeconds(seconds) : null,
            SignIn = SessionId.TryParse(context.Principal!.FindFirst(TokenClaims.Session)?.Value, out SessionId signIn) ? signIn : null,
            FirstPhone = await http.RequestServices.GetRequiredService<FirstPhones>().TakeAsync(http, context.Principal.FindFirst(TokenClaims.Tenant)?.Value),
        };
        if (await http.RequestServices.GetRequiredService<PortalSessions>().BeginAsync(session, http.RequestAborted) is not { } id)
        {
            context.Fail("The live state is away: nobody can sign in just now.");
            return;
        }
        // The cookie names the session and what is shown of its user; nothing more.
        IEnumerable<Claim> claims = context.Principal!.Claims.Where(claim => s_kept.Contains(claim.Type)).Append(new Claim(PortalScheme.SessionClaim, id));
        if (ForwardedVisitor.AddressOf(http) is { } address)
            claims = claims.Append(new Claim(PortalScheme.AddressClaim, address.ToString()));
        context.Principal = new ClaimsPrincipal(new ClaimsIdentity(claims, PortalScheme.Cookie, TokenClaims.Name, TokenClaims.Role));
    }

    private static Task AgainAsync(RemoteFailureContext context)
    {
        context.Response.Redirect("/signin/failed");
        context.HandleResponse();
        return Task.CompletedTask;
    }

    /// <summary>Identity's pages speak the language of ours (OpenID Connect Core §3.1.2.1).</summary>
    private static Task SpeakAsync(RedirectContext context)
    {
        context.ProtocolMessage.UiLocales = CultureInfo.CurrentUICulture.Name;
        StayAtHost(context);
        return Task.CompletedTask;
    }

    /// <summary>Who came by a brand's own host name signs in there: Identity answers at it as well, and never leads from one host to another.</summary>
    private static void StayAtHost(RedirectContext context)
    {
        HttpRequest request = context.Request;
        if (Uri.TryCreate(context.ProtocolMessage.IssuerAddress, UriKind.Absolute, out Uri? there))
            context.ProtocolMessage.IssuerAddress = $"{Uri.UriSchemeHttps}://{request.Host}{there.AbsolutePath}";
    }

    private static Task HintAsync(RedirectContext context)
    {
        context.ProtocolMessage.IdTokenHint = context.Properties.GetParameter<string>(PortalScheme.IdTokenHint);
        context.ProtocolMessage.ClientId = ClientId;            // by which Identity knows where it may lead back to
        StayAtHost(context);
        return Task.CompletedTask;
    }
}
