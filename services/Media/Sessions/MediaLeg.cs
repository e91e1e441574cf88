using CloudPbx.Media.Playback;
using CloudPbx.Media.Ports;
using CloudPbx.Media.Recording;
using CloudPbx.Media.Relay;
using CloudPbx.MediaControl;
using CloudPbx.Sdp;

namespace CloudPbx.Media.Sessions;

/// <summary>The control side of a leg: its negotiation, what it was told to do, and its stream on the loop.</summary>
/// <remarks>Guarded by its session. It never touches the stream but by posting to the loop. Partial: prompts and digits (<c>MediaLeg.Prompts.cs</c>), mixing (<c>MediaLeg.Mixing.cs</c>), fax and video (<c>MediaLeg.Passing.cs</c>).</remarks>
internal sealed partial class MediaLeg(LegId id, MediaStream stream, PortPair ports, LegNegotiation negotiation, MediaLoop loop, LegParts parts, ILegReports reports, Lock gate)
{
    private PortPair _ports = ports;                               // the stream's, as soon as the loop comes to it; and what it has of the other family
    private PortPair? _spare;
    private StreamSettings? _settings;
    private MediaLeg? _partner;
    private bool _waits;                                          // the bridge is one before the answer, and we are the caller's side of it
    private bool _echo, _ended;
    private Tone? _tone;
    private RecordingTap? _tap, _heardTap;

    public LegNegotiation Negotiation => negotiation;

    /// <summary>Whom it is bridged with.</summary>
    public MediaLeg? Partner => _partner;

    public LegId Id => id;

    /// <summary>Answers the offer that waits for it; one that is in another family of addresses than the leg from ports of that one, if there are any (RFC 3264 §8.3.1).</summary>
    /// <param name="like">Whose codecs go first, or null.</param>
    public LegDescription Answer(LegNegotiation? like)
    {
        if (NewPlace() is not { } own || (_spare is null && !loop.TryTakePorts(own.Family, negotiation.Policy.ForHelp, out _spare)))
            return negotiation.Answer(like);
        PortPair next = _spare;
        (string address, int port) = negotiation.Place;
        (_ports, _spare) = (next, _ports);
        negotiation.MoveTo(own.Address, next.RtpPort);
        LegDescription answer = negotiation.Answer(like);
        if (answer.Accepted)
        {
            loop.Post(() => stream.MoveTo(next));
            return answer;
        }
        (_ports, _spare) = (_spare, next);                        // what was agreed on before stays (RFC 3261 §14.2)
        negotiation.MoveTo(address, port);
        loop.Post(() => stream.SparePorts = next);
        return answer;
    }

    /// <summary>Where the leg goes with the answer; null where it stays. A leg with DTLS does: an association is one between two sockets, and browsers have addresses of both families.</summary>
    private OwnAddress? NewPlace() =>
        negotiation is { OpenOffer: { } offer, Agreed: null or { Dtls: null } } && parts.Builder.Described(offer, negotiation.Policy) is { } described && described.AddressFamily != _ports.Family
            && parts.Addresses.Choose(negotiation.Policy.PeerSignallingAddress, described) is var own && own.Family != _ports.Family ? own : null;

    /// <summary>After an offer/answer: gives the stream its new settings, and brings up to date what follows from the codecs.</summary>
    public void ApplyAgreed()
    {
        ApplyPassed();
        if (negotiation.Agreed is not { } agreed)
            return;
        StreamSettings settings = _settings = parts.Builder.Build(agreed, negotiation.Policy, _settings, negotiation.Dtls, _ports.Family);
        loop.Post(() => stream.Apply(settings));
        if (_partner is not null)
            Connect(again: true);
        else if (_echo)
            PostEcho();
        else if (_tone is not null)
            PostTone();
        PostMix();
        if (_prompt is { } prompt)
            PostPrompt(prompt, again: true);
    }

    /// <summary>Connects with another leg, now or as soon as both have agreed on their codecs.</summary>
    /// <param name="other">The other leg.</param>
    /// <param name="waits">Whether our peer waits for an answer still: it hears a ringing tone until the other one's first packet.</param>
    public void Bridge(MediaLeg other, bool waits)
    {
        if (_partner != other)
        {
            Leave();
            other.Leave();
            _partner = other;
            other._partner = this;
        }
        (_waits, other._waits) = (waits, false);
        Connect(again: false);
        ConnectPassed();
    }

    public void Echo()
    {
        if (!_echo)
            Leave();
        _echo = true;
        PostEcho();
    }

    public void Play(Tone tone)
    {
        if (_tone != tone)
            Leave();
        _tone = tone;
        PostTone();
    }

