using Microsoft.Extensions.Options;

namespace CloudPbx.CallControl.Tenants;

/// <summary>
/// Empties the worker when the process is told to stop, before anything that carries messages is taken down: tenants move to the other workers, calls and all. Where
/// there is no other worker, or a tenant cannot move, its calls end with BYE.
/// </summary>
internal sealed partial class WorkerDrain(
    TenantHost tenants, OtherSilos others, DrainingWorkers draining, TenantMover mover, WorkerIdentity worker, WorkerAnnouncer announcer, IOptions<CallControlOptions> options,
    TimeProvider time, ILogger<WorkerDrain> logger) : IHostedLifecycleService
{
    private static readonly TimeSpan s_viewPatience = TimeSpan.FromSeconds(5);        // twice the time in which a silo reads the membership table by itself
    private static readonly TimeSpan s_viewCheck = TimeSpan.FromMilliseconds(100);

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs before any other part of the process stops: silo, edges, media and bus are still there.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        worker.IsLeaving = true;
        await announcer.AnnounceAsync(cancellationToken);         // edges send what is new elsewhere, and no tenant comes
        await AwaitOthersAsync(cancellationToken);
        if (others.Live.Count > 0)
            await mover.MoveAllAsync(cancellationToken);
        try
        {
            // Whom Orleans could not move in time is handed over all the same: the survivors wake it. Where nobody survives, calls end.
            Task leaving = others.Live.Count > 0 ? tenants.HandOverAllAsync() : tenants.DrainAsync();
            await leaving.WaitAsync(TimeSpan.FromSeconds(options.Value.DrainSeconds + (others.Live.Count > 0 ? options.Value.HandOverSeconds : 0)), cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            LogNotDrained(options.Value.DrainSeconds);
        }
    }

    /// <summary>A worker that has just started is announced before this silo's view of the cluster has it, which a busy machine may delay by seconds. Without it our calls would end.</summary>
    private async Task AwaitOthersAsync(CancellationToken cancel)
    {
        long began = time.GetTimestamp();
        while (!tenants.IsEmpty && others.Live.Count == 0 && draining.IsAnotherOpen && time.GetElapsedTime(began) < s_viewPatience)
            await Task.Delay(s_viewCheck, time, cancel);
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(LogLevel.Warning, "Not all calls had ended after {Seconds} s; stopping all the same")]
    private partial void LogNotDrained(int seconds);
}
