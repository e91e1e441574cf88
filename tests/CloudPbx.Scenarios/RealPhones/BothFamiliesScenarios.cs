using CloudPbx.Sip.Transport;
using CloudPbx.TestKit.Phones;

namespace CloudPbx.Scenarios.RealPhones;

/// <summary>A phone that has IPv6 alone and one that has IPv4 alone, on a product that was told nothing of either (RFC 6157: who is between them has both).</summary>
[Collection(RealPhonesGroup.Name)]
public sealed class BothFamiliesScenarios(ProductFixture fixture)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("::1", SipTransport.Udp, PhoneEncryption.Never, "127.0.0.1", SipTransport.Udp, PhoneEncryption.Never, "PCMA", "PCMA")]
    [InlineData("127.0.0.1", SipTransport.Tcp, PhoneEncryption.Never, "::1", SipTransport.Tls, PhoneEncryption.Required, "opus", "PCMU")]     // encrypted on one side, transcoded
    public async Task They_talk_hold_and_go_on(
        string serverA, SipTransport transportA, PhoneEncryption encryptionA, string serverB, SipTransport transportB, PhoneEncryption encryptionB, string codecA, string codecB)
    {
        await using Baresip alice = await StartAsync("100", serverA, transportA, encryptionA, 440, codecA);
        await using Baresip bob = await StartAsync("101", serverB, transportB, encryptionB, 620, codecB);
        BaresipCall atAlice = (BaresipCall)await alice.DialAsync("101", Cancel);
        IRealCall atBob = await bob.IncomingAsync(Cancel);
        await atBob.AnswerAsync(Cancel);
        await atAlice.AnsweredAsync(Cancel);
        await Talk.HearEachOtherAsync(atAlice, 440, atBob, 620, Cancel);
        await atAlice.HoldAsync(Cancel);
        Assert.True(await bob.Recording.QuietAsync(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10), Cancel), alice.Logs());
        await atAlice.ResumeAsync(Cancel);
        await Talk.HearsAsync(atBob, 440, Cancel);
        await atAlice.HangUpAsync(Cancel);
        await atBob.EndedAsync(Cancel);
    }

    private async Task<Baresip> StartAsync(string extension, string server, SipTransport transport, PhoneEncryption encryption, int tone, string codec)
    {
        Baresip phone = await Baresip.StartAsync(fixture.Phones.Account(extension, transport, encryption) with { Server = server, ToneHertz = tone, Codecs = [codec] }, cancel: Cancel);
        await phone.RegisteredAsync(Cancel);
        return phone;
    }
}
