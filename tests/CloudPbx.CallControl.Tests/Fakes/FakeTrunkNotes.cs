using System.Collections.Concurrent;
using CloudPbx.CallControl.Carriers;
using CloudPbx.Contracts.Ids;
using CloudPbx.State;
using CloudPbx.State.Trunks;

namespace CloudPbx.CallControl.Tests.Fakes;

/// <summary>Redis as far as notes on trunks know it: in memory, for all tenants that share it, may be away.</summary>
internal sealed class FakeTrunkNotes : ITrunkNoteCopy
{
    private readonly ConcurrentDictionary<(TenantId, TrunkId Trunk), StoredTrunkNote> _notes = new();

    /// <summary>Whether nobody answers.</summary>
    public bool IsAway { get; set; }

    /// <summary>How often something was written.</summary>
    public int Writes { get; private set; }

    public void Clear() => _notes.Clear();

    public IReadOnlyList<StoredTrunkNote> List(TenantId tenant) => [.. _notes.Where(note => note.Key.Item1 == tenant).Select(note => note.Value)];

    public Task<IReadOnlyList<StoredTrunkNote>?> ListAsync(TenantId tenant) => Task.FromResult<IReadOnlyList<StoredTrunkNote>?>(List(tenant));

    public Task<StoreOutcome> WriteAsync(TenantId tenant, long epoch, IReadOnlyCollection<StoredTrunkNote> save, IReadOnlyCollection<TrunkId> remove)
    {
        if (IsAway)
            return Task.FromResult(StoreOutcome.Away);
        Writes++;
        foreach (TrunkId trunk in remove)
            _notes.TryRemove((tenant, trunk), out _);
        foreach (StoredTrunkNote note in save)
            _notes[(tenant, note.Trunk)] = note;
        return Task.FromResult(StoreOutcome.Done);
    }
}
