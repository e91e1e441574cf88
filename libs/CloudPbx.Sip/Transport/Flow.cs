using System.Net;
using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.Transport;

/// <summary>The path to one peer: a connection, or a pair of addresses on UDP (RFC 5626 §3.1). What comes back to a phone goes the way it came in on.</summary>
/// <remarks>
/// Behind an edge a flow is that whole way, not its first hop: <see cref="Transport"/> and <see cref="IsReliable"/> are those between the edge and the phone,
/// because retransmission timers have to cover that hop. Used by one owner's thread; an implementation that is called from several says so.
/// </remarks>
public abstract class Flow
{
    /// <summary>Gets the transport that the peer uses.</summary>
    public abstract SipTransport Transport { get; }

    /// <summary>Gets the peer's address, as its messages arrive from.</summary>
    public abstract IPEndPoint Remote { get; }

    /// <summary>Gets our address as the peer reaches it.</summary>
    public abstract IPEndPoint Local { get; }

    /// <summary>Gets whether what is sent arrives, in order, or the flow breaks: everything but UDP (RFC 3261 §17).</summary>
    public virtual bool IsReliable => Transport != SipTransport.Udp;

    /// <summary>Gets whether the flow is encrypted.</summary>
    public bool IsSecure => Transport is SipTransport.Tls or SipTransport.Wss;

    /// <summary>Makes the Via of a request that leaves by this flow (RFC 3261 §18.1.1, with rport of RFC 3581 §3).</summary>
    /// <param name="branch">The transaction's branch.</param>
    /// <returns>By default transport and address of this flow; behind an edge the name that leads its answer back here.</returns>
    public virtual Via CreateVia(string branch)
    {
        string host = Local.Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{Local.Address}]" : Local.Address.ToString();
        return new Via(TransportName(Transport), host, Local.Port, branch, SipParameters.Empty.With("rport"));
    }

    /// <summary>Sends a message, or queues it to be sent; never waits. The message may be changed by its owner after the call.</summary>
    /// <param name="message">A complete message, its Via included.</param>
    /// <returns><see langword="false"/> if the flow is known to be broken or its queue is full; <see langword="true"/> promises nothing.</returns>
    public abstract bool TrySend(SipMessage message);

    /// <summary>The transport's token in Via (RFC 3261 §25.1, RFC 7118 §5.1).</summary>
    /// <param name="transport">The transport.</param>
    /// <returns><c>UDP</c>, <c>TCP</c>, <c>TLS</c>, <c>WS</c> or <c>WSS</c>.</returns>
    public static string TransportName(SipTransport transport) => transport switch
    {
        SipTransport.Udp => "UDP",
        SipTransport.Tcp => "TCP",
        SipTransport.Tls => "TLS",
        SipTransport.Ws => "WS",
        SipTransport.Wss => "WSS",
        _ => throw new ArgumentOutOfRangeException(nameof(transport), transport, "Not a transport."),
    };
}
