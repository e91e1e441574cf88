using CloudPbx.Audio.Codecs;
using CloudPbx.Audio.Concealment;
using CloudPbx.Audio.Resampling;
using CloudPbx.Audio.Tones;
using CloudPbx.Media.Relay;

namespace CloudPbx.Media.Recording;

/// <summary>
/// One party's channel: puts packets of any packet time, in any order within half a second, where their RTP timestamps say, on the session's time. Without loss
/// each decoded sample appears once, unchanged; of a codec of a lower rate, as every second one, between those that its resampler makes. What never came is made up to its length and noted. A sender's clock that runs off is corrected in
/// pauses of the talk, and noted.
/// </summary>
/// <remarks>Pure: packets and horizons in, samples out. Not thread-safe. Allocates only when a codec is first seen, and once where more waits than a party that talks in time brings.</remarks>
internal sealed class RecordingChannel
{
    /// <summary>How long a packet is waited for.</summary>
    public const int WindowMilliseconds = 500;

    /// <summary>Time before the recording's start that is kept free: a packet that comes first was spoken before.</summary>
    public const int LeadMilliseconds = 100;

    private const int Slots = 64;                   // 640 ms of 10 ms packets
    private const int PayloadRing = 6 * 1024, LargestPayloadRing = 16 * 1024;       // three quarters of a second of 64 kbit/s; what the slots hold of it
    private const int LongestPayload = 2 * 1024;
    private const int JumpPackets = 1000;
    private const int NoiseClockRate = 8000;        // RFC 3389 §4
    private const int JumpMilliseconds = 1000;      // a timestamp this far from its arrival begins another talk
    private const int DriftWindowMicroseconds = 5_000_000;
    private const int DriftPackets = 40;            // fewer tell nothing of the fastest way
    private const double CorrectAbove = 0.004, CorrectAtOnce = 0.008; // seconds from true time
    private const double PauseDbm0 = -50;
    private const int LongestOverlapMilliseconds = 120;

    private readonly int _rate, _channel, _lead;
    private readonly RecordingNotes _notes;
    private readonly LossConcealment _concealment;
    private readonly ComfortNoise _noise = new();
    private readonly RecorderScratch _scratch;
    private readonly StagedSamples _staged;
    private readonly Slot[] _slots = new Slot[Slots];
    private readonly IAudioCodec?[] _codecs = new IAudioCodec?[AudioFormats.Count];
    private byte[] _payloads = new byte[PayloadRing];
    private Resampler? _resampler;
    private int _resampledFrom;
    private LossConcealment? _narrowConcealment;    // of that rate, where it is the lower one: what it makes goes through the resampler as what came does
    private bool _narrow;                           // the last packet was of that rate
    private int _tail, _kept;                       // samples of that rate until the resampler has nothing of what it was given; of what came, until all is out

    private long _payloadsWritten, _payloadsRoom;   // octets of payloads that came; up to where no waiting one is overwritten
    private bool _started, _talking;                // packets came; one of the present talk was given out
    private bool _noisy;                            // the pause is one of noise
    private bool _follows, _jumped;                 // the next packet's number tells of losses; it tells of more than fit into the slots
    private uint _ssrc, _next, _highest, _lastTimestamp;
    private long _lastTicks;
    private int _clockRate;
    private long _base;                             // position of tick 0
    private long _spokenTo;                         // end of the last sample that was received
    private long _driftSince, _driftLeast;
    private int _driftCount;
    private long _wanted;                           // correction that waits for a pause, in samples

    public RecordingChannel(int rate, int channel, StagedSamples staged, RecordingNotes notes, RecorderScratch scratch)
    {
        (_rate, _channel, _staged, _notes, _scratch) = (rate, channel, staged, notes, scratch);
        _lead = rate * LeadMilliseconds / 1000;
        _concealment = new LossConcealment(rate);
    }

    /// <summary>Samples given out so far: the end of what may be taken.</summary>
    public long Cursor => _staged.Cursor;

    /// <summary>A codec came that cannot be decoded: its time is silent.</summary>
    public bool MissedCodec { get; private set; }

