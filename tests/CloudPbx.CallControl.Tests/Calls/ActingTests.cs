using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Live;
using CloudPbx.Data.Tenants;
using CloudPbx.Grains;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.Calls;

/// <summary>What programs do to calls that talk; alice (100) calls bob (101), carol is 102. No phone hears of it.</summary>
public sealed class ActingTests : IDisposable
{
    private readonly TestTenant _tenant = new();
    private StubPhone _alice = null!;
    private StubPhone _bob = null!;
    private SipRequest _invite = null!;
    private SipResponse _answer = null!;
    private SipRequest _atBob = null!;
    private CallId _call;

    private IEnumerable<string> Heard => _tenant.Media.Commands.Where(command => command.StartsWith("prompt ", StringComparison.Ordinal) || command.StartsWith("stop ", StringComparison.Ordinal));

    [Theory]
    [InlineData(CallParty.Caller, "prompt 0 silence/500", "prompt 1 music/default", "stop 0", "stop 1")]
    [InlineData(CallParty.Callee, "prompt 1 silence/500", "prompt 0 music/default", "stop 1", "stop 0")]
    public async Task Who_holds_hears_nothing_and_the_other_one_hears_music(CallParty party, params string[] heard)
    {
        await TalkAsync();
        Assert.Equal(CallActionAnswer.Done, await ActAsync(CallAction.Hold, party));
        Assert.Equal(CallActionAnswer.Done, await ActAsync(CallAction.Hold, party));                // once is enough
        Assert.Equal((party == CallParty.Caller, party == CallParty.Callee), await LiveAsync() is var live ? (live.CallerHolds, live.CalleeHolds) : default);
        Assert.Equal(CallActionAnswer.Done, await ActAsync(CallAction.Resume, party));
        Assert.Equal(heard, Heard);
        Assert.False((await LiveAsync()).CallerHolds);
        Assert.True(_alice.HasNothing && _bob.HasNothing);
    }

    [Fact]
    public async Task Who_is_muted_is_not_heard_and_hears_the_other_one()
    {
        await TalkAsync();
        Assert.Equal(CallActionAnswer.Done, await ActAsync(CallAction.Mute, CallParty.Caller));
        Assert.Equal(["prompt 1 silence/500"], Heard);
        Assert.True((await LiveAsync()).CallerMuted);
        await ActAsync(CallAction.Hold, CallParty.Caller);
        Assert.Equal(["prompt 1 silence/500", "prompt 0 silence/500", "prompt 1 music/default"], Heard);
        await ActAsync(CallAction.Resume, CallParty.Caller);
        Assert.Equal("prompt 1 silence/500", Heard.Last());                                         // muted still
        await ActAsync(CallAction.Unmute, CallParty.Caller);
        Assert.Equal("stop 1", Heard.Last());
    }

    [Fact]
    public async Task A_phone_that_resumes_does_not_end_the_hold_of_a_program()
    {
        await TalkAsync();
        await ActAsync(CallAction.Hold, CallParty.Callee);
        foreach (string sdp in (string[])["v=0 sendonly", "v=0 again"])
        {
            SipRequest reinvite = _bob.InDialogAsCallee(SipMethod.Invite, _atBob, sdp);
            _bob.Send(reinvite);
            _bob.Ack(reinvite, await _bob.FinalAsync());
            await _tenant.SettleAsync();
        }
        Assert.DoesNotContain("stop 0", Heard);
        await ActAsync(CallAction.Resume, CallParty.Callee);
        Assert.Contains("stop 0", Heard);
    }

