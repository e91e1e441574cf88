using System.Globalization;

namespace CloudPbx.Identity.Pages;

/// <summary>Makes the pages of passkeys, the only ones with a script.</summary>
/// <remarks>Thread-safe; singleton.</remarks>
internal sealed class PasskeyPages(AccountPages pages)
{
    /// <summary>The page on which somebody signs in by a passkey.</summary>
    /// <param name="http">The request.</param>
    /// <param name="options">What the browser is asked, as WebAuthn has it in JSON.</param>
    /// <param name="fault">What went wrong before.</param>
    public IResult SignIn(HttpContext http, string options, Func<PageTexts, string>? fault)
    {
        PageContext page = pages.BeginWithScript(http);
        string target = http.Request.Query[AccountEndpoints.ReturnParameter].ToString();
        return AccountPages.Show<PasskeySignInPage>(
            new()
            {
                ["Page"] = page, ["Options"] = options, ["Fault"] = fault?.Invoke(page.Texts),
                ["PasswordLink"] = target.Length > 0 ? AccountEndpoints.SignInFor(target) : AccountEndpoints.SignInPath,
            },
            fault is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
    }

    /// <summary>The page with somebody's passkeys.</summary>
    /// <param name="http">The request.</param>
    /// <param name="passkeys">They.</param>
    /// <param name="options">What the browser is asked for a new one; <see langword="null"/>: they must sign in anew first.</param>
    /// <param name="fault">What went wrong.</param>
    public IResult List(HttpContext http, IReadOnlyList<(string Id, string Name, DateTimeOffset CreatedAt)> passkeys, string? options, Func<PageTexts, string>? fault)
    {
        PageContext page = pages.BeginWithScript(http);
        CultureInfo culture = CultureInfo.GetCultureInfo(page.Texts.Language);
        return AccountPages.Show<PasskeysPage>(
            new()
            {
                ["Page"] = page, ["Options"] = options, ["Fault"] = fault?.Invoke(page.Texts), ["HasPortal"] = pages.HasPortal,
                ["Passkeys"] = passkeys.Select(p => (p.Id, p.Name, p.CreatedAt.UtcDateTime.ToString("D", culture))).ToArray(),
            },
            fault is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
    }
}
