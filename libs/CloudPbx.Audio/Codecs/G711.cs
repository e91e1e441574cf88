namespace CloudPbx.Audio.Codecs;

/// <summary>The two laws of ITU-T G.711, by tables that are computed once. PCM is 16-bit; A-law uses its upper 13 bits, µ-law its upper 14.</summary>
public static class G711
{
    /// <summary>The octet that is silence in A-law.</summary>
    public const byte ALawSilence = 0xD5;

    /// <summary>The octet that is silence in µ-law.</summary>
    public const byte MuLawSilence = 0xFF;

    private const int MuLawBias = 33;           // G.711 table 2: in 14-bit steps
    private const int MuLawClip = 8158;

    private static readonly short[] s_fromALaw = Table(DecodeALawSample);
    private static readonly short[] s_fromMuLaw = Table(DecodeMuLawSample);
    private static readonly byte[] s_toALaw = Table(EncodeALawSample, 4);
    private static readonly byte[] s_toMuLaw = Table(EncodeMuLawSample, 2);

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
        for (int i = 0; i < octets.Length; i++)
            samples[i] = table[octets[i]];
    }

    /// <summary>Decodes µ-law.</summary>
    /// <param name="octets">The octets.</param>
    /// <param name="samples">As many samples.</param>
    public static void DecodeMuLaw(ReadOnlySpan<byte> octets, Span<short> samples)
    {
        short[] table = s_fromMuLaw;
        samples = samples[..octets.Length];
        for (int i = 0; i < octets.Length; i++)
            samples[i] = table[octets[i]];
    }

    /// <summary>Encodes A-law.</summary>
    /// <param name="samples">The samples.</param>
    /// <param name="octets">As many octets.</param>
    public static void EncodeALaw(ReadOnlySpan<short> samples, Span<byte> octets)
    {
        byte[] table = s_toALaw;
        octets = octets[..samples.Length];
        for (int i = 0; i < samples.Length; i++)
            octets[i] = table[(ushort)samples[i] >> 4];
    }

    /// <summary>Encodes µ-law.</summary>
    /// <param name="samples">The samples.</param>
    /// <param name="octets">As many octets.</param>
    public static void EncodeMuLaw(ReadOnlySpan<short> samples, Span<byte> octets)
    {
        byte[] table = s_toMuLaw;
        octets = octets[..samples.Length];
        for (int i = 0; i < samples.Length; i++)
            octets[i] = table[(ushort)samples[i] >> 2];
    }

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

    /// <summary>The index is the upper bits of the 16-bit sample, the sign among them.</summary>
    private static byte[] Table(Func<int, byte> encode, int droppedBits)
    {
        var table = new byte[0x1_0000 >> droppedBits];
        for (int i = 0; i < table.Length; i++)
            table[i] = encode((short)(i << droppedBits) >> droppedBits);
        return table;
    }
}
