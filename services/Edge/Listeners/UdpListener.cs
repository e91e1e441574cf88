using System.Net;
using CloudPbx.Edge.Dispatch;
using CloudPbx.Edge.Guard;
using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Edge.Listeners;

/// <summary>One UDP socket of the edge: keep-alives are answered here, SIP goes to the dispatcher, on the socket's own thread.</summary>
internal sealed class UdpListener : IDisposable
{
    private readonly UdpTransport _transport;
    private readonly AdvertisedAddresses _addresses;
    private readonly SourceLimiter _limiter;
    private readonly AnswerCredit _credit;
    private readonly EdgeMetrics _metrics;
    private readonly IPAddress? _localAddress;
    private MessageDispatcher? _dispatcher;

    /// <summary>Binds the socket.</summary>
    /// <exception cref="EdgePortException">The address cannot be bound.</exception>
    public UdpListener(IPEndPoint local, byte index, bool shared, AdvertisedAddresses addresses, SourceLimiter limiter, AnswerCredit credit, EdgeMetrics metrics)
    {
        Index = index;
        _addresses = addresses;
        _limiter = limiter;
        _credit = credit;
        _metrics = metrics;
        try
        {
            _transport = new UdpTransport(local, Receive, shared);
        }
        catch (System.Net.Sockets.SocketException e)
        {
            throw EdgePortException.For(SipTransport.Udp, local, e);
        }
        bool any = local.Address.Equals(IPAddress.Any) || local.Address.Equals(IPAddress.IPv6Any);
        _localAddress = any ? null : local.Address;
    }

    /// <summary>Its number in flow tokens.</summary>
    public byte Index { get; }

    public IPEndPoint Local => _transport.Local;

    /// <summary>Begins to read.</summary>
    public void Start(MessageDispatcher dispatcher)
    {
        _dispatcher = dispatcher;
        _transport.Refused = dispatcher.Refused;
        _transport.Start();
    }

    public bool TrySend(ReadOnlySpan<byte> datagram, in InternetEndPoint remote) => _transport.TrySendSoon(datagram, remote);

    /// <summary>The host that a peer reaches this socket at.</summary>
    public string AdvertisedHost(in InternetEndPoint remote) => _addresses.For(remote, _localAddress);

    public void Dispose() => _transport.Dispose();

    private void Receive(UdpTransport transport, ReadOnlySpan<byte> datagram, in InternetEndPoint remote)
    {
        if (!_limiter.TryTake(remote))
        {
            _metrics.Dropped("rate");
            return;
        }
        _credit.Earn(remote, datagram.Length);
        if (StunResponder.IsStun(datagram))
        {
            Span<byte> answer = stackalloc byte[StunResponder.MaxLength];
            int length = StunResponder.Answer(datagram, remote, answer);
            if (length > 0 && _dispatcher!.MayAnswer(new Peer(this, remote), length))
                _transport.TrySendSoon(answer[..length], remote);
            return;
        }
        if (datagram.TrimStart("\r\n\0 \t"u8).IsEmpty)
            return;     // RFC 5626 §3.5.1 keep-alives, and what old phones send instead
        _dispatcher!.FromPeer(new Peer(this, remote), datagram);
    }
}
