using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Clients;
using CloudPbx.Data.Users;
using CloudPbx.State.PortalSessions;

namespace CloudPbx.Api.Access;

/// <summary>Ends sign-ins with all that came from them: cookies, tokens, and the portal's open pages.</summary>
/// <remarks>Thread-safe; singleton. With the live state away, the portal finds out by the tokens, which are good no more.</remarks>
internal sealed class SignOuts(SessionStore sessions, PortalSessionStore portal, IssuedTokens tokens)
{
    /// <summary>Ends one.</summary>
    /// <returns>Whether the person had it.</returns>
    public async Task<bool> EndAsync(UserId user, SessionId session, CancellationToken cancel)
    {
        if (!await sessions.EndAsync(user, session, cancel))
            return false;
        await portal.EndSignInAsync(session, cancel);
        return true;
    }

    /// <summary>Ends all but one.</summary>
    public async Task EndOthersAsync(UserId user, SessionId? kept, CancellationToken cancel)
    {
        foreach (SessionId ended in await sessions.EndOthersAsync(user, kept, cancel))
            await portal.EndSignInAsync(ended, cancel);
    }

    /// <summary>Ends all, and whatever else was issued about somebody.</summary>
    public async Task EndAllAsync(UserId user, CancellationToken cancel)
    {
        await EndOthersAsync(user, null, cancel);
        await tokens.RevokeAsync(user.ToString(), cancel);
    }
}
