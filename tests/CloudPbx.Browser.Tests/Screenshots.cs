using System.Text.Json;
using Microsoft.Playwright;

namespace CloudPbx.Browser.Tests;

/// <summary>The pictures of the README: <c>./pbx screenshots</c> takes them anew, so that they stay true.</summary>
[Collection(PortalFixture.OneAfterTheOther)]
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
            await visit.FillAsync("#company", "Acme Example");
            await visit.FillAsync("#tenant", company);
            await visit.FillAsync("#email", $"alice@{company}.example");
            await visit.FillAsync("#displayName", "Alice");
            await ShootAsync("sent", () => page.ClickAsync("button.go"));
            await ShootAsync("confirm", () => page.ClickAsync("a.go"));
            await ShootAsync("password", () => page.ClickAsync("button.go"));
            await visit.ChoosePasswordAsync();
            await page.WaitForSelectorAsync("[data-testid=light]");
            await ShootAsync("welcome", () => Task.CompletedTask);
            await ShootAsync("users-new", () => visit.GoAsync($"t/{company}/users?new=1"));
            await visit.FillAsync("#user-email", $"bob@{company}.example");
            await visit.FillAsync("#user-name", "Bob");
            await page.ClickAsync(".mud-dialog-actions button.mud-button-filled");
            await page.WaitForSelectorAsync("[data-field=link]");
            await ShootAsync("users-link", () => Task.CompletedTask);
            await ShootAsync("users", () => visit.GoAsync($"t/{company}/users"));
            await visit.GoAsync($"t/{company}/keys");
            await ShootAsync("keys-empty", () => Task.CompletedTask);
            await page.ClickAsync(".cp-head button");
            await visit.FillAsync("#key-name", "Customer database");
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
        await using SampleProduct product = await StartAsync();
        (string Name, string Path, string Locale, ColorScheme Scheme, int Width)[] pictures =
        [
            ("dashboard", "t/acme", "en-GB", ColorScheme.Light, 1280), ("connect", "t/acme/extensions/120?connect=1", "en-GB", ColorScheme.Light, 1280), ("board", "t/acme/extensions?view=board", "en-GB", ColorScheme.Dark, 1280),
            ("call", $"t/acme/calls/{await CallAsync(product, 488)}", "en-GB", ColorScheme.Light, 1280), ("extensions", "t/huaxing/extensions", "zh-CN", ColorScheme.Dark, 1280), ("phone", "t/acme", "zh-CN", ColorScheme.Light, 390),
            ("trunk", "t/acme/trunks/new", "en-GB", ColorScheme.Dark, 1280),
        ];
        foreach ((string name, string path, string locale, ColorScheme scheme, int width) in pictures)
        {
            await using Visit visit = await portal.VisitAsync(locale, scheme, width, width == 390 ? 844 : 860, address: product.Address);
            await visit.SignInAsync();
            await ShootAsync(visit, path, Path.Combine(folder, name + ".png"), fullPage: name == "call");         // its messages stand below
        }
    }

    /// <summary>All pages that have something in them, in two looks, to be looked at: <c>PBX_GALLERY=folder ./pbx test Browser Pages_of_the_sample</c>.</summary>
    [Fact]
    public async Task Pages_of_the_sample_can_be_looked_at_in_two_looks()
    {
        string? folder = Environment.GetEnvironmentVariable("PBX_GALLERY");
        if (string.IsNullOrEmpty(folder)) return;               // only when somebody asks for pictures
        Directory.CreateDirectory(folder);
        await using SampleProduct product = await StartAsync();
        string[] pages =
        [
            "t/acme", "t/acme/extensions", "t/acme/extensions?view=board", "t/acme/extensions/101", "t/acme/phones", "t/acme/calls", "t/acme/recordings", "t/acme/trunks", "t/acme/trunks/carrier", "t/acme/numbers", "t/acme/routes",
            "t/acme/conferences", "t/acme/domains", "t/acme/settings", "t/acme/plan", "t/acme/branding", "t/acme/audit", "t/acme/users", "platform/tenants", "platform/resellers", "platform/plans", "platform/nodes", "platform/bans",
            "platform/audit", "platform/settings", "platform/numbers", "platform/trunks", "r/look", "r/look/branding", "me", .. await Task.WhenAll(((int[])[488, 500, 480, 403]).Select(async status => $"t/acme/calls/{await CallAsync(product, status)}")),
        ];
        await product.Api.PostAsync("resellers", """{"name":"look","displayName":"Look Telecom"}""", Cancel);
        foreach ((string locale, ColorScheme scheme, int width) in ((string, ColorScheme, int)[])[("en-GB", ColorScheme.Light, 1280), ("zh-CN", ColorScheme.Dark, 390)])
        {
            await using Visit visit = await portal.VisitAsync(locale, scheme, width, width == 390 ? 844 : 860, address: product.Address);
            await visit.SignInAsync();
            foreach (string page in pages)
                await ShootAsync(visit, page, Path.Combine(folder, $"{page.Replace('/', '-').Replace('?', '-')}-{width}.png"), fullPage: true);
        }
    }

    private async Task<SampleProduct> StartAsync()
    {
        SampleProduct product = await SampleProduct.StartAsync(Cancel);
        await using Visit visit = await portal.VisitAsync(address: product.Address);
        await visit.ChoosePasswordAsync(product.Link);
        await product.RegisterAsync(16, Cancel);
        await product.CallAsync(1, 2, answers: true, Cancel);
        await product.CallAsync(5, 8, answers: true, Cancel);
        await product.CallAsync(11, 4, answers: false, Cancel);
        return product;
    }

    /// <summary>The newest call whose caller was told that.</summary>
    private static async Task<string> CallAsync(SampleProduct product, int status)
    {
        string? next = null;
        do
        {
            JsonElement page = await product.Api.GetAsync($"tenants/acme/calls?limit=200{(next is null ? "" : "&after=" + Uri.EscapeDataString(next))}", Cancel);
            foreach (JsonElement call in page.GetProperty("items").EnumerateArray())
                if (call.GetProperty("sipStatus").GetInt32() == status)
                    return call.GetProperty("id").GetString()!;
            next = page.TryGetProperty("next", out JsonElement more) ? more.GetString() : null;
        }
        while (next is not null);
        throw new InvalidOperationException($"No call of the sample ended with {status}.");
    }

    private static async Task ShootAsync(Visit visit, string path, string file, bool fullPage)
    {
        await visit.GoAsync(path);
        await visit.Page.WaitForFunctionAsync("() => document.querySelector('[data-testid=phones-online]')?.textContent !== '0'");        // what is live has come
        await visit.Page.WaitForFunctionAsync("() => document.fonts.status === 'loaded'");
        await visit.Page.ScreenshotAsync(new PageScreenshotOptions { Path = file, FullPage = fullPage, Animations = ScreenshotAnimations.Disabled });
    }
}
