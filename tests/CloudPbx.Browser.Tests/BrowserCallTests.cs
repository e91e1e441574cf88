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

    private static async Task HearEachOtherAsync(WebPhone browser, IRealCall phone)
    {
        Task<Heard> atPhone = phone.HearAsync(TimeSpan.FromSeconds(1), Cancel);
        await browser.HearsAsync(PhoneTone);
        Heard heard = await atPhone;
        Assert.InRange(heard.Hertz, BrowserTone - 5, BrowserTone + 5);
        Assert.True(heard.Purity > 0.9, $"the browser's tone is not clean: {heard}");
    }

    private Task<WebPhone> BrowserAsync(string extension) => WebPhone.StartAsync(portal, portal.Account(extension), BrowserTone);

    private async Task<Baresip> PhoneAsync(string extension, SipTransport transport, PhoneEncryption encryption, string? codec = null)
    {
        PhoneAccount account = portal.Account(extension, transport, encryption) with { ToneHertz = PhoneTone, Codecs = codec is null ? [] : [codec] };
        Baresip phone = await Baresip.StartAsync(account, cancel: Cancel);
        await phone.RegisteredAsync(Cancel);
        return phone;
    }
}
