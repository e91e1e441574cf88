using CloudPbx.Rtp.Packets;

namespace CloudPbx.Rtp.Jitter;

/// <summary>What a receiver keeps about one source to write report blocks (RFC 3550 §6.4.1, A.1, A.3, A.8).</summary>
/// <remarks>Allocation-free mutable value. Not thread-safe: one per SSRC, on that flow's loop.</remarks>
public struct ReceiverStatistics
{
    private ExtendedSequenceNumber _sequence;
    private JitterEstimator _jitter;
    private uint _expectedBefore, _receivedBefore;
    private uint _lastSenderReport;
    private long _senderReportAt;

    /// <summary>Starts for a source.</summary>
    /// <param name="ssrc">The source.</param>
    /// <param name="probation">As for <see cref="ExtendedSequenceNumber(int)"/>.</param>
    public ReceiverStatistics(uint ssrc, int probation)
    {
        Ssrc = ssrc;
        _sequence = new ExtendedSequenceNumber(probation);
    }

    /// <summary>The source.</summary>
    public uint Ssrc { get; }

    /// <summary>Its sequence numbers.</summary>
    public readonly ExtendedSequenceNumber Sequence => _sequence;

    /// <summary>The highest sequence number so far, with its cycles.</summary>
    public readonly uint Highest => _sequence.Highest;

    /// <summary>Jitter in ticks of the payload's clock rate.</summary>
    public readonly uint Jitter => _jitter.Jitter;

    /// <summary>Takes one packet.</summary>
    /// <param name="sequenceNumber">Its sequence number.</param>
    /// <param name="timestamp">Its timestamp.</param>
    /// <param name="arrival">Monotonic arrival time in ticks of the same clock rate.</param>
    /// <returns>What its number means.</returns>
    public SequenceOutcome Add(ushort sequenceNumber, uint timestamp, uint arrival)
    {
        SequenceOutcome outcome = _sequence.Add(sequenceNumber);
        if (outcome == SequenceOutcome.Restarted)
        {
            _jitter = default;
            (_expectedBefore, _receivedBefore) = (0, 0);
        }
        if (outcome is SequenceOutcome.Valid or SequenceOutcome.Restarted)
            _jitter.Add(timestamp, arrival);
        return outcome;
    }

    /// <summary>Notes a sender report of this source, for LSR and DLSR.</summary>
    /// <param name="info">The report.</param>
    /// <param name="milliseconds">Monotonic time of its arrival.</param>
    public void AddSenderReport(in RtcpSenderInfo info, long milliseconds) => (_lastSenderReport, _senderReportAt) = (info.MiddleNtp, milliseconds);

    /// <summary>Makes the block for the next report; the loss fraction counts from the block before (A.3).</summary>
    /// <param name="milliseconds">Monotonic time now.</param>
    /// <returns>The block.</returns>
    public RtcpReportBlock NextReport(long milliseconds)
    {
        uint expected = unchecked(_sequence.Expected - _expectedBefore);
        uint received = unchecked(_sequence.Received - _receivedBefore);
        (_expectedBefore, _receivedBefore) = (_sequence.Expected, _sequence.Received);
        int lost = unchecked((int)(expected - received));
        byte fraction = expected == 0 || lost <= 0 ? (byte)0 : (byte)Math.Min(255, ((long)lost << 8) / expected);
        uint delay = _lastSenderReport == 0 ? 0 : (uint)Math.Clamp((milliseconds - _senderReportAt) * 65536 / 1000, 0, uint.MaxValue);
        return new RtcpReportBlock(Ssrc, fraction, Math.Clamp(_sequence.Lost, -0x80_0000, 0x7F_FFFF), _sequence.Highest, Jitter, _lastSenderReport, delay);
    }
}
