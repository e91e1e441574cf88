using CloudPbx.Media.Mixing;
using CloudPbx.MediaControl;

namespace CloudPbx.Media.Sessions;

/// <summary>Conferences, and supervised calls.</summary>
internal sealed partial class MediaLeg
{
    private MixPlace? _place;
    private SupervisionMode _mode;

    /// <summary>Takes part in a conference, now or as soon as the codecs are agreed on; or changes how.</summary>
    public void Join(Guid conference, bool muted, bool signals) => Take(new MixPlace(conference, new MixRights { Muted = muted }, Alone: true, signals));

    /// <summary>Listens to a bridged pair of another session, and speaks into it as the mode says.</summary>
    /// <returns>Why not, or null.</returns>
    public string? Supervise(MediaLeg party, SupervisionMode mode)
    {
        if (party.Partner is not { } partner || party == this || partner == this)
            return LegFaults.NotTalking;
        if (DeafnessOf(this, party, partner) is { } deafness)
            return deafness;
        Guid conference = _place is { Rights.Leads: true } place && party._place?.Conference == place.Conference ? place.Conference : Guid.NewGuid();
        _mode = mode;
        party.Take(new MixPlace(conference, new MixRights { Hears = mode != SupervisionMode.Listen }, Alone: false, Signals: false));
        partner.Take(new MixPlace(conference, new MixRights { Hears = mode == SupervisionMode.Barge }, Alone: false, Signals: false));
        Take(new MixPlace(
            conference,
            new MixRights { Speaks = mode != SupervisionMode.Listen, WhispersTo = mode == SupervisionMode.Whisper ? party.Id : null, Leads = true },
            Alone: true,
            Signals: false));
        return null;
    }

    private void Take(MixPlace place)
    {
        if (_place is { } before && before.Conference == place.Conference)
        {
            place.Participant = before.Participant;
            _place = place;
            if (place.Participant is null)
                return;
            parts.Mixer.Allow(id, place.Rights);
            MixPort port = place.Participant.Port;
            loop.Post(() => stream.Mix(port, place.Alone, place.Rights.Hears));
            return;
        }
        if (place.Alone)
            Leave();
        else
            LeaveMix();
        _place = place;
        PostMix();
    }

    private void PostMix()
    {
        // A codec that we cannot decode, which a re-INVITE brought, takes no part.
        if (_place is not { } place || _settings is not { Media: { } media } || MixFormat.Of(media, negotiation.Policy.PtimeMilliseconds) is not { } format)
            return;
        if (place.Participant is not null)
        {
            parts.Mixer.Apply(id, format);
            return;
        }
        var port = new MixPort(loop) { IsRoom = place.Alone && !place.Rights.Leads };
        place.Participant = new Participant(id, port, format) { OnSpeaking = reports.Speaking, OnReleased = () => loop.Post(() => stream.Unmix(port)) };
        loop.Post(() => stream.Mix(port, place.Alone, place.Rights.Hears));
        parts.Mixer.Join(place.Conference, place.Participant, place.Rights, place.Signals);
    }

    private void LeaveMix()
    {
        if (_place is { Participant: { } participant } place)
            parts.Mixer.Leave(participant, place.Signals);
        _place = null;
    }
}
