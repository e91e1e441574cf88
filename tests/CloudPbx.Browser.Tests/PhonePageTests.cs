using CloudPbx.Browser.Tests.Phones;
using CloudPbx.Sip.Transport;
using CloudPbx.TestKit.Phones;
using Microsoft.Playwright;

namespace CloudPbx.Browser.Tests;

/// <summary>The portal's own phone, used as a person does, with a phone of others at the other end and the tones measured at both.</summary>
[Collection(PortalFixture.OneAfterTheOther)]
public sealed class PhonePageTests(PortalFixture portal)
{
    private const int BrowserTone = 703, PhoneTone = 527;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Somebody_switches_the_phone_on_calls_is_called_and_signs_out()
    {
        await using IBrowser browser = await portal.LaunchAsync(WebPhone.Microphone(portal.Product.DataFolder, BrowserTone));
        await using Visit visit = await portal.VisitAsync(browser: browser);
        IPage page = visit.Page;
        await page.Context.AddInitScriptAsync(WebPhone.Ears);
        // The tone is what echo and noise suppression are there to take out.
        await page.Context.AddInitScriptAsync("localStorage.setItem('cloudpbx-clear-voice', 'off')");
        await visit.SignInAsync();
        await visit.GoAsync("t/acme/phone");
        await visit.FillAsync("#own", "103");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForSelectorAsync("[data-testid=phone-state]:has-text('Ready')");

        // Called by the keyboard alone.
        PhoneAccount account = portal.Account("104", SipTransport.Tls, PhoneEncryption.Required) with { ToneHertz = PhoneTone };
        await using Baresip phone = await Baresip.StartAsync(account, cancel: Cancel);
        await phone.RegisteredAsync(Cancel);
        await page.FocusAsync("#dial");
        await page.Keyboard.TypeAsync("104");
        await page.Keyboard.PressAsync("Enter");
        IRealCall atPhone = await phone.IncomingAsync(Cancel);
        await page.WaitForSelectorAsync("[data-phase=ringing]");
        await atPhone.AnswerAsync(Cancel);
        await page.WaitForSelectorAsync("[data-phase=talking]");
        await HearEachOtherAsync(page, atPhone);
        await page.WaitForFunctionAsync("() => /^0:0[1-9]/.test(document.querySelector('[role=timer]').innerText)");
        Assert.Empty(await visit.AxeAsync());
        await page.ClickAsync(".cp-keys button:has-text('Keys')");
        int mark = phone.Events.Count;
        await page.ClickAsync(".cp-talk .cp-pad button:nth-child(5)");
        Assert.NotNull(await phone.Events.WaitAsync(e => e.Type == "CALL_DTMF_START" && e.Parameter == "5", mark, TimeSpan.FromSeconds(10), Cancel));
        await page.ClickAsync(".cp-keys button:has-text('Hold')");
        await page.WaitForSelectorAsync(".cp-keys button[aria-pressed=true]:has-text('Hold')");
        Assert.True(await phone.Recording.QuietAsync(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(15), Cancel), phone.Logs());
        await page.ClickAsync(".cp-keys button:has-text('Hold')");
        await page.WaitForSelectorAsync(".cp-keys button[aria-pressed=false]:has-text('Hold')");
        await HearEachOtherAsync(page, atPhone);
        await page.ClickAsync(".cp-talk > .cp-call.end");
        await atPhone.EndedAsync(Cancel);

        // The page is loaded again: the phone comes back by itself, and rings on another page.
        await visit.GoAsync("t/acme/settings");
        await page.WaitForFunctionAsync("() => window.cloudpbx.phone?.state.registration === 'registered'");
        BaresipCall back = (BaresipCall)await phone.DialAsync("103", Cancel);
        await page.WaitForSelectorAsync("[data-testid=phone-bar] [data-phase=incoming]");
        await back.RingingAsync(Cancel);
        Assert.Empty(await visit.AxeAsync());
        await page.ClickAsync("[data-testid=phone-bar] .cp-call.go");
        await back.AnsweredAsync(Cancel);
        await HearEachOtherAsync(page, back);
        await page.ClickAsync("[data-testid=phone-bar] a");                    // to its page, without a new load: the call goes on
        await page.WaitForSelectorAsync(".cp-page [data-phase=talking]");
        await HearEachOtherAsync(page, back);
        await back.HangUpAsync(Cancel);
        await page.WaitForSelectorAsync("[data-phase=ended]");

        await page.ClickAsync("form[action='/signout'] button");
        await visit.ArrivedAsync("/account/signin");
        Assert.DoesNotContain("Browser", (await portal.Product.Api.GetAsync("tenants/acme/devices?extension=103", Cancel)).ToString(), StringComparison.Ordinal);
        Assert.Empty(visit.Faults);
    }

