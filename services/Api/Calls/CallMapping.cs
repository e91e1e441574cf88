using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.CallRecords;
using CloudPbx.Grains;

namespace CloudPbx.Api.Calls;

internal static class CallMapping
{
    /// <param name="record">The record.</param>
    /// <param name="recordings">Its recordings.</param>
    /// <param name="isForUser">A user is not told how the tenant routes its calls.</param>
    public static CallRecordDto ToDto(this CallRecord record, IEnumerable<RecordingId> recordings, bool isForUser) => new()
    {
        Id = record.Id,
        CallerNumber = record.CallerNumber,
        CallerName = record.CallerName,
        CalledNumber = record.CalledNumber,
        AnsweredBy = record.AnsweredBy,
        Direction = record.Direction,
        TrunkId = record.TrunkId,
        TrunkName = record.TrunkName,
        TrunkNumber = record.TrunkNumber,
        TrunkStatus = record.TrunkStatus,
        CostMicroUnits = record.CostMicroUnits,
        Disposition = record.Disposition,
        StartedAt = record.StartedAt,
        AnsweredAt = record.AnsweredAt,
        EndedAt = record.EndedAt,
        TalkMilliseconds = record.TalkMilliseconds,
        SipStatus = record.SipStatus,
        Reason = record.Reason,
        Q850Cause = record.Q850Cause,
        ReleasedBy = record.ReleasedBy,
        Steps = isForUser ? [] : [.. record.Steps.Select(step => new RoutingStepDto(step.Rule, step.Value))],
        Recordings = [.. recordings],
        Media = record.Media,
    };

    /// <param name="record">The record.</param>
    /// <param name="ladder">What was kept; null for nothing.</param>
    /// <param name="isForUser">A user is told what was said, but not where the other party's phone is.</param>
    public static CallLadderDto ToLadderDto(this CallRecord record, SipLadder? ladder, bool isForUser) => new()
    {
        Id = record.Id,
        StartedAt = record.StartedAt,
        IsShortened = ladder?.IsShortened ?? false,
        Omitted = ladder?.Omitted ?? 0,
        LostUntil = ladder?.LostUntil,
        Parties = isForUser ? [.. (ladder?.Parties ?? []).Select(party => party with { Address = null })] : ladder?.Parties ?? [],
        // A Warning names the host that warns (RFC 3261 §20.43), a note the server that was not reached.
        Messages = isForUser ? [.. (ladder?.Messages ?? []).Select(message => message with { Warning = null, Note = message.Note is null ? null : "" })] : ladder?.Messages ?? [],
    };

    public static LiveCallDto ToDto(this LiveCall call) => new()
    {
        Id = call.CallId,
        CallerNumber = call.CallerNumber,
        CallerName = call.CallerName,
        CalledNumber = call.CalledNumber,
        AnsweredBy = call.AnsweredBy,
        Direction = call.Direction,
        Trunk = call.Trunk,
        StartedAt = call.StartedAt,
        AnsweredAt = call.AnsweredAt,
        CallerHolds = call.CallerHolds,
        CalleeHolds = call.CalleeHolds,
        CallerMuted = call.CallerMuted,
        CalleeMuted = call.CalleeMuted,
        Recording = call.Recording,
        IsConversation = call.IsConversation,
        IsSpeaking = call.IsSpeaking,
        Supervises = call.Supervises,
        Supervision = call.Supervision,
    };
}
