using System.Text.Json;
using CloudPbx.Sip.Dialogs;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Tests.Harness;
using CloudPbx.Sip.Transactions;
using CloudPbx.Sip.UserAgents;
using static CloudPbx.Sip.Tests.Harness.ReliablePeers;

namespace CloudPbx.Sip.Tests.UserAgents;

/// <summary>Reliable provisional responses between two of our agents, and against literal ones (RFC 3262).</summary>
public class ReliableTests
{
    private static readonly HeaderField s_require = new("Require", "100rel");

    [Fact]
    public void Early_media_are_sent_reliably_to_a_caller_that_supports_it()
    {
        using World world = new();
        world.Run(async () =>
        {
            OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"));
            IncomingInvite atBob = await world.Bob.IncomingAsync();
            atBob.Progress(180);
            Assert.True(atBob.IsSettled);
            atBob.Progress(183, body: World.Sdp("answer"));
            Assert.False(atBob.IsSettled);
            await atBob.SettleAsync();
            Assert.Equal(OfferState.Agreed, atBob.Offers);
            InviteDialog bob = atBob.Accept(World.Sdp("again"))!;
            InviteOutcome outcome = await call.Outcome;
            Assert.Null(MessageBody.Of(outcome.Response!));                       // RFC 6337 §3.1.1: the answer was given
            Assert.NotNull(await bob.Confirmed);
            await outcome.Dialog!.ByeAsync();
        });
        SipRequest prack = world.Messages.OfType<SipRequest>().Single(request => request.Method == SipMethod.Prack);
        SipResponse reliable = world.Messages.OfType<SipResponse>().Single(response => response.Requires("100rel"));
        Assert.Equal(183, reliable.StatusCode);
        Assert.InRange(reliable.RSeq!.Value, 1u, (uint)int.MaxValue);                 // §3
        Assert.Equal(new RAck(reliable.RSeq.Value, reliable.CSeq), prack.RAck);   // §4
        Assert.Equal(reliable.CSeq.Number + 1, prack.CSeq.Number);
        Assert.Equal(world.Bob.Contact.Uri, prack.RequestUri);                    // I4: that dialog's own target
        Assert.Equal(1, world.Count("200 PRACK"));
        Assert.Equal(prack.CSeq.Number + 1, world.Messages.OfType<SipRequest>().Single(request => request.Method == SipMethod.Bye).CSeq.Number);
        world.AssertNothingRemains();
    }

    [Theory]
    [InlineData(ReliablePolicy.Off, ReliablePolicy.Supported)]
    [InlineData(ReliablePolicy.Supported, ReliablePolicy.Off)]
    public void With_a_side_that_has_it_off_nothing_is_reliable(ReliablePolicy caller, ReliablePolicy callee)
    {
        using World world = new();
        world.Bob.Reliable = callee;
        world.Run(async () =>
        {
            OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"), reliable: caller);
            IncomingInvite atBob = await world.Bob.IncomingAsync();
            atBob.Progress(183, body: World.Sdp("answer"));
            InviteDialog bob = atBob.Accept(World.Sdp("answer"))!;
            Assert.NotNull(MessageBody.Of((await call.Outcome).Response!));
            await bob.Confirmed;
            await bob.ByeAsync();
        });
        Assert.Equal(caller == ReliablePolicy.Supported, world.Messages[0].Supports("100rel"));
        Assert.Equal(caller == ReliablePolicy.Supported, world.Messages[0].HasToken(SipHeaderName.Allow, "PRACK"));
        Assert.Equal(0, world.Count("PRACK"));
        world.AssertNothingRemains();
    }

