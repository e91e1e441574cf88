using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Api;
using CloudPbx.MediaControl;
using CloudPbx.Sip.Messages;
using Wish = CloudPbx.Contracts.Api.SrtpPolicy;

namespace CloudPbx.CallControl.Tests.Calls;

/// <summary>What an extension says of the codecs and the encryption of its phones; alice (100) calls bob (101).</summary>
public sealed class ExtensionMediaTests : IDisposable
{
    private readonly TestTenant _tenant = new();

    [Fact]
    public async Task The_phones_of_an_extension_may_speak_its_codecs_only_in_its_order()
    {
        Configure(codecs: ["opus", "PCMA"]);
        await RingAsync();
        Assert.Equal((false, true), (_tenant.Media.Policies[0].OnlyTheseCodecs, _tenant.Media.Policies[1].OnlyTheseCodecs));
        Assert.Equal(["opus", "PCMA"], _tenant.Media.Policies[1].Codecs);
    }

    [Fact]
    public async Task A_takeover_keeps_them()
    {
        Configure(codecs: ["opus"]);
        (StubPhone bob, SipRequest atBob) = await RingAsync();
        bob.Answer(atBob, 180);
        await _tenant.SettleAsync();
        await _tenant.MoveAsync();
        bob.Answer(atBob, 200, "v=0 bob's answer");
        await bob.RequestAsync(SipMethod.Ack);
        await _tenant.SettleAsync();
        _tenant.Media.Policies.Clear();
        bob.Send(bob.InDialogAsCallee(SipMethod.Invite, atBob, "v=0 a new offer"));
        await bob.FinalAsync();
        Assert.Equal((true, "opus"), (_tenant.Media.Policies[1].OnlyTheseCodecs, Assert.Single(_tenant.Media.Policies[1].Codecs)));
    }

    [Theory]
    [InlineData(Wish.Required, MediaControl.SrtpPolicy.Required)]
    [InlineData(Wish.Off, MediaControl.SrtpPolicy.Off)]
    [InlineData(null, MediaControl.SrtpPolicy.Optional)]
    public async Task The_extensions_word_on_encryption_goes_before_its_devices(Wish? wish, MediaControl.SrtpPolicy expected)
    {
        Configure(encryption: wish);
        await RingAsync();
        Assert.Equal((MediaControl.SrtpPolicy.Optional, expected), (_tenant.Media.Policies[0].Srtp, _tenant.Media.Policies[1].Srtp));
    }

    [Fact]
    public async Task An_offer_that_fits_nothing_gets_488_with_a_warning_that_says_why()           // RFC 3261 §20.43, §21.4.26
    {
        StubPhone alice = _tenant.Phone("100");
        SipResponse refused = (await alice.DialAsync("101", "v=0 unacceptable")).Response;
        Assert.Equal((488, "305 acme.test \"no common codec\""), (refused.StatusCode, refused.Headers.Get(SipHeaderName.Warning)));
    }

    [Theory]
    [InlineData(LegFaults.NoCommonCodec, 305)]
    [InlineData(LegFaults.NoAudio, 304)]
    [InlineData(LegFaults.EncryptionMismatch, 302)]
    [InlineData(LegFaults.MalformedSdp, null)]
    public void The_warning_is_that_of_the_fault(string fault, int? code) =>
        Assert.Equal(code, CloudPbx.CallControl.Calls.ReleaseCause.NotAcceptable(LegDescription.Refused(fault)).Warning);

    public void Dispose() => _tenant.Dispose();

    private void Configure(IReadOnlyList<string>? codecs = null, Wish? encryption = null)
    {
        _tenant.Shape = content => content with { Extensions = [.. content.Extensions.Select(e => e.Number == "101" ? e with { Codecs = codecs, Encryption = encryption } : e)] };
        _tenant.Runtime.Replace(_tenant.Configure(2));
    }

    private async Task<(StubPhone Bob, SipRequest AtBob)> RingAsync()
    {
        StubPhone bob = await _tenant.RegisteredAsync("101"), alice = _tenant.Phone("100");
        _ = alice.DialAsync("101");
        return (bob, await bob.RequestAsync(SipMethod.Invite));
    }
}
