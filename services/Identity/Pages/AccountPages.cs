using System.Security.Claims;
using System.Text;
using CloudPbx.Data.Resellers;
using CloudPbx.Data.SignInProviders;
using CloudPbx.Data.Users;
using CloudPbx.Identity.Brands;
using CloudPbx.Identity.Clients;
using CloudPbx.Identity.Users;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;
using OpenIddict.Abstractions;
using QRCoder;

namespace CloudPbx.Identity.Pages;

/// <summary>Makes the pages, each with the headers that a page about passwords must have.</summary>
/// <remarks>Thread-safe; singleton.</remarks>
internal sealed class AccountPages(IAntiforgery forms, ResellerStore plans, SignInProviderLookup providers, PasskeyRules passkeys, IConfiguration configuration)
{
    /// <summary>The field that says whether a user lets a client act for them.</summary>
    public const string ConsentField = "consent";

    /// <summary>The portal's page on which companies sign up.</summary>
    private const string SignUpPath = "/signup";

    private const string Policy = "default-src 'none'; style-src 'self'; font-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'";

    /// <summary>Its value for yes.</summary>
    public const string Agreed = "allow";

    /// <summary>Whether there is a portal to go on to: it is a client of ours.</summary>
    public bool HasPortal { get; } = PortalClient.SecretIn(configuration) is not null;

    public async Task<IResult> SignInAsync(HttpContext http, string? name = null, Func<PageTexts, string>? fault = null, Func<PageTexts, string>? note = null, int status = StatusCodes.Status200OK)
    {
        PageContext page = Begin(http);
        bool signsUp = HasPortal && (await plans.ListPlansAsync(http.RequestAborted)).Any(plan => plan.ForSignUp);
        return Show<SignInPage>(
            new()
            {
                ["Page"] = page, ["Name"] = name, ["SignUpLink"] = signsUp ? SignUpPath : null, ["PasskeyLink"] = passkeys.Possible && page.Brand.Host is null ? WithTarget(http, AccountEndpoints.PasskeySignInPath) : null, ["ProviderLink"] = page.Brand.Host is null && await providers.AnyAsync(http.RequestAborted) ? WithTarget(http, AccountEndpoints.CompanyPath) : null,
                ["Fault"] = fault?.Invoke(page.Texts), ["Note"] = note?.Invoke(page.Texts),
            }, status);
    }

    /// <summary>A page that leads on to where this one would.</summary>
    private static string WithTarget(HttpContext http, string path) =>
        http.Request.Query[AccountEndpoints.ReturnParameter].ToString() is { Length: > 0 } target ? QueryHelpers.AddQueryString(path, AccountEndpoints.ReturnParameter, target) : path;

    public IResult SecondFactor(HttpContext http, bool recovery, Func<PageTexts, string>? fault = null, int status = StatusCodes.Status200OK)
    {
        PageContext page = Begin(http);
        string target = http.Request.Query[AccountEndpoints.ReturnParameter].ToString();
        Dictionary<string, string?> query = new() { [AccountEndpoints.ReturnParameter] = target, [AccountEndpoints.RecoveryParameter] = recovery ? null : "1" };
        string other = QueryHelpers.AddQueryString(AccountEndpoints.SecondFactorPath, query.Where(p => !string.IsNullOrEmpty(p.Value)));
        return Show<SecondFactorPage>(new() { ["Page"] = page, ["Recovery"] = recovery, ["OtherLink"] = other, ["Fault"] = fault?.Invoke(page.Texts) }, status);
    }

