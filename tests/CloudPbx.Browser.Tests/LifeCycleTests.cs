using System.Text.Json;
using CloudPbx.Sip.Transport;
using CloudPbx.TestKit.Phones;
using Microsoft.Playwright;

namespace CloudPbx.Browser.Tests;

/// <summary>A trunk, a number and a recording from their making to their end, as an administrator meets them.</summary>
[Collection(PortalFixture.OneAfterTheOther)]
public sealed class LifeCycleTests(PortalFixture portal)
{
    private const string Delete = ".mud-dialog-actions button.mud-button-filled-error";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_trunk_is_made_corrected_changed_and_deleted_by_its_name()
    {
        await using Visit visit = await portal.VisitAsync();
        IPage page = visit.Page;
        await visit.SignInAsync();
        await visit.GoAsync("t/acme/trunks/new");
        await visit.FillAsync("#trunk-name", "life");
        await page.ClickAsync("[aria-labelledby=known] .cp-segments button:nth-child(2)");
        await visit.FillAsync("#trunk-sources", "nowhere at all");
        await visit.FillAsync("#trunk-channels", "4");
        await SaveAsync();
        await page.WaitForSelectorAsync(".mud-input-error");                                // beside the fields, and all that was typed is there still
        Assert.Equal(("life", "nowhere at all", "4"), (await page.InputValueAsync("#trunk-name"), await page.InputValueAsync("#trunk-sources"), await page.InputValueAsync("#trunk-channels")));
        Assert.Empty(await visit.AxeAsync());
        await visit.FillAsync("#trunk-host", "192.0.2.9");
        await visit.FillAsync("#trunk-sources", "192.0.2.9");
        await SaveAsync();
        await page.WaitForSelectorAsync("section[aria-label=life]");
        await visit.ExpectAsync("section[aria-label=life]", "192.0.2.9");

        await page.ClickAsync("section[aria-label=life] a:has-text('Edit')");
        await visit.ExpectAsync("h1", "life");
        await visit.FillAsync("#trunk-channels", "7");
        await SaveAsync();
        await visit.ArrivedAsync("/t/acme/trunks");
        Assert.Equal(7, (await portal.Product.Api.GetAsync("tenants/acme/trunks/life", Cancel)).GetProperty("maxChannels").GetInt32());

        await visit.GoAsync("t/acme/trunks/life");
        await page.ClickAsync("button:has-text('Delete trunk')");
        await visit.FillAsync("#confirm-word", "lif");
        Assert.True(await page.IsDisabledAsync(Delete));                                    // not by its name yet
        await visit.FillAsync("#confirm-word", "life");
        await page.ClickAsync(Delete);
        await visit.ArrivedAsync("/t/acme/trunks");
        await page.WaitForSelectorAsync("section[aria-label=life]", new PageWaitForSelectorOptions { State = WaitForSelectorState.Detached });
        Assert.Empty(visit.Faults);

        Task SaveAsync() => page.ClickAsync(".cp-form-foot button[type=submit]");
    }

    [Fact]
    public async Task A_number_is_given_to_an_extension_moved_to_another_and_removed_by_its_name()
    {
        await using Visit visit = await portal.VisitAsync("zh-CN", ColorScheme.Dark, 390, 844);
        IPage page = visit.Page;
        await visit.SignInAsync();
        await visit.GoAsync("t/acme/numbers");
        await page.ClickAsync(".cp-head button");
        await visit.FillAsync("#number-number", "+4930111077");
        await visit.FillAsync("#number-extension", "99");
        await page.ClickAsync(".mud-dialog-actions button.mud-button-filled");
        await page.WaitForSelectorAsync(".mud-dialog .mud-input-error");
        await page.WaitForFunctionAsync("() => document.activeElement.matches('.mud-dialog-actions button.mud-button-filled')");      // it was disabled while it worked; a keyboard goes on from there
        Assert.Equal("+4930111077", await page.InputValueAsync("#number-number"));
        Assert.Empty(await visit.AxeAsync());
        await visit.FillAsync("#number-extension", "103");
        await page.ClickAsync(".mud-dialog-actions button.mud-button-filled");
        await page.WaitForSelectorAsync("tr:has-text('+4930111077') a:text-is('103')");

        await page.ClickAsync("tr:has-text('+4930111077') button:has-text('编辑')");
        await visit.FillAsync("#number-extension", "104");
        await page.ClickAsync(".mud-dialog-actions button.mud-button-filled");
        await page.WaitForSelectorAsync("tr:has-text('+4930111077') a:text-is('104')");

        await page.ClickAsync("tr:has-text('+4930111077') button.mud-button-text-error");
        await visit.FillAsync("#confirm-word", "+4930111077");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForSelectorAsync("tr:has-text('+4930111077')", new PageWaitForSelectorOptions { State = WaitForSelectorState.Detached });
        Assert.Empty(visit.Faults);
    }

