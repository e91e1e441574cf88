using System.Runtime.CompilerServices;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Tests.Harness;
using CloudPbx.Sip.Transactions;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.Sip.Tests.UserAgents;

/// <summary>What is left of an INVITE of ours between its final response and 64·T1 later.</summary>
public class FinishedInviteTests
{
    [Fact]
    public void A_call_that_is_over_is_kept_by_nobody()                                   // half a minute of a busy tenant's calls would be, else
    {
        using World world = new();
        (WeakReference invite, WeakReference dialog) = Call(world);
        GC.Collect();
        Assert.Equal((false, false), (invite.IsAlive, dialog.IsAlive));
        Assert.NotEqual(0, world.Alice.Layer.DialogCount);                                // late answers are waited for all the same
        world.AssertNothingRemains();
    }

    [Fact]
    public void A_2xx_that_comes_again_after_the_call_is_acknowledged_again()             // §13.2.2.4
    {
        using World world = new();
        world.Run(async () =>
        {
            ServerTransaction? asked = null;
            world.Bob.RequestFilter = transaction =>
            {
                if (transaction.Method != SipMethod.Invite)
                    return false;
                asked = transaction;
                transaction.Respond(Answer(transaction.Request, "one"));
                return true;
            };
            OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"));
            InviteOutcome outcome = await call.Outcome;
            await world.Wait(1);
            await outcome.Dialog!.ByeAsync();                                             // Bob knows of no call and says 481
            asked!.Respond(Answer(asked.Request, "one"));
            asked.Respond(Answer(asked.Request, "one"));
            await world.Wait(1);
            Assert.Equal((3, 1), (world.Count("ACK"), world.Count("BYE")));
            asked.Respond(Answer(asked.Request, "two"));                                  // a fork that comes later still
            await world.Wait(1);
            Assert.Equal((4, 2), (world.Count("ACK"), world.Count("BYE")));
            Assert.Equal("sip:two@192.0.2.2", world.Messages.OfType<SipRequest>().Last(request => request.Method == SipMethod.Bye).RequestUri.ToString());
        });
        world.AssertNothingRemains();
    }

    private static SipResponse Answer(SipRequest invite, string tag)
    {
        SipResponse answer = SipResponse.For(invite, 200, null, tag);
        answer.Headers.Add(SipHeaderName.Contact, $"<sip:{tag}@192.0.2.2>");
        answer.SetBody("v=0\r\n"u8.ToArray(), "application/sdp");
        return answer;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (WeakReference Invite, WeakReference Dialog) Call(World world)
    {
        (WeakReference, WeakReference) made = default;
        world.Run(async () =>
        {
            OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"));
            IncomingInvite atBob = await world.Bob.IncomingAsync();
            atBob.Accept(World.Sdp("answer"));
            InviteOutcome outcome = await call.Outcome;
            made = (new WeakReference(call), new WeakReference(outcome.Dialog));
            await world.Wait(1);
            await outcome.Dialog!.ByeAsync();
            await world.Wait(1);
        });
        return made;
    }
}
