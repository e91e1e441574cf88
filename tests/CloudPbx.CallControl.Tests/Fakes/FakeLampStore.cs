using System.Collections.Concurrent;
using CloudPbx.CallControl.Presence;
using CloudPbx.Contracts.Ids;
using CloudPbx.State;
using CloudPbx.State.Presence;

namespace CloudPbx.CallControl.Tests.Fakes;

/// <summary>Redis as far as busy lamps know it: in memory, may be away.</summary>
internal sealed class FakeLampStore : ILampCopy
{
    private readonly ConcurrentDictionary<string, StoredSubscription> _lamps = new();

    /// <summary>Whether nobody answers.</summary>
    public bool IsAway { get; set; }

    /// <summary>How often something was written.</summary>
    public int Writes { get; private set; }

    public void Clear() => _lamps.Clear();

    public void Put(StoredSubscription lamp) => _lamps[lamp.Number] = lamp;

    public IReadOnlyList<StoredSubscription> List() => [.. _lamps.Values];

    public Task<IReadOnlyList<StoredSubscription>?> ListAsync(TenantId tenant, CancellationToken cancel) => Task.FromResult<IReadOnlyList<StoredSubscription>?>(List());

    public Task<StoreOutcome> WriteAsync(TenantId tenant, long epoch, bool all, IReadOnlyCollection<StoredSubscription> save, IReadOnlyCollection<string> remove)
    {
        if (IsAway)
            return Task.FromResult(StoreOutcome.Away);
        Writes++;
        if (all)
            _lamps.Clear();
        foreach (string number in remove)
            _lamps.TryRemove(number, out _);
        foreach (StoredSubscription lamp in save)
            _lamps[lamp.Number] = lamp;
        return Task.FromResult(StoreOutcome.Done);
    }
}
