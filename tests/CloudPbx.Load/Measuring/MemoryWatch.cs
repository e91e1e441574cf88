using System.Globalization;

namespace CloudPbx.Load.Measuring;

/// <summary>Watches the resident memory of processes while something else happens.</summary>
internal sealed class MemoryWatch : IAsyncDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(500);
    private readonly CancellationTokenSource _stop = new();
    private readonly (string Name, int Process)[] _processes;
    private readonly long[] _first;
    private readonly Task _watching;
    private long[] _atMost;                                       // each process's, when all together had the most

    /// <param name="processes">Processes by name.</param>
    public MemoryWatch(IReadOnlyDictionary<string, int> processes)
    {
        _processes = [.. processes.Select(process => (process.Key, process.Value))];
        _first = _atMost = Measure();
        _watching = WatchAsync();
    }

    /// <summary>How much more it was than at the beginning, at most, in KiB.</summary>
    public long Growth => Volatile.Read(ref _atMost).Sum() - _first.Sum();

    /// <summary>The same of each process, in words.</summary>
    public string GrowthOfEach
    {
        get
        {
            long[] atMost = Volatile.Read(ref _atMost);
            return string.Join(", ", _processes.Select((process, i) => string.Create(CultureInfo.InvariantCulture, $"{process.Name} {(atMost[i] - _first[i]) / 1024:+0;-0;0} to {atMost[i] / 1024}")));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _stop.Dispose();
    }

    private long[] Measure() => [.. _processes.Select(process => ProcessTree.ResidentKibibytes([process.Process]))];

    private async Task WatchAsync()
    {
        try
        {
            while (true)
            {
                await Task.Delay(s_interval, _stop.Token);
                long[] now = Measure();
                if (now.Sum() > _atMost.Sum())
                    Volatile.Write(ref _atMost, now);
            }
        }
        catch (OperationCanceledException)
        {
            // It was disposed of.
        }
    }
}
