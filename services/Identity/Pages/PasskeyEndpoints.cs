using System.Buffers.Text;
using CloudPbx.Data.Users;
using CloudPbx.Identity.Brands;
using CloudPbx.Identity.Users;
using Microsoft.AspNetCore.Identity;

namespace CloudPbx.Identity.Pages;

/// <summary>The pages of passkeys: signing in by one, adding, renaming, removing. The one place where a script of ours speaks with the authenticator; the checks are ASP.NET Core Identity's.</summary>
internal static class PasskeyEndpoints
{
    private const string CredentialField = "credential";
    private const string NameField = "name";
    private const string IdField = "id";

    public static void MapPasskeys(this IEndpointRouteBuilder endpoints)
    {
        RouteGroupBuilder group = endpoints.MapForms().AddEndpointFilter<PossibleFilter>();
        group.MapGet("/passkey", (HttpContext http, PasskeyPages pages, AccountSignIn signIn) => AskAsync(http, pages, signIn, null));
        group.MapPost("/passkey", SignInAsync);
        group.MapGet("/passkeys", ListAsync);
        group.MapPost("/passkeys", AddAsync);
        group.MapPost("/passkeys/rename", RenameAsync);
        group.MapPost("/passkeys/remove", RemoveAsync);
        group.MapGet("/passkeys/rename", () => Results.LocalRedirect(AccountEndpoints.PasskeysPath));         // the other language, after a name that will not do
    }

    internal static async Task<IResult> SignInAsync(HttpContext http, PasskeyPages pages, AccountSignIn signIn, UserManager<GlobalUser> users, TimeProvider time)
    {
        IFormCollection form = await http.Request.ReadFormAsync(http.RequestAborted);
        if (form[CredentialField].ToString() is not { Length: > 0 } credential)
            return await AskAsync(http, pages, signIn, t => t.PasskeyFailed);
        PasskeyAssertionResult<GlobalUser> result = await signIn.TryAssertAsync(credential);
        if (!result.Succeeded || !await signIn.CanSignInAsync(result.User))
            return await AskAsync(http, pages, signIn, t => t.PasskeyFailed);
        await users.AddOrUpdatePasskeyAsync(result.User, result.Passkey);                  // its counter has gone on
        // Whoever unlocked it has shown something they have, and know or are: both steps. A lock after wrong passwords does not keep its owner out.
        await signIn.SignInAsync(result.User, isPersistent: false, AccountSignIn.ByPasskey);
        await AccountEndpoints.NoteSignInAsync(users, result.User, time);
        return AccountEndpoints.GoOn(http);
    }

    internal static async Task<IResult> ListAsync(HttpContext http, PasskeyPages pages, AccountSignIn signIn, UserManager<GlobalUser> users) =>
        await AccountEndpoints.FindSignedInAsync(http, users) is { } user ? await ShowAsync(http, pages, signIn, users, user) : ToSignIn();

    internal static async Task<IResult> AddAsync(HttpContext http, PasskeyPages pages, AccountSignIn signIn, UserManager<GlobalUser> users)
    {
        if (await AccountEndpoints.FindSignedInAsync(http, users) is not { } user || !await signIn.ProvedLatelyAsync())
            return ToSignIn();
        IFormCollection form = await http.Request.ReadFormAsync(http.RequestAborted);
        string name = form[NameField].ToString().Trim();
        if (name.Length is 0 or > PasskeyRules.LongestName || name.Any(char.IsControl))
            return await ShowAsync(http, pages, signIn, users, user, t => t.PasskeyNameWrong);
        if ((await users.GetPasskeysAsync(user)).Count >= PasskeyRules.Most)
            return await ShowAsync(http, pages, signIn, users, user, t => t.PasskeyTooMany);
        if (form[CredentialField].ToString() is not { Length: > 0 } credential)
            return await ShowAsync(http, pages, signIn, users, user, t => t.PasskeyNotAdded);
        PasskeyAttestationResult result = await signIn.TryAttestAsync(credential);
        // The challenge was made for one account: a form that comes back signed in as another adds nothing.
        if (!result.Succeeded || result.UserEntity.Id != user.Id.ToString())
            return await ShowAsync(http, pages, signIn, users, user, t => t.PasskeyNotAdded);
        result.Passkey.Name = name;
        await users.AddOrUpdatePasskeyAsync(user, result.Passkey);
        return Results.LocalRedirect(AccountEndpoints.PasskeysPath);
    }

