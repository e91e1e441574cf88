using System.Collections.Concurrent;
using System.Net.Sockets;
using CloudPbx.Edge.Dispatch;
using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Proxying;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Edge.Listeners;

/// <summary>The flows that this edge can send on: its UDP sockets and its peers' connections, found by flow token.</summary>
/// <remarks>Thread-safe; finding allocates nothing.</remarks>
internal sealed class OpenFlows(EdgeIdentity identity)
{
    private readonly ConcurrentDictionary<ulong, EdgeConnection> _connections = new();
    private volatile UdpListener[] _sockets = [];
    private long _lastId;

    public ICollection<EdgeConnection> Connections => _connections.Values;

    /// <summary>The UDP sockets; a flow token's listener is an index into them.</summary>
    public IReadOnlyList<UdpListener> Sockets => _sockets;

    public void SetSockets(IEnumerable<UdpListener> sockets) => _sockets = [.. sockets];

    public ulong NextId() => (ulong)Interlocked.Increment(ref _lastId);

    public void Add(EdgeConnection connection) => _connections[connection.Id] = connection;

    public void Remove(EdgeConnection connection) => _connections.TryRemove(connection.Id, out _);

    /// <summary>Whether a text is the token that an open connection was given.</summary>
    public bool IsTokenOf(ulong connectionId, ReadOnlySpan<byte> text) =>
        _connections.TryGetValue(connectionId, out EdgeConnection? connection) && text.SequenceEqual(connection.Token);

    /// <summary>Finds the flow that a verified token names.</summary>
    /// <returns>False when its connection is gone, or never was this edge's. A UDP flow of another edge is served: its socket is gone, its peer is not.</returns>
    public bool TryFind(in FlowTokenView token, out Peer peer)
    {
        peer = default;
        if (token.Transport == SipTransport.Udp)
        {
            if (FindSocket(token) is not { } socket)
                return false;
            peer = new Peer(socket, token.Remote);
            return true;
        }
        if (token.EdgeId != identity.Id || !_connections.TryGetValue(token.ConnectionId, out EdgeConnection? connection))
            return false;
        peer = new Peer(connection);
        return true;
    }

    /// <summary>A socket by which a peer can be reached that has not spoken yet; null where there is none of its kind.</summary>
    public UdpListener? FindSocket(in InternetEndPoint remote) => FindSocket(remote, byte.MaxValue);

    private UdpListener? FindSocket(in FlowTokenView token) => FindSocket(token.Remote, token.Listener);

    private UdpListener? FindSocket(in InternetEndPoint remote, byte listener)
    {
        UdpListener[] sockets = _sockets;
        AddressFamily family = remote.IsIPv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
        if (listener < sockets.Length && sockets[listener].Local.AddressFamily == family)
            return sockets[listener];
        foreach (UdpListener socket in sockets)
        {
            if (socket.Local.AddressFamily == family)
                return socket;
        }
        return null;
    }
}
