using System.Buffers.Binary;
using System.Numerics;

namespace CloudPbx.Sip.Hashing;

/// <summary>SipHash-2-4 with 128 bits of output (Aumasson, Bernstein 2012): a keyed pseudo-random function for short texts, a tenth of HMAC-SHA256's cost.</summary>
/// <remarks>For what must be unguessable while a transaction lives. Allocation-free.</remarks>
internal static class SipHash
{
    /// <summary>The octets of a key.</summary>
    public const int KeyLength = 16;

    /// <summary>The octets of a hash.</summary>
    public const int HashLength = 16;

    /// <summary>Hashes a text.</summary>
    /// <param name="key"><see cref="KeyLength"/> octets.</param>
    /// <param name="text">The text.</param>
    /// <param name="hash">Takes <see cref="HashLength"/> octets.</param>
    public static void Hash(ReadOnlySpan<byte> key, ReadOnlySpan<byte> text, Span<byte> hash)
    {
        ulong k0 = BinaryPrimitives.ReadUInt64LittleEndian(key);
        ulong k1 = BinaryPrimitives.ReadUInt64LittleEndian(key[8..]);
        ulong v0 = k0 ^ 0x736f6d6570736575, v1 = k1 ^ 0x646f72616e646f6d ^ 0xee, v2 = k0 ^ 0x6c7967656e657261, v3 = k1 ^ 0x7465646279746573;
        ulong last = (ulong)text.Length << 56;
        for (; text.Length >= 8; text = text[8..])
            Compress(ref v0, ref v1, ref v2, ref v3, BinaryPrimitives.ReadUInt64LittleEndian(text));
        for (int i = 0; i < text.Length; i++)
            last |= (ulong)text[i] << (8 * i);
        Compress(ref v0, ref v1, ref v2, ref v3, last);
        v2 ^= 0xee;
        Finish(ref v0, ref v1, ref v2, ref v3);
        BinaryPrimitives.WriteUInt64LittleEndian(hash, v0 ^ v1 ^ v2 ^ v3);
        v1 ^= 0xdd;
        Finish(ref v0, ref v1, ref v2, ref v3);
        BinaryPrimitives.WriteUInt64LittleEndian(hash[8..], v0 ^ v1 ^ v2 ^ v3);
    }

    private static void Compress(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3, ulong word)
    {
        v3 ^= word;
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        v0 ^= word;
    }

    private static void Finish(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        for (int i = 0; i < 4; i++)
            Round(ref v0, ref v1, ref v2, ref v3);
    }

    private static void Round(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v0 += v1;
        v1 = BitOperations.RotateLeft(v1, 13) ^ v0;
        v0 = BitOperations.RotateLeft(v0, 32);
        v2 += v3;
        v3 = BitOperations.RotateLeft(v3, 16) ^ v2;
        v0 += v3;
        v3 = BitOperations.RotateLeft(v3, 21) ^ v0;
        v2 += v1;
        v1 = BitOperations.RotateLeft(v1, 17) ^ v2;
        v2 = BitOperations.RotateLeft(v2, 32);
    }
}
