using CloudPbx.Contracts.Ids;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Data.Audit;

/// <summary>The platform's audit log.</summary>
/// <remarks>Thread-safe; singleton. A caller of <see cref="PlatformDbContext"/>.</remarks>
public sealed class GlobalAuditStore(IPbxDatabase database)
{
    /// <summary>Adds an entry.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="cancel">Stops the saving.</param>
    public async Task AddAsync(GlobalAuditEntry entry, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            db.GlobalAuditEntries.Add(entry);
            await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Lists entries, the newest first.</summary>
    /// <param name="reseller">Only what was about this one; <see langword="null"/>: all.</param>
    /// <param name="before">The entry before which the page begins; all bits set for the first page.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<IReadOnlyList<GlobalAuditEntry>> ListAsync(ResellerId? reseller, Guid before, int limit, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            IQueryable<GlobalAuditEntry> entries = db.GlobalAuditEntries.AsNoTracking();
            if (reseller is not null)
                entries = entries.Where(a => a.ResellerId == reseller);
            return await entries.Where(a => a.Id.CompareTo(before) < 0).OrderByDescending(a => a.Id).Take(limit).ToListAsync(cancel).ConfigureAwait(false);
        }
    }
}
