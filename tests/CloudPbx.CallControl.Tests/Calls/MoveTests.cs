using CloudPbx.CallControl.Calls.Snapshots;
using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Events;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;
using CloudPbx.State;

namespace CloudPbx.CallControl.Tests.Calls;

/// <summary>The tenant moves as planned: nobody on the telephone notices.</summary>
public sealed class MoveTests : IDisposable
{
    private readonly TestTenant _tenant = new();
    private StubPhone _alice = null!;
    private StubPhone _bob = null!;
    private SipRequest _invite = null!;
    private SipRequest _atBob = null!;

    [Fact]
    public async Task A_ringing_call_goes_on_ringing_and_is_answered()
    {
        await RingAsync();
        await _tenant.MoveAsync();
        Assert.True(_alice.HasNothing && _bob.HasNothing);
        SipResponse answer = await AnswerAsync();
        Assert.Equal("v=0 our answer", System.Text.Encoding.UTF8.GetString(answer.Body.Span));
        Assert.Contains("bridge 0 1", _tenant.Media.Commands);
        _alice.Send(_alice.InDialog(SipMethod.Bye, _invite, answer));
        SipRequest bye = await _bob.RequestAsync(SipMethod.Bye);
        Assert.Equal(_atBob.CSeq.Number + 1, bye.CSeq.Number);             // nothing was lost, so nothing is skipped
        CallEnded record = await _tenant.RecordAsync();
        Assert.Equal((CallDisposition.Answered, "101"), (record.Disposition, record.AnsweredBy));
    }

    [Fact]
    public async Task The_early_dialog_is_the_same_after_the_move()
    {
        await RingAsync();
        string early = _ringing.To.Tag!;
        await _tenant.MoveAsync();
        Assert.Equal(early, (await AnswerAsync()).To.Tag);
    }

    [Fact]
    public async Task The_caller_gives_up_after_the_move()
    {
        await RingAsync();
        await _tenant.MoveAsync();
        _alice.Cancel(_invite);
        Assert.Equal(200, (await _alice.ResponseAsync()).StatusCode);
        SipResponse terminated = await _alice.FinalAsync();
        Assert.Equal(487, terminated.StatusCode);
        _alice.Ack(_invite, terminated);
        SipRequest cancel = await _bob.RequestAsync(SipMethod.Cancel);
        Assert.Equal(_atBob.TopVia.Branch, cancel.TopVia.Branch);
        Assert.Equal(CallDisposition.Cancelled, (await _tenant.RecordAsync()).Disposition);
    }

    [Fact]
    public async Task The_phone_declines_after_the_move()
    {
        await RingAsync();
        await _tenant.MoveAsync();
        _bob.Answer(_atBob, 486);
        Assert.Equal(_atBob.TopVia.Branch, (await _bob.RequestAsync(SipMethod.Ack)).TopVia.Branch);
        Assert.Equal(486, (await _alice.FinalAsync()).StatusCode);
    }

