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
}
