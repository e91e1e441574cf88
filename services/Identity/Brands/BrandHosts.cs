using CloudPbx.Data.Resellers;
using CloudPbx.Data.Users;
using CloudPbx.Hosting.Web.Addresses;
using CloudPbx.Hosting.Web.Brands;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;

namespace CloudPbx.Identity.Brands;

/// <summary>As what the pages appear: to whoever comes by a brand's own host name as that brand, to whoever is signed in as their tenant or its reseller says.</summary>
/// <remarks>Thread-safe; singleton.</remarks>
internal sealed class BrandHosts(BrandingLookup brandings, PublicUrl publicUrl)
{
    /// <summary>Finds the brand of a host name.</summary>
    /// <param name="host">What was asked for, with its port.</param>
    /// <param name="cancel">Stops the reading.</param>
    /// <returns><see langword="null"/>: it is no brand's own name at the installation's port.</returns>
    public async ValueTask<Brand?> FindAsync(HostString host, CancellationToken cancel) =>
        host.Host.Contains('.', StringComparison.Ordinal) && (host.Port ?? 443) == publicUrl.Origin.Port && !string.Equals(host.Host, publicUrl.Origin.Host, StringComparison.OrdinalIgnoreCase)
            && Uri.CheckHostName(host.Host) == UriHostNameType.Dns && await brandings.FindByHostAsync(host.Host, cancel) is { } found
            ? Of(found) : null;

    /// <summary>Finds out, before a page is made, as what it appears.</summary>
    /// <param name="http">The request.</param>
    public async Task WearAsync(HttpContext http)
    {
        Brand? brand = await FindAsync(http.Request.Host, http.RequestAborted);
        if (brand is null && await http.AuthenticateAsync(IdentityConstants.ApplicationScheme) is { Succeeded: true, Principal: { } principal }
            && await http.RequestServices.GetRequiredService<UserManager<GlobalUser>>().GetUserAsync(principal) is { } user)
        {
            Branding? own = user.TenantId is { } tenant ? await brandings.OfTenantAsync(tenant, http.RequestAborted)
                : user.ResellerId is { } reseller ? await brandings.OfResellerAsync(reseller, http.RequestAborted) : null;
            brand = own is null ? null : Of(own) with { Host = null };
        }
        if (brand is not null)
            http.Features.Set(brand);
    }

    /// <summary>As what a request's page appears.</summary>
    /// <param name="http">The request.</param>
    public static Brand Of(HttpContext http) => http.Features.Get<Brand>() ?? Brand.Product;

    private static Brand Of(Branding found) => Brand.Of(found.Name, found.LogoUrl, found.Color, found.SupportEmail, found.Host);
}
