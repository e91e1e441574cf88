using CloudPbx.Media.Ports;
using CloudPbx.Net.Sockets;

namespace CloudPbx.Media.Relay;

/// <summary>One thread of the packet path with the streams that it owns, their clock and their scratch buffer.</summary>
internal sealed class MediaLoop : IDisposable
{
    /// <summary>The largest datagram that is looked at; what is longer is no audio.</summary>
    public const int MaxDatagram = 2048;

    private const int BufferLength = MaxDatagram + 64; // room for an SRTP trailer
    private const int Turns = 10;                    // a stream that plays nothing gets every tenth tick
    private static readonly TimeSpan s_moderation = TimeSpan.FromMicroseconds(500);      // less than a network's own jitter
    private static readonly TimeSpan s_busyTick = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_idleTick = TimeSpan.FromMilliseconds(100);

    private readonly EpollLoop _epoll;
    private readonly List<MediaStream> _streams = [];
    private readonly List<MediaStream> _playing = [];
    private readonly List<MediaStream> _mixing = [];
    private readonly List<PassingStream> _passing = [];
    private int _turn;
    private readonly Action _tick, _sendMixed;

    public MediaLoop(string name, PortPool pool, MediaClock clock, TimeSpan drainIdle, TimeSpan drainLimit, TimeSpan silence, Random random, Action<Exception> onFault)
    {
        _epoll = new EpollLoop(name, onFault, s_moderation);
        Clock = clock;
        Random = random;
        Silence = silence;
        Draining = new DrainingPorts(_epoll, pool, clock, drainIdle, drainLimit);
        _tick = Tick;
        _sendMixed = SendMixedNow;
    }

    /// <summary>Its place among the node's loops.</summary>
    public int Number { get; init; }

    public MediaClock Clock { get; }

    /// <summary>For RTCP intervals only; keys and SSRCs come from the system's generator.</summary>
    public Random Random { get; }

    /// <summary>How long a stream may be quiet; zero: for ever.</summary>
    public TimeSpan Silence { get; }

    public DrainingPorts Draining { get; }

    public LoopCounters Counters { get; } = new();

    /// <summary>Shared by all streams of this loop: one datagram at a time.</summary>
    public byte[] Buffer { get; } = GC.AllocateUninitializedArray<byte>(BufferLength, pinned: true);

    /// <summary>Octets that the loop's thread has allocated so far.</summary>
    public long AllocatedBytes => _epoll.AllocatedBytes;

    public int StreamCount => Volatile.Read(ref _streamCount);

    private int _streamCount;

    public void Start() => _epoll.Start();

    public void Post(Action action) => _epoll.Post(action);

    /// <summary>Begins to read a stream's sockets. On the loop.</summary>
    public void Add(MediaStream stream)
    {
        stream.RtpKey = _epoll.Add(stream.Ports.Rtp, stream, MediaStream.RtpTag);
        stream.RtcpKey = _epoll.Add(stream.Ports.Rtcp, stream, MediaStream.RtcpTag);
        _streams.Add(stream);
        _streamCount = _streams.Count;
        SetTick();
    }

    /// <summary>Stops reading a stream's sockets and lets its ports drain. On the loop.</summary>
    public void Remove(MediaStream stream)
    {
        if (!_streams.Remove(stream))
            return;
        _streamCount = _streams.Count;
        _epoll.Remove(stream.Ports.Rtp, stream.RtpKey);
        _epoll.Remove(stream.Ports.Rtcp, stream.RtcpKey);
        Draining.Add(stream.Ports);
        SetTick();
    }

    /// <summary>Begins to read the sockets of a stream that is passed on. On the loop.</summary>
    public void Add(PassingStream stream)
    {
        stream.RtpKey = _epoll.Add(stream.Ports!.Rtp, stream, MediaStream.RtpTag);
        stream.RtcpKey = _epoll.Add(stream.Ports.Rtcp, stream, MediaStream.RtcpTag);
        _passing.Add(stream);
    }

    /// <summary>Stops reading them, and lets the ports drain. On the loop.</summary>
    public void Remove(PassingStream stream)
    {
        if (!_passing.Remove(stream))
            return;
        _epoll.Remove(stream.Ports!.Rtp, stream.RtpKey);
        _epoll.Remove(stream.Ports.Rtcp, stream.RtcpKey);
        Draining.Add(stream.Ports);
        SetTick();
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
    }

    /// <summary>The mixer has made a frame for streams of this loop. From any thread.</summary>
    public void SendMixed() => _epoll.Post(_sendMixed);

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
        _epoll.Dispose();
    }

    private void SendMixedNow()
    {
        long now = Clock.Microseconds;
        for (int i = 0; i < _mixing.Count; i++)
            _mixing[i].SendMixed(now);
    }

    private void SetTick() => _epoll.SetTick(_streams.Count > 0 ? s_busyTick : Draining.Count > 0 ? s_idleTick : TimeSpan.Zero, _tick);

    private void Tick()
    {
        long now = Clock.Microseconds;
        for (int i = 0; i < _playing.Count; i++)
            _playing[i].Tick(now);
        _turn = (_turn + 1) % Turns;
        for (int i = _turn; i < _streams.Count; i += Turns)
            _streams[i].Tick(now);
        if (Draining.Count == 0)
            return;
        Draining.Sweep();
        SetTick();
    }
}
