using CloudPbx.Browser.Tests.Phones;
using CloudPbx.Sip.Transport;
using CloudPbx.TestKit.Phones;

namespace CloudPbx.Browser.Tests;

/// <summary>The phone in a real browser and a phone of others: SIP over WebSocket on one side, DTLS-SRTP and ICE on the browser's, whatever the other has on the other's.</summary>
[Collection(PortalFixture.OneAfterTheOther)]
public sealed class BrowserCallTests(PortalFixture portal)
{
    private const int BrowserTone = 703, PhoneTone = 527, SecondTone = 620;

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
    public async Task A_phone_with_a_camera_is_talked_with_and_its_picture_is_refused()        // RFC 3264 §6: a stream that is not wanted has port zero in the answer
    {
        await using WebPhone browser = await BrowserAsync("100");
        await using Baresip phone = await PhoneAsync("101", SipTransport.Tcp, PhoneEncryption.Never, hasVideo: true);
        BaresipCall atPhone = (BaresipCall)await phone.DialAsync("100", Cancel);
        await browser.PhaseAsync("incoming");
        await browser.DoAsync("answer()");
        await atPhone.AnsweredAsync(Cancel);
        await browser.PhaseAsync("talking");
        await HearEachOtherAsync(browser, atPhone);
        string said = await browser.Tab.EvaluateAsync<string>("() => ears.connections.at(-1).localDescription.sdp");
        Assert.Matches("(?m)^m=video 0 ", said);
        Assert.Matches("(?m)^m=audio [1-9]", said);
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
    public async Task A_browser_and_phones_of_other_codecs_hear_each_other_in_a_room_and_not_themselves()
    {
        const double Heard = -15, Silent = -25;                                // dBm0: each tone is -6; what a busy machine's browser leaves out spreads to -30 around it
        TimeSpan word = TimeSpan.FromSeconds(2);
        await portal.Product.Api.PostAsync("tenants/acme/conferences", """{"number":"852"}""", Cancel);
        try
        {
            await using WebPhone browser = await BrowserAsync("100");
            await using Baresip first = await PhoneAsync("101", SipTransport.Udp, PhoneEncryption.Never, "PCMA");
            await using Baresip second = await PhoneAsync("102", SipTransport.Tls, PhoneEncryption.Required, "G722", SecondTone);
            IRealCall atFirst = await first.DialAsync("852", Cancel);
            await atFirst.AnsweredAsync(Cancel);
            await browser.DialAsync("852");
            await browser.PhaseAsync("talking");
            await browser.HearsAsync(PhoneTone);
            IRealCall atSecond = await second.DialAsync("852", Cancel);
            await atSecond.AnsweredAsync(Cancel);
            foreach ((Baresip hearer, int own, int other) in new[] { (first, PhoneTone, SecondTone), (second, SecondTone, PhoneTone) })
            {
                Assert.True(await hearer.Recording.HearsAsync(BrowserTone, Heard, word, Cancel), $"{own} Hz does not hear the browser");
                Assert.True(await hearer.Recording.HearsAsync(other, Heard, word, Cancel), $"{own} Hz does not hear {other} Hz");
                Assert.True(await hearer.Recording.MissesAsync(own, Silent, word, Cancel), $"{own} Hz hears itself");         // once the tone of who came in is over
            }
            await atFirst.HangUpAsync(Cancel);
            await browser.HearsAsync(SecondTone);
            await browser.DoAsync("hangUp()");
            await browser.PhaseAsync("ended");
            await atSecond.HangUpAsync(Cancel);
        }
        finally
        {
            await portal.Product.Api.DeleteAsync("tenants/acme/conferences/852", Cancel);
        }
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
    [InlineData("777", "unknown")]       // no such number
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
    public async Task A_second_caller_waits_is_answered_while_the_first_is_held_and_the_calls_are_swapped()          // RFC 3264 §8.4
    {
        await using WebPhone browser = await BrowserAsync("100");
        await using Baresip first = await PhoneAsync("101", SipTransport.Udp, PhoneEncryption.Never);
        await using Baresip second = await PhoneAsync("102", SipTransport.Tls, PhoneEncryption.Required, tone: SecondTone);
        IRealCall atFirst = await TalkAsync(browser, first);
        BaresipCall atSecond = (BaresipCall)await second.DialAsync("100", Cancel);
        await browser.WaitAsync("s => s.other?.phase === 'incoming' && s.call.phase === 'talking'");
        await atSecond.RingingAsync(Cancel);
        await HearEachOtherAsync(browser, atFirst);                            // who waits disturbs nobody
        await browser.DoAsync("answer()");
        await atSecond.AnsweredAsync(Cancel);
        await browser.WaitAsync("s => s.call?.phase === 'talking' && s.call.number === '102' && s.other?.held");
        await HearAsync(browser, atSecond, SecondTone);
        Assert.True(await first.Recording.QuietAsync(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(15), Cancel), first.Logs());
        await browser.DoAsync("swap()");
        await browser.WaitAsync("s => s.call?.number === '101' && !s.call.held && !s.call.changing && s.other?.held && !s.other.changing");
        await HearAsync(browser, atFirst, PhoneTone);
        Assert.True(await second.Recording.QuietAsync(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(15), Cancel), second.Logs());
        await browser.DoAsync("hangUp()");
        await atFirst.EndedAsync(Cancel);
        await browser.WaitAsync("s => s.call?.number === '102' && s.call.held && s.other === null");
        await browser.DoAsync("setHeld(false)");
        await HearAsync(browser, atSecond, SecondTone);
        await browser.DoAsync("hangUp()");
        await atSecond.EndedAsync(Cancel);
    }

    [Fact]
    public async Task A_second_caller_is_refused_and_a_third_hears_that_it_is_busy()
    {
        await using WebPhone browser = await BrowserAsync("100");
        await using Baresip first = await PhoneAsync("101", SipTransport.Udp, PhoneEncryption.Never);
        await using Baresip second = await PhoneAsync("102", SipTransport.Tcp, PhoneEncryption.Never);
        await using Baresip third = await PhoneAsync("104", SipTransport.Tcp, PhoneEncryption.Never);
        IRealCall atFirst = await TalkAsync(browser, first);
        BaresipCall atSecond = (BaresipCall)await second.DialAsync("100", Cancel);
        await browser.WaitAsync("s => s.other?.phase === 'incoming'");
        BaresipCall atThird = (BaresipCall)await third.DialAsync("100", Cancel);
        Assert.Contains("486", await atThird.EndedAsync(Cancel), StringComparison.Ordinal);
        await browser.DoAsync("decline()");
        Assert.Contains("486", await atSecond.EndedAsync(Cancel), StringComparison.Ordinal);
        await HearEachOtherAsync(browser, atFirst);
        await browser.DoAsync("hangUp()");
        await atFirst.EndedAsync(Cancel);
    }

    [Theory]
    [InlineData(true, PhoneEncryption.Never)]
    [InlineData(false, PhoneEncryption.Never)]
    [InlineData(true, PhoneEncryption.Required)]
    public async Task The_browser_asks_somebody_and_connects_them_with_the_other_party(bool calls, PhoneEncryption encryption)                     // RFC 5589 §7, RFC 3891
    {
        await using WebPhone browser = await BrowserAsync("100");
        await using Baresip phone = await PhoneAsync("101", SipTransport.Udp, PhoneEncryption.Never);
        await using Baresip third = await PhoneAsync("102", SipTransport.Tls, encryption, tone: SecondTone);
        IRealCall atPhone = await TalkAsync(browser, phone);
        IRealCall atThird;
        if (calls)
        {
            await browser.DoAsync("consult('102')");
            atThird = await third.IncomingAsync(Cancel);
            await atThird.AnswerAsync(Cancel);
        }
        else
        {
            atThird = await third.DialAsync("100", Cancel);
            await browser.WaitAsync("s => s.other?.phase === 'incoming'");
            await browser.DoAsync("answer()");
        }
        await browser.WaitAsync("s => s.call?.phase === 'talking' && s.call.number === '102' && s.other?.held");
        await HearAsync(browser, atThird, SecondTone);
        await browser.DoAsync("connect()");
        await browser.WaitAsync("s => (s.call === null || s.call.phase === 'ended') && s.other === null");
        Assert.InRange((await atPhone.HearAsync(TimeSpan.FromSeconds(1), Cancel)).Hertz, SecondTone - 5, SecondTone + 5);
        Assert.InRange((await atThird.HearAsync(TimeSpan.FromSeconds(1), Cancel)).Hertz, PhoneTone - 5, PhoneTone + 5);
        await atThird.HangUpAsync(Cancel);
        await atPhone.EndedAsync(Cancel);
    }

    [Fact]
    public async Task Who_is_asked_and_does_not_want_leaves_the_held_call_as_it_was()
    {
        await using WebPhone browser = await BrowserAsync("100");
        await using Baresip phone = await PhoneAsync("101", SipTransport.Udp, PhoneEncryption.Never);
        IRealCall atPhone = await TalkAsync(browser, phone);
        await browser.DoAsync("consult('105')");                               // no phone registered
        await browser.WaitAsync("s => s.call?.number === '101' && s.call.held && s.last?.reason === 'absent'");
        await browser.DoAsync("setHeld(false)");
        await HearEachOtherAsync(browser, atPhone);
        await browser.DoAsync("hangUp()");
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

    private static Task HearEachOtherAsync(WebPhone browser, IRealCall phone) => HearAsync(browser, phone, PhoneTone);

    private static async Task HearAsync(WebPhone browser, IRealCall phone, int tone)
    {
        Task<Heard> atPhone = phone.HearAsync(TimeSpan.FromSeconds(1), Cancel);
        await browser.HearsAsync(tone);
        Heard heard = await atPhone;
        Assert.InRange(heard.Hertz, BrowserTone - 5, BrowserTone + 5);
        Assert.True(heard.Purity > 0.9, $"the browser's tone is not clean: {heard}");
    }

    private Task<WebPhone> BrowserAsync(string extension) => WebPhone.StartAsync(portal, portal.Account(extension), BrowserTone);

    private async Task<Baresip> PhoneAsync(string extension, SipTransport transport, PhoneEncryption encryption, string? codec = null, int tone = PhoneTone, bool hasVideo = false)
    {
        PhoneAccount account = portal.Account(extension, transport, encryption) with { ToneHertz = tone, Codecs = codec is null ? [] : [codec], HasVideo = hasVideo };
        Baresip phone = await Baresip.StartAsync(account, cancel: Cancel);
        await phone.RegisteredAsync(Cancel);
        return phone;
    }
}
