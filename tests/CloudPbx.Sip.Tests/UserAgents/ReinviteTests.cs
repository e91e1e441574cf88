using CloudPbx.Sip.Dialogs;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Tests.Harness;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.Sip.Tests.UserAgents;

/// <summary>Requests within an established dialog, both ways.</summary>
public class ReinviteTests
{
    [Fact]
    public void A_re_INVITE_brings_offer_and_answer_and_the_new_target()
    {
        using World world = new();
        world.Run(async () =>
        {
            (InviteDialog alice, InviteDialog bob) = await CallTests.Connect(world);
            IncomingReinvite? seen = null;
            bob.ReinviteReceived = reinvite =>
            {
                seen = reinvite;
                reinvite.Accept(World.Sdp("held"));
            };
            ReinviteOutcome outcome = await alice.ReinviteAsync(World.Sdp("hold"), [new("Subject", "hold")]);
            Assert.True(outcome.IsAccepted);
            Assert.Contains("s=held", outcome.Body!.Text, StringComparison.Ordinal);
            Assert.Contains("s=hold", seen!.Offer!.Text, StringComparison.Ordinal);
            Assert.Equal("hold", seen.Request.Headers.Get(SipHeaderName.Subject));
            Assert.NotNull(await seen.Confirmed);
            await alice.ByeAsync();
        });
        world.AssertNothingRemains();
    }

    [Fact]
    public void An_offerless_re_INVITE_is_answered_in_the_ACK()               // I16
    {
        using World world = new();
        world.Run(async () =>
        {
            (InviteDialog alice, InviteDialog bob) = await CallTests.Connect(world);
            IncomingReinvite? seen = null;
            bob.ReinviteReceived = reinvite =>
            {
                seen = reinvite;
                reinvite.Accept(World.Sdp("full offer"));
            };
            ReinviteOutcome outcome = await alice.ReinviteAsync(null);
            Assert.Contains("s=full offer", outcome.Body!.Text, StringComparison.Ordinal);
            alice.Acknowledge(World.Sdp("answer"));
            Assert.Contains("s=answer", MessageBody.Of((await seen!.Confirmed)!)!.Text, StringComparison.Ordinal);
            await bob.ByeAsync();
        });
        world.AssertNothingRemains();
    }

    [Fact]
    public void Glare_is_answered_with_491_and_tried_again_after_different_times()        // §14.1, I17
    {
        using World world = new();
        world.Run(async () =>
        {
            (InviteDialog alice, InviteDialog bob) = await CallTests.Connect(world);
            alice.ReinviteReceived = reinvite => reinvite.Accept(World.Sdp("a"));
            bob.ReinviteReceived = reinvite => reinvite.Accept(World.Sdp("b"));
            Task<ReinviteOutcome> first = alice.ReinviteAsync(World.Sdp("from alice")), second = bob.ReinviteAsync(World.Sdp("from bob"));
            ReinviteOutcome[] outcomes = [await first, await second];        // Task.WhenAll would go by the thread pool, behind the pump's back
            Assert.All(outcomes, outcome => Assert.True(outcome.IsAccepted));
            Assert.InRange(world.Count("491 INVITE"), 2, 4);
            Assert.False(alice.IsEnded);
            await alice.ByeAsync();
        });
        world.AssertNothingRemains();
    }

    [Fact]
    public void A_second_re_INVITE_of_ours_waits_for_the_first()
    {
        using World world = new();
        world.Run(async () =>
        {
            (InviteDialog alice, InviteDialog bob) = await CallTests.Connect(world);
            List<string> offers = [];
            bob.ReinviteReceived = async reinvite =>
            {
                offers.Add(reinvite.Offer!.Text);
                await world.Wait(1);
                reinvite.Accept(World.Sdp("ok"));
            };
            Task first = alice.ReinviteAsync(World.Sdp("first")), second = alice.ReinviteAsync(World.Sdp("second"));
            await first;
            await second;
            Assert.Equal(["v=0\r\ns=first\r\n", "v=0\r\ns=second\r\n"], offers);
            Assert.Equal(0, world.Count("491 INVITE") + world.Count("500 INVITE"));
            await alice.ByeAsync();
        });
        world.AssertNothingRemains();
    }

    [Fact]
    public void A_re_INVITE_without_a_handler_gets_488_and_the_call_goes_on()
    {
        using World world = new();
        world.Run(async () =>
        {
            (InviteDialog alice, InviteDialog bob) = await CallTests.Connect(world);
            Assert.Equal(488, (await alice.ReinviteAsync(World.Sdp("hold"))).StatusCode);
            Assert.False(bob.IsEnded);
            await alice.ByeAsync();
        });
        world.AssertNothingRemains();
    }

    [Fact]
    public void A_re_INVITE_on_the_heels_of_the_answer_waits_for_its_handler()
    {
        using World world = new();
        world.Run(async () =>
        {
            (InviteDialog alice, InviteDialog bob) = await CallTests.Connect(world);
            Task<ReinviteOutcome> early = alice.ReinviteAsync(World.Sdp("hold"));
            await world.Wait(0.2);
            Assert.False(early.IsCompleted);
            bob.ReinviteReceived = reinvite => reinvite.Accept(World.Sdp("held"));
            Assert.True((await early).IsAccepted);
            await alice.ByeAsync();
        });
        world.AssertNothingRemains();
    }

