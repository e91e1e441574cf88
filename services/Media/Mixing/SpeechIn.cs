using CloudPbx.Audio.Codecs;
using CloudPbx.Audio.Concealment;
using CloudPbx.Audio.Resampling;
using CloudPbx.Audio.Tones;
using CloudPbx.Media.Relay;
using CloudPbx.Net.Memory;
using CloudPbx.Rtp.Jitter;
using CloudPbx.Rtp.Packets;

namespace CloudPbx.Media.Mixing;

/// <summary>
/// One party's packets as a steady stream of samples: jitter buffer, decoders, loss concealment (ITU-T G.711 Appendix I). What is missing when it should be heard
/// is made up, and what comes too late for that is cut off the part that was made up; silence suppression is silence. Where the sender's clock runs off or the
/// delay changes, speech is stretched or shortened by one part in a hundred, which nobody hears.
/// </summary>
/// <remarks>Not thread-safe. Allocates when a codec or clock rate is first seen, never per packet.</remarks>
internal sealed class SpeechIn
{
    /// <summary>The samples that are taken at once.</summary>
    public const int TickMilliseconds = 20;

    private const int MinDelay = 20, MaxDelay = 300;
    private const int LongestMilliseconds = 120;            // a packet (RFC 6716 §3.2.5), and a gap that is filled
    private const int MostSamples = 16 * LongestMilliseconds;
    private const int QueueMilliseconds = 400;
    private const int TalkEndsMilliseconds = 200;           // without a packet: silence suppression
    private const int EarliestMilliseconds = 2, LatestMilliseconds = -8;       // around due: within, nothing is stretched
    private const int TooLateMilliseconds = -100;           // what is older is skipped at once
    private const int QuietLateMilliseconds = -30;          // what is older is skipped where it is quiet
    private const int StretchPart = 100;
    private static readonly double s_quiet = AudioLevel.MeanSquareOf(-45);

    private readonly IAudioCodec?[] _decoders = new IAudioCodec?[AudioFormats.Count];
    [ThreadStatic] private static short[]? t_decoded;       // one for all parties of the mixing thread, so that it stays in the cache
    private readonly short[] _queue;
    private readonly LossConcealment _concealment;
    private readonly ComfortNoise _noise = new();
    private readonly int _rate;
    private JitterBuffer? _buffer;
    private Resampler? _resampler;
    private short[] _resampled = [];
    private int _clockRate, _resampledFrom, _queued;
    private uint _tail, _lastTimestamp;                     // the timestamp behind the last queued sample
    private long _silent;
    private bool _talking, _begins;
    private bool _noisy, _noiseFollows;                     // the pause is one of noise; so will be the one after this talk

    /// <summary>Makes one.</summary>
    /// <param name="rate">Samples per second of what is taken: 8000 or 16000.</param>
    public SpeechIn(int rate)
    {
        _rate = rate;
        _queue = new short[rate * QueueMilliseconds / 1000];
        _concealment = new LossConcealment(rate);
    }

    /// <summary>What the payload types mean.</summary>
    public PayloadKinds? Kinds { get; set; }

    /// <summary>Samples that were made up for lost and late packets.</summary>
    public long Concealed { get; private set; }

    /// <summary>Milliseconds that the jitter buffer adds now.</summary>
    public int DelayMilliseconds => _buffer?.DelayMilliseconds ?? 0;

    /// <summary>Takes a packet; what is no speech is ignored: telephone events have been read before.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="now">Milliseconds of its arrival.</param>
    public void Add(in RtpPacket packet, long now)
    {
        if (Kinds is not { } kinds || kinds.Find(packet.PayloadType, out int clockRate, out AudioFormat format) is not (PayloadKind.Audio or PayloadKind.Noise) || format == AudioFormat.None)
            return;
        if (format == AudioFormat.Noise && (_buffer is null || clockRate != _clockRate))
            return;                                         // it belongs to no talk that we know
        if (_buffer is null || clockRate != _clockRate)
        {
            _buffer = new JitterBuffer(clockRate, MinDelay, MaxDelay);
            (_clockRate, _queued, _talking, _noisy, _noiseFollows) = (clockRate, 0, false, false, false);
        }
        _buffer.Add(packet, now);
    }

