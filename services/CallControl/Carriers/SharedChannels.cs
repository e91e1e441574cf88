using CloudPbx.Contracts.Ids;

namespace CloudPbx.CallControl.Carriers;

/// <summary>
/// How many channels of shared trunks are in use over all tenants: those of this worker's tenants at every instant, those of other workers' as these told last
/// (<see cref="SharedTrunkReporter"/>). Calls that two workers begin within the same second may exceed a limit by one each.
/// </summary>
/// <remarks>Thread-safe. A lock, since two tenants' threads must not both take the last channel.</remarks>
internal sealed class SharedChannels
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TrunkId, Dictionary<TenantId, int>> _here = [];
    private IReadOnlyDictionary<TrunkId, int> _elsewhere = new Dictionary<TrunkId, int>();

    /// <summary>Says how many a tenant uses now.</summary>
    /// <param name="shared">The shared trunk, not the tenant's copy.</param>
    /// <param name="tenant">The tenant.</param>
    /// <param name="channels">Its channels.</param>
    public void Set(TrunkId shared, TenantId tenant, int channels)
    {
        lock (_lock)
            Put(shared, tenant, channels);
    }

    /// <summary>Says how many a tenant uses at least.</summary>
    public void Raise(TrunkId shared, TenantId tenant, int channels)
    {
        lock (_lock)
        {
            if (!_here.TryGetValue(shared, out Dictionary<TenantId, int>? tenants) || tenants.GetValueOrDefault(tenant) < channels)
                Put(shared, tenant, channels);
        }
    }

    /// <summary>Takes one more for a tenant, unless no more may be in use.</summary>
    /// <param name="shared">The shared trunk.</param>
    /// <param name="tenant">The tenant.</param>
    /// <param name="own">The channels that it uses.</param>
    /// <param name="most">How many all tenants may use together.</param>
    public bool TryTake(TrunkId shared, TenantId tenant, int own, int most)
    {
        lock (_lock)
        {
            if (own + CountOthers(shared, tenant) >= most)
                return false;
            Put(shared, tenant, own + 1);
            return true;
        }
    }

    /// <summary>What all other tenants use.</summary>
    public int OthersOf(TrunkId shared, TenantId tenant)
    {
        lock (_lock)
            return CountOthers(shared, tenant);
    }

    /// <summary>The tenants of this worker that use channels now.</summary>
    public IReadOnlyList<TenantId> Users()
    {
        lock (_lock)
            return [.. _here.Values.SelectMany(tenants => tenants.Keys)];
    }

    /// <summary>A tenant lives elsewhere from now on, or nowhere.</summary>
    public void Left(TenantId tenant)
    {
        lock (_lock)
        {
            foreach (Dictionary<TenantId, int> tenants in _here.Values)
                tenants.Remove(tenant);
        }
    }

    /// <summary>What the tenants of all other workers use.</summary>
    public void Hear(IReadOnlyDictionary<TrunkId, int> elsewhere)
    {
        lock (_lock)
            _elsewhere = elsewhere;
    }

    private void Put(TrunkId shared, TenantId tenant, int channels)
    {
        if (!_here.TryGetValue(shared, out Dictionary<TenantId, int>? tenants))
            _here[shared] = tenants = [];
        if (channels == 0)
            tenants.Remove(tenant);
        else
            tenants[tenant] = channels;
    }

    private int CountOthers(TrunkId shared, TenantId tenant) =>
        (_here.TryGetValue(shared, out Dictionary<TenantId, int>? tenants) ? tenants.Where(use => use.Key != tenant).Sum(use => use.Value) : 0) + _elsewhere.GetValueOrDefault(shared);
}
