using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Tests.Harness;
using CloudPbx.Sip.Transport;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.Sip.Tests.UserAgents;

/// <summary>Whole calls between two user agents.</summary>
public class CallTests
{
    [Theory]
    [InlineData(SipTransport.Udp)]
    [InlineData(SipTransport.Tcp)]
    public void A_call_is_answered_and_the_caller_hangs_up(SipTransport transport)
    {
        using World world = new(transport);
        world.Run(() => BasicCall(world, callerHangsUp: true));
        Assert.Equal(1, world.Count("INVITE"));
        Assert.Equal(1, world.Count("ACK"));
        Assert.Equal(1, world.Count("BYE"));
        world.AssertNothingRemains();
    }

    [Fact]
    public void The_callee_hangs_up()
    {
        using World world = new();
        world.Run(() => BasicCall(world, callerHangsUp: false));
        world.AssertNothingRemains();
    }

    [Fact]
    public void An_INVITE_that_nobody_looks_at_gets_100_after_200_ms()
    {
        using World world = new();
        world.Run(async () =>
        {
            OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"));
            List<int> seen = [];
            call.Provisional += (_, response) => seen.Add(response.StatusCode);
            IncomingInvite atBob = await world.Bob.IncomingAsync();
            await world.Wait(1);
            Assert.Equal([100], seen);
            atBob.Reject(486);
            InviteOutcome outcome = await call.Outcome;
            Assert.Equal((InviteResult.Rejected, 486), (outcome.Result, outcome.StatusCode));
        });
        Assert.Equal(1, world.Count("INVITE"));          // the 100 stopped timer A
        Assert.Equal(1, world.Count("ACK"));
        world.AssertNothingRemains();
    }

    [Fact]
    public void Offer_and_answer_are_in_INVITE_and_200()
    {
        using World world = new();
        world.Run(async () =>
        {
            OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"));
            IncomingInvite atBob = await world.Bob.IncomingAsync();
            Assert.Contains("s=offer", atBob.Offer!.Text, StringComparison.Ordinal);
            InviteDialog bob = atBob.Accept(World.Sdp("answer"))!;
            InviteOutcome outcome = await call.Outcome;
            Assert.Contains("s=answer", MessageBody.Of(outcome.Response!)!.Text, StringComparison.Ordinal);
            Assert.NotNull(await bob.Confirmed);
            Assert.Empty((await bob.Confirmed)!.Body.ToArray());
            await outcome.Dialog!.ByeAsync();
        });
        world.AssertNothingRemains();
    }

    [Fact]
    public void What_ended_keeps_nothing_of_whom_it_told()                   // INVITE and dialog are known for 64·T1 more
    {
        using World world = new();
        world.Run(async () =>
        {
            OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"));
            call.OfferReceived = _ => { };
            IncomingInvite atBob = await world.Bob.IncomingAsync();
            InviteDialog bob = atBob.Accept(World.Sdp("answer"))!;
            InviteDialog alice = (await call.Outcome).Dialog!;
            Assert.Null(call.OfferReceived);
            alice.Admit = _ => true;
            alice.RequestReceived = _ => true;
            alice.ReinviteReceived = _ => { };
            alice.ForgottenAnswer = () => { };
            await bob.ByeAsync();
            await alice.Ended;
            Assert.Equal((null, null, null, null), (alice.Admit, alice.RequestReceived, alice.ReinviteReceived, alice.ForgottenAnswer));
        });
        world.AssertNothingRemains();
    }

    [Fact]
    public void An_offerless_INVITE_is_answered_in_the_ACK()
    {
        using World world = new();
        world.Run(async () =>
        {
            OutgoingInvite call = world.Alice.Call(world.Bob, null);
            IncomingInvite atBob = await world.Bob.IncomingAsync();
            Assert.Null(atBob.Offer);
            InviteDialog bob = atBob.Accept(World.Sdp("offer"))!;
            InviteDialog alice = (await call.Outcome).Dialog!;
            await world.Wait(0.7);                       // the answer takes its time; the 2xx comes again, without effect
            alice.Acknowledge(World.Sdp("answer"));
            Assert.Contains("s=answer", MessageBody.Of((await bob.Confirmed)!)!.Text, StringComparison.Ordinal);
            await bob.ByeAsync();
            Assert.Equal(DialogEndCause.RemoteBye, (await alice.Ended).Cause);
        });
        world.AssertNothingRemains();
    }

    [Fact]
    public void A_cancelled_call_ends_with_487_at_both()
    {
        using World world = new();
        world.Run(async () =>
        {
            OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"));
            IncomingInvite atBob = await world.Bob.IncomingAsync();
            atBob.Progress(180);
            await world.Wait(1);
            call.Cancel("SIP;cause=200;text=\"Call completed elsewhere\"");
            InviteCancellation cancelled = await atBob.Cancelled;
            Assert.Equal(InviteCancellationCause.Cancel, cancelled.Cause);
            Assert.Contains("cause=200", cancelled.Reason, StringComparison.Ordinal);
            InviteOutcome outcome = await call.Outcome;
            Assert.Equal((InviteResult.Cancelled, 487), (outcome.Result, outcome.StatusCode));
            Assert.Null(atBob.Accept(null));
        });
        world.AssertNothingRemains();
    }

