using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Events;
using CloudPbx.Grains;
using CloudPbx.MediaControl;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.Calls;

/// <summary>Whole calls between two phones, message by message.</summary>
public sealed class CallTests : IDisposable
{
    private readonly TestTenant _tenant = new();

    [Fact]
    public async Task Two_phones_talk_and_the_caller_hangs_up()
    {
        (StubPhone alice, StubPhone bob, SipRequest invite, SipResponse answer, SipRequest atBob) = await TalkAsync();
        Assert.Equal("v=0 our answer", Text(answer));
        Assert.Equal(
            ["receive-offer 0", "offer 1 savp like 0", "receive-answer 1", "answer 0 like 1", "bridge 0 1"], _tenant.Media.Commands);

        LiveCall live = Assert.Single(await _tenant.Runtime.CallsAsync());
        Assert.Equal(("100", "Alice", "101", "101"), (live.CallerNumber, live.CallerName, live.CalledNumber, live.AnsweredBy));

        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(5));
        alice.Send(alice.InDialog(SipMethod.Bye, invite, answer));
        Assert.Equal(200, (await alice.ResponseAsync()).StatusCode);
        SipRequest bye = await bob.RequestAsync(SipMethod.Bye);
        Assert.Equal(atBob.CallId, bye.CallId);
        Assert.Equal(bob.Contact, bye.RequestUri.ToString());
        bob.Answer(bye, 200);

