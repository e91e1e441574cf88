using System.Text.Json;
using CloudPbx.Contracts.Ids;
using StackExchange.Redis;

namespace CloudPbx.State.Bindings;

/// <summary>The copy of the registrars' bindings in Redis: written by the tenant's owner, read by Api and by the next owner.</summary>
/// <remarks>Thread-safe. Each tenant's write is atomic and refuses a lower epoch than the tenant has seen.</remarks>
public sealed class BindingStore(RedisConnection redis, TimeProvider time)
{
    private const int MaximumFields = 256;                        // of several tenants in one command: meanwhile the server does nothing else

    /// <summary>Writes new and refreshed bindings and removes others, all or nothing.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="epoch">The epoch of the tenant's owner, from <see cref="Tenants.EpochStore"/>.</param>
    /// <param name="save">Bindings to write.</param>
    /// <param name="remove">Keys (<see cref="Binding.Key"/>) of bindings to remove; unknown ones do no harm.</param>
    /// <param name="cancel">Stops the wait, not the write.</param>
    public Task<StoreOutcome> SaveAsync(
        TenantId tenant, long epoch, IReadOnlyCollection<Binding> save, IReadOnlyCollection<string> remove, CancellationToken cancel) =>
        WriteAsync(new BindingChanges(tenant, epoch, save, remove), replace: false, cancel);

    /// <summary>Writes the changes of several tenants, each tenant's all or nothing. Where all keys are on one server, in few commands.</summary>
    /// <param name="changes">Of each tenant one.</param>
    /// <param name="cancel">Stops the wait, not the writes.</param>
    /// <returns>What became of each, in their order.</returns>
    public async Task<IReadOnlyList<StoreOutcome>> SaveAsync(IReadOnlyList<BindingChanges> changes, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(changes);
        bool isOneServer = await redis.IsOneServerAsync().ConfigureAwait(false);
        List<Task<StoreOutcome[]>> writing = [];
        EpochHash write = new();
        foreach (BindingChanges change in changes)
        {
            if (write.Count > 0 && (!isOneServer || write.Fields + change.Save.Count > MaximumFields))
            {
                writing.Add(write.WriteAsync(redis, cancel));
                write = new EpochHash();
            }
            Add(write, change, replace: false);
        }
        if (write.Count > 0)
            writing.Add(write.WriteAsync(redis, cancel));
        StoreOutcome[][] outcomes = await Task.WhenAll(writing).ConfigureAwait(false);
        return outcomes is [{ } all] ? all : [.. outcomes.SelectMany(each => each)];
    }

    /// <summary>Writes all bindings of a tenant over whatever stood there: how an owner seeds a Redis that came back empty.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="epoch">The epoch of the tenant's owner.</param>
    /// <param name="bindings">All of them.</param>
    /// <param name="cancel">Stops the wait, not the write.</param>
    public Task<StoreOutcome> ReplaceAsync(TenantId tenant, long epoch, IReadOnlyCollection<Binding> bindings, CancellationToken cancel) =>
        WriteAsync(new BindingChanges(tenant, epoch, bindings, []), replace: true, cancel);

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

    private async Task<StoreOutcome> WriteAsync(BindingChanges change, bool replace, CancellationToken cancel)
    {
        EpochHash write = new();
        Add(write, change, replace);
        return (await write.WriteAsync(redis, cancel).ConfigureAwait(false))[0];
    }

    private void Add(EpochHash write, BindingChanges change, bool replace)
    {
        DateTime now = time.GetUtcNow().UtcDateTime, end = now;
        foreach (Binding binding in change.Save)
            if (binding.ExpiresAt > end)
                end = binding.ExpiresAt;
        write.Add(change.Tenant, Keys.Bindings(change.Tenant), change.Epoch, replace, end - now, change.Remove, change.Save.Count);
        foreach (Binding binding in change.Save)
            write.Set(binding.Key, JsonSerializer.SerializeToUtf8Bytes(binding, StateJson.Default.Binding));
    }
}