    [Fact]
    public void A_CANCEL_waits_for_a_provisional_response()                   // RFC 3261 §9.1
    {
        using World world = new();
        world.Lose = (_, message) => message is SipResponse && world.Pump.Now < TimeSpan.FromSeconds(2);
        world.Run(async () =>
        {
            OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"));
            call.Cancel();
            await world.Wait(1.5);
            Assert.Equal(0, world.Count("CANCEL"));
            Assert.Equal(InviteResult.Cancelled, (await call.Outcome).Result);
        });
        Assert.Equal(1, world.Count("CANCEL"));
        world.AssertNothingRemains();
    }

    [Fact]
    public void A_200_that_crosses_our_CANCEL_is_acknowledged_and_hung_up()   // I18
    {
        using World world = new();
        world.Run(async () =>
        {
            OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"));
            IncomingInvite atBob = await world.Bob.IncomingAsync();
            atBob.Progress(180);
            await world.Wait(1);
            InviteDialog bob = atBob.Accept(World.Sdp("answer"))!;
            call.Cancel();
            InviteOutcome outcome = await call.Outcome;
            Assert.Equal(InviteResult.Cancelled, outcome.Result);
            Assert.Null(outcome.Dialog);
            Assert.Equal(DialogEndCause.RemoteBye, (await bob.Ended).Cause);
        });
        Assert.Equal(1, world.Count("ACK"));
        Assert.Equal(1, world.Count("BYE"));
        Assert.Equal(1, world.Count("200 CANCEL"));
        world.AssertNothingRemains();
    }

    [Fact]
    public void A_CANCEL_without_final_response_is_over_after_64_T1()         // I19
    {
        using World world = new();
        world.Lose = (_, message) => message is SipResponse { StatusCode: 487 };
        world.Run(async () =>
        {
            OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"));
            (await world.Bob.IncomingAsync()).Progress(180);
            await world.Wait(1);
            TimeSpan start = world.Pump.Now;
            call.Cancel();
            InviteOutcome outcome = await call.Outcome;
            Assert.Equal((InviteResult.Cancelled, 487), (outcome.Result, outcome.StatusCode));
            Assert.InRange((world.Pump.Now - start).TotalSeconds, 32, 32.1);
        });
        world.AssertNothingRemains();
    }

    [Fact]
    public void A_200_whose_ACK_never_comes_is_repeated_and_the_call_ends_with_BYE()     // §13.3.1.4, I20
    {
        using World world = new();
        world.Lose = (_, message) => message is SipRequest { Method.Name: "ACK" };
        world.Run(async () =>
        {
            OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"));
            IncomingInvite atBob = await world.Bob.IncomingAsync();
            TimeSpan start = world.Pump.Now;
            InviteDialog bob = atBob.Accept(World.Sdp("answer"))!;
            InviteDialog alice = (await call.Outcome).Dialog!;
            Assert.Equal(DialogEndCause.NoAck, (await bob.Ended).Cause);
            Assert.InRange((world.Pump.Now - start).TotalSeconds, 32, 32.1);
            Assert.Null(await bob.Confirmed);
            Assert.Equal(DialogEndCause.RemoteBye, (await alice.Ended).Cause);
        });
        // 0, 0.5, 1.5, 3.5, 7.5, 11.5 … 31.5 s
        Assert.Equal(11, world.Count("200 INVITE"));
        Assert.Equal(11, world.Count("ACK"));
        world.AssertNothingRemains();
    }

    [Fact]
    public void A_BYE_of_the_callee_waits_for_the_ACK()                       // §15
    {
        using World world = new();
        int acks = 0;
        world.Lose = (_, message) => message is SipRequest { Method.Name: "ACK" } && acks++ == 0;
        world.Run(async () =>
        {
            OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"));
            InviteDialog bob = (await world.Bob.IncomingAsync()).Accept(World.Sdp("answer"))!;
            Task bye = bob.ByeAsync("Q.850;cause=16");
            Assert.Equal(DialogEndCause.LocalBye, (await bob.Ended).Cause);
            Assert.Equal(0, world.Count("BYE"));
            DialogEnd end = await (await call.Outcome).Dialog!.Ended;
            Assert.Equal((DialogEndCause.RemoteBye, "Q.850;cause=16"), (end.Cause, end.Reason));
            await bye;
        });
        Assert.Equal(2, world.Count("ACK"));
        world.AssertNothingRemains();
    }

    [Fact]
    public void BYEs_that_cross_both_get_200()
    {
        using World world = new();
        world.Run(async () =>
        {
            (InviteDialog alice, InviteDialog bob) = await Connect(world);
            await world.Wait(1);
            Task first = alice.ByeAsync(), second = bob.ByeAsync();          // Task.WhenAll would go by the thread pool, behind the pump's back
            await first;
            await second;
        });
        Assert.Equal(2, world.Count("200 BYE"));
        world.AssertNothingRemains();
    }

