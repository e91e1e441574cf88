using CloudPbx.Sip.Transport;
using CloudPbx.TestKit.Phones;
using Microsoft.Playwright;

namespace CloudPbx.Browser.Tests;

/// <summary>Conference rooms, own domains and many extensions at once, as an administrator meets them.</summary>
[Collection(PortalFixture.OneAfterTheOther)]
public sealed class TenantPagesTests(PortalFixture portal)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_room_is_made_somebody_is_seen_in_it_and_it_is_deleted()
    {
        await using Visit visit = await portal.VisitAsync();
        IPage page = visit.Page;
        await visit.SignInAsync();
        await visit.GoAsync("t/acme/conferences");
        await page.ClickAsync(".cp-head button");
        await visit.FillAsync("#room-number", "640");
        await visit.FillAsync("#room-name", "Monday");
        await page.ClickAsync(".mud-dialog-actions button.mud-button-filled");
        await visit.ExpectAsync("[data-testid=conferences]", "Monday");
        await using Baresip phone = await Baresip.StartAsync(portal.Account("105", SipTransport.Udp), cancel: Cancel);
        await phone.RegisteredAsync(Cancel);
        IRealCall call = await ((IRealPhone)phone).DialAsync("640", Cancel);
        await call.AnsweredAsync(Cancel);
        await page.WaitForSelectorAsync("[data-testid=inside] strong:text-is('1')");       // pushed, not polled
        await call.HangUpAsync(Cancel);
        await visit.ExpectAsync("[data-testid=inside]", "Nobody");
        await page.ClickAsync("[data-testid=conferences] button:has-text('Delete')");
        await visit.FillAsync("#confirm-word", "640");
        await page.ClickAsync(".mud-dialog-actions button.mud-button-filled-error");
        await page.WaitForSelectorAsync("text=No conference room yet");
        Assert.Empty(visit.Faults);
    }

    [Fact]
    public async Task A_domain_shows_its_records_and_what_DNS_says()
    {
        await using Visit visit = await portal.VisitAsync();
        IPage page = visit.Page;
        await visit.SignInAsync();
        await visit.GoAsync("t/acme/domains");
        await visit.FillAsync("#domain", "pbx.acme.invalid");
        await page.ClickAsync("form button:has-text('Add domain')");
        await page.WaitForSelectorAsync("[data-testid=dns-record]");
        await page.ClickAsync("[data-testid=check]");
        await page.WaitForSelectorAsync("[data-testid=domain-result]");
        Assert.Empty(await visit.AxeAsync());
        await page.ClickAsync("section[aria-label='pbx.acme.invalid'] button:has-text('Remove')");
        await visit.FillAsync("#confirm-word", "pbx.acme.invalid");
        await page.ClickAsync(".mud-dialog-actions button.mud-button-filled-error");
        await page.WaitForSelectorAsync("section[aria-label='pbx.acme.invalid']", new PageWaitForSelectorOptions { State = WaitForSelectorState.Detached });
        Assert.Empty(visit.Faults);
    }

    [Fact]
    public async Task A_file_of_extensions_is_looked_at_and_then_done()
    {
        await using Visit visit = await portal.VisitAsync();
        IPage page = visit.Page;
        await visit.SignInAsync();
        await visit.GoAsync("t/acme/extensions-bulk");
        await page.SetInputFilesAsync("#bulk-input", new FilePayload { Name = "people.csv", MimeType = "text/csv", Buffer = "number,displayName\n281,Ann Bulk\n28x,Wrong\n"u8.ToArray() });
        await visit.ExpectAsync("[data-testid=bulk-report]", "1 new, 0 changed, 0 as they were, 1 refused");
        Assert.Empty(await visit.AxeAsync());
        await page.ClickAsync("[data-testid=bulk-apply]");
        await page.WaitForSelectorAsync("[data-testid=bulk-secrets]");
        IDownload download = await page.RunAndWaitForDownloadAsync(() => page.ClickAsync("[data-testid=bulk-secrets]"));
        Assert.Contains("281,phone,281,", await File.ReadAllTextAsync(await download.PathAsync(), Cancel), StringComparison.Ordinal);
        await visit.GoAsync("t/acme/extensions");
        await visit.FillAsync("#extension-search", "bulk");
        await visit.ExpectAsync(".cp-table tbody", "Ann Bulk");
        await portal.Product.Api.DeleteAsync("tenants/acme/extensions/281", Cancel);
        Assert.Empty(visit.Faults);
    }
}
