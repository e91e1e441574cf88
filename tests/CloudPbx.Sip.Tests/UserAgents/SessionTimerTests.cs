using System.Text.Json;
using CloudPbx.Sip.Dialogs;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Tests.Harness;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.Sip.Tests.UserAgents;

/// <summary>Session timers between two of our agents (RFC 4028).</summary>
public class SessionTimerTests
{
    [Fact]
    public void Nobody_asks_and_there_is_no_timer()
    {
        using World world = new();
        world.Run(async () =>
        {
            (InviteDialog alice, InviteDialog bob) = await CallTests.Connect(world);
            Assert.Null(alice.State.SessionTimer);
            await world.Wait(4000);
            Assert.Equal(0, world.Count("UPDATE"));
            await alice.ByeAsync();
            Assert.True(bob.IsEnded);
        }, 5000);
        Assert.True(world.Messages[0].Supports("timer"));
        world.AssertNothingRemains();
    }

    [Theory]
    [InlineData("100;refresher=uac", true)]
    [InlineData("100;refresher=uas", false)]
    public void Who_refreshes_sends_UPDATE_at_half_time_and_the_call_goes_on(string expires, bool callerRefreshes)      // §10
    {
        using World world = new();
        world.Run(async () =>
        {
            (InviteDialog alice, InviteDialog bob) = await ConnectAsync(world, new("Session-Expires", expires));
            Assert.Equal((callerRefreshes, !callerRefreshes), (alice.State.SessionTimer!.WeRefresh, bob.State.SessionTimer!.WeRefresh));
            await world.Wait(330);
            Assert.Equal(6, world.Count("UPDATE"));
            Assert.False(alice.IsEnded || bob.IsEnded);
            await alice.ByeAsync();
        }, 500);
        Assert.All(
            world.Messages.Where(message => message is SipRequest { Method.Name: "UPDATE" }),
            update => Assert.Equal("100;refresher=uac", update.Headers.Get(SipHeaderName.SessionExpires)));        // in its own terms
        world.AssertNothingRemains();
    }

    [Fact]
    public void A_peer_without_UPDATE_is_refreshed_by_re_INVITE()             // §7.4
    {
        using World world = new();
        world.Run(async () =>
        {
            (InviteDialog alice, InviteDialog bob) = await ConnectAsync(world, new("Session-Expires", "100;refresher=uac"));
            bob.ReinviteReceived = reinvite => reinvite.Accept(World.Sdp("answer"));
            bob.Admit = transaction =>
            {
                if (transaction.Method != SipMethod.Update)
                    return true;
                transaction.Respond(405);
                return false;
            };
            int refreshed = 0;
            alice.RefreshByReinvite = () =>
            {
                refreshed++;
                _ = alice.ReinviteAsync(World.Sdp("the same offer"));
            };
            await world.Wait(120);
            Assert.Equal(2, refreshed);
            Assert.False(alice.IsEnded);
            await alice.ByeAsync();
        }, 500);
        world.AssertNothingRemains();
    }

    [Theory]
    [InlineData("90;refresher=uac", 60)]                                      // §10: who waits, min(32, a third) early
    [InlineData("90;refresher=uas", 60)]
    public void Without_refresh_the_one_who_waits_hangs_up(string expires, int seconds)
    {
        using World world = new();
        world.Run(async () =>
        {
            (InviteDialog alice, InviteDialog bob) = await ConnectAsync(world, new("Session-Expires", expires));
            TimeSpan start = world.Pump.Now;
            InviteDialog waits = alice.State.SessionTimer!.WeRefresh ? bob : alice, refreshes = ReferenceEquals(waits, alice) ? bob : alice;
            world.Lose = (_, message) => message is SipRequest { Method.Name: "UPDATE" };
            Assert.Equal(DialogEndCause.Expired, (await waits.Ended).Cause);
            Assert.InRange((world.Pump.Now - start).TotalSeconds, seconds - 0.2, seconds + 0.2);
            DialogEnd end = await refreshes.Ended;
            Assert.Contains("cause=102", end.Reason, StringComparison.Ordinal);
        }, 500);
        world.AssertNothingRemains();
    }

