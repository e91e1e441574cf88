using CloudPbx.Api.Numbers;
using CloudPbx.Api.Refresh;
using CloudPbx.Api.Trunks;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data;
using CloudPbx.Data.Tenants;
using CloudPbx.Data.Trunks;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Platform;

/// <summary>
/// Brings shared trunks and their numbers, the platform's and the resellers', to the tenants that have got them. A tenant's copy is a row of its own, so that row-level security, its
/// configuration and its runtime need to know nothing of who shares it.
/// </summary>
/// <remarks>Thread-safe; singleton.</remarks>
internal sealed class PlatformTrunkDistribution(IPbxDatabase database, GlobalTrunkStore store, ConfigurationAnnouncer announcer, TimeProvider time)
{
    /// <summary>Writes a changed trunk over all of its copies. Repeating it does no harm: what was missed is made good.</summary>
    public async Task SpreadAsync(GlobalTrunk trunk, CancellationToken cancel)
    {
        foreach (TenantId tenant in await store.TenantsOfAsync(trunk.Id, cancel))
            await EditAsync(tenant, $"shared trunk {trunk.Name} changed", async db => await CopyAsync(db, tenant, trunk, cancel), cancel);
    }

    /// <summary>Tells a registered trunk's keeper, and the edges, of the trunk as it is now.</summary>
    public Task TellKeeperAsync(GlobalTrunk trunk) => announcer.ChangedAsync(trunk.Keeper, trunk.Revision);

    /// <summary>Has the keeper of a trunk that is registered no more, or is gone, unregister its lines and go.</summary>
    public Task DismissKeeperAsync(GlobalTrunk trunk) => announcer.DeletedAsync(trunk.Keeper);

    /// <summary>Gives a number of an inventory to a tenant, and the trunk with it.</summary>
    /// <returns>What became of it; a duplicate: somebody has the number, or the tenant has a trunk of that name itself.</returns>
    public Task<SaveOutcome> GiveAsync(TenantId tenant, GlobalTrunk trunk, string number, CancellationToken cancel) => EditAsync(
        tenant,
        $"number {number} given by the {(trunk.ResellerId is null ? "platform" : "reseller")}",
        async db =>
        {
            Trunk copy = await CopyAsync(db, tenant, trunk, cancel);
            db.PhoneNumbers.Add(new PhoneNumber { Id = NumberId.New(), TenantId = tenant, Number = number, TrunkId = copy.Id });
        },
        cancel);

    /// <summary>Takes a number back; the copy of its trunk goes with the last one, unless a route still names it.</summary>
    public Task<SaveOutcome> TakeBackAsync(TenantId tenant, string number, CancellationToken cancel) => EditAsync(
        tenant,
        $"number {number} taken back",
        async db =>
        {
            if (await db.PhoneNumbers.SingleOrDefaultAsync(n => n.Number == number, cancel) is { } row)
                await RemoveAsync(db, row, cancel);
        },
        cancel);

    /// <summary>Removes a tenant's number; a copy of a shared trunk goes with the last one, unless a route still names it.</summary>
    public static async Task RemoveAsync(PbxDbContext db, PhoneNumber row, CancellationToken cancel)
    {
        db.PhoneNumbers.Remove(row);
        if (await db.Trunks.SingleOrDefaultAsync(t => t.Id == row.TrunkId && t.GlobalTrunkId != null, cancel) is not { } copy)
            return;
        bool last = !await db.PhoneNumbers.AnyAsync(n => n.TrunkId == row.TrunkId && n.Id != row.Id, cancel);
        if (last && !(await db.TrunkRoutes.AsNoTracking().ToListAsync(cancel)).Exists(r => r.Details.Trunks.Any(t => t.Trunk == row.TrunkId)))
            db.Trunks.Remove(copy);
    }

    /// <summary>The tenant's copy of a trunk as the trunk is now, made where there is none.</summary>
    public static async Task<Trunk> CopyAsync(PbxDbContext db, TenantId tenant, GlobalTrunk trunk, CancellationToken cancel)
    {
        Trunk? copy = await db.Trunks.SingleOrDefaultAsync(t => t.GlobalTrunkId == trunk.Id, cancel);
        if (copy is null)
        {
            copy = trunk.ToCopy(tenant);
            db.Trunks.Add(copy);
        }
        (copy.Name, copy.Kind, copy.Enabled, copy.Details) = (trunk.Name, trunk.Kind, trunk.Enabled, trunk.Details);
        await TrunkSaving.EditSourcesAsync(db, copy, trunk.Sources, cancel);
        return copy;
    }

    private async Task<SaveOutcome> EditAsync(TenantId tenant, string what, Func<PbxDbContext, Task> edit, CancellationToken cancel)
    {
        await using PbxDbContext db = database.OpenTenant(tenant);
        await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
        if (change is null)
            return SaveOutcome.MissingReference;
        await edit(db);
        SaveOutcome outcome = await change.TrySaveAsync(what, time.GetUtcNow().UtcDateTime, cancel);
        if (outcome == SaveOutcome.Saved)
            await announcer.ChangedAsync(tenant, change.Version);
        return outcome;
    }
}
