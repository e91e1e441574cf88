using CloudPbx.Media.Playback;
using CloudPbx.Media.Ports;
using CloudPbx.Media.Recording;
using CloudPbx.MediaControl;
using CloudPbx.Net.Sockets;
using CloudPbx.Rtp.Security;
using CloudPbx.Sdp;

namespace CloudPbx.Media.Relay;

/// <summary>
/// The packet path of one leg: its sockets, the source that was learned, what comes in, and one sender with a steady SSRC.
/// </summary>
/// <remarks>
/// Everything here runs on the stream's loop, without locks and without allocation per packet; the control side posts. The legs of a
/// session share a loop, so a relayed packet goes from one socket to the other in the same call.
/// </remarks>
internal sealed partial class MediaStream : IEpollHandler
{
    public const int RtpTag = 0, RtcpTag = 1;

    private readonly MediaLoop _loop;
    private readonly ILegReports _reports;
    private readonly string _cname;
    private readonly MediaClock _clock;
    private StreamSettings? _settings;
    private SourceFilter _source;
    private SrtpContext? _receiveCrypto;    // kept while a leg goes in clear for a time: the counters must go on with the key
    private SrtpContext? _sendCrypto;
    private bool _receiveProtected;
    private CryptoAttribute? _receiveKey;
    private CryptoAttribute? _sendKey;
    private StreamActivity _activity;
    private MediaStream? _partner;
    private PayloadMap? _map;
    private ToneFrames? _tone;
    private bool _early;                    // bridged before the answer: nobody's silence counts
    private RecordingTap? _tap;

    public MediaStream(LegId id, PortPair ports, MediaLoop loop, OutgoingSequence sequence, string cname, ILegReports reports)
    {
        Id = id;
        Ports = ports;
        _loop = loop;
        _clock = loop.Clock;
        _outgoing = sequence;
        _cname = cname;
        _reports = reports;
    }

    /// <summary>What a stream does with what it receives, or plays.</summary>
    private enum StreamActivity
    {
        Idle,
        Bridged,
        Echo,
        Tone,
    }

    public LegId Id { get; }

    public PortPair Ports { get; }

    /// <summary>Whether it plays a tone, and so wants every tick.</summary>
    public bool IsPlaying => _tone is not null;

    public int RtpKey { get; set; }

    public int RtcpKey { get; set; }

    /// <summary>What offer and answer agreed on: from now on.</summary>
    public void Apply(StreamSettings settings)
    {
        long now = _clock.Microseconds;
        bool first = _settings is null;
        if (_settings?.Sources != settings.Sources)
            _rtcpLearned = default;
        _settings = settings;
        _source.Apply(settings.Sources);
        if (settings.Media is { Encrypted: true, LocalKey: { } ours, RemoteKey: { } theirs })
        {
            Rekey(ref _receiveCrypto, ref _receiveKey, theirs);
            Rekey(ref _sendCrypto, ref _sendKey, ours);
        }
        _receiveProtected = settings.Media.Encrypted;
        _kinds = PayloadKinds.Of(settings.Media);
        if (!first)
            return;
        _heard = now;
        ScheduleRtcp(now, initial: true);
    }

    /// <summary>Connects both ways; each leaves what it did.</summary>
    /// <param name="partner">A stream of the same loop.</param>
    /// <param name="toPartner">What becomes of our packets.</param>
    /// <param name="fromPartner">What becomes of the partner's.</param>
    /// <param name="early">Whether the call is not answered yet.</param>
    /// <param name="ringing">What our peer hears until the partner's first packet; null for nothing.</param>
    public void Bridge(MediaStream partner, PayloadMap toPartner, PayloadMap fromPartner, bool early = false, ToneFrames? ringing = null)
    {
        bool begins = early && !(_early && _partner == partner);     // a later description of the same early media is no new ringing
        if (_activity == StreamActivity.Bridged && _partner == partner)
        {
            _map = toPartner; // the codecs changed, or the command came twice
            partner._map = fromPartner;
        }
        else
        {
            Leave();
            partner.Leave();
            Enter(StreamActivity.Bridged, partner, toPartner);
            partner.Enter(StreamActivity.Bridged, this, fromPartner);
        }
        _early = partner._early = early;
        if (begins || !early || (_tone is not null && _tone != ringing))
            PlayWhileRinging(early ? ringing : null);
    }

    /// <summary>Sends back what comes.</summary>
    public void Echo(PayloadMap map)
    {
        if (_activity != StreamActivity.Echo)
        {
            Leave();
            Enter(StreamActivity.Echo, this, map);
        }
        _map = map;
    }

