using System.Net;
using CloudPbx.Contracts.Ids;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;
using CloudPbx.Sip.Transport;

namespace CloudPbx.CallControl.Links;

/// <summary>A phone's flow as the worker sees it: the way through the phone's edge. Immutable but for its trace and its witness once its tenant has it; thread-safe.</summary>
internal sealed class EdgeFlow : Flow
{
    private IEdgeSender _edges;
    private readonly TenantId _tenant;

    public EdgeFlow(IEdgeSender edges, TenantId tenant, FlowToken token, string text)
    {
        _edges = edges;
        _tenant = tenant;
        Token = token;
        Text = text;
        Remote = token.Remote.ToIPEndPoint();
    }

    /// <summary>What the edge told of the flow.</summary>
    public FlowToken Token { get; }

    /// <summary>The token as the edge signed it: the flow's identity.</summary>
    public string Text { get; }

    /// <summary>What is sent on it leaves through the tenant's own door from now on. Called once, by the tenant that takes the message which came on it.</summary>
    public void LeaveBy(TenantEdges door) => _edges = door;

    /// <summary>The trace of the call that sends by this object (W3C <c>traceparent</c>), for the edge; null where there is none. It is not part of the flow's identity.</summary>
    public string? Trace { get; set; }

    /// <summary>Who keeps what the call says on it; null where it belongs to no call. Like <see cref="Trace"/> it is not part of the flow's identity.</summary>
    public IMessageWitness? Witness { get; set; }

    /// <inheritdoc/>
    public override SipTransport Transport => Token.Transport;

    /// <inheritdoc/>
    public override IPEndPoint Remote { get; }

    /// <summary>Our address as the peer reaches it; the address is unspecified where the edge has a name, see <see cref="ContactFor"/>.</summary>
    public override IPEndPoint Local => new(IPAddress.TryParse(Token.AdvertisedHost, out IPAddress? host) ? host : IPAddress.Any, Token.AdvertisedPort);

    /// <summary>Restores a flow from the text that was kept with a binding.</summary>
    /// <returns>Null when the text is no flow token.</returns>
    public static EdgeFlow? Restore(IEdgeSender edges, TenantId tenant, string text) =>
        FlowToken.TryRead(text, out FlowToken token) ? new EdgeFlow(edges, tenant, token, text) : null;

    /// <summary>The worker's Via names the tenant, so that the response goes to whoever owns it then.</summary>
    public override Via CreateVia(string branch) => new("TCP", InnerNames.WorkerVia(_tenant.Value), null, branch);

    /// <summary>Whether another flow is the same way to the same peer.</summary>
    public bool IsSame(Flow? other) => other is EdgeFlow flow && string.Equals(flow.Text, Text, StringComparison.Ordinal);

    /// <summary>Our Contact towards this peer: the host and port at which it reached us (RFC 3261 §8.1.1.8).</summary>
    /// <param name="token">Names tenant, call and leg.</param>
    /// <param name="secure">Whether the peer speaks <c>sips</c>: then our Contact must, too.</param>
    public NameAddress ContactFor(ContactToken token, bool secure)
    {
        string host = Token.AdvertisedHost.Contains(':', StringComparison.Ordinal) ? $"[{Token.AdvertisedHost}]" : Token.AdvertisedHost;
        SipUri uri = new(secure ? SipScheme.Sips : SipScheme.Sip, token.ToString(), host, Token.AdvertisedPort);
        string? transport = Transport switch
        {
            SipTransport.Tcp => "tcp",
            SipTransport.Tls when !secure => "tls",       // with sips the transport is implied (§26.2.2)
            SipTransport.Ws or SipTransport.Wss => "ws",  // RFC 7118 §5.1
            _ => null,
        };
        return new NameAddress(transport is null ? uri : uri.WithParameter("transport", transport));
    }

    /// <inheritdoc/>
    public override bool TrySend(SipMessage message)
    {
        bool sent = SendToEdge(message);
        Witness?.Sent(message, sent);
        return sent;
    }

    private bool SendToEdge(SipMessage message)
    {
        if (message is not SipRequest)
            return Trace is { } context ? SendWithTrace(message, context) : Send(message);
        // Only on the way to the edge: a retransmission of the same request must not get a second one.
        string route = InnerNames.EgressRoute(Token.EdgeId, Text);
        message.Headers.AddFirst(SipHeaderName.Route, Trace is { } trace ? InnerTrace.AddToRoute(route, trace) : route);
        bool sent = Send(message);
        message.Headers.RemoveFirst(SipHeaderName.Route);
        return sent;
    }

    // Likewise: a response that is sent again must not get a second one.
    private bool SendWithTrace(SipMessage response, string trace)
    {
        string via = response.Headers.GetValues(SipHeaderName.Via)[0];
        response.Headers.ReplaceFirst(SipHeaderName.Via, InnerTrace.AddToVia(via, trace));
        bool sent = Send(response);
        response.Headers.ReplaceFirst(SipHeaderName.Via, via);
        return sent;
    }

    private bool Send(SipMessage message) => _edges.TrySend(Token.EdgeId, !IsReliable, message.ToThreadBytes());
}
