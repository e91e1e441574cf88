using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using CloudPbx.Audio.Codecs;
using CloudPbx.Blobs.Storage;
using CloudPbx.Contracts.Ids;
using CloudPbx.Media.Control;
using CloudPbx.Media.Mixing;
using CloudPbx.Media.Playback;
using CloudPbx.Media.Ports;
using CloudPbx.Media.Recording;
using CloudPbx.Media.Relay;
using CloudPbx.MediaControl;
using CloudPbx.Net.Sockets;
using CloudPbx.Rtp.Security.Dtls;
using CloudPbx.Sdp;

namespace CloudPbx.Media.Sessions;

/// <summary>The node: its loops, its ports, and the sessions of all controllers.</summary>
internal sealed partial class MediaNode : IDisposable
{
    private const int ReservedDescriptors = 256; // for the control side: connections, files, the runtime

    private readonly ConcurrentDictionary<CallId, MediaSession> _sessions = new();
    private readonly RecentResults<LegId, LegStatistics> _removed = new();
    private readonly RecentResults<RecordingId, Task<RecordingFigures>> _recorded = new();
    private readonly MediaLoop[] _loops;
    private readonly IReadOnlyList<IPAddress> _asked, _served;
    private readonly PortPool _ports;
    private readonly AddressPlan _addresses;
    private readonly SettingsBuilder _builder;
    private readonly DtlsCertificate? _certificate;
    private readonly Mixer _mixer;
    private readonly LegParts _parts;
    private readonly FillRandom _random;
    private readonly MediaMeter _meter;
    private readonly string _backEnd = "";
    private readonly Urgency _urgency;
    private long _unheard;
    private readonly ILogger _logger;

    public MediaNode(MediaOptions options, TimeProvider time, FillRandom random, ILogger<MediaNode> logger, IBlobStore? blobs = null)
    {
        _random = random;
        _urgency = options.Urgency;
        _logger = logger;
        _asked = options.BindAddresses();
        _served = AddressPlan.Served(_asked, static family => family == AddressFamily.InterNetwork ? Socket.OSSupportsIPv4 : Socket.OSSupportsIPv6);
        _addresses = new AddressPlan(_served, options.PublicAddresses(), options.LocalNets, time);
        _ports = new PortPool(_served, options.FirstPort, options.LastPort, options.TrafficClass, (int)RandomNumber(), options.PairsForHelp);
        _certificate = DtlsCertificate.IsAvailable ? new DtlsCertificate(time.GetUtcNow()) : null;
        _builder = new SettingsBuilder(new DestinationPolicy(_ports, options.PublicAddresses()), _certificate);
        var clock = new MediaClock(time);
        _loops = new MediaLoop[options.Loops > 0 ? options.Loops : Environment.ProcessorCount];
        for (int i = 0; i < _loops.Length; i++)
        {
            PacketLoop packets = PacketLoop.Create(options.BackEnd, $"media-{i}", LogLoopFault, MediaLoop.Moderation, options.Urgency, out string? declined);
            _loops[i] = new MediaLoop(
                packets, _ports, clock, TimeSpan.FromSeconds(options.DrainIdleSeconds), TimeSpan.FromSeconds(options.DrainLimitSeconds),
                TimeSpan.FromSeconds(options.SilenceSeconds), new Random((int)RandomNumber())) { Number = i };
            _backEnd = declined is null ? packets.BackEnd : $"{packets.BackEnd}, as io_uring is not to be had: {declined}";
        }
        _mixer = new Mixer(clock, _loops, LogLoopFault, options.Urgency);
        _parts = new LegParts(_builder, _addresses, new SoundLibrary(string.IsNullOrEmpty(options.SoundFolder) ? null : options.SoundFolder), new OwnSounds(blobs, options.OwnSoundMegabytes * (1L << 20), logger), _mixer, NoteUnheard);
        Recorder = new Recorder(options.RecordingFolder, clock, _loops.Length, logger);
        _meter = new MediaMeter(this);
        Controllers = new ControllerTable(time, TimeSpan.FromSeconds(options.RetentionSeconds), options.QueuedReports, EndSessionsOf);
    }

    /// <summary>Another value than before tells controllers that this node knows none of their sessions.</summary>
    public string Instance { get; } = Guid.NewGuid().ToString("N");

    public ControllerTable Controllers { get; }

    /// <summary>Writes what sessions record.</summary>
    public Recorder Recorder { get; }

    /// <summary>Whether the loops run.</summary>
    public bool IsRunning { get; private set; }

