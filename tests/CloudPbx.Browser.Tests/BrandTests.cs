using System.Text.Json;
using Microsoft.Playwright;

namespace CloudPbx.Browser.Tests;

/// <summary>Two resellers with host names and brands of their own on one installation, as their people see it.</summary>
[Collection(PortalFixture.OneAfterTheOther)]
public sealed class BrandTests(PortalFixture portal)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("en-GB", ColorScheme.Light, 1280, 860)]
    [InlineData("zh-CN", ColorScheme.Dark, 390, 844)]
    public async Task Each_resellers_people_see_its_brand_at_its_own_host_name_and_nobody_elses(string locale, ColorScheme scheme, int width, int height)
    {
        string id = Guid.NewGuid().ToString("N")[..8];
        // A yellow that nobody could read on paper, and a red that nobody could read at night.
        (string Host, string Mail, Uri Link) north = await ResellerAsync($"north-{id}", "North Voice", "#ffd400"), south = await ResellerAsync($"south-{id}", "South Talk", "#7a0019");
        await using IBrowser browser = await portal.LaunchAsync(["--no-sandbox", "--host-resolver-rules=MAP *.example 127.0.0.1"]);
        foreach (((string Host, string Mail, Uri Link) reseller, string name, string other) in new[] { (north, "North Voice", "South"), (south, "South Talk", "North") })
        {
            await using Visit visit = await portal.VisitAsync(locale, scheme, width, height, browser, $"https://{reseller.Host}:{portal.Product.HttpsPort}");
            IPage page = visit.Page;
            await page.GotoAsync($"https://{reseller.Host}:{portal.Product.HttpsPort}/signup");
            await LookAsync("sign-up");
            await page.GotoAsync($"https://{reseller.Host}:{portal.Product.HttpsPort}/");
            await page.WaitForSelectorAsync("#name");
            Assert.Equal(reseller.Host, new Uri(page.Url).Host);
            await LookAsync("sign-in");
            await using (Visit first = await portal.VisitAsync())
            {
                await first.ChoosePasswordAsync(reseller.Link);                              // at the installation's own name: who is signed in sees their brand there, too
                Assert.Contains(name, await first.Page.InnerTextAsync(".cp-side"), StringComparison.Ordinal);
            }
            await visit.SignInAsync(reseller.Mail);
            Assert.Equal(reseller.Host, new Uri(page.Url).Host);
            foreach (string path in new[] { "platform/tenants", "me" })
            {
                await visit.GoAsync(path);
                await LookAsync(path);
            }
            await page.GotoAsync($"https://{reseller.Host}:{portal.Product.HttpsPort}/account");
            await LookAsync("account");
            await visit.GoAsync("me");
            await visit.SignOutAsync();
            Assert.Equal(reseller.Host, new Uri(page.Url).Host);
            Assert.Empty(visit.Faults);

            async Task LookAsync(string what)
            {
                if (Environment.GetEnvironmentVariable("PBX_GALLERY") is { Length: > 0 } folder)
                    await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, $"brand-{name[..5]}-{what.Replace('/', '-')}-{width}.png") });
                string all = await page.ContentAsync();
                Assert.True((await page.TitleAsync()).Contains(name, StringComparison.Ordinal), $"{what}: {await page.TitleAsync()}");
                Assert.StartsWith("data:image/svg+xml", await page.GetAttributeAsync("link[rel=icon]", "href"), StringComparison.Ordinal);
                Assert.DoesNotContain(other, all, StringComparison.Ordinal);
                Assert.DoesNotContain("CloudPbx", await page.InnerTextAsync("body"), StringComparison.Ordinal);
                Assert.Empty(await visit.AxeAsync());
                Assert.False(await visit.OverflowsAsync(), $"{what} is wider than {width} px");
            }
        }
        await using Visit plain = await portal.VisitAsync();
        await plain.Page.GotoAsync(portal.Address + "/");
        await plain.Page.WaitForSelectorAsync("#name");
        Assert.Contains("CloudPbx", await plain.Page.InnerTextAsync(".brand"), StringComparison.Ordinal);
        await plain.SignInAsync();
        Assert.Contains("CloudPbx", await plain.Page.InnerTextAsync(".cp-side"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_name_of_nobody_leads_to_where_people_sign_in()
    {
        await using IBrowser browser = await portal.LaunchAsync(["--no-sandbox", "--host-resolver-rules=MAP *.example 127.0.0.1"]);
        await using Visit visit = await portal.VisitAsync(browser: browser);
        await visit.Page.GotoAsync($"https://nobody.example:{portal.Product.HttpsPort}/");
        Assert.Contains("localhost", await visit.Page.InnerTextAsync("main"), StringComparison.Ordinal);
        Assert.Contains("CloudPbx", await visit.Page.InnerTextAsync(".brand"), StringComparison.Ordinal);
    }

    private async Task<(string Host, string Mail, Uri Link)> ResellerAsync(string name, string brand, string color)
    {
        (string host, string mail) = ($"phone.{name}.example", $"anna@{name}.example");
        await portal.Product.Api.PostAsync("resellers", $$"""{"name":"{{name}}","displayName":"Reseller","branding":{"name":"{{brand}}","color":"{{color}}","host":"{{host}}","supportEmail":"help@{{name}}.example"} }""", Cancel);
        JsonElement made = await portal.Product.Api.PostAsync($"resellers/{name}/users", $$"""{"email":"{{mail}}","displayName":"Anna"}""", Cancel);
        return (host, mail, new Uri(made.GetProperty("passwordLink").GetString()!));
    }
}
