namespace CloudPbx.Audio.Codecs;

/// <summary>
/// Opus (RFC 6716, RFC 7587) by the system's libopus, for speech: mono at 16 or 8 kHz inside, 48000 RTP ticks per second outside. A stereo or full-band
/// stream is decoded to that, too, by libopus itself.
/// </summary>
/// <remarks>
/// The states lie in memory of ours, so nothing needs to be freed. Each is made at the first call that needs it (one direction is often all that is used, and a state has
/// 20 KiB); after that a call allocates nothing. One instance serves both directions of one stream.
/// </remarks>
public sealed unsafe class OpusCodec : IAudioCodec
{
    /// <summary>What to say where libopus is not there.</summary>
    public const string Missing = "Opus needs the library libopus.so.0, which is not installed here (Debian and Ubuntu: apt install libopus0). Opus is passed through, not transcoded.";

    /// <summary>Octets that always suffice for a packet of ours (RFC 6716 §3.4 allows 1275 for a frame).</summary>
    public const int MaxPayload = 1275;

    /// <summary>Samples per second of wideband speech.</summary>
    public const int WideRate = 16000;

    /// <summary>Samples per second of a telephone's speech: half of the work, where more cannot be in it.</summary>
    public const int NarrowRate = 8000;

    private const int LongestMilliseconds = 120;            // RFC 6716 §3.2.5
    private const int WideBits = 28000, NarrowBits = 20000; // per second: more than RFC 6716 §2.1.1 asks for speech of these bandwidths, for coding twice
    private const int Complexity = 5;                       // twice the processor time of 10 buys nothing at these rates

    private readonly int _rate;
    private byte[]? _encoder, _decoder;                     // pinned: libopus keeps pointers into its state

    /// <summary>Makes a codec.</summary>
    /// <param name="sampleRate"><see cref="WideRate"/> or <see cref="NarrowRate"/>: of the samples only; whatever a peer sends is decoded to that.</param>
    /// <exception cref="NotSupportedException">There is no libopus; the message says what to install.</exception>
    public OpusCodec(int sampleRate = WideRate)
    {
        if (!IsAvailable)
            throw new NotSupportedException(Missing);
        if (sampleRate is not (WideRate or NarrowRate))
            throw new ArgumentOutOfRangeException(nameof(sampleRate), sampleRate, "Speech has 8000 or 16000 samples per second here.");
        _rate = sampleRate;
    }

    /// <summary>Whether libopus can be loaded.</summary>
    public static bool IsAvailable => Libopus.IsPresent;

    /// <inheritdoc/>
    public int SampleRate => _rate;

    /// <inheritdoc/>
    public int ClockRate => 48000;

    /// <inheritdoc/>
    /// <remarks>Opus has frames of 10, 20, 40 and 60 ms; another number of samples is encoded to nothing.</remarks>
    public int Encode(ReadOnlySpan<short> samples, Span<byte> payload)
    {
        fixed (byte* state = _encoder ??= NewEncoder())
        fixed (short* from = samples)
        fixed (byte* to = payload)
            return Math.Max(0, Libopus.opus_encode(state, from, samples.Length, to, payload.Length));
    }

    /// <inheritdoc/>
    public int Decode(ReadOnlySpan<byte> payload, Span<short> samples)
    {
        if (payload.IsEmpty)
            return 0;
        fixed (byte* state = _decoder ??= NewDecoder())
        fixed (byte* from = payload)
        fixed (short* to = samples)
            return Math.Max(0, Libopus.opus_decode(state, from, payload.Length, to, samples.Length, 0));
    }

    /// <inheritdoc/>
    public int SamplesOf(ReadOnlySpan<byte> payload)
    {
        fixed (byte* from = payload)
            return payload.IsEmpty ? 0 : Math.Clamp(Libopus.opus_packet_get_nb_samples(from, payload.Length, _rate), 0, _rate * LongestMilliseconds / 1000);
    }

    private byte[] NewEncoder()
    {
        byte[] state = GC.AllocateArray<byte>(Libopus.opus_encoder_get_size(1), pinned: true);
        fixed (byte* encoder = state)
        {
            if (Libopus.opus_encoder_init(encoder, _rate, 1, Libopus.ApplicationVoip) != Libopus.Ok)
                throw new InvalidOperationException($"libopus refused to encode {_rate} Hz mono.");
            _ = Libopus.opus_encoder_ctl(encoder, Libopus.SetBitrate, _rate == WideRate ? WideBits : NarrowBits);
            _ = Libopus.opus_encoder_ctl(encoder, Libopus.SetComplexity, Complexity);
            _ = Libopus.opus_encoder_ctl(encoder, Libopus.SetSignal, Libopus.SignalVoice);
        }
        return state;
    }

    private byte[] NewDecoder()
    {
        byte[] state = GC.AllocateArray<byte>(Libopus.opus_decoder_get_size(1), pinned: true);
        fixed (byte* decoder = state)
        {
            if (Libopus.opus_decoder_init(decoder, _rate, 1) != Libopus.Ok)
                throw new InvalidOperationException($"libopus refused to decode to {_rate} Hz mono.");
        }
        return state;
    }
}