    [Fact]
    public void A_refresher_whose_refreshes_are_refused_hangs_up_in_the_end()             // §10
    {
        using World world = new();
        world.Run(async () =>
        {
            (InviteDialog alice, InviteDialog bob) = await ConnectAsync(world, new("Session-Expires", "90;refresher=uac"));
            bob.Abandon();
            world.Respond = message => message is SipRequest { Method.Name: "UPDATE" } update ? SipResponse.For(update, 503) : null;
            TimeSpan start = world.Pump.Now;
            Assert.Equal(DialogEndCause.Expired, (await alice.Ended).Cause);
            Assert.InRange((world.Pump.Now - start).TotalSeconds, 89.8, 90.2);
        }, 500);
    }

    [Fact]
    public void Any_change_of_the_session_refreshes_it_too()                  // I15
    {
        using World world = new();
        world.Run(async () =>
        {
            (InviteDialog alice, InviteDialog bob) = await ConnectAsync(world, new("Session-Expires", "100;refresher=uac"));
            bob.ReinviteReceived = reinvite => reinvite.Accept(World.Sdp("answer"));
            for (int i = 0; i < 4; i++)
            {
                await world.Wait(40);
                Assert.True((await alice.ReinviteAsync(World.Sdp("hold"))).IsAccepted);
            }
            Assert.Equal(0, world.Count("UPDATE"));
            await alice.ByeAsync();
        }, 500);
        world.AssertNothingRemains();
    }

    [Fact]
    public void A_2xx_that_does_not_speak_of_the_timer_ends_it()              // §7.2, I15
    {
        using World world = new();
        world.Run(async () =>
        {
            (InviteDialog alice, InviteDialog bob) = await ConnectAsync(world, new("Session-Expires", "100;refresher=uac"));
            world.Respond = message => message is SipRequest { Method.Name: "UPDATE" } update ? SipResponse.For(update, 200) : null;
            await world.Wait(60);
            Assert.Null(alice.State.SessionTimer);
            Assert.Equal(1, world.Count("UPDATE"));
            Assert.False(alice.IsEnded);
            Assert.Equal(DialogEndCause.Expired, (await bob.Ended).Cause);    // which never saw the UPDATE
        }, 500);
        world.AssertNothingRemains();
    }

    [Fact]
    public void An_interval_that_is_too_short_gets_422_and_is_asked_for_again()          // §6, §7.3, I14
    {
        using World world = new();
        world.Run(async () =>
        {
            (InviteDialog alice, _) = await ConnectAsync(world, new("Session-Expires", "60"));
            Assert.Equal(90u, alice.State.SessionTimer!.Seconds);
            await alice.ByeAsync();
        });
        Assert.Equal("90", world.Messages.OfType<SipResponse>().Single(response => response.StatusCode == 422).Headers.Get(SipHeaderName.MinSE));
        SipRequest[] invites = [.. world.Messages.OfType<SipRequest>().Where(request => request.Method == SipMethod.Invite)];
        Assert.Equal(2, invites.Length);
        Assert.Equal((invites[0].CallId, invites[0].CSeq.Number + 1, 90u), (invites[1].CallId, invites[1].CSeq.Number, invites[1].MinSE));
        world.AssertNothingRemains();
    }

    [Fact]
    public void A_422_to_a_refresh_makes_the_interval_longer()                // §7.3
    {
        using World world = new();
        world.Run(async () =>
        {
            (InviteDialog alice, InviteDialog bob) = await ConnectAsync(world, new("Session-Expires", "100;refresher=uac"));
            bob.Admit = transaction =>
            {
                if (transaction.Request.SessionExpires?.Seconds >= 120)
                    return true;
                SipResponse refusal = SipResponse.For(transaction.Request, 422);
                refusal.Headers.Add(SipHeaderName.MinSE, "120");
                transaction.Respond(refusal);
                return false;
            };
            await world.Wait(51);
            Assert.Equal((120u, 120u), (alice.State.SessionTimer!.Seconds, bob.State.SessionTimer!.Seconds));
            bob.Admit = null;
            await alice.ByeAsync();
        });
        world.AssertNothingRemains();
    }

