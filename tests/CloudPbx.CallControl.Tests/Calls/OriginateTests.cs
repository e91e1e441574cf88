using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Tenants;
using CloudPbx.Grains;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.Calls;

/// <summary>Calls that a program makes: for alice (100), whose phone rings first, to bob (101).</summary>
public sealed class OriginateTests : IDisposable
{
    private readonly TestTenant _tenant = new();
    private StubPhone _alice = null!;
    private StubPhone _bob = null!;

    [Fact]
    public async Task The_extensions_phone_rings_first_then_the_destination_and_they_talk()
    {
        await RegisterAsync();
        OriginateAnswer answer = await OriginateAsync("101");
        Assert.Equal(("100", "101", null), (answer.Call!.CallerNumber, answer.Call.CalledNumber, answer.Call.AnsweredAt));
        SipRequest atAlice = await _alice.RequestAsync(SipMethod.Invite);
        Assert.Equal(("101", "Bob"), (atAlice.From.Uri.User, atAlice.From.DisplayName));            // whom it will be, so that alice knows what rings
        Assert.Null(atAlice.Headers.Get("Call-Info"));
        _alice.Answer(atAlice, 180);
        await _tenant.SettleAsync();
        Assert.True(_bob.HasNothing);
        _alice.Answer(atAlice, 200, "v=0 alice's answer");
        await _alice.RequestAsync(SipMethod.Ack);
        SipRequest atBob = await _bob.RequestAsync(SipMethod.Invite);
        Assert.Equal(("100", "Alice"), (atBob.From.Uri.User, atBob.From.DisplayName));
        Assert.Contains("play 1 Ringback", _tenant.Media.Commands);
        _bob.Answer(atBob, 180);
        _bob.Answer(atBob, 200, "v=0 bob's answer");
        await _bob.RequestAsync(SipMethod.Ack);
        await _tenant.SettleAsync();
        Assert.Contains("offer 2 savp like 1", _tenant.Media.Commands);
        Assert.Contains("bridge 1 2", _tenant.Media.Commands);
        LiveCall live = Assert.Single(await _tenant.Runtime.CallsAsync());
        Assert.Equal((answer.Call.CallId, "101"), (live.CallId, live.AnsweredBy));
        Assert.True(_alice.HasNothing);                                                             // no re-INVITE: the media node alone joins them

        _bob.Send(_bob.InDialogAsCallee(SipMethod.Bye, atBob));
        await _bob.ResponseAsync();
        _alice.Answer(await _alice.RequestAsync(SipMethod.Bye), 200);
        CallEnded record = await _tenant.RecordAsync();
        Assert.Equal((CallDisposition.Answered, 200, "100", "101", "101"), (record.Disposition, record.SipStatus, record.CallerNumber, record.CalledNumber, record.AnsweredBy));
        Assert.Equal(CallParty.Callee, record.ReleasedBy);
        Assert.Equal(2, record.Media.Count);
        Assert.Equal(2, _tenant.CallNews.Count);                                                    // began, answered
    }

    [Fact]
    public async Task Phones_are_asked_to_answer_by_themselves_in_both_ways_that_they_know()
    {
        await RegisterAsync();
        await OriginateAsync("101", answerAfter: 0);
        SipRequest invite = await _alice.RequestAsync(SipMethod.Invite);
        Assert.Equal($"<sip:{_tenant.Domain}>;answer-after=0", invite.Headers.Get("Call-Info"));
        Assert.Equal($"<sip:{_tenant.Domain}>;info=alert-autoanswer;delay=0", invite.Headers.Get("Alert-Info"));
        _alice.Answer(invite, 200, "v=0 alice's answer");
        await _alice.RequestAsync(SipMethod.Ack);
        SipRequest atBob = await _bob.RequestAsync(SipMethod.Invite);
        Assert.Null(atBob.Headers.Get("Alert-Info"));                                               // who is called decides itself
    }

    [Fact]
    public async Task What_can_be_said_at_once_is_said_and_nobody_rings()
    {
        await RegisterAsync();
        Assert.Equal(OriginateFault.UnknownExtension, (await OriginateAsync("101", from: "199")).Fault);
        Assert.Equal(OriginateFault.NobodyRegistered, (await OriginateAsync("101", from: "102")).Fault);
        OriginateAnswer refused = await OriginateAsync("199");
        Assert.Equal((OriginateFault.Refused, null), (refused.Fault, refused.Call));
        Assert.NotNull(refused.Rule);
        await _tenant.SettleAsync();
        Assert.True(_alice.HasNothing && _bob.HasNothing);
        Assert.Empty(await _tenant.Runtime.CallsAsync());
        Assert.Empty(_tenant.Records);
    }

