using CloudPbx.Contracts.Api;
using CloudPbx.Portal.ApiClient;
using CloudPbx.Portal.Brands;
using CloudPbx.Portal.Components.Pages.SignUp;
using CloudPbx.Portal.Languages;
using CloudPbx.Portal.Phones;
using CloudPbx.Portal.SignIn;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace CloudPbx.Portal.SignUp;

/// <summary>A company signs up by itself. Plain pages, as for signing in: there is no circuit before somebody is signed in.</summary>
internal static class SignUpEndpoints
{
    public const string Path = "/signup", ConfirmPath = Path + "/confirm";

    public static void AddSignUp(this IServiceCollection services)
    {
        services.AddSingleton<FirstPhones>();
        services.AddScoped<IFirstPhone, SessionFirstPhone>();
    }

    public static void MapSignUp(this IEndpointRouteBuilder endpoints, bool byIdentity)
    {
        endpoints.MapGet(Path, async (HttpContext http, ApiConnection connection, Texts texts, CancellationToken cancel) =>
            Ask(new SignUpForm { Offer = await OfferAsync(await ApiAsync(http, connection), cancel) })).ExcludeFromDescription();
        endpoints.MapPost(Path, AskAsync).DisableAntiforgery().ExcludeFromDescription();                // it looks itself, and says so in a page
        // Opening the link does nothing yet: programs that look into mails for viruses open links too.
        endpoints.MapGet(ConfirmPath, (string? token, HttpContext http) => Confirm(http, token, null)).ExcludeFromDescription();
        endpoints.MapPost(ConfirmPath, (
            HttpContext http, IAntiforgery antiforgery, [FromForm] string? token, ApiConnection connection, PhoneAccess access, FirstPhones phones, TimeProvider time, Texts texts, CancellationToken cancel) =>
            ConfirmAsync(http, byIdentity, antiforgery, token, connection, access, phones, time, texts, cancel)).DisableAntiforgery().ExcludeFromDescription();
    }

    /// <summary>Answers the mail.</summary>
    /// <returns>What was made, or a sentence that says why nothing was.</returns>
    internal static async Task<(SignedUpDto? Done, string? Fault)> TryConfirmAsync(PbxApi api, string? token, Texts texts, CancellationToken cancel)
    {
        if (string.IsNullOrWhiteSpace(token))
            return (null, texts["signup.no-token"]);
        try
        {
            return (await api.ConfirmSignUpAsync(token.Trim(), cancel), null);
        }
        catch (ApiProblemException fault)
        {
            return (null, SignUpProblems.Sentence(texts, fault.Problem));
        }
    }

    private static async Task<IResult> AskAsync(
        HttpContext http, IAntiforgery antiforgery, [FromForm] string? company, [FromForm] string? email, [FromForm] string? displayName, [FromForm] string? tenant, [FromForm] string? plan, [FromForm] string? language,
        ApiConnection connection, Texts texts, CancellationToken cancel)
    {
        PbxApi api = await ApiAsync(http, connection);
        SignUpForm form = new() { Company = company, Email = email, DisplayName = displayName, Tenant = tenant, Plan = plan, Language = language, Offer = await OfferAsync(api, cancel) };
        if (!await antiforgery.IsRequestValidAsync(http))
        {
            form.Errors.Refuse(texts["signin.expired"]);
            return Ask(form);
        }
        if (await form.SendAsync(api, texts, cancel) is not { } waiting)
            return Ask(form);
        http.Response.Headers.CacheControl = "no-store";
        return new RazorComponentResult<SignUpSentPage>(new { Waiting = waiting });
    }

    private static async Task<IResult> ConfirmAsync(
        HttpContext http, bool byIdentity, IAntiforgery antiforgery, string? token, ApiConnection connection, PhoneAccess access, FirstPhones phones,
        TimeProvider time, Texts texts, CancellationToken cancel)
    {
        if (!await antiforgery.IsRequestValidAsync(http))
            return Confirm(http, token, texts["signin.expired"]);
        (SignedUpDto? done, string? fault) = await TryConfirmAsync(await ApiAsync(http, connection), token, texts, cancel);
        if (done is null)
            return Confirm(http, token, fault);
        http.Response.Headers.CacheControl = "no-store";
        if (byIdentity)
        {
            // Next the administrator chooses a password, and is signed in by it; the welcome page has the phone's.
            await phones.KeepAsync(http, new FirstPhoneSecret(done.Tenant.Id, done.Extension, done.SipPassword, time.GetUtcNow() + FirstPhones.Life));
            string welcome = $"{SignInEndpoints.Path}?return={Uri.EscapeDataString($"/t/{Uri.EscapeDataString(done.Tenant.Name)}/welcome")}";
            // The phone's password waits for this browser at this host name.
            string link = await http.RequestServices.GetRequiredService<PortalBrands>().IsOwnHostAsync(http) ? $"{Uri.UriSchemeHttps}://{http.Request.Host}{new Uri(done.PasswordLink).PathAndQuery}" : done.PasswordLink;
            return TypedResults.Redirect($"{link}&returnUrl={Uri.EscapeDataString(welcome)}");
        }
        Uri portal = new($"{http.Request.Scheme}://{http.Request.Host}/");
        PhoneAccount account = new(done.Domain, access.ServerFor(portal, OwnAddresses.Find()), access.TlsPort, access.SipPort, done.SipUser, done.SipPassword, done.Extension);
        string code = ProvisioningAddress.Of(done.ProvisioningUrl, portal, account.Server);
        return new RazorComponentResult<SignedUpPage>(new { Done = done, Account = account, Code = code });
    }

    private static RazorComponentResult<SignUpPage> Ask(SignUpForm form) =>
        new(new { Form = form }) { StatusCode = form.Errors.Any ? StatusCodes.Status400BadRequest : StatusCodes.Status200OK };

    private static RazorComponentResult<SignUpConfirmPage> Confirm(HttpContext http, string? token, string? fault)
    {
        http.Response.Headers.CacheControl = "no-store";
        return new(new { Token = token, Fault = fault }) { StatusCode = fault is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest };
    }

    /// <summary>The API as whoever has a session, who may be the operator, else as a stranger.</summary>
    private static async Task<PbxApi> ApiAsync(HttpContext http, ApiConnection connection)
    {
        if ((await http.AuthenticateAsync(PortalScheme.Cookie)).Principal is { } user)
            http.User = user;
        return new PbxApi(connection.Http, new RequestTokenSource(http));
    }

    /// <summary>What the platform offers; without an answer the form is shown all the same, and sending it says what is wrong.</summary>
    private static async Task<SignUpOfferDto?> OfferAsync(PbxApi api, CancellationToken cancel)
    {
        try
        {
            return await api.SignUpOfferAsync(cancel);
        }
        catch (ApiProblemException)
        {
            return null;
        }
    }
}
