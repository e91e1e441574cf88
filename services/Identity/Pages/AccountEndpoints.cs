using System.Globalization;
using CloudPbx.Data.Users;
using CloudPbx.Identity.Brands;
using CloudPbx.Identity.Users;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.WebUtilities;
using SignInResult = Microsoft.AspNetCore.Identity.SignInResult;

namespace CloudPbx.Identity.Pages;

/// <summary>The pages: sign in, second step, passwords, sign out. Plain forms, no script.</summary>
internal static class AccountEndpoints
{
    public const string PortalPath = "/";
    public const string HomePath = "/account";
    public const string SignInPath = "/account/signin";
    public const string SecondFactorPath = "/account/second-step";
    public const string PasswordPath = "/account/password";
    public const string AuthenticatorPath = "/account/authenticator";
    public const string SignOutPath = "/account/signout";
    public const string SignedOutPath = "/account/signed-out";
    public const string PasskeySignInPath = "/account/passkey";
    public const string CompanyPath = "/account/company";
    public const string PasskeysPath = "/account/passkeys";
    public const string StylePath = "/account/site.css";
    public const string PasskeyScriptPath = "/account/passkey.js";
    public const string ReturnParameter = "returnUrl";
    public const string RecoveryParameter = "recovery";

    private const string TokenParameter = "token";
    private const int MaximumFormBytes = 64 << 10;

    /// <summary>The sign-in page that then leads to a local address.</summary>
    public static string SignInFor(string target) => QueryHelpers.AddQueryString(SignInPath, ReturnParameter, target);

    public static void MapAccount(this IEndpointRouteBuilder endpoints)
    {
        RouteGroupBuilder group = endpoints.MapForms();
        group.MapGet("/", HomeAsync);
        group.MapGet("/signin", (HttpContext http, AccountPages pages) => pages.SignInAsync(http));
        group.MapPost("/signin", SignInAsync);
        group.MapGet("/second-step", ShowSecondFactorAsync);
        group.MapPost("/second-step", SecondFactorAsync);
        group.MapGet("/password", ShowPasswordAsync);
        group.MapPost("/password", PasswordAsync);
        group.MapGet("/authenticator", ShowAuthenticatorAsync);
        group.MapPost("/authenticator", AuthenticatorAsync);
        group.MapPost("/signout", SignOutAsync);
        group.MapGet("/signed-out", (HttpContext http, AccountPages pages) => pages.Message(http, t => t.SignedOut, t => t.SignedOutDetail));
        group.MapGet("/brand.css", BrandStyle.Get);
        group.MapGet("/site.css", (HttpContext http) => Embedded(http, "site.css", "text/css; charset=utf-8"));
        group.MapGet("/passkey.js", (HttpContext http) => Embedded(http, "passkey.js", "text/javascript; charset=utf-8"));
    }

