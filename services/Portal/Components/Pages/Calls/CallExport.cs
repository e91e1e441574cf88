using System.Globalization;
using System.Text;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Portal.ApiClient;
using CloudPbx.Portal.SignIn;

namespace CloudPbx.Portal.Components.Pages.Calls;

/// <summary>Call records as a file for a spreadsheet, however many: it is written as they come.</summary>
internal static class CallExport
{
    private const int PageSize = 200;

    public static void MapCallExport(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/export/{tenant}/calls.csv", ExportAsync).RequireAuthorization(PortalScheme.Policy).ExcludeFromDescription();

    /// <summary>One line of the file.</summary>
    internal static string Line(CallRecordDto call) => string.Join(',',
        Instant(call.StartedAt), Instant(call.AnsweredAt), Instant(call.EndedAt), Text(call.CallerNumber), Text(call.CallerName), Text(call.CalledNumber), Text(call.AnsweredBy),
        Name(call.Direction), Name(call.Disposition), (call.TalkMilliseconds / 1000.0).ToString("0.000", CultureInfo.InvariantCulture), call.SipStatus.ToString(CultureInfo.InvariantCulture),
        Text(call.Reason), Name(call.ReleasedBy), call.Id.ToString());

    private static async Task ExportAsync(string tenant, string? number, CallDisposition? disposition, DateTime? from, DateTime? to, HttpContext http, ApiConnection connection)
    {
        TenantApi api = new PbxApi(connection.Http, new RequestTokenSource(http)).Of(tenant);
        CallFilter filter = new() { Number = number, Disposition = disposition, From = from?.ToUniversalTime(), To = to?.ToUniversalTime() };
        Page<CallRecordDto> page;
        try
        {
            page = await api.CallsAsync(filter, null, PageSize, http.RequestAborted);
        }
        catch (ApiProblemException fault)
        {
            http.Response.StatusCode = fault.Problem.Status is 0 ? StatusCodes.Status502BadGateway : fault.Problem.Status;
            return;
        }
        http.Response.ContentType = "text/csv; charset=utf-8";
        http.Response.Headers.ContentDisposition = "attachment; filename=\"calls.csv\"";
        await using StreamWriter writer = new(http.Response.Body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));      // spreadsheets guess the encoding without it
        await writer.WriteLineAsync("started,answered,ended,caller,caller_name,called,answered_by,direction,disposition,talk_seconds,sip_status,reason,released_by,id");
        while (true)
        {
            foreach (CallRecordDto call in page.Items)
                await writer.WriteLineAsync(Line(call));
            if (page.Next is null)
                return;
            page = await api.CallsAsync(filter, page.Next, PageSize, http.RequestAborted);
        }
    }

    private static string Name<T>(T value)
        where T : struct, Enum => char.ToLowerInvariant($"{value}"[0]) + $"{value}"[1..];

    private static string Instant(DateTime? instant) => instant is { } at ? at.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture) : "";

    /// <summary>A stranger's text: quoted, and never a formula to a spreadsheet. A number in E.164 is none.</summary>
    internal static string Text(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return "";
        bool number = text.Length > 1 && text[0] == '+' && text.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0;
        string safe = !number && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? (number ? text : "'" + text) : text;
        return safe.AsSpan().IndexOfAny(",\"\r\n") < 0 ? safe : $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
