using CloudPbx.Contracts.Ids;
using StackExchange.Redis;

namespace CloudPbx.State.Tenants;

/// <summary>The tenants that have a runtime somewhere, so that the survivors can wake those of a worker that died.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class ActiveTenantStore(RedisConnection redis, TimeProvider time)
{
    /// <summary>How long a tenant counts as active after it was marked; a runtime marks itself every few minutes.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(30);

    /// <summary>Says that a tenant has a runtime.</summary>
    /// <param name="tenant">Which.</param>
    /// <param name="cancel">Stops the wait, not the write.</param>
    public Task<StoreOutcome> MarkAsync(TenantId tenant, CancellationToken cancel) => WriteAsync(
        async database =>
        {
            DateTimeOffset now = time.GetUtcNow();
            await database.SortedSetAddAsync(Keys.ActiveTenants, tenant.ToString(), (now + Life).ToUnixTimeMilliseconds()).ConfigureAwait(false);
            await database.SortedSetRemoveRangeByScoreAsync(Keys.ActiveTenants, double.NegativeInfinity, now.ToUnixTimeMilliseconds()).ConfigureAwait(false);
            await database.KeyExpireAsync(Keys.ActiveTenants, Life).ConfigureAwait(false);
        },
        cancel);

    /// <summary>Says that a tenant's runtime ended as it should.</summary>
    /// <param name="tenant">Which.</param>
    /// <param name="cancel">Stops the wait, not the write.</param>
    public Task<StoreOutcome> RemoveAsync(TenantId tenant, CancellationToken cancel) =>
        WriteAsync(database => database.SortedSetRemoveAsync(Keys.ActiveTenants, tenant.ToString()), cancel);

    /// <summary>Lists the active tenants.</summary>
    /// <param name="cancel">Stops the wait.</param>
    /// <returns>The tenants, or <see langword="null"/> where Redis is away.</returns>
    public async Task<IReadOnlyList<TenantId>?> ListAsync(CancellationToken cancel)
    {
        try
        {
            IDatabase database = await redis.DatabaseAsync().ConfigureAwait(false);
            RedisValue[] members = await database
                .SortedSetRangeByScoreAsync(Keys.ActiveTenants, time.GetUtcNow().ToUnixTimeMilliseconds(), exclude: Exclude.Start)
                .WaitAsync(cancel).ConfigureAwait(false);
            List<TenantId> tenants = new(members.Length);
            foreach (RedisValue member in members)
            {
                if (TenantId.TryParse(member.ToString(), out TenantId tenant))
                    tenants.Add(tenant);
            }
            return tenants;
        }
        catch (Exception fault) when (RedisConnection.IsAway(fault))
        {
            return null;
        }
    }

    private async Task<StoreOutcome> WriteAsync(Func<IDatabase, Task> write, CancellationToken cancel)
    {
        try
        {
            await write(await redis.DatabaseAsync().ConfigureAwait(false)).WaitAsync(cancel).ConfigureAwait(false);
            return StoreOutcome.Done;
        }
        catch (Exception fault) when (RedisConnection.IsAway(fault))
        {
            return StoreOutcome.Away;
        }
    }
}
