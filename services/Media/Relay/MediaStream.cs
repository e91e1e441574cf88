using System.Diagnostics.CodeAnalysis;
using CloudPbx.Media.Mixing;
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
/// session share a loop, so a relayed packet goes from one socket to the other in the same call. What most packets need is in <see cref="StreamState"/>,
/// and most packets come no further (<see cref="ShortWay"/>).
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "End frees what it owns, on its loop, where nobody uses it any more.")]
internal sealed unsafe partial class MediaStream
{
    public const int RtpTag = 0, RtcpTag = 1;

    private const long SilenceStep = 50_000;                    // microseconds; less than from one look at it to the next

    private readonly MediaLoop _loop;
    private readonly ILegReports _reports;
    private readonly string _cname;
    private readonly MediaClock _clock;
    private UdpSocket _rtp;
    private readonly OutgoingSequence _beginning;
    private StreamState* _state;            // from its loop, as long as that has it
    private StreamSettings? _settings;
    private SrtpContext? _receiveCrypto;    // kept while a leg goes in clear for a time: the counters must go on with the key
    private SrtpContext? _sendCrypto;
    private bool _receiveProtected;
    private CryptoAttribute? _receiveKey;
    private CryptoAttribute? _sendKey;
    private FormerKey _formerKey;
    private StreamActivity _activity;
    private MediaStream? _partner;
    private (PayloadAct Act, byte PayloadType)[] _acts = [];        // of the map
    private Playing? _playing;              // over whatever else it does
    private MixPort? _mix;
    private bool _hearsMix;                 // instead of the partner
    private bool _early;                    // bridged before the answer: nobody's silence counts
    private RecordingTap? _tap, _heardTap;

    public MediaStream(LegId id, PortPair ports, MediaLoop loop, OutgoingSequence sequence, string cname, ILegReports reports)
    {
        Id = id;
        Ports = ports;
        _rtp = ports.Rtp;
        _loop = loop;
        _clock = loop.Clock;
        _beginning = sequence;
        _state = loop.States.Nobodys;
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
        Conference,
    }

    public LegId Id { get; }

    /// <summary>On its loop; its leg knows what it comes to.</summary>
    public PortPair Ports { get; private set; }

    /// <summary>A pair in another family of addresses, for a peer that moves there, or back: one that moves again and again wears out no others.</summary>
    public PortPair? SparePorts { get; set; }

    /// <summary>The peer has been sending for a while, to another node: its SRTP counter may be anywhere.</summary>
    public bool ExpectsAnyCounter { get; init; }

    /// <summary>Whether it plays something, and so wants every tick.</summary>
    public bool IsPlaying => _playing is not null;

    /// <summary>Whether its peer hears something for as long as that is wanted instead of its partner: music, silence. Then it shall not see it either.</summary>
    public bool IsKeptApart => _playing is { IsEndless: true, YieldsToPartner: false };

    /// <summary>Whether the mixer has frames for it.</summary>
    public bool IsMixed => _mix is not null;

    /// <summary>Whether nobody hears its packets but the mixer.</summary>
    public bool IsOnlyMixed => _activity == StreamActivity.Conference;

    private ref StreamState State => ref *_state;

    /// <summary>What an <see cref="OutgoingSequence"/> knows it by.</summary>
    private long Number { get; } = TalkNumbers.Next();

    private PayloadMap? Map
    {
        get;
        set
        {
            LeaveShortWay();
            field = value;
            _acts = value?.Entries ?? [];
            (_statedLength, _repacking) = (value?.StatedLength ?? 0, 0);
        }
    }

    /// <summary>Under which number its loop has its state.</summary>
    public int StateNumber { get; private set; }

    /// <summary>What offer and answer agreed on: from now on.</summary>
    public void Apply(StreamSettings settings)
    {
        LeaveShortWay();
        long now = _clock.Microseconds;
        bool first = _settings is null;
        HandshakeSettings? formerHandshake = _settings?.Handshake;
        if (_settings?.Sources != settings.Sources)
            _rtcpLearned = default;
        (_settings, State.Flags, State.ClockRate) = (settings, settings.Flags, settings.ClockRate);
        State.Source.Apply(settings.Sources);
        ApplyHandshake(settings.Handshake, formerHandshake, now);   // first: the end of an association takes its keys along
        if (settings.Media is { Encrypted: true, LocalKey: { } ours, RemoteKey: { } theirs })
        {
            bool unheard = _receiveCrypto is null;
            _formerKey.Keep(Rekey(ref _receiveCrypto, ref _receiveKey, theirs), now);
            if (unheard && ExpectsAnyCounter)
                _receiveCrypto?.ExpectAnyCounter();
            Rekey(ref _sendCrypto, ref _sendKey, ours)?.Dispose();
        }
        _receiveProtected = settings.Encrypted;
        _kinds = PayloadKinds.Of(settings.Media);
        ForgetNoise();
        _inband = settings.HearsInbandDigits ? _inband ?? new InbandDigits() : null;
        if (!first)
            return;
        State.Heard = now;
        ScheduleRtcp(now, initial: true);
    }