    [Fact]
    public async Task A_microphone_that_is_refused_is_explained()
    {
        await using IBrowser browser = await portal.LaunchAsync(["--no-sandbox", "--use-fake-device-for-media-stream"]);
        await using Visit visit = await portal.VisitAsync("zh-CN", browser: browser);
        await visit.Page.Context.AddInitScriptAsync("navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'))");
        await visit.SignInAsync();
        await visit.GoAsync("t/acme/phone?extension=105");
        await visit.Page.ClickAsync("[data-testid=phone-off] button[type=submit]");
        await visit.Page.WaitForSelectorAsync("[data-testid=phone-state]:has-text('就绪')");
        await visit.FillAsync("#dial", "*43");
        await visit.Page.Keyboard.PressAsync("Enter");
        await visit.Page.WaitForSelectorAsync("[data-testid=phone-microphone]:has-text('允许使用麦克风')");
        Assert.Contains("没有麦克风无法通话", await visit.Page.InnerTextAsync("[data-testid=phone-call]"), StringComparison.Ordinal);
        await visit.Page.ClickAsync(".cp-head button");
        await visit.Page.WaitForSelectorAsync("[data-testid=phone-off]");
    }

    [Theory]
    [InlineData("en-GB", ColorScheme.Light, 1280, 860)]
    [InlineData("zh-CN", ColorScheme.Dark, 390, 844)]
    public async Task The_phone_fits_its_window_and_gives_axe_nothing_to_find(string locale, ColorScheme scheme, int width, int height)
    {
        await using IBrowser browser = await portal.LaunchAsync(WebPhone.Microphone(portal.Product.DataFolder, BrowserTone));
        await using Visit visit = await portal.VisitAsync(locale, scheme, width, height, browser);
        await visit.SignInAsync();
        List<string> findings = [];
        await visit.GoAsync("t/acme/phone?extension=102");
        await LookAsync("off");
        await visit.Page.ClickAsync("[data-testid=phone-off] button[type=submit]");
        await visit.Page.WaitForSelectorAsync("[data-testid=phone-state] .cp-dot.idle");
        await LookAsync("ready");
        await visit.FillAsync("#dial", "*43");
        await visit.Page.Keyboard.PressAsync("Enter");
        await visit.Page.WaitForSelectorAsync("[data-phase=talking]");
        await visit.Page.ClickAsync(".cp-keys button:nth-child(3)");
        await visit.Page.ClickAsync(".cp-keys button:nth-child(4)");
        await visit.Page.WaitForSelectorAsync("#transfer");
        await LookAsync("talking");
        await visit.Page.ClickAsync(".cp-talk > .cp-call.end");
        await visit.Page.ClickAsync(".cp-head button");
        Assert.True(findings.Count == 0, string.Join(Environment.NewLine, findings));

        async Task LookAsync(string what)
        {
            if (Environment.GetEnvironmentVariable("PBX_SCREENSHOTS") is { Length: > 0 } folder)
                await visit.Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, $"browser-phone-{what}-{width}.png") });
            findings.AddRange((await visit.AxeAsync()).Select(finding => $"{what}: {finding}"));
            if (await visit.OverflowsAsync()) findings.Add($"{what}: is wider than {width} px");
        }
    }

    private static async Task HearEachOtherAsync(IPage page, IRealCall phone)
    {
        Task<Heard> atPhone = phone.HearAsync(TimeSpan.FromSeconds(1), Cancel);
        string failure = await page.EvaluateAsync<string>("hertz => ears.wait(hertz, 20000)", PhoneTone);
        Assert.True(failure.Length == 0, $"the page does not hear {PhoneTone} Hz but {failure}");
        Heard heard = await atPhone;
        Assert.InRange(heard.Hertz, BrowserTone - 5, BrowserTone + 5);
    }
}
