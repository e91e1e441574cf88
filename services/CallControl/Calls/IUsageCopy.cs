using CloudPbx.CallControl.Routing;
using CloudPbx.Contracts.Ids;
using CloudPbx.State;
using CloudPbx.State.Usage;

namespace CloudPbx.CallControl.Calls;

/// <summary>Where a day's use of calls to the outside is kept for the tenant's next owner.</summary>
internal interface IUsageCopy
{
    /// <summary>Adds an ended call. Returns at once, never throws.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="day">The day, UTC.</param>
    /// <param name="payer">The extension that it counts for.</param>
    /// <param name="destination">Where it went (<see cref="OutsideNumber.DestinationOf"/>); null: nobody knows.</param>
    /// <param name="use">What it used that day.</param>
    void Add(TenantId tenant, DateOnly day, string payer, string? destination, DayUse use);

    /// <summary>Completes when a tenant's calls that were added so far are in the store, or that is away.</summary>
    Task FlushAsync(TenantId tenant);

    /// <summary>Reads a day; null where the store is away.</summary>
    Task<UsageOfDay?> LoadAsync(TenantId tenant, DateOnly day);
}

/// <summary>The copy in Redis: calls that end within half a second go there together, and a kill in that time makes them free. While it is away what is to be added waits in memory, so that nothing is free of charge.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class RedisUsageCopy(UsageStore store, TimeProvider time) : IUsageCopy
{
    private static readonly TimeSpan s_gather = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();                          // held for dictionary operations
    private readonly Dictionary<(TenantId Tenant, DateOnly Day), Waiting> _waiting = [];
    private bool _writing;

    public void Add(TenantId tenant, DateOnly day, string payer, string? destination, DayUse use)
    {
        lock (_gate)
        {
            Waiting waiting = WaitingOf(tenant, day);
            waiting.Note(payer, use);
            if (destination is not null && use.MicroUnits != 0)
                waiting.Note(destination, use.MicroUnits);
            if (_writing)
                return;
            _writing = true;
        }
        _ = Task.Run(WriteAsync);
    }

    public async Task FlushAsync(TenantId tenant)
    {
        foreach ((_, UsageOfDay ended) in Take(tenant))
            await WriteAsync(tenant, ended);
    }

    public Task<UsageOfDay?> LoadAsync(TenantId tenant, DateOnly day) => store.LoadAsync(tenant, day);

    private async Task WriteAsync()
    {
        while (Take(null) is { Count: > 0 } lots)
        {
            bool[] written = await Task.WhenAll(lots.Select(lot => WriteAsync(lot.Tenant, lot.Ended)));
            await Task.Delay(Array.TrueForAll(written, well => well) ? s_gather : s_retry, time);
        }
    }

    private async Task<bool> WriteAsync(TenantId tenant, UsageOfDay ended)
    {
        if (await store.AddAsync(tenant, ended) != StoreOutcome.Away)
            return true;
        lock (_gate)
        {
            Waiting waiting = WaitingOf(tenant, ended.Day);
            foreach ((string payer, long milliseconds, long microUnits) in ended.Payers)
                waiting.Note(payer, new DayUse(milliseconds, microUnits));
            foreach ((string destination, long microUnits) in ended.Destinations)
                waiting.Note(destination, microUnits);
        }
        return false;
    }

    /// <param name="only">Whose; null for everybody's, and then the last one to look has nothing more to write.</param>
    private List<(TenantId Tenant, UsageOfDay Ended)> Take(TenantId? only)
    {
        List<(TenantId Tenant, UsageOfDay Ended)> lots = [];
        lock (_gate)
        {
            foreach (((TenantId tenant, DateOnly day) key, Waiting waiting) in _waiting)
            {
                if (only is not null && only != key.tenant)
                    continue;
                lots.Add((key.tenant, waiting.Of(key.day)));
                _waiting.Remove(key);
            }
            if (only is null)
                _writing = lots.Count > 0;
        }
        return lots;
    }

    private Waiting WaitingOf(TenantId tenant, DateOnly day)
    {
        if (!_waiting.TryGetValue((tenant, day), out Waiting? waiting))
            _waiting.Add((tenant, day), waiting = new Waiting());
        return waiting;
    }

    /// <summary>What waits of a tenant's day.</summary>
    private sealed class Waiting
    {
        private readonly Dictionary<string, DayUse> _payers = [];
        private readonly Dictionary<string, long> _destinations = [];

        public void Note(string payer, DayUse use) => _payers[payer] = _payers.GetValueOrDefault(payer) + use;

        public void Note(string destination, long microUnits) => _destinations[destination] = _destinations.GetValueOrDefault(destination) + microUnits;

        public UsageOfDay Of(DateOnly day) => new(day, [.. _payers.Select(payer => (payer.Key, payer.Value.Milliseconds, payer.Value.MicroUnits))])
        {
            Destinations = [.. _destinations.Select(to => (to.Key, to.Value))],
        };
    }
}