    /// <summary>Asks the processor for what <see cref="Add"/> and <see cref="Take"/> are about to touch: first far, then near.</summary>
    /// <param name="near">What is found through what was asked for the first time.</param>
    public void Approaching(bool near)
    {
        if (near)
        {
            _buffer?.Approaching();
            return;
        }
        CacheLines.Fetch(_buffer, 192);
        CacheLines.Fetch(_queue, 640);
        CacheLines.Fetch(_concealment, 64);
    }

    /// <summary>Gives the next samples.</summary>
    /// <param name="now">Milliseconds; twenty more at each call.</param>
    /// <param name="frame">Twenty milliseconds; all of it is written.</param>
    /// <returns>Whether there is anything but silence.</returns>
    public bool Take(long now, Span<short> frame)
    {
        if (_buffer is not { } buffer)
        {
            frame.Clear();
            return false;
        }
        ReadDue(buffer, now + TickMilliseconds);
        if (!_talking)
            return Pause(frame);
        if (_begins && Early(buffer, now) > TickMilliseconds / 2)
            return Pause(frame);                            // the next frame is nearer to its time
        if (_begins)
            (_begins, _noisy) = (false, false);
        SkipWhatIsOld(buffer, now, frame.Length);
        if (_queued < frame.Length)
            return MakeUp(buffer, now, frame);
        int use = Math.Min(_queued, frame.Length + Stretch(buffer, now, frame.Length));
        ReadOnlySpan<short> speech = _queue.AsSpan(0, use);
        if (use == frame.Length)
            speech.CopyTo(frame);
        else
            Interpolate(speech, frame);
        Consume(use);
        _silent = 0;
        return true;
    }

    /// <summary>How much before its time the next sample would be heard.</summary>
    private long Early(JitterBuffer buffer, long now) => buffer.PlayoutTime(unchecked(_tail - Ticks(_queued))) - now;

    private int Stretch(JitterBuffer buffer, long now, int samples) => Early(buffer, now) switch
    {
        > EarliestMilliseconds => -samples / StretchPart,
        < LatestMilliseconds => samples / StretchPart,
        _ => 0,
    };

    private void SkipWhatIsOld(JitterBuffer buffer, long now, int samples)
    {
        long early = Early(buffer, now);
        bool skips = early < TooLateMilliseconds || (early < QuietLateMilliseconds && _queued >= 2 * samples && !AudioLevel.IsAbove(_queue.AsSpan(0, samples), s_quiet));
        if (skips)
            Consume((int)Math.Clamp(-early * _rate / 1000, 0, Math.Max(0, _queued - samples)));
    }

    /// <summary>The next packet is not there: what is left is heard, the rest made up.</summary>
    private bool MakeUp(JitterBuffer buffer, long now, Span<short> frame)
    {
        int left = _queued;
        _queue.AsSpan(0, left).CopyTo(frame);
        Span<short> missing = frame[left..];
        if (_noiseFollows)
        {
            _noise.Generate(missing);
            Consume(left);
            (_talking, _noisy, _noiseFollows) = (false, true, false);
            return true;
        }
        _concealment.Conceal(missing);
        Concealed += missing.Length;
        Consume(left);
        // Where the delay has grown, or the sender's clock is slow, it is not missing but to come: no time of the sender's passes.
        if (buffer.PlayoutTime(_tail) <= now + ((long)left * 1000 / _rate))
            _tail = unchecked(_tail + Ticks(missing.Length));
        _silent = left > 0 ? missing.Length : _silent + missing.Length;
        if (_silent >= (long)_rate * TalkEndsMilliseconds / 1000)
            _talking = false;
        return true;
    }

