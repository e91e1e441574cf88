using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Live;
using CloudPbx.Data.Tenants;
using CloudPbx.Grains;
using CloudPbx.MediaControl;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.Calls;

/// <summary>What is recorded, heard by a supervisor or answered by us is spoken in codecs that can be decoded; alice (100) calls bob (101), carol is 102.</summary>
public sealed class DecodingTests : IDisposable
{
    private readonly TestTenant _tenant = new();
    private StubPhone _alice = null!;
    private StubPhone _bob = null!;
    private SipRequest _invite = null!;
    private SipResponse _answer = null!;
    private SipRequest _atBob = null!;

    private IEnumerable<string> Recorded => _tenant.Media.Commands.Where(command => command.StartsWith("record ", StringComparison.Ordinal));

    private IEnumerable<string> Tones => _tenant.Media.Commands.Where(command => command.Contains("tone/", StringComparison.Ordinal));

    [Theory]                                                                // RFC 3264 §5 and §6: what is not to be spoken is neither offered nor taken
    [InlineData("100", RecordingPolicy.Off, false, false)]
    [InlineData("100", RecordingPolicy.Always, true, true)]
    [InlineData("100", RecordingPolicy.Inbound, false, false)]
    [InlineData("101", RecordingPolicy.Inbound, false, true)]               // the caller is answered as the callee was offered
    [InlineData("102", RecordingPolicy.Always, false, false)]
    public async Task Who_will_be_recorded_speaks_what_can_be_decoded(string extension, RecordingPolicy policy, bool caller, bool callee)
    {
        Configure(content => content with { Extensions = [.. content.Extensions.Select(e => e.Number == extension ? e with { Recording = policy } : e)] });
        await TalkAsync();
        Assert.Equal((caller, callee), (Policy(0), Policy(1)));
        SipRequest again = _alice.InDialog(SipMethod.Invite, _invite, _answer, "v=0 alice's new offer");
        _alice.Send(again);
        _alice.Ack(again, await _alice.FinalAsync());
        Assert.Equal(caller || callee, Policy(0));                          // by now it is known who talks
    }

    [Fact]
    public async Task Where_no_recording_can_begin_any_codec_will_do()
    {
        Configure(content => content with { StorageFull = true, Extensions = [.. content.Extensions.Select(e => e with { Recording = RecordingPolicy.Always })] });
        await TalkAsync();
        Assert.Equal((false, false), (Policy(0), Policy(1)));
    }

    [Fact]
    public async Task An_offer_without_a_codec_that_can_be_decoded_gets_488_with_its_warning()
    {
        Configure(content => content with { Extensions = [.. content.Extensions.Select(e => e with { Recording = RecordingPolicy.Always })] });
        await _tenant.RegisteredAsync("101");
        _tenant.Media.UnacceptableFault = LegFaults.NoCommonCodec;
        (SipResponse response, _) = await _tenant.Phone("100").DialAsync("101", "v=0 unacceptable");
        Assert.Equal((488, $"305 {_tenant.Domain} \"no common codec\""), (response.StatusCode, response.Headers.Get("Warning")));       // RFC 3261 §20.43
        Assert.True(Policy(0));
    }

