using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.Proxying;

/// <summary>
/// A worker asks an edge for the way to a carrier: <c>OPEN sip:ADDRESS:PORT;transport=… SIP/2.0</c>. The edge opens the connection, or takes the one that it has,
/// and answers 200 with the flow's token; 503 with a reason where the server cannot be reached, 408 where it gave no sign. What is sent to the carrier then names that flow, as for phones.
/// </summary>
/// <remarks>A transaction like any other (RFC 3261 §17.1.2), over the inner link only: from a peer the method means nothing.</remarks>
public static class FlowRequest
{
    /// <summary>The method.</summary>
    public static SipMethod Method { get; } = SipMethod.From("OPEN");

    /// <summary>The field of the answer that carries the token.</summary>
    public const string TokenField = "X-CloudPbx-Flow";

    /// <summary>Makes a request; the transaction layer adds the worker's Via.</summary>
    /// <param name="target">Where to.</param>
    /// <param name="tokens">Makes the identifiers.</param>
    public static SipRequest Create(FlowTarget target, SipTokens tokens)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(tokens);
        SipRequest request = new(Method, target.ToUri());
        request.Headers.Add(SipHeaderName.MaxForwards, "1");
        request.Headers.Add(SipHeaderName.From, $"<sip:{InnerNames.WorkerHost}>;tag={tokens.NewTag()}");
        request.Headers.Add(SipHeaderName.To, $"<sip:{InnerNames.HelloHost}>");
        request.Headers.Add(SipHeaderName.CallId, tokens.NewCallId());
        request.Headers.Add(SipHeaderName.CSeq, new CSeq(1, Method).ToString());
        return request;
    }

    /// <summary>Whether a worker's message is one.</summary>
    public static bool Is(in SipMessageView message) => message.IsRequest && message.MethodText.SequenceEqual("OPEN"u8);

    /// <summary>The edge's answer: the flow.</summary>
    /// <param name="request">The request.</param>
    /// <param name="flowToken">The signed token's text.</param>
    public static SipResponse Opened(SipRequest request, string flowToken)
    {
        SipResponse response = SipResponse.For(request, 200);
        response.Headers.Add(TokenField, flowToken);
        return response;
    }

    /// <summary>The edge's answer where the server cannot be reached.</summary>
    /// <param name="request">The request.</param>
    /// <param name="reason">Why, for people; of our own making.</param>
    /// <param name="isSilent">Whether nothing came back at all: such a server may be there a minute later, one that refuses has no such port.</param>
    public static SipResponse Failed(SipRequest request, string reason, bool isSilent = false) => SipResponse.For(request, isSilent ? 408 : 503, reason);
}
