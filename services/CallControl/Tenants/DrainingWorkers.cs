using System.Collections.Frozen;
using CloudPbx.State.Workers;

namespace CloudPbx.CallControl.Tenants;

/// <summary>What the other workers announce in Redis: whose silos are drained, so that no tenant begins on them, and which of those are about to stop.</summary>
/// <remarks>Thread-safe. With Redis away it stays as it was.</remarks>
internal sealed class DrainingWorkers(WorkerStore workers, ISiloStatusOracle silos, WorkerIdentity worker) : IHostedService
{
    private volatile FrozenSet<string> _silos = [];
    private volatile FrozenSet<string> _leaving = [];
    private volatile bool _isAnotherOpen;
    private IAsyncDisposable? _subscription;

    /// <summary>Whether a worker announces itself that is neither this one nor drained. Orleans may hear of it later, or know already that it is dead.</summary>
    public bool IsAnotherOpen => _isAnotherOpen;

    /// <summary>Whether a silo's worker is drained.</summary>
    public bool Contains(SiloAddress silo) => silo.Equals(silos.SiloAddress) ? worker.IsDraining || worker.IsLeaving : _silos.Contains(silo.ToParsableString());

    /// <summary>Whether another silo's worker is about to stop.</summary>
    public bool IsLeaving(SiloAddress silo) => _leaving.Contains(silo.ToParsableString());

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken) => _subscription = await workers.SubscribeAsync(
        live =>
        {
            _silos = SilosOf(live.Where(known => known.IsDraining));
            _leaving = SilosOf(live.Where(known => known.IsLeaving));
            _isAnotherOpen = live.Any(known => known.WorkerId != worker.Id && !known.IsDraining);
        },
        cancellationToken);

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_subscription is { } subscription)
            await subscription.DisposeAsync();
    }

    private static FrozenSet<string> SilosOf(IEnumerable<WorkerAddress> workers) => workers.Select(known => known.Silo).OfType<string>().ToFrozenSet(StringComparer.Ordinal);
}