    /// <summary>Ends a tone, a prompt or an echo.</summary>
    public void StopPlaying()
    {
        _prompt = null;
        if (_echo || _tone is not null)
            Leave();
        else
            loop.Post(stream.StopPlaying);
    }

    /// <summary>Whether more than telephone quality was agreed on.</summary>
    public bool IsWideband => negotiation.IsWideband;

    /// <summary>Records what the peer says, or no more.</summary>
    public void SetTap(RecordingTap? tap)
    {
        _tap = tap;
        loop.Post(() => stream.SetTap(tap));
    }

    /// <summary>Ends that, unless another recording has taken its place.</summary>
    public void ReleaseTap(RecordingTap? tap)
    {
        if (tap is not null && _tap == tap)
            SetTap(null);
    }

    /// <summary>Records what the peer hears of a conference, now or as soon as it takes part in one; or no more.</summary>
    public void SetHeardTap(RecordingTap? tap)
    {
        _heardTap = tap;
        loop.Post(() => stream.SetHeardTap(tap));
    }

    /// <summary>Ends that, unless another recording has taken its place.</summary>
    public void ReleaseHeardTap(RecordingTap? tap)
    {
        if (tap is not null && _heardTap == tap)
            SetHeardTap(null);
    }

    /// <summary>Why these cannot be listened to: the codec of one can only be passed on. All have to have said another where that would help.</summary>
    public static string? DeafnessOf(params ReadOnlySpan<MediaLeg?> legs)
    {
        string? worst = null;
        foreach (MediaLeg? leg in legs)
        {
            if (leg?.Negotiation.Deafness is { } deafness && worst != LegFaults.NotDecodable)
                worst = deafness;
        }
        return worst;
    }

    /// <summary>Ends whatever it does; a partner is left alone.</summary>
    public void Leave()
    {
        if (_partner is { } partner)
            partner._partner = null;
        (_partner, _waits, _echo, _tone, _prompt) = (null, false, false, null, null);
        LeaveMix();
        LeavePassed();
        loop.Post(stream.Leave);
    }

    /// <summary>Ends the stream.</summary>
    /// <returns>Its figures, once the loop has ended it.</returns>
    public Task<LegStatistics> EndAsync()
    {
        Leave();
        _ended = true;
        var figures = new TaskCompletionSource<LegStatistics>();
        EndPassed();
        loop.Post(() => loop.Ended.Tell(figures, _passedCounters.AddTo(stream.End())));
        return figures.Task;
    }

    /// <param name="again">Whether only codecs changed: then what is played goes on.</param>
    private void Connect(bool again)
    {
        if (_partner is not { } partner || _settings is not { Media: { } ours } || partner._settings is not { Media: { } theirs })
            return;
        var outwards = new PayloadMap(ours, theirs, events: true, partner.Negotiation.Policy.PtimeMilliseconds) { TonesFor = partner.TonesFor(ours), EventsFor = partner.EventsFor(ours, negotiation.Policy) };
        var inwards = new PayloadMap(theirs, ours, events: true, negotiation.Policy.PtimeMilliseconds) { TonesFor = TonesFor(theirs), EventsFor = EventsFor(theirs, partner.Negotiation.Policy) };
        if (partner._waits)
            partner.PostBridge(stream, inwards, outwards, true, partner.Ringing(), again);
        else
            PostBridge(partner.Stream, outwards, inwards, _waits, _waits ? Ringing() : null, again);
    }

    private void PostBridge(MediaStream other, PayloadMap outwards, PayloadMap inwards, bool early, Playing? ringing, bool again) =>
        loop.Post(() => stream.Bridge(other, outwards, inwards, early, ringing, again));

    private MediaStream Stream => stream;

    private void PostEcho()
    {
        if (_settings is not { Media: { } ours })
            return;
        var map = new PayloadMap(ours, ours, events: false);
        loop.Post(() => stream.Echo(map));
    }

    private void PostTone()
    {
        // A codec that we cannot encode stays silent: its peer hears nothing worse than a pause.
        if (_tone is { } tone && !CannotHear() && MakePlaying([NameOf(tone)], loops: true) is { } playing)
            loop.Post(() => stream.PlayAlone(playing));
    }

    private SoundPlaying? Ringing() => MakePlaying([NameOf(Tone.Ringback)], loops: true, yields: true);

    private string NameOf(Tone tone) => $"tone/{negotiation.Policy.ToneCountry}/{tone switch
    {
        Tone.Ringback => "ringback",
        Tone.Busy => "busy",
        Tone.SpecialInformation => "special-information",
        _ => "congestion",
    }}";
}