    [Fact]
    public void A_BYE_in_the_early_dialog_ends_the_INVITE_with_487()          // §15.1.2
    {
        using World world = new();
        world.Run(async () =>
        {
            OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"));
            IncomingInvite atBob = await world.Bob.IncomingAsync();
            atBob.Progress(180);
            await world.Wait(1);
            SipRequest bye = CloudPbx.Sip.Dialogs.Dialog.FromResponse(call.Request, world.Messages.OfType<SipResponse>().First(r => r.StatusCode == 180))
                .CreateRequest(SipMethod.Bye);
            Assert.Equal(200, (await world.Alice.Layer.SendAsync(bye, world.Alice.Flow)).StatusCode);
            Assert.Equal(InviteCancellationCause.Bye, (await atBob.Cancelled).Cause);
            Assert.Equal(487, (await call.Outcome).StatusCode);
        });
        world.AssertNothingRemains();
    }

    [Fact]
    public void A_BYE_that_overtakes_its_200_gives_a_call_that_is_over()      // I25
    {
        using World world = new();
        world.Delay = (_, message) => message is SipResponse { StatusCode: 200 } && message.CSeq.Method == SipMethod.Invite ? TimeSpan.FromMilliseconds(300) : TimeSpan.Zero;
        world.Run(async () =>
        {
            OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"));
            IncomingInvite atBob = await world.Bob.IncomingAsync();
            InviteDialog bob = atBob.Accept(World.Sdp("answer"))!;
            SipRequest bye = new CloudPbx.Sip.Dialogs.Dialog(bob.State).CreateRequest(SipMethod.Bye);      // a callee that does not wait for the ACK
            await world.Bob.Layer.SendAsync(bye, world.Bob.Flow);
            InviteOutcome outcome = await call.Outcome;
            Assert.Equal(InviteResult.Answered, outcome.Result);
            Assert.Equal(DialogEndCause.RemoteBye, (await outcome.Dialog!.Ended).Cause);
            bob.Abandon();
        });
        Assert.True(world.Count("ACK") >= 1);
        world.AssertNothingRemains();
    }

    [Fact]
    public void Silence_is_a_timeout_after_64_T1()
    {
        using World world = new() { Lose = (_, _) => true };
        world.Run(async () =>
        {
            InviteOutcome outcome = await world.Alice.Call(world.Bob, World.Sdp("offer")).Outcome;
            Assert.Equal((InviteResult.TimedOut, 408), (outcome.Result, outcome.StatusCode));
        });
        Assert.Equal(7, world.Count("INVITE"));          // 0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5 s
        world.AssertNothingRemains();
    }

    [Fact]
    public void A_broken_flow_is_a_transport_error_and_never_told_from_inside_the_call()
    {
        using World world = new(SipTransport.Tcp);
        world.FlowA.IsBroken = true;
        world.Run(async () =>
        {
            OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"));
            Assert.True(call.IsPending);
            InviteOutcome outcome = await call.Outcome;
            Assert.Equal((InviteResult.TransportError, 503), (outcome.Result, outcome.StatusCode));
        });
        world.AssertNothingRemains();
    }

    [Fact]
    public void A_provisional_response_is_repeated_every_minute()             // §13.3.1.1
    {
        using World world = new();
        world.Run(async () =>
        {
            OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"));
            IncomingInvite atBob = await world.Bob.IncomingAsync();
            atBob.Progress(180);
            await world.Wait(150);
            Assert.Equal(3, world.Count("180 INVITE"));
            atBob.Reject(480);
            await call.Outcome;
        }, 200);
        world.AssertNothingRemains();
    }

    internal static async Task<(InviteDialog Alice, InviteDialog Bob)> Connect(World world)
    {
        OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"));
        IncomingInvite atBob = await world.Bob.IncomingAsync();
        InviteDialog bob = atBob.Accept(World.Sdp("answer"))!;
        InviteOutcome outcome = await call.Outcome;
        Assert.Equal(InviteResult.Answered, outcome.Result);
        await bob.Confirmed;
        return (outcome.Dialog!, bob);
    }

    internal static async Task BasicCall(World world, bool callerHangsUp)
    {
        OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"));
        IncomingInvite atBob = await world.Bob.IncomingAsync();
        atBob.Progress(180);
        await world.Wait(3);
        InviteDialog bob = atBob.Accept(World.Sdp("answer"))!;
        InviteOutcome outcome = await call.Outcome;
        Assert.Equal(InviteResult.Answered, outcome.Result);
        InviteDialog alice = outcome.Dialog!;
        Assert.NotNull(await bob.Confirmed);
        await world.Wait(5);
        InviteDialog hangsUp = callerHangsUp ? alice : bob;
        InviteDialog hears = callerHangsUp ? bob : alice;
        await hangsUp.ByeAsync();
        Assert.Equal(DialogEndCause.LocalBye, (await hangsUp.Ended).Cause);
        Assert.Equal(DialogEndCause.RemoteBye, (await hears.Ended).Cause);
    }
}
