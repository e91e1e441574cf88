namespace CloudPbx.Audio.Codecs;

/// <summary>G.722 at 64 kbit/s: 16 kHz audio in two sub-bands (ITU-T G.722; RTP clock 8000 by RFC 3551 §4.5.2).</summary>
public sealed class G722Codec : IAudioCodec
{
    /// <inheritdoc/>
    public int SampleRate => 16000;

    /// <inheritdoc/>
    public int ClockRate => 8000;

    /// <inheritdoc/>
    public int Encode(ReadOnlySpan<short> samples, Span<byte> payload) => throw new NotImplementedException();

    /// <inheritdoc/>
    public int Decode(ReadOnlySpan<byte> payload, Span<short> samples) => throw new NotImplementedException();

    /// <inheritdoc/>
    public int SamplesOf(int payloadLength) => payloadLength * 2;
}
