using CloudPbx.MediaControl;

namespace CloudPbx.CallControl.Calls;

/// <summary>
/// Connects to the media node when the process starts, and lets go of it once calls have ended: a node that leaves after that is no fault.
/// Nobody waits for the connection: while it is away calls get 503, everything else goes on.
/// </summary>
internal sealed class MediaConnection(MediaControlClient client) : IHostedService
{
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        client.Start();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => client.DisposeAsync().AsTask();
}
