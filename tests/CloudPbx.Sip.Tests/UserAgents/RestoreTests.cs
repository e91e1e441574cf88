using System.Text.Json;
using CloudPbx.Sip.Dialogs;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Tests.Harness;
using CloudPbx.Sip.Transport;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.Sip.Tests.UserAgents;

/// <summary>One end is replaced in the middle of a call: its successor has the stored state and nothing else.</summary>
public class RestoreTests
{
    [Theory]
    [InlineData(SipTransport.Udp)]
    [InlineData(SipTransport.Tcp)]
    public void An_incoming_call_is_answered_by_the_successor(SipTransport transport)
    {
        using World world = new(transport);
        world.Run(async () =>
        {
            OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"));
            IncomingInvite before = await world.Bob.IncomingAsync();
            before.Progress(180);
            await world.Wait(1);
            Agent successor = world.Replace(world.Bob);
            IncomingInvite after = successor.Layer.Restore(Stored(before.ToState()), successor.Flow);
            Assert.Equal((before.LocalTag, before.Offer!.Text), (after.LocalTag, after.Offer!.Text));
            InviteDialog bob = after.Accept(World.Sdp("answer"))!;
            InviteOutcome outcome = await call.Outcome;
            Assert.Equal(before.LocalTag, outcome.Dialog!.Id.RemoteTag);
            Assert.NotNull(await bob.Confirmed);
            await bob.ByeAsync();
        });
        Assert.Equal(1, world.Count("INVITE"));
        world.AssertNothingRemains();
    }

