using System.Net;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.MediaControl.Wire;

namespace CloudPbx.MediaControl;

/// <summary>Between the records of this library and the messages on the wire; both ends use it.</summary>
public static class WireMapping
{
    /// <summary>A leg's name on the wire.</summary>
    public static Leg ToWire(this LegId leg) => new() { Session = leg.Session.ToString(), Number = leg.Leg };

    /// <summary>Reads a leg's name.</summary>
    /// <param name="wire">The message, or null when the field was absent.</param>
    /// <param name="leg">The name; default unless the result is true.</param>
    /// <returns>False when it is absent or no call identifier.</returns>
    public static bool TryParse(Leg? wire, out LegId leg)
    {
        leg = default;
        if (wire is null || !CallId.TryParse(wire.Session, out CallId session))
            return false;
        leg = new LegId(session, wire.Number);
        return true;
    }

    /// <summary>A policy on the wire.</summary>
    public static Policy ToWire(this LegPolicy policy)
    {
        var wire = new Policy
        {
            Srtp = (Srtp)policy.Srtp,
            OfferSecureProfile = policy.OfferSecureProfile,
            WebRtc = policy.WebRtc,
            PtimeMilliseconds = policy.PtimeMilliseconds ?? 0,
            TelephoneEvent = policy.TelephoneEvent,
            InbandDigits = policy.InbandDigits,
            SignalledDigits = policy.SignalledDigits,
            ForHelp = policy.ForHelp,
            OnlyTheseCodecs = policy.OnlyTheseCodecs,
            DecodableOnly = policy.DecodableOnly,
            AudioOnly = policy.AudioOnly,
            ToneCountry = policy.ToneCountry,
            PeerSignallingAddress = policy.PeerSignallingAddress?.ToString() ?? "",
            Nat = (Nat)policy.Nat,
        };
        wire.Codecs.AddRange(policy.Codecs);
        return wire;
    }

    /// <summary>Reads a policy; what is absent or unknown takes its default.</summary>
    public static LegPolicy ToDomain(this Policy? wire) => wire is null ? new LegPolicy() : new LegPolicy
    {
        Codecs = [.. wire.Codecs],
        Srtp = (SrtpPolicy)wire.Srtp,
        OfferSecureProfile = wire.OfferSecureProfile,
        WebRtc = wire.WebRtc,
        PtimeMilliseconds = wire.PtimeMilliseconds is >= 10 and <= 60 ? wire.PtimeMilliseconds : null,
        TelephoneEvent = wire.TelephoneEvent,
        InbandDigits = wire.InbandDigits,
        SignalledDigits = wire.SignalledDigits,
        ForHelp = wire.ForHelp,
        OnlyTheseCodecs = wire.OnlyTheseCodecs,
        DecodableOnly = wire.DecodableOnly,
        AudioOnly = wire.AudioOnly,
        ToneCountry = wire.ToneCountry is [var first, var second] && char.IsAsciiLetter(first) && char.IsAsciiLetter(second) ? wire.ToneCountry : "EU",
        PeerSignallingAddress = IPAddress.TryParse(wire.PeerSignallingAddress, out IPAddress? address) ? address : null,
        Nat = (NatMode)wire.Nat,
    };

    /// <summary>An answer on the wire.</summary>
    public static Description ToWire(this LegDescription description) => new()
    {
        Accepted = description.Accepted,
        Fault = description.Fault ?? "",
        LocalSdp = description.LocalSdp ?? "",
        Direction = (MediaDirection)description.Direction,
        Codec = description.Codec ?? "",
        Encrypted = description.Encrypted,
        RemoteHeld = description.RemoteHeld,
        State = description.State ?? "",
        AsksPartner = description.AsksPartner,
        PassesMore = description.PassesMore,
        Wide = description.IsWide,
        OnlyPassed = description.IsOnlyPassed,
    };

    /// <summary>Reads an answer.</summary>
    public static LegDescription ToDomain(this Description wire) => new(
        wire.Accepted, NullIfEmpty(wire.Fault), NullIfEmpty(wire.LocalSdp), (Direction)wire.Direction, NullIfEmpty(wire.Codec), wire.Encrypted, wire.RemoteHeld)
    {
        State = NullIfEmpty(wire.State),
        AsksPartner = wire.AsksPartner,
        PassesMore = wire.PassesMore,
        IsWide = wire.Wide,
        IsOnlyPassed = wire.OnlyPassed,
    };

    /// <summary>A leg's figures on the wire.</summary>
    public static Statistics ToWire(this LegStatistics figures)
    {
        var wire = new Statistics
        {
            Codec = figures.Codec ?? "",
            Encrypted = figures.Encrypted,
            PacketsSent = figures.PacketsSent,
            PacketsReceived = figures.PacketsReceived,
            OctetsSent = figures.OctetsSent,
            OctetsReceived = figures.OctetsReceived,
            Lost = figures.Lost,
            LostByPeer = figures.LostByPeer,
            JitterMilliseconds = figures.JitterMilliseconds,
            StrangersDropped = figures.StrangersDropped,
            SrtpFailures = figures.SrtpFailures,
            PtimeMilliseconds = figures.PtimeMilliseconds,
            PassedReceived = figures.PassedReceived,
            PassedSent = figures.PassedSent,
            PassedMalformed = figures.PassedMalformed,
            Late = figures.Late,
            SentPtimeMilliseconds = figures.SentPtimeMilliseconds,
            Malformed = figures.Malformed,
            SourceChanges = figures.SourceChanges,
        };
        if (figures.RoundTripMilliseconds is { } roundTrip)
            wire.RoundTripMilliseconds = roundTrip;
        if (figures.Mos is { } mos)
            wire.Mos = mos;
        return wire;
    }

