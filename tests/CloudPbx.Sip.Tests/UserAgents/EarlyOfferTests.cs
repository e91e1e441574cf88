using CloudPbx.Sip.Dialogs;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Tests.Harness;
using CloudPbx.Sip.Transactions;
using CloudPbx.Sip.UserAgents;
using static CloudPbx.Sip.Tests.Harness.ReliablePeers;

namespace CloudPbx.Sip.Tests.UserAgents;

/// <summary>Offers in early dialogs, by UPDATE and PRACK, at the right time and at the wrong one (RFC 3311).</summary>
public class EarlyOfferTests
{
    [Fact]
    public void UPDATE_goes_both_ways_in_an_early_dialog_once_the_first_offer_is_answered()      // RFC 3311 §5.1, §5.2
    {
        using World world = new();
        world.Run(async () =>
        {
            OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"));
            IncomingInvite atBob = await world.Bob.IncomingAsync();
            atBob.Progress(180);
            await world.Wait(0.1);
            Assert.Equal(491, (await call.UpdateAsync(atBob.LocalTag, World.Sdp("too early"))).StatusCode);     // not sent
            Assert.Equal(491, (await atBob.UpdateAsync(World.Sdp("too early"))).StatusCode);
            Assert.Equal(481, (await call.UpdateAsync("unknown", null)).StatusCode);
            Assert.Equal(200, (await call.UpdateAsync(atBob.LocalTag, null)).StatusCode);
            Assert.Equal(200, (await atBob.UpdateAsync(null)).StatusCode);
            atBob.Progress(183, body: World.Sdp("answer"));
            await atBob.SettleAsync();
            Assert.Equal(488, (await call.UpdateAsync(atBob.LocalTag, World.Sdp("nobody listens"))).StatusCode);
            Assert.Equal(488, (await atBob.UpdateAsync(World.Sdp("nobody listens"))).StatusCode);
            call.OfferReceived = offer => offer.Accept(World.Sdp("alice's answer"));
            atBob.OfferReceived = offer => offer.Accept(World.Sdp("bob's answer"));
            SipResponse toAlice = await call.UpdateAsync(atBob.LocalTag, World.Sdp("update")), toBob = await atBob.UpdateAsync(World.Sdp("update"));
            Assert.Equal((200, 200), (toAlice.StatusCode, toBob.StatusCode));
            Assert.Contains("bob's", MessageBody.Of(toAlice)!.Text, StringComparison.Ordinal);
            Assert.Contains("alice's", MessageBody.Of(toBob)!.Text, StringComparison.Ordinal);
            InviteDialog bob = atBob.Accept(null)!;
            InviteDialog alice = (await call.Outcome).Dialog!;
            await bob.Confirmed;
            await alice.ByeAsync();
            Assert.Equal(481, (await call.UpdateAsync(atBob.LocalTag, null)).StatusCode);
            Assert.Equal(481, (await atBob.UpdateAsync(null)).StatusCode);
        });
        world.AssertNothingRemains();
    }

    [Fact]
    public void Offers_that_cross_in_an_early_dialog_get_491_and_one_too_many_500()      // RFC 3311 §5.2
    {
        using World world = new();
        world.Run(async () =>
        {
            OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"));
            IncomingInvite atBob = await world.Bob.IncomingAsync();
            IncomingReinvite? open = null;
            atBob.OfferReceived = offer => open = offer;
            call.OfferReceived = offer => offer.Accept(World.Sdp("a"));
            atBob.Progress(183, body: World.Sdp("answer"));
            await atBob.SettleAsync();
            Task<SipResponse> alice = call.UpdateAsync(atBob.LocalTag, World.Sdp("alice")), bob = atBob.UpdateAsync(World.Sdp("bob"));
            Assert.Equal((491, 491), ((await alice).StatusCode, (await bob).StatusCode));
            alice = call.UpdateAsync(atBob.LocalTag, World.Sdp("alice"));
            await world.Wait(0.1);
            Dialog raw = new(Dialog.FromResponse(call.Request, world.Messages.OfType<SipResponse>().First(r => r.StatusCode == 183)).State with { LocalCSeq = call.Request.CSeq.Number + 50 });
            SipRequest second = raw.CreateRequest(SipMethod.Update);
            UserAgentLayer.SetBody(second, World.Sdp("second"));
            SipResponse refused = await world.Alice.Layer.SendAsync(second, world.Alice.Flow);
            Assert.Equal(500, refused.StatusCode);
            Assert.NotNull(refused.Headers.Get(SipHeaderName.RetryAfter));
            atBob.Reject(486);                                                    // what is open is refused with it
            Assert.Equal(500, (await alice).StatusCode);
            Assert.False(open!.IsPending);
            await call.Outcome;
        });
        world.AssertNothingRemains();
    }

