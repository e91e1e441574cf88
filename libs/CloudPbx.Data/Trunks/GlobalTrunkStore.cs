using System.Data.Common;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Data.Trunks;

/// <summary>Shared trunks, the platform's and the resellers', and their inventories of numbers.</summary>
/// <remarks>Thread-safe; singleton. A caller of <see cref="PlatformDbContext"/>; tenants' rows are only read here.</remarks>
public sealed class GlobalTrunkStore(IPbxDatabase database, IDatabaseFaults faults)
{
    /// <summary>Lists an owner's trunks by name.</summary>
    /// <param name="owner">The reseller; <see langword="null"/>: the platform.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<IReadOnlyList<GlobalTrunk>> ListAsync(ResellerId? owner, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
            return await db.GlobalTrunks.AsNoTracking().Where(t => t.ResellerId == owner).OrderBy(t => t.Name).ToListAsync(cancel).ConfigureAwait(false);
    }

    /// <summary>Finds a trunk.</summary>
    /// <param name="owner">Whose: the reseller; <see langword="null"/>: the platform.</param>
    /// <param name="name">Its name.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<GlobalTrunk?> FindAsync(ResellerId? owner, string name, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
            return await db.GlobalTrunks.AsNoTracking().SingleOrDefaultAsync(t => t.ResellerId == owner && t.Name == name, cancel).ConfigureAwait(false);
    }

    /// <summary>Finds a trunk, whoever owns it.</summary>
    /// <param name="trunk">Which.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<GlobalTrunk?> FindAsync(TrunkId trunk, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
            return await db.GlobalTrunks.AsNoTracking().SingleOrDefaultAsync(t => t.Id == trunk, cancel).ConfigureAwait(false);
    }

    /// <summary>Adds a trunk, or writes one that a search here gave.</summary>
    /// <param name="trunk">The trunk as it is to be.</param>
    /// <param name="cancel">Stops the saving.</param>
    public Task<SaveOutcome> SaveAsync(GlobalTrunk trunk, CancellationToken cancel) => TryAsync(
        async db =>
        {
            Guid present = trunk.Version;
            trunk.Version = Guid.CreateVersion7();
            trunk.Revision++;                                                           // of two writers the concurrency token lets one pass
            if (present == Guid.Empty)
                db.GlobalTrunks.Add(trunk);
            else
                db.GlobalTrunks.Update(trunk).Property(t => t.Version).OriginalValue = present;
            await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        });

    /// <summary>Removes a trunk that has no numbers.</summary>
    /// <param name="trunk">Which.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns><see cref="SaveOutcome.MissingReference"/> where it has numbers.</returns>
    public Task<SaveOutcome> RemoveAsync(TrunkId trunk, CancellationToken cancel) => TryAsync(
        async db =>
        {
            db.GlobalTrunks.RemoveRange(await db.GlobalTrunks.Where(t => t.Id == trunk).ToListAsync(cancel).ConfigureAwait(false));
            await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        });

    /// <summary>Lists an inventory by number, with the tenants that have the numbers.</summary>
    /// <param name="owner">Whose: the reseller; <see langword="null"/>: the platform.</param>
    /// <param name="after">The number after which the page begins, or <see langword="null"/>.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<IReadOnlyList<InventoryNumber>> ListNumbersAsync(ResellerId? owner, string? after, int limit, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            IQueryable<GlobalNumber> numbers = After(db.GlobalNumbers.AsNoTracking(), after).Where(n => db.GlobalTrunks.Any(t => t.Id == n.TrunkId && t.ResellerId == owner));
            return await Join(db, numbers).OrderBy(n => n.Number).Take(limit).ToListAsync(cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Lists the free numbers that a tenant may take itself, by number: the platform's and its reseller's. Those of trunks that are switched off are not among them.</summary>
    /// <param name="reseller">The tenant's reseller, or <see langword="null"/>: it has none.</param>
    /// <param name="prefix">What they begin with: a plus and digits; empty for all.</param>
    /// <param name="after">The number after which the page begins, or <see langword="null"/>.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<IReadOnlyList<InventoryNumber>> ListFreeAsync(ResellerId? reseller, string prefix, string? after, int limit, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            IQueryable<GlobalNumber> numbers = After(db.GlobalNumbers.AsNoTracking(), after)
                .Where(n => n.SelfService && n.Number.StartsWith(prefix) && db.GlobalTrunks.Any(t => t.Id == n.TrunkId && t.Enabled && (t.ResellerId == null || t.ResellerId == reseller)) && !db.PhoneNumbers.Any(p => p.Number == n.Number));
            return await Join(db, numbers).OrderBy(n => n.Number).Take(limit).ToListAsync(cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Finds a number of any inventory.</summary>
    /// <param name="number">E.164 with <c>+</c>.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<InventoryNumber?> FindNumberAsync(string number, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
            return await Join(db, db.GlobalNumbers.Where(n => n.Number == number)).SingleOrDefaultAsync(cancel).ConfigureAwait(false);
    }

    /// <summary>Says which of some numbers are in an inventory.</summary>
    /// <param name="numbers">E.164 with <c>+</c>.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<IReadOnlySet<string>> FindNumbersAsync(IReadOnlyCollection<string> numbers, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
            return (await db.GlobalNumbers.Where(n => numbers.Contains(n.Number)).Select(n => n.Number).ToListAsync(cancel).ConfigureAwait(false)).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Adds a number to the inventory.</summary>
    /// <param name="number">The number.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns><see cref="SaveOutcome.Duplicate"/> where an inventory has it.</returns>
    public Task<SaveOutcome> AddNumberAsync(GlobalNumber number, CancellationToken cancel) => TryAsync(
        async db =>
        {
            db.GlobalNumbers.Add(number);
            await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        });

    /// <summary>Says whether tenants may take a number themselves.</summary>
    /// <param name="number">Which.</param>
    /// <param name="selfService">Whether they may.</param>
    /// <param name="cancel">Stops it.</param>
    public Task<SaveOutcome> OpenNumberAsync(string number, bool selfService, CancellationToken cancel) => TryAsync(
        async db => await db.GlobalNumbers.Where(n => n.Number == number).ExecuteUpdateAsync(set => set.SetProperty(n => n.SelfService, selfService), cancel).ConfigureAwait(false));

    /// <summary>Takes a number that no tenant has out of the inventory.</summary>
    /// <param name="number">Which.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>Whether it was there and free.</returns>
    public async Task<bool> RemoveNumberAsync(string number, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
            return await db.GlobalNumbers.Where(n => n.Number == number && !db.PhoneNumbers.Any(p => p.Number == number)).ExecuteDeleteAsync(cancel).ConfigureAwait(false) > 0;
    }

    /// <summary>Lists the tenants that have a copy of a trunk.</summary>
    /// <param name="trunk">The shared trunk.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<IReadOnlyList<TenantId>> TenantsOfAsync(TrunkId trunk, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
            return await db.Trunks.Where(t => t.GlobalTrunkId == trunk).Select(t => t.TenantId).ToListAsync(cancel).ConfigureAwait(false);
    }

    /// <summary>Lists the keepers of the registered trunks that may be used, with their trunks' revisions: nobody else ever speaks to them.</summary>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<IReadOnlyDictionary<TenantId, long>> KeepersAsync(CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            var trunks = await db.GlobalTrunks.Where(t => t.Enabled && t.Kind == TrunkKind.Registered).Select(t => new { t.Id, t.Revision }).ToListAsync(cancel).ConfigureAwait(false);
            return trunks.ToDictionary(t => new TenantId(t.Id.Value), t => t.Revision);
        }
    }

    /// <summary>Lists the names of the shared trunks that a tenant may use.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<IReadOnlySet<string>> NamesOfAsync(TenantId tenant, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
            return (await db.Trunks.Where(t => t.TenantId == tenant && t.GlobalTrunkId != null).Select(t => t.Name).ToListAsync(cancel).ConfigureAwait(false)).ToHashSet(StringComparer.Ordinal);
    }

    private static IQueryable<GlobalNumber> After(IQueryable<GlobalNumber> numbers, string? after) =>
#pragma warning disable CA1309 // SQL compares, by the column's collation.
        after is null ? numbers : numbers.Where(n => string.Compare(n.Number, after) > 0);
#pragma warning restore CA1309

    private static IQueryable<InventoryNumber> Join(PlatformDbContext db, IQueryable<GlobalNumber> numbers) =>
        from number in numbers
        join trunk in db.GlobalTrunks on number.TrunkId equals trunk.Id
        join given in db.PhoneNumbers on number.Number equals given.Number into owners
        from owner in owners.DefaultIfEmpty()
        join tenant in db.Tenants on owner.TenantId equals tenant.Id into tenants
        from tenant in tenants.DefaultIfEmpty()
        select new InventoryNumber { Number = number.Number, ResellerId = trunk.ResellerId, TrunkId = trunk.Id, Trunk = trunk.Name, SelfService = number.SelfService, TenantId = tenant == null ? null : tenant.Id, Tenant = tenant == null ? null : tenant.Name };

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
