using CloudPbx.Sip.Transport;
using CloudPbx.TestKit.Phones;
using Microsoft.Playwright;

namespace CloudPbx.Browser.Tests;

/// <summary>Why did this call fail? Real phones call, and the page tells it.</summary>
[Collection(PortalFixture.OneAfterTheOther)]
public sealed class CallStoryTests(PortalFixture portal)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_call_that_was_declined_is_told_drawn_and_listed_message_by_message()
    {
        await using Baresip caller = await Baresip.StartAsync(portal.Account("105", SipTransport.Udp), cancel: Cancel), callee = await Baresip.StartAsync(portal.Account("104", SipTransport.Tls), cancel: Cancel);
        await caller.RegisteredAsync(Cancel);
        await callee.RegisteredAsync(Cancel);
        IRealCall call = await ((IRealPhone)caller).DialAsync("104", Cancel);
        await (await callee.IncomingAsync(Cancel)).HangUpAsync(Cancel);
        await call.EndedAsync(Cancel);
        string id = await RecordedAsync("105", "104");

        await using Visit visit = await portal.VisitAsync();
        IPage page = visit.Page;
        await visit.SignInAsync();
        await visit.GoAsync($"t/acme/calls/{id}");
        await page.WaitForSelectorAsync("[data-testid=ladder] .arrow");
        string[] heads = [.. await page.Locator("[data-testid=ladder] .head strong").AllInnerTextsAsync()];
        Assert.Equal(["105", "CloudPbx", "104"], heads);
        string[] labels = [.. await page.Locator("[data-testid=ladder] .arrow bdi").AllInnerTextsAsync()];
        Assert.Equal("INVITE 104", labels[0]);
        Assert.Contains("180 Ringing", labels);
        Assert.Equal(2, labels.Count(label => label.StartsWith("486", StringComparison.Ordinal)));            // from the phone, and to the caller
        string drawing = await page.InnerTextAsync("[data-testid=ladder]");
        foreach (string secret in new[] { "nonce", "response=", "inline:", "crypto" })
            Assert.DoesNotContain(secret, drawing, StringComparison.OrdinalIgnoreCase);

        // By the keyboard alone.
        await page.FocusAsync("[data-testid=ladder] .arrow >> nth=0");
        await page.Keyboard.PressAsync("Enter");
        await visit.ExpectAsync("[data-testid=ladder] .detail", "sent, and not kept");
        Assert.Equal("true", await page.GetAttributeAsync("[data-testid=ladder] .arrow >> nth=0", "aria-expanded"));
        Assert.Empty(await visit.AxeAsync());
        await page.ClickAsync("[data-testid=ladder] .cp-choice button >> nth=1");
        await page.WaitForSelectorAsync("[data-testid=ladder-table]");
        Assert.Equal(labels.Length, await page.Locator("[data-testid=ladder-table] tbody tr").CountAsync());
        Assert.Empty(await visit.AxeAsync());
        await page.ClickAsync(".cp-parties summary >> nth=-1");
        Assert.Contains("TLS", await page.InnerTextAsync("[data-testid=ladder] .cp-parties"), StringComparison.Ordinal);
        Assert.Empty(visit.Faults);
    }

    [Theory]
    [InlineData("zh-CN", ColorScheme.Dark, 390, 844)]
    [InlineData("en-GB", ColorScheme.Light, 390, 844)]
    [InlineData("zh-CN", ColorScheme.Light, 1280, 860)]
    public async Task A_call_to_nobody_fits_a_phones_window_in_both_languages(string locale, ColorScheme scheme, int width, int height)
    {
        await using Baresip caller = await Baresip.StartAsync(portal.Account("105", SipTransport.Udp), cancel: Cancel);
        await caller.RegisteredAsync(Cancel);
        await (await ((IRealPhone)caller).DialAsync("19", Cancel)).EndedAsync(Cancel);
        string id = await RecordedAsync("105", "19");
        await using Visit visit = await portal.VisitAsync(locale, scheme, width, height);
        await visit.SignInAsync();
        await visit.GoAsync($"t/acme/calls/{id}");
        await visit.Page.WaitForSelectorAsync("[data-testid=ladder] .arrow");
        await visit.Page.ClickAsync("[data-testid=ladder] .arrow >> nth=0");
        await visit.Page.WaitForSelectorAsync("[data-testid=ladder] .detail");
        Assert.False(await visit.OverflowsAsync());
        Assert.Empty(await visit.AxeAsync());
        Assert.Contains("404", await visit.Page.InnerTextAsync("[data-testid=ladder]"), StringComparison.Ordinal);
        Assert.Empty(visit.Faults);
    }

    /// <summary>Waits until the newest call's record, which travels by the bus, is stored.</summary>
    private async Task<string> RecordedAsync(string from, string to)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(Visit.Patience);
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(200));
        while (true)
        {
            foreach (System.Text.Json.JsonElement call in (await portal.Product.Api.GetAsync($"tenants/acme/calls?extension={from}", patience.Token)).GetProperty("items").EnumerateArray())
                if (call.GetProperty("calledNumber").GetString() == to)
                    return call.GetProperty("id").GetString()!;
            await timer.WaitForNextTickAsync(patience.Token);
        }
    }
}
