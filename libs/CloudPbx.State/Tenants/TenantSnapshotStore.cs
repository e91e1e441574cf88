using CloudPbx.Contracts.Ids;
using StackExchange.Redis;

namespace CloudPbx.State.Tenants;

/// <summary>Keeps each tenant's last configuration, so that calls route while the database is away.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class TenantSnapshotStore(RedisConnection redis)
{
    // KEYS: configuration. ARGV: version, content.
    private const string SaveScript =
        """
        local stored = redis.call('HGET', KEYS[1], 'version')
        if stored and tonumber(stored) > tonumber(ARGV[1]) then return 0 end
        redis.call('HSET', KEYS[1], 'version', ARGV[1], 'content', ARGV[2])
        redis.call('PEXPIRE', KEYS[1], 2592000000)
        return 1
        """;

    /// <summary>Writes a tenant's configuration, unless a later one stands there.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="snapshot">The configuration.</param>
    /// <param name="cancel">Stops the wait, not the write.</param>
    public async Task<StoreOutcome> SaveAsync(TenantId tenant, TenantSnapshot snapshot, CancellationToken cancel)
    {
        try
        {
            IDatabase database = await redis.DatabaseAsync().ConfigureAwait(false);
            RedisResult written = await database.ScriptEvaluateAsync(SaveScript, [Keys.Configuration(tenant)], [snapshot.Version, snapshot.Content])
                .WaitAsync(cancel).ConfigureAwait(false);
            return (int)written == 1 ? StoreOutcome.Done : StoreOutcome.Stale;
        }
        catch (Exception fault) when (RedisConnection.IsAway(fault))
        {
            return StoreOutcome.Away;
        }
    }

    /// <summary>Reads a tenant's configuration.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="cancel">Stops the wait.</param>
    /// <returns>The configuration, or <see langword="null"/> where there is none or Redis is away.</returns>
    public async Task<TenantSnapshot?> LoadAsync(TenantId tenant, CancellationToken cancel)
    {
        try
        {
            IDatabase database = await redis.DatabaseAsync().ConfigureAwait(false);
            RedisValue[] values = await database.HashGetAsync(Keys.Configuration(tenant), ["version", "content"]).WaitAsync(cancel).ConfigureAwait(false);
            return values[0].TryParse(out long version) && !values[1].IsNull ? new TenantSnapshot(version, (byte[])values[1]!) : null;
        }
        catch (Exception fault) when (RedisConnection.IsAway(fault))
        {
            return null;
        }
    }

    /// <summary>Forgets a deleted tenant.</summary>
    /// <param name="tenant">Whose keys go: configuration, bindings, calls, subscriptions, what was learned of its trunks, and the days' usage. The epoch expires by itself, so that a late owner stays refused.</param>
    /// <param name="today">The present day, UTC; usage is kept for two.</param>
    /// <param name="cancel">Stops the wait, not the write.</param>
    public async Task<StoreOutcome> ForgetAsync(TenantId tenant, DateOnly today, CancellationToken cancel)
    {
        try
        {
            IDatabase database = await redis.DatabaseAsync().ConfigureAwait(false);
            DateOnly[] days = [.. Enumerable.Range(-2, 4).Select(today.AddDays)];
            await database.KeyDeleteAsync(
            [
                Keys.Configuration(tenant), Keys.Bindings(tenant), Keys.Calls(tenant), Keys.Subscriptions(tenant), Keys.TrunkNotes(tenant),
                .. days.Select(day => Keys.Usage(tenant, day)), .. days.Select(day => Keys.UsageByDestination(tenant, day)),
            ]).WaitAsync(cancel).ConfigureAwait(false);
            return StoreOutcome.Done;
        }
        catch (Exception fault) when (RedisConnection.IsAway(fault))
        {
            return StoreOutcome.Away;
        }
    }
}
