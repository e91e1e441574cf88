using System.Numerics;

namespace CloudPbx.Audio.Codecs;

/// <summary>
/// The two laws of ITU-T G.711: one sample by tables that are computed once, many by vectors, which give the same. PCM is 16-bit; A-law uses its upper 13 bits, µ-law its
/// upper 14.
/// </summary>
/// <remarks>
/// The vectors let the processor find the segment: a number of single precision has the segment as its exponent, and the step as the first four bits of its fraction.
/// </remarks>
public static class G711
{
    /// <summary>The octet that is silence in A-law.</summary>
    public const byte ALawSilence = 0xD5;

    /// <summary>The octet that is silence in µ-law.</summary>
    public const byte MuLawSilence = 0xFF;

    private const int MuLawBias = 33;           // G.711 table 2: in 14-bit steps
    private const int MuLawClip = 8158;

    private const int StepShift = 19;           // a single has 23 bits of fraction, a step is the upper four
    private const int FirstExpanded = ((127 + 7) << 23) + (1 << (StepShift - 1));      // segment 0 and step 0, 2⁷, and half of a step
    private const short FirstALaw = (127 + 3) << 4, FirstMuLaw = (127 + 5) << 4;        // what stands for segment 0: A-law has 2⁴ in segment 1, µ-law 33 in segment 0
    private const short ALawLinear = 16;        // below, A-law's steps are all alike (segment 0)

    private static readonly short[] s_fromALaw = Table(DecodeALawSample);
    private static readonly short[] s_fromMuLaw = Table(DecodeMuLawSample);
    private static readonly byte[] s_toALaw = Table(EncodeALawSample, 4);
    private static readonly byte[] s_toMuLaw = Table(EncodeMuLawSample, 2);
    private static readonly byte[] s_muLawToALaw = Table(octet => ToALaw(FromMuLaw(octet)));
    private static readonly byte[] s_aLawToMuLaw = Table(octet => ToMuLaw(FromALaw(octet)));

    /// <summary>One A-law octet as a sample.</summary>
    /// <param name="octet">The octet as on the wire, even bits inverted.</param>
    /// <returns>The sample.</returns>
    public static short FromALaw(byte octet) => s_fromALaw[octet];

    /// <summary>One µ-law octet as a sample.</summary>
    /// <param name="octet">The octet as on the wire.</param>
    /// <returns>The sample.</returns>
    public static short FromMuLaw(byte octet) => s_fromMuLaw[octet];

    /// <summary>One sample as an A-law octet.</summary>
    /// <param name="sample">The sample.</param>
    /// <returns>The octet.</returns>
    public static byte ToALaw(short sample) => s_toALaw[(ushort)sample >> 4];

    /// <summary>One sample as a µ-law octet.</summary>
    /// <param name="sample">The sample.</param>
    /// <returns>The octet.</returns>
    public static byte ToMuLaw(short sample) => s_toMuLaw[(ushort)sample >> 2];

