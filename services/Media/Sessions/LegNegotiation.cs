using CloudPbx.Media.Relay;
using CloudPbx.MediaControl;
using CloudPbx.Sdp;

namespace CloudPbx.Media.Sessions;

/// <summary>
/// The offer/answer state of one leg (RFC 3264): what it brings, what is pending, what was agreed on. Its address, port and keys never
/// change, unless the peer moves to another family of addresses; its ICE credentials do where the peer restarts ICE. Not thread-safe: its session guards it. Partial: streams besides the audio (<c>LegNegotiation.Passed.cs</c>).
/// </summary>
internal sealed partial class LegNegotiation
{
    private readonly string _sessionId;
    private string _address;
    private int _port;
    private readonly OwnKeys _keys, _otherKeys;
    private AudioCodec[]? _codecs;                                // of the policy
    private LocalDtls? _dtls;
    private readonly FillRandom _random;
    private readonly LegState? _former;                           // what another node wrote of it
    private string? _originHost;
    private SessionDescription? _lastLocal;
    private SessionDescription? _ourOffer;
    private SessionDescription? _theirOffer;
    private OfferedAudio? _theirAudio;                            // of an offer that is not answered yet
    private SessionDescription? _ourAnswer;

    public LegNegotiation(string sessionId, string address, int port, FillRandom random, string? fingerprint = null, LegState? former = null)
    {
        _former = former;
        _random = random;
        _isMute = former is { IsMute: true };
        if (former is not null && SessionDescription.TryParse(former.Local.AsSpan(), out _lastLocal) == SdpParseError.None && _lastLocal?.Origin is { } origin)
            (sessionId, _originHost) = (origin.SessionId, origin.Host);      // RFC 3264 §8: but for its version the line stays as it is
        _sessionId = sessionId;
        _address = address;
        _port = port;
        _keys = new OwnKeys(CryptoAttribute.OfferedSuites, random, former);
        _otherKeys = new OwnKeys(CryptoAttribute.OtherSuites, random, former);
        _dtls = fingerprint is null ? null : NewDtls(fingerprint);
    }

    public LegPolicy Policy
    {
        get;
        set
        {
            field = value;
            (_codecs, _theirAudio) = (null, null);
        }
    } = new();

    /// <summary>What it brings for DTLS and ICE; null where this machine has no OpenSSL.</summary>
    public LocalDtls? Dtls => _dtls;

    /// <summary>The stream agreed on, or null.</summary>
    public NegotiatedMedia? Agreed { get; private set; }

    /// <summary>What another node needs to go on; null while nothing is agreed on.</summary>
    private string? State => Agreed is not { } agreed || _lastLocal is null ? null : new LegState
    {
        Local = LegState.WithoutKeys(_lastLocal),
        Formats = Formats(),
        Form = OfferForm(),
        Suite = agreed.LocalKey?.Suite,
        KeySalt = agreed.LocalKey?.KeySalt.ToArray(),
        RtcpMux = agreed.RtcpMux,
        IsMute = _isMute,
    }.Write();

    /// <summary>Whether more than telephone quality was agreed on.</summary>
    public bool IsWideband => Agreed is { } agreed && Audio.Codecs.AudioCodecs.SampleRateOf(agreed.Codec.Name) > 8000;

    /// <summary>Why nobody here can listen to the peer or be heard by it: the codec in use can only be passed on. Null where that is not so, and before there is one.</summary>
    public string? Deafness => Agreed is not { } agreed || AudioFormats.CanDecode(agreed.Codec) ? null
        : agreed.RemoteFormats.Any(f => AudioFormats.CanDecode(f.Codec)) ? LegFaults.OtherCodecNeeded : LegFaults.NotDecodable;

    /// <summary>Our offer.</summary>
    public LegDescription Offer(LegNegotiation? like)
    {
        List<PayloadFormat> formats = like?.Formats() ?? [];
        LocalMedia local = Local(formats) with { RtcpMux = Agreed?.RtcpMux ?? _former?.RtcpMux ?? false, ComfortNoise = like is { HasComfortNoise: true } && OfferForm() != SrtpOfferForm.Dtls };
        if (Agreed is null && _former is not null)
            formats = [.. _former.Formats.Where(f => formats.Count == 0 || formats.Exists(g => AudioFormats.CanConvert(f.Codec, g.Codec))), .. formats];     // what was spoken elsewhere goes on
        SrtpOfferForm form = OfferForm();
        List<PassedOffer> passed = PassedToOffer(like, form, out bool hasAudio);
        SessionDescription offer = OfferAnswer.MakeOffer(local, form, formats, _lastLocal, passed, hasAudio);
        if (!offer.Media.Any(m => m.Port != 0 && m.Formats.Count > 0))
            return LegDescription.Refused(LegFaults.NoCommonCodec);
        _ourOffer = _lastLocal = offer;
        (_theirOffer, _ourAnswer) = (null, null);                 // who is offered something has no open offer of its own
        return new LegDescription(
            true, null, offer.Write(), ToDirection(Agreed?.Direction ?? MediaDirection.SendRecv), Agreed?.Codec.Name, Agreed?.Encrypted ?? false, Agreed?.RemoteHeld ?? false)
        {
            PassesMore = hasAudio && passed.Count > 0,
        };
    }

