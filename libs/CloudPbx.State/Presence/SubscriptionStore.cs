using CloudPbx.Contracts.Ids;
using StackExchange.Redis;

namespace CloudPbx.State.Presence;

/// <summary>The copy of phones' subscriptions in Redis: written by the tenant's owner, read by the next one.</summary>
/// <remarks>Thread-safe. Each write is one atomic script that refuses a lower epoch than the tenant has seen.</remarks>
public sealed class SubscriptionStore(RedisConnection redis, TimeProvider time)
{
    /// <summary>Writes new and changed subscriptions and removes others, all or nothing.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="epoch">The epoch of the tenant's owner, from <see cref="Tenants.EpochStore"/>.</param>
    /// <param name="replace">Whether what stood there goes first: these are all that there are.</param>
    /// <param name="save">Subscriptions to write.</param>
    /// <param name="remove">Numbers of those that are over; unknown ones do no harm.</param>
    /// <param name="cancel">Stops the wait, not the write.</param>
    public async Task<StoreOutcome> SaveAsync(
        TenantId tenant, long epoch, bool replace, IReadOnlyCollection<StoredSubscription> save, IReadOnlyCollection<string> remove, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(save);
        ArgumentNullException.ThrowIfNull(remove);
        DateTime now = time.GetUtcNow().UtcDateTime, end = now;
        foreach (StoredSubscription subscription in save)
            if (subscription.ExpiresAt > end)
                end = subscription.ExpiresAt;
        EpochHash write = new();
        write.Add(tenant, Keys.Subscriptions(tenant), epoch, replace, end - now, remove, save.Count);
        foreach (StoredSubscription subscription in save)
            write.Set(subscription.Number, subscription.Content);
        return (await write.WriteAsync(redis, cancel).ConfigureAwait(false))[0];
    }

    /// <summary>Reads what owners of a tenant wrote, in no order; some may be over meanwhile.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="cancel">Stops the wait.</param>
    /// <returns>Their states by number, or <see langword="null"/> where Redis is away.</returns>
    public async Task<IReadOnlyList<StoredSubscription>?> ListAsync(TenantId tenant, CancellationToken cancel)
    {
        try
        {
            IDatabase database = await redis.DatabaseAsync().ConfigureAwait(false);
            HashEntry[] entries = await database.HashGetAllAsync(Keys.Subscriptions(tenant)).WaitAsync(cancel).ConfigureAwait(false);
            return [.. entries.Select(entry => new StoredSubscription(entry.Name.ToString(), DateTime.MaxValue, entry.Value))];
        }
        catch (Exception fault) when (RedisConnection.IsAway(fault))
        {
            return null;
        }
    }
}
