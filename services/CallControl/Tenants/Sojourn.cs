namespace CloudPbx.CallControl.Tenants;

/// <summary>How long new work may have waited in one queue: long where the queue is a burst that drains, short where it stands. Those that come last are then served
/// at once, in place of all of them late (controlled delay, after CoDel, RFC 8289 §4).</summary>
/// <remarks>Used by whoever takes from the queue, one at a time.</remarks>
internal sealed class Sojourn(TimeProvider time)
{
    /// <summary>Who has waited so long for a ringing tone has given up, or will; serving him delays those who come after.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>The wait from which on a queue is one.</summary>
    public static readonly TimeSpan Target = TimeSpan.FromMilliseconds(50);

    /// <summary>A queue stands when everything has waited longer than <see cref="Target"/> for so long. What the pause of a garbage collection leaves behind is worked off sooner.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>What new work may wait in a queue that stands.</summary>
    public static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(150);

    private TimeSpan _waited;
    private long _since;                                          // the first that waited too long without one in between that did not; 0: the last did not

    /// <summary>Takes the wait of the next message, of whatever kind.</summary>
    public void Take(TimeSpan waited)
    {
        _waited = waited;
        if (waited < Target)
            _since = 0;
        else if (_since == 0)
            _since = time.GetTimestamp();
    }

    /// <summary>Whether that was long enough to ask whether it was too long.</summary>
    public bool IsLong => _waited > Budget;

    /// <summary>Whether the message is to be refused, if it is new work.</summary>
    /// <param name="isAccepted">Whether it goes on with what was let in already: it answers a challenge.</param>
    public bool IsTooLong(bool isAccepted)
    {
        bool stands = _since != 0 && time.GetElapsedTime(_since) >= Interval;
        return _waited > (stands && !isAccepted ? Budget : Patience);
    }
}