    [Fact]
    public void I3_a_caller_that_allows_PRACK_and_does_not_support_100rel_gets_its_responses_unreliably()        // §3: only Supported or Require says it
    {
        using World world = new();
        world.Run(async () =>
        {
            OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"), headers: [new HeaderField("Allow", "INVITE, ACK, BYE, CANCEL, PRACK, UPDATE")], reliable: ReliablePolicy.Off);
            IncomingInvite atBob = await world.Bob.IncomingAsync();
            Assert.True(atBob.Request.HasToken(SipHeaderName.Allow, "PRACK"));
            atBob.Progress(183, body: World.Sdp("answer"));
            InviteDialog bob = atBob.Accept(World.Sdp("answer"))!;
            await call.Outcome;
            await bob.Confirmed;
            await bob.ByeAsync();
        });
        Assert.DoesNotContain(world.Messages.OfType<SipResponse>(), response => response.RSeq is not null || response.Requires("100rel"));
        world.AssertNothingRemains();
    }

    [Fact]
    public void A_caller_that_requires_it_gets_every_response_reliably_and_in_turn()      // §3
    {
        using World world = new();
        world.Run(async () =>
        {
            OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"), reliable: ReliablePolicy.Required);
            List<int> seen = [];
            call.Provisional += (_, response) => seen.Add(response.StatusCode);
            IncomingInvite atBob = await world.Bob.IncomingAsync();
            atBob.Progress(100);
            atBob.Progress(180);
            atBob.Progress(181);
            atBob.Progress(183, body: World.Sdp("answer"));
            Assert.Equal(0, world.Count("181 INVITE"));                           // not before the first is acknowledged
            await atBob.SettleAsync();
            Assert.Equal([100, 180, 181, 183], seen);
            atBob.Accept(null);
            await (await call.Outcome).Dialog!.ByeAsync();
        });
        uint[] numbers = [.. world.Messages.OfType<SipResponse>().Where(response => response.RSeq is not null).Select(response => response.RSeq!.Value)];
        Assert.Equal([numbers[0], numbers[0] + 1, numbers[0] + 2], numbers);
        Assert.Equal(3, world.Count("PRACK"));
        Assert.True(world.Messages[0].Requires("100rel"));
        world.AssertNothingRemains();
    }

    [Fact]
    public void A_reliable_response_is_repeated_and_without_PRACK_the_call_fails()       // §3, I6
    {
        using World world = new();
        world.Lose = (_, message) => message is SipRequest { Method.Name: "PRACK" };
        world.Run(async () =>
        {
            OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"));
            List<int> seen = [];
            call.Provisional += (_, response) => seen.Add(response.StatusCode);
            IncomingInvite atBob = await world.Bob.IncomingAsync();
            TimeSpan start = world.Pump.Now;
            atBob.Progress(183, body: World.Sdp("answer"));
            await atBob.SettleAsync();
            Assert.InRange((world.Pump.Now - start).TotalSeconds, 32, 32.1);
            Assert.False(atBob.IsPending);
            Assert.Equal(InviteCancellationCause.NoPrack, (await atBob.Cancelled).Cause);
            Assert.Null(await atBob.EarlyAnswer);
            Assert.Null(atBob.Accept(null));
            Assert.Equal(504, (await call.Outcome).StatusCode);
            Assert.Equal([183], seen);                                            // §4: repetitions are not looked at
        });
        Assert.Equal(7, world.Count("183 INVITE"));                               // 0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5 s
        world.AssertNothingRemains();
    }

    [Fact]
    public void A_lost_PRACK_and_a_lost_response_are_made_up_for()
    {
        using World world = new();
        int pracks = 0, reliable = 0;
        world.Lose = (_, message) => (message is SipRequest { Method.Name: "PRACK" } && pracks++ == 0)
            || (message is SipResponse { StatusCode: 183 } && reliable++ == 0);
        world.Run(async () =>
        {
            OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"));
            IncomingInvite atBob = await world.Bob.IncomingAsync();
            atBob.Progress(183, body: World.Sdp("answer"));
            await atBob.SettleAsync();
            Assert.True(atBob.IsPending);
            atBob.Reject(486);
            Assert.Equal(486, (await call.Outcome).StatusCode);
        });
        world.AssertNothingRemains();
    }