    /// <summary>Position on the time line of an instant, in samples.</summary>
    /// <param name="microseconds">Since the recording's start.</param>
    public long PositionOf(long microseconds) => _lead + (microseconds * _rate / 1_000_000);

    /// <summary>Takes a packet.</summary>
    /// <param name="packet">Its <see cref="TappedPacket.Arrival"/> counts from the recording's start.</param>
    /// <param name="payload">Its payload.</param>
    public void Add(in TappedPacket packet, ReadOnlySpan<byte> payload)
    {
        if (packet.IsBreak)
        {
            CommitWaiting();
            (_follows, _noisy) = (false, false);
            return;
        }
        if (packet.Format == AudioFormat.Noise)
        {
            AddNoise(packet, payload);
            return;
        }
        IAudioCodec? codec = packet.Format == AudioFormat.None ? null : _codecs[(int)packet.Format] ??= AudioFormats.Create(packet.Format);
        if (packet.Format != AudioFormat.None && codec is null)
            MissedCodec = true;
        int samples = codec is null || payload.Length > LongestPayload ? 0 : codec.SamplesOf(payload);
        if (samples == 0 || samples > RecorderScratch.Samples)
        {
            AddNumber(packet);
            return;
        }
        long length = (long)samples * _rate / codec!.SampleRate;
        long arrival = PositionOf(packet.Arrival) - length;     // when its first sample was spoken, but for the network
        long ticks = _started ? _lastTicks + unchecked((int)(packet.Timestamp - _lastTimestamp)) : 0;
        if (!_started || packet.Ssrc != _ssrc || codec.ClockRate != _clockRate || Math.Abs((long)packet.Extended - _highest) > JumpPackets
            || Math.Abs(arrival - PositionOfTicks(ticks)) > (long)_rate * JumpMilliseconds / 1000)
        {
            Begin(packet, codec.ClockRate, arrival);
            ticks = 0;
        }
        else if (packet.Extended < _next)
        {
            if (_talking)
                return;                             // too late, or the second of its kind
            _next = packet.Extended;
        }
        else if (packet.Extended - _next >= Slots)
        {
            CommitWaiting();
            (_next, _jumped) = (packet.Extended, _follows);
        }
        FollowClock(packet.Arrival, arrival - PositionOfTicks(ticks));
        if (IsNext && packet.Extended == _next && packet.Extended > _highest)
        {
            _next = packet.Extended + 1;
            (_highest, _lastTimestamp, _lastTicks) = (packet.Extended, packet.Timestamp, ticks);
            Give(packet.Format, payload, ticks, lost: false);
            return;
        }
        Keep(packet, payload, ticks);
        while (IsNext && _next <= _highest && _slots[_next % Slots].Used)
            Commit(_next);
    }

    /// <summary>Gives out everything before a position: packets whose time has come, what is missing, silence.</summary>
    /// <param name="horizon">Samples from the beginning; at most a tenth of a second further than the last one.</param>
    public void Advance(long horizon)
    {
        while (TryFindNext(out uint number) && PositionOfTicks(_slots[number % Slots].Ticks) < horizon)
            Commit(number);
        if (Cursor >= horizon)
            return;
        bool missing = _talking && _follows && TryFindNext(out uint later) && later != _next;
        Fill(horizon - Cursor, made: missing);
    }

    /// <summary>The recording ends: gives out what waits, whatever the time.</summary>
    public void Finish()
    {
        CommitWaiting();
        Drain(int.MaxValue);
    }

    /// <summary>A packet that carries no speech (an event, comfort noise): only its number counts.</summary>
    private void AddNumber(in TappedPacket packet)
    {
        if (!_started || packet.Ssrc != _ssrc || packet.Extended < _next || packet.Extended - _next >= Slots)
            return;
        ref Slot slot = ref _slots[packet.Extended % Slots];
        if (!slot.Used)
            slot = new Slot(_lastTicks, 0, 0, AudioFormat.None, true);
        _highest = Math.Max(_highest, packet.Extended);
    }

