using CloudPbx.Contracts.Ids;
using StackExchange.Redis;

namespace CloudPbx.State.Tenants;

/// <summary>Hands out the epochs of tenants' owners: each higher than all before it, also after Redis lost its data.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class EpochStore(RedisConnection redis, TimeProvider time)
{
    // KEYS: epoch. ARGV: Unix ms. Numbers beyond 2^53 never come, so Lua's doubles hold them.
    private const string NextScript =
        """
        local next = tonumber(ARGV[1])
        local stored = redis.call('GET', KEYS[1])
        if stored and tonumber(stored) >= next then next = tonumber(stored) + 1 end
        local text = string.format('%.0f', next)
        redis.call('SET', KEYS[1], text, 'PX', 2592000000)
        return text
        """;

    /// <summary>Begins an activation of a tenant: <c>max(stored + 1, Unix milliseconds)</c>.</summary>
    /// <param name="tenant">Whose runtime starts.</param>
    /// <param name="cancel">Stops the wait.</param>
    /// <returns>The epoch; Unix milliseconds where Redis is away.</returns>
    public async Task<long> NextAsync(TenantId tenant, CancellationToken cancel)
    {
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        try
        {
            IDatabase database = await redis.DatabaseAsync().ConfigureAwait(false);
            RedisResult next = await database.ScriptEvaluateAsync(NextScript, [Keys.Epoch(tenant)], [now]).WaitAsync(cancel).ConfigureAwait(false);
            return (long)next;
        }
        catch (Exception fault) when (RedisConnection.IsAway(fault))
        {
            return now;
        }
    }
}
