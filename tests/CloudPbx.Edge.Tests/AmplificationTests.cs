using System.Net;
using System.Text;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Edge.Guard;
using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;
using CloudPbx.State.Directory;
using CloudPbx.TestKit;
using CloudPbx.TestKit.Fuzzing;
using static CloudPbx.Edge.Tests.TestEdge;

namespace CloudPbx.Edge.Tests;

/// <summary>SECURITY.md S32: whoever writes somebody else's address into his datagrams gets that one no more than he sends himself (CVE-2022-26143).</summary>
public class AmplificationTests
{
    private const string Allow = "INVITE, ACK, BYE, CANCEL, OPTIONS, REGISTER, UPDATE, INFO, MESSAGE, PRACK, SUBSCRIBE, REFER, NOTIFY";
    private const string Challenge =
        "Digest realm=\"acme.example\", nonce=\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\", algorithm=MD5, qop=\"auth\"";

    private static readonly byte[] s_stun = [0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42, .. "0123456789ab"u8];

    /// <summary>All that the torture and hostile tests know, and what a scanner would send: as short as can be.</summary>
    private static IEnumerable<byte[]> Messages()
    {
        foreach (TortureMessage torture in Corpus.Rfc4475.Concat(Corpus.Rfc5118))
            yield return torture.Octets;
        foreach (string file in Corpus.Files("captured"))
            yield return Corpus.Load(file);
        foreach (string method in new[] { "OPTIONS", "REGISTER", "INVITE", "SUBSCRIBE", "MESSAGE", "NOTIFY", "PUBLISH", "REFER", "BYE", "CANCEL", "FLY" })
        {
            yield return Encoding.ASCII.GetBytes(Request(method));
            yield return Encoding.ASCII.GetBytes(Request(method, uri: "sip:1@elsewhere.example", from: "<sip:1@elsewhere.example>;tag=1"));
            yield return Encoding.ASCII.GetBytes($"{method} sip:a@acme.example SIP/2.0\r\nv:SIP/2.0/UDP a;branch=z9hG4bK1\r\nf:<sip:a@acme.example>;tag=1\r\nt:<sip:a@acme.example>\r\ni:1\r\nCSeq:1 {method}\r\n\r\n");
            yield return Encoding.ASCII.GetBytes($"{method} sip:a SIP/2.0\r\nv:SIP/2.0/UDP a;branch=z9hG4bK1\r\n\r\n");
        }
        yield return s_stun;
        HostileMessages hostile = new("acme.example", "100", "secret", seed: 32);
        for (int i = 0; i < 600; i++)
            if (hostile.Next(SipTransport.Udp) is { Length: <= 60_000 } message)
                yield return message;
    }

    [Fact]
    public async Task S32_no_stranger_gets_an_answer_over_UDP_that_is_longer_than_its_request()
    {
        await using TestEdge edge = await StartAsync();
        await AwakenAsync(edge);
        edge.Worker.Answer = AnswerAsAWorker;
        List<(UdpPeer Peer, byte[] Message)> sent = [];
        try
        {
            foreach (byte[] message in Messages())
            {
                // Each has an address of its own: what one has sent is no other's.
                UdpPeer peer = new(edge.Udp, $"127.32.{sent.Count / 250}.{sent.Count % 250 + 1}");
                await peer.SendAsync(message);
                sent.Add((peer, message));
                if (sent.Count % 24 == 0)
                    await SettleAsync(edge);                                    // what a socket's buffer holds is not lost
            }
            await SettleAsync(edge);
            int answered = 0;
            foreach ((UdpPeer peer, byte[] message) in sent)
            {
                int octets = peer.Waiting().Sum(answer => answer.Length);
                answered += octets > 0 ? 1 : 0;
                Assert.True(octets <= message.Length, $"{octets} octets for {message.Length}: {Encoding.Latin1.GetString(message)}");
            }
            Assert.InRange(answered, sent.Count / 4, sent.Count);                // and it is no rule by silence
        }
        finally
        {
            sent.ForEach(one => one.Peer.Dispose());
        }
    }

    [Fact]
    public async Task S32_the_same_messages_from_one_address_get_no_more_than_they_are()
    {
        await using TestEdge edge = await StartAsync();
        await AwakenAsync(edge);
        edge.Worker.Answer = AnswerAsAWorker;
        using UdpPeer peer = new(edge.Udp, "127.32.32.32");
        int sent = 0, received = 0;
        foreach (byte[][] handful in Messages().Chunk(24))
        {
            foreach (byte[] message in handful)
                await peer.SendAsync(message);
            sent += handful.Sum(message => message.Length);
            await SettleAsync(edge);
            received += peer.Waiting().Sum(answer => answer.Length);
            Assert.InRange(received, 0, sent);
        }
        Assert.InRange(received, sent / 8, sent);
    }

