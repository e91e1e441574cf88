namespace CloudPbx.Net.Timers;

/// <summary>A scheduled callback that can be cancelled. The default value is no timer: cancelling it does nothing.</summary>
public readonly struct TimerHandle : IEquatable<TimerHandle>
{
    private readonly ICancellableTimer? _timer;

    /// <summary>Wraps an implementation's timer.</summary>
    /// <param name="timer">The timer that <see cref="Cancel"/> stops.</param>
    public TimerHandle(ICancellableTimer timer) => _timer = timer;

    /// <summary>Gets whether the callback is still to come.</summary>
    public bool IsPending => _timer is { IsPending: true };

    /// <summary>Stops the timer. Called on the owner's thread it is certain: the callback does not run afterwards, even if it was due already.</summary>
    /// <returns>Whether the callback was still to come.</returns>
    public bool Cancel() => _timer?.Cancel() ?? false;

    /// <inheritdoc/>
    public bool Equals(TimerHandle other) => ReferenceEquals(_timer, other._timer);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is TimerHandle other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _timer?.GetHashCode() ?? 0;

    /// <summary>Whether both are handles of the same timer.</summary>
    public static bool operator ==(TimerHandle left, TimerHandle right) => left.Equals(right);

    /// <summary>Whether they are handles of different timers.</summary>
    public static bool operator !=(TimerHandle left, TimerHandle right) => !left.Equals(right);
}
