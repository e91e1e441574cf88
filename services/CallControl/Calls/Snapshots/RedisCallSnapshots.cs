using CloudPbx.Contracts.Ids;
using CloudPbx.State;
using CloudPbx.State.CallSnapshots;

namespace CloudPbx.CallControl.Calls.Snapshots;

/// <summary>The snapshots in Redis.</summary>
internal sealed class RedisCallSnapshots(CallSnapshotStore store) : ICallSnapshots
{
    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredCall>?> ListAsync(TenantId tenant, CancellationToken cancel) => store.ListAsync(tenant, cancel);

    /// <inheritdoc/>
    public Task<StoreOutcome> WriteAsync(TenantId tenant, long epoch, bool all, IReadOnlyCollection<StoredCall> save, IReadOnlyCollection<CallId> remove) => all
        ? store.ReplaceAsync(tenant, epoch, save, CancellationToken.None)
        : store.SaveAsync(tenant, epoch, save, remove, CancellationToken.None);
}
