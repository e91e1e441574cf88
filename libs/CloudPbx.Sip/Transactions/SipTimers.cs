namespace CloudPbx.Sip.Transactions;

/// <summary>The timer values of RFC 3261 §17 and table 4, all derived from T1, T2 and T4.</summary>
public sealed record SipTimers
{
    /// <summary>The RFC's values.</summary>
    public static SipTimers Default { get; } = new();

    /// <summary>Gets T1, the estimate of the round-trip time.</summary>
    public TimeSpan T1 { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Gets T2, the longest interval between retransmissions of non-INVITE requests and INVITE responses.</summary>
    public TimeSpan T2 { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>Gets T4, the longest time that a message stays in the network.</summary>
    public TimeSpan T4 { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets how long an INVITE server transaction waits for its user before it sends 100 Trying by itself (§17.2.1: 200 ms).</summary>
    public TimeSpan Trying { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Gets timer D, how long an INVITE client transaction absorbs repeated failures on unreliable transports (§17.1.1.2: at least 32 s).</summary>
    public TimeSpan D { get; init; } = TimeSpan.FromSeconds(32);

    /// <summary>Gets 64·T1: timers B, F, H, J, L and M, the life of a transaction.</summary>
    public TimeSpan Timeout => 64 * T1;

    /// <summary>Gets the moment when a client's timer E has reached T2 (T1 + 2·T1 + 4·T1 … below T2): the earliest 100 to a non-INVITE (RFC 4320 §4.1).</summary>
    public TimeSpan NonInviteTrying
    {
        get
        {
            TimeSpan total = TimeSpan.Zero;
            for (TimeSpan interval = T1; interval < T2; interval *= 2)
                total += interval;
            return total;
        }
    }

    /// <summary>The next interval of a doubling timer.</summary>
    /// <param name="interval">The interval that just ended.</param>
    /// <returns>Twice that, at most <see cref="T2"/>.</returns>
    public TimeSpan NextInterval(TimeSpan interval) => interval * 2 < T2 ? interval * 2 : T2;
}
