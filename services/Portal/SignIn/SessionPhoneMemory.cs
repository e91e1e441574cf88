using CloudPbx.Portal.Phones;
using Microsoft.AspNetCore.Components.Authorization;

namespace CloudPbx.Portal.SignIn;

/// <summary>Keeps the circuit's phone in its session.</summary>
internal sealed class SessionPhoneMemory(AuthenticationStateProvider authentication, PortalSessions sessions) : IPhoneMemory
{
    public async ValueTask<RememberedPhone?> GetAsync(CancellationToken cancel) =>
        await IdAsync() is { } id ? (await sessions.FindAsync(id, cancel)).Session?.Phone : null;

    public async ValueTask SetAsync(RememberedPhone? phone, CancellationToken cancel)
    {
        if (await IdAsync() is { } id && (await sessions.FindAsync(id, cancel)).Session is { } session)
            await sessions.SaveAsync(id, session with { Phone = phone }, cancel);
    }

    private async ValueTask<string?> IdAsync() => (await authentication.GetAuthenticationStateAsync()).User.FindFirst(PortalScheme.SessionClaim)?.Value;
}
