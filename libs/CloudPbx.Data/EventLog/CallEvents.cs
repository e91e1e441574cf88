using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Json;

namespace CloudPbx.Data.EventLog;

/// <summary>The events of a call, made from what is known of it. The same event has the same identifier whoever makes it, so that a worker may tell it at once and the record's writer make up for it.</summary>
public static class CallEvents
{
    private static readonly JsonWriterOptions s_options = new() { SkipValidation = true };

    /// <summary>The call began.</summary>
    /// <param name="call">The call so far; its end means nothing here.</param>
    public static TenantEvent Started(CallEnded call)
    {
        ArgumentNullException.ThrowIfNull(call);
        return Make(call, EventTypes.CallStarted, call.StartedAt, Told.Start);
    }

    /// <summary>The call was answered.</summary>
    /// <param name="call">The call so far, with the instant of the answer.</param>
    public static TenantEvent Answered(CallEnded call)
    {
        ArgumentNullException.ThrowIfNull(call);
        return Make(call, EventTypes.CallAnswered, call.AnsweredAt!.Value, Told.Answer);
    }

    /// <summary>The call ended.</summary>
    /// <param name="call">The call.</param>
    public static TenantEvent Ended(CallEnded call)
    {
        ArgumentNullException.ThrowIfNull(call);
        return Make(call, EventTypes.CallEnded, call.EndedAt, Told.End);
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
    public static Guid IdOf(string subject, string type)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{subject}/{type}"), hash);
        return new Guid(hash[..16], bigEndian: true);
    }

    private static TenantEvent Make(CallEnded call, string type, DateTime at, Told told)
    {
        string subject = call.CallId.ToString();
        return new() { TenantId = call.TenantId, Id = IdOf(subject, type), Type = type, At = Utc(at), Subject = subject, Data = DataOf(call, subject, told) };
    }

    // By hand: it is written up to six times for each call.
    private static string DataOf(CallEnded call, string subject, Told told)
    {
        using PooledOctets octets = new();
        using (Utf8JsonWriter json = new(octets, s_options))
        {
            json.WriteStartObject();
            json.WriteString("callId"u8, subject);
            json.WriteString("caller"u8, Text(call.CallerNumber, 64));
            json.WriteString("callerName"u8, Text(call.CallerName, 128));
            json.WriteString("called"u8, Text(call.CalledNumber, 64));
            if (told != Told.Start)
                json.WriteString("answeredBy"u8, Text(call.AnsweredBy, 64));
            json.WriteString("direction"u8, EnumText<CallDirection>.Of((int)call.Direction));
            json.WriteString("trunk"u8, Text(call.TrunkName, 64));
            json.WriteString("startedAt"u8, Utc(call.StartedAt));
            if (told != Told.Start)
                WriteAnswer(json, call.AnsweredAt);
            if (told == Told.End)
                WriteEnd(json, call);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(octets.Written.Span);
    }

    private static void WriteAnswer(Utf8JsonWriter json, DateTime? at)
    {
        if (at is { } answered)
            json.WriteString("answeredAt"u8, Utc(answered));
        else
            json.WriteNull("answeredAt"u8);
    }

    private static void WriteEnd(Utf8JsonWriter json, CallEnded call)
    {
        json.WriteString("endedAt"u8, Utc(call.EndedAt));
        json.WriteNumber("talkMilliseconds"u8, call.AnsweredAt is { } from ? Math.Max(0, (long)(call.EndedAt - from).TotalMilliseconds) : 0);
        json.WriteString("disposition"u8, EnumText<CallDisposition>.Of((int)call.Disposition));
        json.WriteNumber("sipStatus"u8, call.SipStatus);
        json.WriteString("reason"u8, Text(call.Reason, 256));
        Number(json, "q850Cause"u8, call.Q850Cause);
        json.WriteString("releasedBy"u8, EnumText<CallParty>.Of((int)call.ReleasedBy));
        Number(json, "costMicroUnits"u8, call.CostMicroUnits);
        json.WriteStartArray("recordings"u8);
        foreach (CallRecording recording in call.Recordings)
            json.WriteStringValue(recording.Id.ToString());
        json.WriteEndArray();
    }

    private static void Number(Utf8JsonWriter json, ReadOnlySpan<byte> name, long? number)
    {
        if (number is { } value)
            json.WriteNumber(name, value);
        else
            json.WriteNull(name);
    }

    private static DateTime Utc(DateTime at) => at.ToUniversalTime();

    private static string? Text(string? text, int length) => StoredText.Clean(text, length);

    /// <summary>How much of a call is told.</summary>
    private enum Told
    {
        Start,
        Answer,
        End,
    }
}