    [Fact]
    public void An_answer_may_not_overtake_the_PRACK_of_a_session_description()          // §3, I5
    {
        using World world = new();
        world.Run(async () =>
        {
            OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"));
            IncomingInvite atBob = await world.Bob.IncomingAsync();
            atBob.Progress(183, body: World.Sdp("answer"));
            Assert.Throws<InvalidOperationException>(() => atBob.Accept(null));
            call.Cancel();
            await atBob.SettleAsync();
            await atBob.Cancelled;
            await call.Outcome;
        });
        world.AssertNothingRemains();
    }

    [Fact]
    public void An_offer_in_a_reliable_response_is_answered_in_the_PRACK()               // §5
    {
        using World world = new();
        world.Run(async () =>
        {
            EarlyOffer? offered = null;
            OutgoingInvite call = world.Alice.Call(world.Bob, null, earlyOffer: offer => offered = offer);
            IncomingInvite atBob = await world.Bob.IncomingAsync();
            atBob.Progress(183, body: World.Sdp("offer"));
            atBob.Progress(180, body: World.Sdp("second offer"));                 // waits, and its offer is not sent
            await world.Wait(0.2);
            Assert.Contains("s=offer", MessageBody.Of(offered!.Response)!.Text, StringComparison.Ordinal);
            offered.Answer(World.Sdp("answer"));
            offered.Answer(World.Sdp("twice"));
            Assert.Contains("s=answer", (await atBob.EarlyAnswer)!.Text, StringComparison.Ordinal);
            await atBob.SettleAsync();
            InviteDialog bob = atBob.Accept(World.Sdp("third"))!;
            InviteOutcome outcome = await call.Outcome;
            Assert.Null(MessageBody.Of(outcome.Response!));
            Assert.True((await bob.Confirmed)!.Body.IsEmpty);
            await outcome.Dialog!.ByeAsync();
        });
        Assert.DoesNotContain(world.Messages, message => MessageBody.Of(message)?.Text.Contains("second", StringComparison.Ordinal) == true);
        world.AssertNothingRemains();
    }

    [Fact]
    public void Who_sends_no_offer_and_takes_none_early_does_not_offer_100rel()
    {
        using World world = new();
        world.Run(async () =>
        {
            OutgoingInvite call = world.Alice.Call(world.Bob, null, reliable: ReliablePolicy.Required);
            (await world.Bob.IncomingAsync()).Reject(486);
            await call.Outcome;
        });
        Assert.False(world.Messages[0].Supports("100rel") || world.Messages[0].Requires("100rel"));
    }

    [Fact]
    public void A_PRACK_may_bring_an_offer_and_its_200_the_answer()                      // §5
    {
        using World world = new();
        world.Run(async () =>
        {
            (OutgoingInvite call, IncomingInvite atBob, Dialog early, SipResponse reliable) = await LiteralAsync(world);
            IncomingReinvite? seen = null;
            atBob.OfferReceived = offer => seen = offer;
            Task<SipResponse> prack = PrackAsync(world, early, reliable, World.Sdp("new offer"));
            await world.Wait(0.1);
            Assert.Contains("s=new offer", seen!.Offer!.Text, StringComparison.Ordinal);
            Assert.False(atBob.IsSettled);
            seen.Accept(World.Sdp("new answer"));
            Assert.Contains("s=new answer", MessageBody.Of(await prack)!.Text, StringComparison.Ordinal);
            Assert.True(atBob.IsSettled);
            atBob.Reject(486);
            await call.Outcome;
        });
        world.AssertNothingRemains();
    }

    [Fact]
    public void A_PRACK_that_fits_nothing_gets_481_and_a_malformed_one_400()             // §3
    {
        using World world = new();
        world.Run(async () =>
        {
            (OutgoingInvite call, IncomingInvite atBob, Dialog early, SipResponse reliable) = await LiteralAsync(world);
            Assert.Equal(400, (await PrackAsync(world, early, null, null, "nonsense")).StatusCode);
            Assert.Equal(481, (await PrackAsync(world, early, null, null, $"{reliable.RSeq + 1} {reliable.CSeq}")).StatusCode);
            Assert.Equal(481, (await PrackAsync(world, early, null, null, $"{reliable.RSeq} {reliable.CSeq.Number + 1} INVITE")).StatusCode);
            Assert.Equal(481, (await PrackAsync(world, early, null, null, $"{reliable.RSeq} {reliable.CSeq.Number} UPDATE")).StatusCode);
            Assert.False(atBob.IsSettled);
            Assert.Equal(200, (await PrackAsync(world, early, reliable)).StatusCode);
            Assert.Equal(481, (await PrackAsync(world, early, reliable)).StatusCode);     // acknowledged before
            Assert.True(atBob.IsSettled);
            atBob.Reject(486);
            await call.Outcome;
        });
        world.AssertNothingRemains();
    }

