using System.Net;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using CloudPbx.Sip.Transport;
using CloudPbx.Softphone;
using CloudPbx.TestKit;
using Microsoft.AspNetCore.Components;
using Microsoft.Playwright;

namespace CloudPbx.Browser.Tests;

[Collection(PortalFixture.OneAfterTheOther)]
public sealed class LookTests(PortalFixture portal)
{
    private const string Nowhere = "nothing/here";

    /// <summary>Every page that there is, as the operator sees them.</summary>
    internal static readonly string[] Pages =
    [
        "platform/tenants", "platform/resellers", "platform/plans", "platform/users", "platform/trunks", "platform/trunks/new", "platform/trunks/look", "platform/numbers", "platform/nodes", "platform/bans", "platform/audit", "platform/settings", "r/look", "r/look/trunks", "r/look/trunks/new", "r/look/trunks/look", "r/look/numbers", "r/look/branding", "r/look/users", "r/look/keys",
        "r/look/webhooks", "r/look/audit", "r/look/webhooks/{hook}", "t/acme", "t/acme/extensions", "t/acme/extensions?view=board", "t/acme/extensions/100", "t/acme/extensions/100?connect=1", "t/acme/phone", "t/acme/phones", "t/acme/calls", "t/acme/calls/{call}",
        "t/acme/recordings", "t/acme/prompts", "t/acme/trunks", "t/acme/trunks/new", "t/acme/trunks/look", "t/acme/profiles", "t/acme/profiles/new", "t/acme/profiles/look", "t/acme/numbers", "t/acme/routes", "t/acme/conferences", "t/acme/domains", "t/acme/extensions-bulk", "t/acme/import", "t/acme/webhooks",
        "t/acme/webhooks/{tenantHook}", "t/acme/settings", "t/acme/plan", "t/acme/branding", "t/acme/sign-in", "t/acme/users", "t/acme/keys", "t/acme/audit", "t/acme/welcome", "me", Nowhere,
    ];

    private static readonly string[] s_ofUsers = ["t/acme/extensions/102", "t/acme/phone", "t/acme/calls", "t/acme/recordings", "me"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Every_page_that_there_is_is_looked_at()
    {
        string[] looked = [.. Pages.Select(page => "/" + page.Split('?')[0].Replace('{', 'x'))];
        IEnumerable<string> pages = typeof(CloudPbx.Portal.PortalOptions).Assembly.GetTypes().SelectMany(type => type.GetCustomAttributes<RouteAttribute>()).Select(route => route.Template);
        // The first one leads on to another; the last one is what stands where nothing is.
        string[] unseen = [.. pages.Where(page => page is not "/" and not "/not-found" && !looked.Any(path => Regex.IsMatch(path, $"^{Regex.Replace(page, "{[^}]+}", "[^/]+")}$")))];
        Assert.Equal([], unseen);
    }

    [Theory]
    [InlineData("en-GB", ColorScheme.Dark, 1280, 860)]
    [InlineData("zh-CN", ColorScheme.Light, 390, 844)]
    public async Task The_pages_of_a_user_fit_their_window_and_give_axe_nothing_to_find(string locale, ColorScheme scheme, int width, int height)
    {
        JsonElement made = await portal.Product.Api.PostAsync("tenants/acme/users", $$"""{"email":"look-{{Guid.NewGuid():N}}@acme.example","displayName":"Carol","role":"user","extension":"102"}""", Cancel);
        await using Visit visit = await portal.VisitAsync(locale, scheme, width, height);
        await visit.ChoosePasswordAsync(new Uri(made.GetProperty("passwordLink").GetString()!));
        await LookAsync(visit, s_ofUsers, width, scheme);
        Assert.Equal(4, await visit.Page.Locator(".cp-nav a").CountAsync());                  // phone, extension, calls, recordings
    }

