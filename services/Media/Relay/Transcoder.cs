using CloudPbx.Audio.Codecs;
using CloudPbx.Audio.Concealment;
using CloudPbx.Audio.Resampling;
using CloudPbx.Audio.Tones;
using CloudPbx.Sdp;

namespace CloudPbx.Media.Relay;

/// <summary>
/// Makes one party's speech into the other's codec and packet time, one direction of a bridge: decodes packet by packet, fills what was lost, and encodes whole
/// frames as soon as they are full. It adds no delay but that of a frame; jitter is the hearer's buffer's business. What comes before its predecessor waits for that
/// for a moment, since what is made up for it could not be taken back: for longer where packets have come too late for that. Whoever hears it has to bear that lateness anyway.
/// </summary>
/// <remarks>On the loop of its streams. Allocates when a codec is first seen and when a packet first comes out of order, never per packet after that.</remarks>
internal sealed class Transcoder
{
    private const int LongestMilliseconds = 120;            // of a packet (RFC 6716), and of a gap that is filled
    private const int QueueMilliseconds = 400;
    private const int PatienceMilliseconds = 60;            // with the packet that is missing, of the sender's time and of ours
    private const int MostPatienceMilliseconds = 160;       // what comes later is not worth the wait: a jitter buffer gives it up, too
    private const int ShortestPacketMilliseconds = 10;      // shorter ones are rare
    private const int MarginMilliseconds = 10;              // a tick of the loop
    private const long PatientMicroseconds = 60_000_000;    // without a packet that needed it
    private const int MostWaiting = 2;                      // one more says that what they wait for is lost
    private const int LongestPacket = 16 * LongestMilliseconds * 2;     // samples

    [ThreadStatic] private static short[]? s_decoded, s_resampled;      // a loop's streams come one after another: what is made of a packet on its way is theirs together

    private readonly IAudioCodec _encoder;
    private readonly IAudioCodec?[] _decoders = new IAudioCodec?[AudioFormats.Count];
    private readonly short[] _queue;
    private readonly LossConcealment _concealment;
    private readonly int _frame, _rate;
    private Resampler? _resampler;
    private int _resampledFrom, _queued;
    private uint _ssrc, _next, _nextTimestamp;
    private bool _started;
    private WaitingPackets? _waiting;
    private int _due;                                       // of those that wait, how many go without what they wait for
    private int _patience = PatienceMilliseconds;           // in force
    private long _patienceNeeded;                           // when a packet came last that needed more than the usual one, in microseconds
    private uint _givenUp, _givenUpEnd;                     // the numbers that were waited for in vain last, and since when
    private long _givenUpSince;

    private Transcoder(IAudioCodec encoder, int ptimeMilliseconds, byte payloadType)
    {
        _encoder = encoder;
        _rate = encoder.SampleRate;
        _frame = _rate * ptimeMilliseconds / 1000;
        TicksPerFrame = (uint)(encoder.ClockRate * ptimeMilliseconds / 1000);
        PayloadType = payloadType;
        _queue = new short[_rate * QueueMilliseconds / 1000];
        _concealment = new LossConcealment(_rate);
    }

    /// <summary>What <see cref="OutgoingSequence"/> knows it by.</summary>
    public long Number { get; } = TalkNumbers.Next();

    /// <summary>RTP ticks of a frame.</summary>
    public uint TicksPerFrame { get; }

    /// <summary>RTP ticks per second.</summary>
    public int ClockRate => _encoder.ClockRate;

    /// <summary>Under which number the hearer wants it.</summary>
    public byte PayloadType { get; }

    /// <summary>Whether no sample waits for a frame to become full, and no packet for an earlier one.</summary>
    public bool IsEmpty => _queued == 0 && !IsWaiting;

    /// <summary>What comes next does not follow what was.</summary>
    public void Restart()
    {
        _started = false;
        _waiting?.Clear();
    }

    /// <summary>Makes one from a leg towards another.</summary>
    /// <param name="from">Who speaks: where all its codecs are a telephone's, Opus is made of 8 kHz, at half of the cost and without a change of the rate.</param>
    /// <param name="to">Who hears.</param>
    /// <param name="ptimeMilliseconds">The only packet time that it takes; null: what its peer asked for.</param>
    /// <returns>Null where its codec cannot be encoded here.</returns>
    public static Transcoder? Between(NegotiatedMedia from, NegotiatedMedia to, int? ptimeMilliseconds)
    {
        AudioFormat format = AudioFormats.Of(to.Codec);
        return AudioFormats.Create(format, AudioFormats.IsWide(from) ? OpusCodec.WideRate : OpusCodec.NarrowRate) is { } encoder ? new Transcoder(encoder, AudioFormats.FrameTime(to, ptimeMilliseconds), (byte)to.Send.PayloadType) : null;
    }

