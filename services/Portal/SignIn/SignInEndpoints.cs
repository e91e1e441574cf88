using System.Net;
using System.Net.Http.Headers;
using System.Security.Claims;
using CloudPbx.Hosting.Web.Addresses;
using CloudPbx.Portal.ApiClient;
using CloudPbx.Portal.Brands;
using CloudPbx.Portal.Components.Pages.SignIn;
using CloudPbx.Portal.Phones;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace CloudPbx.Portal.SignIn;

/// <summary>Signing in and out. Plain pages: there is no circuit before somebody is signed in.</summary>
internal static class SignInEndpoints
{
    public const string Path = "/signin";

    public static void AddPortalSignIn(this IServiceCollection services)
    {
        services.AddSingleton<PortalSessions>();
        services.AddScoped<IAccessTokenSource, SessionTokenSource>();
        services.AddHttpContextAccessor();
        services.AddAuthentication().AddCookie(PortalScheme.Cookie);
        services.AddOptions<CookieAuthenticationOptions>(PortalScheme.Cookie).Configure<IOptions<PortalOptions>>((cookie, portal) =>
        {
            cookie.Cookie.Name = "__Host-cloudpbx";
            cookie.Cookie.HttpOnly = true;
            cookie.Cookie.SecurePolicy = CookieSecurePolicy.Always;
            cookie.Cookie.SameSite = SameSiteMode.Lax;
            cookie.Cookie.Path = "/";
            cookie.ExpireTimeSpan = TimeSpan.FromHours(portal.Value.SessionHours);
            cookie.SlidingExpiration = true;
            cookie.LoginPath = Path;
            cookie.AccessDeniedPath = Path;
            cookie.ReturnUrlParameter = "return";
            cookie.Events.OnValidatePrincipal = ValidateAsync;
        });
        services.AddAuthorizationBuilder().AddPolicy(PortalScheme.Policy, policy =>
        {
            policy.AuthenticationSchemes.Add(PortalScheme.Cookie);
            policy.RequireAuthenticatedUser();
        });
    }

    public static void MapSignIn(this IEndpointRouteBuilder endpoints, bool byIdentity)
    {
        endpoints.MapPost("/signout", (HttpContext http, IAntiforgery antiforgery, PortalSessions sessions, CancellationToken cancel) => SignOutAsync(http, byIdentity, antiforgery, sessions, cancel)).ExcludeFromDescription();
        if (byIdentity)
        {
            endpoints.MapGet(Path, (string? @return, HttpContext http, PublicUrl publicUrl, PortalBrands brands) => BeginAsync(http, Local(@return), publicUrl, brands)).ExcludeFromDescription();
            endpoints.MapGet(Path + "/failed", () => new RazorComponentResult<SignInFailedPage>() { StatusCode = StatusCodes.Status400BadRequest }).ExcludeFromDescription();
            return;
        }
        endpoints.MapGet(Path, (string? @return) => new RazorComponentResult<SignInPage>(new { Return = Local(@return) })).ExcludeFromDescription();
        endpoints.MapPost(Path, SignInAsync).DisableAntiforgery().ExcludeFromDescription();      // it looks itself, and says so in a page
    }

    /// <summary>Leads to Identity. It answers at the installation's address and at brands' own host names: who came by another is led to the first one.</summary>
    private static async Task<IResult> BeginAsync(HttpContext http, string target, PublicUrl publicUrl, PortalBrands brands)
    {
        HostString host = http.Request.Host;
        Uri origin = publicUrl.Origin;
        if ((string.Equals(host.Host, origin.Host, StringComparison.OrdinalIgnoreCase) && (host.Port ?? 443) == origin.Port) || await brands.IsOwnHostAsync(http))
            return TypedResults.Challenge(new AuthenticationProperties { RedirectUri = target }, [PortalScheme.OpenId]);
        string there = publicUrl.At($"{Path}?return={Uri.EscapeDataString(target)}");
        // A name such as localhost is another machine for each visitor: a redirect there would end in nothing that they could understand.
        return origin.IsLoopback && !IsLoopback(host)
            ? new RazorComponentResult<SignInElsewherePage>(new { PublicUrl = publicUrl.ToString(), There = there, Here = $"{Uri.UriSchemeHttps}://{host}" }) { StatusCode = StatusCodes.Status400BadRequest }
            : TypedResults.Redirect(there);
    }

    private static bool IsLoopback(HostString host) => Uri.TryCreate($"{Uri.UriSchemeHttps}://{host}", UriKind.Absolute, out Uri? uri) && uri.IsLoopback;

