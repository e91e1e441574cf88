using CloudPbx.Rtp.Packets;

namespace CloudPbx.Rtp.Jitter;

/// <summary>
/// Puts the packets of one source back in order and holds each until its playout time: the fastest packet's transit plus a delay that
/// follows the jitter. Any packet time from 10 to 60 ms will do, also when it changes from packet to packet; two packets with one timestamp
/// come out one after the other (INTEROP I50, I51).
/// </summary>
/// <remarks>All memory is taken at the start; adding and reading allocate nothing. Not thread-safe. Meant for a listener (echo, softphone), not for relays.</remarks>
public sealed class JitterBuffer
{
    private const int Slots = 64;                       // 640 ms of 10 ms packets
    private const int MaxPayload = 1500;
    private const int JumpPackets = 1000;               // I61: the peer restarted its numbers
    private const int MinSamplesPerSecond = 1000;

    private readonly byte[] _payloads = new byte[Slots * MaxPayload];
    private readonly Slot[] _slots = new Slot[Slots];
    private readonly int _clockRate, _minDelay, _maxDelay;
    private JitterEstimator _jitter;
    private uint _ssrc;
    private uint _next;                                 // extended sequence number that is due
    private uint _highest;
    private bool _started, _reading;
    private uint _firstTimestamp;
    private long _firstArrival;
    private long _transit;                              // smallest (arrival − timestamp), in ms from the first packet's
    private long _transitAt;
    private int _count;

    /// <summary>Makes a buffer.</summary>
    /// <param name="clockRate">RTP ticks per second.</param>
    /// <param name="minDelayMilliseconds">The least delay added to the fastest packet.</param>
    /// <param name="maxDelayMilliseconds">The most; equal to the least makes a fixed buffer.</param>
    public JitterBuffer(int clockRate, int minDelayMilliseconds = 40, int maxDelayMilliseconds = 200)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(clockRate, MinSamplesPerSecond);
        ArgumentOutOfRangeException.ThrowIfNegative(minDelayMilliseconds);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxDelayMilliseconds, minDelayMilliseconds);
        _clockRate = clockRate;
        _minDelay = minDelayMilliseconds;
        _maxDelay = maxDelayMilliseconds;
    }

    /// <summary>Packets that wait.</summary>
    public int Count => _count;

    /// <summary>Packets that came after their time, twice, or did not fit.</summary>
    public long Dropped { get; private set; }

    /// <summary>Packets that never came in time.</summary>
    public long Lost { get; private set; }

    /// <summary>The delay in force: three times the jitter, within the limits.</summary>
    public int DelayMilliseconds => (int)Math.Clamp(3L * _jitter.Jitter * 1000 / _clockRate, _minDelay, _maxDelay);

    /// <summary>Puts a packet in.</summary>
    /// <param name="packet">The packet; its payload is copied.</param>
    /// <param name="milliseconds">Monotonic arrival time.</param>
    /// <returns>False if it was dropped.</returns>
    public bool Add(in RtpPacket packet, long milliseconds)
    {
        ReadOnlySpan<byte> payload = packet.Payload;
        if (payload.Length > MaxPayload)
            return Drop();
        ushort number = packet.SequenceNumber;
        uint extended = _started ? unchecked(_highest + (uint)(short)(number - (ushort)_highest)) : 0x1_0000u + number;
        if (!_started || packet.Ssrc != _ssrc || Math.Abs((long)extended - _highest) > JumpPackets)
        {
            Clear();
            extended = 0x1_0000u + number;
            (_started, _ssrc, _next, _highest) = (true, packet.Ssrc, extended, extended);
            Rebase(packet.Timestamp, milliseconds);
        }
        FollowTransit(packet.Timestamp, milliseconds);
        if (extended < _next)
        {
            // Nothing was given out yet: an earlier packet may still become the first.
            if (_reading || _highest - extended >= Slots)
                return Drop();
            _next = extended;
        }
        while (extended - _next >= Slots)
            Skip();
        ref Slot slot = ref _slots[extended % Slots];
        if (slot.Used)
            return Drop();
        payload.CopyTo(_payloads.AsSpan((int)(extended % Slots) * MaxPayload));
        slot = new Slot(true, packet.PayloadType, packet.Marker, packet.Timestamp, payload.Length);
        _count++;
        if (extended > _highest)
            _highest = extended;
        return true;
    }

    /// <summary>Takes the next packet if its time has come. Call it until it gives none.</summary>
    /// <param name="milliseconds">Monotonic time now.</param>
    /// <param name="payload">Where its payload goes; 1500 octets always suffice.</param>
    /// <param name="frame">The packet.</param>
    /// <returns>False if nothing is due.</returns>
    public bool TryRead(long milliseconds, Span<byte> payload, out JitterFrame frame)
    {
        frame = default;
        if (_count == 0)
            return false;
        uint number = _next;
        while (!_slots[number % Slots].Used)
            number++;
        ref Slot slot = ref _slots[number % Slots];
        if (milliseconds < PlayoutTime(slot.Timestamp))
            return false;
        int missing = _reading ? (int)(number - _next) : 0;
        _payloads.AsSpan((int)(number % Slots) * MaxPayload, slot.Length).CopyTo(payload);
        frame = new JitterFrame(slot.PayloadType, slot.Marker, slot.Timestamp, slot.Length, missing);
        Lost += missing;
        slot = default;
        _count--;
        _next = number + 1;
        _reading = true;
        return true;
    }

    /// <summary>Forgets all packets and the source.</summary>
    public void Clear()
    {
        _slots.AsSpan().Clear();
        _count = 0;
        _jitter = default;
        (_started, _reading) = (false, false);
    }

    private long PlayoutTime(uint timestamp) => _firstArrival + MediaTime(timestamp) + _transit + DelayMilliseconds;

    private long MediaTime(uint timestamp) => (long)unchecked((int)(timestamp - _firstTimestamp)) * 1000 / _clockRate;

    private void Rebase(uint timestamp, long milliseconds)
    {
        (_firstTimestamp, _firstArrival, _transit, _transitAt) = (timestamp, milliseconds, 0, milliseconds);
    }

    /// <summary>Follows the fastest packet down at once, and up by 1 ms in a second, for clocks that drift; a jump of the timestamps starts anew.</summary>
    private void FollowTransit(uint timestamp, long milliseconds)
    {
        long transit = milliseconds - _firstArrival - MediaTime(timestamp);
        if (Math.Abs(transit - _transit) > 2000)
        {
            Rebase(timestamp, milliseconds);
            _jitter = default;
            transit = 0;
        }
        _jitter.Add(timestamp, unchecked((uint)(milliseconds * _clockRate / 1000)));
        if (transit < _transit)
        {
            (_transit, _transitAt) = (transit, milliseconds);
        }
        else if (transit > _transit && milliseconds - _transitAt >= 1000)
        {
            _transit++;
            _transitAt = milliseconds;
        }
    }

    private void Skip()
    {
        ref Slot slot = ref _slots[_next % Slots];
        if (slot.Used)
        {
            slot = default;
            _count--;
            Dropped++;
        }
        else if (_reading)
        {
            Lost++;
        }
        _next++;
    }

    private bool Drop()
    {
        Dropped++;
        return false;
    }

    private readonly record struct Slot(bool Used, byte PayloadType, bool Marker, uint Timestamp, int Length);
}
