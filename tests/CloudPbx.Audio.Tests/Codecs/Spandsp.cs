using System.Runtime.InteropServices;

namespace CloudPbx.Audio.Tests.Codecs;

/// <summary>Debian's libspandsp2, if it is there: another hand's G.711 and G.722, which passes ITU-T's own test sequences.</summary>
internal static unsafe partial class Spandsp
{
    private const string Library = "libspandsp.so.2";

    public static bool IsPresent { get; } = NativeLibrary.TryLoad(Library, out _);

    [LibraryImport(Library)]
    private static partial nint g722_encode_init(nint state, int rate, int options);

    [LibraryImport(Library)]
    private static partial int g722_encode(nint state, byte* octets, short* samples, int length);

    [LibraryImport(Library)]
    private static partial int g722_encode_free(nint state);

    [LibraryImport(Library)]
    private static partial nint g722_decode_init(nint state, int rate, int options);

    [LibraryImport(Library)]
    private static partial int g722_decode(nint state, short* samples, byte* octets, int length);

    [LibraryImport(Library)]
    private static partial int g722_decode_free(nint state);

    public static byte[] EncodeG722(short[] samples)
    {
        nint state = g722_encode_init(0, 64000, 0);
        byte[] octets = new byte[samples.Length / 2];
        fixed (byte* o = octets)
        fixed (short* s = samples)
            _ = g722_encode(state, o, s, samples.Length);
        _ = g722_encode_free(state);
        return octets;
    }

    public static short[] DecodeG722(byte[] octets)
    {
        nint state = g722_decode_init(0, 64000, 0);
        short[] samples = new short[octets.Length * 2];
        fixed (byte* o = octets)
        fixed (short* s = samples)
            _ = g722_decode(state, s, o, octets.Length);
        _ = g722_decode_free(state);
        return samples;
    }
}
