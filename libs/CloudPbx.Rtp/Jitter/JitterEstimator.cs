namespace CloudPbx.Rtp.Jitter;

/// <summary>Interarrival jitter of one source (RFC 3550 §6.4.1 and A.8), in integers as the RFC's own code has it.</summary>
public struct JitterEstimator
{
    private uint _transit;
    private uint _scaled;               // J × 16
    private bool _started;

    /// <summary>J in ticks of the clock rate.</summary>
    public readonly uint Jitter => _scaled >> 4;

    /// <summary>Adds one packet to the interarrival jitter J of its source (RFC 3550 §6.4.1 and A.8).</summary>
    /// <param name="timestamp">RTP timestamp, in ticks of the payload's clock rate; wraps at 2³².</param>
    /// <param name="arrival">Monotonic arrival time in the same ticks; its origin does not matter.</param>
    /// <returns>J in ticks: divide by the clock rate for seconds (160 at 8 kHz is 20 ms).</returns>
    /// <remarks>Allocation-free. Not thread-safe: one estimator per SSRC, called from that flow's receive loop.</remarks>
    public uint Add(uint timestamp, uint arrival)
    {
        uint transit = unchecked(arrival - timestamp);
        if (_started)
        {
            int difference = unchecked((int)(transit - _transit));
            uint distance = (uint)Math.Abs((long)difference);
            _scaled = unchecked(_scaled + distance - ((_scaled + 8) >> 4));
        }
        _started = true;
        _transit = transit;
        return Jitter;
    }
}
