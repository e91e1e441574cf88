namespace CloudPbx.Rtp.Packets;

/// <summary>
/// Follows the sequence numbers of one source: cycles, probation, restart after a big jump, expected and lost (RFC 3550 A.1 and A.3).
/// </summary>
/// <remarks>Allocation-free mutable value. Not thread-safe: one per SSRC, on that flow's loop.</remarks>
public struct ExtendedSequenceNumber
{
    private const int MaxDropout = 3000, MaxMisorder = 100;         // A.1's own figures

    private ushort _max;
    private uint _cycles;
    private uint _base;
    private int _bad;                   // the sequence number that would confirm a restart; −1 for none
    private int _probation;
    private bool _started;

    /// <summary>Starts with a probation.</summary>
    /// <param name="probation">Packets in a row before a source counts: 2 in RFC 3550; 0 for a source that is known, for example authenticated.</param>
    public ExtendedSequenceNumber(int probation)
    {
        _probation = probation;
        _bad = -1;
    }

    /// <summary>The highest number so far with its cycles: what a report block carries.</summary>
    public readonly uint Highest => _cycles + _max;

    /// <summary>Packets taken since the (re)start.</summary>
    public uint Received { get; private set; }

    /// <summary>Packets that should have come since the (re)start.</summary>
    public readonly uint Expected => Received == 0 ? 0 : unchecked(Highest - _base + 1);

    /// <summary>Expected less received; negative with duplicates.</summary>
    public readonly int Lost => unchecked((int)(Expected - Received));

    /// <summary>Takes the next packet's number.</summary>
    /// <param name="sequenceNumber">As received.</param>
    /// <returns>What it means; the packet counts if it is <see cref="SequenceOutcome.Valid"/> or <see cref="SequenceOutcome.Restarted"/>.</returns>
    public SequenceOutcome Add(ushort sequenceNumber)
    {
        if (!_started)
        {
            _started = true;
            Reset(sequenceNumber);
            if (_probation > 0)
                _max = unchecked((ushort)(sequenceNumber - 1));
        }
        ushort ahead = unchecked((ushort)(sequenceNumber - _max));
        if (_probation > 0)
        {
            if (ahead == 1)
            {
                _max = sequenceNumber;
                if (--_probation == 0)
                {
                    Reset(sequenceNumber);
                    Received = 1;
                    return SequenceOutcome.Valid;
                }
            }
            else
            {
                // A source already valid never returns here; a fresh one must show its numbers in a row.
                _probation = 1;
                _max = sequenceNumber;
            }
            return SequenceOutcome.Probation;
        }
        if (ahead < MaxDropout)
        {
            if (sequenceNumber < _max)
                _cycles += 0x1_0000;
            _max = sequenceNumber;
        }
        else if (ahead <= 0x1_0000 - MaxMisorder)
        {
            if (sequenceNumber != _bad)
            {
                _bad = (sequenceNumber + 1) & 0xFFFF;
                return SequenceOutcome.Jump;
            }
            Reset(sequenceNumber);
            Received = 1;
            return SequenceOutcome.Restarted;
        }
        else if (Extend(sequenceNumber) is var number && unchecked((int)(number - _base)) < 0)
        {
            _base = number;             // the first to come was not the first that was sent: A.3 would call as many fewer lost
        }
        Received++;
        return SequenceOutcome.Valid;
    }

    /// <summary>The extended number of a packet near the highest one, without changing anything.</summary>
    /// <param name="sequenceNumber">As received.</param>
    /// <returns>The number with the cycle nearest to <see cref="Highest"/>.</returns>
    public readonly uint Extend(ushort sequenceNumber) => unchecked(Highest + (uint)(short)(sequenceNumber - _max));

    private void Reset(ushort sequenceNumber)
    {
        _base = sequenceNumber;
        _max = sequenceNumber;
        _bad = -1;
        _cycles = 0;
        Received = 0;
    }
}
