using CloudPbx.Portal.ApiClient;
using CloudPbx.Portal.SignIn;

namespace CloudPbx.Portal.Components.Pages.Settings;

/// <summary>The whole tenant with its recordings as a file to save.</summary>
internal static class ArchiveExport
{
    public static void MapArchiveExport(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/export/{tenant}/archive.tar", PassAsync).RequireAuthorization(PortalScheme.Policy).ExcludeFromDescription();

    private static Task PassAsync(string tenant, HttpContext http, ApiConnection connection) => PassedDownload.PassAsync(
        http, "application/x-tar", _ => new PbxApi(connection.Http, new RequestTokenSource(http)).Of(tenant).OpenArchiveAsync(http.RequestAborted), "cloudpbx.tar");
}
