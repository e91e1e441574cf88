using Microsoft.Playwright;

namespace CloudPbx.Browser.Tests;

public sealed class LookTests(PortalFixture portal)
{
    private static readonly string[] s_pages =
    [
        "platform/tenants", "platform/trunks", "platform/numbers", "platform/bans", "t/acme", "t/acme/extensions", "t/acme/extensions/100", "t/acme/extensions/100?connect=1", "t/acme/phones",
        "t/acme/calls", "t/acme/trunks", "t/acme/trunks/new", "t/acme/numbers", "t/acme/routes", "t/acme/conferences", "t/acme/domains", "t/acme/extensions-bulk", "t/acme/settings", "t/acme/users", "t/acme/keys", "t/acme/audit", "t/acme/welcome", "me", "nothing/here",
    ];

    [Theory]
    [InlineData("en-GB", ColorScheme.Light, 1280, 860)]
    [InlineData("zh-CN", ColorScheme.Dark, 390, 844)]
    [InlineData("en-GB", ColorScheme.Dark, 3840, 2160, "t/acme", "t/acme/extensions/100")]
    public async Task Every_page_fits_its_window_and_gives_axe_nothing_to_find(string locale, ColorScheme scheme, int width, int height, params string[] only)
    {
        await using Visit visit = await portal.VisitAsync(locale, scheme, width, height);
        await visit.SignInAsync();
        List<string> findings = [];
        foreach (string page in only.Length > 0 ? only : s_pages)
        {
            await visit.GoAsync(page);
            findings.AddRange((await visit.AxeAsync()).Select(finding => $"{page}: {finding}"));
            if (await visit.OverflowsAsync()) findings.Add($"{page}: is wider than {width} px");
        }
        findings.AddRange(visit.Faults);
        Assert.True(findings.Count == 0, string.Join(Environment.NewLine, findings));
    }

    [Fact]
    public async Task The_door_speaks_the_browsers_language_and_says_what_is_wrong()
    {
        await using Visit visit = await portal.VisitAsync("zh-CN");
        await visit.Page.GotoAsync(portal.Address + "/t/acme/calls");
        Assert.Equal("zh", await visit.Page.GetAttributeAsync("html", "lang"));
        Assert.Empty(await visit.AxeAsync());
        await visit.Page.FillAsync("#name", "operator");
        await visit.Page.FillAsync("#password", "not the password");
        await visit.Page.ClickAsync("form button");
        Assert.Contains("用户名或密码不正确", await visit.Page.InnerTextAsync("[role=alert]"), StringComparison.Ordinal);
        await visit.Page.FillAsync("#password", Visit.Password);
        await visit.Page.ClickAsync("form button");
        await visit.ShownAsync();
        Assert.Equal("通话记录", await visit.Page.InnerTextAsync("h1"));                       // where it was wanted for
    }

    [Fact]
    public async Task The_language_can_be_changed_and_stays()
    {
        await using Visit visit = await portal.VisitAsync();
        await visit.SignInAsync();
        await visit.GoAsync("t/acme/extensions");
        await visit.Page.ClickAsync("a[hreflang=zh]");
        await visit.Page.WaitForSelectorAsync("h1:has-text('分机')");
        await visit.GoAsync("t/acme/calls");
        Assert.Equal("通话记录", await visit.Page.InnerTextAsync("h1"));
    }

    [Fact]
    public async Task Who_signs_out_must_sign_in_again_and_in_the_language_that_was_chosen()
    {
        await using Visit visit = await portal.VisitAsync();
        await visit.SignInAsync();
        await visit.GoAsync("t/acme");
        await visit.Page.ClickAsync("a[hreflang=zh]");
        await visit.Page.WaitForSelectorAsync("html[lang=zh]");
        await visit.ShownAsync();
        await visit.SignOutAsync();
        Assert.Equal("登录", await visit.Page.InnerTextAsync("h1"));
        await visit.Page.GotoAsync(portal.Address + "/t/acme");
        await visit.Page.WaitForURLAsync("**/account/signin**");
        Assert.Empty(visit.Faults);
    }

    [Fact]
    public async Task Dark_and_light_change_at_once_and_stay()
    {
        await using Visit visit = await portal.VisitAsync();
        await visit.SignInAsync();
        await visit.Page.ClickAsync("[aria-label='Dark colours']");
        await visit.Page.WaitForSelectorAsync("html[data-scheme=dark]");
        await visit.GoAsync("t/acme");
        await visit.Page.WaitForSelectorAsync("[aria-label='Light colours']");
    }

    [Fact]
    public async Task An_extension_is_created_changed_and_deleted_by_the_keyboard_alone()
    {
        await using Visit visit = await portal.VisitAsync();
        IPage page = visit.Page;
        await visit.SignInAsync();
        await visit.GoAsync("t/acme/extensions?new=1");
        await page.WaitForSelectorAsync(".mud-dialog #number:focus");
        await page.Keyboard.TypeAsync("x");
        await page.FocusAsync(".mud-dialog-actions button.mud-button-filled");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForSelectorAsync(".mud-dialog :text('Must be 2 to 8 digits')");       // a sentence beside the field, in place
        await page.FocusAsync("#number");
        await page.Keyboard.PressAsync("Control+A");
        await page.Keyboard.TypeAsync("270");
        await page.FocusAsync(".mud-dialog-actions button.mud-button-filled");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/t/acme/extensions/270?connect=1");
        await page.WaitForSelectorAsync("[data-testid=light]");
        await page.FocusAsync("button:has-text('Delete extension')");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForSelectorAsync("#confirm-word:focus");
        await page.Keyboard.TypeAsync("270");
        await page.WaitForSelectorAsync(".mud-dialog-actions button.mud-button-filled-error:enabled");
        await page.FocusAsync(".mud-dialog-actions button.mud-button-filled-error");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/t/acme/extensions");
    }
}