    /// <summary>The peer's offer, as long as that is not answered.</summary>
    public SessionDescription? OpenOffer => IsAsked ? _theirOffer : null;

    /// <summary>Where the peer is told to send.</summary>
    public (string Address, int Port) Place => (_address, _port);

    /// <summary>From now on tells the peer of another place. The <c>o=</c> line stays as it is (RFC 3264 §8).</summary>
    public void MoveTo(string address, int port)
    {
        _originHost ??= _address;
        (_address, _port) = (address, port);
    }

    /// <summary>Keeps the peer's offer.</summary>
    /// <param name="offer">The offer; null where it could not be read.</param>
    /// <param name="partner">Whom the leg is connected with, or null.</param>
    public LegDescription ReceiveOffer(SessionDescription? offer, LegNegotiation? partner = null)
    {
        if (offer is null)
            return LegDescription.Refused(LegFaults.MalformedSdp);
        OfferedAudio audio = _theirAudio = OfferAnswer.ReadOffer(Local([]), offer);
        IReadOnlyList<OfferedPassed> passed = Policy.AudioOnly ? [] : OfferAnswer.ReadPassed(Srtp, offer);
        bool hasAudio = audio.Fault != NegotiationFault.NoAudio;
        if (audio.Fault != NegotiationFault.None && (hasAudio || !passed.Any(p => p.Words.Kind == PassedKind.Fax)))
            return LegDescription.Refused(ToFault(audio.Fault));
        if (hasAudio && (Policy.OnlyTheseCodecs || Policy.DecodableOnly) && !audio.Formats.Any(IsAllowed))
            return LegDescription.Refused(LegFaults.NoCommonCodec);
        _theirOffer = offer;
        _ourAnswer = null;
        _offersAudio = hasAudio;
        return new LegDescription(true, null, null, ToDirection(audio.Direction), null, audio.Encrypted, audio.RemoteHeld) { AsksPartner = MustAsk(passed, partner) };
    }

    /// <summary>
    /// Answers the kept offer. Asked again, gives the same answer (RFC 3264 §4: an offer has one), unless the other party could not be heard
    /// in the codec that was chosen before that party was known.
    /// </summary>
    public LegDescription Answer(LegNegotiation? like)
    {
        if (_theirOffer is null)
            return LegDescription.Refused(LegFaults.NoOffer);
        List<PayloadFormat> formats = like?.Formats() ?? [];
        if (_ourAnswer is not null && (!_offersAudio || (Agreed is not null && IsHeardBy(Agreed, formats))))
            return Describe(_ourAnswer);
        List<PassedAnswer> passed = PassedToAnswer(like);
        LocalDtls? dtls = RestartsIce(_theirOffer) ? NewDtls(_dtls!.Fingerprint) : _dtls;
        Negotiation result = _offersAudio
            ? OfferAnswer.MakeAnswer(Local(formats) with { RtcpMux = true, Dtls = dtls }, _theirOffer, formats, _lastLocal, passed)
            : passed.Count > 0 ? OfferAnswer.MakeAnswerWithoutAudio(Local(formats), _theirOffer, passed, _lastLocal) : new Negotiation(NegotiationFault.NoAudio, null, null);
        string? fault = result is not { Succeeded: true, Local: not null } ? ToFault(result.Fault)
            : result.Media is { } media && !IsHeardBy(media, formats) ? LegFaults.NoCommonCodec : null;
        if (fault is not null)
        {
            if (Agreed is not null || Passed.Count > 0)
                _theirOffer = null;                               // refused: what was agreed on before stays (RFC 3261 §14.2)
            return LegDescription.Refused(fault);
        }
        _wanted.Clear();
        _wanted.UnionWith(OfferAnswer.ReadPassed(Srtp, _theirOffer).Select(o => o.Words.Kind));
        _ourAnswer = _lastLocal = result.Local!;
        (_ourOffer, _theirAudio) = (null, null);
        _dtls = dtls;
        Note(result);
        return Describe(_ourAnswer);
    }

