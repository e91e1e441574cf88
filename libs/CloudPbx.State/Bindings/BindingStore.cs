using System.Text.Json;
using CloudPbx.Contracts.Ids;
using StackExchange.Redis;

namespace CloudPbx.State.Bindings;

/// <summary>The copy of the registrars' bindings in Redis: written by the tenant's owner, read by Api and by the next owner.</summary>
/// <remarks>Thread-safe. Each write is one atomic script that refuses a lower epoch than the tenant has seen.</remarks>
public sealed class BindingStore(RedisConnection redis, TimeProvider time)
{
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

    private Task<StoreOutcome> WriteAsync(
        TenantId tenant, long epoch, bool replace, IReadOnlyCollection<Binding> save, IReadOnlyCollection<string> remove, CancellationToken cancel)
    {
        DateTime now = time.GetUtcNow().UtcDateTime;
        TimeSpan life = save.Count == 0 ? TimeSpan.Zero : save.Max(binding => binding.ExpiresAt) - now;
        RedisValue[] arguments = EpochHash.Arguments(epoch, replace, life > TimeSpan.Zero ? life : TimeSpan.Zero, remove, save.Count, out int room);
        foreach (Binding binding in save)
        {
            arguments[room++] = binding.Key;
            arguments[room++] = JsonSerializer.SerializeToUtf8Bytes(binding, StateJson.Default.Binding);
        }
        return EpochHash.WriteAsync(redis, [Keys.Epoch(tenant), Keys.Bindings(tenant)], arguments, cancel);
    }
}
