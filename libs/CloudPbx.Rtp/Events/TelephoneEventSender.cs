namespace CloudPbx.Rtp.Events;

/// <summary>
/// Makes the packets of one key press (RFC 4733 §2.5.1): one for each packet time, the same timestamp in all, the last one three times.
/// </summary>
/// <remarks>Allocation-free mutable value. The caller sends each payload with the stream's next sequence number and the press's first timestamp.</remarks>
public struct TelephoneEventSender
{
    private const int EndPackets = 3;
    private const byte Volume = 10;             // −10 dBm0, what phones send

    private readonly byte _code;
    private readonly int _total, _step;
    private int _sent, _endsLeft;

    /// <summary>Begins a key press.</summary>
    /// <param name="code">The event code, see <see cref="TelephoneEvent.CodeOf"/>.</param>
    /// <param name="durationTicks">How long the key is held, in timestamp ticks, up to 65535; at least one packet time is sent.</param>
    /// <param name="packetTicks">The packet time in ticks: 160 for 20 ms at 8 kHz.</param>
    public TelephoneEventSender(byte code, int durationTicks, int packetTicks)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(packetTicks, 1);
        _code = code;
        _step = packetTicks;
        _total = Math.Clamp(durationTicks, packetTicks, ushort.MaxValue);
        _endsLeft = EndPackets;
    }

    /// <summary>True until the third end packet is made.</summary>
    public readonly bool IsActive => _endsLeft > 0;

    /// <summary>Ticks after which ordinary audio may go on, counted from the press's timestamp.</summary>
    public readonly int DurationTicks => _total;

    /// <summary>Makes the next payload; call it once for each packet time.</summary>
    /// <param name="payload">At least <see cref="TelephoneEvent.Length"/> octets.</param>
    /// <param name="marker">Whether the packet carries the marker bit: the first one does.</param>
    /// <returns>Octets written; 0 when the press is over.</returns>
    public int WriteNext(Span<byte> payload, out bool marker)
    {
        marker = _sent == 0;
        if (!IsActive)
            return 0;
        _sent = Math.Min(_sent + _step, _total);
        bool end = _sent == _total;
        if (end)
            _endsLeft--;
        new TelephoneEvent(_code, end, Volume, (ushort)_sent).Write(payload);
        return TelephoneEvent.Length;
    }
}
