using System.Collections.Concurrent;
using CloudPbx.Contracts.Api;
using CloudPbx.Hosting.Web.Addresses;
using CloudPbx.Hosting.Web.Brands;
using CloudPbx.Portal.ApiClient;
using CloudPbx.Portal.SignIn;

namespace CloudPbx.Portal.Brands;

/// <summary>As what the pages appear to whom: to strangers by the host name they came by, to whoever is signed in by their tenant and its reseller.</summary>
/// <remarks>Thread-safe; singleton. What the API said is good for some seconds; while it is away, what it said last.</remarks>
internal sealed class PortalBrands(Func<HttpContext, PbxApi> apiOf, PublicUrl publicUrl, TimeProvider time)
{
    private const int MostKept = 2000;

    private static readonly TimeSpan s_life = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, (Brand Brand, DateTimeOffset Until)> _kept = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The brand of a page: its user's, else its host name's.</summary>
    /// <param name="http">The request.</param>
    public ValueTask<Brand> OfRequestAsync(HttpContext http) =>
        http.User.FindFirst(PortalScheme.SessionClaim) is null ? OfHostAsync(http) : OfUserAsync(http);

    /// <summary>The brand whose own host name was asked for; the product for every other one.</summary>
    /// <param name="http">The request.</param>
    public ValueTask<Brand> OfHostAsync(HttpContext http)
    {
        string host = http.Request.Host.Host;
        // Most people come by the installation's own name or by an address: nobody has to be asked.
        if (host.Length is 0 or > 253 || string.Equals(host, publicUrl.Origin.Host, StringComparison.OrdinalIgnoreCase) || Uri.CheckHostName(host) != UriHostNameType.Dns || !host.Contains('.', StringComparison.Ordinal))
            return ValueTask.FromResult(Brand.Product);
        return FindAsync("host " + host, http, api => api.BrandingOfHostAsync(host, http.RequestAborted));
    }

    /// <summary>Whether a request came by a brand's own host name, which is then served like the installation's.</summary>
    /// <param name="http">The request.</param>
    public async ValueTask<bool> IsOwnHostAsync(HttpContext http) =>
        (http.Request.Host.Port ?? 443) == publicUrl.Origin.Port && string.Equals((await OfHostAsync(http)).Host, http.Request.Host.Host, StringComparison.OrdinalIgnoreCase);

    private ValueTask<Brand> OfUserAsync(HttpContext http)
    {
        UserFacts user = UserFacts.Of(http.User);
        string? owner = user.Tenant is { } tenant ? "tenant " + tenant : user.Reseller is { } reseller ? "reseller " + reseller : null;
        return owner is null ? ValueTask.FromResult(Brand.Product) : FindAsync(owner, http, api => api.MyBrandingAsync(http.RequestAborted));
    }

    private async ValueTask<Brand> FindAsync(string whose, HttpContext http, Func<PbxApi, Task<BrandingDto>> ask)
    {
        bool known = _kept.TryGetValue(whose, out (Brand Brand, DateTimeOffset Until) kept);
        if (known && kept.Until > time.GetUtcNow())
            return kept.Brand;
        try
        {
            BrandingDto found = await ask(apiOf(http));
            Brand brand = Brand.Of(found.Name, found.LogoUrl, found.Color, found.SupportEmail, found.Host);
            if (_kept.Count >= MostKept)
                _kept.Clear();                      // strangers may try any host name
            _kept[whose] = (brand, time.GetUtcNow() + s_life);
            return brand;
        }
        catch (ApiProblemException)
        {
            return known ? kept.Brand : Brand.Product;          // the page itself says what is wrong
        }
    }
}