    [Fact]
    public void A_reliable_response_out_of_order_is_not_acknowledged()                   // §4
    {
        using World world = new();
        world.Run(async () =>
        {
            (OutgoingInvite call, ServerTransaction at) = await RawCalleeAsync(world);
            List<int> seen = [];
            call.Provisional += (_, response) => seen.Add(response.StatusCode);
            Respond(world, at, 183, 7);
            await world.Wait(0.1);
            Respond(world, at, 180, 9);                                           // 8 is missing
            Respond(world, at, 180, 7);                                           // again
            await world.Wait(0.1);
            Assert.Equal((1, 1), (world.Count("PRACK"), seen.Count));
            Respond(world, at, 180, 8);
            Respond(world, at, 181, 100, "fork");                                 // I4: another dialog counts by itself
            await world.Wait(0.1);
            Assert.Equal([183, 180, 181], seen);
            Assert.Equal(3, world.Count("PRACK"));
            at.Respond(486);
            await call.Outcome;
        });
        world.AssertNothingRemains();
    }

    [Theory]
    [InlineData(405)]
    [InlineData(420)]
    [InlineData(481)]
    [InlineData(501)]
    public void I1_a_carrier_that_refuses_PRACK_may_still_answer(int status)
    {
        using World world = new();
        world.Run(async () =>
        {
            (OutgoingInvite call, ServerTransaction at) = await RawCalleeAsync(world, status);
            List<ReliabilityRefusal> refusals = [];
            call.ReliabilityRefused += (_, refusal) => refusals.Add(refusal);
            Respond(world, at, 183, 7);
            await world.Wait(0.1);
            Respond(world, at, 180, 8);
            await world.Wait(0.1);
            Assert.Equal((SipMethod.Prack, status), (Assert.Single(refusals).Method, refusals[0].StatusCode));
            Assert.Equal(1, world.Count("PRACK"));                                // the second would be refused, too
            SipResponse answer = SipResponse.For(at.Request, 200, null, "t");
            answer.Headers.Add(SipHeaderName.Contact, world.Bob.Contact.ToString());
            UserAgentLayer.SetBody(answer, World.Sdp("answer"));
            at.Respond(answer);
            InviteOutcome outcome = await call.Outcome;
            Assert.Equal(InviteResult.Answered, outcome.Result);
            outcome.Dialog!.Abandon();
        });
        Assert.Equal(1, world.Count("ACK"));
    }

    [Theory]
    [InlineData(ReliablePolicy.Auto, true)]
    [InlineData(ReliablePolicy.Supported, false)]
    public void I1_with_auto_a_call_that_the_carrier_fails_for_want_of_PRACK_is_sent_again_without_100rel(ReliablePolicy policy, bool completes)
    {
        using World world = new();
        world.Run(async () =>
        {
            (OutgoingInvite call, ServerTransaction at) = await RawCalleeAsync(world, 405, policy);
            Respond(world, at, 183, 7);
            await world.Wait(0.1);
            world.Bob.RequestFilter = null;
            at.Respond(504);
            if (!completes)
            {
                Assert.Equal(504, (await call.Outcome).StatusCode);
                return;
            }
            IncomingInvite again = await world.Bob.IncomingAsync();
            Assert.False(again.Request.Supports("100rel"));
            Assert.Equal((call.CallId, at.Request.CSeq.Number + 1), (again.Request.CallId, again.Request.CSeq.Number));
            InviteDialog bob = again.Accept(World.Sdp("answer"))!;
            Assert.Equal(InviteResult.Answered, (await call.Outcome).Result);
            await bob.Confirmed;
            await bob.ByeAsync();
        });
        world.AssertNothingRemains();
    }

