using CloudPbx.CallControl.Routing;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Grains;
using CloudPbx.MediaControl;

namespace CloudPbx.CallControl.Calls;

/// <summary>What a call has been so far: becomes its record when it ends. Plain data, so that a snapshot can carry it.</summary>
internal sealed record CallRecord
{
    private const int MostSteps = 60;

    public required TenantId Tenant { get; init; }

    public required CallId Call { get; init; }

    public required string CallerNumber { get; init; }

    public required string CallerName { get; init; }

    public required string CalledNumber { get; init; }

    public required DateTime StartedAt { get; init; }

    public CallDirection Direction { get; set; }

    /// <summary>The trunk that it came by, or was tried last; null for a call inside.</summary>
    public TrunkId? Trunk { get; set; }

    /// <summary>That trunk's name then.</summary>
    public string? TrunkName { get; set; }

    /// <summary>The number outside that was called, or the number of ours that was called from there, in the carrier's form.</summary>
    public string? TrunkNumber { get; set; }

    /// <summary>The carrier's last final status; 0 where it could not be reached, null where it has given none.</summary>
    public int? TrunkStatus { get; set; }

    /// <summary>What its calls to the outside cost, as far as they have ended; null where no rate fits.</summary>
    public long? CostMicroUnits { get; set; }

    public DateTime? AnsweredAt { get; set; }

    public string? AnsweredBy { get; set; }

    /// <summary>The final status of the caller's INVITE; 0 while there is none.</summary>
    public int Status { get; set; }

    public CallParty ReleasedBy { get; set; } = CallParty.System;

    public ReleaseCause? Cause { get; set; }

    /// <summary>The trace that the call belongs to, as W3C <c>traceparent</c>; null where it is not traced.</summary>
    public string? TraceParent { get; set; }

    /// <summary>Its recordings.</summary>
    public List<RecordingState> Recordings { get; set; } = [];    // not init: a snapshot of before has none, and the generated reader would write null over the default

    /// <summary>Whether somebody ended its recording: no policy begins another.</summary>
    public bool StaysUnrecorded { get; set; }

    /// <summary>What decided where it went.</summary>
    public List<DecisionStep> Steps { get; set; } = [];           // not init, as above

    /// <summary>Figures of the legs that had media.</summary>
    public List<LegMedia> Media { get; init; } = [];

    /// <summary>Keeps a step of what decided where the call goes. A call that goes on and on is not told to its end.</summary>
    public void Decide(string rule, string value)
    {
        DecisionStep step = new(rule, value);
        if (Steps.Count < MostSteps && (Steps.Count == 0 || Steps[^1] != step))
            Steps.Add(step);
    }

    /// <summary>Keeps the steps of a plan.</summary>
    public void Decide(IEnumerable<RouteStep> steps)
    {
        foreach (RouteStep step in steps)
            Decide(step.Rule, step.Value);
    }

    /// <summary>Keeps a leg's figures.</summary>
    public void Add(CallParty party, LegStatistics figures) => Media.Add(new LegMedia
    {
        Party = party,
        Codec = figures.Codec,
        Encrypted = figures.Encrypted,
        PacketsSent = figures.PacketsSent,
        PacketsReceived = figures.PacketsReceived,
        PacketsLost = Math.Max(0, figures.Lost),
        PacketsLate = figures.Late,
        SourceChanges = figures.SourceChanges,
        StrangersDropped = figures.StrangersDropped,
        PacketsUnauthentic = figures.SrtpFailures,
        PacketsMalformed = figures.Malformed + figures.PassedMalformed,
        JitterMilliseconds = figures.JitterMilliseconds,
        PacketsLostByPeer = Math.Max(0, figures.LostByPeer),
        PtimeMilliseconds = figures.PtimeMilliseconds,
        SentPtimeMilliseconds = figures.SentPtimeMilliseconds,
        RoundTripMilliseconds = figures.RoundTripMilliseconds,
        Mos = figures.Mos,
    });

    /// <summary>The fact that the bus carries.</summary>
    public CallEnded ToFact(DateTime endedAt) => new()
    {
        TenantId = Tenant,
        CallId = Call,
        CallerNumber = CallerNumber,
        CallerName = CallerName,
        CalledNumber = CalledNumber,
        AnsweredBy = AnsweredBy,
        Direction = Direction,
        TrunkId = Trunk,
        TrunkName = TrunkName,
        TrunkNumber = TrunkNumber,
        TrunkStatus = TrunkStatus,
        CostMicroUnits = CostMicroUnits,
        Disposition = Disposition,
        StartedAt = StartedAt,
        AnsweredAt = AnsweredAt,
        EndedAt = endedAt,
        SipStatus = Status,
        Reason = Cause?.Text,
        Q850Cause = Cause?.Q850,
        ReleasedBy = ReleasedBy,
        Recordings = Recordings.Count == 0 ? [] : [.. Recordings.Select(recording => recording.ToFact(endedAt))],
        Steps = [.. Steps],
        Media = [.. Media],
        TraceParent = TraceParent,
    };

    /// <summary>The call as it stands now.</summary>
    public LiveCall ToLiveCall() => new()
    {
        CallId = Call,
        CallerNumber = CallerNumber,
        CallerName = CallerName,
        CalledNumber = CalledNumber,
        AnsweredBy = AnsweredBy,
        StartedAt = StartedAt,
        AnsweredAt = AnsweredAt,
        Direction = Direction,
        Trunk = TrunkName,
    };

    private CallDisposition Disposition => AnsweredAt is not null ? CallDisposition.Answered : Status switch
    {
        486 or 600 => CallDisposition.Busy,
        480 or 408 => CallDisposition.NoAnswer,
        487 => CallDisposition.Cancelled,
        603 or 403 or 607 or 608 => CallDisposition.Rejected,
        _ => CallDisposition.Failed,
    };
}
