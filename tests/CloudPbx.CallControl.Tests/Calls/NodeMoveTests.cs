using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Events;
using CloudPbx.MediaControl;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.Calls;

/// <summary>The media node of a call drains or dies, and another one is there, or none.</summary>
public sealed class NodeMoveTests : IDisposable
{
    private readonly TestTenant _tenant = new();
    private readonly FakeMedia _former = new();
    private StubPhone _alice = null!;
    private StubPhone _bob = null!;
    private SipRequest _invite = null!;
    private SipResponse _answer = null!;

    [Fact]
    public async Task Both_parties_of_a_call_on_a_draining_node_are_asked_to_send_elsewhere()
    {
        await TalkAsync();
        (_tenant.Media.HasOther, _tenant.Media.Former) = (true, _former);
        await LeaveAsync();
        // Not before all have agreed: a party that refuses keeps the call where it is.
        Assert.DoesNotContain("bridge 0 1", _tenant.Media.Commands);
        await AnswerAsync(_alice, 200);
        await AnswerAsync(_bob, 200);
        await _tenant.SettleAsync();

        Assert.Equal(["move", "restore 0 as agreed", "restore 1 as agreed", "offer 0 avp like 1", "offer 1 savp like 0", "receive-answer 0", "receive-answer 1", "bridge 0 1"], _tenant.Media.Commands);
        Assert.Equal(["remove 0", "remove 1"], _former.Commands);
        await HangUpAsync();
        Assert.Equal(2, (await _tenant.RecordAsync()).Media.Count(leg => leg.Party == CallParty.Caller));      // what it was like there, and here
    }

