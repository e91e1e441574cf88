using CloudPbx.Net.Memory;
using CloudPbx.Rtp.Packets;

namespace CloudPbx.Rtp.Jitter;

/// <summary>
/// Puts the packets of one source back in order and holds each until its playout time: the fastest packet's transit plus a delay that
/// nearly all packets make. Any packet time from 10 to 60 ms will do, also when it changes from packet to packet; two packets with one timestamp
/// come out one after the other (INTEROP I50, I51), and so do those of a telephone event (RFC 4733 §2.5.1.2).
/// </summary>
/// <remarks>All memory is taken at the start; adding and reading allocate nothing. Not thread-safe. Meant for a listener (mixer, softphone), not for relays: those keep the packets' own timing.
/// The delay changes at once where a talk begins or a packet came too late, since there is a gap to hide it in; else slowly enough that a listener can
/// stretch or shorten speech without being noticed.</remarks>
public sealed class JitterBuffer
{
    private const int Slots = 64;                       // 640 ms of 10 ms packets
    private const int MaxPayload = 1500;
    private const int UsualPayload = 160;               // 20 ms of G.711
    private const int JumpPackets = 1000;               // I61: the peer restarted its numbers
    private const int MinSamplesPerSecond = 1000;
    private const double InTime = 0.97;                 // of the packets
    private const int GapMilliseconds = 120;            // longer than any packet (RFC 6716 §3.2.5): silence suppression, a new talk
    private const int RisePerSecond = 40, FallPerSecond = 10;
    private const int SlowerMilliseconds = 500, SlowerPackets = 10;     // later than any delay: no stall, whose packets come at once, but another way, or a sender that stopped its clock

