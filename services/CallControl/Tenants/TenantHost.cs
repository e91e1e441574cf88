using System.Collections.Concurrent;
using CloudPbx.CallControl.Links;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Tenants;
using CloudPbx.Sip.Proxying;
using CloudPbx.State;
using CloudPbx.State.Bindings;
using CloudPbx.State.CallSnapshots;
using CloudPbx.State.Presence;
using CloudPbx.State.Tenants;
using CloudPbx.State.Trunks;
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
    private static readonly TimeSpan s_readAgain = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<TenantId, TenantRuntime> _runtimes = new();
    // Longer than a tenant is in the table above: until its last word is written down.
    private readonly ConcurrentDictionary<TenantId, TaskCompletionSource> _present = new();

    /// <summary>All runtimes of this worker.</summary>
    public IReadOnlyCollection<TenantRuntime> All => [.. _runtimes.Values];

    /// <summary>Whether no tenant is here, be it one that is just being handed over.</summary>
    public bool IsEmpty => _present.IsEmpty;

    /// <summary>The tenants that are here, those that are just being handed over as well.</summary>
    public IReadOnlyCollection<TenantId> Present => [.. _present.Keys];

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
        Task<IReadOnlyList<StoredTrunkNote>?> notes = SoonAsync(worker.TrunkNotes.ListAsync(tenant), null);
        IReadOnlyList<Binding> known = await ReadAsync(() => bindings.ListAsync(tenant, CancellationToken.None)) ?? [];
        // After the epoch was taken: what an owner that is not quite dead writes now is refused.
        IReadOnlyList<StoredCall> left = await ReadAsync(() => worker.Snapshots.ListAsync(tenant, CancellationToken.None)) ?? [];
        IReadOnlyList<StoredSubscription> lamps = await ReadAsync(() => worker.Lamps.ListAsync(tenant, CancellationToken.None)) ?? [];
        TenantRuntime runtime = new(configuration, epoch, worker);
        runtime.Start(known, left, await usage, lamps, await notes);
        _present[tenant] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
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
        bool hasLines = runtime.HasLines && _runtimes.TryAdd(runtime.Tenant, runtime);         // carriers challenge what unregisters
        await runtime.EndAsync("Tenant Ended");
        if (hasLines)
            Forget(runtime);
        if (!runtime.HasLeft)
            await SoonAsync(active.RemoveAsync(runtime.Tenant, CancellationToken.None), StoreOutcome.Away);
        LogStopped(runtime.Tenant.ToString());
        Gone(runtime);
    }

    /// <summary>Whether a tenant would find its calls on another worker: the store that takes them there answers.</summary>
    public async Task<bool> MayMoveAsync(TenantId tenant, CancellationToken cancel) =>
        Find(tenant) is not { HasCalls: true } || await SoonAsync(worker.Snapshots.ListAsync(tenant, cancel), null) is not null;

    /// <summary>Gives a tenant away with its calls; where the store does not take them in time they end with BYE.</summary>
    public async Task MoveAsync(TenantRuntime runtime)
    {
        await runtime.SettleAsync(TimeSpan.FromMilliseconds(worker.Options.SettleMilliseconds));
        // What would begin something waits from here on (TenantPost), what calls wait for still comes.
        await runtime.CalmAsync(TimeSpan.FromMilliseconds(worker.Options.CalmMilliseconds));
        // From here on all its messages wait and go back to their edges once it lives elsewhere.
        if (!Forget(runtime))
            return;
        try
        {
            bool moved = await runtime.HandOverAsync(TimeSpan.FromMilliseconds(worker.Options.FreezeMilliseconds));
            if (!moved)
            {
                _runtimes.TryAdd(runtime.Tenant, runtime);        // phones answer their BYEs
                await runtime.EndAsync("Server Stopping");
                Forget(runtime);
            }
            LogMoved(runtime.Tenant.ToString(), moved);
        }
        finally
        {
            Gone(runtime);
        }
    }

    /// <summary>Hands all tenants over without Orleans, which did not move them: who wakes them finds their calls.</summary>
    public async Task HandOverAllAsync()
    {
        Task[] gone = [.. Present.Select(GoneAsync)];
        await Task.WhenAll(All.Select(MoveAsync));
        await Task.WhenAll(gone);
    }

    /// <summary>Completes when a tenant lives here no more: its last word is written down, and nothing of it is under way.</summary>
    public Task GoneAsync(TenantId tenant) => _present.TryGetValue(tenant, out TaskCompletionSource? gone) ? gone.Task : Task.CompletedTask;

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
        if (_present.TryRemove(runtime.Tenant, out TaskCompletionSource? gone))
            gone.TrySetResult();
    }

    private void Reseed()
    {
        foreach (TenantRuntime runtime in All)
            runtime.Reseed();
    }

    // A store that answers too late is asked again: what it holds of the calls, nobody else knows. One that is not there is not waited for.
    private async Task<T?> ReadAsync<T>(Func<Task<T?>> read)
        where T : class
    {
        long began = worker.Time.GetTimestamp();
        while (true)
        {
            T? answer = await SoonAsync(read(), null);
            if (answer is not null || !redis.IsConnected || worker.Time.GetElapsedTime(began) >= s_storeLimit)
                return answer;
            await Task.Delay(s_readAgain, worker.Time);
        }
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
