using Microsoft.AspNetCore.Components.Server.Circuits;

namespace CloudPbx.Portal.Circuits;

/// <summary>
/// Gives the memory of pages that were opened and closed back to the system when hardly anybody asks for anything. By itself the collector lets garbage lie until much more
/// is asked for, and a portal is asked in the morning and at noon. For a portal that is a process of its own alone: all in it stops for that.
/// </summary>
internal sealed class SpareMemory(TimeProvider time) : CircuitHandler, IHostedService, IDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(3);

    private readonly QuietMoments _moments = new();
    private ITimer? _timer;
    private long _opened, _closed;
    private int _looking;

    /// <inheritdoc/>
    public override Task OnCircuitOpenedAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _opened);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task OnCircuitClosedAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _closed);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _timer = time.CreateTimer(_ => Look(), null, s_interval, s_interval);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();

    private void Look()
    {
        if (Interlocked.Exchange(ref _looking, 1) != 0)
            return;                                     // a look that took longer than the interval
        try
        {
            if (!_moments.Look(State()))
                return;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            _moments.Collected(State());
        }
        finally
        {
            Volatile.Write(ref _looking, 0);
        }
    }

    private HeapState State()
    {
        long closed = Interlocked.Read(ref _closed);
        return new HeapState(GC.GetTotalAllocatedBytes(), GC.GetGCMemoryInfo().HeapSizeBytes, Interlocked.Read(ref _opened) - closed, closed);
    }
}
