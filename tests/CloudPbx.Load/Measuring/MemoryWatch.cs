namespace CloudPbx.Load.Measuring;

/// <summary>Watches the resident memory of processes while something else happens.</summary>
internal sealed class MemoryWatch : IAsyncDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(500);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;

    public MemoryWatch(IReadOnlyList<int> processes)
    {
        First = Most = ProcessTree.ResidentKibibytes(processes);
        _watching = WatchAsync(processes);
    }

    /// <summary>At the beginning, in KiB.</summary>
    public long First { get; }

    /// <summary>The most so far, in KiB.</summary>
    public long Most { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _stop.Dispose();
    }

    private async Task WatchAsync(IReadOnlyList<int> processes)
    {
        try
        {
            while (true)
            {
                await Task.Delay(s_interval, _stop.Token);
                Most = Math.Max(Most, ProcessTree.ResidentKibibytes(processes));
            }
        }
        catch (OperationCanceledException)
        {
            // It was disposed of.
        }
    }
}