    /// <summary>Port pairs in use or draining.</summary>
    public int PortPairsTaken => _ports.TakenCount;

    /// <summary>Port pairs of the range.</summary>
    public int PortPairs => _ports.Count;

    /// <summary>Sessions that stand.</summary>
    public int SessionCount => _sessions.Count;

    /// <summary>Legs that stand.</summary>
    public int LegCount => _loops.Sum(l => l.StreamCount);

    /// <summary>Legs that the ports allow, those for help besides.</summary>
    public int LegCapacity => _ports.CountForAll;

    /// <summary>Legs that were not played what they were to be played, since their codec can only be passed on.</summary>
    public long LegsUnheard => Interlocked.Read(ref _unheard);

    /// <summary>The loops, for the meter.</summary>
    public IReadOnlyList<MediaLoop> Loops => _loops;

    /// <summary>Octets that the loops' threads have allocated.</summary>
    public long LoopAllocatedBytes => _loops.Sum(l => l.AllocatedBytes);

    /// <summary>The mixing clock.</summary>
    public Mixer Mixer => _mixer;

    /// <summary>Starts the loops, and says whether the system lets us open all our ports.</summary>
    public void Start()
    {
        long limit = DescriptorLimit.Raise();
        long needed = (2L * _ports.Count) + ReservedDescriptors;
        if (limit < needed)
            LogFewDescriptors(limit, needed, (limit - ReservedDescriptors) / 2);
        foreach (MediaLoop loop in _loops)
            loop.Start();
        _mixer.Start();
        _loops[0].Post(() =>
        {
            if (!_loops[0].IsUrgent)
                LogNotUrgent(_urgency);
        });
        Recorder.Start();
        IsRunning = true;
        if (_certificate is null)
            LogMissing(DtlsCertificate.Missing);
        if (!OpusCodec.IsAvailable)
            LogMissing(OpusCodec.Missing);
        foreach (IPAddress missing in _asked.Except(_served))
            LogFamilyMissing(missing);
        LogStarted(_loops.Length, _backEnd, _ports.Count, _addresses);
    }

    /// <summary>A session, made if need be. The caller takes its gate and looks whether it has <see cref="MediaSession.Ended"/>.</summary>
    public MediaSession GetOrAdd(CallId id) => _sessions.GetOrAdd(id, static (key, node) => new MediaSession(key, node.LoopFor(key)), this);

    public MediaSession? Find(CallId id) => _sessions.GetValueOrDefault(id);

    /// <summary>Makes a leg with its ports, SSRC and keys. Inside the session's gate.</summary>
    /// <param name="session">Its session.</param>
    /// <param name="id">Its name.</param>
    /// <param name="policy">Its policy.</param>
    /// <param name="offer">What its peer offers, or null.</param>
    /// <param name="former">What another node wrote of it, or null.</param>
    /// <returns>Null when no port is free.</returns>
    public MediaLeg? CreateLeg(MediaSession session, LegId id, LegPolicy policy, SessionDescription? offer, LegState? former = null)
    {
        MediaLoop loop = session.Loop;
        OwnAddress own = _addresses.Choose(policy.PeerSignallingAddress, former is null ? _builder.Described(offer, policy) : former.Address);
        if (!loop.TryTakePorts(own.Family, policy.ForHelp, out PortPair? pair))
        {
            LogNoPort(id);
            return null;
        }
        var sequence = new OutgoingSequence(RandomNumber(), (ushort)RandomNumber(), RandomNumber());
        // RFC 7022 §4.2: a random name for each session, nothing that tells of this machine.
        var stream = new MediaStream(id, pair, loop, sequence, $"{RandomNumber():x8}{RandomNumber():x8}", session) { ExpectsAnyCounter = former is not null };
        string sessionId = (RandomNumber() & 0x7FFF_FFFF).ToString(CultureInfo.InvariantCulture);
        var negotiation = new LegNegotiation(sessionId, own.Address, pair.RtpPort, _random, _certificate?.Fingerprint, former);
        var leg = new MediaLeg(id, stream, pair, negotiation, loop, _parts, session, session.Gate);
        negotiation.PortFor = leg.PortFor;
        session.Add(id.Leg, leg);
        loop.Post(() => loop.Add(stream));
        return leg;
    }

