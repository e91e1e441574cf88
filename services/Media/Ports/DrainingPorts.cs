using CloudPbx.Media.Relay;
using CloudPbx.Net.Sockets;

namespace CloudPbx.Media.Ports;

/// <summary>
/// Freed pairs of one loop. They stay open and swallow what still comes, so that a peer which did not hear of the end is not heard in
/// the port's next call (SECURITY.md S18).
/// </summary>
internal sealed class DrainingPorts(PacketLoop loop, PortPool pool, MediaClock clock, TimeSpan idle, TimeSpan limit)
{
    private readonly List<Draining> _pairs = [];

    public int Count => _pairs.Count;

    /// <summary>Takes over a pair that its stream no longer watches.</summary>
    public void Add(PortPair pair)
    {
        long now = clock.Microseconds;
        var draining = new Draining(pair, clock) { Since = now, LastSeen = now };
        draining.RtpKey = loop.Add(pair.Rtp, draining, 0);
        draining.RtcpKey = loop.Add(pair.Rtcp, draining, 1);
        _pairs.Add(draining);
    }

    /// <summary>Frees what has been quiet for long enough.</summary>
    public void Sweep()
    {
        long now = clock.Microseconds;
        for (int i = _pairs.Count - 1; i >= 0; i--)
        {
            Draining pair = _pairs[i];
            if (now - pair.LastSeen < (long)idle.TotalMicroseconds && now - pair.Since < (long)limit.TotalMicroseconds)
                continue;
            _pairs.RemoveAt(i);
            End(pair);
        }
    }

    /// <summary>Frees everything: the node stops.</summary>
    public void Clear()
    {
        foreach (Draining pair in _pairs)
            End(pair);
        _pairs.Clear();
    }

    private void End(Draining pair)
    {
        loop.Remove(pair.Pair.Rtp, pair.RtpKey);
        loop.Remove(pair.Pair.Rtcp, pair.RtcpKey);
        pool.Free(pair.Pair);
    }

    private sealed class Draining(PortPair pair, MediaClock clock) : IPacketHandler
    {
        public PortPair Pair => pair;

        public int RtpKey { get; set; }

        public int RtcpKey { get; set; }

        public long Since { get; init; }

        public long LastSeen { get; set; }

        public void Received(int tag, Span<byte> buffer, int length, in UdpAddress from) => LastSeen = clock.Microseconds;
    }
}
