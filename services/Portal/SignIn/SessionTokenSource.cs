using System.Net;
using CloudPbx.Portal.ApiClient;
using Microsoft.AspNetCore.Components.Authorization;

namespace CloudPbx.Portal.SignIn;

/// <summary>The token of the circuit's session.</summary>
internal sealed class SessionTokenSource(AuthenticationStateProvider authentication, TokenRenewal tokens) : IAccessTokenSource
{
    public async ValueTask<string?> GetAsync(CancellationToken cancel)
    {
        AuthenticationState state = await authentication.GetAuthenticationStateAsync();
        return state.User.FindFirst(PortalScheme.SessionClaim)?.Value is { } id ? await tokens.TokenOfAsync(id, cancel) : null;
    }

    // A circuit has no request: its browser is known by the address that it signed in from.
    public async ValueTask<IPAddress?> VisitorAsync() =>
        IPAddress.TryParse((await authentication.GetAuthenticationStateAsync()).User.FindFirst(PortalScheme.AddressClaim)?.Value, out IPAddress? address) ? address : null;
}
