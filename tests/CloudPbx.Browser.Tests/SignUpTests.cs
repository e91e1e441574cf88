using System.Diagnostics;
using System.Globalization;
using CloudPbx.Sip.Transport;
using CloudPbx.TestKit.Phones;
using Microsoft.Playwright;

namespace CloudPbx.Browser.Tests;

/// <summary>A company signs up by itself, as its people see it, with a phone that nobody of ours wrote.</summary>
[Collection(PortalFixture.OneAfterTheOther)]
public sealed class SignUpTests(PortalFixture portal)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_company_signs_up_and_makes_its_first_call()
    {
        string name = Name("first");
        await using Visit visit = await portal.VisitAsync();
        long began = Stopwatch.GetTimestamp();
        await SignUpAsync(visit, name);

        // What the page says is all that the phone gets.
        Assert.Contains($"your domain {name}.localhost", await visit.Page.InnerTextAsync(".lead"), StringComparison.Ordinal);
        Assert.Contains("Waiting", await visit.Page.InnerTextAsync("[data-testid=light]"), StringComparison.Ordinal);
        await using Baresip phone = await ConnectAsync(visit);
        await phone.RegisteredAsync(Cancel);
        await visit.ExpectAsync("[data-testid=light]", "Connected");
        TimeSpan connected = Stopwatch.GetElapsedTime(began);
        IRealCall call = await ((IRealPhone)phone).DialAsync("*43", Cancel);
        await call.AnsweredAsync(Cancel);
        await visit.ExpectAsync("[data-testid=connect]", "The echo test has answered");

        // A figure for people: a busy machine proves nothing about the product.
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"from the empty form to the green light {connected.TotalSeconds:0.0} s, to the echo test {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s (promised: three minutes)"));
        await call.HangUpAsync(Cancel);
        await visit.GoAsync($"t/{name}");
        Assert.Equal(name, await visit.Page.InnerTextAsync("[data-testid=tenant]"));
        Assert.Empty(visit.Faults);
    }

    [Fact]
    public async Task Two_companies_with_the_same_numbers_side_by_side_see_only_their_own()
    {
        string one = Name("one"), two = Name("two");
        await using Visit first = await portal.VisitAsync();
        await using Visit second = await portal.VisitAsync("zh-CN");
        await SignUpAsync(first, one);
        await SignUpAsync(second, two);
        await using Baresip phone = await ConnectAsync(first);
        await phone.RegisteredAsync(Cancel);
        await first.ExpectAsync("[data-testid=light]", "Connected");
        Assert.Contains("正在等待", await second.Page.InnerTextAsync("[data-testid=light]"), StringComparison.Ordinal);       // the same extension 100, and not this one
        IRealCall call = await ((IRealPhone)phone).DialAsync("*43", Cancel);
        await call.AnsweredAsync(Cancel);
        await first.GoAsync($"t/{one}");
        await first.Page.WaitForSelectorAsync("[data-testid=live-calls]");
        await second.GoAsync($"t/{two}");
        Assert.Equal(0, await second.Page.Locator("[data-testid=live-calls] tbody tr").CountAsync());
        await call.HangUpAsync(Cancel);

        // The other's pages are not there, whatever is typed into the address.
        foreach (string page in (string[])["", "/extensions", "/extensions/100", "/calls", "/phones", "/settings", "/welcome"])
        {
            await second.Page.GotoAsync($"{portal.Address}/t/{one}{page}");
            await second.ShownAsync();
            await second.Page.WaitForSelectorAsync("main [role=alert]");
            Assert.DoesNotContain($"{one}.localhost", await second.Page.InnerTextAsync("main"), StringComparison.Ordinal);
        }

        // Another administrator in the same browser sees their own tenant, and nothing of the one before.
        await first.SignOutAsync();
        await first.SignInAsync(Mail(two));
        Assert.EndsWith($"/t/{two}", first.Page.Url, StringComparison.Ordinal);
        Assert.DoesNotContain(one, await first.Page.InnerTextAsync("body"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Somebody_who_is_let_in_sees_their_own_phone_and_nothing_of_others()
    {
        string name = Name("people");
        await using Visit administrator = await portal.VisitAsync();
        await SignUpAsync(administrator, name);
        await administrator.GoAsync($"t/{name}/users?new=1");
        await administrator.FillAsync("#user-email", $"bob@{name}.example");
        await administrator.FillAsync("#user-extension", "100");
        await administrator.Page.ClickAsync(".mud-dialog-actions button.mud-button-filled");
        string link = await administrator.Page.InnerTextAsync("[data-field=link]");

        await using Visit bob = await portal.VisitAsync("zh-CN");
        await bob.ChoosePasswordAsync(new Uri(link));
        await bob.ArrivedAsync($"/t/{name}/extensions/100");
        await bob.ShownAsync();
        Assert.Equal(["电话", "我的话机", "通话记录", "录音"], await bob.Page.Locator(".cp-nav a").AllInnerTextsAsync());
        Assert.Empty(await bob.AxeAsync());
        Assert.Empty(bob.Faults);
        foreach (string page in (string[])["/users", "/keys", "/audit", "/trunks", "/settings"])
        {
            await bob.Page.GotoAsync($"{portal.Address}/t/{name}{page}");
            await bob.Page.WaitForSelectorAsync("main [role=alert]");
        }

        // Disabled, he is out at his next step, and cannot come in again.
        await administrator.GoAsync($"t/{name}/users");
        await administrator.Page.ClickAsync($"tr:has-text('bob@{name}.example') button");
        await administrator.Page.ClickAsync(".mud-popover-open .mud-menu-item:has-text('Disable')");
        await administrator.Page.ClickAsync(".mud-dialog-actions button.mud-button-filled-error");
        await administrator.Page.WaitForSelectorAsync($"tr:has-text('bob@{name}.example') :text('disabled')");
        await bob.Page.GotoAsync($"{portal.Address}/t/{name}/extensions/100");
        await bob.ArrivedAsync("/account/signin");
    }

    [Fact]
    public async Task What_is_wrong_stands_beside_the_field_and_nothing_typed_is_lost()
    {
        await using Visit visit = await portal.VisitAsync("zh-CN", width: 390, height: 844);
        IPage page = visit.Page;
        await page.GotoAsync(portal.Address + "/signup");
        Assert.Empty(await visit.AxeAsync());
        Assert.False(await visit.OverflowsAsync());
        await visit.FillAsync("#company", "Acme");
        await visit.FillAsync("#tenant", "acme");
        await visit.FillAsync("#email", "alice@acme.example");
        await page.ClickAsync("button.go");
        Assert.Contains("已有同名租户", await page.InnerTextAsync("#tenant-fault"), StringComparison.Ordinal);
        Assert.Equal("alice@acme.example", await page.InputValueAsync("#email"));
        Assert.Empty(await visit.AxeAsync());
    }

    private static string Name(string beginning) => $"{beginning}-{Guid.NewGuid():N}"[..14];

    private static string Mail(string name) => $"alice@{name}.example";

    /// <summary>From the empty form to the page with the first phone.</summary>
    private async Task SignUpAsync(Visit visit, string name)
    {
        IPage page = visit.Page;
        await page.GotoAsync(portal.Address + "/signup");
        await visit.FillAsync("#company", $"Company {name}");
        await visit.FillAsync("#tenant", name);
        await visit.FillAsync("#email", Mail(name));
        await page.ClickAsync("button.go");
        await page.ClickAsync("a.go");                  // there is no mail server: the link is here
        await page.ClickAsync("button.go");
        await visit.ChoosePasswordAsync();
        await page.WaitForSelectorAsync("[data-testid=light]");
    }

    private static async Task<Baresip> ConnectAsync(Visit visit)
    {
        await visit.Page.ClickAsync(".cp-segments button:nth-child(4)");
        string user = await FieldAsync("user"), domain = await FieldAsync("domain");
        int port = int.Parse(await FieldAsync("tls"), CultureInfo.InvariantCulture);
        await visit.ShowPasswordAsync();
        string password = await FieldAsync("password");
        return await Baresip.StartAsync(new PhoneAccount(user, password, domain, "127.0.0.1", port, SipTransport.Tls) { Encryption = PhoneEncryption.Required }, cancel: Cancel);

        Task<string> FieldAsync(string name) => visit.Page.InnerTextAsync($"[data-field={name}]");
    }
}
