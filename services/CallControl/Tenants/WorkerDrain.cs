using Microsoft.Extensions.Options;

namespace CloudPbx.CallControl.Tenants;

/// <summary>Ends all calls with BYE when the process is told to stop, before anything that carries that BYE is taken down.</summary>
internal sealed partial class WorkerDrain(TenantHost tenants, IOptions<CallControlOptions> options, ILogger<WorkerDrain> logger) : IHostedLifecycleService
{
    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs before any other part of the process stops: edges, media and bus are still there.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
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
