using CloudPbx.Data.Users;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Data.Clients;

/// <summary>The programs of a reseller or a tenant. Every question names whose, and sees no others.</summary>
/// <remarks>Thread-safe; singleton. A caller of <see cref="PlatformDbContext"/>.</remarks>
public sealed class ApiKeyStore(IPbxDatabase database)
{
    /// <summary>Lists them, the oldest first.</summary>
    /// <param name="owner">Whose; never the platform's own.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<IReadOnlyList<GlobalClient>> ListAsync(UserOwner owner, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
            return await Of(db, owner).AsNoTracking().OrderBy(c => c.CreatedAt).ThenBy(c => c.ClientId).ToListAsync(cancel).ConfigureAwait(false);
    }

    /// <summary>Removes one; its tokens go with it.</summary>
    /// <param name="owner">Whose; another's stays.</param>
    /// <param name="clientId">Which.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> RemoveAsync(UserOwner owner, string clientId, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
            return await Of(db, owner).Where(c => c.ClientId == clientId).ExecuteDeleteAsync(cancel).ConfigureAwait(false) > 0;
    }

    private static IQueryable<GlobalClient> Of(PlatformDbContext db, UserOwner owner) =>
        db.GlobalClients.Where(c => c.Role != null && c.TenantId == owner.TenantId && c.ResellerId == owner.ResellerId && (c.TenantId != null || c.ResellerId != null));
}
