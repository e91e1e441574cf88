using CloudPbx.Sip.Transport;
using CloudPbx.TestKit.Phones;

namespace CloudPbx.Scenarios.RealPhones;

/// <summary>Video between phones that somebody else wrote: VP8 by RTP, each side encrypted as it wants.</summary>
[Collection(RealPhonesGroup.Name)]
public sealed class VideoScenarios(ProductFixture fixture)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(SipTransport.Tcp, PhoneEncryption.Never)]
    [InlineData(SipTransport.Tls, PhoneEncryption.Required)]
    public async Task Two_phones_see_and_hear_each_other(SipTransport transport, PhoneEncryption encryption)
    {
        await using Baresip alice = await StartAsync("100", SipTransport.Tcp, PhoneEncryption.Never, 440, hasVideo: true);
        await using Baresip bob = await StartAsync("101", transport, encryption, 620, hasVideo: true);
        IRealCall atAlice = await alice.DialAsync("101", Cancel);
        IRealCall atBob = await bob.IncomingAsync(Cancel);
        await atBob.AnswerAsync(Cancel);
        await atAlice.AnsweredAsync(Cancel);
        await Talk.HearEachOtherAsync(atAlice, 440, atBob, 620, Cancel);
        await alice.SeesAsync(Cancel);
        await bob.SeesAsync(Cancel);
        await atBob.HangUpAsync(Cancel);
        await atAlice.EndedAsync(Cancel);
    }

    [Fact]
    public async Task A_phone_without_a_screen_is_talked_with_all_the_same()
    {
        await using Baresip alice = await StartAsync("100", SipTransport.Tcp, PhoneEncryption.Never, 440, hasVideo: true);
        await using Baresip bob = await StartAsync("101", SipTransport.Udp, PhoneEncryption.Never, 620, hasVideo: false);
        IRealCall atAlice = await alice.DialAsync("101", Cancel);
        IRealCall atBob = await bob.IncomingAsync(Cancel);
        await atBob.AnswerAsync(Cancel);
        await atAlice.AnsweredAsync(Cancel);
        await Talk.HearEachOtherAsync(atAlice, 440, atBob, 620, Cancel);
        await atAlice.HangUpAsync(Cancel);
        await atBob.EndedAsync(Cancel);
    }

    private async Task<Baresip> StartAsync(string user, SipTransport transport, PhoneEncryption encryption, int hertz, bool hasVideo)
    {
        Baresip phone = await Baresip.StartAsync(fixture.Phones.Account(user, transport, encryption) with { ToneHertz = hertz, HasVideo = hasVideo }, cancel: Cancel);
        await phone.RegisteredAsync(Cancel);
        return phone;
    }
}
