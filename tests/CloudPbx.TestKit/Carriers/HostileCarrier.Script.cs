using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace CloudPbx.TestKit.Carriers;

// What is sent: literal text with a few words in brackets, as sipp has them.
public sealed partial class HostileCarrier
{
    /// <summary>An ordinary session description: PCMU at the carrier's address.</summary>
    public const string Pcmu = """
        v=0
        o=carrier 1 1 IN IP4 [ip]
        s=-
        c=IN IP4 [ip]
        t=0 0
        m=audio [media] RTP/AVP 0
        a=rtpmap:0 PCMU/8000

        """;

    private readonly Dictionary<string, string> _targets = [];    // by branch, for the ACK of a refusal
    private int _branches;

    /// <summary>
    /// Sends a script's message. <c>[Via:]</c> on a line of its own is replaced by those lines of the message that it is about, <c>[local]</c> by the carrier's address
    /// and port, <c>[ip]</c> and <c>[media]</c> by its address (of IPv6 as the place wants it written) and audio port, <c>[pbx]</c> by the product's, <c>[branch]</c> by a new one, <c>[len]</c> by the body's length.
    /// </summary>
    /// <param name="script">The message; lines end as they stand here, and go out with CRLF.</param>
    /// <param name="about">The message that it answers or belongs to; a response goes back where that came from.</param>
    public void Send(string script, RawMessage? about = null)
    {
        byte[] octets = Write(script, about);
        if (about is not { IsRequest: true } || !octets.AsSpan().StartsWith("SIP/2.0"u8))
        {
            SendOctets(octets);
            return;
        }
        Note("carrier", octets);
        about.Reply(octets);
    }

    /// <summary>The octets of a script's message.</summary>
    /// <param name="script">As <see cref="Send"/> takes it.</param>
    /// <param name="about">The message that it answers or belongs to.</param>
    public byte[] Write(string script, RawMessage? about = null)
    {
        string[] parts = script.ReplaceLineEndings("\n").Split("\n\n", 2);
        string body = Fill(parts.Length > 1 ? parts[1] : "").Replace("\n", "\r\n", StringComparison.Ordinal);
        string head = string.Join("\r\n", Fill(parts[0].TrimEnd('\n')).Split('\n').SelectMany(line => Copied(line, about)));
        head = head.Replace("[len]", Encoding.Latin1.GetByteCount(body).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        return Encoding.Latin1.GetBytes($"{head}\r\n\r\n{body}");
    }

    /// <summary>Answers a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="status">For example <c>180 Ringing</c>.</param>
    /// <param name="fields">Further lines; a Contact or Content-Type among them stands in place of the usual one.</param>
    /// <param name="body">A body; a session description unless <paramref name="fields"/> say otherwise.</param>
    /// <param name="tag">The tag of To; empty: none.</param>
    public void Answer(RawMessage request, string status, string fields = "", string body = "", string tag = "carrier") => Send(
        $"""
        SIP/2.0 {status}
        [Via:]
        [Record-Route:]
        [From:]
        [To:]{(tag.Length == 0 || request.Tag("To").Length > 0 ? "" : ";tag=" + tag)}
        [Call-ID:]
        [CSeq:]
        {Rest(fields, body)}
        """,
        request);

    /// <summary>Calls a number of the product's.</summary>
    /// <param name="number">The number.</param>
    /// <param name="fields">Further lines; a Contact or Content-Type among them stands in place of the usual one.</param>
    /// <param name="body">The offer.</param>
    /// <param name="call">The Call-ID, of which the tag is made, too.</param>
    public void Invite(string number, string fields = "", string body = Pcmu, string call = "call") => Send(
        $"""
        INVITE sip:{number}@[pbx] SIP/2.0
        Via: SIP/2.0/[transport] [local];branch=[branch];rport
        Max-Forwards: 70
        From: <sip:+4989444@[ip]>;tag={call}
        To: <sip:{number}@[pbx]>
        Call-ID: {call}@[local]
        CSeq: 1 INVITE
        {Rest(fields, body)}
        """);

    /// <summary>Acknowledges a refusal, which is hop by hop (RFC 3261 §17.1.1.3).</summary>
    public void AckRefusal(RawMessage refusal) => Send(
        $"""
        ACK {_targets.GetValueOrDefault(refusal.Branch, "sip:[pbx]")} SIP/2.0
        Via: SIP/2.0/[transport] [local];branch={refusal.Branch};rport
        Max-Forwards: 70
        [From:]
        [To:]
        [Call-ID:]
        CSeq: {refusal.Sequence} ACK
        Content-Length: 0

        """,
        refusal);

    /// <summary>Cancels an INVITE of the carrier's (RFC 3261 §9.1).</summary>
    /// <param name="response">A response to it.</param>
    public void Cancel(RawMessage response) => Send(
        $"""
        CANCEL {_targets[response.Branch]} SIP/2.0
        Via: SIP/2.0/[transport] [local];branch={response.Branch};rport
        Max-Forwards: 70
        [From:]
        To: {response["To"].Split(";tag=")[0]}
        [Call-ID:]
        CSeq: {response.Sequence} CANCEL
        Content-Length: 0

        """,
        response);

    /// <summary>The dialog of an INVITE: of one that the carrier got, where it answers with a tag, or of one of its own, by the answer.</summary>
    /// <param name="message">The INVITE that came, or the response that came.</param>
    /// <param name="tag">The carrier's tag, where it is the callee.</param>
    public RawDialog Dialog(RawMessage message, string tag = "carrier") => new(this, message, tag);

    internal static string Rest(string fields, string body)
    {
        StringBuilder rest = new();
        if (!Names(fields, "Contact", "m")) rest.AppendLine("Contact: <sip:carrier@[local]>");
        if (fields.Length > 0) rest.AppendLine(fields);
        if (body.Length > 0 && !Names(fields, "Content-Type", "c")) rest.AppendLine("Content-Type: application/sdp");
        if (!Names(fields, "Content-Length", "l")) rest.AppendLine("Content-Length: [len]");
        return rest.AppendLine().Append(body).ToString();
    }

    private static bool Names(string fields, params string[] names) =>
        fields.Split('\n').Any(line => names.Any(name => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase)));

    private static IEnumerable<string> Copied(string line, RawMessage? about)
    {
        Match copy = CopyPattern().Match(line);
        return copy.Success ? about!.All(copy.Groups[1].Value).Select(value => $"{copy.Groups[1].Value}: {value}{copy.Groups[2].Value}") : [line];
    }

    private string Fill(string text)
    {
        if (text.Contains("[branch]", StringComparison.Ordinal))
        {
            string branch = $"z9hG4bK-{At.Address}-{At.Port}-{Interlocked.Increment(ref _branches)}".Replace(':', '.');      // a token, also where the address is none
            _targets[branch] = text.Split(' ')[1];
            text = text.Replace("[branch]", branch, StringComparison.Ordinal);
        }
        if (At.AddressFamily == AddressFamily.InterNetworkV6)
            text = text.Replace("IN IP4 [ip]", $"IN IP6 {At.Address}", StringComparison.Ordinal).Replace("[ip]", $"[{At.Address}]", StringComparison.Ordinal);
        return text.Replace("[local]", At.ToString(), StringComparison.Ordinal)
            .Replace("[ip]", At.Address.ToString(), StringComparison.Ordinal)
            .Replace("[media]", Media.At.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("[transport]", _transport, StringComparison.Ordinal)
            .Replace("[pbx]", _pbx.ToString(), StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^\[([\w-]+):\](.*)$")]
    private static partial Regex CopyPattern();
}
