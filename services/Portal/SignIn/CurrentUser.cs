using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;

namespace CloudPbx.Portal.SignIn;

/// <summary>Who sits before the screen, as the token's claims say.</summary>
public sealed class CurrentUser(AuthenticationStateProvider authentication)
{
    /// <summary>Reads the claims.</summary>
    public async Task<UserFacts> GetAsync()
    {
        ClaimsPrincipal user = (await authentication.GetAuthenticationStateAsync()).User;
        return UserFacts.Of(user);
    }
}
