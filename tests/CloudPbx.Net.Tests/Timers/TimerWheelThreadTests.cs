using CloudPbx.Net.Timers;

namespace CloudPbx.Net.Tests.Timers;

/// <summary>The wheel's own thread, with the system's clock: what it sleeps for, and what wakes it. Nothing here says how long anything took.</summary>
public sealed class TimerWheelThreadTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly TimerWheel _wheel = new(TimeProvider.System);

    [Fact]
    public async Task A_timer_that_is_due_before_what_the_wheel_sleeps_for_wakes_it()
    {
        ITimers timers = _wheel.For((callback, state) => callback(state));
        TaskCompletionSource far = Source(), near = Source();
        timers.Schedule(TimeSpan.FromHours(1), static state => ((TaskCompletionSource)state!).SetResult(), far);
        timers.Schedule(TimeSpan.FromMilliseconds(300), static state => ((TaskCompletionSource)state!).SetResult(), near);
        await near.Task.WaitAsync(s_patience, TestContext.Current.CancellationToken);
        Assert.False(far.Task.IsCompleted);
    }

    [Fact]
    public async Task After_every_timer_was_cancelled_the_next_one_comes()
    {
        ITimers timers = _wheel.For((callback, state) => callback(state));
        for (int round = 0; round < 20; round++)
        {
            timers.Schedule(TimeSpan.FromSeconds(1), static _ => { }, null).Cancel();
            TaskCompletionSource next = Source();
            timers.Schedule(TimeSpan.Zero, static state => ((TaskCompletionSource)state!).SetResult(), next);
            await next.Task.WaitAsync(s_patience, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public void Disposing_it_twice_does_no_harm()
    {
        _wheel.Dispose();
        _wheel.Dispose();
    }

    public void Dispose() => _wheel.Dispose();

    private static TaskCompletionSource Source() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
