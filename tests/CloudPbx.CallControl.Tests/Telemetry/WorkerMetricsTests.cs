using CloudPbx.CallControl.Telemetry;
using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Events;
using CloudPbx.MediaControl;
using CloudPbx.Sip.Messages;
using CloudPbx.TestKit.Telemetry;

namespace CloudPbx.CallControl.Tests.Telemetry;

/// <summary>A worker's figures mean what RFC 6076 says.</summary>
public sealed class WorkerMetricsTests : IDisposable
{
    private readonly TestMeters _meters = new();
    private readonly MeterReadings _readings;
    private readonly TestTenant _tenant;

    public WorkerMetricsTests()
    {
        _readings = new MeterReadings(WorkerMetrics.MeterName, _meters);
        _tenant = new TestTenant(metrics: new WorkerMetrics(_meters));
    }

    [Fact]
    public void Every_instrument_is_documented() => DocumentedMetrics.AssertComplete(WorkerMetrics.MeterName, _readings.Instruments);

    /// <summary>RFC 6076 §4.1 counts successes only, §4.2 leaves challenges out of the ineffective attempts.</summary>
    [Fact]
    public async Task Registrations_are_accepted_challenged_or_ineffective()
    {
        await _tenant.RegisteredAsync("101");
        StubPhone foreign = _tenant.Phone("102");
        SipRequest register = foreign.Register("600", $"<{foreign.Contact}>");
        register.Headers.Set(SipHeaderName.To, "<sip:100@acme.test>");
        (SipResponse refused, _) = await foreign.TryAsync(register);
        Assert.Equal(403, refused.StatusCode);
        Assert.Equal(1, _readings.Value("cloudpbx.registration.requests", "result=accepted"));
        Assert.Equal(2, _readings.Value("cloudpbx.registration.requests", "result=challenged"));
        Assert.Equal(1, _readings.Value("cloudpbx.registration.requests", "result=ineffective"));
        Assert.Equal(1, _readings.Count("cloudpbx.registration.request.delay"));
        Assert.Equal(1, _readings.Value("cloudpbx.registrar.bindings"));
        Assert.Equal(1, _readings.Value("cloudpbx.tenants"));
    }

