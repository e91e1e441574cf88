using System.Collections.Concurrent;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data;
using CloudPbx.Data.Tenants;
using CloudPbx.State.Tenants;

namespace CloudPbx.Api.Refresh;

/// <summary>Tells tenants' runtimes of committed changes, again and again until they acknowledge. At its start it tells all active tenants, since a predecessor may have died in between.</summary>
internal sealed partial class RefreshDispatcher(
    ITenantDoor door, ActiveTenantStore active, TenantLookup tenants, IDatabaseFaults faults, TimeProvider time, ILogger<RefreshDispatcher> logger)
    : BackgroundService
{
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<TenantId, long> _waiting = new();

    /// <summary>Tells a runtime now; where it cannot be told, keeps trying behind the caller's back.</summary>
    public async Task TellAsync(TenantId tenant, long version, CancellationToken cancel)
    {
        _waiting.AddOrUpdate(tenant, version, (_, waiting) => Math.Max(waiting, version));
        await TryAsync(tenant, version, cancel);
    }

    /// <summary>Forgets a tenant that was deleted, after telling its runtime once.</summary>
    public async Task TellDeletedAsync(TenantId tenant, CancellationToken cancel)
    {
        _waiting.TryRemove(tenant, out _);
        await door.TryRefreshAsync(tenant, long.MaxValue, cancel);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(s_retry, time);
        bool caughtUp = false;
        try
        {
            do
            {
                caughtUp = caughtUp || await CatchUpAsync(stoppingToken);
                foreach ((TenantId tenant, long version) in _waiting)
                    await TryAsync(tenant, version, stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    private async Task<bool> CatchUpAsync(CancellationToken cancel)
    {
        try
        {
            if (await active.ListAsync(cancel) is not { } list)
                return false;
            foreach ((TenantId tenant, long version) in await tenants.VersionsAsync([.. list], cancel))
                _waiting.AddOrUpdate(tenant, version, (_, waiting) => Math.Max(waiting, version));
            return true;
        }
        catch (Exception fault) when (faults.IsAway(fault))
        {
            return false;
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            LogFault(fault);                                                            // a schema that is not there yet, for example
            return false;
        }
    }

    private async Task TryAsync(TenantId tenant, long version, CancellationToken cancel)
    {
        if (await door.TryRefreshAsync(tenant, version, cancel))
            _waiting.TryRemove(KeyValuePair.Create(tenant, version));                   // unless a later version waits by now
    }

    [LoggerMessage(LogLevel.Warning, "Active tenants cannot be read yet")]
    private partial void LogFault(Exception fault);
}
