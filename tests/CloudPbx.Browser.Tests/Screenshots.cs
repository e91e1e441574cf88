using CloudPbx.Sip.Transport;
using CloudPbx.TestKit.Phones;
using Microsoft.Playwright;

namespace CloudPbx.Browser.Tests;

/// <summary>The pictures of the README: <c>./pbx screenshots</c> takes them anew, so that they stay true.</summary>
public sealed class Screenshots(PortalFixture portal)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Pages that people of a tenant see, in each look, to be looked at: <c>PBX_GALLERY=folder ./pbx test Browser Pages_about_people</c>.</summary>
    [Fact]
    public async Task Pages_about_people_can_be_looked_at_in_every_look()
    {
        string? folder = Environment.GetEnvironmentVariable("PBX_GALLERY");
        if (string.IsNullOrEmpty(folder)) return;               // only when somebody asks for pictures
        Directory.CreateDirectory(folder);
        string name = $"look-{Guid.NewGuid():N}"[..12];
        (string Name, string Locale, ColorScheme Scheme, int Width)[] looks = [("light", "en-GB", ColorScheme.Light, 1280), ("dark", "en-GB", ColorScheme.Dark, 1280), ("phone", "zh-CN", ColorScheme.Light, 390)];
        foreach ((string look, string locale, ColorScheme scheme, int width) in looks)
        {
            await using Visit visit = await portal.VisitAsync(locale, scheme, width, width == 390 ? 844 : 860);
            IPage page = visit.Page;
            string company = name + look;
            await ShootAsync("signup", async () => await page.GotoAsync(portal.Address + "/signup"));
            await page.FillAsync("#company", "Acme Example");
            await page.FillAsync("#tenant", company);
            await page.FillAsync("#email", $"alice@{company}.example");
            await page.FillAsync("#displayName", "Alice");
            await ShootAsync("sent", () => page.ClickAsync("button.go"));
            await ShootAsync("confirm", () => page.ClickAsync("a.go"));
            await ShootAsync("password", () => page.ClickAsync("button.go"));
            await visit.ChoosePasswordAsync();
            await page.WaitForSelectorAsync("[data-testid=light]");
            await ShootAsync("welcome", () => Task.CompletedTask);
            await ShootAsync("users-new", () => visit.GoAsync($"t/{company}/users?new=1"));
            await page.FillAsync("#user-email", $"bob@{company}.example");
            await page.FillAsync("#user-name", "Bob");
            await page.ClickAsync(".mud-dialog-actions button.mud-button-filled");
            await page.WaitForSelectorAsync("[data-field=link]");
            await ShootAsync("users-link", () => Task.CompletedTask);
            await ShootAsync("users", () => visit.GoAsync($"t/{company}/users"));
            await visit.GoAsync($"t/{company}/keys");
            await ShootAsync("keys-empty", () => Task.CompletedTask);
            await page.ClickAsync(".cp-head button");
            await page.FillAsync("#key-name", "Customer database");
            await page.ClickAsync(".mud-dialog-actions button.mud-button-filled");
            await page.WaitForSelectorAsync("[data-field=client-secret]");
            await ShootAsync("keys-once", () => Task.CompletedTask);
            await ShootAsync("keys", () => visit.GoAsync($"t/{company}/keys"));
            await ShootAsync("audit", () => visit.GoAsync($"t/{company}/audit"));
            await ShootAsync("me", () => visit.GoAsync("me"));
            await ShootAsync("account", async () => await page.GotoAsync(portal.Address + "/account"));
            await ShootAsync("authenticator", async () => await page.GotoAsync(portal.Address + "/account/authenticator"));
            await visit.GoAsync("me");
            await visit.SignOutAsync();
            await ShootAsync("signin", () => Task.CompletedTask);

            async Task ShootAsync(string shot, Func<Task> go)
            {
                await go();
                await page.WaitForFunctionAsync("() => document.fonts.status === 'loaded'");
                await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, $"{shot}-{look}.png"), FullPage = true, Animations = ScreenshotAnimations.Disabled });
            }
        }
    }

    [Fact]
    public async Task The_main_pages_have_their_picture_taken()
    {
        string? folder = Environment.GetEnvironmentVariable("PBX_SCREENSHOTS");
        if (string.IsNullOrEmpty(folder)) return;               // only when somebody asks for pictures
        Directory.CreateDirectory(folder);
        await using Baresip one = await Baresip.StartAsync(((TestKit.IPbxUnderTest)portal.Product).Account("100", SipTransport.Tls), cancel: Cancel);
        await using Baresip other = await Baresip.StartAsync(((TestKit.IPbxUnderTest)portal.Product).Account("101", SipTransport.Udp), cancel: Cancel);
        await one.RegisteredAsync(Cancel);
        await other.RegisteredAsync(Cancel);
        IRealCall call = await ((IRealPhone)one).DialAsync("*43", Cancel);
        await call.AnsweredAsync(Cancel);
        (string Name, string Path, string Locale, ColorScheme Scheme, int Width)[] pictures =
        [
            ("dashboard", "t/acme", "en-GB", ColorScheme.Light, 1280), ("connect", "t/acme/extensions/102?connect=1", "en-GB", ColorScheme.Light, 1280),
            ("extensions", "t/acme/extensions", "zh-CN", ColorScheme.Dark, 1280), ("phone", "t/acme", "zh-CN", ColorScheme.Light, 390), ("trunk", "t/acme/trunks/new", "en-GB", ColorScheme.Dark, 1280),
        ];
        foreach ((string name, string path, string locale, ColorScheme scheme, int width) in pictures)
        {
            await using Visit visit = await portal.VisitAsync(locale, scheme, width, width == 390 ? 844 : 860);
            await visit.SignInAsync();
            await visit.GoAsync(path);
            await visit.Page.WaitForFunctionAsync("() => document.fonts.status === 'loaded'");
            await visit.Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, name + ".png") });
        }
    }
}