    [Fact]
    public async Task The_next_owner_knows_who_holds_and_who_is_muted()
    {
        await TalkAsync();
        await ActAsync(CallAction.Hold, CallParty.Callee);
        await ActAsync(CallAction.Mute, CallParty.Callee);
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(1));
        await _tenant.KillAsync();
        await _tenant.SettleAsync();
        LiveCall live = await LiveAsync();
        Assert.Equal((true, true, false), (live.CalleeHolds, live.CalleeMuted, live.CallerMuted));
        await ActAsync(CallAction.Resume, CallParty.Callee);
        Assert.Equal(["stop 1", "prompt 0 silence/500"], Heard.TakeLast(2));
    }

    [Fact]
    public async Task Who_is_muted_stays_so_when_another_party_comes()
    {
        StubPhone carol = await _tenant.RegisteredAsync("102");
        await TalkAsync();
        await ActAsync(CallAction.Mute, CallParty.Caller);
        Assert.Equal(TransferAnswer.Begun, await _tenant.Runtime.TransferAsync(_call, CallParty.Callee, "102"));
        carol.Answer(await carol.RequestAsync(SipMethod.Invite), 200, "v=0 carol's answer");
        await carol.RequestAsync(SipMethod.Ack);
        _bob.Answer(await _bob.RequestAsync(SipMethod.Bye), 200);
        await _tenant.SettleAsync();
        Assert.Equal(["bridge 0 2", "prompt 2 silence/500"], _tenant.Media.Commands.Where(command => command.StartsWith("bridge 0 2", StringComparison.Ordinal) || command.StartsWith("prompt 2", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_recording_begins_pauses_goes_on_and_ends()
    {
        await TalkAsync();
        Assert.Equal(CallActionAnswer.NotRecorded, await ActAsync(CallAction.PauseRecording));
        Assert.Equal(CallActionAnswer.NotRecorded, await ActAsync(CallAction.StopRecording));
        Assert.Equal(CallRecordingState.Off, (await LiveAsync()).Recording);
        foreach ((CallAction action, CallRecordingState state) in new[]
        {
            (CallAction.StartRecording, CallRecordingState.Running), (CallAction.StartRecording, CallRecordingState.Running), (CallAction.PauseRecording, CallRecordingState.Paused),
            (CallAction.ResumeRecording, CallRecordingState.Running), (CallAction.StopRecording, CallRecordingState.Off),
        })
        {
            Assert.Equal(CallActionAnswer.Done, await ActAsync(action));
            Assert.Equal(state, (await LiveAsync()).Recording);
        }
        Assert.Equal(["record 0 1", "record 0 1 paused", "record 0 1", "end-recording"], _tenant.Media.Commands.Where(command => command.Contains("record", StringComparison.Ordinal)));
        await HangUpAsync();
        CallRecording recording = Assert.Single((await _tenant.RecordAsync()).Recordings);
        Assert.Equal(5000, recording.DurationMilliseconds);
    }

    [Fact]
    public async Task A_recording_that_somebody_ended_is_not_begun_again_by_a_policy()
    {
        _tenant.Shape = content => content with { Extensions = [.. content.Extensions.Select(extension => extension with { Recording = RecordingPolicy.Always })] };
        _tenant.Runtime.Replace(_tenant.Configure(2));
        StubPhone carol = await _tenant.RegisteredAsync("102");
        await TalkAsync();
        Assert.Equal(CallRecordingState.Running, (await LiveAsync()).Recording);
        Assert.Equal(CallActionAnswer.Done, await ActAsync(CallAction.StopRecording));
        await _tenant.Runtime.TransferAsync(_call, CallParty.Callee, "102");
        carol.Answer(await carol.RequestAsync(SipMethod.Invite), 200, "v=0 carol's answer");
        await carol.RequestAsync(SipMethod.Ack);
        _bob.Answer(await _bob.RequestAsync(SipMethod.Bye), 200);
        await _tenant.SettleAsync();
        Assert.Equal(CallRecordingState.Off, (await LiveAsync()).Recording);
        Assert.Equal(CallActionAnswer.Done, await ActAsync(CallAction.StartRecording));             // but whoever asks for one gets it
    }

    [Fact]
    public async Task What_cannot_be_done_is_said()
    {
        Assert.Equal(CallActionAnswer.NoCall, await _tenant.Runtime.ActAsync(CallId.New(), CallAction.Hold, CallParty.Caller));
        _alice = await _tenant.RegisteredAsync("100");
        (SipResponse answer, SipRequest invite) = await _alice.DialAsync("*43");
        _alice.Ack(invite, answer);
        await _tenant.SettleAsync();
        _call = (await LiveAsync()).CallId;
        Assert.Equal(CallActionAnswer.NoSuchParty, await ActAsync(CallAction.Hold, CallParty.Callee));
        Assert.Equal(CallActionAnswer.NoSuchParty, await ActAsync(CallAction.Mute, CallParty.Caller));   // nobody is there who could hear it
    }

    [Theory]
    [InlineData(CallParty.Callee, 0)]
    [InlineData(CallParty.Caller, 1)]
    public async Task A_party_is_put_into_a_conference_room(CallParty leaving, int stays)
    {
        ConfiguredConference room = new(ConferenceId.New(), "800", "Standup", null, null, EntryTones: false, Locked: false);
        _tenant.Shape = content => content with { Conferences = [room] };
        _tenant.Runtime.Replace(_tenant.Configure(2));
        await TalkAsync();
        Assert.True((await LiveAsync()).IsConversation);
        await ActAsync(CallAction.Mute, leaving == CallParty.Callee ? CallParty.Caller : CallParty.Callee);
        Assert.Equal(TransferAnswer.Begun, await _tenant.Runtime.TransferAsync(_call, leaving, "800"));
        StubPhone leaves = leaving == CallParty.Callee ? _bob : _alice;
        leaves.Answer(await leaves.RequestAsync(SipMethod.Bye), 200);
        await _tenant.SettleAsync();
        Assert.Contains($"join {stays} {room.Id} muted", _tenant.Media.Commands);                   // it was muted before
        LiveCall live = await LiveAsync();
        Assert.Equal((false, true), (live.IsConversation, live.CallerMuted));
        await ActAsync(CallAction.Unmute, CallParty.Caller);
        Assert.Contains($"join {stays} {room.Id}", _tenant.Media.Commands);
        Assert.Equal(CallActionAnswer.NoSuchParty, await ActAsync(CallAction.Hold, CallParty.Callee));
        StubPhone staying = leaves == _bob ? _alice : _bob;
        Assert.True(staying.HasNothing);
        staying.Send(stays == 0 ? _alice.InDialog(SipMethod.Bye, _invite, _answer) : _bob.InDialogAsCallee(SipMethod.Bye, _atBob));
        await staying.ResponseAsync();
        await _tenant.RecordAsync();
    }

    [Fact]
    public async Task A_room_on_another_media_node_leaves_the_call_as_it_was()
    {
        ConfiguredConference room = new(ConferenceId.New(), "800", "Standup", null, null, EntryTones: false, Locked: false);
        _tenant.Shape = content => content with { Conferences = [room] };
        _tenant.Runtime.Replace(_tenant.Configure(2));
        _tenant.Media.ConferencesElsewhere = true;
        await TalkAsync();
        Assert.Equal(TransferAnswer.Begun, await _tenant.Runtime.TransferAsync(_call, CallParty.Callee, "800"));
        await _tenant.SettleAsync();
        Assert.True((await LiveAsync()).IsConversation);
        Assert.True(_bob.HasNothing);
        TenantEvent told = Assert.Single(_tenant.News, happened => happened.Type == EventTypes.CallTransferFailed);
        Assert.Equal(_call.ToString(), told.Subject);
        Assert.Equal($$"""{"callId":"{{_call}}","leaving":"callee","number":"800","status":503}""", told.Data);
    }

    [Fact]
    public async Task A_call_goes_to_the_media_node_of_the_room_that_a_party_is_put_into()
    {
        ConfiguredConference room = new(ConferenceId.New(), "800", "Standup", null, null, EntryTones: false, Locked: false);
        _tenant.Shape = content => content with { Conferences = [room] };
        _tenant.Runtime.Replace(_tenant.Configure(2));
        FakeMedia former = new();
        (_tenant.Media.ConferencesElsewhere, _tenant.Media.HasOther, _tenant.Media.Former) = (true, true, former);
        await TalkAsync();
        _tenant.Media.Commands.Clear();
        Assert.Equal(TransferAnswer.Begun, await _tenant.Runtime.TransferAsync(_call, CallParty.Callee, "800"));
        foreach (StubPhone phone in new[] { _alice, _bob })
        {
            phone.Answer(await phone.RequestAsync(SipMethod.Invite), 200, "v=0 the phone's answer");
            await phone.RequestAsync(SipMethod.Ack);
        }
        _bob.Answer(await _bob.RequestAsync(SipMethod.Bye), 200);
        await _tenant.SettleAsync();
        Assert.Equal($"move beside {room.Id}", _tenant.Media.Commands.First());
        Assert.Equal(["remove 0", "remove 1"], former.Commands);
        Assert.Contains($"join 0 {room.Id}", _tenant.Media.Commands);
        Assert.DoesNotContain(_tenant.News, happened => happened.Type == EventTypes.CallTransferFailed);
        Assert.False((await LiveAsync()).IsConversation);
    }

    [Fact]
    public async Task A_transfer_that_nobody_takes_is_told_since_its_asker_heard_only_that_it_began()
    {
        StubPhone carol = await _tenant.RegisteredAsync("102");
        await TalkAsync();
        Assert.Equal(TransferAnswer.Begun, await _tenant.Runtime.TransferAsync(_call, CallParty.Callee, "102"));
        carol.Answer(await carol.RequestAsync(SipMethod.Invite), 486);
        await carol.RequestAsync(SipMethod.Ack);
        await _tenant.SettleAsync();
        Assert.Contains("\"number\":\"102\",\"status\":486", Assert.Single(_tenant.News, happened => happened.Type == EventTypes.CallTransferFailed).Data, StringComparison.Ordinal);
        Assert.True((await LiveAsync()).IsConversation);
        await HangUpAsync();
    }

    public void Dispose() => _tenant.Dispose();

    private async Task<CallActionAnswer> ActAsync(CallAction action, CallParty? party = null)
    {
        CallActionAnswer answer = await _tenant.Runtime.ActAsync(_call, action, party);
        await _tenant.SettleAsync();
        return answer;
    }

    private async Task<LiveCall> LiveAsync() => Assert.Single(await _tenant.Runtime.CallsAsync());

    private async Task HangUpAsync()
    {
        _alice.Send(_alice.InDialog(SipMethod.Bye, _invite, _answer));
        _bob.Answer(await _bob.RequestAsync(SipMethod.Bye), 200);
    }

    private async Task TalkAsync()
    {
        _bob = await _tenant.RegisteredAsync("101");
        _alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest Invite)> dialling = _alice.DialAsync("101");
        _atBob = await _bob.RequestAsync(SipMethod.Invite);
        _bob.Answer(_atBob, 200, "v=0 bob's answer");
        await _bob.RequestAsync(SipMethod.Ack);
        (_answer, _invite) = await dialling;
        _alice.Ack(_invite, _answer);
        await _tenant.SettleAsync();
        _call = (await LiveAsync()).CallId;
    }
}