    [Fact]
    public void The_successor_absorbs_a_repeated_INVITE_and_hears_its_CANCEL()
    {
        using World world = new();
        world.Lose = (_, message) => message is SipResponse { IsProvisional: true };      // so that alice repeats
        world.Run(async () =>
        {
            OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"));
            IncomingInvite before = await world.Bob.IncomingAsync();
            before.Progress(180);
            Agent successor = world.Replace(world.Bob);
            IncomingInvite after = successor.Layer.Restore(Stored(before.ToState()), successor.Flow);
            await world.Wait(1);                                                          // RFC 3261 §17.2.1: the 180 again
            Assert.True(world.Count("INVITE") > 1);
            Assert.Equal(world.Count("INVITE"), world.Count("180 INVITE"));
            world.Lose = (_, _) => false;
            await world.Wait(2);
            call.Cancel();
            Assert.Equal(InviteCancellationCause.Cancel, (await after.Cancelled).Cause);
            Assert.Equal(487, (await call.Outcome).StatusCode);
        });
        world.AssertNothingRemains();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_successor_keeps_to_the_time_that_the_INVITE_gave(bool waived)          // RFC 3261 §13.3.1
    {
        using World world = new();
        world.Run(async () =>
        {
            OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"), headers: [new HeaderField("Expires", "10")]);
            IncomingInvite before = await world.Bob.IncomingAsync();
            before.Progress(180);
            if (waived)
                before.WaiveExpiry();
            await world.Wait(4);
            Agent successor = world.Replace(world.Bob);
            IncomingInvite after = successor.Layer.Restore(Stored(before.ToState()), successor.Flow);
            await world.Wait(5.9);
            Assert.True(after.IsPending);
            await world.Wait(0.2);
            Assert.Equal(waived, after.IsPending);
            if (waived)
            {
                after.Reject(486);
                Assert.Equal(486, (await call.Outcome).StatusCode);
                return;
            }
            Assert.Equal(InviteCancellationCause.Expired, (await after.Cancelled).Cause);
            Assert.Equal(487, (await call.Outcome).StatusCode);
        });
        world.AssertNothingRemains();
    }

    [Fact]
    public void The_successor_repeats_a_provisional_response_every_minute()                // RFC 3261 §13.3.1.1
    {
        using World world = new();
        world.Run(async () =>
        {
            OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"));
            IncomingInvite before = await world.Bob.IncomingAsync();
            before.Progress(180);
            await world.Wait(1);
            Agent successor = world.Replace(world.Bob);
            IncomingInvite after = successor.Layer.Restore(Stored(before.ToState()), successor.Flow);
            await world.Wait(61);
            Assert.Equal(2, world.Count("180 INVITE"));
            after.Reject(486);
            Assert.Equal(486, (await call.Outcome).StatusCode);
        });
        world.AssertNothingRemains();
    }

    [Fact]
    public void An_outgoing_call_is_answered_to_the_successor()
    {
        using World world = new();
        world.Run(async () =>
        {
            OutgoingInvite before = world.Alice.Call(world.Bob, World.Sdp("offer"));
            IncomingInvite atBob = await world.Bob.IncomingAsync();
            atBob.Progress(180);
            await world.Wait(1);
            Agent successor = world.Replace(world.Alice);
            OutgoingInvite after = successor.Layer.Restore(Stored(before.ToState()), successor.Flow);
            InviteDialog bob = atBob.Accept(World.Sdp("answer"))!;
            InviteOutcome outcome = await after.Outcome;
            Assert.NotNull(await bob.Confirmed);
            Assert.True((await outcome.Dialog!.ReinviteAsync(World.Sdp("hold"))) is { StatusCode: 488 });   // bob has no handler
            await outcome.Dialog!.ByeAsync();
            Assert.Equal(DialogEndCause.RemoteBye, (await bob.Ended).Cause);
        });
        Assert.Equal(2, world.Count("INVITE"));
        world.AssertNothingRemains();
    }

    [Theory]
    [InlineData(SipTransport.Udp, 2)]
    [InlineData(SipTransport.Tcp, 1)]
    public void An_INVITE_without_any_response_is_repeated_where_the_flow_is_unreliable(SipTransport transport, int invites)
    {
        using World world = new(transport);
        bool first = true;
        world.Lose = (_, message) => first && !(first = false) && message is SipRequest && transport == SipTransport.Udp;
        world.Run(async () =>
        {
            OutgoingInvite before = world.Alice.Call(world.Bob, World.Sdp("offer"));
            OutgoingInviteState state = Stored(before.ToState());
            Assert.False(state.IsProceeding);
            Agent successor = world.Replace(world.Alice);
            OutgoingInvite after = successor.Layer.Restore(state, successor.Flow);
            IncomingInvite atBob = await world.Bob.IncomingAsync();
            atBob.Reject(486);
            Assert.Equal(486, (await after.Outcome).StatusCode);
        });
        Assert.Equal(invites, world.Count("INVITE"));
        world.AssertNothingRemains();
    }

    [Fact]
    public void The_successor_cancels_and_acknowledges_the_487()                           // RFC 3261 §9.1, §17.1.1.3
    {
        using World world = new();
        world.Run(async () =>
        {
            OutgoingInvite before = world.Alice.Call(world.Bob, World.Sdp("offer"));
            IncomingInvite atBob = await world.Bob.IncomingAsync();
            atBob.Progress(180);
            await world.Wait(1);
            Agent successor = world.Replace(world.Alice);
            OutgoingInvite after = successor.Layer.Restore(Stored(before.ToState()), successor.Flow);
            after.Cancel("SIP;cause=500");
            Assert.Equal("SIP;cause=500", (await atBob.Cancelled).Reason);
            Assert.Equal(InviteResult.Cancelled, (await after.Outcome).Result);
        });
        Assert.Equal(1, world.Count("ACK"));
        world.AssertNothingRemains();
    }

    [Fact]
    public void A_call_that_was_given_up_is_cancelled_once_more_and_a_late_200_hung_up()   // I18
    {
        using World world = new();
        world.Run(async () =>
        {
            OutgoingInvite before = world.Alice.Call(world.Bob, World.Sdp("offer"));
            IncomingInvite atBob = await world.Bob.IncomingAsync();
            atBob.Progress(180);
            await world.Wait(1);
            InviteDialog bob = atBob.Accept(World.Sdp("answer"))!;
            before.Cancel("SIP;cause=200");
            OutgoingInviteState state = Stored(before.ToState());
            Assert.True(state.IsCancelled);
            Agent successor = world.Replace(world.Alice);
            OutgoingInvite after = successor.Layer.Restore(state, successor.Flow);
            DialogEnd end = await bob.Ended;
            Assert.Equal((DialogEndCause.RemoteBye, "SIP;cause=200"), (end.Cause, end.Reason));
            Assert.Equal(InviteResult.Cancelled, (await after.Outcome).Result);
        });
        world.AssertNothingRemains();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_2xx_without_ACK_is_repeated_by_the_successor_until_the_ACK_comes_or_BYE(bool acknowledged)     // RFC 3261 §13.3.1.4
    {
        using World world = new();
        world.Lose = (_, message) => message is SipRequest { Method.Name: "ACK" };
        world.Run(async () =>
        {
            OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"));
            InviteDialog before = (await world.Bob.IncomingAsync()).Accept(World.Sdp("answer"))!;
            await world.Wait(0.3);
            InviteDialogState state = Stored(before.ToState());
            Assert.True(state.OpenAnswer!.IsFirst);
            Agent successor = world.Replace(world.Bob);
            InviteDialog after = successor.Layer.Restore(state, successor.Flow);
            if (acknowledged)
            {
                world.Lose = (_, _) => false;
                Assert.NotNull(await after.Confirmed);
                Assert.Null(after.ToState().OpenAnswer);
                await after.ByeAsync();
            }
            else
            {
                Assert.Equal(DialogEndCause.NoAck, (await after.Ended).Cause);
            }
            await (await call.Outcome).Dialog!.Ended;
        });
        world.AssertNothingRemains();
    }

    [Fact]
    public void The_answer_to_an_offer_in_the_2xx_reaches_the_successor()                  // RFC 3261 §13.2.1
    {
        using World world = new();
        world.Lose = (_, message) => message is SipRequest { Method.Name: "ACK" };
        world.Run(async () =>
        {
            OutgoingInvite call = world.Alice.Call(world.Bob, null);
            InviteDialog before = (await world.Bob.IncomingAsync()).Accept(World.Sdp("offer"))!;
            InviteDialog alice = (await call.Outcome).Dialog!;
            alice.Acknowledge(World.Sdp("answer"));
            Agent successor = world.Replace(world.Bob);
            InviteDialog after = successor.Layer.Restore(Stored(before.ToState()), successor.Flow);
            world.Lose = (_, _) => false;
            SipRequest? ack = await after.OpenOffer!;
            Assert.Contains("s=answer", MessageBody.Of(ack!)!.Text, StringComparison.Ordinal);
            Assert.Null(after.OpenOffer);
            await after.ByeAsync();
        });
        world.AssertNothingRemains();
    }

    [Fact]
    public void A_2xx_to_a_reINVITE_that_the_predecessor_sent_is_acknowledged_and_told()   // RFC 3261 §13.2.2.4
    {
        using World world = new();
        world.Run(async () =>
        {
            (InviteDialog alice, InviteDialog bob) = await CallTests.Connect(world);
            InviteDialogState state = Stored(alice.ToState());
            bob.ReinviteReceived = reinvite => reinvite.Accept(World.Sdp("held"));
            world.Lose = (_, message) => message is SipResponse { IsSuccess: true };
            _ = alice.ReinviteAsync(World.Sdp("hold"));
            await world.Wait(0.1);
            Agent successor = world.Replace(world.Alice);
            InviteDialog after = successor.Layer.Restore(state with { Dialog = state.Dialog.AfterLoss() }, successor.Flow);
            int told = 0;
            after.ForgottenAnswer = () => told++;
            world.Lose = (_, _) => false;
            await world.Wait(3);
            Assert.Equal(1, told);                                                        // however often bob repeats it
            Assert.Null(bob.ToState().OpenAnswer);
            Assert.True((await after.ReinviteAsync(World.Sdp("again"))).IsAccepted);
            await after.ByeAsync();
        });
        world.AssertNothingRemains();
    }

    [Fact]
    public void A_state_that_nobody_wrote_is_refused()
    {
        using World world = new();
        DialogState dialog = new()
        {
            CallId = "1", LocalTag = "a", RemoteTag = "b", LocalAddress = "<sip:a@b>", RemoteAddress = "<sip:c@d>", LocalContact = "<sip:a@b>", RemoteTarget = "no uri",
        };
        Assert.ThrowsAny<Exception>(() => world.Bob.Layer.Restore(new InviteDialogState { Dialog = dialog }, world.Bob.Flow));
        Assert.Throws<ArgumentException>(() => world.Bob.Layer.Restore(new OutgoingInviteState { Request = "nonsense"u8.ToArray() }, world.Bob.Flow));
        Assert.Throws<ArgumentException>(() => world.Bob.Layer.Restore(
            new IncomingInviteState { Request = "nonsense"u8.ToArray(), LocalTag = "a", Contact = "<sip:a@b>" }, world.Bob.Flow));
        Assert.Equal(0, world.Bob.Layer.DialogCount);
    }

    private static T Stored<T>(T state) => JsonSerializer.Deserialize<T>(JsonSerializer.Serialize(state))!;
}
