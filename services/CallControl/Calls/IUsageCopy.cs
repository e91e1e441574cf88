using CloudPbx.Contracts.Ids;
using CloudPbx.State;
using CloudPbx.State.Usage;

namespace CloudPbx.CallControl.Calls;

/// <summary>Where a day's use of calls to the outside is kept for the tenant's next owner.</summary>
internal interface IUsageCopy
{
    /// <summary>Adds an ended call. Returns at once, never throws.</summary>
    void Add(TenantId tenant, DateOnly day, string payer, long milliseconds, long microUnits);

    /// <summary>Reads a day; null where the store is away.</summary>
    Task<UsageOfDay?> LoadAsync(TenantId tenant, DateOnly day);
}

/// <summary>The copy in Redis. While that is away what is to be added waits in memory, so that nothing is free of charge.</summary>
internal sealed class RedisUsageCopy(UsageStore store, TimeProvider time) : IUsageCopy
{
    private const int MostTries = 60;
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(10);

    public void Add(TenantId tenant, DateOnly day, string payer, long milliseconds, long microUnits) =>
        _ = Task.Run(() => AddAsync(tenant, day, payer, milliseconds, microUnits));

    public Task<UsageOfDay?> LoadAsync(TenantId tenant, DateOnly day) => store.LoadAsync(tenant, day);

    private async Task AddAsync(TenantId tenant, DateOnly day, string payer, long milliseconds, long microUnits)
    {
        for (int attempt = 0; attempt < MostTries; attempt++)
        {
            if (await store.AddAsync(tenant, day, payer, milliseconds, microUnits) != StoreOutcome.Away)
                return;
            await Task.Delay(s_pause, time);
        }
    }
}
