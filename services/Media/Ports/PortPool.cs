using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using CloudPbx.Net.Sockets;

namespace CloudPbx.Media.Ports;

/// <summary>
/// Hands out port pairs of the node's range. A pair is open in one family of addresses, and taken in both: so ports, descriptors and what the node announces are one figure each. A pair that drains counts as taken until it is freed; a few that have drained stay open with their loop, which has
/// them for its next streams: opening, watching and closing sockets is a fifth of what a call costs a node.
/// </summary>
/// <remarks>Thread-safe by a lock: controllers take, loops free; never per packet.</remarks>
internal sealed class PortPool
{
    private const int MostKept = 512, KeptShare = 16;   // of the range: one loop's are not another's
    private const int ScarceShare = 8;
    private const int HelpShare = 16;
    private const int ReceiveBufferBytes = 256 * 1024; // more than a second of RTP, should the loop be stopped

    private readonly Lock _gate = new();
    private readonly IReadOnlyList<IPAddress> _binds;
    private readonly int _first;
    private readonly int _trafficClass;
    private readonly bool[] _taken;     // or kept
    private readonly int _mostKept;
    private readonly int _forHelp;
    private int _next, _takenCount, _keptCount;

    /// <param name="binds">The sockets' local addresses, one of each family that is served.</param>
    /// <param name="firstPort">The first pair's RTP port.</param>
    /// <param name="lastPort">The last pair's RTCP port.</param>
    /// <param name="trafficClass">The DS field of what is sent.</param>
    /// <param name="start">Which pair is the first to be taken.</param>
    /// <param name="forHelp">Pairs that only calls for help get; a sixteenth of the range at most.</param>
    public PortPool(IReadOnlyList<IPAddress> binds, int firstPort, int lastPort, int trafficClass, int start, int forHelp = 0)
    {
        _binds = binds;
        _first = firstPort;
        _trafficClass = trafficClass;
        _taken = new bool[(lastPort - firstPort + 1) / 2];
        _mostKept = Math.Min(MostKept, _taken.Length / KeptShare);
        _forHelp = Math.Min(forHelp, _taken.Length / HelpShare);
        _next = (int)((uint)start % (uint)_taken.Length);
    }

    /// <summary>Pairs in the range.</summary>
    public int Count => _taken.Length;

    /// <summary>Pairs that any call gets: the others are for help.</summary>
    public int CountForAll => _taken.Length - _forHelp;

    /// <summary>Pairs taken now, those that drain included.</summary>
    public int TakenCount
    {
        get
        {
            lock (_gate)
                return _takenCount - _keptCount;
        }
    }

    /// <summary>So few pairs are free that loops shall give back what they keep. On the thread that took the last one.</summary>
    public event Action? Scarce;

    private bool IsScarce => CountForAll - _takenCount < _taken.Length / ScarceShare;

    /// <summary>Whether a port is one of the range.</summary>
    public bool InRange(int port) => port >= _first && port < _first + (2 * _taken.Length);

    /// <summary>Whether a port of the range is open by us now.</summary>
    public bool IsTaken(int port)
    {
        if (!InRange(port))
            return false;
        lock (_gate)
            return _taken[(port - _first) / 2];
    }

    /// <summary>Opens the next free pair, going round so that a port rests as long as possible.</summary>
    /// <param name="family">The family of its sockets, one of those that are served.</param>
    /// <param name="forHelp">Whether it may be one of the last, which are kept back for calls for help (SECURITY.md S36).</param>
    /// <param name="pair">The pair.</param>
    /// <returns>False when every pair is taken by us or by others, or descriptors have run out.</returns>
    public bool TryTake(AddressFamily family, bool forHelp, [NotNullWhen(true)] out PortPair? pair)
    {
        IPAddress bind = _binds.First(address => address.AddressFamily == family);
        pair = null;
        for (int tries = 0; tries < _taken.Length; tries++)
        {
            int index;
            bool givesBack;
            lock (_gate)
            {
                if (!forHelp && _takenCount >= CountForAll)
                    return false;
                index = _next;
                _next = (_next + 1) % _taken.Length;
                if (_taken[index])
                    continue;
                _taken[index] = true;
                _takenCount++;
                givesBack = _keptCount > 0 && IsScarce;
            }
            if (givesBack)
                Scarce?.Invoke();
            SocketError error = Open(bind, _first + (2 * index), out pair);
            if (pair is not null)
                return true;
            Release(index);
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
        Release(index);
    }

    /// <summary>Whether a pair that has drained may stay open without an owner.</summary>
    /// <returns>True: it is kept until <see cref="TakeKept"/>. False: free it.</returns>
    public bool TryKeep()
    {
        lock (_gate)
        {
            if (_keptCount >= _mostKept || IsScarce)
                return false;
            _keptCount++;
            return true;
        }
    }

    /// <summary>A kept pair is taken again, or about to be freed.</summary>
    public void TakeKept()
    {
        lock (_gate)
            _keptCount--;
    }

    private void Release(int index)
    {
        lock (_gate)
        {
            _taken[index] = false;
            _takenCount--;
        }
    }

    private SocketError Open(IPAddress bind, int port, out PortPair? pair)
    {
        pair = null;
        SocketError error = UdpSocket.TryOpen(bind, port, out UdpSocket? rtp);
        if (rtp is null)
            return error;
        error = UdpSocket.TryOpen(bind, port + 1, out UdpSocket? rtcp);
        if (rtcp is null)
        {
            rtp.Dispose();
            return error;
        }
        rtp.Tune(_trafficClass, ReceiveBufferBytes);
        rtcp.Tune(_trafficClass, ReceiveBufferBytes / 4);
        pair = new PortPair(bind.AddressFamily, rtp, rtcp);
        return SocketError.Success;
    }
}
