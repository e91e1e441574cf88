using CloudPbx.Contracts.Ids;
using CloudPbx.Grains;
using Microsoft.Extensions.Options;

namespace CloudPbx.CallControl.Tenants;

/// <summary>
/// Empties the worker when the process is told to stop, before anything that carries messages is taken down: tenants move to the other workers, calls and all. Where
/// there is no other worker, or a tenant cannot move, its calls end with BYE.
/// </summary>
internal sealed partial class WorkerDrain(
    TenantHost tenants, OtherSilos others, IGrainFactory grains, WorkerIdentity worker, WorkerAnnouncer announcer, IOptions<CallControlOptions> options,
    ILogger<WorkerDrain> logger) : IHostedLifecycleService
{
    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs before any other part of the process stops: silo, edges, media and bus are still there.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        if (others.Live.Count > 0)
        {
            worker.IsLeaving = true;
            await announcer.WithdrawAsync(cancellationToken);     // edges send what is new elsewhere
            await MoveAllAsync(cancellationToken);
        }
        try
        {
            await tenants.DrainAsync().WaitAsync(TimeSpan.FromSeconds(options.Value.DrainSeconds), cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            LogNotDrained(options.Value.DrainSeconds);
        }
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task MoveAllAsync(CancellationToken cancel)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(options.Value.MoveSeconds));
        // A few at a time: each is silent for as long as the next worker needs to start it.
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = options.Value.MovesAtOnce, CancellationToken = limit.Token };
        try
        {
            while (tenants.All.Count > 0 && others.Live.Count > 0)         // some may have come while the others left
            {
                TenantId[] all = [.. tenants.All.Select(runtime => runtime.Tenant)];
                LogMoving(all.Length);
                await Parallel.ForEachAsync(all, parallel, async (tenant, stop) =>
                {
                    await grains.GetGrain<ITenantGrain>(tenant.ToString()).LeaveAsync().WaitAsync(stop);
                    await tenants.GoneAsync(tenant).WaitAsync(stop);
                });
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogNotMoved(tenants.All.Count, e.Message);
        }
    }

    [LoggerMessage(LogLevel.Information, "{Count} tenants move to other workers")]
    private partial void LogMoving(int count);

    [LoggerMessage(LogLevel.Warning, "{Count} tenants did not move, their calls end: {Reason}")]
    private partial void LogNotMoved(int count, string reason);

    [LoggerMessage(LogLevel.Warning, "Not all calls had ended after {Seconds} s; stopping all the same")]
    private partial void LogNotDrained(int seconds);
}
