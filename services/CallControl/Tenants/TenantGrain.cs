using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Live;
using CloudPbx.Grains;
using CloudPbx.Grains.Live;
using Orleans.Concurrency;
using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace CloudPbx.CallControl.Tenants;

/// <summary>The door into a tenant's runtime. Thin: Orleans says where the tenant lives, everything else is in the runtime.</summary>
/// <remarks>Kept alive: only the runtime says when it has nothing left to do.</remarks>
[KeepAlive]
[Reentrant]
[ActivationCountBasedPlacement]
[OnOpenWorkers]
internal sealed class TenantGrain(TenantHost host, WorkerIdentity self, OtherSilos others, TenantWaker waker) : Grain, ITenantGrain
{
    private TenantRuntime? _runtime;

    /// <inheritdoc/>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (!TenantId.TryParse(this.GetPrimaryKeyString(), out TenantId tenant))
            throw new TenantUnavailableException("Not a tenant's identifier.");
        // Nothing of the caller's (a request of Api, its activity) may follow into the runtime's timers and tasks.
        Task<TenantRuntime?> starting;
        using (ExecutionContext.SuppressFlow())
            starting = Task.Run(() => host.StartAsync(tenant, cancellationToken), cancellationToken);
        _runtime = await starting ?? throw new TenantUnavailableException("No configuration of this tenant can be read.");
        IGrainContext context = GrainContext;
        _runtime.Quiet += () => context.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationRequested, "The tenant is quiet."));
        _runtime.Lost += () => context.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationRequested, "Another worker owns the tenant."));
        await base.OnActivateAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (_runtime is { } runtime)
        {
            // The runtime may ask for things that the deactivation itself waits for: none of Orleans' context goes with it.
            Task stopping;
            bool ends = EndsWith(reason.ReasonCode);
            using (ExecutionContext.SuppressFlow())
                stopping = Task.Run(() => ends ? host.StopAsync(runtime) : host.MoveAsync(runtime), CancellationToken.None);
            await stopping;
            // Orleans lost the entry of a tenant that lives on, as the worker with that part of its directory died: it is to begin again wherever Orleans says.
            if (!ends && reason.ReasonCode is not (DeactivationReasonCode.ShuttingDown or DeactivationReasonCode.Migrating))
                waker.Look();
        }
        await base.OnDeactivateAsync(reason, cancellationToken);
    }

    // The runtime asked for it (nothing to do, or the tenant is deleted), or the process ends and nobody else is there.
    private bool EndsWith(DeactivationReasonCode reason) =>
        reason == DeactivationReasonCode.ApplicationRequested || (reason == DeactivationReasonCode.ShuttingDown && others.Live.Count == 0);

    /// <inheritdoc/>
    public async Task RefreshAsync(long version)
    {
        TenantRuntime runtime = _runtime!;
        if (version != 0 && version <= runtime.Version)
            return;
        if (await host.LoadAsync(runtime.Tenant, CancellationToken.None) is not { } configuration)
        {
            if (version != ITenantGrain.Deleted)
                throw new TenantUnavailableException("The tenant's configuration cannot be read.");
            runtime.Deleted();
            DeactivateOnIdle();                                                         // ends the runtime, its calls with BYE
            return;
        }
        runtime.Replace(configuration);
        if (configuration.Version < version)
            throw new TenantUnavailableException("The database is away: the tenant's configuration is an older copy.");
    }

    /// <inheritdoc/>
    public Task<LocateAnswer> LocateAsync() => Task.FromResult(new LocateAnswer(self.Id, self.Host, self.Port, _runtime!.Epoch));

    /// <inheritdoc/>
    public Task<IReadOnlyList<LiveCall>> CallsAsync() => _runtime!.CallsAsync();

    /// <inheritdoc/>
    public Task<LiveChange?> WatchAsync(long epoch, long sequence) => _runtime!.WatchAsync(epoch, sequence);

    /// <inheritdoc/>
    public Task<bool> HangUpAsync(CallId call) => _runtime!.HangUpAsync(call);

    /// <inheritdoc/>
    public Task<TransferAnswer> TransferAsync(CallId call, CallParty? leaving, string number) => _runtime!.TransferAsync(call, leaving, number);

    /// <inheritdoc/>
    public Task<OriginateAnswer> OriginateAsync(OriginateOrder order) => _runtime!.OriginateAsync(order);

    /// <inheritdoc/>
    public Task<CallActionAnswer> ActAsync(CallId call, CallAction action, CallParty? party) => _runtime!.ActAsync(call, action, party);

    /// <inheritdoc/>
    public Task<OriginateAnswer> SuperviseAsync(SuperviseOrder order) => _runtime!.SuperviseAsync(order);

    /// <inheritdoc/>
    public Task<CallActionAnswer> ChangeSupervisionAsync(CallId call, CallId supervision, SupervisionMode? mode) => _runtime!.ChangeSupervisionAsync(call, supervision, mode);

    /// <inheritdoc/>
    public Task<RouteAnswer?> TryRouteAsync(string from, string to, string? trunk) => _runtime!.TryRouteAsync(from, to, trunk);

    /// <inheritdoc/>
    public Task<IReadOnlyList<TrunkStatus>> TrunksAsync() => _runtime!.TrunksAsync();

    /// <inheritdoc/>
    public Task<TrunkCheckAnswer?> CheckTrunkAsync(string trunk, string? number) => _runtime!.CheckTrunkAsync(trunk, number);

    /// <inheritdoc/>
    public Task WakeAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    public Task LeaveAsync(string worker)
    {
        // Asked twice, or asked for anew after it had gone, it must not come back from where it went.
        if (worker != self.Id || others.Targets is not { Count: > 0 } targets)
            return Task.CompletedTask;
        RequestContext.Set(IPlacementDirector.PlacementHintKey, targets[Random.Shared.Next(targets.Count)]);
        MigrateOnIdle();
        return Task.CompletedTask;
    }
}