    /// <summary>From its timestamp on the sender is silent, with noise of a level.</summary>
    private void AddNoise(in TappedPacket packet, ReadOnlySpan<byte> payload)
    {
        if (!_started || packet.Ssrc != _ssrc || packet.Extended < _next || packet.Extended - _next >= Slots || _clockRate != NoiseClockRate)
            return;
        long ticks = _lastTicks + unchecked((int)(packet.Timestamp - _lastTimestamp));
        if (Math.Abs(PositionOf(packet.Arrival) - PositionOfTicks(ticks)) <= (long)_rate * JumpMilliseconds / 1000)
            Keep(packet, payload[..Math.Min(1, payload.Length)], ticks);
    }

    private void Begin(in TappedPacket packet, int clockRate, long arrival)
    {
        CommitWaiting();
        (_started, _talking, _follows, _noisy) = (true, false, false, false);
        (_ssrc, _next, _highest, _clockRate) = (packet.Ssrc, packet.Extended, packet.Extended, clockRate);
        (_lastTimestamp, _lastTicks, _base) = (packet.Timestamp, 0, arrival);
        (_driftCount, _wanted) = (0, 0);
        _driftSince = packet.Arrival;
    }

    private void Keep(in TappedPacket packet, ReadOnlySpan<byte> payload, long ticks)
    {
        ref Slot slot = ref _slots[packet.Extended % Slots];
        if (slot.Used)
            return;
        int at = PlaceFor(payload.Length);
        payload.CopyTo(_payloads.AsSpan(at));
        slot = new Slot(ticks, _payloadsWritten, payload.Length, packet.Format, true);
        _payloadsWritten += payload.Length;
        if (packet.Extended >= _highest)
            (_highest, _lastTimestamp, _lastTicks) = (packet.Extended, packet.Timestamp, ticks);
    }

    /// <summary>Where in the ring a payload goes; the ring grows rather than that one which waits is lost.</summary>
    private int PlaceFor(int length)
    {
        int at = (int)(_payloadsWritten % _payloads.Length);
        if (at + length > _payloads.Length)
        {
            _payloadsWritten += _payloads.Length - at;
            at = 0;
        }
        if (_payloadsWritten + length <= _payloadsRoom)
            return at;
        long oldest = _payloadsWritten;
        foreach (ref readonly Slot slot in _slots.AsSpan())
        {
            if (slot is { Used: true, Length: > 0 })
                oldest = Math.Min(oldest, slot.At);
        }
        _payloadsRoom = oldest + _payloads.Length;
        if (_payloadsWritten + length <= _payloadsRoom || _payloads.Length == LargestPayloadRing)
            return at;
        Enlarge();
        return PlaceFor(length);
    }

    private void Enlarge()
    {
        byte[] ring = new byte[LargestPayloadRing];
        int written = 0;
        foreach (ref Slot slot in _slots.AsSpan())
        {
            if (!slot.Used)
                continue;
            PayloadOf(slot).CopyTo(ring.AsSpan(written));
            slot = slot with { At = written };
            written += slot.Length;
        }
        (_payloads, _payloadsWritten, _payloadsRoom) = (ring, written, LargestPayloadRing);
    }

    private ReadOnlySpan<byte> PayloadOf(in Slot slot) => _payloads.AsSpan((int)(slot.At % _payloads.Length), slot.Length);

    /// <summary>Compares the timestamps with the arrivals: the fastest packet of five seconds tells how far the sender's clock is off.</summary>
    private void FollowClock(long now, long difference)
    {
        if (!_talking)
        {
            if (difference < 0)
                _base += difference;                // nothing was given out yet: the fastest packet places the talk
            return;
        }
        _driftLeast = _driftCount == 0 ? difference : Math.Min(_driftLeast, difference);
        _driftCount++;
        if (now - _driftSince < DriftWindowMicroseconds)
            return;
        if (_driftCount >= DriftPackets)
            _wanted = Math.Abs(_driftLeast) > _rate * CorrectAbove ? _driftLeast : 0;
        (_driftSince, _driftCount) = (now, 0);
    }

