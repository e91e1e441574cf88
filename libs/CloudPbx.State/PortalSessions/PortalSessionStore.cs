using CloudPbx.Contracts.Ids;
using StackExchange.Redis;

namespace CloudPbx.State.PortalSessions;

/// <summary>What the portal keeps of each signed-in browser: its tokens, which never reach the browser. The portal seals them; here they are octets.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class PortalSessionStore(RedisConnection redis)
{
    /// <summary>Reads a session.</summary>
    /// <param name="session">Its identifier.</param>
    /// <param name="cancel">Stops the wait.</param>
    /// <returns>Whether Redis answered, and the octets, <see langword="null"/> where the session has ended.</returns>
    public async Task<(StoreOutcome Outcome, byte[]? Sealed)> GetAsync(string session, CancellationToken cancel)
    {
        try
        {
            IDatabase database = await redis.DatabaseAsync().ConfigureAwait(false);
            return (StoreOutcome.Done, await database.StringGetAsync(Keys.PortalSession(session)).WaitAsync(cancel).ConfigureAwait(false));
        }
        catch (Exception fault) when (RedisConnection.IsAway(fault))
        {
            return (StoreOutcome.Away, null);
        }
    }

    /// <summary>Writes a session.</summary>
    /// <param name="session">Its identifier.</param>
    /// <param name="value">The sealed octets.</param>
    /// <param name="life">How long it is kept unless it is written again.</param>
    /// <param name="cancel">Stops the wait, not the write.</param>
    /// <param name="signIn">The sign-in that it came from, and ends with.</param>
    public async Task<StoreOutcome> PutAsync(string session, byte[] value, TimeSpan life, CancellationToken cancel, SessionId? signIn = null)
    {
        try
        {
            IDatabase database = await redis.DatabaseAsync().ConfigureAwait(false);
            if (signIn is { } from)
            {
                await database.SetAddAsync(Keys.PortalSessionsOf(from), session).WaitAsync(cancel).ConfigureAwait(false);
                await database.KeyExpireAsync(Keys.PortalSessionsOf(from), life).WaitAsync(cancel).ConfigureAwait(false);
            }
            await database.StringSetAsync(Keys.PortalSession(session), value, life).WaitAsync(cancel).ConfigureAwait(false);
            return StoreOutcome.Done;
        }
        catch (Exception fault) when (RedisConnection.IsAway(fault))
        {
            return StoreOutcome.Away;
        }
    }

    /// <summary>Ends a session.</summary>
    /// <param name="session">Its identifier.</param>
    /// <param name="cancel">Stops the wait, not the write.</param>
    public async Task<StoreOutcome> RemoveAsync(string session, CancellationToken cancel)
    {
        try
        {
            IDatabase database = await redis.DatabaseAsync().ConfigureAwait(false);
            await database.KeyDeleteAsync(Keys.PortalSession(session)).WaitAsync(cancel).ConfigureAwait(false);
            return StoreOutcome.Done;
        }
        catch (Exception fault) when (RedisConnection.IsAway(fault))
        {
            return StoreOutcome.Away;
        }
    }

    /// <summary>Ends all sessions that came from a sign-in.</summary>
    /// <param name="signIn">Which.</param>
    /// <param name="cancel">Stops the wait, not the write.</param>
    public async Task<StoreOutcome> EndSignInAsync(SessionId signIn, CancellationToken cancel)
    {
        try
        {
            IDatabase database = await redis.DatabaseAsync().ConfigureAwait(false);
            RedisValue[] sessions = await database.SetMembersAsync(Keys.PortalSessionsOf(signIn)).WaitAsync(cancel).ConfigureAwait(false);
            RedisKey[] ended = [.. sessions.Select(session => Keys.PortalSession(session!)), Keys.PortalSessionsOf(signIn)];
            await database.KeyDeleteAsync(ended).WaitAsync(cancel).ConfigureAwait(false);
            return StoreOutcome.Done;
        }
        catch (Exception fault) when (RedisConnection.IsAway(fault))
        {
            return StoreOutcome.Away;
        }
    }
}
