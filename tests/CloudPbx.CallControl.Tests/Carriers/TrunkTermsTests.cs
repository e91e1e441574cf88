using System.Text;
using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Trunks;
using CloudPbx.MediaControl;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.Carriers;

/// <summary>What a trunk's profile says of its calls' signalling: session timer, who makes the offer.</summary>
public sealed class TrunkTermsTests : IDisposable
{
    private readonly CarrierFixture _fixture = new();
    private StubPhone _alice = null!;
    private StubPhone _carrier = null!;
    private SipRequest _dialled = null!;
    private SipRequest _invite = null!;

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
    public async Task A_session_timer_that_is_required_stays_so_in_every_attempt_and_its_refusal_is_the_calls()      // RFC 4028 §7.1
    {
        await DialAsync(new TrunkProfileChanges { SessionTimer = SessionTimerPolicy.Required });
        Assert.True(_invite.Requires("timer"));
        _carrier.Answer(_invite, 421, null, ("Require", "100rel"));                      // an INVITE that is made anew
        await _carrier.RequestAsync(SipMethod.Ack);
        SipRequest again = await _carrier.RequestAsync(SipMethod.Invite);
        Assert.Equal((true, true, 1800u), (again.Requires("100rel"), again.Requires("timer"), again.SessionExpires!.Value.Seconds));
        _carrier.Answer(again, 420, null, ("Unsupported", "timer"));
        await _carrier.RequestAsync(SipMethod.Ack);
        Assert.Equal(420, (await _alice.FinalAsync()).StatusCode);
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

    public void Dispose() => _fixture.Dispose();

    private static string Body(SipMessage message) => Encoding.UTF8.GetString(message.Body.Span);

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
