using System.Text;
using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.Carriers;

/// <summary>What callers hear before a carrier's callee answers (RFC 3960; INTEROP I45 to I48).</summary>
public sealed class EarlyMediaTests : IDisposable
{
    private readonly CarrierFixture _fixture = new();

    private TestTenant Pbx => _fixture.Pbx;

    [Theory]
    [InlineData(183)]
    [InlineData(180)]                                                                    // I47: 180 with a session description is early media
    public async Task A_carriers_early_media_reaches_the_caller_with_a_session_description_and_is_bridged(int status)
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await DialAsync();
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        carrier.Answer(invite, status, "v=0 announcement");
        SipResponse early = await alice.ResponseAsync();
        Assert.Equal((status, "v=0 our answer"), (early.StatusCode, Body(early)));
        Assert.Equal(["receive-offer 0", "offer 1 avp like 0", "receive-answer 1", "answer 0 like 1", "bridge-early 0 1"], Pbx.Media.Commands);
        carrier.Answer(invite, 200, "v=0 answer");
        SipResponse answer = await alice.FinalAsync();
        Assert.Equal((200, "v=0 our answer"), (answer.StatusCode, Body(answer)));        // RFC 3261 §13.2.1: the same answer
        Assert.Equal(["receive-answer 1", "answer 0 like 1", "bridge 0 1"], Pbx.Media.Commands.Skip(5));
    }

    [Fact]
    public async Task I45_ringing_without_a_session_description_after_early_media_is_passed_on()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await DialAsync();
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        carrier.Answer(invite, 183, "v=0 announcement");
        Assert.Equal(183, (await alice.ResponseAsync()).StatusCode);
        carrier.Answer(invite, 180);
        SipResponse ringing = await alice.ResponseAsync();
        Assert.Equal((180, ""), (ringing.StatusCode, Body(ringing)));
    }

    [Fact]
    public async Task I47_a_183_without_a_session_description_is_no_early_media_and_no_ringing()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await DialAsync();
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        carrier.Answer(invite, 183);
        SipResponse progress = await alice.ResponseAsync();
        Assert.Equal((183, ""), (progress.StatusCode, Body(progress)));
        carrier.Answer(invite, 199);                                                     // RFC 6228 §4: a fork ended; nothing for the caller
        carrier.Answer(invite, 183);
        carrier.Answer(invite, 180);
        Assert.Equal(180, (await alice.ResponseAsync()).StatusCode);
        Assert.DoesNotContain(Pbx.Media.Commands, command => command.StartsWith("bridge", StringComparison.Ordinal));
    }

    [Fact]
    public async Task I46_a_trunk_that_sends_silence_may_be_set_to_ring_instead()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1", changes: new TrunkProfileChanges { EarlyMedia = EarlyMediaPolicy.Ringback });
        StubPhone alice = await DialAsync();
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        carrier.Answer(invite, 183, "v=0 silence");
        SipResponse ringing = await alice.ResponseAsync();
        Assert.Equal((180, ""), (ringing.StatusCode, Body(ringing)));
        Assert.DoesNotContain(Pbx.Media.Commands, command => command.StartsWith("bridge", StringComparison.Ordinal));
        carrier.Answer(invite, 200);                                                     // the 183's description stands for the 200's
        Assert.Equal(200, (await alice.FinalAsync()).StatusCode);
        Assert.Contains("receive-answer 1", Pbx.Media.Commands);
    }

    [Fact]
    public async Task I48_of_several_early_dialogs_the_latest_is_heard_and_the_answering_one_stays()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await DialAsync();
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        carrier.Answer(invite, 183, "v=0 first", ("To", Tagged(invite, "first")));
        Assert.Equal(183, (await alice.ResponseAsync()).StatusCode);
        carrier.Answer(invite, 183, "v=0 second", ("To", Tagged(invite, "second")));
        Assert.Equal(183, (await alice.ResponseAsync()).StatusCode);
        carrier.Answer(invite, 200, null, ("To", Tagged(invite, "first")));              // without one: its own early dialog's (asterisk-i#82)
        Assert.Equal(200, (await alice.FinalAsync()).StatusCode);
        Assert.Equal(["v=0 first", "v=0 second", "v=0 first"], Pbx.Media.Answers);
        Assert.Equal("bridge 0 1", Pbx.Media.Commands.Last());
    }

    [Fact]
    public async Task Early_media_is_reliable_where_the_caller_supports_it_and_the_200_brings_no_second_answer()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await DialAsync(("Supported", "100rel"));
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        carrier.Answer(invite, 183, "v=0 announcement");
        SipResponse early = await alice.ResponseAsync();
        Assert.Equal(("100rel", "v=0 our answer"), (early.Headers.Get(SipHeaderName.Require), Body(early)));
        carrier.Answer(invite, 200, "v=0 answer");
        await Pbx.SettleAsync();
        Assert.True(alice.HasNothing);                                                   // RFC 3262 §3, I5: the 2xx waits for the PRACK
        await PrackAsync(alice, early, null);
        SipResponse answer = await alice.FinalAsync();
        Assert.Equal((200, ""), (answer.StatusCode, Body(answer)));                      // RFC 6337 §3.1.1
    }

    [Fact]
    public async Task Early_media_that_cannot_be_served_is_told_without_description_and_the_call_goes_on()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await DialAsync();
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        carrier.Answer(invite, 183, "v=0 unacceptable");
        SipResponse progress = await alice.ResponseAsync();
        Assert.Equal((183, ""), (progress.StatusCode, Body(progress)));
        carrier.Answer(invite, 200, "v=0 answer");
        Assert.Equal(200, (await alice.FinalAsync()).StatusCode);
    }

    [Fact]
    public async Task After_the_early_media_of_a_trunk_that_failed_the_media_node_rings_for_the_next()
    {
        StubPhone first = _fixture.Carrier("first", "198.51.100.1");
        StubPhone second = _fixture.Carrier("second", "198.51.100.2");
        StubPhone alice = await DialAsync();
        SipRequest invite = await first.RequestAsync(SipMethod.Invite);
        first.Answer(invite, 183, "v=0 announcement");
        Assert.Equal(183, (await alice.ResponseAsync()).StatusCode);
        first.Answer(invite, 503);
        await first.RequestAsync(SipMethod.Ack);
        SipRequest next = await second.RequestAsync(SipMethod.Invite);
        second.Answer(next, 180);
        Assert.Equal(180, (await alice.ResponseAsync()).StatusCode);
        Assert.Contains("play 0 Ringback", Pbx.Media.Commands);
        second.Answer(next, 200, "v=0 answer");
        Assert.Equal(200, (await alice.FinalAsync()).StatusCode);
        Assert.Equal("bridge 0 2", Pbx.Media.Commands.Last());
    }

    [Fact]
    public async Task An_answer_that_comes_with_the_early_media_is_bridged_for_good()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await DialAsync();
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        carrier.Answer(invite, 183, "v=0 announcement");
        carrier.Answer(invite, 200, "v=0 answer");
        Assert.Equal(200, (await alice.FinalAsync()).StatusCode);
        Assert.Equal("bridge 0 1", Pbx.Media.Commands.Last(command => command.StartsWith("bridge", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_caller_without_an_offer_gets_ours_with_the_early_media_and_answers_it_in_its_PRACK()      // RFC 3262 §5
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await DialAsync(null, ("Supported", "100rel"));
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        carrier.Answer(invite, 183, "v=0 announcement");
        SipResponse early = await alice.ResponseAsync();
        Assert.Equal((183, "100rel", "v=0 our offer savp"), (early.StatusCode, early.Headers.Get(SipHeaderName.Require), Body(early)));
        carrier.Answer(invite, 200, "v=0 answer");
        await Pbx.SettleAsync();
        Assert.True(alice.HasNothing);
        await PrackAsync(alice, early, "v=0 alice's answer");
        SipResponse answer = await alice.FinalAsync();
        Assert.Equal((200, ""), (answer.StatusCode, Body(answer)));                      // RFC 6337 §3.1.1: all is said
        Assert.Contains("v=0 alice's answer", Pbx.Media.Answers);
        Assert.Single(Pbx.Media.Commands, command => command.StartsWith("offer 0", StringComparison.Ordinal));
        Assert.Equal("bridge 0 1", Pbx.Media.Commands.Last(command => command.StartsWith("bridge", StringComparison.Ordinal)));
        alice.Ack(_invite!, answer);
        await Pbx.SettleAsync();
        Assert.True(alice.HasNothing);
    }

    [Fact]
    public async Task Early_media_is_bridged_once_a_caller_without_an_offer_has_answered_ours()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await DialAsync(null, ("Supported", "100rel"));
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        carrier.Answer(invite, 183, "v=0 announcement");
        SipResponse early = await alice.ResponseAsync();
        Assert.DoesNotContain("bridge-early 0 1", Pbx.Media.Commands);
        await PrackAsync(alice, early, "v=0 alice's answer");
        await Pbx.SettleAsync();
        Assert.Equal(["offer 1 avp like nobody", "receive-answer 1", "offer 0 savp like 1", "receive-answer 0", "bridge-early 0 1"], Pbx.Media.Commands);
        await Pbx.MoveAsync();                                                           // the next owner knows that all is said
        carrier.Answer(invite, 200, "v=0 answer");
        SipResponse answer = await alice.FinalAsync();
        Assert.Equal((200, ""), (answer.StatusCode, Body(answer)));
    }

    [Fact]
    public async Task Early_media_that_wait_for_the_callers_PRACK_are_bridged_by_the_next_owner()      // RFC 3262 §5; infra/decisions/0006
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await DialAsync(null, ("Supported", "100rel"));
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        carrier.Answer(invite, 183, "v=0 announcement");
        SipResponse early = await alice.ResponseAsync();
        await Pbx.MoveAsync();
        await PrackAsync(alice, early, "v=0 alice's answer");
        await Pbx.SettleAsync();
        Assert.Equal(["receive-answer 0", "bridge-early 0 1"], Pbx.Media.Commands.TakeLast(2));
        carrier.Answer(invite, 200, "v=0 answer");
        SipResponse answer = await alice.FinalAsync();
        Assert.Equal((200, ""), (answer.StatusCode, Body(answer)));
        alice.Ack(_invite!, answer);
        await Pbx.SettleAsync();
        Assert.True(alice.HasNothing);                                                   // the offer was made with the callee's codecs: nothing is left to settle
    }

    [Fact]
    public async Task A_caller_without_an_offer_that_cannot_take_one_early_gets_it_in_the_200()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await DialAsync(offer: null);
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        carrier.Answer(invite, 183, "v=0 announcement");
        SipResponse progress = await alice.ResponseAsync();
        Assert.Equal((183, ""), (progress.StatusCode, Body(progress)));                  // RFC 3264 §4: no offer where its answer could be lost
        carrier.Answer(invite, 200, "v=0 answer");
        SipResponse answer = await alice.FinalAsync();
        Assert.Equal((200, "v=0 our offer savp"), (answer.StatusCode, Body(answer)));
    }

    [Fact]
    public async Task A_PRACK_without_the_answer_that_was_due_leaves_the_offer_to_the_200()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await DialAsync(null, ("Supported", "100rel"));
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        carrier.Answer(invite, 183, "v=0 announcement");
        await PrackAsync(alice, await alice.ResponseAsync(), null);
        carrier.Answer(invite, 200, "v=0 answer");
        SipResponse answer = await alice.FinalAsync();
        Assert.Equal((200, "v=0 our offer savp"), (answer.StatusCode, Body(answer)));
    }

    [Fact]
    public async Task A_caller_may_offer_anew_before_the_answer_once_there_is_a_session()      // RFC 3311 §5.2
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await DialAsync(("Supported", "100rel"));
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        carrier.Answer(invite, 183, "v=0 announcement");
        SipResponse early = await alice.ResponseAsync();
        await PrackAsync(alice, early, null);
        alice.Send(alice.InDialog(SipMethod.Update, _invite!, early, "v=0 alice's second offer"));
        SipResponse updated = await alice.FinalAsync();
        Assert.Equal((200, "v=0 our answer"), (updated.StatusCode, Body(updated)));
        Assert.Equal(["receive-offer 0", "answer 0 like 1"], Pbx.Media.Commands.TakeLast(2));
        alice.Send(alice.InDialog(SipMethod.Update, _invite!, early, "v=0 unacceptable"));
        Assert.Equal(488, (await alice.FinalAsync()).StatusCode);
        StubPhone stranger = Pbx.Phone("102");
        stranger.Send(alice.InDialog(SipMethod.Update, _invite!, early, "v=0 stranger's offer"));
        Assert.Equal(403, (await stranger.FinalAsync()).StatusCode);                     // S11
        carrier.Answer(invite, 200, "v=0 answer");
        SipResponse answer = await alice.FinalAsync();
        Assert.Equal((200, ""), (answer.StatusCode, Body(answer)));
    }

    [Theory]
    [InlineData("v=0 alice's second offer", 200, "v=0 our answer")]
    [InlineData("v=0 unacceptable", 488, "")]
    public async Task A_caller_may_offer_anew_in_the_PRACK_of_our_answer(string offer, int status, string body)      // RFC 3262 §5
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await DialAsync(("Supported", "100rel"));
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        carrier.Answer(invite, 183, "v=0 announcement");
        SipResponse early = await alice.ResponseAsync();
        SipRequest prack = alice.InDialog(SipMethod.Prack, _invite!, early, offer);
        prack.Headers.Set("RAck", $"{early.RSeq} {_invite!.CSeq}");
        alice.Send(prack);
        SipResponse acknowledged = await alice.FinalAsync();
        Assert.Equal((SipMethod.Prack, status, body), (acknowledged.CSeq.Method, acknowledged.StatusCode, Body(acknowledged)));
        carrier.Answer(invite, 200, "v=0 answer");
        SipResponse answer = await alice.FinalAsync();
        Assert.Equal((200, ""), (answer.StatusCode, Body(answer)));                      // RFC 6337 §3.1.1
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_UPDATE_on_the_heels_of_the_PRACK_that_answers_our_offer_waits_for_its_turn(bool isAnswered)      // RFC 3262 §5, RFC 3311 §5.2
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await DialAsync(null, ("Supported", "100rel"));
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        carrier.Answer(invite, 183, "v=0 announcement");
        SipResponse early = await alice.ResponseAsync();
        await Pbx.SettleAsync();
        int before = Pbx.Media.Commands.Count;
        SipRequest prack = alice.InDialog(SipMethod.Prack, _invite!, early, "v=0 alice's answer");
        prack.Headers.Set("RAck", $"{early.RSeq} {_invite!.CSeq}");
        SipRequest update = alice.InDialog(SipMethod.Update, _invite!, early, "v=0 alice's next offer");
        using ManualResetEventSlim all = new();
        Pbx.Runtime.Scheduler.Post(() => all.Wait(Patience.Limit));                      // the thread finds them at one time
        if (isAnswered)
            carrier.Answer(invite, 200, "v=0 answer");
        alice.Send(prack);
        alice.Send(update);
        all.Set();
        List<(SipMethod Method, int Status, string Body)> answers = [];
        while (answers.Count < (isAnswered ? 3 : 2))
            if (await alice.ReceiveAsync() is SipResponse { IsProvisional: false } response)
                answers.Add((response.CSeq.Method, response.StatusCode, Body(response)));
        Assert.Equal((SipMethod.Prack, 200, ""), answers[0]);
        Assert.Contains((SipMethod.Update, 200, "v=0 our answer"), answers);
        Assert.Equal(
            ["receive-answer 0", "receive-offer 0"],
            Pbx.Media.Commands.Skip(before).Where(command => command.StartsWith("receive", StringComparison.Ordinal) && command.EndsWith(" 0", StringComparison.Ordinal)));
    }

    public void Dispose() => _fixture.Dispose();

    private async Task PrackAsync(StubPhone alice, SipResponse response, string? sdp)
    {
        SipRequest prack = alice.InDialog(SipMethod.Prack, _invite!, response, sdp);
        prack.Headers.Set("RAck", $"{response.RSeq} {_invite!.CSeq}");
        alice.Send(prack);
        Assert.Equal(200, (await alice.ResponseAsync()).StatusCode);
    }

    private SipRequest? _invite;

    private static string Body(SipMessage message) => Encoding.UTF8.GetString(message.Body.Span);

    private static string Tagged(SipRequest invite, string tag) => invite.To.WithTag(tag).ToString();

    private Task<StubPhone> DialAsync(params (string Name, string Value)[] fields) => DialAsync("v=0 phone's offer", fields);

    private async Task<StubPhone> DialAsync(string? offer, params (string Name, string Value)[] fields)
    {
        _fixture.Number("+49301000", "100");
        await _fixture.ApplyAsync();
        StubPhone alice = await Pbx.RegisteredAsync("100");
        SipRequest invite = alice.Request(SipMethod.Invite, $"sip:9+4989222@{Pbx.Domain}", offer, fields);
        alice.Send(invite);
        SipResponse challenge = await alice.ResponseAsync();
        alice.Ack(invite, challenge);
        _invite = alice.Again(invite, challenge);
        alice.Send(_invite);
        return alice;
    }
}
