using System.Collections.Frozen;
using CloudPbx.State.Workers;

namespace CloudPbx.CallControl.Tenants;

/// <summary>The silos of the workers that are drained, as they announce it in Redis: no tenant begins on them.</summary>
/// <remarks>Thread-safe. With Redis away it stays as it was.</remarks>
internal sealed class DrainingWorkers(WorkerStore workers, ISiloStatusOracle silos, WorkerIdentity worker) : IHostedService
{
    private volatile FrozenSet<string> _silos = [];
    private IAsyncDisposable? _subscription;

    /// <summary>Whether a silo's worker is drained.</summary>
    public bool Contains(SiloAddress silo) => silo.Equals(silos.SiloAddress) ? worker.IsDraining || worker.IsLeaving : _silos.Contains(silo.ToParsableString());

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken) => _subscription = await workers.SubscribeAsync(
        live => _silos = live.Where(known => known.IsDraining).Select(known => known.Silo).OfType<string>().ToFrozenSet(StringComparer.Ordinal), cancellationToken);

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_subscription is { } subscription)
            await subscription.DisposeAsync();
    }
}