    [Theory]
    [InlineData("en-GB", ColorScheme.Light, 1280, 860, 1)]
    [InlineData("zh-CN", ColorScheme.Dark, 390, 844, 2)]
    [InlineData("en-GB", ColorScheme.Dark, 3840, 2160, 1, "t/acme", "t/acme/extensions/100")]
    [InlineData("en-GB", ColorScheme.Light, 427, 287, 3, "t/acme", "t/acme/extensions/100", "t/acme/calls/{call}", "t/acme/trunks/look", "r/look/branding")]            // 1280 by 860 at 300 %
    public async Task Every_page_fits_its_window_and_gives_axe_nothing_to_find(string locale, ColorScheme scheme, int width, int height, float scale, params string[] only)
    {
        IEnumerable<string> pages = await PrepareAsync(only.Length > 0 ? only : Pages);
        await using Visit visit = await portal.VisitAsync(locale, scheme, width, height, scale: scale);
        await visit.SignInAsync();
        await LookAsync(visit, pages, width, scheme);
    }

    /// <summary>Makes what pages are about, and says where they are.</summary>
    private async Task<IEnumerable<string>> PrepareAsync(string[] pages)
    {
        PbxApi api = portal.Product.Api;
        if ((await api.PageAsync("resellers/look", Cancel)).Status == 404)
        {
            await api.PostAsync("resellers", """{"name":"look","displayName":"Look Telecom"}""", Cancel);
            await api.PostAsync("resellers/look/webhooks", """{"name":"books","url":"https://9.9.9.9/hook","enabled":false}""", Cancel);
            await api.PostAsync("tenants/acme/webhooks", """{"name":"books","url":"https://9.9.9.9/hook","enabled":false}""", Cancel);
            await api.PostAsync("platform/trunks", """{"name":"look","kind":"registered","enabled":false,"server":{"host":"192.0.2.7"},"accounts":[{"user":"4930123456","password":"look and be looked at"}]}""", Cancel);
            await api.PostAsync("resellers/look/trunks", """{"name":"look","enabled":false,"server":{"host":"192.0.2.8"},"sources":["192.0.2.8"]}""", Cancel);
            await api.PostAsync("tenants/acme/profiles", """{"name":"look","basedOn":"telnyx","changes":{"rel100":"off"}}""", Cancel);
            await api.PostAsync("tenants/acme/trunks", """{"name":"look","kind":"ip","profile":"look","server":{"host":"192.0.2.1"},"sources":["192.0.2.1"]}""", Cancel);
            await using Phone phone = await Phone.StartAsync(
                new PhoneOptions
                {
                    Server = new IPEndPoint(IPAddress.Loopback, portal.Product.SipPort), Transport = SipTransport.Udp, Domain = portal.Product.Domain, User = "104", Password = portal.Product.PasswordOf("104"), LocalAddress = IPAddress.Loopback,
                }, Cancel);
            PhoneCall call = await phone.DialAsync("777");                                    // nobody has it: a failure to tell of
            await call.Ended;
        }
        string hook = await FirstAsync("resellers/look/webhooks"), tenantHook = await FirstAsync("tenants/acme/webhooks"), call1 = await FirstAsync("tenants/acme/calls");
        return pages.Select(page => page.Replace("{hook}", hook, StringComparison.Ordinal).Replace("{tenantHook}", tenantHook, StringComparison.Ordinal).Replace("{call}", call1, StringComparison.Ordinal));

        async Task<string> FirstAsync(string list)
        {
            using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            patience.CancelAfter(Visit.Patience);
            using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(200));
            JsonElement items;
            while ((items = (await api.GetAsync(list, patience.Token)).GetProperty("items")).GetArrayLength() == 0)             // records come when the facts have come
                await timer.WaitForNextTickAsync(patience.Token);
            return items[0].GetProperty("id").GetString()!;
        }
    }

    /// <summary>Looks at pages one after the other in one circuit, at each in both colours: all rules in the one, contrast, which alone depends on them, in the other.</summary>
    private static async Task LookAsync(Visit visit, IEnumerable<string> pages, int width, ColorScheme scheme)
    {
        List<string> findings = [];
        foreach (string page in pages)
        {
            await (page == Nowhere ? visit.GoAsync(page) : visit.TurnToAsync(page));           // what is not found can only be come to from outside
            if (Environment.GetEnvironmentVariable("PBX_GALLERY") is { Length: > 0 } folder)
            {
                string shown = await visit.Page.EvaluateAsync<string>("() => document.documentElement.dataset.scheme");
                await visit.Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, $"{page.Split('?')[0].Replace('/', '-')}-{width}-{shown}.png") });
            }
            findings.AddRange((await visit.AxeAsync()).Select(finding => $"{page}: {finding}"));
            if (await visit.OverflowsAsync()) findings.Add($"{page}: is wider than {width} px");
            findings.AddRange((await visit.BlurredAsync()).Select(picture => $"{page}: is not crisp: {picture}"));
            scheme = scheme == ColorScheme.Light ? ColorScheme.Dark : ColorScheme.Light;
            await visit.RecolourAsync(scheme);                                    // the next page begins in it
            findings.AddRange((await visit.AxeAsync("color-contrast")).Select(finding => $"{page}, {scheme}: {finding}"));
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
        await visit.FillAsync("#name", "operator");
        await visit.FillAsync("#password", "not the password");
        await visit.Page.ClickAsync("form button");
        Assert.Contains("用户名或密码不正确", await visit.Page.InnerTextAsync("[role=alert]"), StringComparison.Ordinal);
        await visit.FillAsync("#password", Visit.Password);
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
        await visit.ArrivedAsync("/account/signin");
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
    public async Task A_lost_connection_is_said_quietly_and_what_was_typed_is_there_when_it_returns()
    {
        await using Visit visit = await portal.VisitAsync();
        IPage page = visit.Page;
        IWebSocketRoute? open = null;
        bool cut = false;
        await page.RouteWebSocketAsync(url => url.Contains("/_blazor", StringComparison.Ordinal), route =>
        {
            if (cut)
            {
                _ = route.CloseAsync();
                return;
            }
            route.ConnectToServer();
            open = route;
        });
        await visit.SignInAsync();
        await visit.GoAsync("t/acme/extensions?new=1");
        await page.WaitForSelectorAsync(".mud-dialog #number:focus");
        await page.Keyboard.TypeAsync("x");
        Assert.Empty(await visit.AxeAsync());
        cut = true;
        await open!.CloseAsync();
        await page.WaitForSelectorAsync("#components-reconnect-modal .wait:visible");
        IReadOnlyList<string> findings = await visit.AxeAsync();
        Assert.True(findings.Count == 0, string.Join(Environment.NewLine, findings));
        cut = false;
        await page.WaitForSelectorAsync("#components-reconnect-modal", new PageWaitForSelectorOptions { State = WaitForSelectorState.Hidden });
        Assert.Equal("x", await page.InputValueAsync("#number"));
        await page.ClickAsync(".mud-dialog-actions button.mud-button-filled");
        await page.WaitForSelectorAsync(".mud-dialog :text('Must be 2 to 8 digits')");       // it goes on where it was
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
        await visit.ArrivedAsync("/t/acme/extensions/270?connect=1");
        await page.WaitForSelectorAsync("[data-testid=light]");
        await page.FocusAsync("button:has-text('Delete extension')");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForSelectorAsync("#confirm-word:focus");
        await page.Keyboard.TypeAsync("270");
        await page.WaitForSelectorAsync(".mud-dialog-actions button.mud-button-filled-error:enabled");
        await page.FocusAsync(".mud-dialog-actions button.mud-button-filled-error");
        await page.Keyboard.PressAsync("Enter");
        await visit.ArrivedAsync("/t/acme/extensions");
    }
}
