namespace CloudPbx.Audio.Codecs;

/// <summary>One direction pair of a codec: PCM samples to payload octets and back. State belongs to one stream.</summary>
/// <remarks>Implementations allocate nothing per call and are not thread-safe: one instance per stream.</remarks>
public interface IAudioCodec
{
    /// <summary>Samples per second of the PCM side: 8000, or 16000 for G.722 (whose RTP clock says 8000); for Opus (48000) what it was made with.</summary>
    int SampleRate { get; }

    /// <summary>RTP timestamp ticks per second.</summary>
    int ClockRate { get; }

    /// <summary>Encodes samples.</summary>
    /// <param name="samples">16-bit linear samples; for G.722 an even number.</param>
    /// <param name="payload">Where the octets go.</param>
    /// <returns>Octets written.</returns>
    int Encode(ReadOnlySpan<short> samples, Span<byte> payload);

    /// <summary>Decodes a payload.</summary>
    /// <param name="payload">Any octets; never throws for their content.</param>
    /// <param name="samples">Where the samples go; see <see cref="SamplesOf"/>.</param>
    /// <returns>Samples written.</returns>
    int Decode(ReadOnlySpan<byte> payload, Span<short> samples);

    /// <summary>How many samples a payload holds.</summary>
    /// <param name="payload">The payload; only its length matters but for Opus, where its first octets say it (RFC 6716 §3.1).</param>
    /// <returns>Samples at <see cref="SampleRate"/>; 0 for a payload that is none.</returns>
    int SamplesOf(ReadOnlySpan<byte> payload);
}