    [Fact]
    public async Task A_phones_usual_REGISTER_is_challenged_at_once_and_one_that_is_shorter_than_its_challenge_when_it_comes_again()
    {
        await using TestEdge edge = await StartAsync();
        await AwakenAsync(edge);
        edge.Worker.Answer = AnswerAsAWorker;
        using UdpPeer usual = new(edge.Udp, "127.32.0.1"), terse = new(edge.Udp, "127.32.0.2");
        await usual.SendAsync(Request("REGISTER", more: "Contact: <sip:100@10.9.9.9:5060>;expires=600\r\nUser-Agent: Phone 1.0\r\nAllow: INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE\r\nSupported: replaces, outbound\r\n"));
        Assert.StartsWith("SIP/2.0 401 Unauthorized\r\n", await usual.ReceiveAsync(), StringComparison.Ordinal);
        await terse.SendAsync(Request("REGISTER"));
        await SettleAsync(edge);
        Assert.Empty(terse.Waiting());
        await terse.SendAsync(Request("REGISTER"));                             // RFC 3261 §17.1.2.2, timer E
        Assert.StartsWith("SIP/2.0 401 ", await terse.ReceiveAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_workers_answer_that_is_too_long_for_a_stranger_goes_without_what_it_does_not_need()
    {
        await using TestEdge edge = await StartAsync();
        edge.Worker.Answer = AnswerAsAWorker;
        using UdpPeer phone = new(edge.Udp, "127.32.0.1");
        await phone.SendAsync(Request("OPTIONS", more: "Contact: <sip:100@10.9.9.9:5060>\r\n"));
        string answer = await phone.ReceiveAsync();
        Assert.StartsWith("SIP/2.0 200 \r\n", answer, StringComparison.Ordinal);        // RFC 3261 §25.1: a reason phrase may be empty
        Assert.DoesNotContain("Allow:", answer, StringComparison.Ordinal);
        using StreamPeer stream = await StreamPeer.ConnectAsync(edge.Tcp);      // a connection is no forgery
        await stream.SendAsync(Request("OPTIONS", "TCP", branch: "z9hG4bKb2"));
        Assert.Contains("Allow: " + Allow, await stream.ReceiveAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_authenticated_gets_answers_as_long_as_they_are()
    {
        await using TestEdge edge = await StartAsync();
        using UdpPeer phone = new(edge.Udp, "127.32.0.1");
        await phone.SendAsync(Request("REGISTER", more: Authorized));
        edge.Worker.Send(SipResponse.For(await edge.Worker.RequestAsync(), 200));
        Assert.StartsWith("SIP/2.0 200 ", await phone.ReceiveAsync(), StringComparison.Ordinal);
        for (int i = 0; i < 20; i++)
        {
            await phone.SendAsync(s_stun);
            Assert.Equal(32, (await phone.ReceiveOctetsAsync()).Length);
        }
    }

    [Fact]
    public async Task A_carrier_that_is_known_by_its_address_gets_answers_as_long_as_they_are()
    {
        await using TestEdge edge = await StartAsync();
        edge.Sources.Directory = new DirectorySnapshot(2, [new("acme.example", Acme)], [], Acme) { Carriers = [new CarrierSource { Network = "127.32.0.1/32", Tenant = Acme }] };
        edge.Worker.Answer = AnswerAsAWorker;
        using UdpPeer carrier = new(edge.Udp, "127.32.0.1");
        for (int i = 0; i < 5; i++)
        {
            await carrier.SendAsync(Request("OPTIONS", branch: $"z9hG4bK{i}"));
            Assert.Contains("Allow: " + Allow, await carrier.ReceiveAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_is_kept_of_a_source_is_bounded_and_its_own()
    {
        AnswerCredit credit = new();
        InternetEndPoint one = new([203, 0, 113, 1], 5060), other = new([203, 0, 113, 2], 5060);
        Assert.False(credit.TrySpend(one, 1));
        credit.Earn(one, 300);
        Assert.False(credit.TrySpend(other, 1));
        Assert.False(credit.TrySpend(one, 301));
        Assert.True(credit.TrySpend(one, 200));
        Assert.True(credit.TrySpend(new InternetEndPoint([203, 0, 113, 1], 9), 100));      // a source is an address: ports can be forged as well
        Assert.False(credit.TrySpend(one, 1));
        for (int i = 0; i < 100; i++)
            credit.Earn(one, 60_000);
        Assert.True(credit.TrySpend(one, AnswerCredit.Most));
        Assert.False(credit.TrySpend(one, 1));
    }

    // Somebody was let in: the edge challenges for this tenant itself.
    private static async Task AwakenAsync(TestEdge edge)
    {
        using StreamPeer phone = await StreamPeer.ConnectAsync(edge.Tcp);
        await phone.SendAsync(Request("REGISTER", "TCP", more: Authorized));
        edge.Worker.Send(SipResponse.For(await edge.Worker.RequestAsync(), 200));
        Assert.StartsWith("SIP/2.0 200 ", await phone.ReceiveAsync(), StringComparison.Ordinal);
    }

    // All that was sent before is answered: one socket, one link, one worker, in order.
    private static async Task SettleAsync(TestEdge edge)
    {
        using UdpPeer last = new(edge.Udp, "127.32.99.99");
        for (int i = 0; i < 3; i++)
        {
            await last.SendAsync(Request("OPTIONS", more: $"User-Agent: {new string('x', 400)}\r\n", branch: $"z9hG4bKlast{i}"));
            Assert.StartsWith("SIP/2.0 200 ", await last.ReceiveAsync(), StringComparison.Ordinal);
        }
    }

    private static SipResponse? AnswerAsAWorker(SipRequest request)
    {
        if (request.Method == SipMethod.Ack)
            return null;
        SipResponse response = SipResponse.For(
            request, request.Method == SipMethod.Options ? 200 : request.Method == SipMethod.Register ? 401 : request.Method == SipMethod.Cancel ? 481 : 407, toTag: request.To.Tag ?? "0123456789abcdef");
        if (response.StatusCode == 200)
        {
            response.Headers.Add(SipHeaderName.Allow, Allow);
            response.Headers.Add(SipHeaderName.Accept, "application/sdp");
            response.Headers.Add(SipHeaderName.AcceptEncoding, "identity");
        }
        if (response.StatusCode is 401 or 407)
            response.Headers.Add(response.StatusCode == 401 ? SipHeaderName.WwwAuthenticate : SipHeaderName.ProxyAuthenticate, Challenge);
        response.Headers.Add(SipHeaderName.Server, "CloudPbx");
        return response;
    }
}
