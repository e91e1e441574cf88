using CloudPbx.CallControl.Calls.Snapshots;
using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.MediaControl;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.Calls;

/// <summary>The worker dies in the middle of a call; the next owner has nothing but what was written.</summary>
public sealed class TakeoverTests : IDisposable
{
    private readonly TestTenant _tenant = new();
    private StubPhone _alice = null!;
    private StubPhone _bob = null!;
    private SipRequest _invite = null!;
    private SipResponse _answer = null!;
    private SipRequest _atBob = null!;
    private DateTime _answeredAt;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_answered_call_is_hung_up_by_either_side_and_its_record_is_written_once(bool byCaller)
    {
        await TalkAsync();
        await _tenant.KillAsync();
        Assert.Equal("attach", _tenant.Media.Commands.Last());
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(5));

        (StubPhone one, StubPhone other) = byCaller ? (_alice, _bob) : (_bob, _alice);
        one.Send(byCaller ? _alice.InDialog(SipMethod.Bye, _invite, _answer) : _bob.InDialogAsCallee(SipMethod.Bye, _atBob));
        Assert.Equal(200, (await one.ResponseAsync()).StatusCode);
        SipRequest bye = await other.RequestAsync(SipMethod.Bye);
        Assert.Equal(other.Contact, bye.RequestUri.ToString());
        other.Answer(bye, 200);

