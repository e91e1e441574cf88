using CloudPbx.State.MediaNodes;

namespace CloudPbx.CallControl.MediaNodes;

/// <summary>Keeps the fleet informed of the nodes that announce themselves in Redis, and has it look again and again for calls on those that drain.</summary>
internal sealed class MediaNodeWatch(MediaNodeStore nodes, MediaFleet fleet, TimeProvider time) : IHostedService, IAsyncDisposable
{
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    private IAsyncDisposable? _subscription;
    private ITimer? _timer;

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _subscription = await nodes.SubscribeAsync(fleet.SetNodes, cancellationToken);
        _timer = time.CreateTimer(_ => fleet.LeaveDraining(), null, s_look, s_look);
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await DisposeAsync();
        if (_subscription is { } subscription)
            await subscription.DisposeAsync();
        _subscription = null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_timer is { } timer)
            await timer.DisposeAsync();
        _timer = null;
    }
}