    /// <summary>What has the next number need not wait: nothing that may come yet belongs before it. The first of a talk does, for the fastest of them places it.</summary>
    private bool IsNext => _talking && _follows && !_jumped;

    private long PositionOfTicks(long ticks) => _base + (ticks * _rate / _clockRate);

    private bool TryFindNext(out uint number)
    {
        number = _next;
        if (!_started)
            return false;
        for (uint last = Math.Min(_highest, _next + Slots - 1); number <= last; number++)
        {
            if (_slots[number % Slots].Used)
                return true;
        }
        return false;
    }

    private void CommitWaiting()
    {
        while (TryFindNext(out uint number))
            Commit(number);
    }

    private void Commit(uint number)
    {
        Slot slot = _slots[number % Slots];
        _slots[number % Slots] = default;
        bool lost = _talking && _follows && (_jumped || number != _next);
        (_next, _jumped) = (number + 1, false);
        if (slot.Format == AudioFormat.None)
        {
            _follows |= _talking;
            return;
        }
        if (slot.Format == AudioFormat.Noise)
        {
            CommitNoise(slot, lost);
            return;
        }
        if (_payloadsWritten - slot.At > _payloads.Length)
            return;                                 // overwritten: somebody sends far more than speech needs
        Give(slot.Format, PayloadOf(slot), slot.Ticks, lost);
    }

    private void Give(AudioFormat format, ReadOnlySpan<byte> payload, long ticks, bool lost)
    {
        long missing = PositionOfTicks(ticks) - Cursor;         // filled before the resampler gets this packet: what it keeps belongs there
        if (!lost)
            Drain(missing);
        else if (missing > 0)
            FillRest(missing, made: true);
        IAudioCodec codec = _codecs[(int)format]!;
        ReadOnlySpan<short> decoded = _scratch.Decoded.AsSpan(0, codec.Decode(payload, _scratch.Decoded));
        ReadOnlySpan<short> samples = ToRate(decoded, codec.SampleRate);

        long position = PositionOfTicks(ticks);
        if (!_talking)
        {
            _base += Math.Max(0, Cursor - position); // the beginning of a talk never lies in what was given out
            position = PositionOfTicks(ticks);
        }
        else if (lost)
        {
            if (position > _spokenTo)
                _notes.Gap(_channel, _spokenTo, position - _spokenTo);
        }
        else if (_wanted != 0)
            position = Correct(ref samples, ticks, position);
        (_talking, _follows) = (true, true);
        if (position > Cursor)
            FillRest(position - Cursor, made: false);
        else if (Cursor - position > (long)_rate * LongestOverlapMilliseconds / 1000)
            samples = samples[(int)Math.Min(samples.Length, Cursor - position)..];
        _staged.Add(samples, format, payload);
        _concealment.Received(samples);
        _narrow = codec.SampleRate < _rate;
        (_tail, _kept) = _narrow ? (_resampler!.Memory, _resampler.Delay) : (0, 0);
        if (_narrow)
            _narrowConcealment!.Received(decoded);
        _spokenTo = Cursor;
        _noisy = AudioFormats.IsPause(format, payload);
        if (_noisy)
            _noise.Level = ComfortNoise.LevelOf(decoded);
    }

    private void CommitNoise(in Slot slot, bool lost)
    {
        long position = PositionOfTicks(slot.Ticks);
        if (position > Cursor)
            Fill(position - Cursor, made: lost);
        if (lost && position > _spokenTo)
            _notes.Gap(_channel, _spokenTo, position - _spokenTo);
        _spokenTo = Math.Max(_spokenTo, position);
        _follows |= _talking;
        _noisy = true;
        _noise.Level = ComfortNoise.LevelOfFrame(PayloadOf(slot));
    }

