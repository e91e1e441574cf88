using CloudPbx.Edge.Dispatch;
using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Proxying;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Edge.Listeners;

/// <summary>Where a message came from, and the way back: a UDP socket with an address, or a connection.</summary>
internal readonly struct Peer
{
    private readonly UdpListener? _socket;

    public Peer(UdpListener socket, in InternetEndPoint remote)
    {
        _socket = socket;
        Remote = remote;
    }

    public Peer(EdgeConnection connection)
    {
        Connection = connection;
        Remote = connection.Remote;
    }

    /// <summary>The connection; null for UDP.</summary>
    public EdgeConnection? Connection { get; }

    public InternetEndPoint Remote { get; }

    public SipTransport Transport => Connection?.Transport ?? SipTransport.Udp;

    public bool TrySend(ReadOnlySpan<byte> message) => Connection is { } connection ? connection.TrySend(message) : _socket!.TrySend(message, Remote);

    /// <summary>The UDP socket's number in flow tokens; 0 for a connection.</summary>
    public byte Listener => _socket?.Index ?? 0;

    /// <summary>Signs the flow token of a UDP peer.</summary>
    /// <param name="identity">This edge.</param>
    /// <param name="scratch">At least <see cref="FlowToken.MaxLength"/> octets.</param>
    /// <param name="advertised">The host that stands for us; <see langword="null"/>: as this peer reaches us.</param>
    public ReadOnlySpan<byte> SignToken(EdgeIdentity identity, Span<byte> scratch, string? advertised = null)
    {
        var token = new FlowToken
        {
            EdgeId = identity.Id,
            Transport = SipTransport.Udp,
            Listener = _socket!.Index,
            Remote = Remote,
            AdvertisedHost = advertised ?? _socket.AdvertisedHost(Remote),
            AdvertisedPort = _socket.Local.Port,
        };
        return scratch[..token.Write(identity.Key, scratch)];
    }
}
