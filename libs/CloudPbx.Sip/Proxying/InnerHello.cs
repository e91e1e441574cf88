using System.Globalization;
using System.Text;
using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.Proxying;

/// <summary>What edge and worker say to each other about their link: the edge's hello, which is also its heartbeat, and the worker's answer.</summary>
/// <remarks>The hello is <c>OPTIONS sip:worker</c> from <c>&lt;sip:EDGE@edge.invalid&gt;</c>; a worker answers 200. Nothing else has that From.</remarks>
public static class InnerHello
{
    /// <summary>How often an edge says hello.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>How long a link may stay without any message before its other end is taken for dead.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(7);

    /// <summary>Makes a hello.</summary>
    /// <param name="edgeId">The edge that says it.</param>
    /// <param name="sequence">Counts up with each hello of a link.</param>
    public static byte[] Create(uint edgeId, uint sequence) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
        $"""
        OPTIONS sip:{InnerNames.WorkerHost} SIP/2.0
        Via: SIP/2.0/TCP {InnerNames.EdgeVia(edgeId)};branch=z9hG4bKhello{sequence}
        Max-Forwards: 1
        From: <sip:{edgeId:x8}@{InnerNames.HelloHost}>;tag=hello
        To: <sip:{InnerNames.WorkerHost}>
        Call-ID: hello-{edgeId:x8}
        CSeq: {sequence & int.MaxValue} OPTIONS
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
}
