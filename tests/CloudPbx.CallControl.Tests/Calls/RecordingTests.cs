using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Live;
using CloudPbx.Grains;
using CloudPbx.MediaControl;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.Calls;

/// <summary>Which calls are recorded, and how; alice (100) calls bob (101), carol is 102.</summary>
public sealed class RecordingTests : IDisposable
{
    private readonly TestTenant _tenant = new();
    private StubPhone _alice = null!;
    private StubPhone _bob = null!;
    private SipRequest _invite = null!;
    private SipResponse _answer = null!;
    private SipRequest _atBob = null!;

    private IEnumerable<string> Recorded => _tenant.Media.Commands.Where(command => command.Contains("record", StringComparison.Ordinal));

    [Theory]
    [InlineData("100", RecordingPolicy.Off, false)]
    [InlineData("100", RecordingPolicy.Always, true)]
    [InlineData("100", RecordingPolicy.Outbound, true)]
    [InlineData("100", RecordingPolicy.Inbound, false)]
    [InlineData("101", RecordingPolicy.Always, true)]
    [InlineData("101", RecordingPolicy.Outbound, false)]
    [InlineData("101", RecordingPolicy.Inbound, true)]
    [InlineData("102", RecordingPolicy.Always, false)]
    public async Task An_extensions_policy_decides_by_the_calls_direction(string extension, RecordingPolicy policy, bool recorded)
    {
        Configure(extension, policy);
        await TalkAsync();
        Assert.Equal(recorded ? ["record 0 1"] : [], Recorded);
        await HangUpAsync();
        CallEnded record = await _tenant.RecordAsync();
        Assert.Equal(recorded ? 1 : 0, record.Recordings.Count);
    }

    [Fact]
    public async Task What_is_recorded_begins_before_the_first_word_and_is_in_the_calls_record()
    {
        Configure("100", RecordingPolicy.Always);
        await TalkAsync();
        Assert.Equal(["record 0 1", "bridge 0 1"], _tenant.Media.Commands.TakeLast(2));
        RecordingRequest request = Assert.Single(_tenant.Media.Recordings);
        Assert.Equal((_tenant.Tenant, 32), (request.Tenant, request.Key.Length));
        await HangUpAsync();
        CallRecording recording = Assert.Single((await _tenant.RecordAsync()).Recordings);
        Assert.Equal((request.Recording, 5000L, false, new string('a', 64)), (recording.Id, recording.DurationMilliseconds, recording.IsPartial, recording.Sha256));
        Assert.True(_tenant.Media.Commands.ToList().IndexOf("end-recording") < _tenant.Media.Commands.ToList().IndexOf("remove 0"));
        Assert.True(recording.SealedKey.AsSpan().IndexOf(request.Key.Span) < 0, "the key goes sealed");
    }

    [Fact]
    public async Task Where_the_storage_of_the_plan_is_full_no_recording_begins_and_the_record_says_why()
    {
        _tenant.Shape = content => content with { StorageFull = true, Extensions = [.. content.Extensions.Select(e => e with { Recording = RecordingPolicy.Always })] };
        _tenant.Runtime.Replace(_tenant.Configure(2));
        await TalkAsync();
        await PressAsync(0, "*1");
        Assert.Equal(CallActionAnswer.StorageFull, await _tenant.Runtime.ActAsync((await _tenant.Runtime.CallsAsync())[0].CallId, CallAction.StartRecording, null));
        Assert.Empty(Recorded);
        await HangUpAsync();
        CallEnded record = await _tenant.RecordAsync();
        Assert.Empty(record.Recordings);
        Assert.Single(record.Steps, step => step.Rule == "limit-storage");
    }

    [Fact]
    public async Task A_recording_that_runs_goes_on_when_the_storage_becomes_full()
    {
        Configure("100", RecordingPolicy.Always);
        await TalkAsync();
        _tenant.Shape = content => content with { StorageFull = true };
        _tenant.Runtime.Replace(_tenant.Configure(3));
        await PressAsync(0, "*1");
        await PressAsync(0, "*1");
        Assert.Equal(["record 0 1", "record 0 1 paused", "record 0 1"], Recorded);
        await HangUpAsync();
        Assert.Single((await _tenant.RecordAsync()).Recordings);
    }

