using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.Portal.Tests.Components;

/// <summary>Call records for tests.</summary>
internal static class Calls
{
    public static CallRecordDto Record(CallDisposition disposition, int status, DateTime startedAt, params LegMedia[] media)
    {
        bool answered = disposition == CallDisposition.Answered;
        return new CallRecordDto
        {
            Id = CallId.New(),
            CallerNumber = "100",
            CalledNumber = "101",
            AnsweredBy = answered ? "101" : null,
            Direction = CallDirection.Internal,
            Disposition = disposition,
            StartedAt = startedAt,
            AnsweredAt = answered ? startedAt.AddSeconds(3) : null,
            EndedAt = startedAt.AddSeconds(63),
            TalkMilliseconds = answered ? 60_000 : 0,
            SipStatus = status,
            ReleasedBy = CallParty.Caller,
            Steps = [],
            Recordings = [],
            Media = media,
        };
    }
}
