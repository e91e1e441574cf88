using System.Data.Common;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Tenants;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Data.Resellers;

/// <summary>Resellers and plans.</summary>
/// <remarks>Thread-safe; singleton. A caller of <see cref="PlatformDbContext"/>.</remarks>
public sealed class ResellerStore(IPbxDatabase database, IDatabaseFaults faults)
{
    /// <summary>Lists resellers by name.</summary>
    /// <param name="only">Only this one, or <see langword="null"/>: all.</param>
    /// <param name="after">The name after which the page begins, or <see langword="null"/>.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<IReadOnlyList<GlobalReseller>> ListAsync(ResellerId? only, string? after, int limit, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            IQueryable<GlobalReseller> resellers = db.GlobalResellers.AsNoTracking();
            if (only is not null)
                resellers = resellers.Where(r => r.Id == only);
            if (after is not null)
#pragma warning disable CA1309 // SQL compares, by the column's collation.
                resellers = resellers.Where(r => string.Compare(r.Name, after) > 0);
#pragma warning restore CA1309
            return await resellers.OrderBy(r => r.Name).Take(limit).ToListAsync(cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Finds a reseller by its identifier or its name.</summary>
    /// <param name="idOrName">32 hexadecimal digits or a name.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<GlobalReseller?> FindAsync(string idOrName, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            return ResellerId.TryParse(idOrName, out ResellerId id)
                ? await db.GlobalResellers.AsNoTracking().SingleOrDefaultAsync(r => r.Id == id, cancel).ConfigureAwait(false)
                : await db.GlobalResellers.AsNoTracking().SingleOrDefaultAsync(r => r.Name == idOrName, cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Adds a reseller, or writes one that <see cref="FindAsync"/> gave.</summary>
    /// <param name="reseller">The reseller as it is to be.</param>
    /// <param name="cancel">Stops the saving.</param>
    public Task<SaveOutcome> SaveAsync(GlobalReseller reseller, CancellationToken cancel) => TryAsync(async db =>
    {
        Guid present = reseller.Version;
        reseller.Version = Guid.CreateVersion7();
        if (present == Guid.Empty)
            db.GlobalResellers.Add(reseller);
        else
            db.GlobalResellers.Update(reseller).Property(r => r.Version).OriginalValue = present;
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
    });

    /// <summary>Removes a reseller that has no tenants; its users and programs go with it.</summary>
    /// <param name="reseller">Which.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns><see cref="SaveOutcome.MissingReference"/> where it has tenants.</returns>
    public Task<SaveOutcome> RemoveAsync(ResellerId reseller, CancellationToken cancel) => TryAsync(async db =>
    {
        db.GlobalResellers.RemoveRange(await db.GlobalResellers.Where(r => r.Id == reseller).ToListAsync(cancel).ConfigureAwait(false));
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
    });

    /// <summary>Lists the plans by name.</summary>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<IReadOnlyList<GlobalPlan>> ListPlansAsync(CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
            return await db.GlobalPlans.AsNoTracking().OrderBy(p => p.Name).ToListAsync(cancel).ConfigureAwait(false);
    }

    /// <summary>Finds a plan.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<GlobalPlan?> FindPlanAsync(string name, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
            return await db.GlobalPlans.AsNoTracking().SingleOrDefaultAsync(p => p.Name == name, cancel).ConfigureAwait(false);
    }

    /// <summary>Adds a plan, or writes over the one of its name.</summary>
    /// <param name="plan">The plan as it is to be.</param>
    /// <param name="cancel">Stops the saving.</param>
    /// <returns>Whether it is new.</returns>
    public async Task<bool> SavePlanAsync(GlobalPlan plan, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            bool isNew = !await db.GlobalPlans.AnyAsync(p => p.Name == plan.Name, cancel).ConfigureAwait(false);
            db.Entry(plan).State = isNew ? EntityState.Added : EntityState.Modified;
            await db.SaveChangesAsync(cancel).ConfigureAwait(false);
            return isNew;
        }
    }

    /// <summary>Removes a plan; tenants that have it keep its figures.</summary>
    /// <param name="name">Which.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> RemovePlanAsync(string name, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
            return await db.GlobalPlans.Where(p => p.Name == name).ExecuteDeleteAsync(cancel).ConfigureAwait(false) > 0;
    }

    /// <summary>Lists a reseller's tenants.</summary>
    /// <param name="reseller">Whose.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<IReadOnlyList<Tenant>> TenantsOfAsync(ResellerId reseller, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
            return await db.Tenants.AsNoTracking().Where(t => t.ResellerId == reseller).OrderBy(t => t.Name).ToListAsync(cancel).ConfigureAwait(false);
    }

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
