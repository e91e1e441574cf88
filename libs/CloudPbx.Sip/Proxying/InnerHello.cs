using System.Buffers.Text;
using System.Globalization;
using System.Text;
using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.Proxying;

/// <summary>What edge and worker say to each other about their link: the edge's hello, which is also its heartbeat, and the worker's answer.</summary>
/// <remarks>
/// The hello is <c>OPTIONS sip:worker</c> from <c>&lt;sip:EDGE@edge.invalid&gt;</c>; a worker answers 200. Nothing else has that From. Its Timestamp is the edge's; the
/// answer repeats it and adds how long messages wait in the worker (RFC 3261 §20.38), so that the edge knows when to refuse new work.
/// </remarks>
public static class InnerHello
{
    /// <summary>How often an edge says hello.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>How often an edge says hello while new work comes.</summary>
    public static readonly TimeSpan BusyInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a link may stay without any message before its other end is taken for dead.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(7);

    /// <summary>Makes a hello.</summary>
    /// <param name="edgeId">The edge that says it.</param>
    /// <param name="sequence">Counts up with each hello of a link.</param>
    /// <param name="sentAt">The edge's clock, whatever its origin.</param>
    public static byte[] Create(uint edgeId, uint sequence, TimeSpan sentAt = default) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
        $"""
        OPTIONS sip:{InnerNames.WorkerHost} SIP/2.0
        Via: SIP/2.0/TCP {InnerNames.EdgeVia(edgeId)};branch=z9hG4bKhello{sequence}
        Max-Forwards: 1
        From: <sip:{edgeId:x8}@{InnerNames.HelloHost}>;tag=hello
        To: <sip:{InnerNames.WorkerHost}>
        Call-ID: hello-{edgeId:x8}
        CSeq: {sequence & int.MaxValue} OPTIONS
        Timestamp: {sentAt.TotalSeconds:F6}
        Content-Length: 0


        """).ReplaceLineEndings("\r\n"));

    /// <summary>Whether a request from an edge is its hello.</summary>
    /// <param name="request">The request, as it came over the link.</param>
    /// <param name="edgeId">The edge that said it.</param>
    public static bool TryRead(SipRequest request, out uint edgeId)
    {
        ArgumentNullException.ThrowIfNull(request);
        edgeId = 0;
        return request.Method == SipMethod.Options && request.Headers.Get(SipHeaderName.Route) is null
            && request.From?.Uri is { Host: InnerNames.HelloHost, User: { } user }
            && user.Length == 8 && uint.TryParse(user, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out edgeId);
    }

    /// <summary>Makes a worker's answer.</summary>
    /// <param name="hello">The hello.</param>
    /// <param name="delay">How long messages wait in the worker now.</param>
    public static SipResponse Answer(SipRequest hello, TimeSpan delay)
    {
        ArgumentNullException.ThrowIfNull(hello);
        SipResponse response = SipResponse.For(hello, 200, toTag: SipTokens.Secure.NewTag());
        if (hello.Headers.Get(SipHeaderName.Timestamp) is { } sentAt)
            response.Headers.Set(SipHeaderName.Timestamp, string.Create(CultureInfo.InvariantCulture, $"{sentAt} {delay.TotalSeconds:F6}"));
        return response;
    }

    /// <summary>Reads what a worker's answer says of delays.</summary>
    /// <param name="answer">A 200 to a hello.</param>
    /// <param name="sentAt">The hello's time, by the edge's clock.</param>
    /// <param name="delay">How long messages wait in the worker.</param>
    /// <returns>False when it says nothing.</returns>
    public static bool TryReadDelay(in SipMessageView answer, out TimeSpan sentAt, out TimeSpan delay)
    {
        (sentAt, delay) = (default, default);
        if (!answer.TryFind(SipHeaderName.Timestamp, out SipHeaderView header))
            return false;
        int space = header.Value.IndexOf((byte)' ');
        if (space < 0 || !TryReadSeconds(header.Value[..space], out double sent) || !TryReadSeconds(header.Value[(space + 1)..], out double waits))
            return false;
        (sentAt, delay) = (TimeSpan.FromSeconds(sent), TimeSpan.FromSeconds(waits));
        return true;
    }

    private static bool TryReadSeconds(ReadOnlySpan<byte> text, out double seconds) =>
        Utf8Parser.TryParse(text, out seconds, out int read) && read == text.Length && seconds is >= 0 and < 1e9;
}