        CallEnded record = await _tenant.RecordAsync();
        Assert.Equal(CallDisposition.Answered, record.Disposition);
        Assert.Equal(("100", "Alice", "101", "101"), (record.CallerNumber, record.CallerName, record.CalledNumber, record.AnsweredBy));
        Assert.Equal(_answeredAt, record.AnsweredAt);
        Assert.Equal(_tenant.Time.GetUtcNow().UtcDateTime, record.EndedAt);
        Assert.Equal(byCaller ? CallParty.Caller : CallParty.Callee, record.ReleasedBy);
        Assert.Equal(2, record.Media.Count);
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Empty(_tenant.Store.List());
    }

    [Fact]
    public async Task A_held_call_is_resumed_and_held_from_both_sides()
    {
        await TalkAsync();
        await HoldAsync("v=0 sendonly");
        await _tenant.KillAsync();
        await HoldAsync("v=0 sendrecv");
        SipRequest hold = _bob.InDialogAsCallee(SipMethod.Invite, _atBob, "v=0 sendonly");
        _bob.Send(hold);
        SipResponse response = await _bob.FinalAsync();
        Assert.Equal(200, response.StatusCode);
        _bob.Ack(hold, response);
        Assert.Contains("answer 1 like 0", _tenant.Media.Commands);
        await _tenant.KillAsync();                                         // and once more
        await HoldAsync("v=0 sendonly");
        Assert.Single(await _tenant.Runtime.CallsAsync());
    }

    [Fact]
    public async Task Our_next_request_leaves_room_for_those_that_the_dead_owner_sent()
    {
        await TalkAsync();
        await _tenant.KillAsync();
        _alice.Send(_alice.InDialog(SipMethod.Bye, _invite, _answer));
        SipRequest bye = await _bob.RequestAsync(SipMethod.Bye);
        Assert.Equal(_atBob.CSeq.Number + 101, bye.CSeq.Number);           // RFC 3261 §12.2.1.1: higher, not by how much
    }

    [Fact]
    public async Task A_request_of_the_peer_that_is_too_old_is_refused_by_the_next_owner_too()
    {
        await TalkAsync();
        SipRequest info = _alice.InDialog(SipMethod.Info, _invite, _answer);
        SipRequest later = _alice.InDialog(SipMethod.Info, _invite, _answer);
        _alice.Send(later);
        await _alice.ResponseAsync();
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(1));
        await _tenant.KillAsync();
        _alice.Send(info);
        Assert.Equal(500, (await _alice.ResponseAsync()).StatusCode);      // RFC 3261 §12.2.2
    }

    [Fact]
    public async Task A_ringing_call_ends_with_500_and_CANCEL()
    {
        await RingAsync();
        await _tenant.KillAsync();
        SipResponse refused = await _alice.FinalAsync();
        Assert.Equal(500, refused.StatusCode);
        Assert.Equal("SIP;cause=500;text=\"Call control restarted\"", refused.Headers.Get(SipHeaderName.Reason));
        _alice.Ack(_invite, refused);
        SipRequest cancel = await _bob.RequestAsync(SipMethod.Cancel);
        Assert.Equal(_atBob.TopVia.Branch, cancel.TopVia.Branch);          // RFC 3261 §9.1
        Assert.Equal(_atBob.CSeq.Number, cancel.CSeq.Number);
        _bob.Answer(cancel, 200);
        _bob.Answer(_atBob, 487);
        Assert.Equal(_atBob.TopVia.Branch, (await _bob.RequestAsync(SipMethod.Ack)).TopVia.Branch);
        CallEnded record = await _tenant.RecordAsync();
        Assert.Equal((CallDisposition.Failed, 500), (record.Disposition, record.SipStatus));
        Assert.Contains("remove 1", _tenant.Media.Commands);
    }

    [Fact]
    public async Task A_phone_that_answers_all_the_same_gets_ACK_and_BYE()
    {
        await RingAsync();
        await _tenant.KillAsync();
        SipRequest cancel = await _bob.RequestAsync(SipMethod.Cancel);
        _bob.Answer(_atBob, 200, "v=0 bob's answer");                      // it was quicker than the CANCEL
        Assert.Equal(_atBob.CSeq.Number, (await _bob.RequestAsync(SipMethod.Ack)).CSeq.Number);
        _bob.Answer(cancel, 200);
        SipRequest bye = await _bob.RequestAsync(SipMethod.Bye);
        Assert.Equal(_bob.Contact, bye.RequestUri.ToString());
        Assert.Equal(500, (await _alice.FinalAsync()).StatusCode);
    }

    [Fact]
    public async Task An_INVITE_that_had_no_response_yet_is_cancelled_too()
    {
        _bob = await _tenant.RegisteredAsync("101");
        _alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest Invite)> dialling = _alice.DialAsync("101");
        await _bob.RequestAsync(SipMethod.Invite);
        await _tenant.KillAsync();
        await _bob.RequestAsync(SipMethod.Cancel);
        Assert.Equal(500, (await dialling).Response.StatusCode);
    }

    [Fact]
    public async Task Who_dies_between_the_phones_answer_and_the_callers_leaves_nobody_in_a_call()
    {
        await RingAsync();
        _tenant.Media.Hanging = "receive-answer";
        _bob.Answer(_atBob, 200, "v=0 bob's answer");
        await _bob.RequestAsync(SipMethod.Ack);
        await _tenant.KillAsync();
        Assert.Equal(500, (await _alice.FinalAsync()).StatusCode);
        Assert.Equal("SIP;cause=500;text=\"Call control restarted\"", (await _bob.RequestAsync(SipMethod.Bye)).Headers.Get(SipHeaderName.Reason));
    }

    [Fact]
    public async Task A_200_without_ACK_is_sent_again_until_it_comes()
    {
        await RingAsync();
        _bob.Answer(_atBob, 200, "v=0 bob's answer");
        await _bob.RequestAsync(SipMethod.Ack);
        _answer = await _alice.FinalAsync();
        await _tenant.KillAsync();
        SipResponse again = await _alice.FinalAsync();                     // RFC 3261 §13.3.1.4
        Assert.Equal(_answer.ToBytes(), again.ToBytes());
        await _tenant.AdvanceAsync(TimeSpan.FromMilliseconds(500));
        Assert.Equal(200, (await _alice.FinalAsync()).StatusCode);
        _alice.Ack(_invite, again);
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(40));
        Assert.True(_alice.HasNothing);
        Assert.Null(_tenant.Store.Only().Legs[0].Dialog!.OpenAnswer);
        _alice.Send(_alice.InDialog(SipMethod.Bye, _invite, _answer));
        await _bob.RequestAsync(SipMethod.Bye);
    }

    [Fact]
    public async Task The_answer_to_our_offer_comes_in_the_ACK_to_the_next_owner()
    {
        _bob = await _tenant.RegisteredAsync("101");
        _alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest Invite)> dialling = _alice.DialAsync("101", null);
        _bob.Answer(await _bob.RequestAsync(SipMethod.Invite), 200, "v=0 bob's answer");
        (_answer, _invite) = await dialling;
        await _tenant.KillAsync();
        _alice.Ack(_invite, await _alice.FinalAsync(), "v=0 alice's answer");
        await _tenant.SettleAsync();
        Assert.Contains("receive-answer 0", _tenant.Media.Commands);
    }

    [Fact]
    public async Task A_200_to_a_reINVITE_that_the_dead_owner_sent_is_acknowledged_and_the_session_agreed_on_anew()
    {
        await TalkAsync();
        await _tenant.KillAsync();
        SipRequest forgotten = WithCSeq(_atBob, _atBob.CSeq.Number + 5);
        _bob.Answer(forgotten, 200, "v=0 bob's answer");
        Assert.Equal(forgotten.CSeq.Number, (await _bob.RequestAsync(SipMethod.Ack)).CSeq.Number);
        SipRequest repair = await _bob.RequestAsync(SipMethod.Invite);
        Assert.True(repair.CSeq.Number > forgotten.CSeq.Number);
        Assert.StartsWith("v=0 our offer", System.Text.Encoding.UTF8.GetString(repair.Body.Span), StringComparison.Ordinal);
        _bob.Answer(repair, 200, "v=0 bob's answer");
        await _bob.RequestAsync(SipMethod.Ack);
        await _tenant.SettleAsync();
        Assert.Equal(2, _tenant.Media.Commands.Count(command => command == "receive-answer 1"));
        _bob.Answer(forgotten, 200, "v=0 bob's answer");                   // repeated: our ACK was lost
        Assert.Equal(forgotten.CSeq.Number, (await _bob.RequestAsync(SipMethod.Ack)).CSeq.Number);
        Assert.True(_alice.HasNothing);
    }

    [Fact]
    public async Task A_200_to_the_first_INVITE_is_acknowledged_and_nothing_else()
    {
        await TalkAsync();
        await _tenant.KillAsync();
        _bob.Answer(_atBob, 200, "v=0 bob's answer");
        Assert.Equal(_atBob.CSeq.Number, (await _bob.RequestAsync(SipMethod.Ack)).CSeq.Number);
        await _tenant.SettleAsync();
        Assert.True(_bob.HasNothing);
    }

    [Fact]
    public async Task A_media_node_that_lost_the_session_ends_the_call()
    {
        await TalkAsync();
        _tenant.Media.Attaching = AttachOutcome.Unknown;
        await _tenant.KillAsync();
        await _alice.RequestAsync(SipMethod.Bye);
        await _bob.RequestAsync(SipMethod.Bye);
        Assert.Equal("Media node lost", (await _tenant.RecordAsync()).Reason);
    }

    [Fact]
    public async Task A_media_node_that_is_away_is_asked_again()
    {
        await TalkAsync();
        _tenant.Media.Attaching = AttachOutcome.Away;
        await _tenant.KillAsync();
        Assert.Single(await _tenant.Runtime.CallsAsync());
        _tenant.Media.Attaching = AttachOutcome.Attached;
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(2));
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(2, _tenant.Media.Commands.Count(command => command == "attach"));
        Assert.Single(await _tenant.Runtime.CallsAsync());
    }

    [Fact]
    public async Task Silence_of_a_party_reaches_the_next_owner()
    {
        await TalkAsync();
        await _tenant.KillAsync();
        _tenant.Sessions.LegSilent(new LegId(Assert.Single(await _tenant.Runtime.CallsAsync()).CallId, 1));
        await _alice.RequestAsync(SipMethod.Bye);
        await _bob.RequestAsync(SipMethod.Bye);
        Assert.Equal("No media received", (await _tenant.RecordAsync()).Reason);
    }

    [Fact]
    public async Task The_echo_test_goes_on()
    {
        _alice = _tenant.Phone("100");
        (_answer, _invite) = await _alice.DialAsync("*43");
        _alice.Ack(_invite, _answer);
        await _tenant.KillAsync();
        _alice.Send(_alice.InDialog(SipMethod.Bye, _invite, _answer));
        Assert.Equal(200, (await _alice.ResponseAsync()).StatusCode);
        Assert.Equal(("*43", CallDisposition.Answered), ((await _tenant.RecordAsync()).AnsweredBy, Assert.Single(_tenant.Records).Disposition));
    }

    [Fact]
    public async Task A_phone_that_reconnected_is_followed_by_the_next_owner_on_its_proof()
    {
        await TalkAsync();
        await _tenant.KillAsync();
        StubPhone after = _tenant.Phone("101");
        after.RegisterCallId = _bob.RegisterCallId;
        after.RegisterCSeq = _bob.RegisterCSeq;
        Assert.Equal(200, (await after.RegisterAsync()).StatusCode);
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(1));
        await _tenant.KillAsync();                                         // the new flow is in the snapshot, too
        _alice.Send(_alice.InDialog(SipMethod.Bye, _invite, _answer));
        await after.RequestAsync(SipMethod.Bye);
        Assert.True(_bob.HasNothing);
    }

    [Fact]
    public async Task A_nonce_of_the_dead_owner_is_stale_which_costs_a_phone_one_request()
    {
        _bob = await _tenant.RegisteredAsync("101");
        await _tenant.KillAsync();
        SipRequest refresh = _bob.Register("600", $"<{_bob.Contact}>");
        (SipResponse response, SipRequest sent) = await _bob.TryAsync(refresh);
        Assert.Equal(200, response.StatusCode);
        Assert.NotSame(refresh, sent);                                     // RFC 7616 §3.3: stale, so the user is not asked
    }

    [Fact]
    public async Task A_call_that_ended_unconfirmed_is_closed_by_the_next_owner_and_not_led()
    {
        _tenant.BusIsThere = false;
        await TalkAsync();
        _alice.Send(_alice.InDialog(SipMethod.Bye, _invite, _answer));
        _bob.Answer(await _bob.RequestAsync(SipMethod.Bye), 200);
        CallEnded record = await _tenant.RecordAsync();
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(CallPhase.Ended, _tenant.Store.Only().Phase);
        _tenant.Records.Clear();                                           // with the dead worker's disk
        _tenant.BusIsThere = true;
        await _tenant.KillAsync();
        CallEnded again = await _tenant.RecordAsync();
        Assert.Equal((record.CallId, record.EndedAt, record.ReleasedBy), (again.CallId, again.EndedAt, again.ReleasedBy));
        Assert.Equal(record.Media, again.Media);
        Assert.Empty(await _tenant.Runtime.CallsAsync());
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Empty(_tenant.Store.List());
    }

    [Fact]
    public async Task A_call_is_written_where_a_kill_would_lose_something_and_not_on_each_message()
    {
        await RingAsync();
        await _tenant.SettleAsync();
        Assert.Equal((1, CallPhase.Ringing), (_tenant.Store.Writes, _tenant.Store.Only().Phase));           // the INVITEs, at once: the clock stands still. What rings is ended whatever it said
        await _tenant.AdvanceAsync(TimeSpan.FromMilliseconds(50));
        Assert.Equal(1, _tenant.Store.Writes);
        _bob.Answer(_atBob, 200, "v=0 bob's answer");
        await _bob.RequestAsync(SipMethod.Ack);
        _answer = await _alice.FinalAsync();
        await _tenant.SettleAsync();
        Assert.Equal((2, CallPhase.Talking), (_tenant.Store.Writes, _tenant.Store.Only().Phase));           // at once as well
        _alice.Ack(_invite, _answer);
        await _tenant.AdvanceAsync(TimeSpan.FromMilliseconds(50));
        Assert.Equal(3, _tenant.Store.Writes);
        _alice.Send(_alice.InDialog(SipMethod.Bye, _invite, _answer));
        _bob.Answer(await _bob.RequestAsync(SipMethod.Bye), 200);
        await _tenant.RecordAsync();
        await _tenant.AdvanceAsync(TimeSpan.FromMilliseconds(50));
        Assert.Equal(4, _tenant.Store.Writes);                             // the bus was quicker than the snapshot of its end
        Assert.Empty(_tenant.Store.List());
    }

    [Fact]
    public async Task A_worker_that_stops_leaves_no_call_that_goes_on()
    {
        _tenant.BusIsThere = false;
        await TalkAsync();
        Task ending = _tenant.Runtime.EndAsync("Server Stopping");
        _alice.Answer(await _alice.RequestAsync(SipMethod.Bye), 200);
        _bob.Answer(await _bob.RequestAsync(SipMethod.Bye), 200);
        await ending.WaitAsync(Patience.Limit, TestContext.Current.CancellationToken);                      // the clock stands still
        Assert.Equal(CallPhase.Ended, _tenant.Store.Only().Phase);
    }

    [Fact]
    public async Task The_snapshot_of_a_confirmed_call_goes_with_the_next_calls_write()
    {
        _tenant.BusIsThere = false;
        await TalkAsync();
        _alice.Send(_alice.InDialog(SipMethod.Bye, _invite, _answer));
        _bob.Answer(await _bob.RequestAsync(SipMethod.Bye), 200);
        CallId over = (await _tenant.RecordAsync()).CallId;
        await _tenant.AdvanceAsync(TimeSpan.FromMilliseconds(50));
        Assert.Equal(CallPhase.Ended, _tenant.Store.Only().Phase);
        int writes = _tenant.Store.Writes;
        _tenant.Confirm();
        await _tenant.AdvanceAsync(TimeSpan.FromMilliseconds(50));
        Assert.Equal((writes, over), (_tenant.Store.Writes, Assert.Single(_tenant.Store.List()).Call));
        Task<(SipResponse Response, SipRequest Invite)> dialling = _alice.DialAsync("101");
        await _bob.RequestAsync(SipMethod.Invite);
        await _tenant.AdvanceAsync(TimeSpan.FromMilliseconds(50));
        Assert.Equal(writes + 1, _tenant.Store.Writes);
        Assert.NotEqual(over, Assert.Single(_tenant.Store.List()).Call);
        _ = dialling;
    }

    [Fact]
    public async Task While_the_store_is_away_calls_go_on_and_all_are_written_when_it_is_back()
    {
        _tenant.Store.IsAway = true;
        await TalkAsync();
        await HoldAsync("v=0 sendonly");
        Assert.Empty(_tenant.Store.List());
        _tenant.Store.IsAway = false;
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(2));
        Assert.Equal(CallPhase.Talking, _tenant.Store.Only().Phase);
        _tenant.Store.Clear();                                             // a restart without data
        _tenant.Runtime.Reseed();
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(CallPhase.Talking, _tenant.Store.Only().Phase);
    }

    [Fact]
    public async Task An_owner_that_was_replaced_falls_silent_as_soon_as_it_learns_of_it()
    {
        await TalkAsync();
        TaskCompletionSource lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _tenant.Runtime.Lost += lost.SetResult;
        _tenant.Store.Epoch = 100;
        _alice.Send(_alice.InDialog(SipMethod.Info, _invite, _answer));
        Assert.Equal(200, (await _alice.ResponseAsync()).StatusCode);
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(1));
        await lost.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        _alice.Send(_alice.InDialog(SipMethod.Bye, _invite, _answer));
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.True(_alice.HasNothing && _bob.HasNothing);
        Assert.Empty(_tenant.Records);
    }

    [Fact]
    public async Task A_snapshot_of_a_later_version_is_left_for_who_can_read_it()
    {
        CallId call = CallId.New();
        _tenant.Store.Put(new(call, "{\"version\":2,\"phase\":{\"unheard\":\"of\"}}"u8.ToArray()));
        await _tenant.KillAsync();
        Assert.Empty(await _tenant.Runtime.CallsAsync());
        Assert.Equal(call, Assert.Single(_tenant.Store.List()).Call);
        Assert.Empty(_tenant.Records);
    }

    public void Dispose() => _tenant.Dispose();

    private static SipRequest WithCSeq(SipRequest request, uint number)
    {
        SipMessage.TryParse(request.ToBytes(), out SipMessage? copy);
        copy!.Headers.Set(SipHeaderName.CSeq, new CSeq(number, request.Method).ToString());
        return (SipRequest)copy;
    }

    private async Task RingAsync()
    {
        _bob = await _tenant.RegisteredAsync("101");
        _alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest Invite)> dialling = _alice.DialAsync("101");
        _atBob = await _bob.RequestAsync(SipMethod.Invite);
        _bob.Answer(_atBob, 180);
        (SipResponse ringing, _invite) = await dialling;
        Assert.Equal(180, ringing.StatusCode);
        await _tenant.AdvanceAsync(TimeSpan.FromMilliseconds(100));
    }

    private async Task TalkAsync()
    {
        await RingAsync();
        _bob.Answer(_atBob, 200, "v=0 bob's answer");
        await _bob.RequestAsync(SipMethod.Ack);
        _answer = await _alice.FinalAsync();
        _answeredAt = _tenant.Time.GetUtcNow().UtcDateTime;
        _alice.Ack(_invite, _answer);
        await _tenant.AdvanceAsync(TimeSpan.FromMilliseconds(100));
    }

    private async Task HoldAsync(string sdp)
    {
        SipRequest hold = _alice.InDialog(SipMethod.Invite, _invite, _answer, sdp);
        _alice.Send(hold);
        SipResponse response = await _alice.FinalAsync();
        Assert.Equal(200, response.StatusCode);
        _alice.Ack(hold, response);
        await _tenant.AdvanceAsync(TimeSpan.FromMilliseconds(100));
    }
}
