using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.EventLog;

namespace CloudPbx.Data.Tests;

/// <summary>What webhooks get of a call: programs of others read it.</summary>
public sealed class CallEventsTests
{
    private static readonly DateTime s_start = new(2026, 11, 23, 8, 0, 0, DateTimeKind.Utc);

    private readonly CallEnded _call = new()
    {
        TenantId = TenantId.Parse("0199aaaaaaaa7aaa8aaaaaaaaaaaaaaa", null), CallId = CallId.Parse("0199bbbbbbbb7bbb8bbbbbbbbbbbbbbb", null), CallerNumber = "100", CallerName = "A\n\"<b>", CalledNumber = "+8613800138000",
        Disposition = CallDisposition.NoAnswer, StartedAt = s_start, EndedAt = s_start.AddSeconds(7.5), SipStatus = 480, ReleasedBy = CallParty.System,
    };

    [Fact]
    public void A_call_that_nobody_answered_says_null_where_there_is_nothing()
    {
        Assert.Equal([EventTypes.CallStarted, EventTypes.CallEnded], CallEvents.All(_call).Select(told => told.Type));
        TenantEvent started = CallEvents.Started(_call), ended = CallEvents.Ended(_call);
        Assert.Equal((_call.TenantId, "0199bbbbbbbb7bbb8bbbbbbbbbbbbbbb", s_start), (started.TenantId, started.Subject, started.At));
        Assert.Equal(CallEvents.IdOf("0199bbbbbbbb7bbb8bbbbbbbbbbbbbbb", "call.started"), started.Id);
        Assert.Equal(
            """{"callId":"0199bbbbbbbb7bbb8bbbbbbbbbbbbbbb","caller":"100","callerName":"A\u0022\u003Cb\u003E","called":"\u002B8613800138000","direction":"internal","trunk":null,"startedAt":"2026-11-23T08:00:00Z"}""",
            started.Data);
        Assert.Equal(
            """{"callId":"0199bbbbbbbb7bbb8bbbbbbbbbbbbbbb","caller":"100","callerName":"A\u0022\u003Cb\u003E","called":"\u002B8613800138000","answeredBy":null,"direction":"internal","trunk":null,"startedAt":"2026-11-23T08:00:00Z","answeredAt":null,"endedAt":"2026-11-23T08:00:07.5Z","talkMilliseconds":0,"disposition":"noAnswer","sipStatus":480,"reason":null,"q850Cause":null,"releasedBy":"system","costMicroUnits":null,"recordings":[]}""",
            ended.Data);
    }

    [Fact]
    public void A_call_that_was_answered_says_by_whom_and_what_is_known_of_its_end()
    {
        RecordingId recording = RecordingId.Parse("0199cccccccc7ccc8ccccccccccccccc", null);
        CallEnded call = _call with
        {
            CallerName = null, AnsweredBy = "101", AnsweredAt = s_start.AddSeconds(2), Direction = CallDirection.Outbound, TrunkName = "telco", Disposition = CallDisposition.Answered, SipStatus = 200,
            Reason = "Normal", Q850Cause = 16, ReleasedBy = CallParty.Callee, CostMicroUnits = 12, Recordings = [new CallRecording { Id = recording, StartedAt = s_start, SealedKey = [1] }],
        };
        Assert.Equal(
            """{"callId":"0199bbbbbbbb7bbb8bbbbbbbbbbbbbbb","caller":"100","callerName":null,"called":"\u002B8613800138000","answeredBy":"101","direction":"outbound","trunk":"telco","startedAt":"2026-11-23T08:00:00Z","answeredAt":"2026-11-23T08:00:02Z"}""",
            CallEvents.Answered(call).Data);
        Assert.EndsWith(
            ""","answeredAt":"2026-11-23T08:00:02Z","endedAt":"2026-11-23T08:00:07.5Z","talkMilliseconds":5500,"disposition":"answered","sipStatus":200,"reason":"Normal","q850Cause":16,"releasedBy":"callee","costMicroUnits":12,"recordings":["0199cccccccc7ccc8ccccccccccccccc"]}""",
            CallEvents.Ended(call).Data, StringComparison.Ordinal);
    }
}
