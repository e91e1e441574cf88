using System.Text.Json;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Json;

namespace CloudPbx.CallControl.Accounting;

/// <summary>
/// Writes facts of ended calls as JSON, without their ladders: that is a picture for people, and most of what would be written. What is null, 0 or false is left out where its absence means that.
/// Any reader of <see cref="CallEnded"/> reads it. Thread-safe.
/// </summary>
internal sealed class CallEndedText
{
    private readonly JsonEncodedText _tenantId, _callId, _callerNumber, _callerName, _calledNumber, _answeredBy, _direction, _trunkId, _trunkName, _trunkNumber, _trunkStatus, _costMicroUnits, _disposition,
        _startedAt, _answeredAt, _endedAt, _sipStatus, _reason, _q850Cause, _releasedBy, _traceParent, _recordings, _steps, _media;
    private readonly JsonEncodedText _rule, _value;
    private readonly JsonEncodedText _party, _codec, _encrypted, _packetsSent, _packetsReceived, _packetsLost, _packetsLate, _sourceChanges, _strangersDropped, _packetsUnauthentic, _packetsMalformed, _jitterMilliseconds,
        _packetsLostByPeer, _ptimeMilliseconds, _sentPtimeMilliseconds, _roundTripMilliseconds, _mos;
    private readonly JsonSerializerOptions _rest;

    private CallEndedText(JsonNamingPolicy? naming)
    {
        _rest = new JsonSerializerOptions { PropertyNamingPolicy = naming };
        _tenantId = Name(nameof(CallEnded.TenantId));
        _callId = Name(nameof(CallEnded.CallId));
        _callerNumber = Name(nameof(CallEnded.CallerNumber));
        _callerName = Name(nameof(CallEnded.CallerName));
        _calledNumber = Name(nameof(CallEnded.CalledNumber));
        _answeredBy = Name(nameof(CallEnded.AnsweredBy));
        _direction = Name(nameof(CallEnded.Direction));
        _trunkId = Name(nameof(CallEnded.TrunkId));
        _trunkName = Name(nameof(CallEnded.TrunkName));
        _trunkNumber = Name(nameof(CallEnded.TrunkNumber));
        _trunkStatus = Name(nameof(CallEnded.TrunkStatus));
        _costMicroUnits = Name(nameof(CallEnded.CostMicroUnits));
        _disposition = Name(nameof(CallEnded.Disposition));
        _startedAt = Name(nameof(CallEnded.StartedAt));
        _answeredAt = Name(nameof(CallEnded.AnsweredAt));
        _endedAt = Name(nameof(CallEnded.EndedAt));
        _sipStatus = Name(nameof(CallEnded.SipStatus));
        _reason = Name(nameof(CallEnded.Reason));
        _q850Cause = Name(nameof(CallEnded.Q850Cause));
        _releasedBy = Name(nameof(CallEnded.ReleasedBy));
        _traceParent = Name(nameof(CallEnded.TraceParent));
        _recordings = Name(nameof(CallEnded.Recordings));
        _steps = Name(nameof(CallEnded.Steps));
        _media = Name(nameof(CallEnded.Media));
        _rule = Name(nameof(DecisionStep.Rule));
        _value = Name(nameof(DecisionStep.Value));
        _party = Name(nameof(LegMedia.Party));
        _codec = Name(nameof(LegMedia.Codec));
        _encrypted = Name(nameof(LegMedia.Encrypted));
        _packetsSent = Name(nameof(LegMedia.PacketsSent));
        _packetsReceived = Name(nameof(LegMedia.PacketsReceived));
        _packetsLost = Name(nameof(LegMedia.PacketsLost));
        _packetsLate = Name(nameof(LegMedia.PacketsLate));
        _sourceChanges = Name(nameof(LegMedia.SourceChanges));
        _strangersDropped = Name(nameof(LegMedia.StrangersDropped));
        _packetsUnauthentic = Name(nameof(LegMedia.PacketsUnauthentic));
        _packetsMalformed = Name(nameof(LegMedia.PacketsMalformed));
        _jitterMilliseconds = Name(nameof(LegMedia.JitterMilliseconds));
        _packetsLostByPeer = Name(nameof(LegMedia.PacketsLostByPeer));
        _ptimeMilliseconds = Name(nameof(LegMedia.PtimeMilliseconds));
        _sentPtimeMilliseconds = Name(nameof(LegMedia.SentPtimeMilliseconds));
        _roundTripMilliseconds = Name(nameof(LegMedia.RoundTripMilliseconds));
        _mos = Name(nameof(LegMedia.Mos));

        JsonEncodedText Name(string name) => JsonEncodedText.Encode(naming?.ConvertName(name) ?? name);
    }

    /// <summary>As snapshots have it.</summary>
    public static CallEndedText CamelCase { get; } = new(JsonNamingPolicy.CamelCase);

