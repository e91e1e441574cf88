using Microsoft.Extensions.Options;

namespace CloudPbx.CallControl.Tenants;

/// <summary>
/// Empties the worker when the process is told to stop, before anything that carries messages is taken down: tenants move to the other workers, calls and all. Where
/// there is no other worker, or a tenant cannot move, its calls end with BYE.
/// </summary>
internal sealed partial class WorkerDrain(
    TenantHost tenants, OtherSilos others, TenantMover mover, WorkerIdentity worker, WorkerAnnouncer announcer, IOptions<CallControlOptions> options,
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
            await mover.MoveAllAsync(cancellationToken);
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

    [LoggerMessage(LogLevel.Warning, "Not all calls had ended after {Seconds} s; stopping all the same")]
    private partial void LogNotDrained(int seconds);
}
