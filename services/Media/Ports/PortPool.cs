using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using CloudPbx.Net.Sockets;

namespace CloudPbx.Media.Ports;

/// <summary>Hands out port pairs of the node's range. A pair that drains counts as taken until it is freed.</summary>
/// <remarks>Thread-safe by a lock: controllers take, loops free; never per packet.</remarks>
internal sealed class PortPool
{
    private const int ReceiveBufferBytes = 256 * 1024; // more than a second of RTP, should the loop be stopped

    private readonly Lock _gate = new();
    private readonly IPAddress _bind;
    private readonly int _first;
    private readonly int _trafficClass;
    private readonly bool[] _taken;
    private int _next;

    public PortPool(IPAddress bind, int firstPort, int lastPort, int trafficClass, int start)
    {
        _bind = bind;
        _first = firstPort;
        _trafficClass = trafficClass;
        _taken = new bool[(lastPort - firstPort + 1) / 2];
        _next = (int)((uint)start % (uint)_taken.Length);
    }

    /// <summary>Pairs in the range.</summary>
    public int Count => _taken.Length;

    /// <summary>Pairs taken now, those that drain included.</summary>
    public int TakenCount
    {
        get
        {
            lock (_gate)
                return _taken.AsSpan().Count(true);
        }
    }

    /// <summary>Whether a port is one of the range.</summary>
    public bool InRange(int port) => port >= _first && port < _first + (2 * _taken.Length);

    /// <summary>Whether a port of the range is in use by us now.</summary>
    public bool IsTaken(int port)
    {
        if (!InRange(port))
            return false;
        lock (_gate)
            return _taken[(port - _first) / 2];
    }

    /// <summary>Opens the next free pair, going round so that a port rests as long as possible.</summary>
    /// <returns>False when every pair is taken by us or by others, or descriptors have run out.</returns>
    public bool TryTake([NotNullWhen(true)] out PortPair? pair)
    {
        pair = null;
        for (int tries = 0; tries < _taken.Length; tries++)
        {
            int index;
            lock (_gate)
            {
                index = _next;
                _next = (_next + 1) % _taken.Length;
                if (_taken[index])
                    continue;
                _taken[index] = true;
            }
            SocketError error = Open(_first + (2 * index), out pair);
            if (pair is not null)
                return true;
            lock (_gate)
                _taken[index] = false;
            if (error is SocketError.TooManyOpenSockets or SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported)
                return false; // the next port would fare no better
        }
        return false;
    }

    /// <summary>Closes a pair and makes its ports free at once.</summary>
    public void Free(PortPair pair)
    {
        int index = (pair.RtpPort - _first) / 2;
        pair.Dispose();
        lock (_gate)
            _taken[index] = false;
    }

    private SocketError Open(int port, out PortPair? pair)
    {
        pair = null;
        SocketError error = UdpSocket.TryOpen(_bind, port, out UdpSocket? rtp);
        if (rtp is null)
            return error;
        error = UdpSocket.TryOpen(_bind, port + 1, out UdpSocket? rtcp);
        if (rtcp is null)
        {
            rtp.Dispose();
            return error;
        }
        rtp.Tune(_trafficClass, ReceiveBufferBytes);
        rtcp.Tune(_trafficClass, ReceiveBufferBytes / 4);
        pair = new PortPair(rtp, rtcp);
        return SocketError.Success;
    }
}