    /// <summary>Decodes A-law.</summary>
    /// <param name="octets">The octets.</param>
    /// <param name="samples">As many samples.</param>
    public static void DecodeALaw(ReadOnlySpan<byte> octets, Span<short> samples)
    {
        short[] table = s_fromALaw;
        samples = samples[..octets.Length];
        int i = 0;
        for (; Vector.IsHardwareAccelerated && i <= octets.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(octets[i..]) ^ new Vector<byte>(0x55), out Vector<ushort> low, out Vector<ushort> high);
            FromALaw(low).CopyTo(samples[i..]);
            FromALaw(high).CopyTo(samples[(i + Vector<short>.Count)..]);
        }
        for (; i < octets.Length; i++)
            samples[i] = table[octets[i]];
    }

    /// <summary>Decodes µ-law.</summary>
    /// <param name="octets">The octets.</param>
    /// <param name="samples">As many samples.</param>
    public static void DecodeMuLaw(ReadOnlySpan<byte> octets, Span<short> samples)
    {
        short[] table = s_fromMuLaw;
        samples = samples[..octets.Length];
        int i = 0;
        for (; Vector.IsHardwareAccelerated && i <= octets.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector.Widen(~new Vector<byte>(octets[i..]), out Vector<ushort> low, out Vector<ushort> high);
            FromMuLaw(low).CopyTo(samples[i..]);
            FromMuLaw(high).CopyTo(samples[(i + Vector<short>.Count)..]);
        }
        for (; i < octets.Length; i++)
            samples[i] = table[octets[i]];
    }

    /// <summary>Encodes A-law.</summary>
    /// <param name="samples">The samples.</param>
    /// <param name="octets">As many octets.</param>
    public static void EncodeALaw(ReadOnlySpan<short> samples, Span<byte> octets)
    {
        byte[] table = s_toALaw;
        octets = octets[..samples.Length];
        int i = 0;
        for (; Vector.IsHardwareAccelerated && i <= samples.Length - Vector<byte>.Count; i += Vector<byte>.Count)
            Vector.Narrow(ToALaw(new Vector<short>(samples[i..])), ToALaw(new Vector<short>(samples[(i + Vector<short>.Count)..]))).CopyTo(octets[i..]);
        for (; i < samples.Length; i++)
            octets[i] = table[(ushort)samples[i] >> 4];
    }

    /// <summary>Encodes µ-law.</summary>
    /// <param name="samples">The samples.</param>
    /// <param name="octets">As many octets.</param>
    public static void EncodeMuLaw(ReadOnlySpan<short> samples, Span<byte> octets)
    {
        byte[] table = s_toMuLaw;
        octets = octets[..samples.Length];
        int i = 0;
        for (; Vector.IsHardwareAccelerated && i <= samples.Length - Vector<byte>.Count; i += Vector<byte>.Count)
            Vector.Narrow(ToMuLaw(new Vector<short>(samples[i..])), ToMuLaw(new Vector<short>(samples[(i + Vector<short>.Count)..]))).CopyTo(octets[i..]);
        for (; i < samples.Length; i++)
            octets[i] = table[(ushort)samples[i] >> 2];
    }

    /// <summary>Makes µ-law A-law, in place, by way of linear samples (G.711 §3.6).</summary>
    /// <param name="octets">The octets.</param>
    public static void MuLawToALaw(Span<byte> octets)
    {
        byte[] table = s_muLawToALaw;
        int i = 0;
        for (; Vector.IsHardwareAccelerated && i <= octets.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector.Widen(~new Vector<byte>(octets[i..]), out Vector<ushort> low, out Vector<ushort> high);
            Vector.Narrow(ToALaw(FromMuLaw(low)), ToALaw(FromMuLaw(high))).CopyTo(octets[i..]);
        }
        for (; i < octets.Length; i++)
            octets[i] = table[octets[i]];
    }

    /// <summary>Makes A-law µ-law, in place, by way of linear samples (G.711 §3.6).</summary>
    /// <param name="octets">The octets.</param>
    public static void ALawToMuLaw(Span<byte> octets)
    {
        byte[] table = s_aLawToMuLaw;
        int i = 0;
        for (; Vector.IsHardwareAccelerated && i <= octets.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(octets[i..]) ^ new Vector<byte>(0x55), out Vector<ushort> low, out Vector<ushort> high);
            Vector.Narrow(ToMuLaw(FromALaw(low)), ToMuLaw(FromALaw(high))).CopyTo(octets[i..]);
        }
        for (; i < octets.Length; i++)
            octets[i] = table[octets[i]];
    }

    /// <summary>As <see cref="DecodeALawSample"/>, the even bits already inverted back.</summary>
    private static Vector<short> FromALaw(Vector<ushort> codes)
    {
        Vector<short> code = Vector.AsVectorInt16(codes) & new Vector<short>(0x7F);
        Vector<short> linear = Vector.ShiftLeft(code, 4) + new Vector<short>(8);
        Vector<short> magnitude = Vector.ConditionalSelect(Vector.LessThan(code, new Vector<short>(ALawLinear)), linear, Expand(code));
        Vector<short> negative = Vector.AsVectorInt16(Vector.Equals(codes & new Vector<ushort>(0x80), Vector<ushort>.Zero));
        return (magnitude ^ negative) - negative;
    }

    /// <summary>As <see cref="DecodeMuLawSample"/>, the bits already inverted.</summary>
    private static Vector<short> FromMuLaw(Vector<ushort> codes)
    {
        Vector<short> magnitude = Expand(Vector.AsVectorInt16(codes) & new Vector<short>(0x7F)) - new Vector<short>(4 * MuLawBias);
        Vector<short> positive = Vector.AsVectorInt16(Vector.Equals(codes & new Vector<ushort>(0x80), Vector<ushort>.Zero));
        return (magnitude ^ ~positive) - ~positive;
    }

    /// <summary>As <see cref="EncodeALawSample"/>, of whole samples.</summary>
    private static Vector<ushort> ToALaw(Vector<short> samples)
    {
        Vector<short> negative = Vector.ShiftRightArithmetic(samples, 15);
        Vector<short> magnitude = Vector.ShiftRightArithmetic(samples ^ negative, 4);
        Vector<short> code = Vector.ConditionalSelect(Vector.LessThan(magnitude, new Vector<short>(ALawLinear)), magnitude, Compress(magnitude) - new Vector<short>(FirstALaw));
        return Vector.AsVectorUInt16((code | (~negative & new Vector<short>(0x80))) ^ new Vector<short>(0x55));
    }

    /// <summary>As <see cref="EncodeMuLawSample"/>, of whole samples.</summary>
    private static Vector<ushort> ToMuLaw(Vector<short> samples)
    {
        Vector<short> negative = Vector.ShiftRightArithmetic(samples, 15);
        Vector<short> magnitude = Vector.Min(Vector.ShiftRightArithmetic(samples ^ negative, 2), new Vector<short>(MuLawClip)) + new Vector<short>(MuLawBias);
        Vector<short> code = Compress(magnitude) - new Vector<short>(FirstMuLaw);
        return Vector.AsVectorUInt16((code | (negative & new Vector<short>(0x80))) ^ new Vector<short>(0xFF));
    }

    /// <summary>Segment and step as a whole number: 2⁷ for the first, and half of a step more.</summary>
    private static Vector<short> Expand(Vector<short> code)
    {
        Vector.Widen(code, out Vector<int> low, out Vector<int> high);
        return Vector.Narrow(Expand(low), Expand(high));
    }

    private static Vector<int> Expand(Vector<int> code) =>
        Vector.ConvertToInt32Native(Vector.AsVectorSingle(Vector.ShiftLeft(code, StepShift) + new Vector<int>(FirstExpanded)));

    /// <summary>Exponent and the first four bits of the fraction.</summary>
    private static Vector<short> Compress(Vector<short> magnitude)
    {
        Vector.Widen(magnitude, out Vector<int> low, out Vector<int> high);
        return Vector.Narrow(Compress(low), Compress(high));
    }

    private static Vector<int> Compress(Vector<int> magnitude) => Vector.ShiftRightLogical(Vector.AsVectorInt32(Vector.ConvertToSingle(magnitude)), StepShift);

    /// <summary>G.711 table 1: sign, three bits of segment, four of step; the middle of the step is given out.</summary>
    private static short DecodeALawSample(int octet)
    {
        int code = octet ^ 0x55;
        int segment = (code >> 4) & 7;
        int magnitude = ((code & 0x0F) << 4) + 8;
        if (segment > 0)
            magnitude = (magnitude + 0x100) << (segment - 1);
        return (short)((code & 0x80) != 0 ? magnitude : -magnitude);
    }

    /// <summary>G.711 table 2, in 14-bit steps, widened by four.</summary>
    private static short DecodeMuLawSample(int octet)
    {
        int code = ~octet;
        int magnitude = (((2 * (code & 0x0F)) + MuLawBias) << ((code >> 4) & 7)) - MuLawBias;
        return (short)(4 * ((code & 0x80) != 0 ? -magnitude : magnitude));
    }

    /// <summary>From a 12-bit signed value (13 bits less the one that A-law cannot tell): decision values belong to the step further from zero.</summary>
    private static byte EncodeALawSample(int value)
    {
        int sign = value >= 0 ? 0x80 : 0;
        int magnitude = value >= 0 ? value : -value - 1;
        int segment = magnitude < 32 ? magnitude >> 4 : BitLength(magnitude) - 4;
        int step = segment < 2 ? magnitude & 0x0F : (magnitude >> (segment - 1)) & 0x0F;
        return (byte)((sign | (segment << 4) | step) ^ 0x55);
    }

    private static byte EncodeMuLawSample(int value)
    {
        int sign = value < 0 ? 0x80 : 0;
        int magnitude = Math.Min(value < 0 ? -value - 1 : value, MuLawClip) + MuLawBias;       // as ITU-T G.191's ulaw_compress
        int segment = BitLength(magnitude) - 6;
        return (byte)~(sign | (segment << 4) | ((magnitude >> (segment + 1)) & 0x0F));
    }

    private static int BitLength(int value) => 32 - int.LeadingZeroCount(value);

    private static short[] Table(Func<int, short> decode)
    {
        var table = new short[256];
        for (int i = 0; i < table.Length; i++)
            table[i] = decode(i);
        return table;
    }

    private static byte[] Table(Func<byte, byte> map)
    {
        byte[] table = new byte[256];
        for (int i = 0; i < table.Length; i++)
            table[i] = map((byte)i);
        return table;
    }

    /// <summary>The index is the upper bits of the 16-bit sample, the sign among them.</summary>
    private static byte[] Table(Func<int, byte> encode, int droppedBits)
    {
        var table = new byte[0x1_0000 >> droppedBits];
        for (int i = 0; i < table.Length; i++)
            table[i] = encode((short)(i << droppedBits) >> droppedBits);
        return table;
    }
}
