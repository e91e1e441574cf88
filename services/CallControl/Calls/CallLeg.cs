using CloudPbx.CallControl.Calls.Snapshots;
using CloudPbx.CallControl.Links;
using CloudPbx.CallControl.Carriers;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Data.Tenants;
using CloudPbx.MediaControl;
using CloudPbx.Sip.Transport;
using CloudPbx.Sip.UserAgents;
using CloudPbx.State.Bindings;
using DevicePolicy = CloudPbx.Contracts.Api.SrtpPolicy;

namespace CloudPbx.CallControl.Calls;

/// <summary>One party of a call: a dialog with its phone, and a media leg.</summary>
internal sealed class CallLeg
{
    private readonly DevicePolicy _encryption;

    /// <summary>A leg of a call that begins.</summary>
    public CallLeg(CallId call, int number, CallParty party, ConfiguredDevice device, EdgeFlow flow)
    {
        Number = number;
        Party = party;
        Media = new LegId(call, number);
        DeviceId = device.Id;
        Extension = device.Extension;
        _encryption = device.Encryption;
        Codecs = device.Codecs;
        Flow = flow;
    }

    /// <summary>A leg towards a carrier.</summary>
    /// <param name="call">The call.</param>
    /// <param name="number">The leg's number in it.</param>
    /// <param name="party">Which side it is.</param>
    /// <param name="carrier">The carrier.</param>
    /// <param name="outside">The number at the other end.</param>
    /// <param name="flow">The way to the carrier.</param>
    public CallLeg(CallId call, int number, CallParty party, CarrierSide carrier, string outside, EdgeFlow flow)
    {
        Number = number;
        Party = party;
        Media = new LegId(call, number);
        Carrier = carrier;
        Extension = outside;
        _encryption = carrier.Trunk.Profile.Srtp;
        OffersSrtp = RequiresSrtp || (_encryption == DevicePolicy.Optional && flow.IsSecure);
        Flow = flow;
    }

    /// <summary>A leg that another owner had.</summary>
    public CallLeg(CallId call, LegSnapshot snapshot, EdgeFlow flow, CarrierSide? carrier)
    {
        Carrier = carrier;
        Number = snapshot.Number;
        Party = snapshot.Party;
        Media = new LegId(call, snapshot.Number);
        DeviceId = snapshot.DeviceId;
        Extension = snapshot.Extension;
        _encryption = snapshot.Encryption;
        Flow = flow;
        Binding = snapshot.Binding;
        HasMedia = snapshot.HasMedia;
        SealedMediaState = snapshot.MediaState;
        OffersSrtp = snapshot.OffersSrtp;
        Terms = snapshot.Terms;
        // A snapshot of before there were reasons has none: phones alone sent calls on then.
        ForwardedBy = [.. (snapshot.ForwardedBy ?? []).Select((extension, place) => new ForwardHop(extension, snapshot.ForwardReasons?.ElementAtOrDefault(place) ?? default))];
        Codecs = snapshot.Codecs;
        (HoldsByPhone, HoldsByProgram, IsMuted, Hears) = (snapshot.HoldsByPhone, snapshot.HoldsByProgram, snapshot.IsMuted, snapshot.Hears);
        PassesMore = snapshot.PassesMore;
        IsForHelp = snapshot.IsEmergency;
        Use = snapshot.Payer is null ? null : new OutsideUse(snapshot.Payer, snapshot.OutsideNumber ?? snapshot.Extension, snapshot.IsEmergency, ForwardedBy.Count > 0) { AnsweredAt = snapshot.OutsideAnsweredAt };
    }

    /// <summary>The place of a phone that comes from another call: its dialog follows when it has agreed to new media.</summary>
    public CallLeg(CallId call, int number, CallParty party, CallLeg before, bool offersSrtp)
    {
        Number = number;
        Party = party;
        Media = new LegId(call, number);
        DeviceId = before.DeviceId;
        Extension = before.Extension;
        _encryption = before._encryption;
        Codecs = before.Codecs;
        Flow = before.Flow;
        Binding = before.Binding;
        Terms = before.Terms;
        Carrier = before.Carrier;
        ToneCountry = before.ToneCountry;
        Use = before.Use;
        ForwardedBy = before.ForwardedBy;
        Refers = before.Refers;
        OffersSrtp = offersSrtp;
    }

