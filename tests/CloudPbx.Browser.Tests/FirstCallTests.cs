using System.Globalization;
using CloudPbx.Sip.Transport;
using CloudPbx.TestKit.Phones;
using Microsoft.Playwright;

namespace CloudPbx.Browser.Tests;

[Collection(PortalFixture.OneAfterTheOther)]
public sealed class FirstCallTests(PortalFixture portal)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_operator_connects_a_real_phone_of_a_new_extension_and_sees_its_calls()
    {
        await using Visit visit = await portal.VisitAsync();
        await visit.SignInAsync();
        await visit.GoAsync("t/acme/extensions");
        await visit.Page.ClickAsync(".cp-head button");
        await visit.FillAsync("#number", "260");
        await visit.FillAsync("#name", "Ada");
        await visit.Page.ClickAsync(".mud-dialog-actions button.mud-button-filled");

        // What the page says is all that the phone gets.
        await visit.Page.WaitForSelectorAsync("[data-testid=light]");
        await visit.Page.ClickAsync(".cp-segments button:nth-child(4)");
        string user = await FieldAsync(visit, "user"), domain = await FieldAsync(visit, "domain");
        int port = int.Parse(await FieldAsync(visit, "tls"), CultureInfo.InvariantCulture);
        await visit.Page.ClickAsync("[aria-label='Show Password']");
        await visit.Page.WaitForSelectorAsync("[aria-label='Hide Password']");
        string password = await FieldAsync(visit, "password");
        Assert.Contains("Waiting", await visit.Page.InnerTextAsync("[data-testid=light]"), StringComparison.Ordinal);

        await using Baresip phone = await Baresip.StartAsync(new PhoneAccount(user, password, domain, "127.0.0.1", port, SipTransport.Tls) { Encryption = PhoneEncryption.Required }, cancel: Cancel);
        await phone.RegisteredAsync(Cancel);
        await visit.ExpectAsync("[data-testid=light]", "Connected");
        Assert.Contains("baresip", await visit.Page.InnerTextAsync("[data-testid=light]"), StringComparison.OrdinalIgnoreCase);

        IRealCall call = await ((IRealPhone)phone).DialAsync("*43", Cancel);
        await call.AnsweredAsync(Cancel);
        await visit.ExpectAsync("[data-testid=connect]", "The echo test has answered");

        // The live call can be ended from the dashboard, and is told in the history.
        await visit.GoAsync("t/acme");
        await visit.Page.ClickAsync("[data-testid=live-calls] button.mud-button-outlined-error");
        await visit.Page.ClickAsync(".mud-dialog-actions button.mud-button-filled-error");
        await call.EndedAsync(Cancel);
        await visit.Page.WaitForSelectorAsync("[data-testid=live-calls]", new PageWaitForSelectorOptions { State = WaitForSelectorState.Detached });
        await RecordedAsync("260");
        await visit.GoAsync("t/acme/calls?number=260");
        await visit.ExpectAsync("[data-testid=calls]", "*43");
        Assert.Empty(visit.Faults);
    }

    [Fact]
    public async Task A_page_of_one_tenant_shows_nothing_of_another()
    {
        await using Visit visit = await portal.VisitAsync();
        await visit.SignInAsync();
        await using Baresip stranger = await Baresip.StartAsync(portal.Product.OtherAccount("103", SipTransport.Tls), cancel: Cancel);
        await stranger.RegisteredAsync(Cancel);
        await visit.GoAsync("t/globex/phones");
        await visit.ExpectAsync("[data-testid=registrations]", "103");
        foreach (string page in (string[])["", "/extensions", "/extensions/103", "/phones", "/calls", "/trunks", "/numbers", "/routes", "/settings"])
        {
            await visit.GoAsync("t/acme" + page);
            Assert.DoesNotContain("globex", await visit.Page.InnerTextAsync("main"), StringComparison.OrdinalIgnoreCase);
        }
        await visit.GoAsync("t/acme/extensions/103");
        Assert.Contains("offline", await visit.Page.InnerTextAsync(".cp-head"), StringComparison.Ordinal);
    }

    /// <summary>Waits until the call's record, which travels by the bus, is stored.</summary>
    private async Task RecordedAsync(string number)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(Visit.Patience);
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(200));
        while ((await portal.Product.Api.GetAsync($"tenants/acme/calls?number={number}", patience.Token)).GetProperty("items").GetArrayLength() == 0)
            await timer.WaitForNextTickAsync(patience.Token);
    }

    private static Task<string> FieldAsync(Visit visit, string name) => visit.Page.InnerTextAsync($"[data-field={name}]");
}