    [Fact]
    public void An_offer_before_there_is_a_session_gets_500_whoever_makes_it()           // RFC 3311 §5.1, RFC 3261 §13.2.1: the first offer is the INVITE's business
    {
        using World world = new();
        world.Run(async () =>
        {
            OutgoingInvite call = world.Alice.Call(world.Bob, null, headers: [new("Supported", "100rel")], reliable: ReliablePolicy.Off);
            call.OfferReceived = offer => Assert.Fail("alice is asked");
            IncomingInvite atBob = await world.Bob.IncomingAsync();
            List<IncomingReinvite> seen = [];
            atBob.OfferReceived = offer =>
            {
                seen.Add(offer);
                offer.Accept(World.Sdp("bob's answer"));
            };
            atBob.Progress(180);
            await world.Wait(0.1);
            Dialog early = Dialog.FromResponse(call.Request, world.Messages.OfType<SipResponse>().First(response => response.StatusCode == 180));
            SipResponse refused = await OfferAsync(early, "too early");
            Assert.Equal(500, refused.StatusCode);
            Assert.InRange(int.Parse(refused.Headers.Get(SipHeaderName.RetryAfter)!, System.Globalization.CultureInfo.InvariantCulture), 0, 10);
            SipRequest fromBob = new Dialog(Mirrored(world, early.State)).CreateRequest(SipMethod.Update);
            UserAgentLayer.SetBody(fromBob, World.Sdp("bob's, too early"));
            Assert.Equal(500, (await world.Bob.Layer.SendAsync(fromBob, world.Bob.Flow)).StatusCode);
            atBob.Progress(183, body: World.Sdp("bob's offer"));
            Assert.Equal(491, (await atBob.UpdateAsync(World.Sdp("second"))).StatusCode);
            await world.Wait(0.1);
            SipResponse reliable = world.Messages.OfType<SipResponse>().First(response => response.RSeq is not null);
            Assert.Equal(491, (await OfferAsync(early, "crosses bob's")).StatusCode);    // RFC 3311 §5.2: bob's has no answer
            Assert.Equal(200, (await PrackAsync(world, early, reliable, World.Sdp("alice's answer"))).StatusCode);
            Assert.Empty(seen);
            Assert.Equal(200, (await OfferAsync(early, "in time")).StatusCode);
            Assert.Single(seen);
            atBob.Reject(486);
            await call.Outcome;
        });
        world.AssertNothingRemains();

        Task<SipResponse> OfferAsync(Dialog dialog, string name)
        {
            SipRequest update = dialog.CreateRequest(SipMethod.Update);
            UserAgentLayer.SetBody(update, World.Sdp(name));
            return world.Alice.Layer.SendAsync(update, world.Alice.Flow);
        }
    }

    [Fact]
    public void Our_own_offer_in_UPDATE_waits_for_the_PRACK_of_our_answer()              // RFC 3311 §5.1
    {
        using World world = new();
        world.Run(async () =>
        {
            (OutgoingInvite call, IncomingInvite atBob, Dialog early, SipResponse reliable) = await LiteralAsync(world);
            Assert.Equal(491, (await atBob.UpdateAsync(World.Sdp("too early"))).StatusCode);
            Assert.Equal(0, world.Count("UPDATE"));
            Assert.Equal(200, (await PrackAsync(world, early, reliable)).StatusCode);
            Assert.Equal(OfferState.Agreed, atBob.Offers);
            atBob.Reject(486);
            await call.Outcome;
        });
        world.AssertNothingRemains();
    }
}
