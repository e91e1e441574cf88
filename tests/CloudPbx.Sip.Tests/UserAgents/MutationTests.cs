using System.Text;
using CloudPbx.Sip.Dialogs;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Tests.Harness;
using CloudPbx.Sip.Transport;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.Sip.Tests.UserAgents;

/// <summary>Whatever the parser lets through, the user agents bear: nothing that a stranger sends throws.</summary>
public class MutationTests
{
    private const string Invite =
        "INVITE sip:bob@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKn;rport, SIP/2.0/TLS [2001:db8::1];branch=z9hG4bKm\r\nMax-Forwards: 70\r\n"
        + "Record-Route: <sip:p1.test;lr>, \"P\" <sip:p2.test;lr=on>;x=y\r\nFrom: \"A \\\"l\\\" ice\" <sip:alice@sip.test;user=phone>;tag=f\r\n"
        + "To: <tel:+49301234;phone-context=x>;p=\"q\"\r\nCall-ID: c@h\r\nCSeq: 7 INVITE\r\nContact: <sip:alice@192.0.2.1:5060;transport=tcp>;expires=5;+sip.instance=\"<urn:x>\"\r\n"
        + "Require: 100rel\r\nSupported: timer\r\nAuthorization: Digest username=\"a\", realm=\"sip.test\", nonce=\"n\", uri=\"sip:b\", response=\"r\"\r\n"
        + "Content-Type: application/sdp\r\nContent-Length: 5\r\n\r\nv=0\r\n";

    [Fact]
    public void Mutated_requests_never_throw_out_of_the_layer()
    {
        using World world = new(SipTransport.Tcp);
        Random random = new(20260117);
        int taken = 0;
        world.Bob.RequestFilter = transaction =>
        {
            if (transaction.Method != SipMethod.Invite)
                return false;
            taken++;
            IncomingInvite call = world.Bob.Layer.Take(transaction, world.Bob.Contact);
            call.Progress(183, body: call.Offer);
            InviteDialog? dialog = call.IsSettled ? call.Accept(World.Sdp("answer")) : null;
            if (dialog is not null)
            {
                Assert.Equal(dialog.Id, new Dialog(dialog.State).Id);
                _ = dialog.SendAsync(SipMethod.Info);
                dialog.Abandon();
            }
            return true;
        };
        string plain = Invite.Replace("Require: 100rel\r\n", "", StringComparison.Ordinal);
        for (int i = 0; i < 6_000; i++)
        {
            string text = (i % 10 == 0 ? Invite : plain).Replace("c@h", $"c{i}@h", StringComparison.Ordinal).Replace("z9hG4bKn", $"z9hG4bK{i}", StringComparison.Ordinal);
            if (Mutate(random, text) is { } message)
                world.Bob.Layer.Receive(message, world.Bob.Flow);
            if (i % 2_000 == 0)
                world.Pump.Advance(TimeSpan.FromSeconds(33));
        }
        Assert.True(taken > 1_000, $"Only {taken} were taken.");
        world.AssertNothingRemains();
    }

    [Fact]
    public void Mutated_responses_and_requests_in_a_call_never_throw()
    {
        for (int seed = 0; seed < 30; seed++)
        {
            using World world = new(SipTransport.Tcp);
            Random random = new(seed);
            OutgoingInvite call = world.Alice.Call(world.Bob, seed % 2 == 0 ? World.Sdp("offer") : null);
            SipRequest invite = (SipRequest)world.Messages[0];
            for (int i = 0; i < 60; i++)
            {
                SipResponse response = SipResponse.For(invite, new[] { 100, 180, 183, 200, 200, 302, 401, 486 }[random.Next(i < 40 ? 5 : 8)], null, random.Next(4) == 0 ? null : "t" + random.Next(3));
                response.Headers.Add(SipHeaderName.Contact, "\"B\" <sip:bob@192.0.2.2;transport=tcp?a=b>;q=0.5");
                response.Headers.Add(SipHeaderName.RecordRoute, "<sip:p1.test;lr>, <sip:p2.test>");
                if (random.Next(2) == 0)
                {
                    response.Headers.Add(SipHeaderName.Require, "100rel");
                    response.Headers.Add(SipHeaderName.RSeq, $"{random.Next(1, 4)}");
                }
                response.Headers.Add(SipHeaderName.WwwAuthenticate, "Digest realm=\"sip.test\", nonce=\"n\"");
                Deliver(world, random, Encoding.UTF8.GetString(response.ToBytes()));
                string method = new[] { "BYE", "INVITE", "ACK", "UPDATE", "INFO", "CANCEL", "PRACK" }[random.Next(7)];
                Deliver(world, random, Invite.Replace("Require: 100rel\r\n", "", StringComparison.Ordinal).Replace("INVITE", method, StringComparison.Ordinal)
                    .Replace("<tel:+49301234;phone-context=x>", $"<sip:alice@sip.test>;tag={call.LocalTag}", StringComparison.Ordinal)
                    .Replace("c@h", call.CallId, StringComparison.Ordinal).Replace(";tag=f\r\n", $";tag=t{random.Next(3)}\r\n", StringComparison.Ordinal)
                    .Replace("z9hG4bKn", $"z9hG4bK{i}", StringComparison.Ordinal));
                world.Pump.Advance(TimeSpan.FromMilliseconds(20));
            }
            call.Cancel();
        }
    }

    private static void Deliver(World world, Random random, string text)
    {
        if (Mutate(random, text) is { } message)
            world.Alice.Layer.Receive(message, world.Alice.Flow);
    }

    /// <summary>Changes a few octets; <see langword="null"/> if the parser refuses the result.</summary>
    private static SipMessage? Mutate(Random random, string text)
    {
        byte[] octets = Encoding.UTF8.GetBytes(text);
        ReadOnlySpan<byte> interesting = "<>\";:,=@?% \t0z*[]\\"u8;
        for (int n = random.Next(0, 4); n > 0; n--)
        {
            int at = random.Next(octets.Length);
            octets[at] = random.Next(3) == 0 ? (byte)random.Next(256) : interesting[random.Next(interesting.Length)];
        }
        return SipMessage.TryParse(octets, out SipMessage? message) == SipParseError.None ? message : null;
    }
}
