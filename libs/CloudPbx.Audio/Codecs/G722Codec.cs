using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CloudPbx.Audio.Codecs;

/// <summary>
/// G.722 at 64 kbit/s (mode 1): 16 kHz audio in two sub-bands, one octet for two samples (ITU-T G.722). The RTP clock says 8000 by a
/// mistake that became the standard (RFC 3551 §4.5.2).
/// </summary>
/// <remarks>Allocation-free per call. Encoder and decoder state are separate, so one instance serves both directions of one stream.</remarks>
public sealed class G722Codec : IAudioCodec
{
    private const int FilterLength = 24, Kept = FilterLength - 2;
    private const int PartCodes = 160;                      // at a time, so that the line fits on the stack

    // Table 11, the first half (the second mirrors it), once for every use: what is multiplied with a line of samples whose even and odd places have taps of their own.
    private static readonly short[] s_filter = [3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11];
    private static readonly short[] s_sum = Taps(1, 1), s_difference = Taps(-1, 1), s_first = Taps(0, 1), s_second = Taps(1, 0);

    private readonly G722Band _encodeLow = new(32), _encodeHigh = new(8), _decodeLow = new(32), _decodeHigh = new(8);
    private readonly short[] _transmit = new short[Kept], _receive = new short[Kept];

    /// <inheritdoc/>
    public int SampleRate => 16000;

    /// <inheritdoc/>
    public int ClockRate => 8000;

    /// <inheritdoc/>
    public int Encode(ReadOnlySpan<short> samples, Span<byte> payload)
    {
        int written = 0;
        Span<short> line = stackalloc short[Kept + (2 * PartCodes)];
        samples = samples[..(samples.Length & ~1)];
        while (!samples.IsEmpty)
        {
            ReadOnlySpan<short> part = samples[..Math.Min(samples.Length, 2 * PartCodes)];
            _transmit.CopyTo(line);
            part.CopyTo(line[Kept..]);
            for (int i = 0; i < part.Length; i += 2)
            {
                // Odd and even taps' sums are the bands' sum and difference (§3.2: x_L, x_H).
                ReadOnlySpan<short> window = line.Slice(i, FilterLength);
                int low = _encodeLow.QuantiseLow(Dot(window, s_sum) >> 14);
                int high = _encodeHigh.QuantiseHigh(Dot(window, s_difference) >> 14);
                _encodeLow.AdaptLow(low);
                _encodeHigh.AdaptHigh(high);
                payload[written++] = (byte)((high << 6) | low);
            }
            line.Slice(part.Length, Kept).CopyTo(_transmit);
            samples = samples[part.Length..];
        }
        return written;
    }

    /// <inheritdoc/>
    public int Decode(ReadOnlySpan<byte> payload, Span<short> samples)
    {
        int written = 0;
        Span<short> line = stackalloc short[Kept + (2 * PartCodes)];
        while (!payload.IsEmpty)
        {
            ReadOnlySpan<byte> part = payload[..Math.Min(payload.Length, PartCodes)];
            _receive.CopyTo(line);
            for (int i = 0; i < part.Length; i++)
            {
                int code = part[i];
                int low = _decodeLow.ReconstructLow(code & 0x3F);
                int high = _decodeHigh.ReconstructHigh(code >> 6);
                _decodeLow.AdaptLow(code & 0x3F);
                _decodeHigh.AdaptHigh(code >> 6);
                // Both are of 15 bits, so that their sum and difference are of 16.
                line[Kept + (2 * i)] = (short)(low + high);
                line[Kept + (2 * i) + 1] = (short)(low - high);
                ReadOnlySpan<short> window = line.Slice(2 * i, FilterLength);
                samples[written++] = (short)Math.Clamp(Dot(window, s_first) >> 11, short.MinValue, short.MaxValue);
                samples[written++] = (short)Math.Clamp(Dot(window, s_second) >> 11, short.MinValue, short.MaxValue);
            }
            line.Slice(2 * part.Length, Kept).CopyTo(_receive);
            payload = payload[part.Length..];
        }
        return written;
    }

    /// <inheritdoc/>
    public int SamplesOf(ReadOnlySpan<byte> payload) => payload.Length * 2;

    /// <summary>The sum of products of 24 samples and taps; sums of two neighbours at once where the processor can.</summary>
    internal static int Dot(ReadOnlySpan<short> window, ReadOnlySpan<short> taps)
    {
        if (!Sse2.IsSupported)
            return DotScalar(window, taps);
        ref short sample = ref MemoryMarshal.GetReference(window), tap = ref MemoryMarshal.GetReference(taps);
        Vector128<int> sums = Sse2.MultiplyAddAdjacent(Vector128.LoadUnsafe(ref sample), Vector128.LoadUnsafe(ref tap))
            + Sse2.MultiplyAddAdjacent(Vector128.LoadUnsafe(ref sample, 8), Vector128.LoadUnsafe(ref tap, 8))
            + Sse2.MultiplyAddAdjacent(Vector128.LoadUnsafe(ref sample, 16), Vector128.LoadUnsafe(ref tap, 16));
        return Vector128.Sum(sums);
    }

    /// <summary><see cref="Dot"/>, one by one.</summary>
    internal static int DotScalar(ReadOnlySpan<short> window, ReadOnlySpan<short> taps)
    {
        int sum = 0;
        for (int i = 0; i < FilterLength; i++)
            sum += window[i] * taps[i];
        return sum;
    }

    private static short[] Taps(int even, int odd)
    {
        short[] taps = new short[FilterLength];
        for (int k = 0; k < s_filter.Length; k++)
            (taps[2 * k], taps[(2 * k) + 1]) = ((short)(even * s_filter[k]), (short)(odd * s_filter[s_filter.Length - 1 - k]));
        return taps;
    }
}
