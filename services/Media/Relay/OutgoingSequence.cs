using System.Runtime.CompilerServices;

namespace CloudPbx.Media.Relay;

/// <summary>
/// Numbers what one leg sends: one SSRC, sequence numbers without a seam and timestamps that go on, whoever the packets come from
/// (INTEROP I61). Gaps and order within one source are kept, so that the receiver sees its losses.
/// </summary>
/// <remarks>Mutable value of one stream, on its loop. Allocation-free.</remarks>
internal struct OutgoingSequence
{
    private long _source;            // its number; 0 for none
    private uint _sourceSsrc;
    private uint _sequenceOffset;
    private uint _timestampOffset;
    private uint _floor;            // extended numbers below were sent by an earlier source
    private uint _highest;          // extended; the last one sent in order
    private uint _lastTimestamp;
    private long _lastSent;         // microseconds
    private bool _started;
    private bool _mustSwitch;

    /// <summary>Begins.</summary>
    /// <param name="ssrc">Random.</param>
    /// <param name="sequence">Random below 2¹⁵, so that the roll-over counter of an SRTP receiver cannot be mistaken (RFC 3711 §3.3.1).</param>
    /// <param name="timestamp">Random.</param>
    public OutgoingSequence(uint ssrc, ushort sequence, uint timestamp)
    {
        Ssrc = ssrc;
        _highest = (uint)(sequence & 0x7FFF);
        _lastTimestamp = timestamp;
    }

    public uint Ssrc { get; }

    /// <summary>The extended number of the last packet that was sent in order.</summary>
    public readonly uint Highest => _highest;

    /// <summary>The next packet begins a new talk: another bridge, a stop in between, a restarted source.</summary>
    public void Switch() => _mustSwitch = true;

    /// <summary>Maps a packet of another stream.</summary>
    /// <param name="source">The number of the stream whose packet it is (<see cref="TalkNumbers"/>).</param>
    /// <param name="ssrc">The packet's SSRC.</param>
    /// <param name="extended">Its extended sequence number.</param>
    /// <param name="timestamp">Its timestamp.</param>
    /// <param name="clockRate">Ticks per second of the timestamp.</param>
    /// <param name="now">Microseconds.</param>
    /// <param name="sequence">The number to send.</param>
    /// <param name="sendTimestamp">The timestamp to send.</param>
    /// <param name="first">The first packet from this source: wants a marker.</param>
    /// <returns>False when it is too late: it is older than what began the present source's talk.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryMap(
        long source, uint ssrc, uint extended, uint timestamp, int clockRate, long now, out ushort sequence, out uint sendTimestamp, out bool first)
    {
        first = _mustSwitch || source != _source || ssrc != _sourceSsrc;
        if (first)
            Begin(source, ssrc, extended, timestamp, clockRate, now);
        uint mapped = unchecked(extended + _sequenceOffset);
        sequence = (ushort)mapped;
        sendTimestamp = unchecked(timestamp + _timestampOffset);
        if (unchecked((int)(mapped - _floor)) < 0)
            return false;
        if (unchecked((int)(mapped - _highest)) > 0)
        {
            _highest = mapped;
            _lastTimestamp = sendTimestamp;
            _lastSent = now;
        }
        return true;
    }

    /// <summary>The present source goes on under another SSRC, by the timestamps that it had.</summary>
    public void Continue(long source, uint ssrc, uint extended)
    {
        if (_mustSwitch || source != _source || ssrc == _sourceSsrc)
            return;
        _sourceSsrc = ssrc;
        _floor = _highest + 1;
        _sequenceOffset = unchecked(_floor - extended);
    }

    /// <summary>A packet of the present source is not passed on: the next one takes its number, so that the gap is no loss.</summary>
    public void Skip(long source, uint ssrc, uint extended)
    {
        if (_mustSwitch || source != _source || ssrc != _sourceSsrc || unchecked(extended + _sequenceOffset) != _highest + 1)
            return;
        _sequenceOffset--;
        _floor = _highest + 1; // a straggler from before would take a number twice
    }

    /// <summary>Numbers a packet that the leg makes itself.</summary>
    /// <param name="source">The number of what makes it (a tone); another one begins a new talk.</param>
    /// <param name="ticks">Its duration in timestamp ticks.</param>
    /// <param name="clockRate">Ticks per second.</param>
    /// <param name="now">Microseconds.</param>
    /// <param name="sequence">The number to send.</param>
    /// <param name="timestamp">The timestamp to send.</param>
    /// <param name="first">Wants a marker.</param>
    public void Next(long source, uint ticks, int clockRate, long now, out ushort sequence, out uint timestamp, out bool first)
    {
        uint extended = _highest + 1;
        first = _mustSwitch || source != _source;
        if (first)
            Begin(source, 0, extended, 0, clockRate, now);
        _highest = unchecked(extended + _sequenceOffset);
        if (!first)
            _lastTimestamp += ticks;
        else
            _lastTimestamp = _timestampOffset;
        _lastSent = now;
        sequence = (ushort)_highest;
        timestamp = _lastTimestamp;
    }

    /// <summary>The timestamp that a sample taken now would have (RFC 3550 §6.4.1, for sender reports).</summary>
    public readonly uint TimestampAt(long now, int clockRate) => unchecked(_lastTimestamp + Ticks(now - _lastSent, clockRate));

    private static uint Ticks(long microseconds, int clockRate) => unchecked((uint)(microseconds * clockRate / 1_000_000));

    private void Begin(long source, uint ssrc, uint extended, uint timestamp, int clockRate, long now)
    {
        // The pause is played as long as it was; at least one packet's time, so that no timestamp comes twice.
        uint next = _started ? unchecked(_lastTimestamp + Math.Max(Ticks(now - _lastSent, clockRate), (uint)clockRate / 50)) : _lastTimestamp;
        _source = source;
        _sourceSsrc = ssrc;
        _floor = _highest + 1;
        _sequenceOffset = unchecked(_floor - extended);
        _timestampOffset = unchecked(next - timestamp);
        _mustSwitch = false;
        _started = true;
    }
}
