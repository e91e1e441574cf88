using CloudPbx.Contracts.Ids;
using CloudPbx.State;
using CloudPbx.State.Presence;

namespace CloudPbx.CallControl.Presence;

/// <summary>Where subscriptions are copied to for the tenant's next owner.</summary>
internal interface ILampCopy
{
    /// <summary>Reads what earlier owners of a tenant left.</summary>
    /// <returns>The subscriptions; null where the store is away.</returns>
    Task<IReadOnlyList<StoredSubscription>?> ListAsync(TenantId tenant, CancellationToken cancel);

    /// <summary>Writes and removes subscriptions, or with <paramref name="all"/> writes them over whatever stood there; never throws for a store that is away.</summary>
    Task<StoreOutcome> WriteAsync(TenantId tenant, long epoch, bool all, IReadOnlyCollection<StoredSubscription> save, IReadOnlyCollection<string> remove);
}