    /// <summary>RFC 6076 §4.3.1 ends the delay at the first response that tells the caller something: not 100, but 180. §4.5: the duration begins with the answer.</summary>
    [Fact]
    public async Task An_answered_call_is_timed_from_INVITE_to_ringing_and_from_answer_to_end()
    {
        StubPhone bob = await _tenant.RegisteredAsync("101");
        StubPhone alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest Invite)> dialling = alice.DialAsync("101");
        SipRequest atBob = await bob.RequestAsync(SipMethod.Invite);
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(2));
        bob.Answer(atBob, 180);
        (_, SipRequest invite) = await dialling;                                                // the first response is 100, which tells nothing
        await _tenant.SettleAsync();
        Assert.Equal(1, _readings.Value("cloudpbx.calls"));
        Assert.Equal(2, _readings.Value("cloudpbx.session.request.delay", "result=successful"));
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(3));
        bob.Answer(atBob, 200, "v=0 bob's answer savp");
        SipResponse answer = await alice.FinalAsync();
        alice.Ack(invite, answer);
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(40));
        alice.Send(alice.InDialog(SipMethod.Bye, invite, answer));
        await bob.RequestAsync(SipMethod.Ack);
        bob.Answer(await bob.RequestAsync(SipMethod.Bye), 200);
        await _tenant.RecordAsync();
        await _tenant.SettleAsync();

        Assert.Equal(1, _readings.Count("cloudpbx.session.request.delay"));                      // the answer adds none
        Assert.Equal(1, _readings.Value("cloudpbx.session.attempts", "sip.response.status_code=200"));
        Assert.Equal(40, _readings.Value("cloudpbx.session.duration", "completed=true"));
        Assert.Equal(1, _readings.Count("cloudpbx.session.disconnect.delay"));
        Assert.Equal(0, _readings.Value("cloudpbx.calls"));
        Assert.Equal(90, _readings.Value("cloudpbx.leg.packets", "direction=received,party=callee"));
        Assert.Equal(100, _readings.Value("cloudpbx.leg.packets", "direction=sent,party=caller"));
        Assert.Equal(2, _readings.Count("cloudpbx.leg.loss"));
        Assert.True(_readings.Count("cloudpbx.tenant.queue.delay") > 0);
    }

    [Fact]
    public async Task What_a_node_measured_of_each_leg_is_in_the_histograms_and_in_the_record()
    {
        _tenant.Media.Figures = new LegStatistics
        {
            Codec = "PCMA", PacketsReceived = 900, Lost = 100, Late = 7, SourceChanges = 3, JitterMilliseconds = 12.5, RoundTripMilliseconds = 80, Mos = 3.25,
        };
        CallEnded record = await TalkAsync();
        Assert.Equal([CallParty.Caller, CallParty.Callee], record.Media.Select(leg => leg.Party).Order());
        Assert.All(record.Media, leg => Assert.Equal(
            (900L, 100L, 7L, 3L, 12.5, 80d, 3.25), (leg.PacketsReceived, leg.PacketsLost, leg.PacketsLate, leg.SourceChanges, leg.JitterMilliseconds, leg.RoundTripMilliseconds, leg.Mos)));
        foreach (string party in new[] { "party=caller", "party=callee" })
        {
            foreach ((string name, double value) in new[] { ("jitter", 0.0125), ("round_trip", 0.08), ("mos", 3.25), ("loss", 0.1) })
            {
                Assert.Equal(1, _readings.Count("cloudpbx.leg." + name, party));
                Assert.Equal(value, _readings.Value("cloudpbx.leg." + name, party), 9);
            }
            Assert.Equal(7, _readings.Value("cloudpbx.leg.packets", "direction=late," + party));
        }
    }

    [Fact]
    public async Task A_leg_that_heard_nothing_is_in_no_histogram()
    {
        _tenant.Media.Figures = new LegStatistics { Codec = "PCMA" };
        await TalkAsync();
        Assert.All(["jitter", "round_trip", "mos", "loss"], name => Assert.Equal(0, _readings.Count("cloudpbx.leg." + name)));
    }

    /// <summary>RFC 6076 §4.3.2 and §4.7: a busy callee fails the session request, yet the network was effective.</summary>
    [Theory]
    [InlineData(486, "486")]
    [InlineData(603, "603")]
    [InlineData(699, "other")]
    public async Task A_refused_call_is_counted_by_its_final_response(int refusal, string counted)
    {
        StubPhone bob = await _tenant.RegisteredAsync("101");
        StubPhone alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest Invite)> dialling = alice.DialAsync("101");
        bob.Answer(await bob.RequestAsync(SipMethod.Invite), refusal);
        Assert.Equal(refusal, (await dialling).Response.StatusCode);
        await _tenant.RecordAsync();
        Assert.Equal(1, _readings.Value("cloudpbx.session.attempts"));
        Assert.Equal(1, _readings.Value("cloudpbx.session.attempts", "sip.response.status_code=" + counted));
        Assert.Equal(1, _readings.Count("cloudpbx.session.request.delay", "result=failed"));
        Assert.Equal(0, _readings.Count("cloudpbx.session.duration"));
    }

    [Fact]
    public async Task What_a_tenant_counted_stays_in_the_sums_when_it_leaves()
    {
        StubPhone phone = _tenant.Phone("100");
        phone.Answer(phone.Request(SipMethod.Options, "sip:acme.test"), 200);                  // a response that answers nothing
        await _tenant.SettleAsync();
        Assert.Equal(1, _readings.Value("cloudpbx.sip.transaction.events", "event=stray response"));
        _tenant.Metrics.Remove(_tenant.Runtime);
        Assert.Equal(1, _readings.Value("cloudpbx.sip.transaction.events", "event=stray response"));
        Assert.Equal(0, _readings.Value("cloudpbx.tenants"));
    }

    private async Task<CallEnded> TalkAsync()
    {
        StubPhone bob = await _tenant.RegisteredAsync("101");
        StubPhone alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest Invite)> dialling = alice.DialAsync("101");
        bob.Answer(await bob.RequestAsync(SipMethod.Invite), 200, "v=0 bob's answer savp");
        (SipResponse answer, SipRequest invite) = await dialling;
        alice.Ack(invite, answer);
        await bob.RequestAsync(SipMethod.Ack);
        alice.Send(alice.InDialog(SipMethod.Bye, invite, answer));
        bob.Answer(await bob.RequestAsync(SipMethod.Bye), 200);
        return await _tenant.RecordAsync();
    }

    public void Dispose()
    {
        _tenant.Dispose();
        _readings.Dispose();
        _meters.Dispose();
    }
}