    /// <summary>Ends a leg; asked again, gives the same figures.</summary>
    public async Task<LegStatistics> RemoveLegAsync(MediaSession session, LegId id)
    {
        Task<LegStatistics>? ending;
        lock (session.Gate)
        {
            ending = session.Remove(id.Leg)?.EndAsync();
            if (session.Ended)
                EndRecordings(session);
            if (session.Ended)
                _sessions.TryRemove(new KeyValuePair<CallId, MediaSession>(session.Id, session));
        }
        if (ending is null)
            return FiguresOf(id);
        LegStatistics figures = await ending;
        _removed.Add(id, figures);
        return figures;
    }

    /// <summary>Ends a recording; asked again, or after its session, gives the same figures.</summary>
    /// <param name="session">Its session, where that still stands.</param>
    /// <param name="recording">Which.</param>
    public async Task<RecordingFigures> EndRecordingAsync(MediaSession? session, RecordingId recording)
    {
        if (session is not null)
        {
            lock (session.Gate)
            {
                if (session.Recordings.End(recording) is { } ending)
                    _recorded.Add(recording, ending);
            }
        }
        return _recorded.Find(recording) is { } ended ? await ended : RecordingFigures.None;
    }

    private void EndRecordings(MediaSession session)
    {
        foreach ((RecordingId recording, Task<RecordingFigures> figures) in session.Recordings.EndAll())
            _recorded.Add(recording, figures);
    }

    /// <summary>The figures of a leg that is no more; zeros when it was never known or is long forgotten.</summary>
    public LegStatistics FiguresOf(LegId id) => _removed.Find(id) ?? LegStatistics.None;

    /// <summary>Takes an empty session away: its first leg could not be made.</summary>
    public void Discard(MediaSession session)
    {
        EndRecordings(session);
        session.End();
        _sessions.TryRemove(new KeyValuePair<CallId, MediaSession>(session.Id, session));
    }

    public void Dispose()
    {
        _meter.Dispose();
        Controllers.Dispose();
        _mixer.Dispose();
        foreach (MediaLoop loop in _loops)
            loop.Dispose();
        Recorder.Dispose();
        _sessions.Clear();
    }

    private MediaLoop LoopFor(CallId id) => _loops[(uint)id.GetHashCode() % (uint)_loops.Length];

    private void EndSessionsOf(Controller controller)
    {
        int ended = 0;
        foreach (MediaSession session in _sessions.Values)
        {
            lock (session.Gate)
            {
                if (session.Owner != controller)
                    continue;
                Discard(session);
                ended++;
            }
        }
        LogControllerGone(controller.Name, ended);
    }

    private void NoteUnheard(LegId leg, string codec)
    {
        Interlocked.Increment(ref _unheard);
        LogUnheard(leg, codec);
    }

    private uint RandomNumber()
    {
        Span<byte> octets = stackalloc byte[4];
        _random(octets);
        return BinaryPrimitives.ReadUInt32BigEndian(octets);
    }

    [LoggerMessage(LogLevel.Information, "Media node is ready: {Loops} loops on {BackEnd}, {Pairs} port pairs, address {Address}")]
    private partial void LogStarted(int loops, string backEnd, int pairs, AddressPlan address);

    [LoggerMessage(LogLevel.Information, "This machine has no addresses like {Bind} of Media:Bind: none are served")]
    private partial void LogFamilyMissing(IPAddress bind);

    [LoggerMessage(LogLevel.Warning, "This process may open {Limit} descriptors but its port range needs {Needed}: only about {Legs} legs will fit. Raise the limit (ulimit -n, LimitNOFILE).")]
    private partial void LogFewDescriptors(long limit, long needed, long legs);

    [LoggerMessage(LogLevel.Information, "On a busy machine packets may be late: the system does not let the packet loops go before other programs as Media:Urgency={Urgency} asks. Give the process CAP_SYS_NICE or limits (ulimit -r 1 -e 30), or set Media:Urgency=None")]
    private partial void LogNotUrgent(Urgency urgency);

    [LoggerMessage(LogLevel.Warning, "{Missing}")]
    private partial void LogMissing(string missing);

    [LoggerMessage(LogLevel.Information, "Leg {Leg} does not hear what it is played (music, a prompt, a tone): its codec {Codec} can only be passed on")]
    private partial void LogUnheard(LegId leg, string codec);

    [LoggerMessage(LogLevel.Warning, "No free media port for leg {Leg}")]
    private partial void LogNoPort(LegId leg);

    [LoggerMessage(LogLevel.Warning, "Controller {Controller} did not come back: {Count} sessions ended")]
    private partial void LogControllerGone(string controller, int count);

    [LoggerMessage(LogLevel.Error, "A media loop met a fault")]
    private partial void LogLoopFault(Exception fault);
}
