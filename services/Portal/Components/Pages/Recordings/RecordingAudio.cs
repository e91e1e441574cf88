using System.Net;
using CloudPbx.Contracts.Ids;
using CloudPbx.Portal.ApiClient;
using CloudPbx.Portal.SignIn;

namespace CloudPbx.Portal.Components.Pages.Recordings;

/// <summary>A recording's audio for the browser's player, with the rights of its user; it is passed on as it comes, and parts of it as they are asked for.</summary>
internal static class RecordingAudio
{
    private static readonly string[] s_kept = ["Content-Range", "Accept-Ranges", "Content-Length", "Last-Modified"];

    public static void MapRecordingAudio(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/recordings/{tenant}/{recording}.wav", PassAsync).RequireAuthorization(PortalScheme.Policy).ExcludeFromDescription();

    private static async Task PassAsync(string tenant, string recording, HttpContext http, ApiConnection connection)
    {
        if (!RecordingId.TryParse(recording, out RecordingId id))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        try
        {
            string? range = http.Request.Headers.Range is [{ Length: > 0 } asked] ? asked : null;
            using HttpResponseMessage answer = await new PbxApi(connection.Http, new RequestTokenSource(http)).Of(tenant).OpenRecordingAsync(id, range, http.RequestAborted);
            http.Response.StatusCode = answer.StatusCode == HttpStatusCode.PartialContent ? StatusCodes.Status206PartialContent : StatusCodes.Status200OK;
            http.Response.ContentType = "audio/wav";
            http.Response.Headers.CacheControl = "no-store";            // what was said stays on no disk
            foreach (string name in s_kept)
            {
                if (answer.Headers.TryGetValues(name, out IEnumerable<string>? values) || answer.Content.Headers.TryGetValues(name, out values))
                    http.Response.Headers[name] = values.ToArray();
            }
            await answer.Content.CopyToAsync(http.Response.Body, http.RequestAborted);
        }
        catch (ApiProblemException fault)
        {
            http.Response.StatusCode = fault.Problem.Status is 0 ? StatusCodes.Status502BadGateway : fault.Problem.Status;
        }
        catch (Exception fault) when (fault is IOException or HttpRequestException or OperationCanceledException && http.RequestAborted.IsCancellationRequested)
        {
            // the listener has heard enough
        }
    }
}