    [Theory]
    [InlineData(LegFaults.OtherCodecNeeded)]
    [InlineData(LegFaults.NotDecodable)]                                    // who answered us may have more than it named (RFC 3264 §6.1)
    public async Task Star_one_asks_both_for_another_codec(string fault)
    {
        await TalkAsync();
        _tenant.Media.Deaf = fault;
        await PressAsync(0, "*1");
        await AgreeAsync(_bob);
        await AgreeAsync(_alice);
        await _tenant.SettleAsync();
        Assert.Equal(["record 0 1", "record 0 1"], Recorded);
        Assert.Equal(["offer 1 avp like nobody", "offer 0 avp like 1"], _tenant.Media.Commands.Where(c => c.StartsWith("offer ", StringComparison.Ordinal)).TakeLast(2).Select(c => c.Replace("savp", "avp", StringComparison.Ordinal)));
        Assert.Equal(CallRecordingState.Running, Assert.Single(await _tenant.Runtime.CallsAsync()).Recording);
        Assert.Empty(Tones);
        await HangUpAsync();
        Assert.Single((await _tenant.RecordAsync()).Recordings);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_keeps_its_codec_is_not_recorded_and_the_other_goes_back_to_it(bool atBob)
    {
        await TalkAsync();
        _tenant.Media.Deaf = LegFaults.OtherCodecNeeded;
        await PressAsync(0, "*1");
        if (!atBob)
            await AgreeAsync(_bob);
        await RefuseAsync(atBob ? _bob : _alice);
        if (!atBob)
        {
            await AgreeAsync(_bob);
            Assert.False(Policy(1));
        }
        await _tenant.SettleAsync();
        Assert.True(_alice.HasNothing && _bob.HasNothing);
        await IsRefusedAsync(LegFaults.OtherCodecNeeded);
    }

    [Fact]
    public async Task A_program_is_told_where_the_codec_cannot_be_decoded()
    {
        await TalkAsync();
        _tenant.Media.Deaf = LegFaults.NotDecodable;
        Task<CallActionAnswer> acting = _tenant.Runtime.ActAsync((await _tenant.Runtime.CallsAsync())[0].CallId, CallAction.StartRecording, null);
        await RefuseAsync(_bob);
        Assert.Equal(CallActionAnswer.NotDecodable, await acting);
        await PressAsync(0, "*1");
        await RefuseAsync(_bob);
        await _tenant.SettleAsync();
        Assert.True(_alice.HasNothing && _bob.HasNothing);
        await IsRefusedAsync(LegFaults.NotDecodable);
    }

    [Fact]
    public async Task Who_hears_hold_music_goes_on_hearing_it_after_a_star_one_that_was_refused()
    {
        await TalkAsync();
        await ReofferAsync(_bob, _bob.InDialogAsCallee(SipMethod.Invite, _atBob, "v=0 sendonly"));
        _tenant.Media.RefusesRecordings = true;
        await PressAsync(0, "*1");
        Assert.Single(Recorded);
        Assert.Equal("prompt 0 music/default", _tenant.Media.Commands.Last(command => command.StartsWith("prompt", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_party_whose_answer_cannot_be_taken_goes_back_to_what_was_spoken()
    {
        await TalkAsync();
        _tenant.Media.Deaf = LegFaults.OtherCodecNeeded;
        await PressAsync(0, "*1");
        await AgreeAsync(_bob, "v=0 unacceptable");
        await AgreeAsync(_bob);                                             // it believes in what it answered until then
        await _tenant.SettleAsync();
        Assert.False(Policy(1));
        Assert.True(_alice.HasNothing);
        await IsRefusedAsync(LegFaults.OtherCodecNeeded);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]                                                     // the talk is in G.729 alone
    public async Task A_talk_goes_on_with_who_comes_whoever_is_to_be_recorded(bool changes)
    {
        Configure(content => content with { Extensions = [.. content.Extensions.Select(e => e.Number == "102" ? e with { Recording = RecordingPolicy.Always } : e)] });
        StubPhone carol = await _tenant.RegisteredAsync("102");
        await TalkAsync();
        (_tenant.Media.Deaf, _tenant.Media.HasNothingDecodable) = (LegFaults.OtherCodecNeeded, !changes);
        await ReferAsync("102");
        await AgreeAsync(carol);
        if (changes)
        {
            await AgreeAsync(carol);
            await AgreeAsync(_alice);
        }
        await _tenant.SettleAsync();
        Assert.Contains("bridge 0 2", _tenant.Media.Commands);
        Assert.Equal(Enumerable.Repeat("record 0 2", changes ? 2 : 1), Recorded);
        Assert.Equal(changes ? CallRecordingState.Running : CallRecordingState.Off, Assert.Single(await _tenant.Runtime.CallsAsync()).Recording);
    }

    [Fact]
    public async Task A_talk_in_any_codec_may_hold_where_its_recording_is_possible_only_by_now()
    {
        Configure(content => content with { StorageFull = true, Extensions = [.. content.Extensions.Select(e => e with { Recording = RecordingPolicy.Always })] });
        await TalkAsync();
        _tenant.Shape = content => content with { Extensions = [.. content.Extensions.Select(e => e with { Recording = RecordingPolicy.Always })] };
        _tenant.Runtime.Replace(_tenant.Configure(3));
        _tenant.Media.HasNothingDecodable = true;
        Assert.Equal(200, await ReofferAsync(_alice, _alice.InDialog(SipMethod.Invite, _invite, _answer, "v=0 sendonly")));
    }

    [Fact]
    public async Task While_a_supervisors_phone_rings_any_codec_will_do()
    {
        Configure(content => content with { AllowSupervision = true });
        StubPhone carol = await _tenant.RegisteredAsync("102");
        await TalkAsync();
        await _tenant.Runtime.SuperviseAsync(new SuperviseOrder { Call = (await _tenant.Runtime.CallsAsync())[0].CallId, Supervisor = "102" });
        SipRequest atCarol = await carol.RequestAsync(SipMethod.Invite);
        await ReofferAsync(_alice, _alice.InDialog(SipMethod.Invite, _invite, _answer, "v=0 alice's new offer"));
        Assert.False(Policy(0));
        carol.Answer(atCarol, 200, "v=0 carol's answer");
        await carol.RequestAsync(SipMethod.Ack);
        await _tenant.SettleAsync();
        await ReofferAsync(_alice, _alice.InDialog(SipMethod.Invite, _invite, _answer, "v=0 alice's next offer"));
        Assert.True(Policy(0));
    }

    [Fact]
    public async Task A_recorded_talk_that_has_nothing_to_be_decoded_left_moves_and_is_refreshed_all_the_same()
    {
        FakeMedia former = new();
        await TalkAsync();
        await PressAsync(0, "*1");
        (_tenant.Media.HasOther, _tenant.Media.Former, _tenant.Media.HasNothingDecodable) = (true, former, true);
        _tenant.Sessions.Leave((await _tenant.Runtime.CallsAsync())[0].CallId);
        await AgreeAsync(_alice);
        await RefuseAsync(_bob);
        await AgreeAsync(_alice);                                           // once more, with the old address
        await _tenant.SettleAsync();
        Assert.False(Policy(0));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_is_transferred_into_a_room_is_asked_for_a_codec_that_can_be_mixed(bool agrees)
    {
        var room = ConferenceId.New();
        Configure(content => content with { Conferences = [new ConfiguredConference(room, "800", "Open", null, null, true, false)] });
        _tenant.Media.OnlyPasses = true;
        await TalkAsync();
        await ReferAsync("800");
        if (agrees)
            await AgreeAsync(_alice);
        else
            await RefuseAsync(_alice);
        await _tenant.SettleAsync();
        Assert.Equal(agrees ? [$"join 0 {room} with signals"] : [], _tenant.Media.Commands.Where(command => command.StartsWith("join", StringComparison.Ordinal)));
        Assert.Equal(agrees ? "prompt 0 en/conference-alone" : "prompt 0 en/cannot-connect", _tenant.Media.Commands.Last(command => command.StartsWith("prompt", StringComparison.Ordinal)));
        if (agrees)
            return;
        (LegId leg, PromptRequest prompt) = _tenant.Media.Prompts.Last();
        _tenant.Sessions.PromptEnded(leg, prompt.Name, PromptEnd.Finished, null);
        await _alice.RequestAsync(SipMethod.Bye);
    }

    [Fact]
    public async Task A_recording_that_the_node_refused_does_not_run_and_the_next_one_is_tried()
    {
        await TalkAsync();
        _tenant.Media.RefusesRecordings = true;
        await PressAsync(0, "*1");
        Assert.Equal(CallRecordingState.Off, Assert.Single(await _tenant.Runtime.CallsAsync()).Recording);
        Assert.Equal(["prompt 0 tone/EU/congestion"], Tones);
        _tenant.Media.RefusesRecordings = false;
        await PressAsync(0, "*1");
        Assert.Equal(["record 0 1", "record 0 1"], Recorded);
        Assert.Equal(2, _tenant.Media.Recordings.Select(request => request.Recording).Distinct().Count());
        await HangUpAsync();
        CallEnded record = await _tenant.RecordAsync();
        Assert.Equal(_tenant.Media.Recordings.Last().Recording, Assert.Single(record.Recordings).Id);
        Assert.Equal(LegFaults.BadCommand, Assert.Single(record.Steps, step => step.Rule == "recording-failed").Value);
    }

    [Fact]
    public async Task Where_nobody_knows_whether_the_node_records_that_is_ended_and_kept()
    {
        await TalkAsync();
        _tenant.Media.Deaf = LegFaults.NodeUnavailable;
        await PressAsync(0, "*1");
        Assert.Equal("end-recording", _tenant.Media.Commands.Last(command => !command.StartsWith("prompt", StringComparison.Ordinal)));
        Assert.Equal(CallRecordingState.Off, Assert.Single(await _tenant.Runtime.CallsAsync()).Recording);
        _tenant.Media.Deaf = null;
        await PressAsync(0, "*1");
        await HangUpAsync();
        Assert.Equal(_tenant.Media.Recordings.Select(request => request.Recording), (await _tenant.RecordAsync()).Recordings.Select(recording => recording.Id));
    }

    [Theory]
    [InlineData(LegFaults.OtherCodecNeeded)]
    [InlineData(LegFaults.NotDecodable)]
    public async Task Who_supervises_hears_the_call_or_is_told_why_not(string fault)
    {
        Configure(content => content with { AllowSupervision = true });
        StubPhone carol = await _tenant.RegisteredAsync("102");
        await TalkAsync();
        _tenant.Media.Deaf = fault;
        OriginateAnswer begun = await _tenant.Runtime.SuperviseAsync(new SuperviseOrder { Call = (await _tenant.Runtime.CallsAsync())[0].CallId, Supervisor = "102" });
        carol.Answer(await carol.RequestAsync(SipMethod.Invite), 200, "v=0 carol's answer");
        await carol.RequestAsync(SipMethod.Ack);
        Assert.True(Policy(1));                                             // carol's own
        if (fault == LegFaults.OtherCodecNeeded)
        {
            await AgreeAsync(_bob);
            await AgreeAsync(_alice);
            await _tenant.SettleAsync();
            Assert.Equal(2, _tenant.Media.Commands.Count(command => command == "supervise 1 1 Listen"));
            Assert.Contains(await _tenant.Runtime.CallsAsync(), call => call.CallId == begun.Call!.CallId);
            return;
        }
        await RefuseAsync(_bob);
        await _tenant.SettleAsync();
        _tenant.Media.Prompts.TryDequeue(out (LegId Leg, PromptRequest Prompt) prompt);
        _tenant.Sessions.PromptEnded(prompt.Leg, prompt.Prompt.Name, PromptEnd.Finished, null);
        SipRequest bye = await carol.RequestAsync(SipMethod.Bye);
        carol.Answer(bye, 200);
        Assert.Equal($"SIP;cause=488;text=\"{fault}\"", bye.Headers.Get("Reason"));
        Assert.Equal(fault, (await _tenant.RecordAsync()).Reason);
    }

    public void Dispose() => _tenant.Dispose();

    private bool Policy(int leg) => _tenant.Media.Policies[leg].DecodableOnly;

    private async Task IsRefusedAsync(string fault)
    {
        Assert.Equal(CallRecordingState.Off, Assert.Single(await _tenant.Runtime.CallsAsync()).Recording);
        Assert.Equal(["prompt 0 tone/EU/congestion"], Tones);
        await HangUpAsync();
        CallEnded record = await _tenant.RecordAsync();
        Assert.Empty(record.Recordings);
        Assert.All(record.Steps.Where(step => step.Rule == "recording-failed"), step => Assert.Equal(fault, step.Value));
        Assert.Contains(record.Steps, step => step.Rule == "recording-failed");
    }

    private void Configure(Func<TenantConfigurationContent, TenantConfigurationContent> shape)
    {
        _tenant.Shape = shape;
        _tenant.Runtime.Replace(_tenant.Configure(2));
    }

    private static async Task AgreeAsync(StubPhone phone, string answer = "v=0 another codec")
    {
        phone.Answer(await phone.RequestAsync(SipMethod.Invite), 200, answer);
        await phone.RequestAsync(SipMethod.Ack);
    }

    private static async Task RefuseAsync(StubPhone phone)
    {
        phone.Answer(await phone.RequestAsync(SipMethod.Invite), 488);
        await phone.RequestAsync(SipMethod.Ack);
    }

    private async Task<int> ReofferAsync(StubPhone phone, SipRequest reinvite)
    {
        phone.Send(reinvite);
        SipResponse response = await phone.FinalAsync();
        phone.Ack(reinvite, response);
        await _tenant.SettleAsync();
        return response.StatusCode;
    }

    private async Task ReferAsync(string number)
    {
        SipRequest refer = _bob.InDialogAsCallee(SipMethod.Refer, _atBob);
        refer.Headers.Add(SipHeaderName.ReferTo, $"<sip:{number}@{_tenant.Domain}>");
        _bob.Send(refer);
        Assert.Equal(202, (await _bob.ResponseAsync()).StatusCode);
    }

    private async Task PressAsync(int leg, string digits)
    {
        foreach (char digit in digits)
            _tenant.Sessions.DigitReceived(new LegId((await _tenant.Runtime.CallsAsync())[0].CallId, leg), digit, 100);
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