    internal static async Task<IResult> RenameAsync(HttpContext http, PasskeyPages pages, AccountSignIn signIn, UserManager<GlobalUser> users)
    {
        if (await AccountEndpoints.FindSignedInAsync(http, users) is not { } user)
            return ToSignIn();
        IFormCollection form = await http.Request.ReadFormAsync(http.RequestAborted);
        string name = form[NameField].ToString().Trim();
        if (name.Length is 0 or > PasskeyRules.LongestName || name.Any(char.IsControl))
            return await ShowAsync(http, pages, signIn, users, user, t => t.PasskeyNameWrong);
        if (CredentialOf(form) is { } id && await users.GetPasskeyAsync(user, id) is { } passkey)
        {
            passkey.Name = name;
            await users.AddOrUpdatePasskeyAsync(user, passkey);
        }
        return Results.LocalRedirect(AccountEndpoints.PasskeysPath);
    }

    internal static async Task<IResult> RemoveAsync(HttpContext http, UserManager<GlobalUser> users)
    {
        if (await AccountEndpoints.FindSignedInAsync(http, users) is not { } user)
            return ToSignIn();
        IFormCollection form = await http.Request.ReadFormAsync(http.RequestAborted);
        if (CredentialOf(form) is { } id)
            await users.RemovePasskeyAsync(user, id);
        return Results.LocalRedirect(AccountEndpoints.PasskeysPath);
    }

    private static async Task<IResult> AskAsync(HttpContext http, PasskeyPages pages, AccountSignIn signIn, Func<PageTexts, string>? fault) =>
        pages.SignIn(http, await signIn.MakePasskeyRequestOptionsAsync(null), fault);

    private static async Task<IResult> ShowAsync(HttpContext http, PasskeyPages pages, AccountSignIn signIn, UserManager<GlobalUser> users, GlobalUser user, Func<PageTexts, string>? fault = null)
    {
        IList<UserPasskeyInfo> passkeys = await users.GetPasskeysAsync(user);
        string? options = await signIn.ProvedLatelyAsync()
            ? await signIn.MakePasskeyCreationOptionsAsync(new PasskeyUserEntity { Id = user.Id.ToString(), Name = user.UserName, DisplayName = user.DisplayName }) : null;
        return pages.List(http, [.. passkeys.Select(p => (Base64Url.EncodeToString(p.CredentialId), p.Name ?? "", p.CreatedAt))], options, fault);
    }

    private static byte[]? CredentialOf(IFormCollection form)
    {
        string text = form[IdField].ToString();
        return text.Length <= 1400 && Base64Url.IsValid(text) ? Base64Url.DecodeFromChars(text) : null;
    }

    private static IResult ToSignIn() => Results.LocalRedirect(AccountEndpoints.SignInFor(AccountEndpoints.PasskeysPath));

    /// <summary>Where the public address is an IP address, and at brands' own host names, there are no passkeys: they are bound to one name. The pages say so.</summary>
    private sealed class PossibleFilter(PasskeyRules rules, AccountPages pages) : IEndpointFilter
    {
        public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) => rules.Possible && BrandHosts.Of(context.HttpContext).Host is null
            ? await next(context)
            : pages.Message(context.HttpContext, t => t.PasskeysImpossible, t => t.PasskeysImpossibleDetail, StatusCodes.Status404NotFound);
    }
}
