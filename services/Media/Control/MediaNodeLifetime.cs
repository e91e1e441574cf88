using CloudPbx.Media.Sessions;
using Microsoft.Extensions.Options;

namespace CloudPbx.Media.Control;

/// <summary>Starts the node with the process; the container ends it.</summary>
internal sealed class MediaNodeLifetime(MediaNode node, IOptions<MediaOptions> options) : IHostedLifecycleService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        node.Start();
        return Task.CompletedTask;
    }

    /// <summary>The listener stands: only our own user may command the node through its socket file.</summary>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        var control = new Uri(options.Value.Control);
        if (control.Scheme == "unix" && !OperatingSystem.IsWindows() && File.Exists(control.LocalPath))
            File.SetUnixFileMode(control.LocalPath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