    private readonly byte[] _payloads = new byte[Slots * MaxPayload];
    private readonly Slot[] _slots = new Slot[Slots];
    private readonly byte[] _free = new byte[Slots];    // places of payloads; the last one freed is taken first, since it is in the cache still
    private readonly int _clockRate, _minDelay, _maxDelay;
    private readonly DelayHistogram _delays = new();
    private double _delay;                              // in force, ms
    private long _delayAt;
    private uint _ssrc;
    private uint _next;                                 // extended sequence number that is due
    private uint _highest;
    private bool _started, _reading;
    private uint _firstTimestamp, _newestTimestamp;
    private long _firstArrival;
    private long _transit;                              // smallest (arrival − timestamp), in ms from the first packet's
    private long _transitAt;
    private int _slower;                                // packets since one came later than any delay, none of them much sooner than that
    private long _slowerSince, _slowerBy;               // the first of them came then, the fastest by so much later
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
        _delay = minDelayMilliseconds;
        Free();
    }

    /// <summary>Packets that wait.</summary>
    public int Count => _count;

    /// <summary>Packets that came after their time, twice, or did not fit.</summary>
    public long Dropped { get; private set; }

    /// <summary>Packets that never came in time.</summary>
    public long Lost { get; private set; }

    /// <summary>Packets that came only after what follows them was given out; part of <see cref="Dropped"/>.</summary>
    public long Late { get; private set; }

    /// <summary>The delay in force; it follows <see cref="TargetMilliseconds"/>.</summary>
    public int DelayMilliseconds => (int)_delay;

    /// <summary>The delay that 97 of 100 packets of the last seconds would have made, within the limits.</summary>
    public int TargetMilliseconds => Math.Clamp(_delays.DelayFor(InTime), _minDelay, _maxDelay);

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
        bool begins = extended == _highest + 1 && (packet.Marker || MediaTime(packet.Timestamp) - MediaTime(_newestTimestamp) > GapMilliseconds);
        bool slower = FollowTransit(packet.Timestamp, milliseconds);
        FollowDelay(milliseconds, atOnce: begins || milliseconds > PlayoutTime(packet.Timestamp), slower);
        if (extended < _next)
        {
            // Nothing was given out yet: an earlier packet may still become the first.
            if (_reading || _highest - extended >= Slots)
            {
                Late++;
                return Drop();
            }
            _next = extended;
        }
        while (extended - _next >= Slots)
            Skip();
        ref Slot slot = ref _slots[extended % Slots];
        if (slot.Used)
            return Drop();
        byte place = _free[Slots - 1 - _count++];
        payload.CopyTo(_payloads.AsSpan(place * MaxPayload));
        slot = new Slot(true, packet.PayloadType, packet.Marker, place, packet.Timestamp, payload.Length);
        if (extended >= _highest)
            (_highest, _newestTimestamp) = (extended, packet.Timestamp);
        return true;
    }

    /// <summary>Takes the next packet if its time has come. Call it until it gives none.</summary>
    /// <param name="milliseconds">Monotonic time now.</param>
    /// <param name="payload">Where its payload goes; 1500 octets always suffice.</param>
    /// <param name="frame">The packet.</param>
    /// <returns>False if nothing is due.</returns>
    public bool TryRead(long milliseconds, Span<byte> payload, out JitterFrame frame)
    {
        bool read = TryRead(milliseconds, out frame, out ReadOnlySpan<byte> octets);
        octets.CopyTo(payload);
        return read;
    }

    /// <summary>The same without a copy.</summary>
    /// <param name="milliseconds">Monotonic time now.</param>
    /// <param name="frame">The packet.</param>
    /// <param name="payload">Its payload, until the next packet is put in.</param>
    /// <returns>False if nothing is due.</returns>
    public bool TryRead(long milliseconds, out JitterFrame frame, out ReadOnlySpan<byte> payload)
    {
        frame = default;
        payload = default;
        if (_count == 0)
            return false;
        uint number = _next;
        while (!_slots[number % Slots].Used)
            number++;
        ref Slot slot = ref _slots[number % Slots];
        if (milliseconds < PlayoutTime(slot.Timestamp))
            return false;
        int missing = _reading ? (int)(number - _next) : 0;
        payload = _payloads.AsSpan(slot.Place * MaxPayload, slot.Length);
        frame = new JitterFrame(slot.PayloadType, slot.Marker, slot.Timestamp, slot.Length, missing);
        Lost += missing;
        Empty(ref slot);
        _next = number + 1;
        _reading = true;
        return true;
    }

    /// <summary>Asks the processor for what the next packet will touch, for who has many buffers and comes to each in turn.</summary>
    public void Approaching()
    {
        CacheLines.Fetch(ref _slots[_next % Slots]);
        CacheLines.Fetch(ref _slots[(_next + 1) % Slots]);
        CacheLines.Fetch(_free, Slots);
        CacheLines.Fetch(ref _payloads[_free[Math.Max(0, Slots - 1 - _count)] * MaxPayload], UsualPayload);
        CacheLines.Fetch(_delays, 1);
    }

    /// <summary>Forgets all packets and the source.</summary>
    public void Clear()
    {
        _slots.AsSpan().Clear();
        _count = 0;
        Free();
        _delays.Clear();
        (_started, _reading, _slower) = (false, false, 0);
    }

    /// <summary>When the sample of a timestamp is to be heard, in the milliseconds of <see cref="Add"/>; moves with the delay.</summary>
    /// <param name="timestamp">Of the source that was added last.</param>
    public long PlayoutTime(uint timestamp) => _firstArrival + MediaTime(timestamp) + _transit + DelayMilliseconds;

    private long MediaTime(uint timestamp) => (long)unchecked((int)(timestamp - _firstTimestamp)) * 1000 / _clockRate;

    private void Rebase(uint timestamp, long milliseconds)
    {
        (_firstTimestamp, _firstArrival, _transit, _transitAt) = (timestamp, milliseconds, 0, milliseconds);
    }

    /// <summary>Follows the fastest packet down at once, and up by 1 ms in a second, for clocks that drift. A jump of the timestamps starts anew, and so does a way that has become longer than any delay makes good.</summary>
    /// <returns>Whether it has become so long.</returns>
    private bool FollowTransit(uint timestamp, long milliseconds)
    {
        long transit = milliseconds - _firstArrival - MediaTime(timestamp);
        bool jumped = Math.Abs(transit - _transit) > 2000, slower = !jumped && IsSlower(transit - _transit, milliseconds);
        if (jumped)
        {
            Rebase(timestamp, milliseconds);
            transit = 0;
        }
        else if (slower)
        {
            (_transit, _transitAt) = (_transit + _slowerBy, milliseconds);
        }
        if (jumped || slower)
        {
            _delays.Clear();
            _slower = 0;
        }
        if (transit < _transit)
        {
            _delays.Shift(_transit - transit);
            (_transit, _transitAt) = (transit, milliseconds);
        }
        else if (transit > _transit && milliseconds - _transitAt >= 1000)
        {
            _transit++;
            _transitAt = milliseconds;
        }
        _delays.Add(transit - _transit);
        return slower;
    }

    private bool IsSlower(long late, long milliseconds)
    {
        if (_slower == 0 && late > _maxDelay)
            (_slowerSince, _slowerBy) = (milliseconds, late);
        _slower = late > (_slower == 0 ? _maxDelay : _maxDelay * 3 / 4) ? _slower + 1 : 0;
        _slowerBy = Math.Min(_slowerBy, late);
        return _slower >= SlowerPackets && milliseconds - _slowerSince >= SlowerMilliseconds;
    }

    private void FollowDelay(long milliseconds, bool atOnce, bool slower)
    {
        double target = TargetMilliseconds, seconds = Math.Max(0, milliseconds - _delayAt) / 1000.0;
        _delayAt = milliseconds;
        if (!_reading || slower || (atOnce && (target > _delay || _count == 0)))
            _delay = target;
        else if (target > _delay)
            _delay = Math.Min(target, _delay + (RisePerSecond * seconds));
        else
            _delay = Math.Max(target, _delay - (FallPerSecond * seconds));
    }

    private void Skip()
    {
        ref Slot slot = ref _slots[_next % Slots];
        if (slot.Used)
        {
            Empty(ref slot);
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

    private void Empty(ref Slot slot)
    {
        _free[Slots - _count--] = slot.Place;
        slot = default;
    }

    private void Free()
    {
        for (int i = 0; i < Slots; i++)
            _free[i] = (byte)i;
    }

    private readonly record struct Slot(bool Used, byte PayloadType, bool Marker, byte Place, uint Timestamp, int Length);
}
