using CloudPbx.Contracts.Ids;
using StackExchange.Redis;

namespace CloudPbx.State.Trunks;

/// <summary>What a tenant's owners have learned of its trunks: written by the tenant's owner, read by the next one.</summary>
/// <remarks>Thread-safe. Each write is one atomic script that refuses a lower epoch than the tenant has seen.</remarks>
public sealed class TrunkNoteStore(RedisConnection redis)
{
    /// <summary>How long notes live after the last write. Carriers mend what was wrong: what is older than that is no reason any more.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromDays(7);

    /// <summary>Writes new and changed notes and removes others, all or nothing.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="epoch">The epoch of the tenant's owner, from <see cref="Tenants.EpochStore"/>.</param>
    /// <param name="save">Notes to write.</param>
    /// <param name="remove">Trunks of which nothing is noted any more; unknown ones do no harm.</param>
    public async Task<StoreOutcome> SaveAsync(TenantId tenant, long epoch, IReadOnlyCollection<StoredTrunkNote> save, IReadOnlyCollection<TrunkId> remove)
    {
        ArgumentNullException.ThrowIfNull(save);
        ArgumentNullException.ThrowIfNull(remove);
        EpochHash write = new();
        write.Add(tenant, Keys.TrunkNotes(tenant), epoch, replace: false, Life, [.. remove.Select(trunk => trunk.ToString())], save.Count);
        foreach (StoredTrunkNote note in save)
            write.Set(note.Trunk.ToString(), note.Content);
        return (await write.WriteAsync(redis, CancellationToken.None).ConfigureAwait(false))[0];
    }

    /// <summary>Reads what owners of a tenant wrote, in no order.</summary>
    /// <param name="tenant">Whose.</param>
    /// <returns>Their notes, or <see langword="null"/> where Redis is away.</returns>
    public async Task<IReadOnlyList<StoredTrunkNote>?> ListAsync(TenantId tenant)
    {
        try
        {
            IDatabase database = await redis.DatabaseAsync().ConfigureAwait(false);
            List<StoredTrunkNote> notes = [];
            foreach (HashEntry entry in await database.HashGetAllAsync(Keys.TrunkNotes(tenant)).ConfigureAwait(false))
                if (TrunkId.TryParse(entry.Name.ToString(), out TrunkId trunk))
                    notes.Add(new StoredTrunkNote(trunk, entry.Value));
            return notes;
        }
        catch (Exception fault) when (RedisConnection.IsAway(fault))
        {
            return null;
        }
    }
}
