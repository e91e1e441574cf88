using CloudPbx.Sip.Transport;
using CloudPbx.TestKit;
using CloudPbx.TestKit.Namespaces;
using CloudPbx.TestKit.Phones;

namespace CloudPbx.Scenarios.RealPhones;

[Collection(RealPhonesGroup.Name)]
public sealed class NatScenarios
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Its Contact and its SDP name an address that nobody outside can reach; its router changes the ports too.</summary>
    [Theory]
    [InlineData(SipTransport.Udp, PhoneEncryption.Never)]
    [InlineData(SipTransport.Tls, PhoneEncryption.Required)]
    public async Task A_phone_behind_a_NAT_calls_and_is_called(SipTransport transport, PhoneEncryption encryption)
    {
        await using PhoneNetwork home = await PhoneNetwork.BehindNatAsync(Cancel);
        // The product looks at the machine's networks every half minute: it starts when this one is there.
        await using RunningProduct product = await RunningProduct.StartAsync([], Cancel);
        IPbxUnderTest pbx = product;
        PhoneAccount account = pbx.Account("102", transport, encryption) with { Server = home.PbxAddress.ToString(), ToneHertz = 440 };
        await using Baresip alice = await Baresip.StartAsync(account, home, Cancel);
        await using Baresip bob = await Baresip.StartAsync(pbx.Account("101", SipTransport.Tls, PhoneEncryption.Preferred) with { ToneHertz = 620 }, cancel: Cancel);
        await alice.RegisteredAsync(Cancel);
        await bob.RegisteredAsync(Cancel);

        IRealCall atAlice = await alice.DialAsync("101", Cancel);
        IRealCall atBob = await bob.IncomingAsync(Cancel);
        await atBob.AnswerAsync(Cancel);
        await atAlice.AnsweredAsync(Cancel);
        await Talk.HearEachOtherAsync(atAlice, 440, atBob, 620, Cancel);
        await atBob.HangUpAsync(Cancel);
        await atAlice.EndedAsync(Cancel);

        atBob = await bob.DialAsync("102", Cancel);
        atAlice = await alice.IncomingAsync(Cancel);
        await atAlice.AnswerAsync(Cancel);
        await atBob.AnsweredAsync(Cancel);
        await Talk.HearEachOtherAsync(atAlice, 440, atBob, 620, Cancel);
        await atAlice.HangUpAsync(Cancel);
        await atBob.EndedAsync(Cancel);
    }
}
