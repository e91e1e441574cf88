using System.Collections.Concurrent;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data;
using CloudPbx.Data.Tenants;
using CloudPbx.Data.Trunks;
using CloudPbx.Grains;
using CloudPbx.State.Tenants;

namespace CloudPbx.Api.Refresh;

/// <summary>Tells tenants' runtimes of committed changes, again and again until they acknowledge. At its start it tells all active tenants, since a predecessor may have died in between, and the keepers of registered shared trunks, whom nothing else would wake.</summary>
internal sealed partial class RefreshDispatcher(
    SchemaGate gate, ITenantDoor door, ActiveTenantStore active, TenantLookup tenants, GlobalTrunkStore trunks, IDatabaseFaults faults, TimeProvider time, ILogger<RefreshDispatcher> logger)
    : BackgroundService
{
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<TenantId, long> _waiting = new();

    /// <summary>Tells a runtime now; where it cannot be told, keeps trying behind the caller's back.</summary>
    public async Task TellAsync(TenantId tenant, long version, CancellationToken cancel)
    {
        _waiting.AddOrUpdate(tenant, version, (_, waiting) => Math.Max(waiting, version));
        if (!await TryAsync(tenant, version, cancel))
            LogLater(tenant, version);
    }

    /// <summary>Forgets a tenant that was deleted, after telling its runtime once.</summary>
    public async Task TellDeletedAsync(TenantId tenant, CancellationToken cancel)
    {
        _waiting.TryRemove(tenant, out _);
        await door.TryRefreshAsync(tenant, ITenantGrain.Deleted, cancel);
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
            if (await gate.FindMismatchAsync(cancel) is not null || await active.ListAsync(cancel) is not { } list)
                return false;
            foreach ((TenantId tenant, long version) in (await tenants.VersionsAsync([.. list], cancel)).Concat(await trunks.KeepersAsync(cancel)))
                _waiting.AddOrUpdate(tenant, version, (_, waiting) => Math.Max(waiting, version));
            return true;
        }
        catch (Exception fault) when (faults.IsAway(fault))
        {
            return false;
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            LogFault(fault);
            return true;                                                                // a bug: trying again would only log it again
        }
    }

    private async Task<bool> TryAsync(TenantId tenant, long version, CancellationToken cancel)
    {
        if (!await door.TryRefreshAsync(tenant, version, cancel))
            return false;
        _waiting.TryRemove(KeyValuePair.Create(tenant, version));                       // unless a later version waits by now
        return true;
    }

    [LoggerMessage(LogLevel.Warning, "The runtime of tenant {TenantId} does not answer; it is told of version {Version} as soon as it does")]
    private partial void LogLater(TenantId tenantId, long version);

    [LoggerMessage(LogLevel.Error, "Active tenants cannot be told of changes that were made before this start")]
    private partial void LogFault(Exception fault);
}
