using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.CallRecords;
using CloudPbx.Grains;

namespace CloudPbx.Api.Calls;

internal static class CallMapping
{
    public static CallRecordDto ToDto(this CallRecord record, IEnumerable<RecordingId> recordings) => new()
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
        Steps = [.. record.Steps.Select(step => new RoutingStepDto(step.Rule, step.Value))],
        Recordings = [.. recordings],
        Media = record.Media,
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
        Supervises = call.Supervises,
        Supervision = call.Supervision,
    };
}