    [Fact]
    public async Task The_ring_time_goes_on_where_it_was()
    {
        await RingAsync();
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(20));
        await _tenant.MoveAsync();
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(9));
        Assert.True(_alice.HasNothing);
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(480, (await _alice.FinalAsync()).StatusCode);
        await _bob.RequestAsync(SipMethod.Cancel);
    }

    [Fact]
    public async Task A_phone_that_declined_before_the_move_is_remembered()
    {
        _bob = await _tenant.RegisteredAsync("101");
        StubPhone second = await _tenant.RegisteredAsync("101b");
        _alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest Invite)> dialling = _alice.DialAsync("101");
        _atBob = await _bob.RequestAsync(SipMethod.Invite);
        SipRequest atSecond = await second.RequestAsync(SipMethod.Invite);
        _bob.Answer(_atBob, 180);
        (_, _invite) = await dialling;
        second.Answer(atSecond, 486);
        await second.RequestAsync(SipMethod.Ack);
        await _tenant.MoveAsync();
        _bob.Answer(_atBob, 404);
        Assert.Equal(486, (await _alice.FinalAsync()).StatusCode);         // RFC 3261 §16.7 step 6: busy says more
        Assert.True(second.HasNothing);
    }

    [Fact]
    public async Task The_phone_that_loses_the_race_is_cancelled_across_the_move()
    {
        _bob = await _tenant.RegisteredAsync("101");
        StubPhone second = await _tenant.RegisteredAsync("101b");
        _alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest Invite)> dialling = _alice.DialAsync("101");
        _atBob = await _bob.RequestAsync(SipMethod.Invite);
        SipRequest atSecond = await second.RequestAsync(SipMethod.Invite);
        second.Answer(atSecond, 180);
        (_, _invite) = await dialling;
        _bob.Answer(_atBob, 200, "v=0 bob's answer");
        await _bob.RequestAsync(SipMethod.Ack);
        SipResponse answer = await _alice.FinalAsync();
        _alice.Ack(_invite, answer);
        SipRequest cancel = await second.RequestAsync(SipMethod.Cancel);
        await _tenant.MoveAsync();
        Assert.Equal(cancel.TopVia.Branch, (await second.RequestAsync(SipMethod.Cancel)).TopVia.Branch);   // its transaction did not move
        second.Answer(atSecond, 487);
        await second.RequestAsync(SipMethod.Ack);
        Assert.Single(await _tenant.Runtime.CallsAsync());
    }

    [Fact]
    public async Task An_INVITE_that_is_repeated_after_the_move_is_the_same_call()
    {
        await RingAsync(SipTransport.Udp);
        await _tenant.MoveAsync();
        _alice.Send(_invite);
        Assert.Equal(180, (await _alice.ResponseAsync()).StatusCode);      // RFC 3261 §17.2.1
        Assert.Single(await _tenant.Runtime.CallsAsync());
        Assert.True(_bob.HasNothing);
    }

    [Fact]
    public async Task An_INVITE_of_ours_without_response_is_repeated_on_UDP_by_the_next_owner()
    {
        _bob = await _tenant.RegisteredAsync("101", SipTransport.Udp);
        _alice = _tenant.Phone("100");
        _ = _alice.DialAsync("101");
        _atBob = await _bob.RequestAsync(SipMethod.Invite);
        await _tenant.MoveAsync();
        Assert.Equal(_atBob.ToBytes(), (await _bob.RequestAsync(SipMethod.Invite)).ToBytes());
    }

    [Fact]
    public async Task The_caller_is_told_of_ringing_that_began_after_the_move()
    {
        _bob = await _tenant.RegisteredAsync("101");
        _alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest Invite)> dialling = _alice.DialAsync("101");
        _atBob = await _bob.RequestAsync(SipMethod.Invite);
        await _tenant.MoveAsync();
        _bob.Answer(_atBob, 180);
        Assert.Equal(180, (await dialling).Response.StatusCode);
    }

    [Fact]
    public async Task A_phone_that_answered_in_a_provisional_response_before_the_move_is_understood()
    {
        await RingAsync();
        _bob.Answer(_atBob, 183, "v=0 early answer savp");
        await _tenant.MoveAsync();
        _bob.Answer(_atBob, 200);                                          // RFC 3261 §13.2.1, I48
        await _bob.RequestAsync(SipMethod.Ack);
        Assert.Equal(200, (await _alice.FinalAsync()).StatusCode);
    }

    [Fact]
    public async Task A_held_call_is_resumed_and_a_talking_one_hung_up()
    {
        await RingAsync();
        SipResponse answer = await AnswerAsync();
        SipRequest hold = _alice.InDialog(SipMethod.Invite, _invite, answer, "v=0 sendonly");
        _alice.Send(hold);
        _alice.Ack(hold, await _alice.FinalAsync());
        await _tenant.MoveAsync();
        SipRequest resume = _alice.InDialog(SipMethod.Invite, _invite, answer, "v=0 sendrecv");
        _alice.Send(resume);
        SipResponse response = await _alice.FinalAsync();
        Assert.Equal(200, response.StatusCode);
        _alice.Ack(resume, response);
        await _tenant.MoveAsync();
        _bob.Send(_bob.InDialogAsCallee(SipMethod.Bye, _atBob));
        Assert.Equal(200, (await _bob.ResponseAsync()).StatusCode);
        await _alice.RequestAsync(SipMethod.Bye);
        Assert.Equal(CallParty.Callee, (await _tenant.RecordAsync()).ReleasedBy);
    }

    [Fact]
    public async Task A_call_that_is_not_ready_in_time_is_ended_by_the_next_owner()
    {
        await RingAsync();
        _tenant.Media.Hanging = "receive-answer";
        _bob.Answer(_atBob, 200, "v=0 bob's answer");
        await _bob.RequestAsync(SipMethod.Ack);
        await _tenant.MoveAsync();
        Assert.Equal(500, (await _alice.FinalAsync()).StatusCode);
        await _bob.RequestAsync(SipMethod.Bye);
    }

    [Fact]
    public async Task A_phone_that_answers_while_the_tenant_is_leaving_is_waited_for()
    {
        await RingAsync();
        _bob.Answer(_atBob, 200, "v=0 bob's answer");                      // arrives just before the tenant leaves
        await _tenant.MoveAsync();
        await _bob.RequestAsync(SipMethod.Ack);
        SipResponse answer = await _alice.FinalAsync();
        Assert.Equal(200, answer.StatusCode);
        _alice.Ack(_invite, answer);
        await _tenant.SettleAsync();
        Assert.Single(await _tenant.Runtime.CallsAsync());
    }

    [Fact]
    public async Task A_REGISTER_that_waits_for_the_store_is_answered_before_the_tenant_leaves()
    {
        _bob = await _tenant.RegisteredAsync("101");
        TaskCompletionSource<StoreOutcome> slow = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _tenant.Copying = () => slow.Task;
        Task<(SipResponse Response, SipRequest Request)> refreshing = _bob.TryAsync(_bob.Register("600", $"<{_bob.Contact}>"));
        await _tenant.SettleAsync();
        Task<bool> leaving = _tenant.Runtime.HandOverAsync(TimeSpan.FromMilliseconds(500));
        await _tenant.AdvanceAsync(TimeSpan.FromMilliseconds(100));
        Assert.False(leaving.IsCompleted);
        slow.SetResult(StoreOutcome.Done);
        Assert.Equal(200, (await refreshing).Response.StatusCode);
        while (!leaving.IsCompleted)
            await _tenant.AdvanceAsync(TimeSpan.FromMilliseconds(10));
        Assert.True(await leaving);
    }

    [Fact]
    public async Task A_call_that_comes_while_the_tenant_is_leaving_rings_on()
    {
        _bob = await _tenant.RegisteredAsync("101");
        _alice = _tenant.Phone("100");
        Task<bool> leaving = _tenant.Runtime.HandOverAsync(TimeSpan.FromMilliseconds(500));
        Task<(SipResponse Response, SipRequest Invite)> dialling = _alice.DialAsync("101");       // on its way when the edge was told
        _atBob = await _bob.RequestAsync(SipMethod.Invite);
        while (!leaving.IsCompleted)
            await _tenant.AdvanceAsync(TimeSpan.FromMilliseconds(10));
        await _tenant.TakeOverAsync();
        _bob.Answer(_atBob, 180);
        Assert.Equal(180, (await dialling).Response.StatusCode);
    }

    [Fact]
    public async Task Without_a_store_the_tenant_stays()
    {
        await RingAsync();
        _tenant.Store.IsAway = true;
        Task<bool> leaving = _tenant.Runtime.HandOverAsync(TimeSpan.FromMilliseconds(500));
        while (!leaving.IsCompleted)
            await _tenant.AdvanceAsync(TimeSpan.FromMilliseconds(10));
        Assert.False(await leaving);
        Assert.Single(await _tenant.Runtime.CallsAsync());
        Task ending = _tenant.Runtime.EndAsync("Server Stopping");
        Assert.Equal(480, (await _alice.FinalAsync()).StatusCode);
        await _bob.RequestAsync(SipMethod.Cancel);
        await ending;
    }

    [Fact]
    public async Task A_store_that_is_slow_ends_no_call_and_what_comes_meanwhile_waits_for_the_next_owner()
    {
        await RingAsync();
        _tenant.Store.IsAway = true;                                       // each try costs its patience
        Task<bool> leaving = _tenant.Runtime.HandOverAsync(TimeSpan.FromMilliseconds(500));
        for (int turn = 0; turn < 200; turn++)
            await _tenant.AdvanceAsync(TimeSpan.FromMilliseconds(10));
        Assert.False(leaving.IsCompleted);
        _bob.Answer(_atBob, 200, "v=0 bob's answer");
        Assert.Equal(1, _tenant.Returned);
        _tenant.Store.IsAway = false;
        while (!leaving.IsCompleted)
            await _tenant.AdvanceAsync(TimeSpan.FromMilliseconds(10));
        Assert.True(await leaving);
        Assert.True(_alice.HasNothing && _bob.HasNothing);
        await _tenant.TakeOverAsync();
        await _bob.RequestAsync(SipMethod.Ack);
        Assert.Equal(200, (await _alice.FinalAsync()).StatusCode);
    }

    [Fact]
    public async Task A_media_node_that_is_slow_ends_no_call_and_a_new_one_waits_for_the_next_owner()
    {
        await RingAsync();
        StubPhone carol = _tenant.Phone("102");
        _tenant.Media.Hanging = "receive-answer";
        _bob.Answer(_atBob, 200, "v=0 bob's answer");
        await _bob.RequestAsync(SipMethod.Ack);
        Task calming = _tenant.Runtime.CalmAsync(TimeSpan.FromSeconds(4));
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(3));
        Assert.False(calming.IsCompleted);
        Task<(SipResponse Response, SipRequest Invite)> dialling = carol.DialAsync("100");
        Assert.Equal(1, _tenant.Returned);
        _tenant.Media.Hanging = null;
        _tenant.Media.AnswerLate();
        SipResponse answer = await _alice.FinalAsync();
        Assert.Equal(200, answer.StatusCode);
        _alice.Ack(_invite, answer);                                       // what calls wait for still comes
        await _tenant.AdvanceAsync(TimeSpan.FromMilliseconds(10));
        await calming;
        Assert.Equal(1, _tenant.Returned);
        await _tenant.MoveAsync();
        Assert.Equal(480, (await dialling).Response.StatusCode);           // the next owner took it: nobody is registered there
        Assert.Single(await _tenant.Runtime.CallsAsync());
    }

    [Fact]
    public async Task A_call_that_talks_keeps_no_move_waiting()
    {
        await RingAsync();
        await AnswerAsync();
        await _tenant.Runtime.CalmAsync(TimeSpan.FromSeconds(4));          // the clock stands still
    }

    [Fact]
    public async Task What_was_written_before_the_last_act_never_lets_a_call_ring_on()
    {
        await RingAsync();
        await _tenant.AdvanceAsync(TimeSpan.FromMilliseconds(50));
        Assert.False(_tenant.Store.Only().IsHandedOver);
        await _tenant.MoveAsync();
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.False(_tenant.Store.Only().IsHandedOver);                   // the next owner has written since
        Assert.Equal(CallPhase.Ringing, _tenant.Store.Only().Phase);
    }

    public void Dispose() => _tenant.Dispose();

    private SipResponse _ringing = null!;

    private async Task RingAsync(SipTransport transport = SipTransport.Tls)
    {
        _bob = await _tenant.RegisteredAsync("101", transport);
        _alice = _tenant.Phone("100", transport);
        Task<(SipResponse Response, SipRequest Invite)> dialling = _alice.DialAsync("101");
        _atBob = await _bob.RequestAsync(SipMethod.Invite);
        _bob.Answer(_atBob, 180);
        (_ringing, _invite) = await dialling;
        Assert.Equal(180, _ringing.StatusCode);
        await _tenant.SettleAsync();
    }

    private async Task<SipResponse> AnswerAsync()
    {
        _bob.Answer(_atBob, 200, "v=0 bob's answer");
        await _bob.RequestAsync(SipMethod.Ack);
        SipResponse answer = await _alice.FinalAsync();
        Assert.Equal(200, answer.StatusCode);
        _alice.Ack(_invite, answer);
        await _tenant.SettleAsync();
        return answer;
    }
}
