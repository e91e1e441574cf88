using CloudPbx.Portal.ApiClient;
using CloudPbx.Portal.SignIn;

namespace CloudPbx.Portal.Components.Pages.Prompts;

/// <summary>A tenant's own sound for the browser's player.</summary>
internal static class PromptAudio
{
    public static void MapPromptAudio(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/prompts/{tenant}/{name}.wav", PassAsync).RequireAuthorization(PortalScheme.Policy).ExcludeFromDescription();

    private static Task PassAsync(string tenant, string name, HttpContext http, ApiConnection connection) =>
        PassedDownload.PassAsync(http, "audio/wav", range => new PbxApi(connection.Http, new RequestTokenSource(http)).Of(tenant).OpenPromptAsync(name, range, http.RequestAborted));
}
