namespace CloudPbx.Audio.Codecs;

/// <summary>PCMU: G.711 µ-law at 64 kbit/s (RFC 3551 §4.5.14). Stateless.</summary>
public sealed class MuLawCodec : IAudioCodec
{
    /// <inheritdoc/>
    public int SampleRate => 8000;

    /// <inheritdoc/>
    public int ClockRate => 8000;

    /// <inheritdoc/>
    public int Encode(ReadOnlySpan<short> samples, Span<byte> payload)
    {
        G711.EncodeMuLaw(samples, payload);
        return samples.Length;
    }

    /// <inheritdoc/>
    public int Decode(ReadOnlySpan<byte> payload, Span<short> samples)
    {
        G711.DecodeMuLaw(payload, samples);
        return payload.Length;
    }

    /// <inheritdoc/>
    public int SamplesOf(ReadOnlySpan<byte> payload) => payload.Length;
}