    /// <summary>Whether packets wait for an earlier one.</summary>
    public bool IsWaiting => _waiting is { Count: > 0 };

    /// <summary>Takes a packet; one whose predecessor is missing waits for it.</summary>
    /// <param name="format">Its codec.</param>
    /// <param name="ssrc">Its source.</param>
    /// <param name="extended">Its extended sequence number.</param>
    /// <param name="timestamp">Its timestamp.</param>
    /// <param name="payload">Its payload.</param>
    /// <param name="seen">What has come of the source: numbers of events and of noise are not missing, though they never come here.</param>
    /// <param name="now">Microseconds.</param>
    /// <returns>False when the talk has a pause before it: what is sent next begins anew.</returns>
    public bool Push(AudioFormat format, uint ssrc, uint extended, uint timestamp, ReadOnlySpan<byte> payload, in SeenWindow seen, long now)
    {
        if (DecoderOf(format) is not { } decoder)
            return true;
        int expected = decoder.SamplesOf(payload);
        if (expected == 0 || expected > LongestPacket)
            return true;
        if (extended != _next && _started && ssrc == _ssrc)
        {
            if (unchecked((int)(extended - _next)) < 0)
            {
                LearnLateness(extended, now);
                return true;                                // its place is filled already
            }
            if (TryKeep(decoder, new WaitingPacket(format, extended, timestamp, now), payload, seen))
                return true;
        }
        else if (IsWaiting)
            NoteWait(now);
        return Take(decoder, ssrc, extended, timestamp, payload, now);
    }

    /// <summary>Takes a packet that waits, where its turn has come: the one before it is there, or is waited for no more. Call it when all frames are taken, until it finds none.</summary>
    /// <param name="now">Microseconds.</param>
    /// <param name="flows">As of <see cref="Push"/>.</param>
    public bool TryRelease(long now, out bool flows)
    {
        flows = true;
        if (_waiting is not { Count: > 0 } waiting)
            return false;
        ref readonly WaitingPacket packet = ref waiting.First;
        if (packet.Extended != _next && _due == 0 && now - packet.Arrival < _patience * 1000)
            return false;
        _due = Math.Max(0, _due - 1);
        flows = Take(_decoders[(int)packet.Format]!, _ssrc, packet.Extended, packet.Timestamp, waiting.Payload, packet.Arrival);
        waiting.RemoveFirst();
        return true;
    }

    /// <summary>The talk has ended: what waits goes with the next <see cref="TryRelease"/>.</summary>
    public void WaitNoMore() => _due = _waiting?.Count ?? 0;

    /// <summary>Keeps a packet whose predecessor may still come, or that follows others which wait.</summary>
    private bool TryKeep(IAudioCodec decoder, in WaitingPacket packet, ReadOnlySpan<byte> payload, in SeenWindow seen)
    {
        if (IsPatient && packet.Arrival - _patienceNeeded > PatientMicroseconds)
            _patience = PatienceMilliseconds;
        bool waits = IsPredecessorAwaited(decoder, packet, seen);
        if (!waits && !IsWaiting)
            return false;
        if (_waiting is null || (_waiting.Count == 0 && IsPatient && _waiting.Room < WaitingPackets.Most))
            _waiting = new WaitingPackets(IsPatient ? WaitingPackets.Most : MostWaiting + 1);
        if (_waiting.TryAdd(packet, payload))
            _due = waits ? Math.Max(_due, _waiting.Count - (IsPatient ? _waiting.Room - 1 : MostWaiting)) : _waiting.Count;
        return true;
    }

    private bool IsPatient => _patience > PatienceMilliseconds;

    /// <summary>A packet came after its place was filled: had the others waited for so long, nothing would have been made up.</summary>
    private void LearnLateness(uint extended, long now)
    {
        if (unchecked(extended - _givenUp) >= unchecked(_givenUpEnd - _givenUp))
            return;
        long late = (now - _givenUpSince) / 1000;
        if (late > MostPatienceMilliseconds)
            return;
        // Half as much again: the next one will be later still, and each step is paid with a packet.
        _patience = Math.Max(_patience, (int)Math.Min(Math.Max(late * 3 / 2, PatienceMilliseconds) + MarginMilliseconds, MostPatienceMilliseconds));
        _patienceNeeded = now;
    }