    /// <summary>Takes the clock's difference out where it is not heard: in silence; at once where it grows too large.</summary>
    private long Correct(ref ReadOnlySpan<short> samples, long ticks, long position)
    {
        long silent = position - Cursor;           // a pause that the sender did not send
        bool quiet = silent > 0 || AudioLevel.Of(samples) < PauseDbm0;
        if (!quiet && Math.Abs(_wanted) < _rate * CorrectAtOnce)
            return position;
        long change = _wanted > 0 ? _wanted : Math.Max(_wanted, -(Math.Max(0, silent) + samples.Length));
        long cut = change < 0 ? Math.Max(0, -change - Math.Max(0, silent)) : 0;
        samples = samples[(int)cut..];
        _base += change;
        _notes.Correction(_channel, Cursor, change);
        _wanted = 0;
        _driftCount = 0;
        return PositionOfTicks(ticks) + cut;
    }

    private ReadOnlySpan<short> ToRate(ReadOnlySpan<short> samples, int rate)
    {
        if (rate == _rate)
        {
            LeaveResampler();
            return samples;
        }
        if (_resampler is null || _resampledFrom != rate)
        {
            LeaveResampler();
            _resampler = new Resampler(rate, _rate);
            _resampledFrom = rate;
            _narrowConcealment = rate < _rate ? new LossConcealment(rate) : null;
        }
        if (!_narrow)
            _narrowConcealment?.Reset();            // what it knows was said before another codec's packets
        Span<short> resampled = _scratch.Resampled(_resampler.OutputSamples(samples.Length));
        return resampled[.._resampler.Process(samples, resampled)];
    }

    private void Fill(long samples, bool made) => FillRest(made ? samples : samples - Drain(samples), made);

    private void FillRest(long samples, bool made)
    {
        if (made && _narrow)
        {
            ConcealNarrow(samples);
            return;
        }
        if (!made)
        {
            _concealment.Reset();
            _narrowConcealment?.Reset();
        }
        if (!made && !_noisy)
        {
            _staged.AddSilence(samples);
            return;
        }
        Span<short> room = _scratch.Made;
        for (; samples > 0; samples -= room.Length)
        {
            room = room[..(int)Math.Min(samples, room.Length)];
            if (made)
                _concealment.Conceal(room);
            else
                _noise.Generate(room);
            _staged.Add(room);
        }
    }

    /// <summary>Makes up what a narrow party lost at its own rate, and the resampler joins it to what came before and comes after: no hole and no seam at either end.</summary>
    /// <param name="samples">Of the recording; it may give less than one of the narrow party's more.</param>
    private void ConcealNarrow(long samples)
    {
        int factor = _rate / _resampledFrom;
        Span<short> narrow = stackalloc short[_scratch.Made.Length / factor], room = _scratch.Made;
        for (long left = (samples + factor - 1) / factor; left > 0; left -= narrow.Length)
        {
            narrow = narrow[..(int)Math.Min(left, narrow.Length)];
            _narrowConcealment!.Conceal(narrow);
            _staged.Add(room[.._resampler!.Process(narrow, room)]);
            _kept = Math.Max(0, _kept - narrow.Length);
        }
        _tail = _resampler!.Memory;
    }

    /// <summary>Gives out what the resampler keeps of what was said: the pause after it begins with that.</summary>
    /// <param name="most">Samples of the recording.</param>
    /// <returns>How many it gave.</returns>
    private int Drain(long most) => _tail == 0 || most <= 0 ? 0 : Drain((int)Math.Min(_tail, most / (_rate / _resampledFrom)), int.MaxValue);

    /// <summary>Another codec comes: what is left of what came before is given out first, and no more than that; the resampler forgets the rest.</summary>
    private void LeaveResampler()
    {
        if (_tail > 0)
            Drain(_tail, _kept * (_rate / _resampledFrom));
    }

    private int Drain(int zeros, int most)
    {
        Span<short> silence = stackalloc short[zeros], left = _scratch.Made.AsSpan(0, _resampler!.OutputSamples(zeros));
        silence.Clear();
        left = left[..Math.Min(most, _resampler.Process(silence, left))];
        _tail -= zeros;
        _kept = Math.Max(0, _kept - zeros);
        _staged.Add(left);
        _concealment.Received(left);
        return left.Length;
    }

    private readonly record struct Slot(long Ticks, long At, int Length, AudioFormat Format, bool Used);
}