    [Fact]
    public void A_busy_callee_behind_a_carrier_without_PRACK_is_busy()
    {
        using World world = new();
        world.Run(async () =>
        {
            (OutgoingInvite call, ServerTransaction at) = await RawCalleeAsync(world, 405, ReliablePolicy.Auto);
            Respond(world, at, 183, 7);
            await world.Wait(0.1);
            at.Respond(486);
            Assert.Equal(486, (await call.Outcome).StatusCode);
        });
        Assert.Equal(1, world.Count("INVITE"));
    }

    [Theory]
    [InlineData(ReliablePolicy.Auto, 2)]
    [InlineData(ReliablePolicy.Required, 1)]
    public void A_420_for_100rel_makes_auto_try_without(ReliablePolicy policy, int invites)      // RFC 3261 §21.4.15
    {
        using World world = new();
        world.Run(async () =>
        {
            List<ReliabilityRefusal> refusals = [];
            world.Bob.RequestFilter = transaction => Refuse(transaction, 420, "Unsupported");
            OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"), reliable: policy);
            call.ReliabilityRefused += (_, refusal) => refusals.Add(refusal);
            await world.Wait(0.03);
            world.Bob.RequestFilter = null;
            if (invites == 2)
                (await world.Bob.IncomingAsync()).Reject(486);
            Assert.Equal(invites == 2 ? 486 : 420, (await call.Outcome).StatusCode);
            Assert.Equal((SipMethod.Invite, 420), (Assert.Single(refusals).Method, refusals[0].StatusCode));
        });
        Assert.Equal(invites, world.Count("INVITE"));
        world.AssertNothingRemains();
    }

    [Theory]
    [InlineData(ReliablePolicy.Supported, true)]
    [InlineData(ReliablePolicy.Auto, true)]
    [InlineData(ReliablePolicy.Off, false)]
    public void A_421_for_100rel_makes_us_require_it(ReliablePolicy policy, bool again)         // RFC 3261 §21.4.16
    {
        using World world = new();
        world.Run(async () =>
        {
            world.Bob.RequestFilter = transaction => Refuse(transaction, 421, "Require");
            OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"), reliable: policy);
            await world.Wait(0.03);
            world.Bob.RequestFilter = null;
            if (again)
            {
                IncomingInvite atBob = await world.Bob.IncomingAsync();
                Assert.True(atBob.Request.Requires("100rel") && atBob.Request.Supports("100rel"));
                atBob.Reject(486);
            }
            Assert.Equal(again ? 486 : 421, (await call.Outcome).StatusCode);
        });
        world.AssertNothingRemains();
    }

    [Theory]
    [InlineData(true, 486)]
    [InlineData(false, 421)]                                                              // it has no 100rel, and will not do without
    public void A_421_takes_back_once_what_was_learned(bool copes, int expected)                // RFC 3261 §21.4.16
    {
        using World world = new();
        world.Run(async () =>
        {
            int required = 0;
            world.Bob.RequestFilter = transaction =>
                transaction.Request.Requires("100rel") ? !copes && Refuse(transaction, 420, "Unsupported") : Refuse(transaction, 421, "Require");
            OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"), reliable: ReliablePolicy.Off, learned: true);
            call.ReliabilityRequired += _ => required++;
            if (copes)
                (await world.Bob.IncomingAsync()).Reject(486);
            Assert.Equal(expected, (await call.Outcome).StatusCode);
            Assert.Equal(1, required);
        });
        Assert.Equal(copes ? 2 : 3, world.Count("INVITE"));
        world.AssertNothingRemains();
    }

    [Theory]
    [InlineData(ReliablePolicy.Off, true, 420, "Unsupported")]
    [InlineData(ReliablePolicy.Required, false, 421, "Require")]                          // I3
    public void A_caller_that_does_not_fit_our_policy_is_refused(ReliablePolicy ours, bool requires, int status, string field)
    {
        using World world = new();
        world.Bob.Reliable = ours;
        world.Run(async () =>
        {
            OutgoingInvite call = world.Alice.Call(
                world.Bob, World.Sdp("offer"), headers: requires ? [s_require] : [], reliable: ReliablePolicy.Off);
            InviteOutcome outcome = await call.Outcome;
            Assert.Equal((status, "100rel"), (outcome.StatusCode, outcome.Response!.Headers.Get(field)));
        });
        world.AssertNothingRemains();
    }

