using System.Buffers;
using System.Net;
using System.Text;
using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;
using CloudPbx.Sip.Transport;
using CloudPbx.TestKit.Fuzzing;

namespace CloudPbx.Sip.Tests.Messages;

/// <summary>Broken messages by the thousand, the same at every run. CloudPbx.Fuzz goes on from here with other seeds.</summary>
public class MutationTests
{
    private static readonly EdgeKey s_key = EdgeKey.CreateRandom();

    [Fact]
    public void Mutated_messages_break_no_reader()
    {
        Mutator mutator = new(SipSeeds.Messages, seed: 4475);
        for (int i = 0; i < 25_000; i++)
            SipTargets.Message(mutator.Next());
    }

    [Fact]
    public void Mutated_URIs_addresses_and_Vias_break_no_reader()
    {
        Mutator mutator = new(SipSeeds.Uris, seed: 3261);
        for (int i = 0; i < 60_000; i++)
            SipTargets.Uri(mutator.Next());
    }

    // A header field that strangers may not send, spelt as nobody would: whichever way it is written, either it is refused, or the edge knows and removes it, so that no
    // worker ever sees it (SECURITY.md S9, CVE-2020-28361).
    [Fact]
    public void S9_a_forbidden_field_is_refused_or_removed_however_it_is_written()
    {
        string[] names = ["Route", "P-Asserted-Identity", "Remote-Party-ID", "Path", "X-Tenant", "X-CloudPbx-Flow", "P-Called-Party-ID"];
        string[] spaces = ["", " ", "\t", "\r\n ", " \r\n\t", "\v", "\f", "\0", "\u00a0", "\u200b", "\r", "\n", " \t \r\n  "];
        Random random = new(9);
        (int refused, int removed) = (0, 0);
        for (int i = 0; i < 20_000; i++)
        {
            string name = string.Concat(names[random.Next(names.Length)].Select(c => random.Next(2) == 0 ? char.ToUpperInvariant(c) : char.ToLowerInvariant(c)));
            string Space() => spaces[random.Next(spaces.Length)];
            string line = $"{(random.Next(8) == 0 ? Space() : "")}{name}{Space()}:{Space()}<sip:evil.example>{(random.Next(4) == 0 ? "," + Space() + "<sip:evil.example>" : "")}{Space()}\r\n";
            if (random.Next(4) == 0)
                line += line;
            byte[] octets = Encoding.UTF8.GetBytes(
                $"OPTIONS sip:a@acme.example SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nMax-Forwards: 70\r\nFrom: <sip:b@acme.example>;tag=1\r\n"
                + $"To: <sip:a@acme.example>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n{line}Content-Length: 0\r\n\r\n");
            SipTargets.Message(octets);
            byte[]? worker = Inward(octets);
            if (worker is null)
            {
                refused++;
                continue;
            }
            removed++;
            Assert.Equal(SipParseError.None, SipMessage.TryParse(worker, out SipMessage? message));
            // Behind white space it continues the line before, and is that field's text for edge and worker alike.
            foreach (string forbidden in names.Skip(1))
                Assert.False(message!.Headers.Has(forbidden), Encoding.UTF8.GetString(octets));
            Assert.Single(message!.Headers.GetAll(SipHeaderName.Route));
        }
        Assert.True(refused > 1000 && removed > 1000, $"{refused} refused, {removed} removed");
    }

    [Fact]
    public void S10_what_the_edge_forwards_of_mutated_messages_is_one_message_of_the_same_length()
    {
        Mutator mutator = new(SipSeeds.Messages, seed: 10);
        int forwarded = 0;
        for (int i = 0; i < 25_000; i++)
        {
            if (Inward(mutator.Next()) is not { } octets)
                continue;
            StreamFramer framer = new();
            ReadOnlySequence<byte> stream = new(octets);
            Assert.Equal(FrameResult.Message, framer.TryRead(ref stream, out ReadOnlySequence<byte> framed));
            Assert.Equal((octets.Length, 0), (framed.Length, stream.Length));
            Assert.Equal(SipParseError.None, SipMessageView.Parse(octets, out SipMessageView view));
            Assert.Equal(octets.Length, view.Octets.Length);
            forwarded++;
        }
        Assert.True(forwarded > 500, $"{forwarded} of 25,000");
    }

    [Fact]
    public void Mutated_streams_frame_the_same_however_they_are_cut()
    {
        Mutator mutator = new(SipSeeds.Streams, seed: 5626);
        for (int i = 0; i < 15_000; i++)
            SipTargets.Framer(mutator.Next());
    }

    // What an edge sends to a worker of a request; null where it refuses or drops it.
    private static byte[]? Inward(byte[] octets)
    {
        if (SipMessageView.Parse(octets, out SipMessageView view) != SipParseError.None || view.FindFault() != SipParseError.None || !view.IsRequest)
            return null;
        var context = new InwardRequest
        {
            Tenant = new Guid("aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"),
            EdgeId = 1,
            Key = s_key,
            FlowToken = "AAAA"u8,
            Source = InternetEndPoint.From(IPEndPoint.Parse("192.0.2.1:5060")),
        };
        byte[] buffer = new byte[view.Octets.Length + StatelessForwarder.Room];
        int length = StatelessForwarder.WriteRequestInward(view, context, buffer);
        return length == 0 ? null : buffer[..length];
    }
}
