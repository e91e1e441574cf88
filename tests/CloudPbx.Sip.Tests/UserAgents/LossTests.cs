using CloudPbx.Sip.Authentication;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Tests.Harness;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.Sip.Tests.UserAgents;

/// <summary>Over UDP each message of a scenario is lost once, delayed once and, in another round, a third of all are lost: it works all the same.</summary>
public class LossTests
{
    public static TheoryData<string> Scenarios => ["caller hangs up", "callee hangs up", "busy", "cancel", "offerless", "hold", "challenged", "register"];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void The_loss_of_any_single_message_is_repaired(string scenario)
    {
        int messages = CountMessages(scenario);
        Assert.InRange(messages, 2, 30);
        for (int lost = 0; lost < messages; lost++)
        {
            using World world = new();
            int victim = lost;
            world.Lose = (number, _) => number == victim;
            world.Run(() => Play(world, scenario));
            world.AssertNothingRemains();
        }
    }

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void The_delay_of_any_single_message_is_harmless(string scenario)
    {
        int messages = CountMessages(scenario);
        for (int late = 0; late < messages; late++)
        {
            using World world = new();
            int victim = late;
            world.Delay = (number, _) => number == victim ? TimeSpan.FromMilliseconds(700) : TimeSpan.Zero;
            world.Run(() => Play(world, scenario));
            world.AssertNothingRemains();
        }
    }

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void A_loss_of_one_in_five_is_repaired(string scenario)
    {
        for (int seed = 0; seed < 10; seed++)
        {
            using World world = new();
            Random random = new(seed);
            world.Lose = (_, _) => random.Next(5) == 0;
            world.Run(() => Play(world, scenario), 200);
            world.AssertNothingRemains();
        }
    }

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Messages_that_come_twice_are_harmless(string scenario)
    {
        using World world = new();
        world.Copies = 2;
        world.Run(() => Play(world, scenario));
        world.AssertNothingRemains();
    }

    private static int CountMessages(string scenario)
    {
        using World world = new();
        world.Run(() => Play(world, scenario));
        int sent = world.Sent;
        world.AssertNothingRemains();
        return sent;
    }

    private static Task Play(World world, string scenario) => scenario switch
    {
        "caller hangs up" => CallTests.BasicCall(world, callerHangsUp: true),
        "callee hangs up" => CallTests.BasicCall(world, callerHangsUp: false),
        "busy" => Busy(world),
        "cancel" => Cancel(world),
        "offerless" => Offerless(world),
        "hold" => Hold(world),
        "challenged" => Challenged(world),
        "register" => Register(world),
        _ => throw new ArgumentOutOfRangeException(nameof(scenario), scenario, null),
    };

    private static async Task Busy(World world)
    {
        OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"));
        (await world.Bob.IncomingAsync()).Reject(486, headers: [new("Reason", "Q.850;cause=17")]);
        InviteOutcome outcome = await call.Outcome;
        Assert.Equal((InviteResult.Rejected, 486), (outcome.Result, outcome.StatusCode));
    }

    private static async Task Cancel(World world)
    {
        OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"));
        IncomingInvite atBob = await world.Bob.IncomingAsync();
        atBob.Progress(180);
        await world.Wait(2);
        call.Cancel();
        Assert.Equal(InviteCancellationCause.Cancel, (await atBob.Cancelled).Cause);
        Assert.Equal(InviteResult.Cancelled, (await call.Outcome).Result);
    }

    private static async Task Offerless(World world)
    {
        OutgoingInvite call = world.Alice.Call(world.Bob, null);
        InviteDialog bob = (await world.Bob.IncomingAsync()).Accept(World.Sdp("offer"))!;
        InviteDialog alice = (await call.Outcome).Dialog!;
        alice.Acknowledge(World.Sdp("answer"));
        Assert.NotNull(MessageBody.Of((await bob.Confirmed)!));
        await alice.ByeAsync();
        Assert.Equal(DialogEndCause.RemoteBye, (await bob.Ended).Cause);
    }

    private static async Task Hold(World world)
    {
        (InviteDialog alice, InviteDialog bob) = await CallTests.Connect(world);
        bob.ReinviteReceived = reinvite => reinvite.Accept(World.Sdp("held"));
        alice.ReinviteReceived = reinvite => reinvite.Accept(World.Sdp("resumed"));
        await world.Wait(1);
        Assert.True((await alice.ReinviteAsync(World.Sdp("hold"))).IsAccepted);
        await world.Wait(1);
        Assert.True((await bob.ReinviteAsync(World.Sdp("resume"))).IsAccepted);
        await world.Wait(1);
        await bob.ByeAsync();
        Assert.Equal(DialogEndCause.RemoteBye, (await alice.Ended).Cause);
    }

    private static async Task Challenged(World world)
    {
        world.Bob.RequestFilter = Challenge(world);
        DigestClient client = DigestClient.ForRealm("sip.test", new("alice", DigestSecret.FromPassword("secret")), world.Alice.Tokens.NewCnonce);
        OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"), client);
        InviteDialog bob = (await world.Bob.IncomingAsync()).Accept(World.Sdp("answer"))!;
        InviteDialog alice = (await call.Outcome).Dialog!;
        await world.Wait(1);
        await alice.ByeAsync();
        Assert.Equal(DialogEndCause.RemoteBye, (await bob.Ended).Cause);
    }

    private static async Task Register(World world)
    {
        world.Bob.RequestFilter = Challenge(world);
        DigestClient client = DigestClient.ForRealm("sip.test", new("alice", DigestSecret.FromPassword("secret")), world.Alice.Tokens.NewCnonce);
        RegistrationClient registration = new(world.Alice.Layer, new RegistrationOptions
        {
            Registrar = SipUri.Parse("sip:sip.test"),
            AddressOfRecord = world.Alice.Address,
            Contact = world.Alice.Contact,
            Flow = () => world.Alice.Flow,
            Authentication = client,
        });
        Assert.Equal((true, 200), ((await registration.RegisterAsync()) is { } state ? (state.IsRegistered, state.StatusCode) : default));
        await world.Wait(1);
        Assert.False((await registration.UnregisterAsync()).IsRegistered);
    }

    private static Func<Sip.Transactions.ServerTransaction, bool> Challenge(World world)
    {
        DigestServer server = new(new byte[32], new DigestServerOptions(), world.Pump.Time);
        return transaction =>
        {
            DigestVerdict? verdict = DigestServer.FindCredentials(transaction.Request, "sip.test") is { } credentials
                ? server.Verify(transaction.Request, credentials, "sip.test", credentials.Username == "alice" ? DigestSecret.FromPassword("secret") : null)
                : null;
            if (verdict == DigestVerdict.Accepted)
                return false;
            SipResponse response = SipResponse.For(transaction.Request, 401, toTag: world.Bob.Tokens.NewTag());
            server.Challenge(response, "sip.test", verdict == DigestVerdict.Stale);
            transaction.Respond(response);
            return true;
        };
    }
}