    [Fact]
    public void A_BYE_ends_a_re_INVITE_that_waits()
    {
        using World world = new();
        world.Run(async () =>
        {
            (InviteDialog alice, InviteDialog bob) = await CallTests.Connect(world);
            IncomingReinvite? seen = null;
            bob.ReinviteReceived = reinvite => seen = reinvite;
            Task<ReinviteOutcome> pending = alice.ReinviteAsync(World.Sdp("hold"));
            await world.Wait(1);
            await alice.ByeAsync();
            Assert.Equal(481, (await pending).StatusCode);
            Assert.False(seen!.IsPending);
            Assert.False(seen.Accept(World.Sdp("late")));
            Assert.Null(await seen.Confirmed);
        });
        world.AssertNothingRemains();
    }

    [Fact]
    public void A_481_ends_the_dialog()                                       // §12.2.1.2
    {
        using World world = new();
        world.Run(async () =>
        {
            (InviteDialog alice, InviteDialog bob) = await CallTests.Connect(world);
            bob.Abandon();
            Assert.Equal(481, (await alice.SendAsync(SipMethod.Info)).StatusCode);
            Assert.Equal(DialogEndCause.Gone, (await alice.Ended).Cause);
            Assert.Equal(DialogEndCause.Abandoned, (await bob.Ended).Cause);
        });
        Assert.Equal(1, world.Count("BYE"));
        world.AssertNothingRemains();
    }

    [Fact]
    public void Keep_alives_without_body_get_200_in_the_dialog()
    {
        using World world = new();
        world.Run(async () =>
        {
            (InviteDialog alice, InviteDialog bob) = await CallTests.Connect(world);
            foreach (SipMethod method in (SipMethod[])[SipMethod.Update, SipMethod.Info, SipMethod.Options, SipMethod.Message])
                Assert.Equal(200, (await alice.SendAsync(method)).StatusCode);
            Assert.Contains("UPDATE", (await alice.SendAsync(SipMethod.Options)).Headers.Get(SipHeaderName.Allow), StringComparison.Ordinal);
            bob.RequestReceived = transaction =>
            {
                transaction.Respond(415);
                return true;
            };
            Assert.Equal(415, (await alice.SendAsync(SipMethod.Info, new MessageBody("application/dtmf-relay", "Signal=1"u8.ToArray()))).StatusCode);
            await alice.ByeAsync();
        });
        world.AssertNothingRemains();
    }