    /// <summary>The leg's number in its call; the caller's is 0.</summary>
    public int Number { get; }

    /// <summary>Which side of the call it is.</summary>
    public CallParty Party { get; }

    /// <summary>The media node's name for it.</summary>
    public LegId Media { get; }

    /// <summary>The phone's device; none's where the leg is one towards a carrier.</summary>
    public DeviceId DeviceId { get; }

    /// <summary>The carrier; null where the leg is one towards a phone.</summary>
    public CarrierSide? Carrier { get; }

    /// <summary>The device's extension; of a carrier's leg the number outside.</summary>
    public string Extension { get; }

    /// <summary>Whether the party's media is encrypted. Who calls for help may speak in clear: better heard by others, too, than by nobody (SECURITY.md S36).</summary>
    public DevicePolicy Encryption => IsForHelp && RequiresSrtp ? DevicePolicy.Optional : _encryption;

    /// <summary>Whether the device, or the trunk, asks for encryption, whatever the call is.</summary>
    public bool RequiresSrtp => _encryption == DevicePolicy.Required;

    /// <summary>The only codecs that the phone may speak, the most wanted first; null: all of ours.</summary>
    public IReadOnlyList<string>? Codecs { get; }

    /// <summary>The way to the phone now.</summary>
    public EdgeFlow Flow { get; private set; }

    /// <summary>The binding that the phone was found by, or that its flow belongs to; null where it called without being registered.</summary>
    public Binding? Binding { get; set; }

    /// <summary>The dialog, once there is one.</summary>
    public InviteDialog? Dialog { get; set; }

    /// <summary>Ends the call's interest in the dialog's changes, where the dialog goes to another call.</summary>
    public Action? Detach { get; set; }

    /// <summary>Done when the media node has the answer that an ACK brought to our last offer. What the peer offers after its ACK waits for that.</summary>
    public Task LateAnswer { get; set; } = Task.CompletedTask;

    /// <summary>Whether the media node was asked for this leg, so that it has to be told when it ends.</summary>
    public bool HasMedia { get; set; }

    /// <summary>What another media node would need to go on with the leg; null while nothing is agreed on, and where an earlier owner sealed it.</summary>
    public string? MediaState { get; set; }

    /// <summary>Whether another media node could go on with the leg.</summary>
    public bool HasMediaState => MediaState is not null || SealedMediaState is not null;

    /// <summary>The same, sealed by the tenant's key; null where that key is gone.</summary>
    public byte[]? SealedMediaState { get; set; }

    /// <summary>The extensions that sent the call on to this one, first one first; empty where it was called at once.</summary>
    public IReadOnlyList<ForwardHop> ForwardedBy { get; init; } = [];

    /// <summary>The call to the outside that the leg is; null for a phone's leg, and for a caller from outside.</summary>
    public OutsideUse? Use { get; set; }

    /// <summary>How many REFERs the phone has sent in the dialog that were accepted.</summary>
    public int Refers { get; set; }

    /// <summary>Whether the phone has put the other party on hold.</summary>
    public bool HoldsByPhone { get; set; }

    /// <summary>Whether a program has the party hold the other one.</summary>
    public bool HoldsByProgram { get; set; }

    /// <summary>Whether the party holds the other one, one way or the other.</summary>
    public bool Holds => HoldsByPhone || HoldsByProgram;

    /// <summary>Whether a program has muted the party.</summary>
    public bool IsMuted { get; set; }

    /// <summary>What the party hears instead of the other one: the name of a sound; null where it hears that one.</summary>
    public string? Hears { get; set; }

    /// <summary>Whether the phone is offered SRTP.</summary>
    public bool OffersSrtp { get; set; }

    /// <summary>What its INVITE has of the breadth that the caller's proxies have left (RFC 5393 §5.3.3); null where they said nothing, or before.</summary>
    public long? Breadth { get; set; }

    /// <summary>Whether fax or video was agreed on with the party.</summary>
    public bool PassesMore { get; set; }

    /// <summary>Whether the codec in use has more in it than a telephone's 8 kHz; as far as this owner of the call has seen.</summary>
    public bool IsWide { get; set; }

    /// <summary>Whether the media node can only pass on the codec in use, so that the party cannot be heard by us, nor hears us; as far as this owner of the call has seen.</summary>
    public bool IsOnlyPassed { get; set; }

