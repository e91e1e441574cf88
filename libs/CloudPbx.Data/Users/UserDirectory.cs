using System.Data.Common;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Ids;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Data.Users;

/// <summary>The users of the platform, of a reseller or of a tenant. Every question names whose, and sees no others.</summary>
/// <remarks>Thread-safe; singleton. A caller of <see cref="PlatformDbContext"/>.</remarks>
public sealed class UserDirectory(IPbxDatabase database, IDatabaseFaults faults)
{
    /// <summary>Lists users by what they type at the sign-in.</summary>
    /// <param name="owner">Whose.</param>
    /// <param name="after">The user name after which the page begins, or <see langword="null"/>.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<IReadOnlyList<GlobalUser>> ListAsync(UserOwner owner, string? after, int limit, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            IQueryable<GlobalUser> users = Of(db, owner).AsNoTracking();
            if (after is not null)
            {
                string from = after.ToUpperInvariant();
#pragma warning disable CA1309 // SQL compares, by the column's collation.
                users = users.Where(u => string.Compare(u.NormalizedUserName, from) > 0);
#pragma warning restore CA1309
            }
            return await users.OrderBy(u => u.NormalizedUserName).Take(limit).ToListAsync(cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Finds a user.</summary>
    /// <param name="owner">Whose; another's is not found.</param>
    /// <param name="id">Which.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<GlobalUser?> FindAsync(UserOwner owner, UserId id, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
            return await Of(db, owner).AsNoTracking().SingleOrDefaultAsync(u => u.Id == id, cancel).ConfigureAwait(false);
    }

    /// <summary>Lists somebody's passkeys, the oldest first.</summary>
    /// <param name="user">Whose.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<IReadOnlyList<GlobalPasskey>> PasskeysAsync(UserId user, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
            return await db.GlobalPasskeys.AsNoTracking().Where(p => p.UserId == user).OrderBy(p => p.CreatedAt).ToListAsync(cancel).ConfigureAwait(false);
    }

    /// <summary>Finds a user of the whole platform by what they type at the sign-in.</summary>
    /// <param name="userName">A mail address.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<bool> ExistsAsync(string userName, CancellationToken cancel)
    {
        string name = userName.ToUpperInvariant();
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
            return await db.GlobalUsers.AnyAsync(u => u.NormalizedUserName == name, cancel).ConfigureAwait(false);
    }

    /// <summary>Makes a user of an owner, without a password: a one-time link gives them the choice of one.</summary>
    /// <param name="owner">Whose.</param>
    /// <param name="role">What they may do.</param>
    /// <param name="email">The mail address, by which they sign in.</param>
    /// <param name="displayName">The name to show.</param>
    /// <param name="extension">Their extension, of a user.</param>
    /// <param name="now">The present instant, UTC.</param>
    public static GlobalUser New(UserOwner owner, UserRole role, string email, string displayName, ExtensionId? extension, DateTime now) => new()
    {
        Id = UserId.New(),
        UserName = email,
        NormalizedUserName = email.ToUpperInvariant(),
        Email = email,
        DisplayName = displayName,
        Role = role,
        TenantId = owner.TenantId,
        ResellerId = owner.ResellerId,
        ExtensionId = extension,
        SecurityStamp = Guid.NewGuid().ToString("N"),
        RecoveryCodes = [],
        CreatedAt = now,
    };

    /// <summary>Adds a user.</summary>
    /// <param name="user">The user, from <see cref="New"/>.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns><see cref="SaveOutcome.Duplicate"/> where somebody on the platform signs in by that address.</returns>
    public Task<SaveOutcome> AddAsync(GlobalUser user, CancellationToken cancel) => TryAsync(async db =>
    {
        user.Version = Guid.CreateVersion7();
        db.GlobalUsers.Add(user);
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
    });

    /// <summary>Writes a user that <see cref="FindAsync"/> gave.</summary>
    /// <param name="user">The user as it is to be.</param>
    /// <param name="cancel">Stops it.</param>
    public Task<SaveOutcome> SaveAsync(GlobalUser user, CancellationToken cancel) => TryAsync(async db =>
    {
        Guid present = user.Version;
        user.Version = Guid.CreateVersion7();
        db.GlobalUsers.Update(user).Property(u => u.Version).OriginalValue = present;
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
    });

    /// <summary>Removes a user.</summary>
    /// <param name="owner">Whose; another's stays.</param>
    /// <param name="id">Which.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> RemoveAsync(UserOwner owner, UserId id, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
            return await Of(db, owner).Where(u => u.Id == id).ExecuteDeleteAsync(cancel).ConfigureAwait(false) > 0;
    }

    private static IQueryable<GlobalUser> Of(PlatformDbContext db, UserOwner owner) =>
        db.GlobalUsers.Where(u => u.TenantId == owner.TenantId && u.ResellerId == owner.ResellerId);

    private async Task<SaveOutcome> TryAsync(Func<PlatformDbContext, Task> save)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            try
            {
                await save(db).ConfigureAwait(false);
                return SaveOutcome.Saved;
            }
            catch (DbUpdateConcurrencyException)
            {
                return SaveOutcome.Conflict;
            }
            catch (DbUpdateException update) when (update.InnerException is DbException fault && faults.IsDuplicate(fault))
            {
                return SaveOutcome.Duplicate;
            }
            catch (DbUpdateException update) when (update.InnerException is DbException fault && faults.IsMissingReference(fault))
            {
                return SaveOutcome.MissingReference;
            }
        }
    }
}
