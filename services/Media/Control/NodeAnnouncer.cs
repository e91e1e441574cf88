using CloudPbx.Media.Sessions;
using CloudPbx.State;
using CloudPbx.State.MediaNodes;
using CloudPbx.State.Nodes;
using Microsoft.Extensions.Options;

namespace CloudPbx.Media.Control;

/// <summary>
/// Tells the workers by Redis that this node lives, where controllers reach it and how busy it is. A node that is told to stop first says that no call may begin
/// on it, and waits for those it has; so does one that the operator drains, and it lives on.
/// </summary>
internal sealed partial class NodeAnnouncer(
    MediaNodeStore nodes, DrainStore drains, MediaNode node, ControlListener listener, IHostApplicationLifetime lifetime, IOptions<MediaOptions> options, TimeProvider time, ILogger<NodeAnnouncer> logger)
    : BackgroundService, IHostedLifecycleService
{
    private static readonly TimeSpan s_life = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_drainCheck = TimeSpan.FromMilliseconds(100);

    private volatile bool _draining;                              // the process stops
    private volatile bool _wished;                                // the operator wants it

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs before anything else stops: commands and packets still flow.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _draining = true;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(options.Value.DrainSeconds));
        try
        {
            await AnnounceAsync(limit.Token);
            while (node.SessionCount > 0)
                await Task.Delay(s_drainCheck, time, limit.Token);
        }
        catch (OperationCanceledException)
        {
            LogNotDrained(options.Value.DrainSeconds, node.SessionCount);
        }
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await nodes.WithdrawAsync(node.Instance, cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            // Its address answers, and its health too, once all has started.
            var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using CancellationTokenRegistration registration = lifetime.ApplicationStarted.Register(() => started.TrySetResult());
            await started.Task.WaitAsync(stoppingToken);
            using var timer = new PeriodicTimer(s_interval, time);
            do
            {
                _wished = await drains.IsWishedAsync(node.Instance, stoppingToken) ?? _wished;
                await AnnounceAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The process stops.
        }
    }

    private Task<StoreOutcome> AnnounceAsync(CancellationToken cancel) => nodes.AnnounceAsync(
        new MediaNodeAddress(node.Instance, Address) { Legs = node.LegCount, Capacity = node.LegCapacity, IsDraining = _draining || _wished }, s_life, cancel);

    private string Address => options.Value.Advertise ?? listener.Address;

    [LoggerMessage(LogLevel.Warning, "After {Seconds} s {Count} sessions still stand; stopping all the same")]
    private partial void LogNotDrained(int seconds, int count);
}
