using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Tests.Harness;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.Sip.Tests.UserAgents;

/// <summary>What the layer answers by itself (RFC 3261 §8.2, §12.2.2), and several answers to one INVITE.</summary>
public class DispatchTests
{
    [Theory]
    [InlineData("INFO", 481)]
    [InlineData("BYE", 481)]
    [InlineData("INVITE", 481)]
    [InlineData("OPTIONS", 481)]
    [InlineData("SUBSCRIBE", 481)]                                          // I69
    [InlineData("PRACK", 481)]
    [InlineData("REFER", 405)]
    [InlineData("FLY", 501)]
    public void A_request_in_a_dialog_that_is_not_known_is_refused(string method, int expected)
    {
        using World world = new();
        world.Run(async () =>
        {
            SipRequest request = Request(world, method, toTag: "unknown");
            SipResponse response = method == "INVITE" ? await SendInvite(world, request) : await world.Alice.Layer.SendAsync(request, world.Alice.Flow);
            Assert.Equal(expected, response.StatusCode);
            if (expected != 481)
                Assert.Contains("INVITE", response.Headers.Get(SipHeaderName.Allow), StringComparison.Ordinal);
        });
        world.AssertNothingRemains();
    }

    [Fact]
    public void A_BYE_outside_any_dialog_gets_481() => Assert.Equal(481, Answer(world => Request(world, "BYE")));

    [Fact]
    public void A_REGISTER_with_a_To_tag_reaches_the_core() => Assert.Equal(200, Answer(world => Request(world, "REGISTER", toTag: "odd")));

    [Fact]
    public void An_unknown_Request_URI_scheme_gets_416() => Assert.Equal(416, Answer(world =>
    {
        SipRequest request = Request(world, "OPTIONS");
        request.RequestUri = SipUri.Parse("urn:service:sos");
        return request;
    }));

    [Theory]                                                                             // RFC 5031, RFC 6881; §8.2.2.1 for all other URNs
    [InlineData("urn:service:sos", true, "INVITE", 486)]
    [InlineData("urn:service:SOS.police", true, "INVITE", 486)]
    [InlineData("urn:service:sos", true, "OPTIONS", 416)]
    [InlineData("urn:service:sos", false, "INVITE", 416)]
    [InlineData("urn:service:counseling", true, "INVITE", 416)]
    [InlineData("urn:uuid:00000000-0000-1000-8000-000A95A0E128", true, "INVITE", 416)]
    public void An_INVITE_to_an_emergency_service_reaches_a_core_that_takes_such(string uri, bool takes, string method, int expected)
    {
        using World world = new(options: new UserAgentOptions { TakesEmergencyServices = takes });
        world.Run(async () =>
        {
            world.Bob.RequestFilter = transaction =>
            {
                transaction.Respond(486);
                return true;
            };
            SipRequest request = Request(world, method);
            request.RequestUri = SipUri.Parse(uri);
            request.Headers.Set(SipHeaderName.To, $"<{uri}>");
            SipResponse response = method == "INVITE" ? await SendInvite(world, request) : await world.Alice.Layer.SendAsync(request, world.Alice.Flow);
            Assert.Equal((expected, uri), (response.StatusCode, response.To.Uri.ToString()));
        });
        world.AssertNothingRemains();
    }

    [Theory]
    [InlineData("path")]
    [InlineData("gruu, path")]
    public void What_is_required_and_not_understood_gets_420(string require)
    {
        using World world = new();
        world.Run(async () =>
        {
            SipRequest request = Request(world, "OPTIONS");
            request.Headers.Add(SipHeaderName.Require, require);
            SipResponse response = await world.Alice.Layer.SendAsync(request, world.Alice.Flow);
            Assert.Equal((420, require), (response.StatusCode, response.Headers.Get(SipHeaderName.Unsupported)));
        });
    }

    [Fact]
    public void The_odd_OPTIONS_of_GNOME_Calls_gets_200() => Assert.Equal(200, Answer(world =>
    {
        SipRequest request = Request(world, "OPTIONS");
        request.Headers.Remove(SipHeaderName.MaxForwards);
        return request;
    }));

