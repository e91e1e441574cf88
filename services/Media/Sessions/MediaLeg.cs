using CloudPbx.Media.Playback;
using CloudPbx.Media.Recording;
using CloudPbx.Media.Relay;
using CloudPbx.MediaControl;

namespace CloudPbx.Media.Sessions;

/// <summary>The control side of a leg: its negotiation, what it was told to do, and its stream on the loop.</summary>
/// <remarks>Guarded by its session. It never touches the stream but by posting to the loop. Partial: prompts and digits (<c>MediaLeg.Prompts.cs</c>), mixing (<c>MediaLeg.Mixing.cs</c>), fax and video (<c>MediaLeg.Passing.cs</c>).</remarks>
internal sealed partial class MediaLeg(LegId id, MediaStream stream, LegNegotiation negotiation, MediaLoop loop, LegParts parts, ILegReports reports, Lock gate)
{
    private StreamSettings? _settings;
    private MediaLeg? _partner;
    private bool _waits;                                          // the bridge is one before the answer, and we are the caller's side of it
    private bool _echo, _ended;
    private Tone? _tone;

    public LegNegotiation Negotiation => negotiation;

    /// <summary>Whom it is bridged with.</summary>
    public MediaLeg? Partner => _partner;

    public LegId Id => id;

    /// <summary>After an offer/answer: gives the stream its new settings, and brings up to date what follows from the codecs.</summary>
    public void ApplyAgreed()
    {
        ApplyPassed();
        if (negotiation.Agreed is not { } agreed)
            return;
        StreamSettings settings = _settings = parts.Builder.Build(agreed, negotiation.Policy, _settings, negotiation.Dtls);
        loop.Post(() => stream.Apply(settings));
        if (_partner is not null)
            Connect();
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
        Connect();
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
    public bool IsWideband => negotiation.Agreed is { } agreed && Audio.Codecs.AudioCodecs.SampleRateOf(agreed.Codec.Name) > 8000;

    /// <summary>Records what the peer says, or no more.</summary>
    public void SetTap(RecordingTap? tap) => loop.Post(() => stream.SetTap(tap));

    /// <summary>Records what the peer hears of a conference, now or as soon as it takes part in one; or no more.</summary>
    public void SetHeardTap(RecordingTap? tap) => loop.Post(() => stream.SetHeardTap(tap));

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

    private void Connect()
    {
        if (_partner is not { } partner || _settings is not { Media: { } ours } || partner._settings is not { Media: { } theirs })
            return;
        var outwards = new PayloadMap(ours, theirs, events: true, partner.Negotiation.Policy.PtimeMilliseconds) { TonesFor = partner.TonesFor(ours), EventsFor = partner.EventsFor(ours, negotiation.Policy) };
        var inwards = new PayloadMap(theirs, ours, events: true, negotiation.Policy.PtimeMilliseconds) { TonesFor = TonesFor(theirs), EventsFor = EventsFor(theirs, partner.Negotiation.Policy) };
        if (partner._waits)
            partner.PostBridge(stream, inwards, outwards, true, partner.Ringing());
        else
            PostBridge(partner.Stream, outwards, inwards, _waits, _waits ? Ringing() : null);
    }

    private void PostBridge(MediaStream other, PayloadMap outwards, PayloadMap inwards, bool early, Playing? ringing) =>
        loop.Post(() => stream.Bridge(other, outwards, inwards, early, ringing));

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
        if (_tone is { } tone && MakePlaying([NameOf(tone)], loops: true) is { } playing)
            loop.Post(() => stream.PlayAlone(playing));
    }

    private SoundPlaying? Ringing() => MakePlaying([NameOf(Tone.Ringback)], loops: true, yields: true);

    private string NameOf(Tone tone) => $"tone/{negotiation.Policy.ToneCountry}/{tone switch
    {
        Tone.Ringback => "ringback",
        Tone.Busy => "busy",
        _ => "congestion",
    }}";
}
