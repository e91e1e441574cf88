using CloudPbx.Hosting.Memory;
using Microsoft.AspNetCore.Components.Server.Circuits;

namespace CloudPbx.Portal.Circuits;

/// <summary>Counts pages as they are opened and closed, and says what that means for the heap. A portal is asked in the morning and at noon.</summary>
internal sealed class OpenPages : CircuitHandler
{
    /// <summary>As much as an open page that does nothing but stay allocates between two looks, in bytes: keep-alives, the live state of its tenant.</summary>
    internal const long Idle = 32 << 10;

    /// <summary>What a closed page leaves behind, in bytes, as <c>./pbx bench portal</c> measured it.</summary>
    internal const long Left = 512 << 10;

    private long _opened, _closed;

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

    /// <summary>How the heap stands.</summary>
    public HeapState State()
    {
        long closed = Interlocked.Read(ref _closed);
        return new HeapState(GC.GetTotalAllocatedBytes(), GC.GetGCMemoryInfo().HeapSizeBytes, (Interlocked.Read(ref _opened) - closed) * Idle, closed * Left);
    }
}
