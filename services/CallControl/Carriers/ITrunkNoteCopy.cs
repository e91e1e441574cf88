using CloudPbx.Contracts.Ids;
using CloudPbx.State;
using CloudPbx.State.Trunks;

namespace CloudPbx.CallControl.Carriers;

/// <summary>Where what was learned of trunks is copied to for the tenant's next owner.</summary>
internal interface ITrunkNoteCopy
{
    /// <summary>Reads what earlier owners of a tenant left.</summary>
    /// <returns>The notes; null where the store is away.</returns>
    Task<IReadOnlyList<StoredTrunkNote>?> ListAsync(TenantId tenant);

    /// <summary>Writes and removes notes; never throws for a store that is away.</summary>
    Task<StoreOutcome> WriteAsync(TenantId tenant, long epoch, IReadOnlyCollection<StoredTrunkNote> save, IReadOnlyCollection<TrunkId> remove);
}

/// <summary>The notes in Redis.</summary>
internal sealed class RedisTrunkNoteCopy(TrunkNoteStore store) : ITrunkNoteCopy
{
    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredTrunkNote>?> ListAsync(TenantId tenant) => store.ListAsync(tenant);

    /// <inheritdoc/>
    public Task<StoreOutcome> WriteAsync(TenantId tenant, long epoch, IReadOnlyCollection<StoredTrunkNote> save, IReadOnlyCollection<TrunkId> remove) => store.SaveAsync(tenant, epoch, save, remove);
}