    [Fact]
    public async Task Star_one_records_pauses_and_goes_on()
    {
        await TalkAsync();
        Assert.Empty(Recorded);
        await PressAsync(1, "*1");
        await PressAsync(1, "*1");
        await PressAsync(0, "*1");                                          // either party's extension may
        Assert.Equal(["record 0 1", "record 0 1 paused", "record 0 1"], Recorded);
        Assert.Single(_tenant.Media.Recordings.Select(request => request.Recording).Distinct());
        await HangUpAsync();
        Assert.Single((await _tenant.RecordAsync()).Recordings);
    }

    [Theory]                                                                // SECURITY.md S34: a pause that was forgotten
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_pause_ends_by_itself_after_a_quarter_of_an_hour_with_the_next_owner_too(bool moves)
    {
        await TalkAsync();
        await PressAsync(0, "*1");
        await PressAsync(0, "*1");
        await _tenant.AdvanceAsync(TimeSpan.FromMinutes(10));
        if (moves)
            await _tenant.KillAsync();
        Assert.Equal(["record 0 1", "record 0 1 paused"], Recorded);
        await _tenant.AdvanceAsync(TimeSpan.FromMinutes(5));
        await _tenant.SettleAsync();
        Assert.Equal(["record 0 1", "record 0 1 paused", "record 0 1"], Recorded);
        await PressAsync(0, "*1");                                          // a later pause has its own time
        await PressAsync(0, "*1");
        await _tenant.AdvanceAsync(TimeSpan.FromMinutes(16));
        Assert.Equal(5, Recorded.Count());
    }

    [Theory]                                                                // SECURITY.md S34: nobody believes in a pause that there is not
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_pause_that_the_media_node_did_not_take_is_none_and_the_next_one_is_asked_for(bool byKey)
    {
        Configure("100", RecordingPolicy.Always);
        await TalkAsync();
        _tenant.Media.RefusesRecordings = true;
        await PauseAsync(CallActionAnswer.MediaAway);
        Assert.Equal(CallRecordingState.Running, Assert.Single(await _tenant.Runtime.CallsAsync()).Recording);
        _tenant.Media.RefusesRecordings = false;
        await PauseAsync(CallActionAnswer.Done);
        Assert.Equal(["record 0 1", "record 0 1 paused", "record 0 1 paused"], Recorded);
        Assert.Equal(CallRecordingState.Paused, Assert.Single(await _tenant.Runtime.CallsAsync()).Recording);
        _tenant.Media.RefusesRecordings = true;                             // nor in one that is over
        await _tenant.Runtime.ActAsync((await _tenant.Runtime.CallsAsync())[0].CallId, CallAction.ResumeRecording, null);
        Assert.Equal(CallRecordingState.Paused, Assert.Single(await _tenant.Runtime.CallsAsync()).Recording);

        async Task PauseAsync(CallActionAnswer expected)
        {
            if (byKey)
                await PressAsync(0, "*1");
            else
                Assert.Equal(expected, await _tenant.Runtime.ActAsync((await _tenant.Runtime.CallsAsync())[0].CallId, CallAction.PauseRecording, null));
        }
    }

    [Theory]
    [InlineData("1")]
    [InlineData("*21")]
    [InlineData("**2")]
    [InlineData("#1")]
    public async Task Other_digits_record_nothing(string digits)
    {
        await TalkAsync();
        await PressAsync(0, digits);
        Assert.Empty(Recorded);
    }

