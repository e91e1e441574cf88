using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using CloudPbx.Media.Ports;
using CloudPbx.Media.Recording;
using CloudPbx.Net.Memory;
using CloudPbx.Net.Sockets;
using CloudPbx.Rtp.Security;

namespace CloudPbx.Media.Relay;

/// <summary>One thread of the packet path with the streams that it owns, their clock and their scratch buffer.</summary>
internal sealed unsafe class MediaLoop : IPacketHandler, IDisposable
{
    private const int BufferLength = PacketLoop.MaxDatagram + PacketLoop.Room;
    private const int TagBits = 1, RtcpTagMask = 1;
    private const int Turns = 10;                    // a stream that plays nothing gets every tenth tick
    private const int Ahead = 4 * Turns;             // whose memory is asked for while another ticks
    private static readonly TimeSpan s_busyTick = PacketLoop.Soon;
    private static readonly TimeSpan s_idleTick = TimeSpan.FromMilliseconds(100);

    private static readonly Nobody s_nobody = new();

    private readonly PacketLoop _packets;
    private readonly PortPool _pool;
    private readonly List<MediaStream> _streams = [];
    private MediaStream?[] _owners = new MediaStream?[64];      // by the numbers of their states, as what follows
    private RecordingTap?[] _taps = new RecordingTap?[64];
    private readonly List<MediaStream> _playing = [];
    private readonly List<MediaStream> _mixing = [];
    private readonly List<PassingStream> _passing = [];
    private int _turn;
    private readonly Action _tick, _sendMixed;

    public MediaLoop(PacketLoop packets, PortPool pool, MediaClock clock, TimeSpan drainIdle, TimeSpan drainLimit, TimeSpan silence, Random random)
    {
        _packets = packets;
        packets.Woken = () => Now = clock.Microseconds;
        Clock = clock;
        Random = random;
        Silence = silence;
        States = new StreamStates(pool.Count);
        Draining = new DrainingPorts(packets, pool, clock, drainIdle, drainLimit);
        _pool = pool;
        _tick = Tick;
        _sendMixed = SendMixedNow;
    }

    /// <summary>How long packets wait for others to join them: less than a network's own jitter.</summary>
    public static TimeSpan Moderation { get; } = TimeSpan.FromMicroseconds(500);

    /// <summary>The same where all is mixed: what comes is heard with the next frame of the mixer, behind the 20 ms that a jitter buffer adds at the least. That frame leaves as much later.</summary>
    public static TimeSpan MixedModeration { get; } = TimeSpan.FromMilliseconds(2);

    /// <summary>Which of the two is in force. On the loop.</summary>
    public TimeSpan CurrentModeration => _packets.Moderation;

    /// <summary>Its place among the node's loops.</summary>
    public int Number { get; init; }

    public MediaClock Clock { get; }

    /// <summary>Microseconds of <see cref="Clock"/> when what is handled now was found to have come; never before what a tick or a posted action has read.</summary>
    public long Now { get; private set; }

    /// <summary>For RTCP intervals only; keys and SSRCs come from the system's generator.</summary>
    public Random Random { get; }

    /// <summary>How long a stream may be quiet; zero: for ever.</summary>
    public TimeSpan Silence { get; }

    public DrainingPorts Draining { get; }

    public LoopCounters Counters { get; } = new();

    public EndedLegs Ended { get; } = new();

    /// <summary>Shared by all streams of this loop, for what they make themselves: one datagram at a time.</summary>
    public byte[] Buffer { get; } = GC.AllocateUninitializedArray<byte>(BufferLength, pinned: true);

    /// <summary>Octets that the loop's thread has allocated so far.</summary>
    public long AllocatedBytes => _packets.AllocatedBytes;

    /// <summary>Whether the scheduler lets the loop go first, as was asked.</summary>
    public bool IsUrgent => _packets.IsUrgent;

    /// <summary>Datagrams of any kind that the kernel refused to send.</summary>
    public long FailedSends => _packets.FailedSends;

