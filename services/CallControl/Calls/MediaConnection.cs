using CloudPbx.MediaControl;

namespace CloudPbx.CallControl.Calls;

/// <summary>Connects to the media node when the process starts. Nobody waits for it: while it is away calls get 503, everything else goes on.</summary>
internal sealed class MediaConnection(MediaControlClient client) : IHostedService
{
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        client.Start();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
