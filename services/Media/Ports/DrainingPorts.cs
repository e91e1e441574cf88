using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using CloudPbx.Media.Relay;
using CloudPbx.Net.Sockets;

namespace CloudPbx.Media.Ports;

/// <summary>
/// Freed pairs of one loop. They stay open and swallow what still comes, so that a peer which did not hear of the end is not heard in
/// the port's next call (SECURITY.md S18). Some are kept like that when they have drained, for the loop's next streams.
/// </summary>
internal sealed class DrainingPorts
{
    private readonly PacketLoop _loop;
    private readonly PortPool _pool;
    private readonly MediaClock _clock;
    private readonly TimeSpan _idle, _limit;
    private readonly List<Draining> _pairs = [];
    private readonly ConcurrentQueue<Draining> _kept = new(), _kept6 = new();        // a pair has one family
    private readonly Predicate<Draining> _isOver;

    public DrainingPorts(PacketLoop loop, PortPool pool, MediaClock clock, TimeSpan idle, TimeSpan limit)
    {
        (_loop, _pool, _clock, _idle, _limit) = (loop, pool, clock, idle, limit);
        _isOver = IsOver;
        pool.Scarce += () => loop.PostSoon(EndKept);
    }

    public int Count => _pairs.Count;

    /// <summary>Takes over a pair whose stream has ended. On the loop.</summary>
    public void Add(PortPair pair) => Drain(new Draining(pair, _clock));

    /// <summary>Takes the pair that was kept for longest. From any thread; what comes before its stream is added to the loop is swallowed.</summary>
    /// <returns>False when none of the family is kept that is quiet.</returns>
    public bool TryTake(AddressFamily family, [NotNullWhen(true)] out PortPair? pair)
    {
        while (KeptOf(family).TryDequeue(out Draining? kept))
        {
            _pool.TakeKept();
            if (IsQuiet(kept, _clock.Microseconds))
            {
                pair = kept.Pair;
                return true;
            }
            _loop.PostSoon(() => Drain(kept));
        }
        pair = null;
        return false;
    }

    /// <summary>Keeps or frees what has been quiet for long enough. On the loop.</summary>
    public void Sweep() => _pairs.RemoveAll(_isOver);

    /// <summary>Frees everything: the node stops. On the loop.</summary>
    public void Clear()
    {
        foreach (Draining pair in _pairs)
            End(pair);
        _pairs.Clear();
        EndKept();
    }

    private bool IsOver(Draining pair)
    {
        long now = _clock.Microseconds;
        bool isQuiet = IsQuiet(pair, now);
        if (!isQuiet && now - pair.Since < (long)_limit.TotalMicroseconds)
            return false;
        if (isQuiet && _pool.TryKeep())
            KeptOf(pair.Pair.Family).Enqueue(pair);
        else
            End(pair);
        return true;
    }

    private bool IsQuiet(Draining pair, long now) => now - pair.LastSeen >= (long)_idle.TotalMicroseconds;

    private void Drain(Draining pair)
    {
        long now = _clock.Microseconds;
        (pair.Since, pair.LastSeen) = (now, now);
        pair.Pair.Give(_loop, pair, 0, 0);
        _pairs.Add(pair);
    }

    private ConcurrentQueue<Draining> KeptOf(AddressFamily family) => family == AddressFamily.InterNetwork ? _kept : _kept6;

    private void EndKept()
    {
        while (_kept.TryDequeue(out Draining? kept) || _kept6.TryDequeue(out kept))
        {
            _pool.TakeKept();
            End(kept);
        }
    }

    private void End(Draining pair)
    {
        pair.Pair.Leave(_loop);
        _pool.Free(pair.Pair);
    }

    private sealed class Draining(PortPair pair, MediaClock clock) : IPacketHandler
    {
        private long _lastSeen;

        public PortPair Pair => pair;

        public long Since { get; set; }

        public long LastSeen
        {
            get => Volatile.Read(ref _lastSeen);
            set => Volatile.Write(ref _lastSeen, value);
        }

        public void Received(int tag, Span<byte> buffer, int length, in UdpAddress from) => LastSeen = clock.Microseconds;
    }
}