    /// <summary>What is waited for has come: whether that needed more than the usual patience.</summary>
    private void NoteWait(long now)
    {
        if (now - _waiting!.First.Arrival > PatienceMilliseconds * 1000 || _waiting.Count > MostWaiting)
            _patienceNeeded = now;
    }

    private bool IsPredecessorAwaited(IAudioCodec decoder, in WaitingPacket packet, in SeenWindow seen)
    {
        int ticks = unchecked((int)(packet.Timestamp - _nextTimestamp));
        if (ticks <= 0 || ticks > decoder.ClockRate * _patience / 1000 || unchecked(packet.Extended - _next) > _patience / ShortestPacketMilliseconds)
            return false;
        for (uint number = _next; number != packet.Extended; number++)
        {
            if (!seen.Has(number))
                return true;
        }
        return false;
    }

    private bool Take(IAudioCodec decoder, uint ssrc, uint extended, uint timestamp, ReadOnlySpan<byte> payload, long arrival)
    {
        bool flows = true;
        if (_started && ssrc == _ssrc)
        {
            if (extended != _next)
                (_givenUp, _givenUpEnd, _givenUpSince) = (_next, extended, arrival);
            int missing = unchecked((int)(timestamp - _nextTimestamp));
            int samples = (int)((long)missing * _rate / decoder.ClockRate);
            if (missing > 0 && extended != _next && samples <= _rate * LongestMilliseconds / 1000)
                Conceal(samples);
            else if (missing != 0)
                flows = false;                              // silence suppression, or a long gap: the hearer's clock goes on by itself
        }
        else
        {
            flows = false;
            _waiting?.Clear();                              // of another source
        }
        if (!flows)
        {
            _queued = 0;
            _concealment.Reset();
        }
        (_started, _ssrc, _next) = (true, ssrc, extended + 1);
        int length = decoder.Decode(payload, Decoded);
        _nextTimestamp = unchecked(timestamp + (uint)((long)length * decoder.ClockRate / decoder.SampleRate));
        ReadOnlySpan<short> speech = ToRate(Decoded.AsSpan(0, length), decoder.SampleRate);
        _concealment.Received(speech);
        Enqueue(speech);
        return flows;
    }

    /// <summary>How loud the noise is that a packet of a pause stands for, in −dBov.</summary>
    public int LevelOf(AudioFormat format, ReadOnlySpan<byte> payload)
    {
        if (DecoderOf(format) is not { } decoder)
            return ComfortNoise.Silence;
        int samples = decoder.SamplesOf(payload);
        if (samples == 0 || samples > LongestPacket)
            return ComfortNoise.Silence;
        return ComfortNoise.LevelOf(Decoded.AsSpan(0, decoder.Decode(payload, Decoded)));
    }

    /// <summary>Takes the next encoded frame. Call it until there is none.</summary>
    /// <param name="payload">Room for 1275 octets.</param>
    /// <param name="length">Octets of the frame.</param>
    public bool TryTake(Span<byte> payload, out int length)
    {
        length = 0;
        if (_queued < _frame)
            return false;
        length = _encoder.Encode(_queue.AsSpan(0, _frame), payload);
        _queued -= _frame;
        _queue.AsSpan(_frame, _queued).CopyTo(_queue);
        return length > 0;
    }

    private static short[] Decoded => s_decoded ??= new short[LongestPacket];

    private IAudioCodec? DecoderOf(AudioFormat format) => _decoders[(int)format] ??= AudioFormats.Create(format, _rate);

    private void Conceal(int samples)
    {
        samples = Math.Min(samples, _queue.Length - _queued);
        _concealment.Conceal(_queue.AsSpan(_queued, samples));
        _queued += samples;
    }

    private void Enqueue(ReadOnlySpan<short> samples)
    {
        samples = samples[..Math.Min(samples.Length, _queue.Length - _queued)];
        samples.CopyTo(_queue.AsSpan(_queued));
        _queued += samples.Length;
    }

    private ReadOnlySpan<short> ToRate(ReadOnlySpan<short> samples, int rate)
    {
        if (rate == _rate)
            return samples;
        if (_resampler is null || _resampledFrom != rate)
        {
            _resampler = new Resampler(rate, _rate);
            _resampledFrom = rate;
        }
        int most = _resampler.OutputSamples(LongestPacket);
        if (s_resampled is null || s_resampled.Length < most)
            s_resampled = new short[most];
        return s_resampled.AsSpan(0, _resampler.Process(samples, s_resampled));
    }
}