    [Fact]
    public async Task Where_a_party_refuses_the_call_stays_and_the_other_one_comes_back()
    {
        await TalkAsync();
        (_tenant.Media.HasOther, _tenant.Media.Former) = (true, _former);
        await LeaveAsync();
        await AnswerAsync(_alice, 200);
        await AnswerAsync(_bob, 488);
        await _tenant.SettleAsync();
        Assert.Contains("undo-move", _tenant.Media.Commands);
        await AnswerAsync(_alice, 200);                                     // once more, with the old address
        await _tenant.SettleAsync();
        Assert.DoesNotContain("bridge 0 1", _tenant.Media.Commands);
        Assert.Equal(["restore 0 as agreed"], _former.Commands);            // its next description is later than the other node's (RFC 3264 §8)

        _tenant.Media.Commands.Clear();
        await LeaveAsync();                                                 // not asked again at once
        Assert.Empty(_tenant.Media.Commands);
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(31));
        await LeaveAsync();
        Assert.Contains("move", _tenant.Media.Commands);
    }

    [Fact]
    public async Task Without_another_node_a_call_stays_on_the_draining_one()
    {
        await TalkAsync();
        await LeaveAsync();
        Assert.Equal(["move"], _tenant.Media.Commands);
        Assert.True(_alice.HasNothing);
    }

    [Fact]
    public async Task A_ringing_call_stays_until_it_is_answered()
    {
        _bob = await _tenant.RegisteredAsync("101");
        _alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest Request)> dialling = _alice.DialAsync("101");
        _bob.Answer(await _bob.RequestAsync(SipMethod.Invite), 180);
        await dialling;
        _tenant.Media.HasOther = true;
        await LeaveAsync();
        Assert.DoesNotContain("move", _tenant.Media.Commands);
    }

    [Fact]
    public async Task A_call_whose_node_died_goes_on_by_another_one_and_what_is_recorded_is_in_two_parts()
    {
        await TalkAsync();
        await PressAsync("*1");
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(4));
        _tenant.Media.HasOther = true;
        _tenant.Media.Commands.Clear();
        _tenant.Sessions.NodeLost();
        await AnswerAsync(_bob, 200);
        await AnswerAsync(_alice, 200);
        await _tenant.SettleAsync();
        Assert.Equal(["record 0 1", "bridge 0 1"], _tenant.Media.Commands.TakeLast(2));
        await HangUpAsync();
        CallEnded record = await _tenant.RecordAsync();
        Assert.Equal((CallDisposition.Answered, CallParty.Caller), (record.Disposition, record.ReleasedBy));
        Assert.Equal([(4000L, true), (5000L, false)], record.Recordings.Select(recording => (recording.DurationMilliseconds, recording.IsPartial)));
        Assert.Equal(2, record.Recordings.Select(recording => recording.Id).Distinct().Count());
    }

    [Fact]
    public async Task A_node_that_is_started_again_gets_its_calls_back()
    {
        await TalkAsync();
        _tenant.Sessions.NodeLost();
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.True(_alice.HasNothing);
        _tenant.Media.HasOther = true;
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(1));
        await AnswerAsync(_bob, 200);
        await AnswerAsync(_alice, 200);
        await _tenant.SettleAsync();
        Assert.Equal("bridge 0 1", _tenant.Media.Commands.Last());
        Assert.Single(await _tenant.Runtime.CallsAsync());
    }

    [Fact]
    public async Task A_phone_that_hangs_up_meanwhile_ends_the_call_and_no_leg_is_left_anywhere()
    {
        await TalkAsync();
        (_tenant.Media.HasOther, _tenant.Media.Former) = (true, _former);
        await LeaveAsync();
        SipRequest atBob = await _bob.RequestAsync(SipMethod.Invite);
        await AnswerAsync(_alice, 200);
        _alice.Send(_alice.InDialog(SipMethod.Bye, _invite, _answer));
        Assert.Equal(200, (await _alice.FinalAsync()).StatusCode);
        _bob.Answer(await _bob.RequestAsync(SipMethod.Bye), 200);
        _bob.Answer(atBob, 487);
        await _bob.RequestAsync(SipMethod.Ack);
        await _tenant.SettleAsync();
        Assert.Contains("undo-move", _tenant.Media.Commands);
        Assert.Equal(["remove 0", "remove 1"], _tenant.Media.Commands.TakeLast(2));
        Assert.Empty(await _tenant.Runtime.CallsAsync());
    }

    public void Dispose() => _tenant.Dispose();

    private async Task LeaveAsync()
    {
        if (_tenant.Media.HasOther)
            _tenant.Media.Commands.Clear();
        _tenant.Sessions.Leave((await _tenant.Runtime.CallsAsync())[0].CallId);
        await _tenant.SettleAsync();
    }

    private static async Task AnswerAsync(StubPhone phone, int status)
    {
        SipRequest reinvite = await phone.RequestAsync(SipMethod.Invite);
        phone.Answer(reinvite, status, status == 200 ? "v=0 savp the phone's answer" : null);
        await phone.RequestAsync(SipMethod.Ack);
    }

    private async Task PressAsync(string digits)
    {
        foreach (char digit in digits)
        {
            _tenant.Sessions.DigitReceived(new LegId((await _tenant.Runtime.CallsAsync())[0].CallId, 0), digit, 100);
            await _tenant.SettleAsync();
        }
    }

    private async Task HangUpAsync()
    {
        _alice.Send(_alice.InDialog(SipMethod.Bye, _invite, _answer));
        Assert.Equal(200, (await _alice.FinalAsync()).StatusCode);
        _bob.Answer(await _bob.RequestAsync(SipMethod.Bye), 200);
        await _tenant.SettleAsync();
    }

    private async Task TalkAsync()
    {
        _bob = await _tenant.RegisteredAsync("101");
        _alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest Request)> dialling = _alice.DialAsync("101");
        SipRequest atBob = await _bob.RequestAsync(SipMethod.Invite);
        _bob.Answer(atBob, 200, "v=0 savp bob's answer");
        await _bob.RequestAsync(SipMethod.Ack);
        (_answer, _invite) = await dialling;
        _alice.Ack(_invite, _answer);
        await _tenant.SettleAsync();
        _tenant.Media.Commands.Clear();
    }
}