    /// <summary>Plays a tone until told otherwise.</summary>
    public void Play(ToneFrames tone)
    {
        if (_activity == StreamActivity.Tone && _tone == tone)
            return;
        Leave();
        _tone = tone;
        Enter(StreamActivity.Tone, null, null);
        _toneFrame = 0;
        _toneDue = _clock.Microseconds;
    }

    // Beside the bridge: the partner's first packet ends it.
    private void PlayWhileRinging(ToneFrames? tone)
    {
        if (_tone == tone)
            return;
        _tone = tone;
        _toneFrame = 0;
        _toneDue = _clock.Microseconds;
        _loop.Playing(this);
    }

    /// <summary>From now on copies what comes to a recording, or no more. What the peer sends is recorded whatever else the stream does.</summary>
    public void SetTap(RecordingTap? tap)
    {
        _tap = tap;
        tap?.Break(_clock.Microseconds);
    }

    /// <summary>Leaves bridge, echo or tone.</summary>
    public void Leave()
    {
        MediaStream? partner = _partner;
        _tone = null;
        Enter(StreamActivity.Idle, null, null);
        if (partner is not null && partner != this && partner._partner == this)
        {
            partner._tone = null;
            partner.Enter(StreamActivity.Idle, null, null);
        }
    }

    /// <summary>Ends a tone or an echo, not a bridge.</summary>
    public void StopPlaying()
    {
        if (_activity is StreamActivity.Tone or StreamActivity.Echo)
            Leave();
    }

    /// <summary>Ends the stream: says goodbye, gives up its ports and its keys.</summary>
    /// <returns>Its figures.</returns>
    public LegStatistics End()
    {
        LegStatistics figures = Figures();
        Leave();
        _tap = null;
        SendRtcp(_clock.Microseconds, goodbye: true);
        _loop.Remove(this);
        _receiveCrypto?.Dispose();
        _sendCrypto?.Dispose();
        _receiveCrypto = _sendCrypto = null;
        _settings = null;
        return figures;
    }

    // One datagram a turn: a stream's packets come one by one, and asking whether another waits costs as much as epoll's telling.
    public void Readable(int tag)
    {
        UdpSocket socket = tag == RtpTag ? Ports.Rtp : Ports.Rtcp;
        Span<byte> buffer = _loop.Buffer;
        int length = socket.TryReceive(buffer[..MediaLoop.MaxDatagram], out UdpAddress from);
        if (length < 0)
            return;
        if (tag == RtpTag)
            ReceiveRtp(buffer, length, from);
        else
            ReceiveRtcp(buffer[..length], from, onRtpSocket: false);
    }

    /// <summary>Every 10 ms or so while a tone plays, else every 100 ms or so.</summary>
    public void Tick(long now)
    {
        if (_settings is null)
            return;
        if (_tone is not null)
            PlayDue(now);
        TakeDigits(now);
        if (now >= _rtcpDue)
        {
            SendRtcp(now, goodbye: false);
            ScheduleRtcp(now, initial: false);
        }
        WatchSilence(now);
    }

    private void Enter(StreamActivity activity, MediaStream? partner, PayloadMap? map)
    {
        _activity = activity;
        _early = false;
        _loop.Playing(this);
        _partner = partner;
        _map = map;
        _outgoing.Switch();
        _heard = Math.Max(_heard, _clock.Microseconds); // silence counts from here
    }

    /// <summary>Takes a key into use; an unchanged one goes on where it was. Counters are kept over a re-key (INTEROP I62).</summary>
    private static void Rekey(ref SrtpContext? context, ref CryptoAttribute? current, CryptoAttribute next)
    {
        if (current is not null && context is not null && next.Suite == current.Suite && next.KeySalt.Span.SequenceEqual(current.KeySalt.Span))
            return;
        SrtpContext? previous = context;
        current = next;
        context = SrtpProfiles.TryFromSuite(next.Suite, out SrtpProfile profile) ? SrtpContext.FromKeySalt(profile, next.KeySalt.Span) : null;
        if (previous is null)
            return;
        context?.ExpectSourcesOf(previous);
        previous.Dispose();
    }

    private void WatchSilence(long now)
    {
        bool watched = !_early && _activity is StreamActivity.Bridged or StreamActivity.Echo && _settings!.ExpectsMedia && _loop.Silence > TimeSpan.Zero;
        if (!watched)
        {
            _heard = now; // while held, ringing or alone nobody has to speak
            _silenceReported = false;
        }
        else if (!_silenceReported && now - _heard >= (long)_loop.Silence.TotalMicroseconds)
        {
            _silenceReported = true;
            _reports.Silent(Id);
        }
    }
}
