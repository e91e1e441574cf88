using System.Collections.Concurrent;
using CloudPbx.CallControl.Links;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Tenants;
using CloudPbx.Sip.Proxying;
using CloudPbx.State;
using CloudPbx.State.Bindings;
using CloudPbx.State.CallSnapshots;
using CloudPbx.State.Tenants;
using CloudPbx.State.Usage;

namespace CloudPbx.CallControl.Tenants;

/// <summary>The runtimes of the tenants that live on this worker: starts them with what SQL and Redis hold, and ends them.</summary>
/// <remarks>Thread-safe. Orleans sees to it that one tenant is not started twice at once.</remarks>
internal sealed partial class TenantHost(
    ITenantConfigurationSource source,
    TenantSnapshotStore snapshots,
    EpochStore epochs,
    BindingStore bindings,
    ActiveTenantStore active,
    WorkerServices worker,
    WorkerIdentity identity,
    EdgeDirectory edges,
    RedisConnection redis,
    ILogger<TenantHost> logger) : IHostedService, IAsyncDisposable
{
    private static readonly TimeSpan s_storeLimit = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<TenantId, TenantRuntime> _runtimes = new();
    private readonly ConcurrentDictionary<TenantId, TaskCompletionSource> _leaving = new();

    /// <summary>All runtimes of this worker.</summary>
    public IReadOnlyCollection<TenantRuntime> All => [.. _runtimes.Values];

    /// <summary>The tenant's runtime, if it lives here.</summary>
    public TenantRuntime? Find(TenantId tenant) => _runtimes.GetValueOrDefault(tenant);

    /// <summary>Starts a tenant.</summary>
    /// <returns>Its runtime; null where there is no such tenant, or its configuration can be read neither from SQL nor from Redis.</returns>
    public async Task<TenantRuntime?> StartAsync(TenantId tenant, CancellationToken cancel)
    {
        if (await LoadAsync(tenant, cancel) is not { } configuration)
            return null;
        // Beside the others: a store that is away costs its patience once more otherwise, and phones wait.
        Task<UsageOfDay?> usage = SoonAsync(worker.Usage.LoadAsync(tenant, DateOnly.FromDateTime(worker.Time.GetUtcNow().UtcDateTime)), null);
        long epoch = await SoonAsync(epochs.NextAsync(tenant, CancellationToken.None), worker.Time.GetUtcNow().ToUnixTimeMilliseconds());
        IReadOnlyList<Binding> known = await SoonAsync(bindings.ListAsync(tenant, CancellationToken.None), null) ?? [];
        // After the epoch was taken: what an owner that is not quite dead writes now is refused.
        IReadOnlyList<StoredCall> left = await SoonAsync(worker.Snapshots.ListAsync(tenant, CancellationToken.None), null) ?? [];
        TenantRuntime runtime = new(configuration, epoch, worker);
        runtime.Start(known, left, await usage);
        _runtimes[tenant] = runtime;
        edges.Tell(new MovedNotice(tenant.Value, new WorkerAddress(identity.Host, identity.Port), epoch).ToBytes());
        worker.Metrics.Add(runtime);
        await SoonAsync(active.MarkAsync(tenant, CancellationToken.None), StoreOutcome.Away);
        LogStarted(tenant.ToString(), configuration.Version, known.Count, left.Count);
        return runtime;
    }

    /// <summary>Reads a tenant's configuration: from SQL, or while that is away the last one that was read.</summary>
    public async Task<TenantConfiguration?> LoadAsync(TenantId tenant, CancellationToken cancel)
    {
        TenantLoad load = await source.LoadAsync(tenant, cancel);
        if (load.IsLoaded)
        {
            TenantSnapshot snapshot = new(load.Configuration.Version, load.Configuration.ToBytes());
            await SoonAsync(snapshots.SaveAsync(tenant, snapshot, CancellationToken.None), StoreOutcome.Away);
            return load.Configuration;
        }
        if (load.Outcome == TenantLoadOutcome.NoSuchTenant)
            return null;
        TenantSnapshot? last = await SoonAsync(snapshots.LoadAsync(tenant, CancellationToken.None), null);
        LogFromSnapshot(tenant.ToString(), last is not null);
        return last is null ? null : source.Read(last.Content.Span);
    }

    /// <summary>Reads a tenant's configuration where it is newer than a version; null where it is not, or the database is away.</summary>
    public async Task<TenantConfiguration?> LoadNewerAsync(TenantId tenant, long version) =>
        await source.FindVersionAsync(tenant, CancellationToken.None) > version ? await LoadAsync(tenant, CancellationToken.None) : null;

    /// <summary>Ends a tenant here: its calls with BYE, its records written.</summary>
    public async Task StopAsync(TenantRuntime runtime)
    {
        if (!Forget(runtime))
            return;
        await runtime.EndAsync("Tenant Ended");
        if (!runtime.HasLeft)
            await SoonAsync(active.RemoveAsync(runtime.Tenant, CancellationToken.None), StoreOutcome.Away);
        LogStopped(runtime.Tenant.ToString());
        Gone(runtime);
    }

    /// <summary>Gives a tenant away with its calls; where the store cannot take them they end with BYE.</summary>
    public async Task MoveAsync(TenantRuntime runtime)
    {
        await runtime.SettleAsync(TimeSpan.FromMilliseconds(worker.Options.SettleMilliseconds));
        // From here on its messages wait (TenantPost) and go back to their edges once it lives elsewhere.
        if (!Forget(runtime))
            return;
        bool moved = await runtime.HandOverAsync(TimeSpan.FromMilliseconds(worker.Options.FreezeMilliseconds));
        if (!moved)
            await runtime.EndAsync("Server Stopping");
        LogMoved(runtime.Tenant.ToString(), moved);
        Gone(runtime);
    }

    /// <summary>Completes when a tenant lives here no more.</summary>
    public Task GoneAsync(TenantId tenant)
    {
        TaskCompletionSource gone = _leaving.GetOrAdd(tenant, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        if (Find(tenant) is null && _leaving.TryRemove(KeyValuePair.Create(tenant, gone)))
            gone.TrySetResult();
        return gone.Task;
    }

    /// <summary>Has the tenants write again what a Redis that came back may have lost.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        redis.Restored += Reseed;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        redis.Restored -= Reseed;
        return Task.CompletedTask;
    }

    /// <summary>Ends all calls of all tenants, each with BYE; the tenants stay until their grains go.</summary>
    public Task DrainAsync() => Task.WhenAll(All.Select(runtime => runtime.EndAsync("Server Stopping")));

    /// <summary>Says in Redis that the tenants here are active, so that survivors would wake them.</summary>
    public async Task MarkActiveAsync()
    {
        foreach (TenantId tenant in _runtimes.Keys)
            await SoonAsync(active.MarkAsync(tenant, CancellationToken.None), StoreOutcome.Away);
    }

    /// <summary>Ends what is left.</summary>
    public async ValueTask DisposeAsync() => await Task.WhenAll(All.Select(StopAsync)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private bool Forget(TenantRuntime runtime) => _runtimes.TryRemove(KeyValuePair.Create(runtime.Tenant, runtime));

    private void Gone(TenantRuntime runtime)
    {
        worker.Metrics.Remove(runtime);
        if (_leaving.TryRemove(runtime.Tenant, out TaskCompletionSource? gone))
            gone.TrySetResult();
    }

    private void Reseed()
    {
        foreach (TenantRuntime runtime in All)
            runtime.Reseed();
    }

    // A store that hangs must not keep a tenant from starting: its phones are waiting.
    private async Task<T> SoonAsync<T>(Task<T> asked, T otherwise)
    {
        try
        {
            return await asked.WaitAsync(s_storeLimit, worker.Time);
        }
        catch (TimeoutException)
        {
            return otherwise;
        }
    }

    [LoggerMessage(LogLevel.Information, "Tenant {TenantId} starts here with configuration {Version}, {Bindings} bindings and {Calls} calls")]
    private partial void LogStarted(string tenantId, long version, int bindings, int calls);

    [LoggerMessage(LogLevel.Information, "Tenant {TenantId} left this worker; its calls go on elsewhere: {Moved}")]
    private partial void LogMoved(string tenantId, bool moved);

    [LoggerMessage(LogLevel.Information, "Tenant {TenantId} ended here")]
    private partial void LogStopped(string tenantId);

    [LoggerMessage(LogLevel.Warning, "The database is away: tenant {TenantId} goes on with its last configuration: {Found}")]
    private partial void LogFromSnapshot(string tenantId, bool found);
}