    /// <summary>Takes the peer's answer to our offer.</summary>
    public LegDescription ReceiveAnswer(string sdp)
    {
        if (_ourOffer is null)
            return LegDescription.Refused(LegFaults.NoOffer);
        if (SessionDescription.TryParse(sdp.AsSpan(), out SessionDescription? answer) != SdpParseError.None || answer is null)
            return LegDescription.Refused(LegFaults.MalformedSdp);
        Negotiation result = OfferAnswer.ReceiveAnswer(Local([]), _ourOffer, answer);
        if (!result.Succeeded)
            return LegDescription.Refused(ToFault(result.Fault));
        Note(result);
        _theirOffer = null;
        return Describe(_ourOffer);
    }

    /// <summary>Another node has described the leg to the peer meanwhile, and the leg came back: that description is what the next one differs from, by one version (RFC 3264 §8).</summary>
    public void CountOnFrom(LegState other)
    {
        if (_lastLocal?.Origin is { } ours && SessionDescription.TryParse(other.Local.AsSpan(), out SessionDescription? theirs) == SdpParseError.None
            && theirs?.Origin is { } origin && origin.SessionId == ours.SessionId && VersionOf(origin) > VersionOf(ours))
            _lastLocal = theirs;
    }

    private static ulong VersionOf(SdpOrigin origin) => ulong.TryParse(origin.SessionVersion, System.Globalization.NumberStyles.None, null, out ulong version) ? version : 0;

    /// <summary>An encrypted leg is offered again in the form in force, also where the peer brought it in; a re-INVITE never takes encryption away.</summary>
    private SrtpOfferForm OfferForm()
    {
        if (Agreed is null && _former is not null)
            return _former.Form;
        if (Agreed?.Dtls is not null || (Agreed is null && Policy.WebRtc))
            return SrtpOfferForm.Dtls;
        if (Agreed is { Encrypted: true } agreed && _lastLocal?.Media.ElementAtOrDefault(agreed.MediaIndex) is { } ours)
            return ours.IsSdesProfile ? SrtpOfferForm.Savp : SrtpOfferForm.ClearWithKeys;
        return Policy is { Srtp: MediaControl.SrtpPolicy.Optional, OfferSecureProfile: true } ? SrtpOfferForm.Savp : SrtpOfferForm.Clear;
    }

    /// <summary>The formats that the other party's leg should prefer: what the peer has just offered, or what is in use.</summary>
    private List<PayloadFormat> Formats()
    {
        if (IsAsked && _offersAudio)
            return [.. TheirAudio.Formats.Where(IsAllowed)];
        if (Agreed is null && _former is not null)
            return [.. _former.Formats];
        return Agreed is null ? [] : [Agreed.Send, .. Agreed.RemoteFormats.Where(f => f.PayloadType != Agreed.Send.PayloadType && Agreed.Receive.Any(f.IsInterchangeableWith))];
    }

    /// <summary>What the offer that waits for its answer brings, as it was read, or as it reads under another policy.</summary>
    private OfferedAudio TheirAudio => _theirAudio ??= OfferAnswer.ReadOffer(Local([]), _theirOffer!);

    /// <summary>The peer may be silent in its pauses: then the other one may as well.</summary>
    private bool HasComfortNoise => IsAsked && _offersAudio ? TheirAudio.ComfortNoise : Agreed?.SendComfortNoise is not null;

    /// <summary>What this leg brings. Beside another party only what that party can hear: as it is, or transcoded; its own codecs go first.</summary>
    private LocalMedia Local(List<PayloadFormat> like) => new()
    {
        SessionId = _sessionId,
        Address = _address,
        OriginHost = _originHost,
        Port = _port,
        Codecs = like.Count == 0 ? OwnCodecs : Array.FindAll(OwnCodecs, c => like.Exists(f => AudioFormats.CanConvert(c, f.Codec))),
        AllowOtherCodecs = !Policy.OnlyTheseCodecs,
        IsTaken = Policy.DecodableOnly ? AudioFormats.CanDecode : null,
        OwnOrder = Policy.OnlyTheseCodecs,
        TelephoneEvent = Policy.TelephoneEvent,
        Srtp = (Sdp.SrtpPolicy)Policy.Srtp,
        Keys = KeysToOffer(),
        Dtls = _dtls,
        PtimeMilliseconds = Policy.PtimeMilliseconds ?? 20,
        KeysForAnswers = _otherKeys,
    };

    private AudioCodec[] OwnCodecs => _codecs ??= [.. Policy.Codecs.Select(name => Policy.OnlyTheseCodecs ? Named(name) : Known(name)).OfType<AudioCodec>().Where(codec => !Policy.DecodableOnly || AudioFormats.CanDecode(codec))];

