using CloudPbx.Portal.SignIn;
using Microsoft.AspNetCore.Components.Authorization;

namespace CloudPbx.Portal.SignUp;

/// <summary>The first phone's password out of the circuit's session.</summary>
internal sealed class SessionFirstPhone(AuthenticationStateProvider authentication, PortalSessions sessions, TimeProvider time) : IFirstPhone
{
    public async ValueTask<string?> SecretOfAsync(string extension, CancellationToken cancel)
    {
        AuthenticationState state = await authentication.GetAuthenticationStateAsync();
        if (state.User.FindFirst(PortalScheme.SessionClaim)?.Value is not { } id)
            return null;
        FirstPhoneSecret? phone = (await sessions.FindAsync(id, cancel)).Session?.FirstPhone;
        return phone is not null && phone.Extension == extension && time.GetUtcNow() < phone.Until ? phone.Secret : null;
    }
}
