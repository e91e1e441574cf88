using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.CallRecords;
using CloudPbx.Data.EventLog;
using CloudPbx.Data.Recordings;

namespace CloudPbx.Data.Facts;

/// <summary>What is to be stored of one tenant together: ended calls with their recordings, and events, each numbered in the tenant's order, the calls first.</summary>
public sealed class FactBatch
{
    private const int MostSteps = 60;                             // of one record

    /// <summary>Whose.</summary>
    public required TenantId TenantId { get; init; }

    /// <summary>The calls, none of them twice.</summary>
    public IReadOnlyList<CallEnded> Calls { get; init; } = [];

    /// <summary>The events; those that the log has already are left out.</summary>
    public IReadOnlyList<TenantEvent> Events { get; init; } = [];

    /// <summary>Whether the calls' recordings are on their way to the object store; otherwise they lie there already.</summary>
    public bool AwaitsRecordings { get; init; } = true;

    /// <summary>How many sequence numbers it takes.</summary>
    public int Count => Calls.Count + Events.Count;

    /// <summary>The calls' rows.</summary>
    /// <param name="first">The first call's number.</param>
    public IEnumerable<CallRecord> RecordsFrom(long first) => Calls.Select((ended, i) => ToRecord(ended, first + i));

    /// <summary>The calls' ladders, parts of their rows; a call that kept none has none.</summary>
    public IEnumerable<CallLadder> Ladders => Calls.Where(ended => ended.Ladder is not null).Select(ended => new CallLadder { TenantId = ended.TenantId, Id = ended.CallId, Ladder = ended.Ladder! });

    /// <summary>The recordings' rows; each has its call's number.</summary>
    /// <param name="first">The first call's number.</param>
    public IEnumerable<Recording> RecordingsFrom(long first) => Calls.SelectMany((ended, i) => ended.Recordings.Select(recording => ToRecording(ended, recording, first + i)));

    /// <summary>What says that a recording is awaited.</summary>
    public IEnumerable<AwaitedRecording> Awaited => AwaitsRecordings
        ? Calls.SelectMany(ended => ended.Recordings.Select(recording => new AwaitedRecording { TenantId = TenantId, Id = recording.Id, Since = recording.StartedAt.ToUniversalTime() }))
        : [];

    /// <summary>The events' rows.</summary>
    /// <param name="first">The first call's number.</param>
    public IEnumerable<EventLogEntry> EventsFrom(long first) => Events.Select((happened, i) => EventLogEntry.Of(happened, first + Calls.Count + i));

    private static CallRecord ToRecord(CallEnded ended, long sequence) => new()
    {
        TenantId = ended.TenantId,
        Id = ended.CallId,
        Sequence = sequence,
        CallerNumber = Clean(ended.CallerNumber, 64) ?? "",
        CallerName = Clean(ended.CallerName, 128),
        CalledNumber = Clean(ended.CalledNumber, 64) ?? "",
        AnsweredBy = Clean(ended.AnsweredBy, 64),
        Direction = ended.Direction,
        TrunkId = ended.TrunkId,
        TrunkName = Clean(ended.TrunkName, 64),
        TrunkNumber = Clean(ended.TrunkNumber, 64),
        TrunkStatus = ended.TrunkStatus,
        CostMicroUnits = ended.CostMicroUnits,
        Disposition = ended.Disposition,
        StartedAt = ended.StartedAt.ToUniversalTime(),
        AnsweredAt = ended.AnsweredAt?.ToUniversalTime(),
        EndedAt = ended.EndedAt.ToUniversalTime(),
        TalkMilliseconds = ended.AnsweredAt is { } answered ? Math.Max(0, (long)(ended.EndedAt - answered).TotalMilliseconds) : 0,
        SipStatus = ended.SipStatus,
        Reason = Clean(ended.Reason, 256),
        Q850Cause = ended.Q850Cause,
        ReleasedBy = ended.ReleasedBy,
        Steps = [.. ended.Steps.Take(MostSteps).Select(step => new DecisionStep(Clean(step.Rule, 64) ?? "", Clean(step.Value, 256) ?? ""))],
        Media = ended.Media,
    };

    private static Recording ToRecording(CallEnded ended, CallRecording recording, long sequence) => new()
    {
        TenantId = ended.TenantId,
        Id = recording.Id,
        CallId = ended.CallId,
        Sequence = sequence,
        StartedAt = recording.StartedAt.ToUniversalTime(),
        DurationMilliseconds = recording.DurationMilliseconds,
        CallerNumber = Clean(ended.CallerNumber, 64) ?? "",
        CalledNumber = Clean(ended.CalledNumber, 64) ?? "",
        Direction = ended.Direction,
        IsPartial = recording.IsPartial,
        Gaps = recording.Gaps,
        ConcealedMilliseconds = recording.ConcealedMilliseconds,
        Length = recording.Length,
        Sha256 = recording.Sha256,
        Notes = recording.Notes,
        SealedKey = recording.SealedKey,
    };

    private static string? Clean(string? text, int length) => StoredText.Clean(text, length);
}
