using CloudPbx.Net.Timers;
using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.Net.Tests.Timers;

public sealed class TimerWheelTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly TimerWheel _wheel;
    private readonly Queue<(Action<object?> Callback, object? State)> _queue = new();
    private readonly ITimers _timers;

    public TimerWheelTests()
    {
        _wheel = new TimerWheel(_time);
        _timers = _wheel.For((callback, state) => _queue.Enqueue((callback, state)));
    }

    public void Dispose() => _wheel.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(500)]
    [InlineData(32_000)]
    [InlineData(40_960)]
    [InlineData(600_000)]
    public void A_timer_is_never_early_and_at_most_one_tick_late(int milliseconds)
    {
        TimeSpan? fired = null;
        Advance(TimeSpan.FromMilliseconds(3));                   // off the tick's grid
        DateTimeOffset start = _time.GetUtcNow();
        _timers.Schedule(TimeSpan.FromMilliseconds(milliseconds), _ => fired = _time.GetUtcNow() - start, null);
        for (int i = 0; i < milliseconds + 30 && fired is null; i++)
            Advance(TimeSpan.FromMilliseconds(1));
        Assert.NotNull(fired);
        Assert.InRange(fired.Value.TotalMilliseconds, milliseconds, milliseconds + 20);
        Assert.Equal(0, _wheel.Count);
    }

    [Fact]
    public void A_callback_runs_on_the_owners_queue_and_not_inside_schedule()
    {
        int ran = 0;
        _timers.Schedule(TimeSpan.Zero, _ => ran++, null);
        _time.Advance(TimeSpan.FromMilliseconds(20));
        Assert.Equal(0, ran);
        Drain();
        Assert.Equal(1, ran);
    }

    [Fact]
    public void A_cancelled_timer_does_not_run_even_if_it_was_posted_already()
    {
        int ran = 0;
        TimerHandle handle = _timers.Schedule(TimeSpan.FromMilliseconds(10), _ => ran++, null);
        _time.Advance(TimeSpan.FromMilliseconds(50));
        Assert.Single(_queue);
        Assert.True(handle.Cancel());
        Assert.False(handle.Cancel());
        Drain();
        Assert.Equal(0, ran);
        Assert.False(handle.IsPending);
    }

    [Fact]
    public void The_default_handle_can_be_cancelled()
    {
        Assert.False(default(TimerHandle).Cancel());
        Assert.False(default(TimerHandle).IsPending);
    }

    [Fact]
    public void The_state_is_passed_and_a_callback_may_schedule_the_next_one()
    {
        List<string> seen = [];
        _timers.Schedule(TimeSpan.FromMilliseconds(100), state =>
        {
            seen.Add((string)state!);
            _timers.Schedule(TimeSpan.FromMilliseconds(100), next => seen.Add((string)next!), "second");
        }, "first");
        Advance(TimeSpan.FromMilliseconds(150));
        Assert.Equal(["first"], seen);
        Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal(["first", "second"], seen);
    }

    [Fact]
    public void A_long_stall_loses_no_timer()
    {
        int ran = 0;
        for (int i = 0; i < 1000; i++)
            _timers.Schedule(TimeSpan.FromMilliseconds(i * 97), _ => ran++, null);
        _time.Advance(TimeSpan.FromMinutes(5));                  // more than one turn of the wheel at once
        Drain();
        Assert.Equal(1000, ran);
    }

    [Fact]
    public void The_wheel_wakes_again_after_it_was_empty()
    {
        int ran = 0;
        _timers.Schedule(TimeSpan.FromMilliseconds(10), _ => ran++, null);
        Advance(TimeSpan.FromSeconds(1));
        Advance(TimeSpan.FromHours(3));
        _timers.Schedule(TimeSpan.FromMilliseconds(500), _ => ran++, null);
        Advance(TimeSpan.FromMilliseconds(490));
        Assert.Equal(1, ran);
        Advance(TimeSpan.FromMilliseconds(30));
        Assert.Equal(2, ran);
    }

    [Fact]
    public void Random_schedules_and_cancels_agree_with_a_plain_list()
    {
        Random random = new(4711);
        Dictionary<int, (TimerHandle Handle, TimeSpan Due)> expected = [];
        TimeSpan now = TimeSpan.Zero;
        List<string> faults = [];
        for (int step = 0; step < 5_000; step++)
        {
            int id = step;
            TimeSpan delay = TimeSpan.FromMilliseconds(random.Next(0, 60_000));
            TimeSpan due = now + delay;
            TimerHandle handle = _timers.Schedule(delay, _ =>
            {
                if (!expected.Remove(id))
                    faults.Add($"{id} ran after its cancel");
                if (now < due || now > due + TimeSpan.FromMilliseconds(40))
                    faults.Add($"{id} due at {due} ran at {now}");
            }, null);
            expected[id] = (handle, due);
            if (random.Next(3) == 0 && expected.Count > 0)
            {
                int victim = expected.Keys.ElementAt(random.Next(Math.Min(expected.Count, 50)));
                Assert.True(expected[victim].Handle.Cancel());
                expected.Remove(victim);
            }
            if (random.Next(2) == 0)
            {
                now += TimeSpan.FromMilliseconds(20);
                _time.Advance(TimeSpan.FromMilliseconds(20));
                Drain();
            }
        }
        for (int i = 0; i < 3_100; i++)
        {
            now += TimeSpan.FromMilliseconds(20);
            _time.Advance(TimeSpan.FromMilliseconds(20));
            Drain();
        }
        Assert.Empty(faults);
        Assert.Empty(expected);
        Assert.Equal(0, _wheel.Count);
    }

    [Fact]
    public async Task Threads_may_schedule_and_cancel_at_once()
    {
        using TimerWheel wheel = new(_time);
        int ran = 0;
        ITimers timers = wheel.For((callback, state) => callback(state));
        int cancelled = 0;
        Task[] workers = [.. Enumerable.Range(0, 4).Select(worker => Task.Run(() =>
        {
            Random random = new(worker);
            for (int i = 0; i < 5_000; i++)
            {
                TimerHandle handle = timers.Schedule(TimeSpan.FromMilliseconds(random.Next(1, 5_000)), _ => Interlocked.Increment(ref ran), null);
                if (random.Next(2) == 0 && handle.Cancel())
                    Interlocked.Increment(ref cancelled);
                if (i % 500 == 0)
                    _time.Advance(TimeSpan.FromMilliseconds(10));
            }
        }))];
        await Task.WhenAll(workers);
        for (int i = 0; i < 10 && wheel.Count > 0; i++)
            _time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(20_000, ran + cancelled);
    }

    private void Advance(TimeSpan by)
    {
        _time.Advance(by);
        Drain();
    }

    private void Drain()
    {
        while (_queue.TryDequeue(out (Action<object?> Callback, object? State) next))
            next.Callback(next.State);
    }
}
