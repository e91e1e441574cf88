using Microsoft.Extensions.Hosting;

namespace CloudPbx.Hosting;

/// <summary>
/// Stops the process when its standard input ends: a child leaves with the parent that holds the other end, also after a <c>kill -9</c> of it.
/// </summary>
internal sealed class StandardInputWatch(IHostApplicationLifetime lifetime) : IHostedService
{
    /// <summary>The setting that asks for it; without it the standard input means nothing, as for a service of systemd or Kubernetes.</summary>
    public const string Setting = "Hosting:StopWithStandardInput";

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var thread = new Thread(Watch) { IsBackground = true, Name = "standard input" };        // the read blocks, and nothing can cancel it
        thread.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Watch()
    {
        using Stream input = Console.OpenStandardInput();
        while (input.ReadByte() >= 0)
        {
        }
        lifetime.StopApplication();
    }
}
