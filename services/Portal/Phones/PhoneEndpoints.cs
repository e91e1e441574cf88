namespace CloudPbx.Portal.Phones;

/// <summary>What owners of phones fetch from the portal: the authority's certificate. Accounts come from the API (<see cref="ProvisioningAddress"/>).</summary>
internal static class PhoneEndpoints
{
    public static void MapPhones(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/phones/authority.pem", (PhoneAccess access) => access.AuthorityFile is { } file && File.Exists(file)
            ? Results.File(file, "application/x-pem-file", "cloudpbx-authority.pem") : Results.NotFound()).ExcludeFromDescription();                          // no secret: who has to trust it is not signed in yet
}