    [Fact]
    public async Task A_number_that_the_operator_opened_is_found_taken_and_given_back()
    {
        const string Number = "+4930222001";
        await portal.Product.Api.PostAsync("platform/trunks", """{"name":"numbers","server":{"host":"192.0.2.77"}}""", Cancel);
        await portal.Product.Api.PostAsync("platform/numbers", $$"""{"number":"{{Number}}","trunk":"numbers","selfService":true}""", Cancel);
        await portal.Product.Api.PostAsync("platform/numbers", """{"number":"+4930222002","trunk":"numbers"}""", Cancel);
        await using Visit visit = await portal.VisitAsync(width: 390, height: 844);
        IPage page = visit.Page;
        await visit.SignInAsync();
        await visit.GoAsync("t/acme/numbers");
        await page.ClickAsync("[data-testid=take]");
        await visit.FillAsync("#take-number", "4930");
        await page.Keyboard.PressAsync("Tab");
        await page.ClickAsync($"[data-testid=free] button:has-text('{Number}')");
        Assert.Equal(1, await page.Locator("[data-testid=free] button").CountAsync());       // what is closed is not there
        await visit.FillAsync("#take-extension", "99");
        await page.ClickAsync(".mud-dialog-actions button.mud-button-filled");
        await page.WaitForSelectorAsync(".mud-dialog .mud-input-error");
        Assert.Equal(Number, await page.InputValueAsync("#take-number"));
        Assert.Empty(await visit.AxeAsync());
        await visit.FillAsync("#take-extension", "103");
        await page.ClickAsync(".mud-dialog-actions button.mud-button-filled");
        await page.WaitForSelectorAsync($"tr:has-text('{Number}') a:text-is('103')");
        await page.WaitForSelectorAsync("[data-testid=take]", new PageWaitForSelectorOptions { State = WaitForSelectorState.Detached });       // there is none left

        await page.ClickAsync($"tr:has-text('{Number}') button.mud-button-text-error");
        await visit.FillAsync("#confirm-word", Number);
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForSelectorAsync("[data-testid=take]");
        foreach (string left in new[] { "platform/numbers/+4930222001", "platform/numbers/+4930222002", "platform/trunks/numbers" })
            await portal.Product.Api.DeleteAsync(left, Cancel);
        Assert.Empty(visit.Faults);
    }

    [Fact]
    public async Task A_recorded_call_is_drawn_played_and_deleted_by_its_callers_number()
    {
        await portal.Product.Api.PutAsync("tenants/acme/extensions/103", """{"number":"103","displayName":"Recorded","recording":"always"}""", Cancel);
        await using Baresip caller = await Baresip.StartAsync(portal.Account("103", SipTransport.Udp), cancel: Cancel), callee = await Baresip.StartAsync(portal.Account("104", SipTransport.Udp), cancel: Cancel);
        await caller.RegisteredAsync(Cancel);
        await callee.RegisteredAsync(Cancel);
        IRealCall there = await ((IRealPhone)caller).DialAsync("104", Cancel), here = await callee.IncomingAsync(Cancel);
        await here.AnswerAsync(Cancel);
        await there.AnsweredAsync(Cancel);
        await here.HearAsync(TimeSpan.FromSeconds(1.5), Cancel);
        await there.HangUpAsync(Cancel);
        string id = await RecordedAsync();

        await using Visit visit = await portal.VisitAsync();
        IPage page = visit.Page;
        await visit.SignInAsync();
        await visit.GoAsync("t/acme/recordings");
        ILocator card = page.Locator("[data-testid=recording]", new PageLocatorOptions { HasText = "103 → 104" }).First;
        await card.Locator("button:has-text('Play')").ClickAsync();
        await page.WaitForFunctionAsync("() => document.querySelector('audio')?.duration > 1");
        // Something is drawn: not all of the picture is empty.
        await page.WaitForFunctionAsync("() => { const c = document.querySelector('.cp-wave canvas'); return c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(x => x > 0); }");
        await page.EvaluateAsync("() => { const a = document.querySelector('audio'); a.muted = true; return a.play(); }");
        await page.WaitForFunctionAsync("() => document.querySelector('audio').currentTime > 0.3");
        Assert.Empty(await visit.BlurredAsync());
        await card.Locator("[data-testid=link]").ClickAsync();
        string link = await card.Locator("[data-field=recording-link]").InnerTextAsync();
        await using (Visit stranger = await portal.VisitAsync())
        {
            IAPIResponse heard = await stranger.Page.APIRequest.GetAsync(link);              // without cookie and token
            Assert.Equal((200, "audio/wav"), (heard.Status, heard.Headers["content-type"]));
        }
        Assert.Empty(await visit.AxeAsync());
        await card.Locator("[aria-label='Delete']").ClickAsync();
        await visit.FillAsync("#confirm-word", "103");
        await page.ClickAsync(Delete);
        await page.WaitForFunctionAsync("() => !document.querySelector('audio')");
        Assert.Equal(404, (await portal.Product.Api.PageAsync($"tenants/acme/recordings/{id}", Cancel)).Status);
        Assert.Empty(visit.Faults);
    }

    /// <summary>Waits until the recording, which is put away after the call, is there.</summary>
    private async Task<string> RecordedAsync()
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(Visit.Patience);
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(200));
        while (true)
        {
            foreach (JsonElement recording in (await portal.Product.Api.GetAsync("tenants/acme/recordings", patience.Token)).GetProperty("items").EnumerateArray())
                if (recording.GetProperty("from").GetString() == "103")
                    return recording.GetProperty("id").GetString()!;
            await timer.WaitForNextTickAsync(patience.Token);
        }
    }
}