    private void ReadDue(JitterBuffer buffer, long due)
    {
        short[] decoded = t_decoded ??= new short[MostSamples];
        while (_queue.Length - _queued >= 2 * _rate * LongestMilliseconds / 1000 && buffer.TryRead(due, out JitterFrame frame, out ReadOnlySpan<byte> payload))
        {
            Kinds!.Value.Find(frame.PayloadType, out _, out AudioFormat format);
            if (format == AudioFormat.Noise)
            {
                FollowNoise(ComfortNoise.LevelOfFrame(payload));
                continue;
            }
            if ((_decoders[(int)format] ??= AudioFormats.Create(format)) is not { } decoder)
                continue;
            if (decoder.SamplesOf(payload) is 0 or > MostSamples)
                continue;
            int length = decoder.Decode(payload, decoded);
            ReadOnlySpan<short> speech = ToRate(decoded.AsSpan(0, length), decoder.SampleRate);
            Place(frame, speech);
            if (AudioFormats.IsPause(format, payload))
                FollowNoise(ComfortNoise.LevelOf(decoded.AsSpan(0, length)));
        }
    }

    /// <summary>The sender is silent from here on, with noise of a level.</summary>
    private void FollowNoise(int level)
    {
        _noise.Level = level;
        (_noisy, _noiseFollows) = (_noisy || !_talking, _talking);
    }

    private bool Pause(Span<short> frame)
    {
        if (_noisy)
            _noise.Generate(frame);
        else
            frame.Clear();
        return _noisy;
    }

    /// <summary>Puts a packet's samples where its timestamp says.</summary>
    private void Place(in JitterFrame frame, ReadOnlySpan<short> speech)
    {
        int ahead = Samples(unchecked((int)(frame.Timestamp - _tail)));
        int longest = _rate * LongestMilliseconds / 1000;
        bool again = _talking && frame.Timestamp == _lastTimestamp && frame.LostPackets == 0;       // I51: two packets with one timestamp follow each other
        if (!_talking)
        {
            _concealment.Reset();
            (_talking, _begins, _silent, _tail) = (true, true, 0, frame.Timestamp);
        }
        else if (again)
        {
            // Right behind the one before.
        }
        else if (ahead > longest || ahead < -8 * longest)
            _tail = frame.Timestamp;                        // the sender's clock was set anew
        else if (ahead > 0)
            Fill(ahead, frame.LostPackets > 0);
        else if (ahead < 0)
            speech = speech[Math.Min(-ahead, speech.Length)..];        // its time was partly made up
        _lastTimestamp = frame.Timestamp;
        _noiseFollows = false;
        _concealment.Received(speech);
        speech.CopyTo(_queue.AsSpan(_queued));
        _queued += speech.Length;
        _tail = unchecked(_tail + Ticks(speech.Length));
    }

    private void Fill(int samples, bool lost)
    {
        Span<short> gap = _queue.AsSpan(_queued, samples);
        if (lost)
        {
            _concealment.Conceal(gap);
            Concealed += samples;
        }
        else if (_noiseFollows)
            _noise.Generate(gap);
        else
            gap.Clear();                                    // the sender was silent
        _queued += samples;
        _tail = unchecked(_tail + Ticks(samples));
    }

    private void Consume(int samples)
    {
        _queued -= samples;
        _queue.AsSpan(samples, _queued).CopyTo(_queue);
    }

    private static void Interpolate(ReadOnlySpan<short> from, Span<short> to)
    {
        int step = ((from.Length - 1) << 16) / (to.Length - 1);
        for (int i = 0, at = 0; i < to.Length; i++, at += step)
        {
            int whole = at >> 16, part = at & 0xFFFF;
            int next = whole + 1 < from.Length ? from[whole + 1] : from[whole];
            to[i] = (short)(from[whole] + (((next - from[whole]) * (part >> 1)) >> 15));
        }
    }

    private uint Ticks(int samples) => (uint)((long)samples * _clockRate / _rate);

    private int Samples(int ticks) => (int)((long)ticks * _rate / _clockRate);

    private ReadOnlySpan<short> ToRate(ReadOnlySpan<short> samples, int rate)
    {
        if (rate == _rate)
            return samples;
        if (_resampler is null || _resampledFrom != rate)
        {
            _resampler = new Resampler(rate, _rate);
            _resampledFrom = rate;
            _resampled = new short[_resampler.OutputSamples(MostSamples)];
        }
        return _resampled.AsSpan(0, _resampler.Process(samples, _resampled));
    }
}
