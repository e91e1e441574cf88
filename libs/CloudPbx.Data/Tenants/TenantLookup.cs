using CloudPbx.Contracts.Ids;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Data.Tenants;

/// <summary>Finds and lists tenants across the platform.</summary>
/// <remarks>Thread-safe; singleton. A caller of <see cref="PlatformDbContext"/>.</remarks>
public sealed class TenantLookup(IPbxDatabase database)
{
    /// <summary>Finds a tenant by its identifier or its name.</summary>
    /// <param name="idOrName">32 hexadecimal digits or a name; anything else finds nobody.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<TenantId?> FindAsync(string idOrName, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            IQueryable<Tenant> found = TenantId.TryParse(idOrName, out TenantId id)
                ? db.Tenants.Where(t => t.Id == id)
                : db.Tenants.Where(t => t.Name == idOrName);
            return await found.Select(t => (TenantId?)t.Id).SingleOrDefaultAsync(cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Finds a tenant and whose it is, by its identifier or its name.</summary>
    /// <param name="idOrName">32 hexadecimal digits or a name; anything else finds nobody.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<TenantOwner?> FindOwnerAsync(string idOrName, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            IQueryable<Tenant> found = TenantId.TryParse(idOrName, out TenantId id)
                ? db.Tenants.Where(t => t.Id == id)
                : db.Tenants.Where(t => t.Name == idOrName);
            return await found.Select(t => new TenantOwner(t.Id, t.ResellerId)).SingleOrDefaultAsync(cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Lists tenants by name.</summary>
    /// <param name="reseller">Only this reseller's, or <see langword="null"/>: all.</param>
    /// <param name="only">Only this one, or <see langword="null"/>.</param>
    /// <param name="after">The name after which the page begins, or <see langword="null"/>.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<IReadOnlyList<Tenant>> ListAsync(ResellerId? reseller, TenantId? only, string? after, int limit, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            IQueryable<Tenant> tenants = db.Tenants.AsNoTracking();
            if (reseller is not null)
                tenants = tenants.Where(t => t.ResellerId == reseller);
            if (only is not null)
                tenants = tenants.Where(t => t.Id == only);
            if (after is not null)
#pragma warning disable CA1309 // SQL compares, by the column's collation.
                tenants = tenants.Where(t => string.Compare(t.Name, after) > 0);
#pragma warning restore CA1309
            return await tenants.OrderBy(t => t.Name).Take(limit).ToListAsync(cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Reads the configuration versions of some tenants; those that are gone are left out.</summary>
    /// <param name="tenants">Which.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<IReadOnlyDictionary<TenantId, long>> VersionsAsync(IReadOnlyCollection<TenantId> tenants, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
            return await db.Tenants.Where(t => tenants.Contains(t.Id)).Select(t => new { t.Id, t.ConfigVersion }).ToDictionaryAsync(t => t.Id, t => t.ConfigVersion, cancel).ConfigureAwait(false);
    }

    /// <summary>Says which of some domains other tenants own.</summary>
    /// <param name="domains">Domains in lower case.</param>
    /// <param name="tenant">The tenant whose own do not count.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<IReadOnlySet<string>> FindForeignDomainsAsync(IReadOnlyCollection<string> domains, TenantId tenant, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            List<string> foreign = await db.Domains.Where(d => domains.Contains(d.Name) && d.TenantId != tenant).Select(d => d.Name)
                .ToListAsync(cancel).ConfigureAwait(false);
            return foreign.ToHashSet(StringComparer.Ordinal);
        }
    }

    /// <summary>Says which of some telephone numbers other tenants have.</summary>
    /// <param name="numbers">Numbers in E.164 with <c>+</c>.</param>
    /// <param name="tenant">The tenant whose own do not count.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<IReadOnlySet<string>> FindForeignNumbersAsync(IReadOnlyCollection<string> numbers, TenantId tenant, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            List<string> foreign = await db.PhoneNumbers.Where(n => numbers.Contains(n.Number) && n.TenantId != tenant).Select(n => n.Number)
                .ToListAsync(cancel).ConfigureAwait(false);
            return foreign.ToHashSet(StringComparer.Ordinal);
        }
    }

    /// <summary>Lists the tenants whose trial has ended and who are not suspended yet.</summary>
    /// <param name="now">The present instant, UTC.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<IReadOnlyList<TenantId>> FindEndedTrialsAsync(DateTime now, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
            return await db.Tenants.Where(t => t.TrialEndsAt <= now && t.SuspendedAt == null).Select(t => t.Id).ToListAsync(cancel).ConfigureAwait(false);
    }

    /// <summary>Lists the tenants whose storage is limited, or was when it was looked at last.</summary>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<IReadOnlyList<TenantId>> FindStorageLimitsAsync(CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
            return await db.Tenants.Where(t => t.MaxStorageMegabytes != null || t.StorageFull).Select(t => t.Id).ToListAsync(cancel).ConfigureAwait(false);
    }

    /// <summary>Lists the tenants whose recordings are deleted after a time, with the days.</summary>
    /// <param name="most">How many days anybody keeps them at most; <see langword="null"/>: as long as the tenant wants.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<IReadOnlyList<(TenantId Tenant, int Days)>> FindRecordingDaysAsync(int? most, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            var found = await db.Tenants.Where(t => most != null || t.RecordingDays != null).Select(t => new { t.Id, t.RecordingDays }).ToListAsync(cancel).ConfigureAwait(false);
            return [.. found.Select(t => (t.Id, Math.Min(t.RecordingDays ?? int.MaxValue, most ?? int.MaxValue)))];
        }
    }

    /// <summary>Says which tenant is the default.</summary>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<TenantId?> FindDefaultAsync(CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
            return await db.Tenants.Where(t => t.IsDefault).Select(t => (TenantId?)t.Id).SingleOrDefaultAsync(cancel).ConfigureAwait(false);
    }
}
