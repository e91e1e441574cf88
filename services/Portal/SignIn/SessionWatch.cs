using Microsoft.AspNetCore.Components.Authorization;

namespace CloudPbx.Portal.SignIn;

/// <summary>Looks whether the circuit's session is still there: who ended it elsewhere expects that its pages go, too, though nobody touches them.</summary>
internal sealed class SessionWatch(AuthenticationStateProvider authentication, PortalSessions sessions, TimeProvider time)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);

    /// <summary>Waits until the session has ended. Live state that is away ends nothing.</summary>
    /// <param name="cancel">Stops the wait.</param>
    public async Task EndedAsync(CancellationToken cancel)
    {
        if ((await authentication.GetAuthenticationStateAsync()).User.FindFirst(PortalScheme.SessionClaim)?.Value is not { } id)
            return;
        using PeriodicTimer timer = new(s_interval, time);
        while (await sessions.FindAsync(id, cancel) is not (Answered: true, Session: null))
            await timer.WaitForNextTickAsync(cancel);
    }
}