    private static async Task<IResult> SignInAsync(
        HttpContext http, IAntiforgery antiforgery, [FromForm] string? token, [FromForm(Name = "return")] string? target, ApiConnection api, PortalSessions sessions, CancellationToken cancel)
    {
        if (!await antiforgery.IsRequestValidAsync(http))
            return Again("expired");
        if (string.IsNullOrWhiteSpace(token))
            return Again("token-empty");
        using HttpRequestMessage question = new(HttpMethod.Get, new Uri("tenants?limit=1", UriKind.Relative));
        question.Headers.Authorization = AuthenticationHeaderValue.TryParse($"Bearer {token.Trim()}", out AuthenticationHeaderValue? header) ? header : null;
        try
        {
            using HttpResponseMessage answer = await api.Http.SendAsync(question, cancel);
            if (answer.StatusCode == HttpStatusCode.Unauthorized)
                return Again("token-wrong");
            if (!answer.IsSuccessStatusCode)
                return Again("away");
        }
        catch (HttpRequestException)
        {
            return Again("away");
        }
        if (await sessions.BeginAsync(new PortalSession { AccessToken = token.Trim() }, cancel) is not { } id)
            return Again("away");
        ClaimsIdentity identity = new([new Claim("name", "operator"), new Claim("role", "operator"), new Claim(PortalScheme.SessionClaim, id)], PortalScheme.Cookie, "name", "role");
        await http.SignInAsync(PortalScheme.Cookie, new ClaimsPrincipal(identity));
        return TypedResults.LocalRedirect(Local(target));

        IResult Again(string fault) => new RazorComponentResult<SignInPage>(new { Return = Local(target), Fault = fault }) { StatusCode = StatusCodes.Status400BadRequest };
    }

    private static async Task<IResult> SignOutAsync(HttpContext http, bool byIdentity, IAntiforgery antiforgery, PortalSessions sessions, CancellationToken cancel)
    {
        AuthenticateResult present = await http.AuthenticateAsync(PortalScheme.Cookie);
        if (present.Principal is { } user)
            http.User = user;                                   // the form is bound to its user, and this request has no policy that would have found them
        if (!await antiforgery.IsRequestValidAsync(http))
            return TypedResults.LocalRedirect("/");
        if (present.Principal?.FindFirst(PortalScheme.SessionClaim)?.Value is { } id)
        {
            (_, PortalSession? session) = await sessions.FindAsync(id, cancel);
            if (session?.Phone is { } phone)
                await EndPhoneAsync(http, phone, cancel);
            await sessions.EndAsync(id, cancel);
            if (byIdentity)
            {
                AuthenticationProperties properties = new() { RedirectUri = Path };
                properties.SetParameter(PortalScheme.IdTokenHint, session?.IdToken);
                return TypedResults.SignOut(properties, [PortalScheme.Cookie, PortalScheme.OpenId]);
            }
        }
        await http.SignOutAsync(PortalScheme.Cookie);
        return TypedResults.LocalRedirect(Path);
    }

    /// <summary>Whoever signs out leaves no phone behind that rings, nor a password that is good.</summary>
    private static async Task EndPhoneAsync(HttpContext http, RememberedPhone phone, CancellationToken cancel)
    {
        http.User = (await http.AuthenticateAsync(PortalScheme.Cookie)).Principal ?? http.User;
        try
        {
            PbxApi api = new(http.RequestServices.GetRequiredService<ApiConnection>().Http, new RequestTokenSource(http));
            await api.Of(phone.Tenant).DeleteBrowserPhoneAsync(phone.Device, cancel);
        }
        catch (ApiProblemException)
        {
            // It ends by itself within a day, and its password is nowhere any more.
        }
    }

    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        PortalSessions sessions = context.HttpContext.RequestServices.GetRequiredService<PortalSessions>();
        string? id = context.Principal?.FindFirst(PortalScheme.SessionClaim)?.Value;
        (bool answered, PortalSession? session) = id is null ? (true, null) : await sessions.FindAsync(id, context.HttpContext.RequestAborted);
        if (session is null && answered)
        {
            context.RejectPrincipal();
            return;
        }
        if (session is not null && context.ShouldRenew)
            await sessions.SaveAsync(id!, session, context.HttpContext.RequestAborted);
    }

    /// <summary>An address of ours, or the first page: never somebody else's.</summary>
    internal static string Local(string? target) =>
        target is ['/', ..] && !target.StartsWith("//", StringComparison.Ordinal) && !target.StartsWith("/\\", StringComparison.Ordinal) && !target.Any(char.IsControl) ? target : "/";
}