    /// <summary>The key in force stays the first choice: a re-INVITE is no reason to change it (INTEROP I62).</summary>
    private IReadOnlyList<CryptoAttribute> KeysToOffer()
    {
        if ((Agreed is null ? _former?.Suite : Agreed.LocalKey?.Suite) is not { } current)
            return _keys;
        CryptoAttribute[] inForceFirst = [.. _keys.Concat(_otherKeys).Where(k => k.Suite == current), .. _keys.Where(k => k.Suite != current)];
        return inForceFirst;
    }

    /// <summary>Whether the peer begins ICE anew (RFC 8839 §4.4.1.1.1): then so do we in the answer, and what is in use goes on meanwhile (RFC 8445 §9).</summary>
    private bool RestartsIce(SessionDescription offer) => _dtls is not null && Agreed?.Dtls is { Ufrag: { } before }
        && offer.Media.Any(m => m.IsDtlsProfile && m.Port != 0 && RemoteDtls.Read(offer, m) is { Ufrag: { } now } && now != before);

    private LocalDtls NewDtls(string fingerprint) => new(fingerprint, RandomText(_random, 6), RandomText(_random, 18));

    /// <summary>Octets as text of ICE's characters (RFC 8445 §5.3: at least 24 and 128 random bits).</summary>
    private static string RandomText(FillRandom random, int octets)
    {
        byte[] filled = new byte[octets];
        random(filled);
        return Convert.ToBase64String(filled);
    }

    private static bool IsHeardBy(NegotiatedMedia media, List<PayloadFormat> others) =>
        others.Count == 0 || others.Exists(f => AudioFormats.CanConvert(media.Codec, f.Codec));

    private static AudioCodec? Known(string name) => name.ToUpperInvariant() switch
    {
        "PCMA" => AudioCodec.Pcma,
        "PCMU" => AudioCodec.Pcmu,
        "G722" => AudioCodec.G722,
        "OPUS" => AudioCodec.Opus,
        "GSM" => AudioCodec.Gsm,
        "G729" => AudioCodec.G729,
        _ => null, // passed through where the other party names it
    };

    /// <summary>The same with those that we only pass through, for a party that may speak nothing else.</summary>
    private static AudioCodec? Named(string name) => Known(name) ?? name.ToUpperInvariant() switch
    {
        "ILBC" => new AudioCodec("iLBC", 8000),
        "AMR" => new AudioCodec("AMR", 8000),
        "AMR-WB" => new AudioCodec("AMR-WB", 16000),
        _ => null,
    };

    private bool IsAllowed(PayloadFormat format) =>
        (!Policy.OnlyTheseCodecs || Policy.Codecs.Any(name => format.Codec.Equals(Named(name)))) && (!Policy.DecodableOnly || AudioFormats.CanDecode(format.Codec));

    private LegDescription Describe(SessionDescription local) =>
        new(true, null, local.Write(), ToDirection(Agreed?.Direction ?? MediaDirection.Inactive), Agreed?.Codec.Name, Agreed?.Encrypted ?? false, Agreed?.RemoteHeld ?? false)
        {
            State = State,
            PassesMore = Passed.Count > 0,
            IsWide = IsWideband,
            IsOnlyPassed = Deafness is not null,
        };

    private static Direction ToDirection(MediaDirection direction) => direction switch
    {
        MediaDirection.SendRecv => Direction.SendRecv,
        MediaDirection.SendOnly => Direction.SendOnly,
        MediaDirection.RecvOnly => Direction.RecvOnly,
        _ => Direction.Inactive,
    };

    private static string ToFault(NegotiationFault fault) => fault switch
    {
        NegotiationFault.NoCommonCodec => LegFaults.NoCommonCodec,
        NegotiationFault.NoAddress => LegFaults.MalformedSdp,
        NegotiationFault.EncryptionRequired or NegotiationFault.NoUsableKey or NegotiationFault.Protocol => LegFaults.EncryptionMismatch,
        _ => LegFaults.NoAudio,
    };

    /// <summary>A key for each suite, made when the first one is asked for: most legs go in clear. The one that was in force elsewhere stays.</summary>
    private sealed class OwnKeys(IReadOnlyList<string> suites, FillRandom random, LegState? former) : IReadOnlyList<CryptoAttribute>
    {
        private CryptoAttribute[]? _made;

        public int Count => suites.Count;

        private CryptoAttribute[] Made => _made ??= [.. CryptoAttribute.GenerateAll(suites, random).Select(AsBefore)];

        public CryptoAttribute this[int index] => Made[index];

        public IEnumerator<CryptoAttribute> GetEnumerator() => ((IEnumerable<CryptoAttribute>)Made).GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();

        private CryptoAttribute AsBefore(CryptoAttribute key) => key.Suite == former?.Suite && former.KeySalt is { } known && known.Length == key.KeySalt.Length
            ? new CryptoAttribute { Tag = key.Tag, Suite = key.Suite, KeySalt = known }
            : key;
    }
}