    /// <summary>As the spool has it.</summary>
    public static CallEndedText PascalCase { get; } = new(null);

    /// <summary>Writes a fact.</summary>
    public void Write(Utf8JsonWriter json, CallEnded fact)
    {
        json.WriteStartObject();
        Id(json, _tenantId, fact.TenantId);
        Id(json, _callId, fact.CallId);
        json.WriteString(_callerNumber, fact.CallerNumber);
        Text(json, _callerName, fact.CallerName);
        json.WriteString(_calledNumber, fact.CalledNumber);
        Text(json, _answeredBy, fact.AnsweredBy);
        json.WriteString(_direction, EnumText<CallDirection>.Of((int)fact.Direction));
        if (fact.TrunkId is { } trunk)
            Id(json, _trunkId, trunk);
        Text(json, _trunkName, fact.TrunkName);
        Text(json, _trunkNumber, fact.TrunkNumber);
        if (fact.TrunkStatus is { } trunkStatus)
            json.WriteNumber(_trunkStatus, trunkStatus);
        if (fact.CostMicroUnits is { } cost)
            json.WriteNumber(_costMicroUnits, cost);
        json.WriteString(_disposition, EnumText<CallDisposition>.Of((int)fact.Disposition));
        json.WriteString(_startedAt, fact.StartedAt);
        if (fact.AnsweredAt is { } answeredAt)
            json.WriteString(_answeredAt, answeredAt);
        json.WriteString(_endedAt, fact.EndedAt);
        json.WriteNumber(_sipStatus, fact.SipStatus);
        Text(json, _reason, fact.Reason);
        if (fact.Q850Cause is { } cause)
            json.WriteNumber(_q850Cause, cause);
        json.WriteString(_releasedBy, EnumText<CallParty>.Of((int)fact.ReleasedBy));
        Text(json, _traceParent, fact.TraceParent);
        json.WritePropertyName(_recordings);
        if (fact.Recordings.Count > 0)
        {
            JsonSerializer.Serialize(json, fact.Recordings, _rest);
        }
        else
        {
            json.WriteStartArray();
            json.WriteEndArray();
        }
        json.WriteStartArray(_steps);
        foreach (DecisionStep step in fact.Steps)
            Write(json, step);
        json.WriteEndArray();
        json.WriteStartArray(_media);
        foreach (LegMedia media in fact.Media)
            Write(json, media);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Writes a step of what decided where a call went.</summary>
    public void Write(Utf8JsonWriter json, DecisionStep step)
    {
        json.WriteStartObject();
        json.WriteString(_rule, step.Rule);
        json.WriteString(_value, step.Value);
        json.WriteEndObject();
    }

    /// <summary>Writes a leg's figures.</summary>
    public void Write(Utf8JsonWriter json, LegMedia media)
    {
        json.WriteStartObject();
        json.WriteString(_party, EnumText<CallParty>.Of((int)media.Party));
        Text(json, _codec, media.Codec);
        if (media.Encrypted)
            json.WriteBoolean(_encrypted, true);
        Count(json, _packetsSent, media.PacketsSent);
        Count(json, _packetsReceived, media.PacketsReceived);
        Count(json, _packetsLost, media.PacketsLost);
        Count(json, _packetsLate, media.PacketsLate);
        Count(json, _sourceChanges, media.SourceChanges);
        Count(json, _strangersDropped, media.StrangersDropped);
        Count(json, _packetsUnauthentic, media.PacketsUnauthentic);
        Count(json, _packetsMalformed, media.PacketsMalformed);
        if (media.JitterMilliseconds != 0)
            json.WriteNumber(_jitterMilliseconds, media.JitterMilliseconds);
        Count(json, _packetsLostByPeer, media.PacketsLostByPeer);
        Count(json, _ptimeMilliseconds, media.PtimeMilliseconds);
        Count(json, _sentPtimeMilliseconds, media.SentPtimeMilliseconds);
        if (media.RoundTripMilliseconds is { } roundTrip)
            json.WriteNumber(_roundTripMilliseconds, roundTrip);
        if (media.Mos is { } mos)
            json.WriteNumber(_mos, mos);
        json.WriteEndObject();
    }

    private static void Count(Utf8JsonWriter json, JsonEncodedText name, long count)
    {
        if (count != 0)
            json.WriteNumber(name, count);
    }

    private static void Text(Utf8JsonWriter json, JsonEncodedText name, string? text)
    {
        if (text is not null)
            json.WriteString(name, text);
    }

    private static void Id<TId>(Utf8JsonWriter json, JsonEncodedText name, TId id)
        where TId : struct, IEntityId<TId>
    {
        Span<byte> digits = stackalloc byte[32];
        id.Value.TryFormat(digits, out _, "N");
        json.WriteString(name, digits);
    }
}
