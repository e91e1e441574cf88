using CloudPbx.State.Workers;

namespace CloudPbx.CallControl.Tenants;

/// <summary>Tells the edges by Redis that this worker lives and where its inner links end, for as long as it runs.</summary>
internal sealed class WorkerAnnouncer(WorkerStore workers, WorkerIdentity worker, TenantHost tenants) : BackgroundService
{
    private static readonly TimeSpan s_life = TimeSpan.FromSeconds(10);
    private const int TicksPerMark = 100;                         // five minutes; the mark lives for thirty
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(3);

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await WithdrawAsync(cancellationToken);
    }

    /// <summary>Says that the worker leaves.</summary>
    public Task WithdrawAsync(CancellationToken cancel) => workers.WithdrawAsync(worker.Id, cancel);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(s_interval);
        try
        {
            for (int tick = 0; ; tick++)
            {
                if (!worker.IsLeaving)
                    await workers.AnnounceAsync(new WorkerAddress(worker.Id, worker.Host, worker.Port), s_life, stoppingToken);
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
}