    /// <summary>Reads a leg's figures.</summary>
    public static LegStatistics ToDomain(this Statistics wire) => new()
    {
        Codec = NullIfEmpty(wire.Codec),
        Encrypted = wire.Encrypted,
        PacketsSent = wire.PacketsSent,
        PacketsReceived = wire.PacketsReceived,
        OctetsSent = wire.OctetsSent,
        OctetsReceived = wire.OctetsReceived,
        Lost = wire.Lost,
        LostByPeer = wire.LostByPeer,
        JitterMilliseconds = wire.JitterMilliseconds,
        StrangersDropped = wire.StrangersDropped,
        SrtpFailures = wire.SrtpFailures,
        PtimeMilliseconds = wire.PtimeMilliseconds,
        PassedReceived = wire.PassedReceived,
        PassedSent = wire.PassedSent,
        PassedMalformed = wire.PassedMalformed,
        Late = wire.Late,
        SentPtimeMilliseconds = wire.SentPtimeMilliseconds,
        Malformed = wire.Malformed,
        SourceChanges = wire.SourceChanges,
        RoundTripMilliseconds = wire.HasRoundTripMilliseconds ? wire.RoundTripMilliseconds : null,
        Mos = wire.HasMos ? wire.Mos : null,
    };

    /// <summary>A prompt on the wire.</summary>
    public static Prompt ToWire(this PromptRequest prompt, LegId leg)
    {
        var wire = new Prompt { Leg = leg.ToWire(), Name = prompt.Name, Loop = prompt.Loop, Until = prompt.Until, Queue = prompt.Queue };
        wire.Sounds.AddRange(prompt.Sounds);
        foreach (OwnSound own in prompt.Own)
            wire.Own.Add(new Wire.OwnSound { Tenant = own.Tenant.ToString(), Audio = own.Audio.ToString(), Key = Google.Protobuf.ByteString.CopyFrom(own.Key.Span), Instead = own.Instead ?? "" });
        return wire;
    }

    /// <summary>Reads a prompt.</summary>
    /// <returns>Null where one of its own sounds makes no sense.</returns>
    public static PromptRequest? ToDomain(this Prompt wire)
    {
        List<OwnSound> owned = [];
        foreach (Wire.OwnSound own in wire.Own)
        {
            if (!TenantId.TryParse(own.Tenant, out TenantId tenant) || !RecordingId.TryParse(own.Audio, out RecordingId audio))
                return null;
            owned.Add(new OwnSound { Tenant = tenant, Audio = audio, Key = own.Key.ToByteArray(), Instead = own.Instead.Length == 0 ? null : own.Instead });
        }
        return new PromptRequest { Name = wire.Name, Sounds = [.. wire.Sounds], Loop = wire.Loop, Until = wire.Until, Queue = wire.Queue, Own = owned };
    }

    /// <summary>A recording's request on the wire.</summary>
    public static Record ToWire(this RecordingRequest request)
    {
        var wire = new Record
        {
            Session = request.Session.ToString(),
            Recording = request.Recording.ToString(),
            Tenant = request.Tenant.ToString(),
            Key = Google.Protobuf.ByteString.CopyFrom(request.Key.Span),
            Left = request.Left,
            Paused = request.IsPaused,
        };
        if (request.Right is { } right)
            wire.Right = right;
        return wire;
    }

    /// <summary>Reads a recording's request.</summary>
    /// <returns>Null when it is not well formed.</returns>
    public static RecordingRequest? ToDomain(this Record wire) =>
        CallId.TryParse(wire.Session, out CallId session) && RecordingId.TryParse(wire.Recording, out RecordingId recording) && TenantId.TryParse(wire.Tenant, out TenantId tenant) && wire.Key.Length == 32
            ? new RecordingRequest
            {
                Session = session,
                Recording = recording,
                Tenant = tenant,
                Key = wire.Key.Memory,
                Left = wire.Left,
                Right = wire.HasRight ? wire.Right : null,
                IsPaused = wire.Paused,
            }
            : null;

    /// <summary>A recording's figures on the wire.</summary>
    public static Recorded ToWire(this RecordingFigures figures)
    {
        var wire = new Recorded
        {
            Known = figures.Known,
            DurationMilliseconds = figures.DurationMilliseconds,
            Partial = figures.IsPartial,
            Gaps = figures.Gaps,
            ConcealedMilliseconds = figures.ConcealedMilliseconds,
            Length = figures.Length,
            Sha256 = figures.Sha256 ?? "",
        };
        wire.Notes.AddRange(figures.Notes.Select(n => new RecordedPlace { Kind = (int)n.Kind, Channel = n.Channel, AtMilliseconds = n.AtMilliseconds, Microseconds = n.Microseconds, Count = n.Count, SpanMilliseconds = n.SpanMilliseconds }));
        return wire;
    }

    /// <summary>Reads a recording's figures.</summary>
    public static RecordingFigures ToDomain(this Recorded wire) => new()
    {
        Known = wire.Known,
        DurationMilliseconds = wire.DurationMilliseconds,
        IsPartial = wire.Partial,
        Gaps = wire.Gaps,
        ConcealedMilliseconds = wire.ConcealedMilliseconds,
        Length = wire.Length,
        Sha256 = NullIfEmpty(wire.Sha256),
        Notes = [.. wire.Notes.Select(n => new RecordedNote((RecordedNoteKind)n.Kind, n.Channel, n.AtMilliseconds, n.Microseconds, Math.Max(1, n.Count), n.SpanMilliseconds))],
    };

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
