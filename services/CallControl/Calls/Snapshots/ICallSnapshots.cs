using CloudPbx.Contracts.Ids;
using CloudPbx.State;
using CloudPbx.State.CallSnapshots;

namespace CloudPbx.CallControl.Calls.Snapshots;

/// <summary>Where snapshots are kept for the tenant's next owner.</summary>
internal interface ICallSnapshots
{
    /// <summary>Writes and removes snapshots, or with <paramref name="all"/> writes them over whatever stood there; never throws for a store that is away.</summary>
    Task<StoreOutcome> WriteAsync(TenantId tenant, long epoch, bool all, IReadOnlyCollection<StoredCall> save, IReadOnlyCollection<CallId> remove);
}