    [Fact]
    public async Task A_phone_that_declines_ends_it_and_the_destination_never_rings()
    {
        await RegisterAsync();
        await OriginateAsync("101");
        _alice.Answer(await _alice.RequestAsync(SipMethod.Invite), 603);
        await _alice.RequestAsync(SipMethod.Ack);
        CallEnded record = await _tenant.RecordAsync();
        Assert.Equal((CallDisposition.Rejected, 603, CallParty.Caller), (record.Disposition, record.SipStatus, record.ReleasedBy));
        Assert.True(_bob.HasNothing);
    }

    [Fact]
    public async Task A_phone_that_nobody_answers_rings_as_long_as_its_extension_says()
    {
        await RegisterAsync();
        await OriginateAsync("101");
        SipRequest invite = await _alice.RequestAsync(SipMethod.Invite);
        _alice.Answer(invite, 180);
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(30));
        SipRequest cancel = await _alice.RequestAsync(SipMethod.Cancel);
        _alice.Answer(cancel, 200);
        _alice.Answer(invite, 487);
        CallEnded record = await _tenant.RecordAsync();
        Assert.Equal((CallDisposition.NoAnswer, 480), (record.Disposition, record.SipStatus));
    }

    [Fact]
    public async Task A_destination_that_is_busy_is_heard_and_the_call_ends()
    {
        await RegisterAsync();
        await OriginateAsync("101");
        await AnswerAtAliceAsync();
        _bob.Answer(await _bob.RequestAsync(SipMethod.Invite), 486);
        await _bob.RequestAsync(SipMethod.Ack);
        await _tenant.SettleAsync();
        Assert.Contains("play 1 Busy", _tenant.Media.Commands);
        Assert.Single(await _tenant.Runtime.CallsAsync());
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(4));
        _alice.Answer(await _alice.RequestAsync(SipMethod.Bye), 200);
        CallEnded record = await _tenant.RecordAsync();
        Assert.Equal((CallDisposition.Busy, 486, CallParty.Callee), (record.Disposition, record.SipStatus, record.ReleasedBy));
        Assert.Null(record.AnsweredAt);
    }

    [Theory]
    [InlineData(404, null, "SpecialInformation", 404, null)]
    [InlineData(503, null, "Congestion", 500, null)]
    [InlineData(486, "Q.850;cause=34", "Congestion", 486, 34)]                                        // what the network says of it tells more
    [InlineData(603, null, "Busy", 603, null)]
    public async Task A_destination_that_cannot_be_reached_sounds_like_why_and_the_record_says_it(int status, string? reason, string tone, int given, int? cause)
    {
        await RegisterAsync();
        await OriginateAsync("101");
        await AnswerAtAliceAsync();
        _bob.Answer(await _bob.RequestAsync(SipMethod.Invite), status, null, reason is null ? [] : [("Reason", reason)]);
        await _bob.RequestAsync(SipMethod.Ack);
        await _tenant.SettleAsync();
        Assert.Equal($"play 1 {tone}", _tenant.Media.Commands.Last(command => command.StartsWith("play", StringComparison.Ordinal)));
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(4));
        _alice.Answer(await _alice.RequestAsync(SipMethod.Bye), 200);
        CallEnded record = await _tenant.RecordAsync();
        Assert.Equal((given, cause), (record.SipStatus, record.Q850Cause));
    }

    [Fact]
    public async Task Who_hangs_up_while_it_rings_ends_the_ringing()
    {
        await RegisterAsync();
        await OriginateAsync("101");
        SipRequest atAlice = await AnswerAtAliceAsync();
        SipRequest atBob = await _bob.RequestAsync(SipMethod.Invite);
        _bob.Answer(atBob, 180);
        _alice.Send(_alice.InDialogAsCallee(SipMethod.Bye, atAlice));
        await _alice.ResponseAsync();
        _bob.Answer(await _bob.RequestAsync(SipMethod.Cancel), 200);
        _bob.Answer(atBob, 487);
        CallEnded record = await _tenant.RecordAsync();
        Assert.Equal((CallDisposition.Cancelled, 487, CallParty.Caller), (record.Disposition, record.SipStatus, record.ReleasedBy));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_program_ends_it_while_somebody_rings(bool destinationRings)
    {
        await RegisterAsync();
        CallId call = (await OriginateAsync("101")).Call!.CallId;
        SipRequest ringing;
        StubPhone phone = destinationRings ? _bob : _alice;
        if (destinationRings)
            await AnswerAtAliceAsync();
        ringing = await phone.RequestAsync(SipMethod.Invite);
        phone.Answer(ringing, 180);
        await _tenant.SettleAsync();
        Assert.True(await _tenant.Runtime.HangUpAsync(call));
        phone.Answer(await phone.RequestAsync(SipMethod.Cancel), 200);
        phone.Answer(ringing, 487);
        if (destinationRings)
            _alice.Answer(await _alice.RequestAsync(SipMethod.Bye), 200);
        CallEnded record = await _tenant.RecordAsync();
        Assert.Equal((CallDisposition.Cancelled, 487, CallParty.System), (record.Disposition, record.SipStatus, record.ReleasedBy));
    }

    [Fact]
    public async Task A_phone_that_answers_after_another_one_of_the_extension_is_hung_up()
    {
        _bob = await _tenant.RegisteredAsync("101");
        StubPhone second = await _tenant.RegisteredAsync("101b");
        StubPhone carol = await _tenant.RegisteredAsync("102");
        await OriginateAsync("102", from: "101");
        SipRequest atBob = await _bob.RequestAsync(SipMethod.Invite), atSecond = await second.RequestAsync(SipMethod.Invite);
        second.Answer(atSecond, 180);
        second.Answer(atSecond, 200, "v=0 second's answer");
        await second.RequestAsync(SipMethod.Ack);
        _bob.Answer(atBob, 180);
        _bob.Answer(await _bob.RequestAsync(SipMethod.Cancel), 200);
        _bob.Answer(atBob, 487);
        carol.Answer(await carol.RequestAsync(SipMethod.Invite), 200, "v=0 carol's answer");
        await carol.RequestAsync(SipMethod.Ack);
        await _tenant.SettleAsync();
        Assert.Contains("bridge 1 3", _tenant.Media.Commands);
        Assert.Contains("remove 2", _tenant.Media.Commands);
    }

    [Fact]
    public async Task Feature_codes_and_conference_rooms_are_destinations_too()
    {
        ConfiguredConference room = new(ConferenceId.New(), "800", "Standup", null, null, EntryTones: false, Locked: false);
        _tenant.Shape = content => content with { Conferences = [room] };
        _tenant.Runtime.Replace(_tenant.Configure(2));
        await RegisterAsync();
        await OriginateAsync("*43");
        await AnswerAtAliceAsync();
        await _tenant.SettleAsync();
        Assert.Contains("echo 1", _tenant.Media.Commands);
        await OriginateAsync("800", from: "101");
        _bob.Answer(await _bob.RequestAsync(SipMethod.Invite), 200, "v=0 bob's answer");
        await _bob.RequestAsync(SipMethod.Ack);
        await _tenant.SettleAsync();
        Assert.Contains($"join 1 {room.Id}", _tenant.Media.Commands);
        Assert.All(await _tenant.Runtime.CallsAsync(), call => Assert.Equal(call.CalledNumber, call.AnsweredBy));
    }

    [Fact]
    public async Task The_next_owner_goes_on_with_it_once_they_talk_and_ends_it_before()
    {
        await RegisterAsync();
        await OriginateAsync("101");
        await AnswerAtAliceAsync();
        SipRequest atBob = await _bob.RequestAsync(SipMethod.Invite);
        _bob.Answer(atBob, 200, "v=0 bob's answer");
        await _bob.RequestAsync(SipMethod.Ack);
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(1));
        await _tenant.KillAsync();
        await _tenant.SettleAsync();
        Assert.Equal("101", Assert.Single(await _tenant.Runtime.CallsAsync()).AnsweredBy);
        _bob.Send(_bob.InDialogAsCallee(SipMethod.Bye, atBob));
        await _bob.ResponseAsync();
        _alice.Answer(await _alice.RequestAsync(SipMethod.Bye), 200);
        await _tenant.RecordAsync();

        await OriginateAsync("101");
        await AnswerAtAliceAsync();
        SipRequest ringing = await _bob.RequestAsync(SipMethod.Invite);
        _bob.Answer(ringing, 180);
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(1));
        await _tenant.KillAsync();
        _alice.Answer(await _alice.RequestAsync(SipMethod.Bye), 200);
        _bob.Answer(await _bob.RequestAsync(SipMethod.Cancel), 200);
        await _tenant.SettleAsync();
        Assert.Empty(await _tenant.Runtime.CallsAsync());
        Assert.Equal(CallDisposition.Failed, _tenant.Records.Last().Disposition);
    }

    public void Dispose() => _tenant.Dispose();

    private async Task RegisterAsync()
    {
        _alice = await _tenant.RegisteredAsync("100");
        _bob = await _tenant.RegisteredAsync("101");
    }

    private Task<OriginateAnswer> OriginateAsync(string to, string from = "100", int? answerAfter = null) =>
        _tenant.Runtime.OriginateAsync(new OriginateOrder { From = from, To = to, AnswerAfterSeconds = answerAfter });

    private async Task<SipRequest> AnswerAtAliceAsync()
    {
        SipRequest invite = await _alice.RequestAsync(SipMethod.Invite);
        _alice.Answer(invite, 200, "v=0 alice's answer");
        await _alice.RequestAsync(SipMethod.Ack);
        return invite;
    }
}
