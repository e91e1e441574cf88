using CloudPbx.Data.Clients;
using CloudPbx.Identity.Brands;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using OpenIddict.Core;

namespace CloudPbx.Identity.Clients;

/// <summary>OpenIddict's clients, of which the portal is also reached by brands' own host names.</summary>
/// <remarks>
/// Such a host is led back to only from itself: otherwise a link to the installation's sign-in could send the code of somebody who is signed in there to the machine of whoever has a
/// brand (RFC 9700 §4.1).
/// </remarks>
internal sealed class ClientManager(
    IOpenIddictApplicationCache<GlobalClient> cache, ILogger<OpenIddictApplicationManager<GlobalClient>> logger, IOptionsMonitor<OpenIddictCoreOptions> options, IOpenIddictApplicationStore<GlobalClient> store,
    BrandHosts brands, IHttpContextAccessor requests) : OpenIddictApplicationManager<GlobalClient>(cache, logger, options, store)
{
    /// <inheritdoc/>
    public override async ValueTask<bool> ValidateRedirectUriAsync(GlobalClient application, string uri, CancellationToken cancellationToken = default) =>
        await IsOwnHostAsync(application, uri, PortalClient.SignInPath, cancellationToken) || await base.ValidateRedirectUriAsync(application, uri, cancellationToken);

    /// <inheritdoc/>
    public override async ValueTask<bool> ValidatePostLogoutRedirectUriAsync(GlobalClient application, string uri, CancellationToken cancellationToken = default) =>
        await IsOwnHostAsync(application, uri, PortalClient.SignedOutPath, cancellationToken) || await base.ValidatePostLogoutRedirectUriAsync(application, uri, cancellationToken);

    private async ValueTask<bool> IsOwnHostAsync(GlobalClient client, string text, string path, CancellationToken cancel) =>
        client.ClientId == PortalClient.ClientId && requests.HttpContext is { } http && Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme == Uri.UriSchemeHttps && uri.PathAndQuery == path
        && uri.UserInfo.Length == 0 && uri.Fragment.Length == 0 && string.Equals(uri.IdnHost, http.Request.Host.Host, StringComparison.OrdinalIgnoreCase) && uri.Port == (http.Request.Host.Port ?? 443)
        && await brands.FindAsync(http.Request.Host, cancel) is not null;
}
