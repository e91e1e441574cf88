namespace CloudPbx.Audio.Codecs;

/// <summary>
/// Opus (RFC 6716, RFC 7587) by the system's libopus, for speech: mono at 16 kHz inside, 48000 RTP ticks per second outside. A stereo or full-band
/// stream is decoded to that, too.
/// </summary>
/// <remarks>Allocation-free per call; the two states lie in memory of ours, so nothing needs to be freed. One instance serves both directions of one stream.</remarks>
public sealed unsafe class OpusCodec : IAudioCodec
{
    /// <summary>What to say where libopus is not there.</summary>
    public const string Missing = "Opus needs the library libopus.so.0, which is not installed here (Debian and Ubuntu: apt install libopus0). Opus is passed through, not transcoded.";

    /// <summary>Octets that always suffice for a packet of ours (RFC 6716 §3.4 allows 1275 for a frame).</summary>
    public const int MaxPayload = 1275;

    private const int Rate = 16000;
    private const int LongestSamples = Rate * 120 / 1000;   // RFC 6716 §3.2.5: 120 ms
    private const int Bits = 28000;                         // per second: wideband speech with error correction
    private const int Complexity = 5;                       // twice the processor time of 10 buys nothing at this rate

    private readonly byte[] _encoder, _decoder;             // pinned: libopus keeps pointers into its state

    /// <summary>Makes a codec.</summary>
    /// <exception cref="NotSupportedException">There is no libopus; the message says what to install.</exception>
    public OpusCodec()
    {
        if (!IsAvailable)
            throw new NotSupportedException(Missing);
        _encoder = GC.AllocateArray<byte>(Libopus.opus_encoder_get_size(1), pinned: true);
        _decoder = GC.AllocateArray<byte>(Libopus.opus_decoder_get_size(1), pinned: true);
        fixed (byte* encoder = _encoder, decoder = _decoder)
        {
            if (Libopus.opus_encoder_init(encoder, Rate, 1, Libopus.ApplicationVoip) != Libopus.Ok || Libopus.opus_decoder_init(decoder, Rate, 1) != Libopus.Ok)
                throw new InvalidOperationException("libopus refused 16 kHz mono.");
            _ = Libopus.opus_encoder_ctl(encoder, Libopus.SetBitrate, Bits);
            _ = Libopus.opus_encoder_ctl(encoder, Libopus.SetComplexity, Complexity);
            _ = Libopus.opus_encoder_ctl(encoder, Libopus.SetSignal, Libopus.SignalVoice);
        }
    }

    /// <summary>Whether libopus can be loaded.</summary>
    public static bool IsAvailable => Libopus.IsPresent;

    /// <inheritdoc/>
    public int SampleRate => Rate;

    /// <inheritdoc/>
    public int ClockRate => 48000;

    /// <inheritdoc/>
    /// <remarks>Opus has frames of 10, 20, 40 and 60 ms; another number of samples is encoded to nothing.</remarks>
    public int Encode(ReadOnlySpan<short> samples, Span<byte> payload)
    {
        fixed (byte* state = _encoder)
        fixed (short* from = samples)
        fixed (byte* to = payload)
            return Math.Max(0, Libopus.opus_encode(state, from, samples.Length, to, payload.Length));
    }

    /// <inheritdoc/>
    public int Decode(ReadOnlySpan<byte> payload, Span<short> samples)
    {
        if (payload.IsEmpty)
            return 0;
        fixed (byte* state = _decoder)
        fixed (byte* from = payload)
        fixed (short* to = samples)
            return Math.Max(0, Libopus.opus_decode(state, from, payload.Length, to, samples.Length, 0));
    }

    /// <inheritdoc/>
    public int SamplesOf(ReadOnlySpan<byte> payload)
    {
        fixed (byte* from = payload)
            return payload.IsEmpty ? 0 : Math.Clamp(Libopus.opus_packet_get_nb_samples(from, payload.Length, Rate), 0, LongestSamples);
    }
}
