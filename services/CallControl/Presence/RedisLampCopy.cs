using CloudPbx.Contracts.Ids;
using CloudPbx.State;
using CloudPbx.State.Presence;

namespace CloudPbx.CallControl.Presence;

/// <summary>The subscriptions in Redis.</summary>
internal sealed class RedisLampCopy(SubscriptionStore store) : ILampCopy
{
    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredSubscription>?> ListAsync(TenantId tenant, CancellationToken cancel) => store.ListAsync(tenant, cancel);

    /// <inheritdoc/>
    public Task<StoreOutcome> WriteAsync(TenantId tenant, long epoch, bool all, IReadOnlyCollection<StoredSubscription> save, IReadOnlyCollection<string> remove) =>
        store.SaveAsync(tenant, epoch, all, save, remove, CancellationToken.None);
}
