using BenchmarkDotNet.Attributes;
using CloudPbx.Net.Timers;

namespace CloudPbx.Benchmarks;

/// <summary>A transaction's timer: set and, as nearly always, cancelled; among many others.</summary>
[MemoryDiagnoser]
public sealed class TimerWheelBenchmarks : IDisposable
{
    private static readonly TimeSpan s_timerB = TimeSpan.FromSeconds(32);
    private TimerWheel? _wheel;
    private ITimers _timers = null!;

    [Params(0, 100_000)]
    public int Others { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _wheel = new TimerWheel(TimeProvider.System);
        _timers = _wheel.For(static (_, _) => { });
        for (int i = 0; i < Others; i++)
            _timers.Schedule(TimeSpan.FromHours(1), static _ => { }, null);
    }

    [GlobalCleanup]
    public void Dispose() => _wheel?.Dispose();

    [Benchmark]
    public bool ScheduleAndCancel() => _timers.Schedule(s_timerB, static _ => { }, null).Cancel();
}
