using System.Buffers;
using System.Globalization;
using System.Text;
using CloudPbx.Sip.Authentication;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;

namespace CloudPbx.TestKit.Fuzzing;

/// <summary>
/// What a hostile peer sends to a product: mutants of the torture and captured messages, and of every method's good request to a tenant that exists,
/// some of them with credentials that are right, so that they get past the door. The same seed makes the same messages, nonces aside.
/// </summary>
/// <param name="domain">The tenant's domain.</param>
/// <param name="user">One of its users, for credentials.</param>
/// <param name="password">That user's password.</param>
/// <param name="seed">Where the random numbers begin.</param>
public sealed class HostileMessages(string domain, string user, string password, int seed)
{
    private const string Offer = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 49170 RTP/AVP 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\na=sendrecv\r\n";

    private static readonly byte[] s_cookie = "z9hG4bK"u8.ToArray();

    private readonly Random _random = new(seed);
    private readonly Mutator _strangers = new([.. SipSeeds.Messages, .. Requests(domain, user)], seed, SipPhrases.All, mostChanges: 3);
    private readonly Mutator _members = new([.. Requests(domain, user)], seed + 1, SipPhrases.All, mostChanges: 2);
    private readonly SipTokens _tokens = SipTokens.Secure;
    private DigestClient? _client;
    private long _count;

    /// <summary>A request of the user without credentials: its answer is the challenge for <see cref="Learn"/>.</summary>
    public SipRequest Challenged(SipTransport transport)
    {
        byte[] octets = Over(transport, WithOwnBranch(Request("REGISTER", domain, user, $"sip:{domain}", "", ("Contact", $"<sip:{user}@127.0.0.1:9>"), ("Expires", "60"))));
        SipMessage.TryParse(octets, out SipMessage? message);
        message!.Headers.Set(SipHeaderName.CallId, OwnCallId());
        return (SipRequest)message;
    }

    /// <summary>Takes a challenge: from now on some messages carry credentials.</summary>
    /// <returns>Whether it could be answered.</returns>
    public bool Learn(SipRequest request, SipResponse challenge)
    {
        _client = new DigestClient(_ => new DigestAccount(user, DigestSecret.FromPassword(password)), _tokens.NewCnonce);
        return _client.TryAuthorize(request, challenge);
    }

    /// <summary>The next message.</summary>
    public byte[] Next(SipTransport transport)
    {
        bool member = _client is not null && _random.Next(2) == 0;
        byte[] mutant = (member ? _members : _strangers).Next();
        // Repeats are answered from memory; a message of its own goes further.
        if (_random.Next(10) > 0)
            mutant = WithOwnBranch(mutant);
        if (member && SipMessage.TryParse(mutant, out SipMessage? message) == SipParseError.None && message is SipRequest request)
        {
            _client!.Authorize(request);
            request.Headers.Set(SipHeaderName.CallId, OwnCallId());
            mutant = request.ToBytes();
        }
        _count++;
        return Over(transport, mutant);
    }

    /// <summary>The next message for a stream: nine in ten are framed well, since nothing behind a broken frame is read.</summary>
    public byte[] NextForStream(SipTransport transport)
    {
        byte[] message = Next(transport);
        bool maySpoil = _random.Next(10) == 0;
        while (!maySpoil && !IsWhole(message))
            message = Next(transport);
        return message;
    }

    /// <summary>Whether a stream's reader will find exactly this message, and its parser the same end.</summary>
    public static bool IsWhole(byte[] octets)
    {
        ReadOnlySequence<byte> stream = new(octets);
        StreamFramer framer = new();
        FrameResult result;
        ReadOnlySequence<byte> message;
        do
            result = framer.TryRead(ref stream, out message);
        while (result is FrameResult.KeepAlivePing or FrameResult.KeepAlivePong);
        return result == FrameResult.Message && stream.IsEmpty && message.Length > 0;
    }

