using CloudPbx.Edge.Dispatch;
using CloudPbx.Edge.Guard;
using CloudPbx.Edge.Listeners;
using CloudPbx.State.Edges;
using Microsoft.Extensions.Options;

namespace CloudPbx.Edge;

/// <summary>Tells operators by Redis that this edge lives, where, and with how many connections; and hears there whether it is to be drained.</summary>
internal sealed class EdgeAnnouncer(
    IEdgeSources sources, EdgeIdentity identity, EdgeEndpoints endpoints, ConnectionLimiter connections, EdgeDrain drain, IOptions<EdgeOptions> options, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan s_life = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(3);

    private readonly string _name = identity.Id.ToString("x8", System.Globalization.CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await sources.WithdrawAsync(_name, cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await endpoints.Listening.WaitAsync(stoppingToken);
            using PeriodicTimer timer = new(s_interval, time);
            do
            {
                drain.IsDraining = await sources.IsDrainWishedAsync(_name, stoppingToken) ?? drain.IsDraining;
                await sources.AnnounceAsync(new EdgeAddress(_name, Address) { Connections = connections.Count, IsDraining = drain.IsDraining }, s_life, stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The process stops.
        }
        catch (Exception) when (endpoints.Listening.IsFaulted)
        {
            // The edge could not begin, and said why.
        }
    }

    private string Address => options.Value.PublicHosts() is [var host, ..] ? host : endpoints.All is [{ Local: { } first }, ..] ? first.ToString() : "";
}