    [Fact]
    public void A_refresh_with_an_interval_that_is_too_short_gets_422()       // §9
    {
        using World world = new();
        world.Run(async () =>
        {
            (InviteDialog alice, InviteDialog bob) = await CallTests.Connect(world);
            ReinviteOutcome outcome = await alice.UpdateAsync(null, [new("Session-Expires", "30")]);
            Assert.Equal((422, 90u), (outcome.StatusCode, outcome.Response!.MinSE));
            Assert.Null(bob.State.SessionTimer);
            await alice.ByeAsync();
        });
        world.AssertNothingRemains();
    }

    [Theory]
    [InlineData(SessionTimerPolicy.Ask, true, false)]
    [InlineData(SessionTimerPolicy.Require, true, true)]
    [InlineData(SessionTimerPolicy.Off, false, false)]
    public void The_callers_policy_decides_what_it_says(SessionTimerPolicy policy, bool asks, bool requires)      // §7.1
    {
        using World world = new();
        world.Run(async () =>
        {
            OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"), timer: policy);
            InviteDialog bob = (await world.Bob.IncomingAsync()).Accept(World.Sdp("answer"))!;
            InviteDialog alice = (await call.Outcome).Dialog!;
            await bob.Confirmed;
            Assert.Equal(asks ? 1800u : null, alice.State.SessionTimer?.Seconds);
            await alice.ByeAsync();
        });
        Assert.Equal((asks, requires, asks ? 1800u : null), (world.Messages[0].Supports("timer"), world.Messages[0].Requires("timer"), world.Messages[0].SessionExpires?.Seconds));
        world.AssertNothingRemains();
    }

    [Theory]
    [InlineData(SessionTimerPolicy.Ask)]
    [InlineData(SessionTimerPolicy.Require)]
    public void A_callee_that_asks_refreshes_for_a_caller_that_cannot(SessionTimerPolicy policy)       // table 2, row 1
    {
        using World world = new();
        world.Bob.Timer = policy;
        world.Run(async () =>
        {
            OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"), timer: SessionTimerPolicy.Off);
            InviteDialog bob = (await world.Bob.IncomingAsync()).Accept(World.Sdp("answer"))!;
            SipResponse answer = (await call.Outcome).Response!;
            await bob.Confirmed;
            Assert.Equal(new SessionExpires(1800, SessionRefresher.Uas), answer.SessionExpires);
            Assert.False(answer.Requires("timer"));
            await world.Wait(905);
            Assert.Equal(1, world.Count("UPDATE"));                           // I13: answered although alice never spoke of a timer
            await bob.ByeAsync();
        }, 2000);
        world.AssertNothingRemains();
    }

    [Fact]
    public void The_successor_refreshes_when_its_predecessor_would_have()
    {
        using World world = new();
        world.Run(async () =>
        {
            (InviteDialog before, InviteDialog bob) = await ConnectAsync(world, new("Session-Expires", "100;refresher=uac"));
            await world.Wait(40);
            InviteDialogState state = JsonSerializer.Deserialize<InviteDialogState>(JsonSerializer.Serialize(before.ToState()))!;
            Agent successor = world.Replace(world.Alice);
            InviteDialog after = successor.Layer.Restore(state with { Dialog = state.Dialog.AfterLoss() }, successor.Flow);
            await world.Wait(9);
            Assert.Equal(0, world.Count("UPDATE"));
            await world.Wait(2);
            Assert.Equal(1, world.Count("200 UPDATE"));
            await after.ByeAsync();
            Assert.Equal(DialogEndCause.RemoteBye, (await bob.Ended).Cause);
            before.Abandon();
        });
    }

    private static async Task<(InviteDialog Alice, InviteDialog Bob)> ConnectAsync(World world, HeaderField field)
    {
        OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"), headers: [field]);
        InviteDialog bob = (await world.Bob.IncomingAsync()).Accept(World.Sdp("answer"))!;
        InviteDialog alice = (await call.Outcome).Dialog!;
        await bob.Confirmed;
        return (alice, bob);
    }
}
