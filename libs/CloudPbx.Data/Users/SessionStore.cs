using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Ids;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Data.Users;

/// <summary>The sign-ins of people. Who ends one ends all that was issued by it: the database removes it with the row.</summary>
/// <remarks>Thread-safe; singleton. A caller of <see cref="PlatformDbContext"/>.</remarks>
public sealed class SessionStore(IPbxDatabase database)
{
    /// <summary>What is kept of a browser's name for itself, in characters.</summary>
    public const int LongestUserAgent = 300;

    /// <summary>Begins a session; those of the same person that have ended by themselves are forgotten.</summary>
    /// <param name="session">The session.</param>
    /// <param name="cancel">Stops the saving.</param>
    public async Task BeginAsync(GlobalSession session, CancellationToken cancel)
    {
        (UserId user, DateTime now) = (session.UserId, session.StartedAt);
        session.UserAgent = StoredText.Clean(session.UserAgent, LongestUserAgent);
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            await db.GlobalSessions.Where(s => s.UserId == user && s.ExpiresAt <= now).ExecuteDeleteAsync(cancel).ConfigureAwait(false);
            db.GlobalSessions.Add(session);
            await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Finds a session that has not ended.</summary>
    /// <param name="user">Whose; another's is not found.</param>
    /// <param name="id">Which.</param>
    /// <param name="now">The present instant, UTC.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<GlobalSession?> FindAsync(UserId user, SessionId id, DateTime now, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
            return await db.GlobalSessions.AsNoTracking().SingleOrDefaultAsync(s => s.Id == id && s.UserId == user && s.ExpiresAt > now, cancel).ConfigureAwait(false);
    }

    /// <summary>Lists the sessions of somebody that have not ended, the last used first.</summary>
    /// <param name="user">Whose.</param>
    /// <param name="now">The present instant, UTC.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<IReadOnlyList<GlobalSession>> ListAsync(UserId user, DateTime now, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
            return await db.GlobalSessions.AsNoTracking().Where(s => s.UserId == user && s.ExpiresAt > now).OrderByDescending(s => s.LastUsedAt).ToListAsync(cancel).ConfigureAwait(false);
    }

    /// <summary>Notes that a session was used; it ends no earlier than before.</summary>
    /// <param name="id">Which.</param>
    /// <param name="now">The present instant, UTC.</param>
    /// <param name="until">When it ends by itself, UTC.</param>
    /// <param name="cancel">Stops it.</param>
    public async Task UseAsync(SessionId id, DateTime now, DateTime until, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            await db.GlobalSessions.Where(s => s.Id == id).ExecuteUpdateAsync(
                set => set.SetProperty(s => s.LastUsedAt, now).SetProperty(s => s.ExpiresAt, s => s.ExpiresAt > until ? s.ExpiresAt : until), cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Notes that somebody proved anew who they are.</summary>
    /// <param name="id">Which session.</param>
    /// <param name="method">How.</param>
    /// <param name="now">The present instant, UTC.</param>
    /// <param name="cancel">Stops it.</param>
    public async Task ProveAsync(SessionId id, SignInMethod method, DateTime now, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            await db.GlobalSessions.Where(s => s.Id == id).ExecuteUpdateAsync(
                set => set.SetProperty(s => s.Method, method).SetProperty(s => s.ProvedAt, now).SetProperty(s => s.LastUsedAt, now), cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Ends a session, with all that was issued by it.</summary>
    /// <param name="user">Whose; another's stays.</param>
    /// <param name="id">Which.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> EndAsync(UserId user, SessionId id, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
            return await db.GlobalSessions.Where(s => s.Id == id && s.UserId == user).ExecuteDeleteAsync(cancel).ConfigureAwait(false) > 0;
    }

    /// <summary>Ends all sessions of somebody but one.</summary>
    /// <param name="user">Whose.</param>
    /// <param name="kept">The one that stays; <see langword="null"/>: none.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>Those that ended.</returns>
    public async Task<IReadOnlyList<SessionId>> EndOthersAsync(UserId user, SessionId? kept, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            List<SessionId> others = await db.GlobalSessions.Where(s => s.UserId == user && s.Id != kept).Select(s => s.Id).ToListAsync(cancel).ConfigureAwait(false);
            await db.GlobalSessions.Where(s => s.UserId == user && others.Contains(s.Id)).ExecuteDeleteAsync(cancel).ConfigureAwait(false);
            return others;
        }
    }
}