    public int StreamCount => Volatile.Read(ref _streamCount);

    private int _streamCount;

    /// <summary>Of its streams.</summary>
    public StreamStates States { get; }

    /// <summary>Sends a datagram of one of its streams; see <see cref="PacketLoop.TrySend"/>.</summary>
    public bool TrySend(UdpSocket socket, ReadOnlySpan<byte> datagram, in UdpAddress to) => _packets.TrySend(socket, datagram, to);

    /// <summary>Sends one by a socket's handle; see <see cref="PacketLoop.HandleOf"/>.</summary>
    public bool TrySend(int handle, ReadOnlySpan<byte> datagram, in UdpAddress to) => _packets.TrySend(handle, datagram, to);

    public void Start() => _packets.Start();

    /// <summary>Has an action run before further packets are handled, or with the next tick where none come: see <see cref="PacketLoop.PostSoon"/>. From any thread.</summary>
    public void Post(Action action) => _packets.PostSoon(action);

    /// <summary>A pair of ports for a stream of this loop: one that has drained and stayed open, or a new one. From any thread.</summary>
    /// <returns>False when every pair is taken, or descriptors have run out.</returns>
    public bool TryTakePorts(AddressFamily family, bool forHelp, [NotNullWhen(true)] out PortPair? pair) => Draining.TryTake(family, out pair) || _pool.TryTake(family, forHelp, out pair);

    /// <summary>Begins to read a stream's sockets. On the loop.</summary>
    public void Add(MediaStream stream)
    {
        int number = States.Take();
        while (number >= _owners.Length)
        {
            Array.Resize(ref _owners, 2 * _owners.Length);
            Array.Resize(ref _taps, _owners.Length);
        }
        _owners[number] = stream;
        stream.Attach(number, States[number], Watch(stream.Ports, number));
        _streams.Add(stream);
        _streamCount = _streams.Count;
        SetTick();
        SetModeration();
    }

    /// <summary>A stream goes on with other ports; what comes to its former ones is swallowed. On the loop.</summary>
    /// <returns>Its new RTP socket, as <see cref="TrySend(int, ReadOnlySpan{byte}, in UdpAddress)"/> knows it.</returns>
    public int Move(MediaStream stream, PortPair ports)
    {
        stream.Ports.Give(_packets, s_nobody, 0, 0);
        return Watch(ports, stream.StateNumber);
    }

    private int Watch(PortPair ports, int number)
    {
        ports.Give(_packets, this, (number << TagBits) | MediaStream.RtpTag, (number << TagBits) | MediaStream.RtcpTag);
        return _packets.HandleOf(ports.Rtp);
    }

    /// <summary>Stops reading a stream's sockets and lets its ports drain. On the loop.</summary>
    public void Remove(MediaStream stream)
    {
        if (!_streams.Remove(stream))
            return;
        _streamCount = _streams.Count;
        Draining.Add(stream.Ports);
        if (stream.SparePorts is { } spare)
            Draining.Add(spare);
        _owners[stream.StateNumber] = null;
        States.Free(stream.StateNumber);
        stream.Detach();
        SetTick();
        SetModeration();
    }

    public void Received(int tag, Span<byte> buffer, int length, in UdpAddress from)
    {
        int number = tag >> TagBits;
        if ((tag & RtcpTagMask) == MediaStream.RtpTag && ShortWay.TryPass(States[number], buffer, length, from, Now, _packets, Counters, _taps[number]))
            return;
        _owners[number]?.Received(tag & RtcpTagMask, buffer, length, from);
    }

    /// <summary>A recording of a stream begins, or ends. On the loop.</summary>
    public void SetTap(int number, RecordingTap? tap) => _taps[number] = tap;

