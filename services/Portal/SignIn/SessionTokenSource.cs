using CloudPbx.Portal.ApiClient;
using Microsoft.AspNetCore.Components.Authorization;

namespace CloudPbx.Portal.SignIn;

/// <summary>The token of the circuit's session.</summary>
internal sealed class SessionTokenSource(AuthenticationStateProvider authentication, PortalSessions sessions) : IAccessTokenSource
{
    public async ValueTask<string?> GetAsync(CancellationToken cancel)
    {
        AuthenticationState state = await authentication.GetAuthenticationStateAsync();
        if (state.User.FindFirst(PortalScheme.SessionClaim)?.Value is not { } id)
            return null;
        (_, PortalSession? session) = await sessions.FindAsync(id, cancel);
        return session?.AccessToken;
    }
}
