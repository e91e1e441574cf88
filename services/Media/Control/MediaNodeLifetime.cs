using CloudPbx.Media.Sessions;

namespace CloudPbx.Media.Control;

/// <summary>Starts the node with the process; the container ends it.</summary>
internal sealed class MediaNodeLifetime(MediaNode node) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        node.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