    [Fact]
    public void An_UPDATE_with_an_offer_asks_like_a_re_INVITE()               // RFC 3311 §5.2
    {
        using World world = new();
        world.Run(async () =>
        {
            (InviteDialog alice, InviteDialog bob) = await CallTests.Connect(world);
            bob.ReinviteReceived = reinvite => reinvite.Accept(World.Sdp("updated"));
            Assert.True(alice.State.PeerTakesUpdate && bob.State.PeerTakesUpdate);
            ReinviteOutcome outcome = await alice.UpdateAsync(World.Sdp("update"));
            Assert.Contains("s=updated", outcome.Body!.Text, StringComparison.Ordinal);
            Assert.Equal(1, world.Count("ACK"));         // that of the INVITE only
            await alice.ByeAsync();
        });
        world.AssertNothingRemains();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void UPDATEs_and_re_INVITEs_that_cross_are_tried_again(bool bobUpdates)      // RFC 3311 §5.2, RFC 3261 §14.1
    {
        using World world = new();
        world.Run(async () =>
        {
            (InviteDialog alice, InviteDialog bob) = await CallTests.Connect(world);
            alice.ReinviteReceived = reinvite => reinvite.Accept(World.Sdp("a"));
            bob.ReinviteReceived = reinvite => reinvite.Accept(World.Sdp("b"));
            Task<ReinviteOutcome> first = alice.UpdateAsync(World.Sdp("from alice"));
            Task<ReinviteOutcome> second = bobUpdates ? bob.UpdateAsync(World.Sdp("from bob")) : bob.ReinviteAsync(World.Sdp("from bob"));
            ReinviteOutcome[] outcomes = [await first, await second];
            Assert.All(outcomes, outcome => Assert.True(outcome.IsAccepted));
            Assert.True(world.Count("491 UPDATE") >= 1);
            await alice.ByeAsync();
        });
        world.AssertNothingRemains();
    }

    [Fact]
    public void An_UPDATE_without_offer_is_no_glare()
    {
        using World world = new();
        world.Run(async () =>
        {
            (InviteDialog alice, InviteDialog bob) = await CallTests.Connect(world);
            alice.ReinviteReceived = reinvite => reinvite.Accept(World.Sdp("a"));
            Task<ReinviteOutcome> refresh = alice.UpdateAsync(null), hold = bob.ReinviteAsync(World.Sdp("hold"));
            Assert.True((await refresh).IsAccepted && (await hold).IsAccepted);
            Assert.Equal(0, world.Count("491 INVITE"));
            await alice.ByeAsync();
        });
        world.AssertNothingRemains();
    }

    [Fact]
    public void A_500_with_Retry_After_is_tried_again_then()                  // RFC 3311 §5.2, RFC 3261 §14.2
    {
        using World world = new();
        world.Run(async () =>
        {
            (InviteDialog alice, InviteDialog bob) = await CallTests.Connect(world);
            bob.ReinviteReceived = async reinvite =>
            {
                await world.Wait(2);
                reinvite.Accept(World.Sdp("b"));
            };
            Task<ReinviteOutcome> slow = alice.UpdateAsync(World.Sdp("slow"));
            await world.Wait(0.1);
            Dialog raw = new(alice.State);
            SipRequest second = raw.CreateRequest(SipMethod.Update);
            UserAgentLayer.SetBody(second, World.Sdp("second"));
            SipResponse refused = await world.Alice.Layer.SendAsync(second, world.Alice.Flow);
            Assert.Equal(500, refused.StatusCode);
            Assert.InRange(refused.RetryAfter!.Value, 0u, 10u);
            Assert.True((await slow).IsAccepted);
            int asked = 0;
            bob.Admit = transaction =>
            {
                if (transaction.Method != SipMethod.Invite || asked++ > 0)
                    return true;
                SipResponse later = SipResponse.For(transaction.Request, 500);
                later.Headers.Add(SipHeaderName.RetryAfter, "3 (busy);duration=5");
                transaction.Respond(later);
                return false;
            };
            TimeSpan start = world.Pump.Now;
            InviteDialog again = world.Alice.Layer.Restore(new InviteDialogState { Dialog = raw.State }, world.Alice.Flow);
            Assert.True((await again.ReinviteAsync(World.Sdp("again"))).IsAccepted);
            Assert.InRange((world.Pump.Now - start).TotalSeconds, 3, 6);
            await again.ByeAsync();
        });
    }

    [Fact]
    public void A_lower_CSeq_gets_500()                                       // §12.2.2
    {
        using World world = new();
        world.Run(async () =>
        {
            (InviteDialog alice, InviteDialog bob) = await CallTests.Connect(world);
            Dialog old = new(alice.State with { LocalCSeq = alice.State.LocalCSeq - 5 });
            SipResponse response = await world.Alice.Layer.SendAsync(old.CreateRequest(SipMethod.Info), world.Alice.Flow);
            Assert.Equal(500, response.StatusCode);
            Assert.NotNull(response.Headers.Get(SipHeaderName.RetryAfter));
            Assert.False(bob.IsEnded);
            await alice.ByeAsync();
        });
        world.AssertNothingRemains();
    }

    [Fact]
    public void A_request_that_is_not_admitted_changes_nothing()              // S11
    {
        using World world = new();
        world.Run(async () =>
        {
            (InviteDialog alice, InviteDialog bob) = await CallTests.Connect(world);
            bob.Admit = transaction =>
            {
                if (transaction.Request.Headers.Has(SipHeaderName.Authorization))
                    return true;
                transaction.Respond(403);
                return false;
            };
            SipRequest bye = new Dialog(alice.State).CreateRequest(SipMethod.Bye);
            Assert.Equal(403, (await world.Alice.Layer.SendAsync(bye, world.Alice.Flow)).StatusCode);
            Assert.False(bob.IsEnded);
            bob.Admit = null;
            alice.Abandon();
            await bob.ByeAsync();
        });
        world.AssertNothingRemains();
    }

    [Fact]
    public void A_dialog_restored_from_its_snapshot_goes_on()
    {
        using World world = new();
        world.Run(async () =>
        {
            (InviteDialog alice, InviteDialog bob) = await CallTests.Connect(world);
            string stored = System.Text.Json.JsonSerializer.Serialize(bob.State);
            bob.Abandon();
            DialogState state = System.Text.Json.JsonSerializer.Deserialize<DialogState>(stored)!;
            InviteDialog restored = world.Bob.Layer.Restore(new InviteDialogState { Dialog = state.AfterLoss() }, world.Bob.Flow);
            restored.ReinviteReceived = reinvite => reinvite.Accept(World.Sdp("again"));
            Assert.True((await alice.ReinviteAsync(World.Sdp("hello?"))).IsAccepted);
            Assert.Equal(200, (await restored.SendAsync(SipMethod.Info)).StatusCode);
            await restored.ByeAsync();
            Assert.Equal(DialogEndCause.RemoteBye, (await alice.Ended).Cause);
        });
        world.AssertNothingRemains();
    }

    [Fact]
    public void Changes_are_told_for_the_snapshot()
    {
        using World world = new();
        world.Run(async () =>
        {
            (InviteDialog alice, InviteDialog bob) = await CallTests.Connect(world);
            int changes = 0;
            bob.Changed += _ => changes++;
            await alice.SendAsync(SipMethod.Info);
            Assert.Equal(alice.State.LocalCSeq, bob.State.RemoteCSeq);
            Assert.True(changes > 0);
            await alice.ByeAsync();
        });
    }
}
