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

    private static async Task ExportAsync(string tenant, string? number, CallDisposition? disposition, CallDirection? direction, int? cause, DateTime? from, DateTime? to, HttpContext http, ApiConnection connection)
    {
        TenantApi api = new PbxApi(connection.Http, new RequestTokenSource(http)).Of(tenant);
        CallFilter filter = new() { Number = number, Disposition = disposition, Direction = direction, Cause = cause, From = from?.ToUniversalTime(), To = to?.ToUniversalTime() };
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
        await writer.WriteLineAsync(CallRecordCsv.Heading);
        while (true)
        {
            foreach (CallRecordDto call in page.Items)
                await writer.WriteLineAsync(CallRecordCsv.Line(call));
            if (page.Next is null)
                return;
            page = await api.CallsAsync(filter, page.Next, PageSize, http.RequestAborted);
        }
    }
}
