using CloudPbx.State.Nodes;
using CloudPbx.State.Workers;

namespace CloudPbx.CallControl.Tenants;

/// <summary>
/// Tells the edges by Redis that this worker lives, where its inner links end and how busy it is, for as long as it runs; and hears there whether the operator drains
/// it: then edges send what is new elsewhere, its tenants move away, and none comes until the wish is taken back.
/// </summary>
internal sealed class WorkerAnnouncer(
    WorkerStore workers, DrainStore drains, WorkerIdentity worker, ISiloStatusOracle silos, TenantHost tenants, OtherSilos others, TenantMover mover, WorkerDelay delay) : BackgroundService
{
    private static readonly TimeSpan s_life = TimeSpan.FromSeconds(10);
    private const int TicksPerMark = 100;                         // five minutes; the mark lives for thirty
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(3);

    private readonly SemaphoreSlim _turn = new(1);                // what is written last is how it is
    private Task _moving = Task.CompletedTask;

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await workers.WithdrawAsync(worker.Id, cancellationToken);
        await _moving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Says how the worker is now.</summary>
    public async Task AnnounceAsync(CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            await workers.AnnounceAsync(Describe(), s_life, cancel);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _turn.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(s_interval);
        try
        {
            for (int tick = 0; ; tick++)
            {
                worker.IsDraining = await drains.IsWishedAsync(worker.Id, stoppingToken) ?? worker.IsDraining;
                await AnnounceAsync(stoppingToken);
                // Said first, moved then: edges and placement must not send back what leaves. What came all the same leaves with the next tick.
                if (worker.IsDraining && !worker.IsLeaving && _moving.IsCompleted && !tenants.IsEmpty && others.Open.Count > 0)
                    _moving = mover.MoveAllAsync(stoppingToken);
                if (tick % TicksPerMark == TicksPerMark - 1)
                    await tenants.MarkActiveAsync();
                await timer.WaitForNextTickAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The worker stops.
        }
    }

    private WorkerAddress Describe()
    {
        IReadOnlyCollection<TenantRuntime> all = tenants.All;
        return new WorkerAddress(worker.Id, worker.Host, worker.Port)
        {
            Silo = silos.SiloAddress.ToParsableString(),
            Tenants = all.Count,
            Calls = all.Sum(tenant => tenant.Calls.Count),
            Registrations = all.Sum(tenant => tenant.Registrar.Count),
            QueueDelayMilliseconds = (int)delay.Current.TotalMilliseconds,
            IsDraining = worker.IsDraining || worker.IsLeaving,
            IsLeaving = worker.IsLeaving,
        };
    }
}