        CallEnded record = await _tenant.RecordAsync();
        Assert.Equal(CallDisposition.Answered, record.Disposition);
        Assert.Equal(CallParty.Caller, record.ReleasedBy);
        Assert.Equal("101", record.AnsweredBy);
        Assert.Equal(200, record.SipStatus);
        Assert.Equal(TimeSpan.FromSeconds(5), record.EndedAt - record.AnsweredAt);
        Assert.Equal([(CallParty.Caller, 100L), (CallParty.Callee, 101L)], record.Media.Select(leg => (leg.Party, leg.PacketsSent)));
        Assert.Empty(await _tenant.Runtime.CallsAsync());
    }

    [Fact]
    public async Task The_callee_hangs_up_and_its_reason_is_passed_on()
    {
        (StubPhone alice, StubPhone bob, _, _, SipRequest atBob) = await TalkAsync();
        SipRequest bye = bob.InDialogAsCallee(SipMethod.Bye, atBob);
        bye.Headers.Add(SipHeaderName.Reason, "Q.850;cause=16;text=\"Terminated\"");
        bob.Send(bye);
        Assert.Equal(200, (await bob.ResponseAsync()).StatusCode);
        SipRequest atAlice = await alice.RequestAsync(SipMethod.Bye);
        Assert.Equal("Q.850;cause=16;text=\"Terminated\"", atAlice.Headers.Get(SipHeaderName.Reason));
        alice.Answer(atAlice, 200);
        CallEnded record = await _tenant.RecordAsync();
        Assert.Equal((CallParty.Callee, 16), (record.ReleasedBy, record.Q850Cause));
    }

    [Fact]
    public async Task S8_the_callee_learns_who_calls_from_the_configuration_only()
    {
        StubPhone bob = await _tenant.RegisteredAsync("101");
        StubPhone alice = _tenant.Phone("100");
        SipRequest request = alice.Request(SipMethod.Invite, "sip:101@acme.test", "v=0",
            ("From", "\"The Bank\" <sip:102@acme.test>;tag=x"), ("P-Asserted-Identity", "<sip:+4420@bank.test>"), ("P-Preferred-Identity", "<sip:+4421@bank.test>"), ("Remote-Party-ID", "<sip:+4422@bank.test>"),
            ("Diversion", "<sip:+4423@bank.test>"), ("Identity", "bank.test"), ("X-Bank", "bank.test"), ("Max-Forwards", "20"));
        _ = alice.TryAsync(request);
        SipRequest invite = await bob.RequestAsync(SipMethod.Invite);
        Assert.Equal("Alice", invite.From.DisplayName);
        Assert.Equal("100", invite.From.Uri.User);
        Assert.DoesNotContain("bank", System.Text.Encoding.UTF8.GetString(invite.ToBytes()), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(19, invite.MaxForwards);                              // S13
        Assert.NotEqual(request.CallId, invite.CallId);
        Assert.Equal("pbx.test", invite.Contacts[0].Uri.Host);
        Assert.Equal(40, invite.Contacts[0].Uri.User!.Length);
        Assert.Equal("CloudPbx", invite.Headers.Get(SipHeaderName.UserAgent));
    }

    [Fact]
    public async Task GNOME_Calls_says_only_100_and_the_caller_hears_that_it_rings()
    {
        StubPhone bob = await _tenant.RegisteredAsync("101", userAgent: "calls sofia-sip/1.12.11devel");
        StubPhone alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest)> dialling = alice.DialAsync("101");
        bob.Answer(await bob.RequestAsync(SipMethod.Invite), 100);
        Assert.Equal(180, (await dialling).Response.StatusCode);
    }

    [Theory]
    [InlineData(486, 486, CallDisposition.Busy)]
    [InlineData(603, 603, CallDisposition.Rejected)]
    [InlineData(480, 480, CallDisposition.NoAnswer)]
    [InlineData(404, 404, CallDisposition.Failed)]
    [InlineData(407, 480, CallDisposition.NoAnswer)]
    public async Task A_refusal_reaches_the_caller(int status, int expected, CallDisposition disposition)
    {
        StubPhone bob = await _tenant.RegisteredAsync("101");
        StubPhone alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest)> dialling = alice.DialAsync("101");
        SipRequest invite = await bob.RequestAsync(SipMethod.Invite);
        await _tenant.AdvanceAsync(TimeSpan.FromMilliseconds(600));
        bob.Answer(invite, 180);
        bob.Answer(invite, status);
        SipResponse final = await dialling is var (first, _) && !first.IsProvisional ? first : await alice.FinalAsync();
        Assert.Equal(expected, final.StatusCode);
        CallEnded record = await _tenant.RecordAsync();
        Assert.Equal((disposition, expected, CallParty.Callee), (record.Disposition, record.SipStatus, record.ReleasedBy));
        Assert.Contains("remove 0", _tenant.Media.Commands);
        Assert.Contains("remove 1", _tenant.Media.Commands);
    }

    [Fact]
    public async Task Nobody_answers_for_30_s()
    {
        StubPhone bob = await _tenant.RegisteredAsync("101");
        StubPhone alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest)> dialling = alice.DialAsync("101");
        SipRequest invite = await bob.RequestAsync(SipMethod.Invite);
        bob.Answer(invite, 180);
        Assert.Equal(180, (await dialling).Response.StatusCode);
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(29));
        Assert.True(alice.HasNothing);
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(2));
        bob.Answer(await bob.RequestAsync(SipMethod.Cancel), 200);
        bob.Answer(invite, 487);
        SipResponse final = await alice.FinalAsync();
        Assert.Equal(480, final.StatusCode);
        Assert.Contains("cause=19", final.Headers.Get(SipHeaderName.Reason), StringComparison.Ordinal);
        Assert.Equal((CallDisposition.NoAnswer, CallParty.System), (await _tenant.RecordAsync()) is var record ? (record.Disposition, record.ReleasedBy) : default);
    }

    [Fact]
    public async Task The_caller_gives_up_while_it_rings()
    {
        StubPhone bob = await _tenant.RegisteredAsync("101");
        StubPhone alice = _tenant.Phone("100");
        Task<(SipResponse, SipRequest)> dialling = alice.DialAsync("101");
        SipRequest atBob = await bob.RequestAsync(SipMethod.Invite);
        bob.Answer(atBob, 180);
        (_, SipRequest invite) = await dialling;
        alice.Cancel(invite);
        SipResponse[] responses = [await alice.ResponseAsync(), await alice.ResponseAsync()];
        Assert.Contains(responses, response => response.CSeq.Method == SipMethod.Cancel && response.StatusCode == 200);
        Assert.Contains(responses, response => response.CSeq.Method == SipMethod.Invite && response.StatusCode == 487);
        bob.Answer(await bob.RequestAsync(SipMethod.Cancel), 200);
        bob.Answer(atBob, 487);
        CallEnded record = await _tenant.RecordAsync();
        Assert.Equal((CallDisposition.Cancelled, CallParty.Caller), (record.Disposition, record.ReleasedBy));
        Assert.Null(record.AnsweredAt);
    }

    [Fact]
    public async Task A_200_that_crosses_the_callers_CANCEL_is_acknowledged_and_hung_up()
    {
        StubPhone bob = await _tenant.RegisteredAsync("101");
        StubPhone alice = _tenant.Phone("100");
        Task<(SipResponse, SipRequest)> dialling = alice.DialAsync("101");
        SipRequest atBob = await bob.RequestAsync(SipMethod.Invite);
        bob.Answer(atBob, 180);
        (_, SipRequest invite) = await dialling;
        alice.Cancel(invite);
        await bob.RequestAsync(SipMethod.Cancel);
        bob.Answer(atBob, 200, "v=0 bob's answer");                        // I18
        await bob.RequestAsync(SipMethod.Ack);
        bob.Answer(await bob.RequestAsync(SipMethod.Bye), 200);
        Assert.Equal(CallDisposition.Cancelled, (await _tenant.RecordAsync()).Disposition);
    }

    [Fact]
    public async Task A_CANCEL_after_the_answer_changes_nothing()
    {
        (StubPhone alice, _, SipRequest invite, _, _) = await TalkAsync();
        alice.Cancel(invite);
        SipResponse response = await alice.ResponseAsync();                // I18: 200 to the CANCEL, the call stands
        Assert.Equal((200, SipMethod.Cancel), (response.StatusCode, response.CSeq.Method));
        Assert.Single(await _tenant.Runtime.CallsAsync());
    }

    [Theory]
    [InlineData("999", 404)]
    [InlineData("102", 480)]                                               // known, but no phone is registered
    [InlineData("100", 486)]                                               // itself, and no other phone of its own
    public async Task A_number_that_leads_nowhere_gets_its_status(string number, int status)
    {
        StubPhone alice = await _tenant.RegisteredAsync("100");
        Assert.Equal(status, (await alice.DialAsync(number)).Response.StatusCode);
        Assert.Equal(status, (await _tenant.RecordAsync()).SipStatus);
    }

    [Fact]
    public async Task The_own_number_rings_at_the_other_phones_of_the_extension()
    {
        StubPhone desk = await _tenant.RegisteredAsync("101");
        StubPhone mobile = await _tenant.RegisteredAsync("101b");
        Task<(SipResponse, SipRequest)> dialling = mobile.DialAsync("101");
        desk.Answer(await desk.RequestAsync(SipMethod.Invite), 180);
        Assert.Equal(180, (await dialling).Item1.StatusCode);
    }

    [Fact]
    public async Task A_foreign_domain_is_not_relayed_to()
    {
        await _tenant.RegisteredAsync("101");
        StubPhone alice = _tenant.Phone("100");
        (SipResponse response, _) = await alice.TryAsync(alice.Request(SipMethod.Invite, "sip:101@elsewhere.example", "v=0"));
        Assert.Equal(404, response.StatusCode);
    }

    [Fact]
    public async Task An_offer_that_cannot_be_served_gets_488_and_no_phone_rings()
    {
        StubPhone bob = await _tenant.RegisteredAsync("101");
        Assert.Equal(488, (await _tenant.Phone("100").DialAsync("101", "v=0 unacceptable")).Response.StatusCode);
        Assert.True(bob.HasNothing);
    }

    [Fact]
    public async Task An_answer_that_cannot_be_served_ends_both_sides()
    {
        StubPhone bob = await _tenant.RegisteredAsync("101");
        StubPhone alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest)> dialling = alice.DialAsync("101");
        bob.Answer(await bob.RequestAsync(SipMethod.Invite), 200, "v=0 unacceptable");
        await bob.RequestAsync(SipMethod.Ack);
        bob.Answer(await bob.RequestAsync(SipMethod.Bye), 200);
        Assert.Equal(488, (await dialling).Response.StatusCode);
    }

    [Fact]
    public async Task A_caller_without_offer_gets_ours_and_answers_in_the_ACK()
    {
        StubPhone bob = await _tenant.RegisteredAsync("101");
        StubPhone alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest Invite)> dialling = alice.DialAsync("101", sdp: null);
        bob.Answer(await bob.RequestAsync(SipMethod.Invite), 200, "v=0 bob's answer");
        (SipResponse answer, SipRequest invite) = await dialling;
        Assert.Equal("v=0 our offer savp", Text(answer));
        alice.Ack(invite, answer, "v=0 alice's answer");
        await _tenant.SettleAsync();
        Assert.Contains("receive-answer 0", _tenant.Media.Commands);
        Assert.Contains("bridge 0 1", _tenant.Media.Commands);
    }

    [Fact]
    public async Task Star_43_sends_the_caller_its_own_voice()
    {
        StubPhone alice = _tenant.Phone("100");
        (SipResponse answer, SipRequest invite) = await alice.DialAsync("*43");
        Assert.Equal(200, answer.StatusCode);
        alice.Ack(invite, answer);
        Assert.Contains("echo 0", _tenant.Media.Commands);
        alice.Send(alice.InDialog(SipMethod.Bye, invite, answer));
        Assert.Equal(200, (await alice.ResponseAsync()).StatusCode);
        CallEnded record = await _tenant.RecordAsync();
        Assert.Equal((CallDisposition.Answered, "*43"), (record.Disposition, record.AnsweredBy));
    }

    [Fact]
    public async Task A_dead_leg_ends_the_call_on_both_sides()
    {
        (StubPhone alice, StubPhone bob, _, _, _) = await TalkAsync();
        LiveCall live = Assert.Single(await _tenant.Runtime.CallsAsync());
        _tenant.Sessions.LegSilent(new LegId(live.CallId, 1));
        alice.Answer(await alice.RequestAsync(SipMethod.Bye), 200);
        SipRequest bye = await bob.RequestAsync(SipMethod.Bye);
        Assert.Contains("No media received", bye.Headers.Get(SipHeaderName.Reason), StringComparison.Ordinal);
        bob.Answer(bye, 200);
        Assert.Equal((CallDisposition.Answered, CallParty.System), (await _tenant.RecordAsync()) is var record ? (record.Disposition, record.ReleasedBy) : default);
    }

    [Fact]
    public async Task A_lost_media_node_ends_its_calls_with_BYE_where_there_is_no_other_and_their_records_are_written()
    {
        (StubPhone alice, StubPhone bob, _, _, _) = await TalkAsync();
        _tenant.Sessions.NodeLost();
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(11));
        alice.Answer(await alice.RequestAsync(SipMethod.Bye), 200);
        bob.Answer(await bob.RequestAsync(SipMethod.Bye), 200);
        CallEnded record = await _tenant.RecordAsync();
        Assert.Equal("Media node lost", record.Reason);
        Assert.DoesNotContain("remove 0", _tenant.Media.Commands);
    }

    [Fact]
    public async Task An_operator_hangs_up_a_talking_and_a_ringing_call()
    {
        (StubPhone alice, StubPhone bob, _, _, _) = await TalkAsync();
        Assert.True(await _tenant.Runtime.HangUpAsync(Assert.Single(await _tenant.Runtime.CallsAsync()).CallId));
        alice.Answer(await alice.RequestAsync(SipMethod.Bye), 200);
        bob.Answer(await bob.RequestAsync(SipMethod.Bye), 200);
        await _tenant.RecordAsync();

        Task<(SipResponse Response, SipRequest)> dialling = alice.DialAsync("101");
        bob.Answer(await bob.RequestAsync(SipMethod.Invite), 180);
        await dialling;
        Assert.True(await _tenant.Runtime.HangUpAsync(Assert.Single(await _tenant.Runtime.CallsAsync()).CallId));
        await bob.RequestAsync(SipMethod.Cancel);
        Assert.Equal(480, (await alice.FinalAsync()).StatusCode);
        Assert.False(await _tenant.Runtime.HangUpAsync(Contracts.Ids.CallId.New()));
    }

    [Fact]
    public async Task A_worker_that_stops_ends_its_calls_first()
    {
        (StubPhone alice, StubPhone bob, _, _, _) = await TalkAsync();
        Task ending = _tenant.Runtime.EndAsync("Server Stopping");
        alice.Answer(await alice.RequestAsync(SipMethod.Bye), 200);
        Assert.False(ending.IsCompleted);
        bob.Answer(await bob.RequestAsync(SipMethod.Bye), 200);
        await ending.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.Equal("Server Stopping", Assert.Single(_tenant.Records).Reason);
        SipResponse refused = (await alice.DialAsync("101")).Response;
        Assert.Equal(503, refused.StatusCode);
        Assert.NotNull(refused.Headers.Get(SipHeaderName.RetryAfter));
    }

    [Fact]
    public async Task A_fault_of_ours_ends_its_own_call_with_500_and_no_other()
    {
        StubPhone bob = await _tenant.RegisteredAsync("101");
        StubPhone alice = _tenant.Phone("100");
        _tenant.Media.Faulty = "answer";
        Task<(SipResponse Response, SipRequest)> dialling = alice.DialAsync("101");
        bob.Answer(await bob.RequestAsync(SipMethod.Invite), 200, "v=0 bob's answer");
        await bob.RequestAsync(SipMethod.Ack);
        bob.Answer(await bob.RequestAsync(SipMethod.Bye), 200);
        Assert.Equal(500, (await dialling).Response.StatusCode);
        Assert.Equal((CallDisposition.Failed, 500), (await _tenant.RecordAsync()) is var record ? (record.Disposition, record.SipStatus) : default);
        _tenant.Media.Faulty = null;
        Assert.Equal(200, (await alice.DialAsync("*43")).Response.StatusCode);
    }

    [Fact]
    public async Task A_fault_of_ours_in_a_reINVITE_ends_the_call_on_both_sides()
    {
        (StubPhone alice, StubPhone bob, SipRequest invite, SipResponse answer, _) = await TalkAsync();
        _tenant.Media.Faulty = "answer";
        SipRequest hold = alice.InDialog(SipMethod.Invite, invite, answer, "v=0 sendonly");
        alice.Send(hold);
        SipResponse refused = await alice.FinalAsync();
        Assert.Equal(500, refused.StatusCode);
        alice.Ack(hold, refused);
        alice.Answer(await alice.RequestAsync(SipMethod.Bye), 200);
        bob.Answer(await bob.RequestAsync(SipMethod.Bye), 200);
        Assert.Equal(CallDisposition.Answered, (await _tenant.RecordAsync()).Disposition);
    }

    [Fact]
    public async Task Two_tenants_with_the_same_numbers_do_not_meet()
    {
        using TestTenant other = new("other.test");
        StubPhone bob = await _tenant.RegisteredAsync("101");
        StubPhone otherBob = await other.RegisteredAsync("101");
        StubPhone alice = _tenant.Phone("100");
        Task<(SipResponse, SipRequest)> dialling = alice.DialAsync("101");
        SipRequest invite = await bob.RequestAsync(SipMethod.Invite);
        bob.Answer(invite, 486);
        await dialling;
        Assert.True(otherBob.HasNothing);
        Assert.Equal("acme.test", invite.From.Uri.Host);
        Assert.Empty(other.Records);
    }

    public void Dispose() => _tenant.Dispose();

    private static string Text(SipMessage message) => System.Text.Encoding.UTF8.GetString(message.Body.Span);

    private async Task<(StubPhone Alice, StubPhone Bob, SipRequest Invite, SipResponse Answer, SipRequest AtBob)> TalkAsync()
    {
        StubPhone bob = await _tenant.RegisteredAsync("101");
        StubPhone alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest Invite)> dialling = alice.DialAsync("101");
        SipRequest atBob = await bob.RequestAsync(SipMethod.Invite);
        bob.Answer(atBob, 180);
        (SipResponse ringing, SipRequest invite) = await dialling;
        Assert.Equal(180, ringing.StatusCode);
        bob.Answer(atBob, 200, "v=0 bob's answer savp");
        await bob.RequestAsync(SipMethod.Ack);
        SipResponse answer = await alice.ResponseAsync();
        Assert.Equal(200, answer.StatusCode);
        alice.Ack(invite, answer);
        await _tenant.SettleAsync();
        return (alice, bob, invite, answer, atBob);
    }
}