    /// <summary>Whose own provider is meant.</summary>
    public IResult Provider(HttpContext http, string? name = null, Func<PageTexts, string>? fault = null)
    {
        PageContext page = Begin(http);
        return Show<ProviderPage>(
            new() { ["Page"] = page, ["Name"] = name, ["PasswordLink"] = WithTarget(http, AccountEndpoints.SignInPath), ["Fault"] = fault?.Invoke(page.Texts) },
            fault is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
    }

    /// <summary>A provider did not sign somebody in. The page keeps nothing of its answer.</summary>
    public IResult ProviderFailed(HttpContext http, Func<PageTexts, string> reason)
    {
        (http.Request.Path, http.Request.QueryString) = (AccountEndpoints.CompanyPath, QueryString.Empty);
        return Provider(http, null, reason);
    }

    public IResult Password(HttpContext http, string name, bool askCurrent, Func<PageTexts, string>? fault = null, int status = StatusCodes.Status200OK)
    {
        PageContext page = Begin(http);
        return Show<PasswordPage>(new() { ["Page"] = page, ["Name"] = name, ["AskCurrent"] = askCurrent, ["Fault"] = fault?.Invoke(page.Texts) }, status);
    }

    public IResult Account(HttpContext http, GlobalUser user) =>
        Show<AccountPage>(new() { ["Page"] = Begin(http), ["Name"] = user.DisplayName, ["UserName"] = user.UserName, ["TwoFactor"] = user.TwoFactorEnabled, ["HasPortal"] = HasPortal, ["HasPasskeys"] = passkeys.Possible && BrandHosts.Of(http).Host is null, ["HasPassword"] = user.PasswordHash is not null });

    /// <summary>Turning the second step on (with the app's key) or off.</summary>
    public IResult Authenticator(HttpContext http, GlobalUser user, string? key, Func<PageTexts, string>? fault = null, int status = StatusCodes.Status200OK)
    {
        PageContext page = Begin(http);
        return Show<AuthenticatorPage>(
            new() { ["Page"] = page, ["Enabled"] = user.TwoFactorEnabled, ["Key"] = key, ["QrImage"] = key is null ? null : QrImage(user.UserName, key, BrandHosts.Of(http).Name), ["Fault"] = fault?.Invoke(page.Texts) }, status);
    }

    public IResult RecoveryCodes(HttpContext http, IReadOnlyList<string> codes) => Show<RecoveryCodesPage>(new() { ["Page"] = Begin(http), ["Codes"] = codes });

    public IResult Consent(HttpContext http, string client, GlobalUser user, IReadOnlyList<string> scopes, OpenIddictRequest request) => Show<ConsentPage>(new()
    {
        ["Page"] = Begin(http), ["Client"] = client, ["User"] = user.DisplayName, ["Scopes"] = scopes.Where(scope => scope != "openid").ToArray(), ["Fields"] = Fields(request),
    });

    public IResult ConfirmSignOut(HttpContext http, OpenIddictRequest request) =>
        Show<SignOutPage>(new() { ["Page"] = Begin(http), ["Target"] = Connect.ConnectEndpoints.EndSession, ["Fields"] = Fields(request) });

    public IResult Message(HttpContext http, Func<PageTexts, string> title, string? detail, int status = StatusCodes.Status200OK)
    {
        PageContext page = Begin(http);
        return Show<MessagePage>(new() { ["Page"] = page, ["Title"] = title(page.Texts), ["Detail"] = detail }, status);
    }

    public IResult Message(HttpContext http, Func<PageTexts, string> title, Func<PageTexts, string> detail, int status = StatusCodes.Status200OK)
    {
        PageContext page = Begin(http);
        return Show<MessagePage>(
            new() { ["Page"] = page, ["Title"] = title(page.Texts), ["Detail"] = detail(page.Texts), ["Link"] = AccountEndpoints.SignInPath, ["LinkText"] = page.Texts.SignIn }, status);
    }

    internal static RazorComponentResult<TPage> Show<TPage>(Dictionary<string, object?> parameters, int status = StatusCodes.Status200OK)
        where TPage : IComponent => new(parameters) { StatusCode = status, PreventStreamingRendering = true };

    private static List<(string Name, string Value)> Fields(OpenIddictRequest request) =>
        [.. request.GetParameters().Select(p => (p.Key, Value: (string?)p.Value)).Where(p => p.Value is not null && p.Key != ConsentField).Select(p => (p.Key, p.Value!))];

    /// <summary>Begins a page whose script, and no other, may run.</summary>
    internal PageContext BeginWithScript(HttpContext http)
    {
        PageContext page = Begin(http);
        http.Response.Headers.ContentSecurityPolicy += "; script-src 'self'";
        return page;
    }

    private PageContext Begin(HttpContext http)
    {
        IHeaderDictionary headers = http.Response.Headers;
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy = BrandHosts.Of(http).LogoOrigin is { } logos ? Policy.Replace("img-src data:", $"img-src data: {logos}", StringComparison.Ordinal) : Policy;
        headers.XFrameOptions = "DENY";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";                 // an address of ours may hold a one-time link
        http.User = new ClaimsPrincipal(new ClaimsIdentity());      // forms are bound to nobody: a sign-in on the way would otherwise void the one that it shows
        return PageContext.Of(http, forms);
    }

    private static string QrImage(string userName, string key, string issuer)
    {
        string uri = $"otpauth://totp/{Uri.EscapeDataString(issuer)}:{Uri.EscapeDataString(userName)}?secret={key}&issuer={Uri.EscapeDataString(issuer)}&digits=6&period=30";
        using QRCodeGenerator generator = new();
        using QRCodeData data = generator.CreateQrCode(uri, QRCodeGenerator.ECCLevel.M);
        using SvgQRCode code = new(data);
        return "data:image/svg+xml;base64," + Convert.ToBase64String(Encoding.UTF8.GetBytes(code.GetGraphic(4)));
    }
}
