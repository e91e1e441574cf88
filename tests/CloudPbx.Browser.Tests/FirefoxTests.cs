using CloudPbx.Browser.Tests.Phones;
using CloudPbx.Sip.Transport;
using CloudPbx.TestKit.Phones;

namespace CloudPbx.Browser.Tests;

/// <summary>The phone in Firefox: another engine's WebRTC, another engine's pages.</summary>
[Collection(PortalFixture.OneAfterTheOther)]
public sealed class FirefoxTests(PortalFixture portal)
{
    private const int BrowserTone = 703, PhoneTone = 527;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Somebody_signs_in_calls_the_echo_test_and_is_called()
    {
        Assert.SkipUnless(File.Exists(Firefox.Path), "firefox-esr is not installed: ./pbx test installs it when it runs as root");
        // The tone is what echo and noise suppression are there to take out.
        await using Firefox browser = await Firefox.StartAsync(BrowserTone, $"() => {{ if (location.protocol === 'https:') localStorage.setItem('cloudpbx-clear-voice', 'off'); {WebPhone.Ears} }}", Cancel);
        await browser.GoAsync(portal.Address + "/", Cancel);
        await browser.TypeAsync("#name", "operator", Cancel);
        await browser.TypeAsync("#password", Visit.Password + Firefox.Enter, Cancel);
        await browser.WaitAsync("document.querySelector('.cp-shell h1') && !document.querySelector('[aria-busy=true]')", Cancel);
        await browser.GoAsync($"{portal.Address}/t/acme/phone", Cancel);
        await browser.TypeAsync("#own", "103" + Firefox.Enter, Cancel);
        await browser.WaitAsync("document.querySelector('[data-testid=phone-state]')?.innerText.includes('Ready')", Cancel);

        await browser.TypeAsync("#dial", "*43" + Firefox.Enter, Cancel);
        await browser.WaitAsync("document.querySelector('[data-phase=talking]')", Cancel);
        await HearsAsync(browser, BrowserTone);                                // its own voice, by way of the product
        await browser.ClickAsync(".cp-talk > .cp-call.end", Cancel);
        await browser.WaitAsync("document.querySelector('[data-phase=ended]')", Cancel);

        PhoneAccount account = portal.Account("104", SipTransport.Tls, PhoneEncryption.Required) with { ToneHertz = PhoneTone };
        await using Baresip phone = await Baresip.StartAsync(account, cancel: Cancel);
        await phone.RegisteredAsync(Cancel);
        BaresipCall atPhone = (BaresipCall)await phone.DialAsync("103", Cancel);
        await browser.WaitAsync("document.querySelector('[data-phase=incoming]')", Cancel);
        await browser.ClickAsync(".cp-call.go", Cancel);
        await atPhone.AnsweredAsync(Cancel);
        Task<Heard> heard = atPhone.HearAsync(TimeSpan.FromSeconds(1), Cancel);
        await HearsAsync(browser, PhoneTone);
        Assert.InRange((await heard).Hertz, BrowserTone - 5, BrowserTone + 5);
        await browser.ClickAsync(".cp-keys button:nth-child(2)", Cancel);      // hold, and take back (RFC 3264 §8.4)
        Assert.True(await phone.Recording.QuietAsync(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(15), Cancel), phone.Logs());
        await browser.ClickAsync(".cp-keys button:nth-child(2)", Cancel);
        await HearsAsync(browser, PhoneTone);
        await atPhone.HangUpAsync(Cancel);
        await browser.WaitAsync("document.querySelector('[data-phase=ended]')", Cancel);

        await browser.ClickAsync("form[action=\"/signout\"] button", Cancel);
        await browser.WaitAsync("location.pathname.startsWith('/account/signin')", Cancel);
        Assert.Empty(browser.Faults);
    }

    private static async Task HearsAsync(Firefox browser, int hertz)
    {
        string failure = (await browser.EvaluateAsync($"ears.wait({hertz}, 20000)", Cancel)).GetString()!;
        Assert.True(failure.Length == 0, $"Firefox does not hear {hertz} Hz but {failure}");
    }
}