    /// <summary>A group of pages below <c>/account</c>: their forms are ours, small, and not too many.</summary>
    internal static RouteGroupBuilder MapForms(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGroup(HomePath).ExcludeFromDescription().WithMetadata(new FormSize()).AddEndpointFilter<FormFilter>();

    internal static async Task<IResult> HomeAsync(HttpContext http, AccountPages pages, UserManager<GlobalUser> users) =>
        await FindSignedInAsync(http, users) is { } user ? pages.Account(http, user) : Results.LocalRedirect(SignInFor(HomePath));

    internal static async Task<IResult> SignInAsync(HttpContext http, AccountPages pages, AccountSignIn signIn, UserManager<GlobalUser> users, IPasswordHasher<GlobalUser> hasher, TimeProvider time)
    {
        IFormCollection form = await http.Request.ReadFormAsync(http.RequestAborted);
        string name = form["name"].ToString().Trim(), password = form["password"].ToString();
        if (name.Length is 0 or > 254 || password.Length is 0 or > PasswordRules.MostLength)
            return await pages.SignInAsync(http, name, t => t.WrongPassword, status: StatusCodes.Status400BadRequest);
        GlobalUser? user = await users.FindByNameAsync(name);
        if (user?.PasswordHash is null)
        {
            hasher.HashPassword(user!, password);               // as long as a right name takes: time tells nobody which names there are
            return await pages.SignInAsync(http, name, t => t.WrongPassword, status: StatusCodes.Status400BadRequest);
        }
        SignInResult result = await signIn.PasswordSignInAsync(user, password, isPersistent: false, lockoutOnFailure: true);
        if (result.RequiresTwoFactor)
            return Results.LocalRedirect(SecondFactorFor(http));
        if (result.IsLockedOut)
            return await pages.SignInAsync(http, name, t => t.LockedOut, status: StatusCodes.Status400BadRequest);
        if (!result.Succeeded)
            return await pages.SignInAsync(http, name, t => t.WrongPassword, status: StatusCodes.Status400BadRequest);
        await NoteSignInAsync(users, user, time);
        return GoOn(http);
    }

    internal static async Task<IResult> ShowSecondFactorAsync(HttpContext http, AccountPages pages, AccountSignIn signIn) =>
        await signIn.GetTwoFactorAuthenticationUserAsync() is null ? Results.LocalRedirect(SignInPath) : pages.SecondFactor(http, WantsRecovery(http));

    internal static async Task<IResult> SecondFactorAsync(HttpContext http, AccountPages pages, AccountSignIn signIn, UserManager<GlobalUser> users, TimeProvider time)
    {
        if (await signIn.GetTwoFactorAuthenticationUserAsync() is not { } user)
            return Results.LocalRedirect(SignInPath);
        IFormCollection form = await http.Request.ReadFormAsync(http.RequestAborted);
        bool recovery = WantsRecovery(http);
        SignInResult result = recovery
            ? await RecoverAsync(signIn, users, user, form["recovery"].ToString())
            : await signIn.TwoFactorAuthenticatorSignInAsync(Digits(form["code"]), isPersistent: false, rememberClient: false);
        if (result.IsLockedOut)
            return pages.SecondFactor(http, recovery, t => t.LockedOut, StatusCodes.Status400BadRequest);
        if (!result.Succeeded)
            return pages.SecondFactor(http, recovery, t => t.WrongCode, StatusCodes.Status400BadRequest);
        await NoteSignInAsync(users, user, time);
        return GoOn(http);
    }

    internal static async Task<IResult> ShowPasswordAsync(HttpContext http, AccountPages pages, UserManager<GlobalUser> users, OneTimeLinks links)
    {
        if (http.Request.Query[TokenParameter].ToString() is not { Length: > 0 } token)
            return await FindSignedInAsync(http, users) is { } signedIn ? pages.Password(http, signedIn.UserName, askCurrent: true) : Results.LocalRedirect(SignInFor(PasswordPath));
        return await links.FindAsync(token, http.RequestAborted) is { } id && await users.FindByIdAsync(id.ToString()) is { } user
            ? pages.Password(http, user.UserName, askCurrent: false)
            : pages.Message(http, t => t.LinkInvalid, t => t.LinkInvalidDetail, StatusCodes.Status404NotFound);
    }

    internal static async Task<IResult> PasswordAsync(HttpContext http, AccountPages pages, AccountSignIn signIn, UserManager<GlobalUser> users, OneTimeLinks links, TimeProvider time)
    {
        IFormCollection form = await http.Request.ReadFormAsync(http.RequestAborted);
        string password = form["password"].ToString();
        bool same = password == form["again"].ToString();
        if (http.Request.Query[TokenParameter].ToString() is { Length: > 0 } token)
        {
            if (await links.FindAsync(token, http.RequestAborted) is not { } id || await users.FindByIdAsync(id.ToString()) is not { } user)
                return pages.Message(http, t => t.LinkInvalid, t => t.LinkInvalidDetail, StatusCodes.Status404NotFound);
            if (!same)
                return pages.Password(http, user.UserName, askCurrent: false, t => t.PasswordsDiffer, StatusCodes.Status400BadRequest);
            foreach (IPasswordValidator<GlobalUser> rule in users.PasswordValidators)                  // before the link is used up
            {
                IdentityResult allowed = await rule.ValidateAsync(users, user, password);
                if (!allowed.Succeeded)
                    return pages.Password(http, user.UserName, askCurrent: false, t => t.PasswordRefused(allowed), StatusCodes.Status400BadRequest);
            }
            if (!await links.TryRedeemAsync(token, http.RequestAborted))
                return pages.Message(http, t => t.LinkInvalid, t => t.LinkInvalidDetail, StatusCodes.Status404NotFound);
            user.EmailConfirmed |= user.Email is not null;                                          // the link came by mail, or from somebody who answers for it
            user.AccessFailedCount = 0;
            user.LockoutEnd = null;
            if (user.PasswordHash is not null)
                await users.RemovePasswordAsync(user);
            await users.AddPasswordAsync(user, password);
            await signIn.EndAllAsync(user);
            if (!user.TwoFactorEnabled && await signIn.CanSignInAsync(user))
            {
                // Whoever holds the link has chosen the password just now: to ask for it again would prove nothing more.
                await signIn.SignInAsync(user, isPersistent: false, AccountSignIn.ByLink);
                await NoteSignInAsync(users, user, time);
                return GoOn(http, pages.HasPortal ? PortalPath : HomePath);
            }
            string target = http.Request.Query[ReturnParameter].ToString();
            http.Request.QueryString = target.Length > 0 ? QueryString.Create(ReturnParameter, target) : QueryString.Empty;      // the page that follows is the sign-in's, without the token
            http.Request.Path = SignInPath;
            return await pages.SignInAsync(http, user.UserName, note: t => t.PasswordSaved);
        }
        if (await FindSignedInAsync(http, users) is not { } present)
            return Results.LocalRedirect(SignInFor(PasswordPath));
        if (!same)
            return pages.Password(http, present.UserName, askCurrent: true, t => t.PasswordsDiffer, StatusCodes.Status400BadRequest);
        if (!(await signIn.CheckPasswordSignInAsync(present, form["current"].ToString(), lockoutOnFailure: true)).Succeeded)
            return pages.Password(http, present.UserName, askCurrent: true, t => t.WrongPassword, StatusCodes.Status400BadRequest);
        IdentityResult changed = await users.ChangePasswordAsync(present, form["current"].ToString(), password);
        if (!changed.Succeeded)
            return pages.Password(http, present.UserName, askCurrent: true, t => t.PasswordRefused(changed), StatusCodes.Status400BadRequest);
        await signIn.RefreshSignInAsync(present);                                                   // this sign-in stays, all others end
        return Results.LocalRedirect(HomePath);
    }

    internal static async Task<IResult> ShowAuthenticatorAsync(HttpContext http, AccountPages pages, UserManager<GlobalUser> users)
    {
        if (await FindSignedInAsync(http, users) is not { } user)
            return Results.LocalRedirect(SignInFor(AuthenticatorPath));
        if (user.TwoFactorEnabled)
            return pages.Authenticator(http, user, null);
        await users.ResetAuthenticatorKeyAsync(user);
        await http.RequestServices.GetRequiredService<AccountSignIn>().RefreshSignInAsync(user);      // the new key has changed the stamp
        return pages.Authenticator(http, user, await users.GetAuthenticatorKeyAsync(user));
    }

    internal static async Task<IResult> AuthenticatorAsync(HttpContext http, AccountPages pages, AccountSignIn signIn, UserManager<GlobalUser> users)
    {
        if (await FindSignedInAsync(http, users) is not { } user)
            return Results.LocalRedirect(SignInFor(AuthenticatorPath));
        IFormCollection form = await http.Request.ReadFormAsync(http.RequestAborted);
        if (await users.IsLockedOutAsync(user))
            return pages.Authenticator(http, user, user.TwoFactorEnabled ? null : await users.GetAuthenticatorKeyAsync(user), t => t.LockedOut, StatusCodes.Status400BadRequest);
        if (!await users.VerifyTwoFactorTokenAsync(user, AuthenticatorCodes.Name, Digits(form["code"])))
        {
            await users.AccessFailedAsync(user);
            return pages.Authenticator(http, user, user.TwoFactorEnabled ? null : await users.GetAuthenticatorKeyAsync(user), t => t.WrongCode, StatusCodes.Status400BadRequest);
        }
        bool on = !user.TwoFactorEnabled;
        await users.SetTwoFactorEnabledAsync(user, on);
        await signIn.RefreshSignInAsync(user);
        if (!on)
            return Results.LocalRedirect(HomePath);
        return pages.RecoveryCodes(http, [.. await users.GenerateNewTwoFactorRecoveryCodesAsync(user, 10) ?? []]);
    }

    internal static async Task<IResult> SignOutAsync(AccountSignIn signIn)
    {
        await signIn.LeaveAsync();
        return Results.LocalRedirect(SignedOutPath);
    }

    internal static IResult Embedded(HttpContext http, string name, string type)
    {
        http.Response.Headers.CacheControl = "public, max-age=3600";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        return Results.Stream(typeof(AccountEndpoints).Assembly.GetManifestResourceStream(name)!, type);
    }

    /// <summary>Who is signed in here; the cookie is compared with the account once a minute.</summary>
    internal static async Task<GlobalUser?> FindSignedInAsync(HttpContext http, UserManager<GlobalUser> users)
    {
        AuthenticateResult result = await http.AuthenticateAsync(IdentityConstants.ApplicationScheme);
        return result.Succeeded && await users.GetUserAsync(result.Principal) is { Enabled: true } user ? user : null;
    }

    private static async Task<SignInResult> RecoverAsync(AccountSignIn signIn, UserManager<GlobalUser> users, GlobalUser user, string code)
    {
        if (await users.IsLockedOutAsync(user))
            return SignInResult.LockedOut;
        SignInResult result = await signIn.TwoFactorRecoveryCodeSignInAsync(code);
        if (!result.Succeeded)
            await users.AccessFailedAsync(user);
        return result;
    }

    internal static Task<IdentityResult> NoteSignInAsync(UserManager<GlobalUser> users, GlobalUser user, TimeProvider time)
    {
        user.LastSignInAt = time.GetUtcNow().UtcDateTime;
        return users.UpdateAsync(user);
    }

    private static string Digits(string? code) => (code ?? "").Replace(" ", "", StringComparison.Ordinal);

    private static bool WantsRecovery(HttpContext http) => http.Request.Query.ContainsKey(RecoveryParameter);

    internal static string SecondFactorFor(HttpContext http) => http.Request.Query[ReturnParameter].ToString() is { Length: > 0 } target
        ? QueryHelpers.AddQueryString(SecondFactorPath, ReturnParameter, target)
        : SecondFactorPath;

    /// <summary>To where the sign-in was wanted for, never to another site.</summary>
    internal static IResult GoOn(HttpContext http, string otherwise = HomePath)
    {
        string target = http.Request.Query[ReturnParameter].ToString();
        bool local = target.StartsWith('/') && !target.StartsWith("//", StringComparison.Ordinal) && !target.StartsWith("/\\", StringComparison.Ordinal) && !target.Any(char.IsControl);
        return Results.LocalRedirect(local ? target : otherwise);
    }

    private sealed class FormSize : IRequestSizeLimitMetadata
    {
        public long? MaxRequestBodySize => MaximumFormBytes;
    }

    /// <summary>Refuses forged forms and too many of them.</summary>
    private sealed class FormFilter(IAntiforgery forms, AttemptLimit limit, AccountPages pages, BrandHosts brands) : IEndpointFilter
    {
        public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
        {
            HttpContext http = context.HttpContext;
            if (!Path.HasExtension(http.Request.Path.Value))
                await brands.WearAsync(http);
            if (!HttpMethods.IsPost(http.Request.Method))
                return await next(context);
            if (limit.IsExceeded(http.Connection.RemoteIpAddress, out TimeSpan retryAfter))
            {
                http.Response.Headers.RetryAfter = Math.Ceiling(retryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
                return pages.Message(http, t => t.TooManyAttempts, (string?)null, StatusCodes.Status429TooManyRequests);
            }
            if (!http.Request.HasFormContentType || !await forms.IsRequestValidAsync(http))
                return pages.Message(http, t => t.FormExpired, (string?)null, StatusCodes.Status400BadRequest);
            return await next(context);
        }
    }
}
