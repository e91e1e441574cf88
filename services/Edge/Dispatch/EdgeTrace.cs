using System.Diagnostics;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Edge.Dispatch;

/// <summary>The edge's part of a call's trace: a span for each message of a traced call that it sends to a peer.</summary>
/// <remarks>Only a worker says that a call is traced; where nobody listens its messages are not even looked at for that.</remarks>
internal static class EdgeTrace
{
    public const string SourceName = "CloudPbx.Edge";

    private static readonly ActivitySource s_source = new(SourceName);

    /// <summary>Begins the span of a worker's message.</summary>
    /// <returns>Null where the message belongs to no traced call, or nobody listens.</returns>
    public static Activity? Forward(in SipMessageView message, SipTransport transport, uint edge)
    {
        if (!s_source.HasListeners() || InnerTrace.Read(message) is not { } text || !ActivityContext.TryParse(text, null, isRemote: true, out ActivityContext parent))
            return null;
        string name = message.IsRequest ? $"forward {SipMethod.From(message.MethodText)}" : "forward response";
        if (s_source.StartActivity(name, ActivityKind.Client, parent) is not { } span)
            return null;
        span.SetTag("network.transport", transport.ToString().ToLowerInvariant());
        span.SetTag("cloudpbx.edge.id", edge.ToString("x8", System.Globalization.CultureInfo.InvariantCulture));
        if (!message.IsRequest)
            span.SetTag("sip.response.status_code", message.StatusCode);
        return span;
    }

    /// <summary>Notes that the peer could not be reached.</summary>
    public static void Failed(Activity? span) => span?.SetStatus(ActivityStatusCode.Error, "flow gone");
}
