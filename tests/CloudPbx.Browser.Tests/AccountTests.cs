using System.Text.Json;
using Microsoft.Playwright;

namespace CloudPbx.Browser.Tests;

/// <summary>How people sign in, and where they are signed in, as they see it.</summary>
[Collection(PortalFixture.OneAfterTheOther)]
public sealed class AccountTests(PortalFixture portal)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Somebody_adds_a_passkey_and_signs_in_by_it_without_a_password()
    {
        await using Visit visit = await portal.VisitAsync();
        IPage page = visit.Page;
        await visit.ChoosePasswordAsync(await LetInAsync(NewMail()));
        ICDPSession chromium = await page.Context.NewCDPSessionAsync(page);
        await chromium.SendAsync("WebAuthn.enable");
        await chromium.SendAsync("WebAuthn.addVirtualAuthenticator", new Dictionary<string, object>
        {
            ["options"] = new Dictionary<string, object>
            {
                ["protocol"] = "ctap2", ["transport"] = "internal", ["hasResidentKey"] = true, ["hasUserVerification"] = true, ["isUserVerified"] = true, ["automaticPresenceSimulation"] = true,
            },
        });
        await visit.GoAsync("me");
        await page.ClickAsync("[data-testid=passkeys] a");
        await page.WaitForSelectorAsync("#new-name");
        Assert.Empty(await visit.AxeAsync());
        await visit.FillAsync("#new-name", "this laptop");
        await page.ClickAsync("form[data-passkey] button");
        await page.WaitForSelectorAsync("input[value='this laptop']");
        Assert.Empty(await visit.AxeAsync());
        await visit.GoAsync("me");
        await visit.ExpectAsync("[data-testid=passkeys]", "this laptop");
        await visit.SignOutAsync();

        await page.ClickAsync("a[href^='/account/passkey']");                               // it asks by itself; nothing is typed
        await visit.ShownAsync();
        await visit.GoAsync("me");
        await visit.ExpectAsync("[data-testid=sessions]", "by passkey");

        Assert.Empty(visit.Faults);
        await page.ClickAsync("[data-testid=passkeys] a");
        await page.ClickAsync("main summary");
        await page.ClickAsync("main details button");
        await page.WaitForSelectorAsync("input[value='this laptop']", new PageWaitForSelectorOptions { State = WaitForSelectorState.Detached });
        await page.GotoAsync(portal.Address + "/account/passkey");
        await page.WaitForSelectorAsync(".fault[role=alert]:not([hidden])");               // the device still has it; here nobody knows it any more
    }

    [Fact]
    public async Task A_sign_in_that_is_ended_elsewhere_leaves_its_page_though_nobody_touches_it()
    {
        await using Visit here = await portal.VisitAsync();
        await using Visit lost = await portal.VisitAsync("zh-CN");
        string mail = NewMail();
        await here.ChoosePasswordAsync(await LetInAsync(mail));
        await lost.SignInAsync(mail);
        await lost.GoAsync("t/acme/extensions/104");
        await here.GoAsync("me");
        Assert.Equal(2, await here.Page.Locator("[data-testid=sessions] tbody tr").CountAsync());
        Assert.Empty(await here.AxeAsync());
        await here.Page.ClickAsync("[data-testid=sessions] tbody button");
        await here.Page.ClickAsync(".mud-dialog-actions button.mud-button-filled-error");
        await here.Page.WaitForFunctionAsync("() => document.querySelectorAll('[data-testid=sessions] tbody tr').length === 1");
        await lost.ArrivedAsync("/account/signin");
        await here.GoAsync("t/acme/extensions/104");                                        // this one stays
        Assert.Empty(here.Faults);
    }

    private static string NewMail() => $"p{Guid.NewGuid():N}@acme.example";

    /// <summary>Lets somebody into the company; gives the link by which they choose a password.</summary>
    private async Task<Uri> LetInAsync(string mail)
    {
        JsonElement user = await portal.Product.Api.PostAsync("tenants/acme/users", $$"""{"email":"{{mail}}","role":"user","extension":"104"}""", Cancel);
        return new Uri(user.GetProperty("passwordLink").GetString()!);
    }
}