    [Fact]
    public void Of_two_forks_that_answer_the_second_is_acknowledged_and_hung_up()         // §13.2.2.4
    {
        using World world = new();
        world.Run(async () =>
        {
            world.Bob.RequestFilter = transaction =>
            {
                if (transaction.Method != SipMethod.Invite)
                    return false;
                foreach (string tag in (string[])["one", "two"])
                {
                    SipResponse ringing = SipResponse.For(transaction.Request, 180, null, tag);
                    ringing.Headers.Add(SipHeaderName.Contact, $"<sip:{tag}@192.0.2.2>");
                    transaction.Respond(ringing);
                }
                foreach (string tag in (string[])["two", "one", "two", "three", "one"])
                {
                    SipResponse answer = SipResponse.For(transaction.Request, 200, null, tag);
                    answer.Headers.Add(SipHeaderName.Contact, $"<sip:{tag}@192.0.2.2>");
                    answer.SetBody("v=0\r\n"u8.ToArray(), "application/sdp");
                    transaction.Respond(answer);
                }
                return true;
            };
            OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"));
            List<string?> early = [];
            call.Provisional += (_, response) => early.Add(response.To.Tag);
            InviteOutcome outcome = await call.Outcome;
            Assert.Equal("two", outcome.Dialog!.State.RemoteTag);
            Assert.Equal(["one", "two"], early);
            await world.Wait(1);
            Assert.Equal(5, world.Count("ACK"));         // one for each 2xx, repeated ones included
            List<SipRequest> byes = [.. world.Messages.OfType<SipRequest>().Where(request => request.Method == SipMethod.Bye)];
            Assert.Equal(["sip:one@192.0.2.2", "sip:three@192.0.2.2"], byes.Select(bye => bye.RequestUri.ToString()));
            outcome.Dialog.Abandon();
        });
        world.AssertNothingRemains();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_peer_that_forgets_its_To_tag_is_served(bool ringsFirst)                 // I24
    {
        using World world = new();
        world.Run(async () =>
        {
            world.Bob.RequestFilter = transaction =>
            {
                if (transaction.Method != SipMethod.Invite)
                    return false;
                if (ringsFirst)
                    transaction.Respond(SipResponse.For(transaction.Request, 180));
                transaction.Respond(SipResponse.For(transaction.Request, 200));
                return true;
            };
            OutgoingInvite call = world.Alice.Call(world.Bob, World.Sdp("offer"));
            InviteDialog dialog = (await call.Outcome).Dialog!;
            Assert.Equal("", dialog.State.RemoteTag);
            Assert.Equal(call.Request.RequestUri.ToString(), dialog.State.RemoteTarget);     // no Contact either
            await world.Wait(1);
            SipRequest bye = new CloudPbx.Sip.Dialogs.Dialog(dialog.State with
            {
                LocalTag = "", RemoteTag = dialog.State.LocalTag, LocalCSeq = 7, LocalAddress = dialog.State.RemoteAddress, RemoteAddress = dialog.State.LocalAddress,
                RemoteTarget = world.Alice.Contact.Uri.ToString(),
            }).CreateRequest(SipMethod.Bye);
            Assert.Equal(200, (await world.Bob.Layer.SendAsync(bye, world.Bob.Flow)).StatusCode);
            Assert.Equal(DialogEndCause.RemoteBye, (await dialog.Ended).Cause);
        });
        world.AssertNothingRemains();
    }

    [Fact]
    public void A_second_challenge_for_a_wrong_password_is_not_answered_again()
    {
        using World world = new();
        world.Run(async () =>
        {
            world.Bob.RequestFilter = transaction =>
            {
                SipResponse response = SipResponse.For(transaction.Request, 407, toTag: "x");
                new CloudPbx.Sip.Authentication.DigestServer(new byte[16], new(), world.Pump.Time).Challenge(response, "sip.test");
                transaction.Respond(response);
                return true;
            };
            InviteOutcome outcome = await world.Alice.Call(
                world.Bob, World.Sdp("offer"),
                CloudPbx.Sip.Authentication.DigestClient.ForRealm(
                    "sip.test", new("alice", CloudPbx.Sip.Authentication.DigestSecret.FromPassword("wrong")), world.Alice.Tokens.NewCnonce)).Outcome;
            Assert.Equal((InviteResult.Rejected, 407), (outcome.Result, outcome.StatusCode));
            Assert.Equal(2, world.Count("INVITE"));
        });
        world.AssertNothingRemains();
    }

    private static int Answer(Func<World, SipRequest> make)
    {
        using World world = new();
        int status = 0;
        world.Run(async () => status = (await world.Alice.Layer.SendAsync(make(world), world.Alice.Flow)).StatusCode);
        world.AssertNothingRemains();
        return status;
    }

    private static SipRequest Request(World world, string method, string? toTag = null) =>
        world.Alice.Layer.CreateRequest(SipMethod.From(method), world.Bob.Contact.Uri, world.Alice.Address, world.Bob.Address.WithTag(toTag));

    private static Task<SipResponse> SendInvite(World world, SipRequest request)
    {
        TaskCompletionSource<SipResponse> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        world.Alice.Layer.Transactions.Send(request, world.Alice.Flow, (_, response) => done.TrySetResult(response), (_, _) => { });
        return done.Task;
    }
}
