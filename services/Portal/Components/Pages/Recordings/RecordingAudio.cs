using CloudPbx.Contracts.Ids;
using CloudPbx.Portal.ApiClient;
using CloudPbx.Portal.SignIn;

namespace CloudPbx.Portal.Components.Pages.Recordings;

/// <summary>A recording's audio for the browser's player.</summary>
internal static class RecordingAudio
{
    public static void MapRecordingAudio(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/recordings/{tenant}/{recording}.wav", PassAsync).RequireAuthorization(PortalScheme.Policy).ExcludeFromDescription();

    private static Task PassAsync(string tenant, string recording, HttpContext http, ApiConnection connection)
    {
        if (RecordingId.TryParse(recording, out RecordingId id))
            return PassedDownload.PassAsync(http, "audio/wav", range => new PbxApi(connection.Http, new RequestTokenSource(http)).Of(tenant).OpenRecordingAsync(id, range, http.RequestAborted));
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}
