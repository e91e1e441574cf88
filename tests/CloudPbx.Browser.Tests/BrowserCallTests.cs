using CloudPbx.Browser.Tests.Phones;
using CloudPbx.Sip.Transport;
using CloudPbx.TestKit.Phones;

namespace CloudPbx.Browser.Tests;

/// <summary>The phone in a real browser and a phone of others: SIP over WebSocket on one side, DTLS-SRTP and ICE on the browser's, whatever the other has on the other's.</summary>
public sealed class BrowserCallTests(PortalFixture portal)
{
    private const int BrowserTone = 703, PhoneTone = 527;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(SipTransport.Tls, PhoneEncryption.Required, "opus")]
    [InlineData(SipTransport.Udp, PhoneEncryption.Never, "PCMA")]
    public async Task The_browser_calls_a_phone_and_both_hear_each_other(SipTransport transport, PhoneEncryption encryption, string codec)
    {
        await using WebPhone browser = await BrowserAsync("100");
        await using Baresip phone = await PhoneAsync("101", transport, encryption, codec);
        await browser.DialAsync("101");
        IRealCall atPhone = await phone.IncomingAsync(Cancel);
        await browser.PhaseAsync("ringing");
        await atPhone.AnswerAsync(Cancel);
        await browser.PhaseAsync("talking");
        await HearEachOtherAsync(browser, atPhone);
        Assert.Equal(encryption != PhoneEncryption.Never, phone.MediaEncrypted);
        await atPhone.HangUpAsync(Cancel);
        await browser.PhaseAsync("ended");
    }

    [Theory]
    [InlineData(SipTransport.Tls, PhoneEncryption.Required, "G722")]
    [InlineData(SipTransport.Tcp, PhoneEncryption.Never, "PCMU")]
    public async Task A_phone_calls_the_browser_and_both_hear_each_other(SipTransport transport, PhoneEncryption encryption, string codec)
    {
        await using WebPhone browser = await BrowserAsync("100");
        await using Baresip phone = await PhoneAsync("101", transport, encryption, codec);
        BaresipCall atPhone = (BaresipCall)await phone.DialAsync("100", Cancel);
        await browser.PhaseAsync("incoming");
        await atPhone.RingingAsync(Cancel);
        await browser.DoAsync("answer()");
        await atPhone.AnsweredAsync(Cancel);
        await browser.PhaseAsync("talking");
        await HearEachOtherAsync(browser, atPhone);
        await browser.DoAsync("hangUp()");
        await atPhone.EndedAsync(Cancel);
    }

    [Fact]
    public async Task Digits_of_the_browser_arrive_at_the_phone()              // RFC 4733
    {
        await using WebPhone browser = await BrowserAsync("100");
        await using Baresip phone = await PhoneAsync("101", SipTransport.Udp, PhoneEncryption.Never);
        IRealCall atPhone = await TalkAsync(browser, phone);
        foreach (char digit in "7#")
        {
            int mark = phone.Events.Count;
            await browser.DoAsync($"press('{digit}')");
            Assert.NotNull(await phone.Events.WaitAsync(e => e.Type == "CALL_DTMF_START" && e.Parameter == $"{digit}", mark, TimeSpan.FromSeconds(10), Cancel));
            Assert.NotNull(await phone.Events.WaitAsync(e => e.Type == "CALL_DTMF_END", mark, TimeSpan.FromSeconds(10), Cancel));
        }
        await browser.DoAsync("hangUp()");
        await atPhone.EndedAsync(Cancel);
    }

    [Fact]
    public async Task Both_can_hold_the_call_and_take_it_back()                // RFC 3264 §8.4
    {
        await using WebPhone browser = await BrowserAsync("100");
        await using Baresip phone = await PhoneAsync("101", SipTransport.Tls, PhoneEncryption.Required);
        BaresipCall atPhone = (BaresipCall)await TalkAsync(browser, phone);
        await HearEachOtherAsync(browser, atPhone);
        await browser.DoAsync("setHeld(true)");
        await browser.WaitAsync("s => s.call.held && !s.call.changing");
        await browser.HearsAsync(0);
        Assert.True(await phone.Recording.QuietAsync(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(15), Cancel), phone.Logs());
        await browser.DoAsync("setHeld(false)");
        await browser.WaitAsync("s => !s.call.held && !s.call.changing");
        await HearEachOtherAsync(browser, atPhone);
        await atPhone.HoldAsync(Cancel);
        await browser.HearsAsync(0);
        await atPhone.ResumeAsync(Cancel);
        await browser.HearsAsync(PhoneTone);
        await atPhone.HangUpAsync(Cancel);
        await browser.PhaseAsync("ended");
    }

    [Fact]
    public async Task A_muted_browser_is_not_heard_and_hears()
    {
        await using WebPhone browser = await BrowserAsync("100");
        await using Baresip phone = await PhoneAsync("101", SipTransport.Udp, PhoneEncryption.Never, "PCMA");
        IRealCall atPhone = await TalkAsync(browser, phone);
        await HearEachOtherAsync(browser, atPhone);
        await browser.DoAsync("setMuted(true)");
        Assert.True(await phone.Recording.QuietAsync(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(15), Cancel), phone.Logs());
        await browser.HearsAsync(PhoneTone);
        await browser.DoAsync("setMuted(false)");
        await HearEachOtherAsync(browser, atPhone);
        await browser.DoAsync("hangUp()");
        await atPhone.EndedAsync(Cancel);
    }

    [Fact]
    public async Task A_page_that_is_closed_in_a_call_ends_it_at_once()
    {
        await using WebPhone browser = await BrowserAsync("100");
        await using Baresip phone = await PhoneAsync("101", SipTransport.Udp, PhoneEncryption.Never);
        IRealCall atPhone = await TalkAsync(browser, phone);
        await browser.Tab.CloseAsync();
        using CancellationTokenSource bound = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        bound.CancelAfter(TimeSpan.FromSeconds(10));
        await atPhone.EndedAsync(bound.Token);
    }

    [Fact]
    public async Task A_browser_that_is_killed_in_a_call_ends_it_when_its_consent_is_over()      // RFC 7675 §5.1: 30 seconds
    {
        await using WebPhone browser = await BrowserAsync("100");
        await using Baresip phone = await PhoneAsync("101", SipTransport.Udp, PhoneEncryption.Never);
        IRealCall atPhone = await TalkAsync(browser, phone);
        int mark = phone.Events.Count;
        browser.Kill();
        Assert.NotNull(await phone.Events.WaitAsync(e => e.Type == "CALL_CLOSED", mark, TimeSpan.FromSeconds(50), Cancel));
        Assert.NotEqual("", ((BaresipCall)atPhone).Peer);
    }

    [Fact]
    public async Task A_page_that_is_loaded_again_registers_again_and_is_called()
    {
        PhoneAccount account = portal.Account("100");
        await using WebPhone browser = await BrowserAsync("100");
        await using Baresip phone = await PhoneAsync("101", SipTransport.Tcp, PhoneEncryption.Never);
        await browser.Tab.ReloadAsync();
        await browser.SwitchOnAsync(portal, account);
        IRealCall atPhone = await phone.DialAsync("100", Cancel);
        await browser.PhaseAsync("incoming");
        await browser.DoAsync("answer()");
        await atPhone.AnsweredAsync(Cancel);
        await HearEachOtherAsync(browser, atPhone);
        await browser.DoAsync("hangUp()");
        await atPhone.EndedAsync(Cancel);
    }

    [Fact]
    public async Task The_caller_gives_up_and_the_browser_shows_a_missed_call()
    {
        await using WebPhone browser = await BrowserAsync("100");
        await using Baresip phone = await PhoneAsync("101", SipTransport.Udp, PhoneEncryption.Never);
        BaresipCall atPhone = (BaresipCall)await phone.DialAsync("100", Cancel);
        await browser.PhaseAsync("incoming");
        await atPhone.RingingAsync(Cancel);
        await atPhone.HangUpAsync(Cancel);
        await browser.WaitAsync("s => s.call?.phase === 'ended' && s.call.reason === 'missed'");
    }

    [Theory]
    [InlineData("999", "unknown")]       // no such number
    [InlineData("105", "absent")]        // no phone registered
    public async Task A_call_that_cannot_be_placed_says_why(string number, string reason)
    {
        await using WebPhone browser = await BrowserAsync("100");
        await browser.DialAsync(number);
        await browser.WaitAsync($"s => s.call?.phase === 'ended' && s.call.reason === '{reason}'");
    }

    [Fact]
    public async Task The_browser_sends_the_other_party_on_and_is_free()       // RFC 3515
    {
        await using WebPhone browser = await BrowserAsync("100");
        await using Baresip phone = await PhoneAsync("101", SipTransport.Udp, PhoneEncryption.Never);
        await using Baresip third = await PhoneAsync("102", SipTransport.Tls, PhoneEncryption.Required, tone: 620);
        IRealCall atPhone = await TalkAsync(browser, phone);
        await browser.DoAsync("transfer('102')");
        IRealCall atThird = await third.IncomingAsync(Cancel);
        await atThird.AnswerAsync(Cancel);
        await browser.PhaseAsync("ended");
        Heard heard = await atPhone.HearAsync(TimeSpan.FromSeconds(1), Cancel);
        Assert.InRange(heard.Hertz, 615, 625);
        await atThird.HangUpAsync(Cancel);
        await atPhone.EndedAsync(Cancel);
    }

    [Fact]
    public async Task Two_browsers_with_the_same_number_in_two_tenants_are_two_phones()
    {
        await using WebPhone ours = await BrowserAsync("100");
        await using WebPhone theirs = await WebPhone.StartAsync(portal, portal.Product.OtherAccount("100", SipTransport.Tls), BrowserTone);
        await using Baresip phone = await PhoneAsync("101", SipTransport.Tls, PhoneEncryption.Required);
        IRealCall atPhone = await phone.DialAsync("100", Cancel);
        await ours.PhaseAsync("incoming");
        await ours.DoAsync("answer()");
        await atPhone.AnsweredAsync(Cancel);
        await HearEachOtherAsync(ours, atPhone);
        Assert.Equal(System.Text.Json.JsonValueKind.Null, (await theirs.StateAsync()).GetProperty("call").ValueKind);
        await ours.DoAsync("hangUp()");
        await atPhone.EndedAsync(Cancel);
        await theirs.DialAsync("101");                                         // our phone of that number is registered, theirs is not
        await theirs.WaitAsync("s => s.call?.phase === 'ended' && s.call.reason === 'absent'");
    }

    private static async Task<IRealCall> TalkAsync(WebPhone browser, Baresip phone)
    {
        await browser.DialAsync("101");
        IRealCall atPhone = await phone.IncomingAsync(Cancel);
        await atPhone.AnswerAsync(Cancel);
        await browser.PhaseAsync("talking");
        await browser.HearsAsync(PhoneTone);
        return atPhone;
    }

    private static async Task HearEachOtherAsync(WebPhone browser, IRealCall phone)
    {
        Task<Heard> atPhone = phone.HearAsync(TimeSpan.FromSeconds(1), Cancel);
        await browser.HearsAsync(PhoneTone);
        Heard heard = await atPhone;
        Assert.InRange(heard.Hertz, BrowserTone - 5, BrowserTone + 5);
        Assert.True(heard.Purity > 0.9, $"the browser's tone is not clean: {heard}");
    }

    private Task<WebPhone> BrowserAsync(string extension) => WebPhone.StartAsync(portal, portal.Account(extension), BrowserTone);

    private async Task<Baresip> PhoneAsync(string extension, SipTransport transport, PhoneEncryption encryption, string? codec = null, int tone = PhoneTone)
    {
        PhoneAccount account = portal.Account(extension, transport, encryption) with { ToneHertz = tone, Codecs = codec is null ? [] : [codec] };
        Baresip phone = await Baresip.StartAsync(account, cancel: Cancel);
        await phone.RegisteredAsync(Cancel);
        return phone;
    }
}
