using CloudPbx.Contracts.Ids;
using StackExchange.Redis;

namespace CloudPbx.State.CallSnapshots;

/// <summary>The snapshots of the calls that ring or talk, and of those whose records are not confirmed yet: written by the tenant's owner, read by the next one.</summary>
/// <remarks>Thread-safe. Each write is one atomic script that refuses a lower epoch than the tenant has seen.</remarks>
public sealed class CallSnapshotStore(RedisConnection redis)
{
    /// <summary>How long snapshots live after the tenant's last write; an owner writes its running calls again long before.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromDays(1);

    /// <summary>Writes new and changed snapshots and removes others, all or nothing.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="epoch">The epoch of the tenant's owner.</param>
    /// <param name="save">Snapshots to write. Their octets must stay until this has completed, and for good where Redis was away: the client library may have them still.</param>
    /// <param name="remove">Calls that are over; unknown ones do no harm.</param>
    /// <param name="cancel">Stops the wait, not the write.</param>
    public Task<StoreOutcome> SaveAsync(
        TenantId tenant, long epoch, IReadOnlyCollection<StoredCall> save, IReadOnlyCollection<CallId> remove, CancellationToken cancel) =>
        WriteAsync(tenant, epoch, false, save, remove, cancel);

    /// <summary>Writes all snapshots of a tenant over whatever stood there: how an owner seeds a Redis that came back empty.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="epoch">The epoch of the tenant's owner.</param>
    /// <param name="calls">All of them.</param>
    /// <param name="cancel">Stops the wait, not the write.</param>
    public Task<StoreOutcome> ReplaceAsync(TenantId tenant, long epoch, IReadOnlyCollection<StoredCall> calls, CancellationToken cancel) =>
        WriteAsync(tenant, epoch, true, calls, [], cancel);

    /// <summary>Reads a tenant's snapshots, the oldest call first.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="cancel">Stops the wait.</param>
    /// <returns>The snapshots, or <see langword="null"/> where Redis is away.</returns>
    public async Task<IReadOnlyList<StoredCall>?> ListAsync(TenantId tenant, CancellationToken cancel)
    {
        try
        {
            IDatabase database = await redis.DatabaseAsync().ConfigureAwait(false);
            HashEntry[] entries = await database.HashGetAllAsync(Keys.Calls(tenant)).WaitAsync(cancel).ConfigureAwait(false);
            List<StoredCall> calls = new(entries.Length);
            foreach (HashEntry entry in entries.OrderBy(entry => entry.Name.ToString(), StringComparer.Ordinal))     // UUIDv7: by time
            {
                if (CallId.TryParse(entry.Name.ToString(), out CallId call))
                    calls.Add(new StoredCall(call, entry.Value));
            }
            return calls;
        }
        catch (Exception fault) when (RedisConnection.IsAway(fault))
        {
            return null;
        }
    }

    private async Task<StoreOutcome> WriteAsync(
        TenantId tenant, long epoch, bool replace, IReadOnlyCollection<StoredCall> save, IReadOnlyCollection<CallId> remove, CancellationToken cancel)
    {
        EpochHash write = new();
        string[] removed = remove.Count == 0 ? [] : [.. remove.Select(call => call.ToString())];
        write.Add(tenant, Keys.Calls(tenant), epoch, replace, save.Count > 0 ? Life : TimeSpan.Zero, removed, save.Count);
        foreach (StoredCall call in save)
            write.Set(call.Call.ToString(), call.Content);
        return (await write.WriteAsync(redis, cancel).ConfigureAwait(false))[0];
    }
}
