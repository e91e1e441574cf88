using System.Globalization;
using CloudPbx.Contracts.Text;

namespace CloudPbx.Contracts.Api;

/// <summary>Call records as lines for a spreadsheet.</summary>
public static class CallRecordCsv
{
    /// <summary>The first line.</summary>
    public const string Heading = "started,answered,ended,caller,caller_name,called,answered_by,direction,disposition,talk_seconds,sip_status,reason,released_by,id";

    /// <summary>One line of the file.</summary>
    /// <param name="call">The record.</param>
    public static string Line(CallRecordDto call)
    {
        ArgumentNullException.ThrowIfNull(call);
        return string.Join(
            ',', Instant(call.StartedAt), Instant(call.AnsweredAt), Instant(call.EndedAt), CsvText.Field(call.CallerNumber), CsvText.Field(call.CallerName), CsvText.Field(call.CalledNumber),
            CsvText.Field(call.AnsweredBy), Name(call.Direction), Name(call.Disposition), (call.TalkMilliseconds / 1000.0).ToString("0.000", CultureInfo.InvariantCulture),
            call.SipStatus.ToString(CultureInfo.InvariantCulture), CsvText.Field(call.Reason), Name(call.ReleasedBy), call.Id.ToString());
    }

    private static string Name<T>(T value)
        where T : struct, Enum => char.ToLowerInvariant($"{value}"[0]) + $"{value}"[1..];

    private static string Instant(DateTime? instant) => instant is { } at ? at.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture) : "";
}