    public void Approaching(int tag, int turns)
    {
        StreamState* state = States[tag >> TagBits];
        if (turns == PacketLoop.Foresight)
            CacheLines.Fetch(state, StreamState.TakenOctets);
        else if (state->Hearer is null)
            _owners[tag >> TagBits]?.Approaching(turns);
        else if (turns == PacketLoop.Foresight - 1)
        {
            CacheLines.Fetch(_taps[tag >> TagBits], 1);
            if (state->Opens is not null)
                CacheLines.Fetch(state->Opens, SrtpState.Octets);
            if (state->Protects is not null)
                CacheLines.Fetch(state->Protects, SrtpState.Octets);
        }
        else if (turns == PacketLoop.Foresight - 2)
            CacheLines.Fetch(state->Hearer, StreamState.TakenOctets);
    }

    /// <summary>Begins to read the sockets of a stream that is passed on. On the loop.</summary>
    public void Add(PassingStream stream)
    {
        stream.Ports!.Give(_packets, stream, MediaStream.RtpTag, MediaStream.RtcpTag);
        _passing.Add(stream);
        SetModeration();
    }

    /// <summary>Stops reading them, and lets the ports drain. On the loop.</summary>
    public void Remove(PassingStream stream)
    {
        if (!_passing.Remove(stream))
            return;
        Draining.Add(stream.Ports!);
        SetTick();
        SetModeration();
    }

    /// <summary>A stream began or ended to play. On the loop.</summary>
    public void Playing(MediaStream stream)
    {
        if (stream.IsPlaying && !_playing.Contains(stream))
            _playing.Add(stream);
        else if (!stream.IsPlaying)
            _playing.Remove(stream);
    }

    /// <summary>A stream began or ended to be mixed. On the loop.</summary>
    public void Mixing(MediaStream stream)
    {
        if (stream.IsMixed && !_mixing.Contains(stream))
            _mixing.Add(stream);
        else if (!stream.IsMixed)
            _mixing.Remove(stream);
        SetModeration();
    }

    /// <summary>The mixer has made a frame for streams of this loop. From any thread.</summary>
    public void SendMixed() => _packets.Post(_sendMixed);

    public void Dispose()
    {
        Post(() =>
        {
            while (_streams.Count > 0)
                _streams[^1].End();
            while (_passing.Count > 0)
                _passing[^1].End();
            Draining.Clear();
        });
        _packets.Dispose();
        States.Dispose();
    }

    private void SendMixedNow()
    {
        long now = Clock.Microseconds;
        for (int i = 0; i < _mixing.Count; i++)
        {
            for (int turns = Math.Min(MediaStream.MixForesight, _mixing.Count - i - 1); turns > 0; turns--)
                _mixing[i + turns].ApproachingMixed(turns);
            _mixing[i].SendMixed(now);
        }
    }

    private void SetModeration() =>
        _packets.Moderation = _streams.Count > 0 && _passing.Count == 0 && _streams.TrueForAll(static stream => stream.IsOnlyMixed) ? MixedModeration : Moderation;

    private void SetTick() => _packets.SetTick(_streams.Count > 0 ? s_busyTick : Draining.Count > 0 ? s_idleTick : TimeSpan.Zero, _tick);

    private void Tick()
    {
        long now = Clock.Microseconds;
        for (int i = 0; i < _playing.Count; i++)
            _playing[i].Tick(now);
        _turn = (_turn + 1) % Turns;
        int end = States.End;
        for (int number = _turn; number < end; number += Turns)
        {
            if (number + Ahead < end)
                CacheLines.Fetch(States[number + Ahead], StreamState.SentOctets);
            if (!MediaStream.IsBusyTalking(States[number], now))
                _owners[number]?.Tick(now);
        }
        if (Draining.Count == 0 || (_turn != 0 && _streams.Count > 0))
            return;
        Draining.Sweep();
        SetTick();
    }

    /// <summary>Has the ports that a leg has left.</summary>
    private sealed class Nobody : IPacketHandler
    {
        public void Received(int tag, Span<byte> buffer, int length, in UdpAddress from)
        {
        }
    }
}