    private byte[] WithOwnBranch(byte[] octets) =>
        Replace(octets, s_cookie, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"z9hG4bK{seed}x{_count}x")));

    private static byte[] Replace(byte[] octets, ReadOnlySpan<byte> old, ReadOnlySpan<byte> by)
    {
        int at = octets.AsSpan().IndexOf(old);
        return at < 0 ? octets : [.. octets.AsSpan(0, at), .. by, .. octets.AsSpan(at + old.Length)];
    }

    private string OwnCallId() => string.Create(CultureInfo.InvariantCulture, $"h{seed}-{_count}-{_tokens.NewCallId()}");

    private static byte[] Over(SipTransport transport, byte[] octets) =>
        transport == SipTransport.Udp ? octets : Replace(octets, "SIP/2.0/UDP"u8, transport == SipTransport.Tls ? "SIP/2.0/TLS"u8 : "SIP/2.0/TCP"u8);

    /// <summary>Every method, outside and inside of dialogs.</summary>
    private static IEnumerable<byte[]> Requests(string domain, string user)
    {
        string us = $"sip:{domain}", peer = $"sip:101@{domain}", contact = $"<sip:{user}@127.0.0.1:9>";
        yield return Request("REGISTER", domain, user, us, "", ("Contact", contact), ("Expires", "60"));
        yield return Request("REGISTER", domain, user, us, "", ("Contact", $"{contact};expires=0"), ("Supported", "path, outbound"));
        yield return Request("INVITE", domain, user, peer, Offer, ("Contact", contact), ("Content-Type", "application/sdp"), ("Supported", "100rel, timer, replaces"));
        yield return Request("INVITE", domain, user, $"sip:999@{domain}", Offer, ("Contact", contact), ("Content-Type", "application/sdp"), ("Session-Expires", "1800;refresher=uac"));
        yield return Request("INVITE", domain, user, peer, "--b\r\nContent-Type: application/sdp\r\n\r\n" + Offer + "\r\n--b--\r\n", ("Contact", contact), ("Content-Type", "multipart/mixed;boundary=b"));
        yield return Request("OPTIONS", domain, user, us, "", ("Accept", "application/sdp"));
        yield return Request("MESSAGE", domain, user, peer, "hello", ("Content-Type", "text/plain"));
        yield return Request("SUBSCRIBE", domain, user, peer, "", ("Contact", contact), ("Event", "dialog"), ("Accept", "application/dialog-info+xml"), ("Expires", "600"));
        yield return Request("PUBLISH", domain, user, peer, "", ("Event", "presence"), ("SIP-If-Match", "x"));
        yield return Request("REFER", domain, user, peer, "", ("Contact", contact), ("Refer-To", "<sip:900@example.com?Replaces=a%3Bto-tag%3Db>"));
        yield return Request("NOTIFY", domain, user, us, "", ("Event", "keep-alive"), ("Subscription-State", "active"));
        foreach (string method in (string[])["BYE", "ACK", "CANCEL", "PRACK", "UPDATE", "INFO", "INVITE"])
            yield return Request(method, domain, user, $"sip:abcdefgh0123456789@{domain}", method is "UPDATE" or "INVITE" ? Offer : "", (";tag", "1234"), ("Contact", contact), ("Content-Type", "application/sdp"), ("RAck", "1 1 INVITE"));
        yield return "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKr\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: r\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"u8.ToArray();
    }

    private static byte[] Request(string method, string domain, string user, string uri, string body, params (string Name, string Value)[] fields)
    {
        string tag = fields.FirstOrDefault(f => f.Name == ";tag").Value is { } to ? ";tag=" + to : "";
        StringBuilder text = new(string.Create(CultureInfo.InvariantCulture,
            $"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;rport;branch=z9hG4bK\r\nMax-Forwards: 70\r\nFrom: \"A \\\"B\\\"\" <sip:{user}@{domain}>;tag=f\r\nTo: <{(method == "REGISTER" ? $"sip:{user}@{domain}" : uri)}>{tag}\r\nCall-ID: c\r\nCSeq: 1 {method}\r\n"));
        foreach ((string name, string value) in fields)
            if (name[0] != ';')
                text.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        text.Append(CultureInfo.InvariantCulture, $"User-Agent: hostile\r\nContent-Length: {Encoding.ASCII.GetByteCount(body)}\r\n\r\n{body}");
        return Encoding.ASCII.GetBytes(text.ToString());
    }
}
