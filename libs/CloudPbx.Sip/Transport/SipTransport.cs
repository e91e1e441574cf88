namespace CloudPbx.Sip.Transport;

/// <summary>The transports that SIP runs on here (RFC 3261 §18, RFC 7118).</summary>
public enum SipTransport
{
    /// <summary>UDP: one message a datagram; messages get lost, repeated and overtaken.</summary>
    Udp,

    /// <summary>TCP, framed by Content-Length.</summary>
    Tcp,

    /// <summary>TLS over TCP.</summary>
    Tls,

    /// <summary>WebSocket in clear (RFC 7118).</summary>
    Ws,

    /// <summary>WebSocket over TLS (RFC 7118).</summary>
    Wss,
}