    /// <summary>Whether the phone is offered audio alone, since it has refused more than that.</summary>
    public bool IsOfferedAudioOnly { get; set; }

    /// <summary>Whether a browser is at the other end: who comes by WebSocket (RFC 7118 §1).</summary>
    public bool IsBrowser => Flow.Transport is SipTransport.Ws or SipTransport.Wss;

    /// <summary>What the leg's signalling agrees to.</summary>
    public LegTerms Terms { get; init; } = LegTerms.Default;

    /// <summary>Whether it is one of a call for help: its media has ports where others get none (SECURITY.md S36).</summary>
    public bool IsForHelp
    {
        get => field || Use is { IsEmergency: true };
        set;
    }

    /// <summary>Whose progress tones it hears.</summary>
    public string ToneCountry { get; init; } = "EU";

    /// <summary>Whether the party is a carrier that is told of keys by INFO.</summary>
    public bool TakesDigitsByInfo => Carrier?.Trunk.Profile.Dtmf == TrunkDtmf.Info;

    /// <summary>What the media leg may agree to with the phone.</summary>
    public LegPolicy Policy => Carrier is null ? PhonePolicy : PhonePolicy with
    {
        Codecs = Carrier.Trunk.Profile.Codecs,
        PtimeMilliseconds = Carrier.Trunk.Profile.PacketMilliseconds,
        TelephoneEvent = Carrier.Trunk.Profile.Dtmf == TrunkDtmf.Rfc4733,
        InbandDigits = Carrier.Trunk.Profile.Dtmf == TrunkDtmf.Inband,
        SignalledDigits = TakesDigitsByInfo,
    };

    private LegPolicy PhonePolicy => Codecs is null ? OpenPolicy : OpenPolicy with { Codecs = Codecs, OnlyTheseCodecs = true };

    private LegPolicy OpenPolicy => new()
    {
        Srtp = SrtpChoice.PolicyOf(Encryption),
        OfferSecureProfile = OffersSrtp,
        WebRtc = IsBrowser,
        AudioOnly = IsOfferedAudioOnly,
        ForHelp = IsForHelp,
        ToneCountry = ToneCountry,
        PeerSignallingAddress = Flow.Remote.Address,
    };

    /// <summary>Whether another leg is the same party's: a phone of the same extension, or the same carrier.</summary>
    public bool IsOfSame(CallLeg other) => Carrier is { } carrier ? other.Carrier?.Trunk.Id == carrier.Trunk.Id : other.Carrier is null && Extension == other.Extension;

    /// <summary>The phone proved that it is reached on another flow now.</summary>
    public void MoveTo(EdgeFlow flow)
    {
        flow.Trace = Flow.Trace;
        flow.Witness = Flow.Witness;
        Flow = flow;
        if (Dialog is { } dialog)
            dialog.Flow = flow;
    }

    /// <summary>What the next owner needs of it.</summary>
    public LegSnapshot ToSnapshot() => new()
    {
        Number = Number,
        Party = Party,
        DeviceId = DeviceId,
        Extension = Extension,
        Encryption = _encryption,
        FlowToken = Flow.Text,
        Binding = Binding,
        HasMedia = HasMedia,
        MediaState = SealedMediaState,
        OffersSrtp = OffersSrtp,
        Terms = Terms,
        Trunk = Carrier?.Trunk.Id,
        Account = Carrier?.Account?.User,
        ShownNumber = Carrier?.CallerNumber,
        ForwardedBy = ForwardedBy.Count == 0 ? null : [.. ForwardedBy.Select(hop => hop.Number)],
        ForwardReasons = ForwardedBy.Count == 0 ? null : [.. ForwardedBy.Select(hop => hop.Reason)],
        Codecs = Codecs,
        Payer = Use?.Payer,
        OutsideNumber = Use?.Number,
        IsEmergency = IsForHelp,
        OutsideAnsweredAt = Use?.AnsweredAt,
        HoldsByPhone = HoldsByPhone,
        HoldsByProgram = HoldsByProgram,
        IsMuted = IsMuted,
        Hears = Hears,
        PassesMore = PassesMore,
        Dialog = Dialog is { IsEnded: false } dialog ? dialog.ToState() : null,
    };
}
