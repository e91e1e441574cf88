using System.Text;
using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Trunks;
using CloudPbx.MediaControl;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.Carriers;

/// <summary>What a trunk's profile says of its calls' signalling: session timer, who makes the offer, how keys are told.</summary>
public sealed class TrunkTermsTests : IDisposable
{
    private readonly CarrierFixture _fixture = new();
    private StubPhone _alice = null!;
    private StubPhone _carrier = null!;
    private SipRequest _dialled = null!;
    private SipRequest _invite = null!;
    private SipResponse _answer = null!;

    private TestTenant Pbx => _fixture.Pbx;

    [Fact]
    public async Task The_session_interval_is_the_profiles_in_calls_to_the_carrier_and_from_it()      // RFC 4028 §7.1, §9
    {
        await DialAsync(new TrunkProfileChanges { SessionExpiresSeconds = 600 });
        Assert.Equal((600u, 90u), (_invite.SessionExpires!.Value.Seconds, _invite.MinSE));
        _carrier.Answer(_invite, 422, null, ("Min-SE", "900"));                          // I14
        await _carrier.RequestAsync(SipMethod.Ack);
        SipRequest again = await _carrier.RequestAsync(SipMethod.Invite);
        Assert.Equal((900u, 900u), (again.SessionExpires!.Value.Seconds, again.MinSE));
        _carrier.Answer(again, 486);
        await _carrier.RequestAsync(SipMethod.Ack);
        Assert.Equal(486, (await _alice.FinalAsync()).StatusCode);

        SipRequest inbound = _carrier.Request(SipMethod.Invite, "sip:+49301000@pbx.test", "v=0 carrier's offer");
        _carrier.Send(inbound);
        _alice.Answer(await _alice.RequestAsync(SipMethod.Invite), 200, "v=0 phone's answer");
        Assert.Equal(600u, (await _carrier.FinalAsync()).SessionExpires!.Value.Seconds);
    }

    [Fact]
    public async Task A_carrier_that_makes_the_offer_itself_gets_an_INVITE_without_one()              // RFC 3261 §13.2.1
    {
        await DialAsync(new TrunkProfileChanges { OfferlessInvite = true });
        Assert.True(_invite.Body.IsEmpty);
        _carrier.Answer(_invite, 200, "v=0 carrier's offer");
        Assert.Equal("v=0 our answer", Body(await _carrier.RequestAsync(SipMethod.Ack)));
        Assert.Equal(200, (await _alice.FinalAsync()).StatusCode);
    }

    [Fact]
    public async Task Keys_go_to_a_carrier_by_INFO_one_after_the_other_where_its_profile_says_so()
    {
        await TalkAsync(TrunkDtmf.Info);
        Assert.True(Pbx.Media.Policies[1] is { TelephoneEvent: false, SignalledDigits: true });       // or the carrier would hear them, too
        await PressAsync(0, '5', 240);
        await PressAsync(0, '#', 20);
        SipRequest first = await _carrier.RequestAsync(SipMethod.Info);
        Assert.Equal(("application/dtmf-relay", "Signal=5\r\nDuration=240\r\n"), (first.ContentType, Body(first)));
        Assert.True(_carrier.HasNothing);
        _carrier.Answer(first, 200);
        SipRequest second = await _carrier.RequestAsync(SipMethod.Info);
        Assert.Equal("Signal=#\r\nDuration=100\r\n", Body(second));
        _carrier.Answer(second, 415);
        await PressAsync(1, '7', 100);                                                   // the carrier's own keys are not told back
        Assert.True(_carrier.HasNothing);
        Assert.True(_alice.HasNothing);
        Assert.Single(await Pbx.Runtime.CallsAsync());
    }

    [Fact]
    public async Task I54_a_key_that_a_phone_tells_by_RTP_and_by_INFO_reaches_the_carrier_once()
    {
        await TalkAsync(TrunkDtmf.Info);
        await PressAsync(0, '5', 160);
        SendKey("Signal=5\r\nDuration=160\r\n");
        Assert.Equal(200, (await _alice.FinalAsync()).StatusCode);
        _carrier.Answer(await _carrier.RequestAsync(SipMethod.Info), 200);
        await Pbx.SettleAsync();
        Assert.True(_carrier.HasNothing);
    }

    [Theory]
    [InlineData(TrunkDtmf.Rfc4733)]
    [InlineData(TrunkDtmf.Inband)]
    public async Task A_phone_that_tells_keys_by_INFO_is_understood_by_a_carrier_that_takes_another_form(TrunkDtmf dtmf)
    {
        await TalkAsync(dtmf);
        SendKey("Signal=5\r\nDuration=160\r\n");
        Assert.Equal(200, (await _alice.FinalAsync()).StatusCode);
        await Pbx.SettleAsync();
        Assert.True(_carrier.HasNothing);
        Assert.Contains("send-digits 1 5", Pbx.Media.Commands);
    }

    public void Dispose() => _fixture.Dispose();

    private static string Body(SipMessage message) => Encoding.UTF8.GetString(message.Body.Span);

    private void SendKey(string body)
    {
        SipRequest info = _alice.InDialog(SipMethod.Info, _dialled, _answer);
        info.SetBody(Encoding.ASCII.GetBytes(body), "application/dtmf-relay");
        _alice.Send(info);
    }

    private async Task PressAsync(int leg, char digit, int milliseconds)
    {
        Pbx.Sessions.DigitReceived(new LegId((await Pbx.Runtime.CallsAsync())[0].CallId, leg), digit, milliseconds);
        await Pbx.SettleAsync();
    }

    private async Task TalkAsync(TrunkDtmf dtmf)
    {
        await DialAsync(new TrunkProfileChanges { Dtmf = dtmf });
        _carrier.Answer(_invite, 200, "v=0 carrier's answer");
        await _carrier.RequestAsync(SipMethod.Ack);
        _answer = await _alice.FinalAsync();
        _alice.Ack(_dialled, _answer);
        await Pbx.SettleAsync();
    }

    private async Task DialAsync(TrunkProfileChanges changes)
    {
        _carrier = _fixture.Carrier("carrier", "198.51.100.1", changes: changes);
        _fixture.Number("+49301000", "100");
        await _fixture.ApplyAsync();
        _alice = await Pbx.RegisteredAsync("100");
        SipRequest invite = _alice.Request(SipMethod.Invite, $"sip:9+4989222@{Pbx.Domain}", "v=0 phone's offer");
        _alice.Send(invite);
        SipResponse challenge = await _alice.ResponseAsync();
        _alice.Ack(invite, challenge);
        _dialled = _alice.Again(invite, challenge);
        _alice.Send(_dialled);
        _invite = await _carrier.RequestAsync(SipMethod.Invite);
    }
}
