using CloudPbx.State.MediaNodes;

namespace CloudPbx.CallControl.MediaNodes;

/// <summary>Keeps the fleet informed of the nodes that announce themselves in Redis.</summary>
internal sealed class MediaNodeWatch(MediaNodeStore nodes, MediaFleet fleet) : IHostedService
{
    private IAsyncDisposable? _subscription;

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken) => _subscription = await nodes.SubscribeAsync(fleet.SetNodes, cancellationToken);

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_subscription is { } subscription)
            await subscription.DisposeAsync();
    }
}