    /// <summary>Connects both ways; each leaves what it did.</summary>
    /// <param name="partner">A stream of the same loop.</param>
    /// <param name="toPartner">What becomes of our packets.</param>
    /// <param name="fromPartner">What becomes of the partner's.</param>
    /// <param name="early">Whether the call is not answered yet.</param>
    /// <param name="ringing">What our peer hears until the partner's first packet; null for nothing.</param>
    /// <param name="again">Whether only the codecs changed: music and prompts go on.</param>
    public void Bridge(MediaStream partner, PayloadMap toPartner, PayloadMap fromPartner, bool early = false, Playing? ringing = null, bool again = false)
    {
        bool begins = early && !(_early && _partner == partner);     // a later description of the same early media is no new ringing
        if (_activity == StreamActivity.Bridged && _partner == partner)
        {
            Map = toPartner; // the codecs changed, or the command came twice
            partner.Map = fromPartner;
        }
        else
        {
            Leave();
            partner.Leave();
            Enter(StreamActivity.Bridged, partner, toPartner);
            partner.Enter(StreamActivity.Bridged, this, fromPartner);
        }
        _early = partner._early = early;
        if (begins || (!early && !again) || (_playing is { YieldsToPartner: true } && !_playing.IsSame(ringing)))
            SetPlaying(early ? ringing : null, PromptEnd.Stopped);
    }

    /// <summary>Sends back what comes.</summary>
    public void Echo(PayloadMap map)
    {
        if (_activity != StreamActivity.Echo)
        {
            Leave();
            Enter(StreamActivity.Echo, this, map);
        }
        Map = map;
    }

    /// <summary>Plays instead of whatever it did.</summary>
    public void PlayAlone(Playing playing)
    {
        if (_activity == StreamActivity.Tone && playing.IsSame(_playing))
            return;
        Leave();
        Enter(StreamActivity.Tone, null, null);
        SetPlaying(playing, PromptEnd.Stopped);
    }

    /// <summary>Plays over whatever it does; the partner or the mix is not heard meanwhile.</summary>
    /// <param name="playing">What.</param>
    /// <param name="queue">After what plays now, not instead of it.</param>
    public void Play(Playing playing, bool queue)
    {
        if (!queue || _playing is not { } last)
        {
            SetPlaying(playing, PromptEnd.Stopped);
            return;
        }
        while (last.Next is { } next)
            last = next;
        last.Next = playing;
    }

    /// <summary>The peer's codec has changed: goes on with what plays, if it plays still.</summary>
    public void Replay(Playing playing)
    {
        if (_playing is not { } before || before.Name != playing.Name || playing.IsSame(before))
            return;
        playing.ContinueFrom(before);
        playing.Next = before.Next;
        _playing = playing;
    }

    /// <summary>The peer's codec has changed to one that we cannot speak: what plays is over, if it plays still, as at its end.</summary>
    public void FinishPlaying(string name)
    {
        if (_playing is { } playing && playing.Name == name)
            EndPlaying(playing);
    }

    /// <summary>Takes part in a conference, or is tapped by one.</summary>
    /// <param name="port">Where it meets the mixer.</param>
    /// <param name="alone">The conference is all it does; else it stays bridged.</param>
    /// <param name="hears">Its peer hears the mix, not the partner.</param>
    public void Mix(MixPort port, bool alone, bool hears)
    {
        if (alone && (_activity != StreamActivity.Conference || _mix != port))
        {
            Leave();
            Enter(StreamActivity.Conference, null, null);
        }
        LeaveShortWay();
        if (_hearsMix != hears)
            State.Outgoing.Switch();
        (_mix, _hearsMix) = (port, hears);
        _loop.Mixing(this);
    }

