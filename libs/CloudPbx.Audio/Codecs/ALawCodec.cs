namespace CloudPbx.Audio.Codecs;

/// <summary>PCMA: G.711 A-law at 64 kbit/s (RFC 3551 §4.5.14). Stateless.</summary>
public sealed class ALawCodec : IAudioCodec
{
    /// <inheritdoc/>
    public int SampleRate => 8000;

    /// <inheritdoc/>
    public int ClockRate => 8000;

    /// <inheritdoc/>
    public int Encode(ReadOnlySpan<short> samples, Span<byte> payload)
    {
        G711.EncodeALaw(samples, payload);
        return samples.Length;
    }

    /// <inheritdoc/>
    public int Decode(ReadOnlySpan<byte> payload, Span<short> samples)
    {
        G711.DecodeALaw(payload, samples);
        return payload.Length;
    }

    /// <inheritdoc/>
    public int SamplesOf(ReadOnlySpan<byte> payload) => payload.Length;
}
