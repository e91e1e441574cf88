using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.EventLog;

/// <summary>The events of a call, made from what is known of it. The same event has the same identifier whoever makes it, so that a worker may tell it at once and the record's writer make up for it.</summary>
public static class CallEvents
{
    /// <summary>The call began.</summary>
    /// <param name="call">The call so far; its end means nothing here.</param>
    public static TenantEvent Started(CallEnded call)
    {
        ArgumentNullException.ThrowIfNull(call);
        return Make(call, EventTypes.CallStarted, call.StartedAt, new
        {
            call.CallId, Caller = Text(call.CallerNumber, 64), CallerName = Text(call.CallerName, 128), Called = Text(call.CalledNumber, 64), call.Direction, Trunk = Text(call.TrunkName, 64), StartedAt = Utc(call.StartedAt),
        });
    }

    /// <summary>The call was answered.</summary>
    /// <param name="call">The call so far, with the instant of the answer.</param>
    public static TenantEvent Answered(CallEnded call)
    {
        ArgumentNullException.ThrowIfNull(call);
        return Make(call, EventTypes.CallAnswered, call.AnsweredAt!.Value, new
        {
            call.CallId, Caller = Text(call.CallerNumber, 64), CallerName = Text(call.CallerName, 128), Called = Text(call.CalledNumber, 64), AnsweredBy = Text(call.AnsweredBy, 64), call.Direction, Trunk = Text(call.TrunkName, 64),
            StartedAt = Utc(call.StartedAt), AnsweredAt = Utc(call.AnsweredAt.Value),
        });
    }

    /// <summary>The call ended.</summary>
    /// <param name="call">The call.</param>
    public static TenantEvent Ended(CallEnded call)
    {
        ArgumentNullException.ThrowIfNull(call);
        return Make(call, EventTypes.CallEnded, call.EndedAt, new
        {
            call.CallId, Caller = Text(call.CallerNumber, 64), CallerName = Text(call.CallerName, 128), Called = Text(call.CalledNumber, 64), AnsweredBy = Text(call.AnsweredBy, 64), call.Direction, Trunk = Text(call.TrunkName, 64),
            StartedAt = Utc(call.StartedAt), AnsweredAt = call.AnsweredAt is { } answered ? Utc(answered) : (DateTime?)null, EndedAt = Utc(call.EndedAt),
            TalkMilliseconds = call.AnsweredAt is { } from ? Math.Max(0, (long)(call.EndedAt - from).TotalMilliseconds) : 0,
            call.Disposition, call.SipStatus, Reason = Text(call.Reason, 256), call.Q850Cause, call.ReleasedBy, call.CostMicroUnits, Recordings = call.Recordings.Select(recording => recording.Id),
        });
    }

    /// <summary>All events of a call that has ended, in their order.</summary>
    /// <param name="call">The call.</param>
    public static IEnumerable<TenantEvent> All(CallEnded call)
    {
        ArgumentNullException.ThrowIfNull(call);
        yield return Started(call);
        if (call.AnsweredAt is not null)
            yield return Answered(call);
        yield return Ended(call);
    }

    /// <summary>The identifier of an event that can happen once to a thing.</summary>
    /// <param name="subject">The thing.</param>
    /// <param name="type">The event's type.</param>
    public static Guid IdOf(string subject, string type) => new(SHA256.HashData(Encoding.UTF8.GetBytes($"{subject}/{type}")).AsSpan(0, 16), bigEndian: true);

    private static TenantEvent Make(CallEnded call, string type, DateTime at, object data)
    {
        string subject = call.CallId.ToString();
        return new() { TenantId = call.TenantId, Id = IdOf(subject, type), Type = type, At = Utc(at), Subject = subject, Data = JsonSerializer.Serialize(data, JsonSerializerOptions.Web) };
    }

    private static DateTime Utc(DateTime at) => at.ToUniversalTime();

    private static string? Text(string? text, int length) => StoredText.Clean(text, length);
}
