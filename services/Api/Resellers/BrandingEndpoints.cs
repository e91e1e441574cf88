using CloudPbx.Contracts.Api;
using CloudPbx.Data.Resellers;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPbx.Api.Resellers;

/// <summary>How pages look before somebody is signed in: who comes by a brand's own host name sees that brand. Open to everybody, as those pages are.</summary>
internal static class BrandingEndpoints
{
    public static void MapBrandings(this RouteGroupBuilder open) => open.MapGet("/branding", GetAsync).WithTags("Resellers").WithName("GetBrandingOfHost").AllowAnonymous()
        .WithMetadata(new QueryParameter("host", "A host name, without a port."))
        .WithSummary("The branding whose own host name is named, as ?host=. Empty: that name is nobody's. Open to everybody.");

    internal static async Task<Ok<BrandingDto>> GetAsync(HttpRequest request, BrandingLookup brandings, CancellationToken cancel) =>
        TypedResults.Ok((request.Query["host"].ToString() is { Length: > 0 and <= 253 } host ? await brandings.FindByHostAsync(host, cancel) : null).ToDto());
}