    [Fact]
    public void A_reliable_response_is_followed_by_fresh_ones_every_minute()             // §3: proxies forget the INVITE otherwise
    {
        using World world = new();
        world.Run(async () =>
        {
            OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"), reliable: ReliablePolicy.Required);
            IncomingInvite atBob = await world.Bob.IncomingAsync();
            atBob.Progress(183, body: World.Sdp("answer"));
            await world.Wait(130);
            Assert.Equal(3, world.Messages.OfType<SipResponse>().Where(response => response.RSeq is not null).Select(response => response.RSeq).Distinct().Count());
            Assert.Equal(3, world.Count("PRACK"));
            atBob.Reject(480);
            await call.Outcome;
        }, 200);
        world.AssertNothingRemains();
    }

    [Fact]
    public void The_successor_goes_on_repeating_and_numbering()
    {
        using World world = new();
        world.Run(async () =>
        {
            bool deaf = true;
            world.Lose = (_, message) => deaf && message is SipRequest { Method.Name: "PRACK" };
            OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"), reliable: ReliablePolicy.Required);
            IncomingInvite before = await world.Bob.IncomingAsync();
            before.Progress(183, body: World.Sdp("answer"));
            before.Progress(180);
            await world.Wait(0.1);
            Agent successor = world.Replace(world.Bob);
            IncomingInvite after = successor.Layer.Restore(Stored(before.ToState()), successor.Flow);
            Assert.False(after.IsSettled);
            deaf = false;
            await after.SettleAsync();
            await world.Wait(1);
            Assert.Equal(2, world.Messages.OfType<SipResponse>().Where(response => response.RSeq is not null).Select(response => response.RSeq).Distinct().Count());
            InviteDialog bob = after.Accept(World.Sdp("again"))!;
            Assert.Null(MessageBody.Of((await call.Outcome).Response!));
            await bob.Confirmed;
            await bob.ByeAsync();
        });
        world.AssertNothingRemains();
    }

    [Fact]
    public void The_callers_successor_knows_what_was_acknowledged_and_counts_on()
    {
        using World world = new();
        world.Run(async () =>
        {
            OutgoingInvite before = world.Alice.Call(world.Bob, World.Sdp("offer"), reliable: ReliablePolicy.Required);
            IncomingInvite atBob = await world.Bob.IncomingAsync();
            atBob.Progress(183, body: World.Sdp("answer"));
            await atBob.SettleAsync();
            Agent successor = world.Replace(world.Alice);
            OutgoingInvite after = successor.Layer.Restore(Stored(before.ToState()), successor.Flow);
            atBob.Progress(180);
            await world.Wait(1);
            Assert.Equal(2, world.Count("200 PRACK"));
            InviteDialog bob = atBob.Accept(null)!;
            InviteDialog alice = (await after.Outcome).Dialog!;
            await bob.Confirmed;
            await alice.ByeAsync();
        });
        uint[] numbers = [.. world.Messages.OfType<SipRequest>().Where(request => request.Method != SipMethod.Ack).Select(request => request.CSeq.Number)];
        Assert.Equal([numbers[0], numbers[0] + 1, numbers[0] + 2, numbers[0] + 3], numbers);     // INVITE, PRACK, PRACK, BYE
        world.AssertNothingRemains();
    }

    private static T Stored<T>(T state) => JsonSerializer.Deserialize<T>(JsonSerializer.Serialize(state))!;

    private static bool Refuse(ServerTransaction transaction, int status, string field)
    {
        SipResponse refusal = SipResponse.For(transaction.Request, status, null, "t");
        refusal.Headers.Add(field, "100rel");
        transaction.Respond(refusal);
        return true;
    }
}
