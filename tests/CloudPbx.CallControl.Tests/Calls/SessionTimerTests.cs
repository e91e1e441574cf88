using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Events;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.Calls;

/// <summary>Session timers end at each leg (RFC 4028).</summary>
public sealed class SessionTimerTests : IDisposable
{
    private readonly TestTenant _tenant = new();
    private StubPhone _alice = null!;
    private StubPhone _bob = null!;
    private SipRequest _invite = null!;
    private SipResponse _answer = null!;
    private SipRequest _atBob = null!;

    [Fact]
    public async Task A_timer_that_is_too_short_gets_422()                                // §6
    {
        _alice = _tenant.Phone("100");
        SipRequest request = _alice.Request(SipMethod.Invite, $"sip:101@{_tenant.Domain}", "v=0", ("Supported", "timer"), ("Session-Expires", "60"));
        (SipResponse refusal, _) = await _alice.TryAsync(request);
        Assert.Equal((422, 90u), (refusal.StatusCode, refusal.MinSE));
        Assert.Empty(await _tenant.Runtime.CallsAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_caller_is_refreshed_where_it_leaves_that_to_us(bool knowsUpdate)                // §10, §7.4
    {
        await TalkAsync("120;refresher=uas", knowsUpdate);
        Assert.Equal(new SessionExpires(120, SessionRefresher.Uas), _answer.SessionExpires);
        for (int i = 0; i < 3; i++)
        {
            await _tenant.AdvanceAsync(TimeSpan.FromSeconds(60));
            SipRequest refresh = await _alice.RequestAsync(knowsUpdate ? SipMethod.Update : SipMethod.Invite);
            Assert.Equal(new SessionExpires(120, SessionRefresher.Uac), refresh.SessionExpires);
            Assert.Equal(!knowsUpdate, System.Text.Encoding.UTF8.GetString(refresh.Body.Span).StartsWith("v=0 our offer", StringComparison.Ordinal));
            _alice.Answer(refresh, 200, knowsUpdate ? null : "v=0 alice's answer", ("Session-Expires", "120;refresher=uac"));
            if (!knowsUpdate)
                await _alice.RequestAsync(SipMethod.Ack);
        }
        Assert.True(_bob.HasNothing);
        Assert.Single(await _tenant.Runtime.CallsAsync());
    }

    [Fact]
    public async Task A_caller_that_does_not_refresh_loses_the_call_and_the_record_says_so()             // §10
    {
        await TalkAsync("90;refresher=uac");
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(60));
        Assert.Contains("cause=102", (await _alice.RequestAsync(SipMethod.Bye)).Headers.Get(SipHeaderName.Reason), StringComparison.Ordinal);
        Assert.Contains("cause=102", (await _bob.RequestAsync(SipMethod.Bye)).Headers.Get(SipHeaderName.Reason), StringComparison.Ordinal);
        CallEnded record = await _tenant.RecordAsync();
        Assert.Equal((CallDisposition.Answered, CallParty.System, 102), (record.Disposition, record.ReleasedBy, record.Q850Cause));
        Assert.Equal("Session timer expired", record.Reason);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_next_owner_keeps_the_time(bool moved)
    {
        await TalkAsync("120;refresher=uas", knowsUpdate: true);
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(50));
        await (moved ? _tenant.MoveAsync() : _tenant.KillAsync());
        Assert.True(_alice.HasNothing);
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(10));
        SipRequest refresh = await _alice.RequestAsync(SipMethod.Update);
        _alice.Answer(refresh, 200, null, ("Session-Expires", "120;refresher=uac"));
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(59));
        Assert.True(_alice.HasNothing);
        Assert.Single(await _tenant.Runtime.CallsAsync());
    }

    [Fact]
    public async Task A_peer_that_refreshes_keeps_its_call_whoever_owns_it()
    {
        await TalkAsync("90;refresher=uac");
        for (int i = 0; i < 4; i++)
        {
            await _tenant.AdvanceAsync(TimeSpan.FromSeconds(45));
            if (i == 1)
                await _tenant.KillAsync();
            SipRequest update = _alice.InDialog(SipMethod.Update, _invite, _answer);
            update.Headers.Add(SipHeaderName.Supported, "timer");
            update.Headers.Add(SipHeaderName.SessionExpires, "90;refresher=uac");
            _alice.Send(update);
            SipResponse refreshed = await _alice.FinalAsync();
            Assert.Equal((200, new SessionExpires(90, SessionRefresher.Uac)), (refreshed.StatusCode, refreshed.SessionExpires));
        }
        Assert.Single(await _tenant.Runtime.CallsAsync());
    }

    [Fact]
    public async Task A_phone_that_brings_a_timer_into_its_answer_gets_it()               // I13
    {
        await TalkAsync(null, atBob: "90;refresher=uac");
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(45));
        SipRequest refresh = await _bob.RequestAsync(SipMethod.Invite);                   // it did not say that it takes UPDATE
        Assert.Equal(new SessionExpires(90, SessionRefresher.Uac), refresh.SessionExpires);
        Assert.True(_alice.HasNothing);
    }

    public void Dispose() => _tenant.Dispose();

    private async Task TalkAsync(string? expires, bool knowsUpdate = false, string? atBob = null)
    {
        _bob = await _tenant.RegisteredAsync("101");
        _alice = _tenant.Phone("100");
        SipRequest request = _alice.Request(SipMethod.Invite, $"sip:101@{_tenant.Domain}", "v=0 alice's offer", ("Supported", "timer"));
        if (expires is not null)
            request.Headers.Add(SipHeaderName.SessionExpires, expires);
        if (knowsUpdate)
            request.Headers.Add(SipHeaderName.Allow, "INVITE, ACK, BYE, CANCEL, UPDATE");
        Task<(SipResponse Response, SipRequest Request)> dialling = _alice.TryAsync(request);
        _atBob = await _bob.RequestAsync(SipMethod.Invite);
        _bob.Answer(_atBob, 200, "v=0 bob's answer", atBob is null ? [] : [("Session-Expires", atBob)]);
        await _bob.RequestAsync(SipMethod.Ack);
        (_answer, _invite) = await dialling;
        Assert.Equal(200, _answer.StatusCode);
        _alice.Ack(_invite, _answer);
        await _tenant.SettleAsync();
    }
}
