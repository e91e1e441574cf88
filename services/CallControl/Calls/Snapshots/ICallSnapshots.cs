using CloudPbx.Contracts.Ids;
using CloudPbx.State;
using CloudPbx.State.CallSnapshots;

namespace CloudPbx.CallControl.Calls.Snapshots;

/// <summary>Where snapshots are kept for the tenant's next owner.</summary>
internal interface ICallSnapshots
{
    /// <summary>Reads what earlier owners of a tenant left.</summary>
    /// <returns>The snapshots; null where the store is away.</returns>
    Task<IReadOnlyList<StoredCall>?> ListAsync(TenantId tenant, CancellationToken cancel);

    /// <summary>Writes and removes snapshots, or with <paramref name="all"/> writes them over whatever stood there; never throws for a store that is away.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="epoch">The epoch of the tenant's owner.</param>
    /// <param name="all">Whether these are all that there are.</param>
    /// <param name="save">Snapshots to write. Their octets are the writer's again when this completes, but where the store is away: what came too late may be on its way yet.</param>
    /// <param name="remove">Calls that are over.</param>
    Task<StoreOutcome> WriteAsync(TenantId tenant, long epoch, bool all, IReadOnlyCollection<StoredCall> save, IReadOnlyCollection<CallId> remove);
}
