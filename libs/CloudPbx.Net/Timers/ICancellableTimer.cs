namespace CloudPbx.Net.Timers;

/// <summary>What an implementation of <see cref="ITimers"/> puts behind a <see cref="TimerHandle"/>.</summary>
public interface ICancellableTimer
{
    /// <summary>Gets whether the callback is still to come.</summary>
    bool IsPending { get; }

    /// <summary>Stops the timer; doing it twice, or after the callback, does no harm.</summary>
    /// <returns>Whether the callback was still to come.</returns>
    bool Cancel();
}
