namespace CloudPbx.Audio.Codecs;

/// <summary>
/// G.722 at 64 kbit/s (mode 1): 16 kHz audio in two sub-bands, one octet for two samples (ITU-T G.722). The RTP clock says 8000 by a
/// mistake that became the standard (RFC 3551 §4.5.2).
/// </summary>
/// <remarks>Allocation-free per call. Encoder and decoder state are separate, so one instance serves both directions of one stream.</remarks>
public sealed class G722Codec : IAudioCodec
{
    private const int FilterLength = 24;

    // Table 11, the first half; the second half mirrors it.
    private static readonly short[] s_filter = [3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11];

    private readonly G722Band _encodeLow = new(32), _encodeHigh = new(8), _decodeLow = new(32), _decodeHigh = new(8);
    private readonly int[] _transmit = new int[FilterLength], _receive = new int[FilterLength];

    /// <inheritdoc/>
    public int SampleRate => 16000;

    /// <inheritdoc/>
    public int ClockRate => 8000;

    /// <inheritdoc/>
    public int Encode(ReadOnlySpan<short> samples, Span<byte> payload)
    {
        Span<int> line = _transmit;
        int written = 0;
        for (int i = 0; i + 1 < samples.Length; i += 2)
        {
            line[2..].CopyTo(line);
            line[^2] = samples[i];
            line[^1] = samples[i + 1];
            int odd = 0, even = 0;
            for (int k = 0; k < s_filter.Length; k++)
            {
                odd += line[2 * k] * s_filter[k];
                even += line[(2 * k) + 1] * s_filter[s_filter.Length - 1 - k];
            }
            int low = _encodeLow.QuantiseLow((even + odd) >> 14);
            int high = _encodeHigh.QuantiseHigh((even - odd) >> 14);
            _encodeLow.AdaptLow(low);
            _encodeHigh.AdaptHigh(high);
            payload[written++] = (byte)((high << 6) | low);
        }
        return written;
    }

    /// <inheritdoc/>
    public int Decode(ReadOnlySpan<byte> payload, Span<short> samples)
    {
        Span<int> line = _receive;
        int written = 0;
        foreach (byte code in payload)
        {
            int low = _decodeLow.ReconstructLow(code & 0x3F);
            int high = _decodeHigh.ReconstructHigh(code >> 6);
            _decodeLow.AdaptLow(code & 0x3F);
            _decodeHigh.AdaptHigh(code >> 6);
            line[2..].CopyTo(line);
            line[^2] = low + high;
            line[^1] = low - high;
            int first = 0, second = 0;
            for (int k = 0; k < s_filter.Length; k++)
            {
                second += line[2 * k] * s_filter[k];
                first += line[(2 * k) + 1] * s_filter[s_filter.Length - 1 - k];
            }
            samples[written++] = (short)Math.Clamp(first >> 11, short.MinValue, short.MaxValue);
            samples[written++] = (short)Math.Clamp(second >> 11, short.MinValue, short.MaxValue);
        }
        return written;
    }

    /// <inheritdoc/>
    public int SamplesOf(ReadOnlySpan<byte> payload) => payload.Length * 2;
}
