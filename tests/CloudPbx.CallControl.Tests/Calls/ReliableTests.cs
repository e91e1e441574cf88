using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Events;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.Calls;

/// <summary>Reliable provisional responses end at each leg (RFC 3262, I5).</summary>
public sealed class ReliableTests : IDisposable
{
    private readonly TestTenant _tenant = new();
    private StubPhone _alice = null!;
    private StubPhone _bob = null!;
    private SipRequest _invite = null!;
    private SipRequest _atBob = null!;

    [Fact]
    public async Task A_caller_that_requires_it_gets_its_ringing_reliably_whatever_the_phone_does()
    {
        SipResponse ringing = await RingAsync();
        Assert.Equal((180, true), (ringing.StatusCode, ringing.Requires("100rel")));
        Assert.Equal(200, await PrackAsync(ringing));
        Assert.Equal(481, await PrackAsync(ringing));
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(5));
        Assert.True(_alice.HasNothing);
        _bob.Answer(_atBob, 200, "v=0 bob's answer");
        await _bob.RequestAsync(SipMethod.Ack);
        SipResponse answer = await _alice.FinalAsync();
        Assert.Equal(200, answer.StatusCode);
        Assert.False(answer.Requires("100rel"));
    }

    [Fact]
    public async Task A_caller_that_requires_it_and_makes_no_offer_gets_ours_with_the_first_word()       // RFC 3262 §5
    {
        SipResponse ringing = await RingAsync(offer: null);
        Assert.Equal((180, true, "v=0 our offer savp"), (ringing.StatusCode, ringing.Requires("100rel"), System.Text.Encoding.UTF8.GetString(ringing.Body.Span)));
        Assert.Equal(200, await PrackAsync(ringing, "v=0 alice's answer"));
        await _tenant.SettleAsync();
        Assert.Equal(["receive-answer 0", "play 0 Ringback"], _tenant.Media.Commands.TakeLast(2));      // its own tone ends with our description (I47)
        _bob.Answer(_atBob, 200, "v=0 bob's answer");
        await _bob.RequestAsync(SipMethod.Ack);
        SipResponse answer = await _alice.FinalAsync();
        Assert.Equal((200, 0), (answer.StatusCode, answer.Body.Length));
        _alice.Ack(_invite, answer);
        SipRequest settled = await _alice.RequestAsync(SipMethod.Invite);                // the callee's codecs first, now that it is known
        _alice.Answer(settled, 200, "v=0 alice's answer");
        await _alice.RequestAsync(SipMethod.Ack);
        Assert.Contains("bridge 0 1", _tenant.Media.Commands);
    }

    [Fact]
    public async Task I6_a_caller_that_never_sends_PRACK_fails_and_the_phone_stops_ringing()
    {
        _tenant.RingSeconds = 60;
        _tenant.Runtime.Replace(_tenant.Configure(2));
        SipResponse ringing = await RingAsync();
        for (double wait = 0.5; wait < 32; wait *= 2)
        {
            await _tenant.AdvanceAsync(TimeSpan.FromSeconds(wait));
            Assert.Equal(ringing.RSeq, (await _alice.ResponseAsync()).RSeq);
        }
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(0.6));
        Assert.Equal(504, (await _alice.FinalAsync()).StatusCode);
        await _bob.RequestAsync(SipMethod.Cancel);
        _bob.Answer(_atBob, 487);
        CallEnded record = await _tenant.RecordAsync();
        Assert.Equal((CallDisposition.Failed, 504, "No PRACK"), (record.Disposition, record.SipStatus, record.Reason));
    }

    [Fact]
    public async Task A_phone_that_rings_reliably_gets_its_PRACK_and_the_caller_hears_of_it_without()
    {
        SipResponse ringing = await RingAsync(require: false, reliably: true);
        SipRequest prack = await _bob.RequestAsync(SipMethod.Prack);
        Assert.Equal(new RAck(7, _atBob.CSeq), prack.RAck);
        Assert.Equal(_bob.Contact, prack.RequestUri.ToString());
        _bob.Answer(prack, 200);
        Assert.Null(ringing.RSeq);
        Assert.False(ringing.Requires("100rel"));
        Assert.True(_atBob.Supports("100rel"));
    }

    [Fact]
    public async Task I1_a_phone_that_refuses_the_PRACK_it_asked_for_answers_all_the_same()
    {
        await RingAsync(require: false, reliably: true);
        _bob.Answer(await _bob.RequestAsync(SipMethod.Prack), 405);
        _bob.Answer(_atBob, 200, "v=0 bob's answer");
        await _bob.RequestAsync(SipMethod.Ack);
        Assert.Equal(200, (await _alice.FinalAsync()).StatusCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_phone_may_offer_anew_before_it_answers(bool moved)                // RFC 3311 §5.2
    {
        await RingAsync(require: false, reliably: true, early: "v=0 bob's answer");
        _bob.Answer(await _bob.RequestAsync(SipMethod.Prack), 200);
        SipRequest update = _bob.InDialogAsCallee(SipMethod.Update, _atBob, "v=0 bob's offer");
        _bob.Send(update);
        SipResponse agreed = await _bob.FinalAsync();
        Assert.Equal((200, "v=0 our answer"), (agreed.StatusCode, System.Text.Encoding.UTF8.GetString(agreed.Body.Span)));
        Assert.Equal(["receive-answer 1", "receive-offer 1", "answer 1 like 0"], _tenant.Media.Commands.TakeLast(3));
        _bob.Send(_bob.InDialogAsCallee(SipMethod.Update, _atBob, "v=0 unacceptable"));
        Assert.Equal(488, (await _bob.FinalAsync()).StatusCode);
        if (moved)
            await _tenant.MoveAsync();
        _bob.Answer(_atBob, 200);
        await _bob.RequestAsync(SipMethod.Ack);
        Assert.Equal(200, (await _alice.FinalAsync()).StatusCode);
        Assert.Single(_tenant.Media.Commands, command => command == "receive-answer 1");
        Assert.Contains("bridge 0 1", _tenant.Media.Commands);
    }

    [Fact]
    public async Task S11_an_offer_by_a_strangers_flow_changes_nothing()
    {
        await RingAsync(require: false, reliably: true, early: "v=0 bob's answer");
        _bob.Answer(await _bob.RequestAsync(SipMethod.Prack), 200);
        StubPhone stranger = _tenant.Phone("102");
        stranger.Send(_bob.InDialogAsCallee(SipMethod.Update, _atBob, "v=0 stranger's offer"));
        Assert.Equal(403, (await stranger.FinalAsync()).StatusCode);
        Assert.DoesNotContain("receive-offer 1", _tenant.Media.Commands);
    }

    [Fact]
    public async Task The_next_owner_takes_the_PRACK()
    {
        SipResponse ringing = await RingAsync();
        await _tenant.MoveAsync();
        Assert.Equal(200, await PrackAsync(ringing));
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(5));
        Assert.True(_alice.HasNothing);
        _bob.Answer(_atBob, 200, "v=0 bob's answer");
        await _bob.RequestAsync(SipMethod.Ack);
        Assert.Equal(200, (await _alice.FinalAsync()).StatusCode);
    }

    [Fact]
    public async Task The_next_owner_takes_the_PRACK_that_answers_an_early_offer()        // RFC 3262 §5; infra/decisions/0006
    {
        SipResponse ringing = await RingAsync(offer: null);
        Assert.Equal("v=0 our offer savp", System.Text.Encoding.UTF8.GetString(ringing.Body.Span));
        await _tenant.MoveAsync();
        Assert.Single(await _tenant.Runtime.CallsAsync());
        Assert.Equal(200, await PrackAsync(ringing, "v=0 alice's answer"));
        await _tenant.SettleAsync();
        Assert.Equal(["receive-answer 0", "play 0 Ringback"], _tenant.Media.Commands.TakeLast(2));
        _bob.Answer(_atBob, 200, "v=0 bob's answer");
        await _bob.RequestAsync(SipMethod.Ack);
        SipResponse answer = await _alice.FinalAsync();
        Assert.Equal((200, 0), (answer.StatusCode, answer.Body.Length));                 // RFC 6337 §3.1.1: all is said
        Assert.Contains("bridge 0 1", _tenant.Media.Commands);
    }

    [Fact]
    public async Task A_call_whose_200_waits_for_its_PRACK_keeps_the_tenant_from_moving_for_a_while()
    {
        SipResponse ringing = await RingAsync(offer: null);
        _bob.Answer(_atBob, 200, "v=0 bob's answer");
        await _bob.RequestAsync(SipMethod.Ack);
        await _tenant.SettleAsync();
        Task settled = _tenant.Runtime.SettleAsync(TimeSpan.FromSeconds(1));
        await _tenant.AdvanceAsync(TimeSpan.FromMilliseconds(100));
        Assert.False(settled.IsCompleted);
        Assert.Equal(200, await PrackAsync(ringing, "v=0 alice's answer"));
        SipResponse answer = await _alice.FinalAsync();
        _alice.Ack(_invite, answer);
        while (!settled.IsCompleted)
            await _tenant.AdvanceAsync(TimeSpan.FromMilliseconds(10));
        await _tenant.MoveAsync();
        Assert.Single(await _tenant.Runtime.CallsAsync());
        Assert.True(_bob.HasNothing);
    }

    [Fact]
    public async Task A_PRACK_that_never_comes_does_not_keep_the_tenant_for_ever()
    {
        await RingAsync(offer: null);
        _bob.Answer(_atBob, 200, "v=0 bob's answer");
        await _bob.RequestAsync(SipMethod.Ack);
        await _tenant.SettleAsync();
        Task settled = _tenant.Runtime.SettleAsync(TimeSpan.FromSeconds(1));
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(1.1));
        await settled.WaitAsync(Patience.Limit, TestContext.Current.CancellationToken);
    }

    public void Dispose() => _tenant.Dispose();

    private async Task<SipResponse> RingAsync(bool require = true, bool reliably = false, string? early = null, string? offer = "v=0 alice's offer")
    {
        _bob = await _tenant.RegisteredAsync("101");
        _alice = _tenant.Phone("100");
        SipRequest request = _alice.Request(SipMethod.Invite, $"sip:101@{_tenant.Domain}", offer);
        request.Headers.Add(require ? SipHeaderName.Require : SipHeaderName.Supported, "100rel");
        Task<(SipResponse Response, SipRequest Request)> dialling = _alice.TryAsync(request);
        _atBob = await _bob.RequestAsync(SipMethod.Invite);
        _bob.Answer(_atBob, early is null ? 180 : 183, early, reliably ? [("Require", "100rel"), ("RSeq", "7")] : []);
        (SipResponse ringing, _invite) = await dialling;
        return ringing;
    }

    private async Task<int> PrackAsync(SipResponse ringing, string? answer = null)
    {
        SipRequest prack = _alice.InDialog(SipMethod.Prack, _invite, ringing, answer);
        prack.Headers.Add(SipHeaderName.RAck, new RAck(ringing.RSeq!.Value, ringing.CSeq).ToString());
        _alice.Send(prack);
        return (await _alice.ResponseAsync()).StatusCode;
    }
}
