namespace CloudPbx.Net.Timers;

/// <summary>The only clock that single-threaded protocol code sees: "call me back, on my own thread, after this long".</summary>
/// <remarks>
/// The implementation runs every callback on the owner's thread or exclusive scheduler (see <see cref="TimerWheel.For(TaskScheduler)"/>), never
/// inside <see cref="Schedule"/>, and not after <see cref="TimerHandle.Cancel"/> was called there. So the owner needs no lock.
/// </remarks>
public interface ITimers
{
    /// <summary>Gets the clock that the timers run on, for code that also has to read the time.</summary>
    TimeProvider TimeProvider { get; }

    /// <summary>Schedules one callback.</summary>
    /// <param name="delay">How long to wait; the callback never comes earlier. Zero or negative: as soon as the owner's thread is free.</param>
    /// <param name="callback">What to call; use a static lambda and <paramref name="state"/> to avoid an allocation.</param>
    /// <param name="state">Passed to <paramref name="callback"/>.</param>
    /// <returns>The handle that cancels it; keeping it is optional.</returns>
    TimerHandle Schedule(TimeSpan delay, Action<object?> callback, object? state);
}