    /// <summary>The mixer has let go of it.</summary>
    public void Unmix(MixPort port)
    {
        if (_mix != port)
            return;
        if (_activity == StreamActivity.Conference)
            Enter(StreamActivity.Idle, null, null);
        LeaveShortWay();
        (_mix, _hearsMix) = (null, false);
        State.Outgoing.Switch();
        _loop.Mixing(this);
    }

    private void SetPlaying(Playing? playing, PromptEnd why, char digit = '\0')
    {
        LeaveShortWay();
        Playing? before = _playing;
        _playing = playing;
        _playingDue = _clock.Microseconds;
        _loop.Playing(this);
        while (before is not null && before != playing)
        {
            if (before.Name.Length > 0)
                _reports.Played(Id, before.Name, why, digit);
            before = before.Next;
        }
    }

    /// <summary>From now on copies what comes to a recording, or no more. What the peer sends is recorded whatever else the stream does.</summary>
    public void SetTap(RecordingTap? tap)
    {
        LeaveShortWay();
        _tap = tap;
        _loop.SetTap(StateNumber, tap);
        tap?.Break(_clock.Microseconds);
    }

    /// <summary>From now on copies what the peer hears of a conference to a recording, or no more.</summary>
    public void SetHeardTap(RecordingTap? tap)
    {
        _heardTap = tap;
        tap?.Break(_clock.Microseconds);
    }

    /// <summary>Leaves bridge, echo, tone or conference.</summary>
    public void Leave()
    {
        MediaStream? partner = _partner;
        SetPlaying(null, PromptEnd.Stopped);
        Enter(StreamActivity.Idle, null, null);
        if (_mix is { } port)
            Unmix(port);
        if (partner is not null && partner != this && partner._partner == this)
        {
            partner.SetPlaying(null, PromptEnd.Stopped);
            partner.Enter(StreamActivity.Idle, null, null);
        }
    }

    /// <summary>Ends what plays, and an echo; not a bridge, nor a conference.</summary>
    public void StopPlaying()
    {
        if (_activity is StreamActivity.Tone or StreamActivity.Echo)
            Leave();
        else
            SetPlaying(null, PromptEnd.Stopped);
    }

    /// <summary>Ends the stream: says goodbye, gives up its ports and its keys.</summary>
    /// <returns>Its figures.</returns>
    public LegStatistics End()
    {
        LegStatistics figures = Figures();
        Leave();
        SetTap(null);
        SetHeardTap(null);
        SendRtcp(_clock.Microseconds, goodbye: true);
        _loop.Remove(this);
        EndHandshake();
        DropKeys();
        (_settings, State.Flags) = (null, StreamFlags.None);
        return figures;
    }

    public void Received(int tag, Span<byte> buffer, int length, in UdpAddress from)
    {
        if (tag == RtpTag)
            ReceiveRtp(buffer, length, from);
        else
            ReceiveRtcp(buffer, length, from, onRtpSocket: false);
    }

    /// <summary>Begins: its loop has a state for it.</summary>
    public void Attach(int number, StreamState* state, int socket)
    {
        StateNumber = number;
        _state = state;
        (State.Number, State.Outgoing, State.Socket) = (Number, _beginning, socket);
    }

    /// <summary>Its loop has no state for it any more.</summary>
    public void Detach()
    {
        _state = _loop.States.Nobodys;
        StateNumber = 0;
    }

    /// <summary>Goes on with other ports: its peer has moved to another family of addresses. SSRC, sequence and keys go on. The former ones are spare now.</summary>
    public void MoveTo(PortPair ports)
    {
        LeaveShortWay();
        State.Socket = _loop.Move(this, ports);
        (SparePorts, Ports, _rtp) = (Ports, ports, ports.Rtp);
    }

    /// <summary>Whether a tick would find nothing to do: packets come and take the short way, and no report is due.</summary>
    public static bool IsBusyTalking(StreamState* state, long now) => state->Hearer is not null && now < state->ReportDue && now - state->Heard < SilenceStep;

    /// <summary>Every 10 ms or so while a tone plays, else every 100 ms or so, unless it <see cref="IsBusyTalking"/>.</summary>
    public void Tick(long now)
    {
        if (_settings is null)
            return;
        if (_playing is not null)
            PlayDue(now);
        if (_partner is { } hearer && Map?.Transcoder is { IsWaiting: true } transcoder)
            hearer.SendWaiting(transcoder, now);
        TakeDigits(now);
        TickHandshake(now);
        _formerKey.Tick(now);
        if (now >= State.ReportDue)
        {
            SendRtcp(now, goodbye: false);
            ScheduleRtcp(now, initial: false);
        }
        WatchSilence(now);
    }