    [Fact]
    public async Task A_star_that_is_long_past_does_not_count()
    {
        await TalkAsync();
        await PressAsync(0, "*");
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(6));
        await PressAsync(0, "1");
        Assert.Empty(Recorded);
    }

    [Fact]
    public async Task Through_a_transfer_it_is_one_recording_of_the_one_who_stays_and_the_one_who_came()
    {
        Configure("100", RecordingPolicy.Always);
        StubPhone carol = await _tenant.RegisteredAsync("102");
        await TalkAsync();
        SipRequest refer = _bob.InDialogAsCallee(SipMethod.Refer, _atBob);
        refer.Headers.Add(SipHeaderName.ReferTo, $"<sip:102@{_tenant.Domain}>");
        refer.Headers.Add(SipHeaderName.ReferSub, "false");
        _bob.Send(refer);
        Assert.Equal(202, (await _bob.ResponseAsync()).StatusCode);
        SipRequest atCarol = await carol.RequestAsync(SipMethod.Invite);
        carol.Answer(atCarol, 200, "v=0 carol's answer");
        await carol.RequestAsync(SipMethod.Ack);
        _bob.Answer(await _bob.RequestAsync(SipMethod.Bye), 200);
        await _tenant.SettleAsync();
        Assert.Equal(["record 0 1", "record 0 2"], Recorded);
        Assert.Single(_tenant.Media.Recordings.Select(request => (request.Recording, Convert.ToHexString(request.Key.Span))).Distinct());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]                                                      // of another owner's call
    public async Task A_call_that_becomes_wide_is_recorded_on_in_another_part_and_nothing_is_lost(bool moves)
    {
        Configure("100", RecordingPolicy.Always);
        await TalkAsync();
        if (moves)
        {
            await _tenant.AdvanceAsync(TimeSpan.FromSeconds(1));
            await _tenant.KillAsync();
        }
        await ReinviteAsync();                                              // nothing changes
        _tenant.Media.Wide = true;
        await ReinviteAsync();
        await ReinviteAsync();                                              // it is wide
        Assert.Equal(["record 0 1", "record 0 1", "end-recording"], Recorded);
        RecordingId[] parts = [.. _tenant.Media.Recordings.Select(request => request.Recording)];
        Assert.Equal(2, parts.Distinct().Count());
        Assert.Equal(CallRecordingState.Running, Assert.Single(await _tenant.Runtime.CallsAsync()).Recording);
        await HangUpAsync();
        Assert.Equal(parts.Select(part => (part, false)), (await _tenant.RecordAsync()).Recordings.Select(recording => (recording.Id, recording.IsPartial)));
    }

    [Fact]
    public async Task A_part_that_the_node_refuses_leaves_the_one_before_running()
    {
        Configure("100", RecordingPolicy.Always);
        await TalkAsync();
        (_tenant.Media.Wide, _tenant.Media.RefusesRecordings) = (true, true);
        await ReinviteAsync();
        await HangUpAsync();
        Assert.Equal(_tenant.Media.Recordings.First().Recording, Assert.Single((await _tenant.RecordAsync()).Recordings).Id);
    }

    [Fact]
    public async Task The_next_owner_of_the_tenant_ends_the_recording_that_the_last_one_began()
    {
        Configure("101", RecordingPolicy.Always);
        await TalkAsync();
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(1));
        await _tenant.KillAsync();
        await HangUpAsync();
        CallRecording recording = Assert.Single((await _tenant.RecordAsync()).Recordings);
        Assert.Equal(_tenant.Media.Recordings.First().Recording, recording.Id);
        Assert.Equal(5000, recording.DurationMilliseconds);
    }

    [Fact]
    public async Task A_media_node_that_died_leaves_a_partial_recording()
    {
        Configure("101", RecordingPolicy.Always);
        await TalkAsync();
        _tenant.Media.RecordingsLost = true;
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(7));
        await HangUpAsync();
        CallRecording recording = Assert.Single((await _tenant.RecordAsync()).Recordings);
        Assert.Equal((true, 7000L, (string?)null), (recording.IsPartial, recording.DurationMilliseconds, recording.Sha256));
    }

    public void Dispose() => _tenant.Dispose();

    private void Configure(string extension, RecordingPolicy policy)
    {
        _tenant.Shape = content => content with { Extensions = [.. content.Extensions.Select(e => e.Number == extension ? e with { Recording = policy } : e)] };
        _tenant.Runtime.Replace(_tenant.Configure(2));
    }

    private async Task PressAsync(int leg, string digits)
    {
        foreach (char digit in digits)
            _tenant.Sessions.DigitReceived(new LegId((await _tenant.Runtime.CallsAsync())[0].CallId, leg), digit, 100);
        await _tenant.SettleAsync();
    }

    private async Task ReinviteAsync()
    {
        SipRequest again = _alice.InDialog(SipMethod.Invite, _invite, _answer, "v=0 alice's new offer");
        _alice.Send(again);
        _alice.Ack(again, await _alice.FinalAsync());
        await _tenant.SettleAsync();
    }

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
    }
}
