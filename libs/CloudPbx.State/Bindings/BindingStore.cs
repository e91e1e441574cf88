using System.Text.Json;
using CloudPbx.Contracts.Ids;
using StackExchange.Redis;

namespace CloudPbx.State.Bindings;

/// <summary>The copy of the registrars' bindings in Redis: written by the tenant's owner, read by Api and by the next owner.</summary>
/// <remarks>Thread-safe. Each write is one atomic script that refuses a lower epoch than the tenant has seen.</remarks>
public sealed class BindingStore(RedisConnection redis, TimeProvider time)
{
    // KEYS: epoch, bindings. ARGV: epoch, 1 to begin from nothing, expiry in Unix ms (0: leave), number of fields removed, those, then field and value in turn.
    private const string WriteScript =
        """
        local stored = redis.call('GET', KEYS[1])
        if stored and tonumber(stored) > tonumber(ARGV[1]) then return 0 end
        redis.call('SET', KEYS[1], ARGV[1], 'PX', 2592000000)
        if ARGV[2] == '1' then redis.call('DEL', KEYS[2]) end
        local removed = tonumber(ARGV[4])
        for i = 5, 4 + removed do redis.call('HDEL', KEYS[2], ARGV[i]) end
        for i = 5 + removed, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
        if tonumber(ARGV[3]) > 0 then
          local present = redis.call('PTTL', KEYS[2])
          local wanted = tonumber(ARGV[3])
          if wanted > present then redis.call('PEXPIRE', KEYS[2], ARGV[3]) end
        end
        return 1
        """;

    /// <summary>Writes new and refreshed bindings and removes others, all or nothing.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="epoch">The epoch of the tenant's owner, from <see cref="Tenants.EpochStore"/>.</param>
    /// <param name="save">Bindings to write.</param>
    /// <param name="remove">Keys (<see cref="Binding.Key"/>) of bindings to remove; unknown ones do no harm.</param>
    /// <param name="cancel">Stops the wait, not the write.</param>
    public Task<StoreOutcome> SaveAsync(
        TenantId tenant, long epoch, IReadOnlyCollection<Binding> save, IReadOnlyCollection<string> remove, CancellationToken cancel) =>
        WriteAsync(tenant, epoch, false, save, remove, cancel);

    /// <summary>Writes all bindings of a tenant over whatever stood there: how an owner seeds a Redis that came back empty.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="epoch">The epoch of the tenant's owner.</param>
    /// <param name="bindings">All of them.</param>
    /// <param name="cancel">Stops the wait, not the write.</param>
    public Task<StoreOutcome> ReplaceAsync(TenantId tenant, long epoch, IReadOnlyCollection<Binding> bindings, CancellationToken cancel) =>
        WriteAsync(tenant, epoch, true, bindings, [], cancel);

    /// <summary>Reads a tenant's bindings that have not expired, in no order.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="cancel">Stops the wait.</param>
    /// <returns>The bindings, or <see langword="null"/> where Redis is away.</returns>
    public async Task<IReadOnlyList<Binding>?> ListAsync(TenantId tenant, CancellationToken cancel)
    {
        try
        {
            IDatabase database = await redis.DatabaseAsync().ConfigureAwait(false);
            RedisValue[] values = await database.HashValuesAsync(Keys.Bindings(tenant)).WaitAsync(cancel).ConfigureAwait(false);
            DateTime now = time.GetUtcNow().UtcDateTime;
            List<Binding> bindings = new(values.Length);
            foreach (RedisValue value in values)
            {
                if (StateJson.Read(value, StateJson.Default.Binding) is { } binding && binding.ExpiresAt > now)
                    bindings.Add(binding);
            }
            return bindings;
        }
        catch (Exception fault) when (RedisConnection.IsAway(fault))
        {
            return null;
        }
    }

    private async Task<StoreOutcome> WriteAsync(
        TenantId tenant, long epoch, bool replace, IReadOnlyCollection<Binding> save, IReadOnlyCollection<string> remove, CancellationToken cancel)
    {
        TimeSpan life = TimeSpan.Zero;
        DateTime now = time.GetUtcNow().UtcDateTime;
        List<RedisValue> arguments = [epoch, replace ? 1 : 0, 0, remove.Count, .. remove.Select(key => (RedisValue)key)];
        foreach (Binding binding in save)
        {
            arguments.Add(binding.Key);
            arguments.Add(JsonSerializer.SerializeToUtf8Bytes(binding, StateJson.Default.Binding));
            if (binding.ExpiresAt - now > life)
                life = binding.ExpiresAt - now;
        }
        arguments[2] = (long)life.TotalMilliseconds;
        try
        {
            IDatabase database = await redis.DatabaseAsync().ConfigureAwait(false);
            RedisResult written = await database
                .ScriptEvaluateAsync(WriteScript, [Keys.Epoch(tenant), Keys.Bindings(tenant)], [.. arguments]).WaitAsync(cancel).ConfigureAwait(false);
            return (int)written == 1 ? StoreOutcome.Done : StoreOutcome.Stale;
        }
        catch (Exception fault) when (RedisConnection.IsAway(fault))
        {
            return StoreOutcome.Away;
        }
    }
}