    private void Enter(StreamActivity activity, MediaStream? partner, PayloadMap? map)
    {
        LeaveShortWay();
        _activity = activity;
        _early = false;
        _loop.Playing(this);
        _partner = partner;
        Map = map;
        State.Outgoing.Switch();
        State.Heard = Math.Max(State.Heard, _clock.Microseconds); // silence counts from here
    }

    /// <summary>Takes a key into use; an unchanged one goes on where it was. Counters are kept over a re-key (INTEROP I62).</summary>
    /// <returns>The context that is out of use now, or null.</returns>
    internal static SrtpContext? Rekey(ref SrtpContext? context, ref CryptoAttribute? current, CryptoAttribute next)
    {
        if (current is not null && context is not null && next.Suite == current.Suite && next.KeySalt.Span.SequenceEqual(current.KeySalt.Span))
            return null;
        SrtpContext? previous = context;
        current = next;
        context = SrtpProfiles.TryFromSuite(next.Suite, out SrtpProfile profile) ? SrtpContext.FromKeySalt(profile, next.KeySalt.Span) : null;
        if (previous is not null)
            context?.ExpectSourcesOf(previous);
        return previous;
    }

    /// <summary>A packet has gone the long way, a datagram of some length: those like it, for as long as nothing changes, need not.</summary>
    private void TryShortWay(MediaStream hearer, byte payloadType, PayloadKind kind, AudioFormat format, int clockRate, int length)
    {
        if (((State.Flags | hearer.State.Flags) & StreamFlags.ShakesHands) != 0 || kind != PayloadKind.Audio || hearer == this || clockRate <= 0)
            return;
        (PayloadAct act, byte hearersType) = _acts[payloadType];
        if (act != PayloadAct.Copy || (hearer.State.Flags & StreamFlags.CanSend) == 0 || _mix is not null || _inband is not null || _carried is not null
            || hearer._playing is not null || hearer._hearsMix || _digits.IsActive || _repacking > 0 || Map!.Transcoder is { IsWaiting: true } || (payloadType is >= 64 and <= 95))      // with a marker these are RTCP (RFC 5761 §4)
            return;
        if (!TryGetState(State.Flags, _receiveCrypto, out SrtpState* opens) || !TryGetState(hearer.State.Flags, hearer._sendCrypto, out SrtpState* protects))
            return;
        State.Opens = opens;
        State.Protects = protects;
        (State.Head, State.HearersType, State.HeardFormat, State.HeardClockRate) = (ShortWay.HeadOf(payloadType), hearersType, format, clockRate);
        State.OnlyLength = _statedLength == 0 || !AudioFormats.HasFixedRate(format) ? (ushort)0 : (ushort)length;
        State.Hearer = hearer._state;
    }

    /// <summary>What the short way needs of a context that is in use.</summary>
    /// <returns>False: there is none.</returns>
    private static bool TryGetState(StreamFlags flags, SrtpContext? context, out SrtpState* state)
    {
        bool encrypted = (flags & StreamFlags.Encrypted) != 0;
        state = encrypted && context is not null ? context.State : null;
        return state is not null || !encrypted;
    }

    /// <summary>Something changes that the short way does not look at, or keys go: the next packet of either side goes the long way. Called before it changes.</summary>
    private void LeaveShortWay()
    {
        Forget(_state);
        if (_partner is { } partner && partner._state->Hearer == _state)
            Forget(partner._state);
        static void Forget(StreamState* state)
        {
            state->Hearer = null;
            state->Opens = state->Protects = null;
        }
    }

    private void WatchSilence(long now)
    {
        if (now - State.Heard < SilenceStep)
            return; // most are: then nothing else of the stream is looked at
        bool watched = !_early && _activity is StreamActivity.Bridged or StreamActivity.Echo or StreamActivity.Conference && _settings!.ExpectsMedia && _loop.Silence > TimeSpan.Zero;
        if (!watched)
        {
            State.Heard = now; // while held, ringing or alone nobody has to speak
            State.SilenceReported = false;
        }
        else if (!State.SilenceReported && now - State.Heard >= (long)_loop.Silence.TotalMicroseconds)
        {
            State.SilenceReported = true;
            _reports.Silent(Id);
        }
    }
}
