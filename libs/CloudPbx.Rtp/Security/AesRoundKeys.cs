using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using AesNi = System.Runtime.Intrinsics.X86.Aes;

namespace CloudPbx.Rtp.Security;

/// <summary>The round keys of AES for the instructions of x86, and counter mode on them, four blocks in flight.</summary>
/// <remarks>A value, so that it can lie where its owner wants it: a packet touches as few cache lines as can be. Whoever holds a copy wipes it.</remarks>
internal struct AesRoundKeys
{
    private const int RoundsOf128 = 10, RoundsOf256 = 14;   // FIPS 197 §5: with a key of 16 octets, and with one of 32
    private const int BlockLength = 16, Flight = 4;

    private readonly int _rounds;
    private RoundKeys _keys;

    public AesRoundKeys(ReadOnlySpan<byte> key)
    {
        _rounds = key.Length == 32 ? RoundsOf256 : RoundsOf128;
        if (_rounds == RoundsOf256)
            Expand256(key, _keys);
        else
            Expand128(key, _keys);
    }

    public static bool IsSupported => AesNi.IsSupported && Sse2.IsSupported;

    /// <summary>As <see cref="AesCounterMode.Apply"/>.</summary>
    [SkipLocalsInit]
    public readonly void Apply(Span<byte> data, ReadOnlySpan<byte> counter)
    {
        ReadOnlySpan<Vector128<byte>> keys = _keys;
        keys = keys[..(_rounds + 1)];
        Vector128<ushort> first = Vector128.Create(counter).AsUInt16();
        Span<Vector128<byte>> stream = stackalloc Vector128<byte>[Flight];
        for (int block = 0; !data.IsEmpty; block += Flight)
        {
            Vector128<byte> a = At(first, block) ^ keys[0], b = At(first, block + 1) ^ keys[0];
            Vector128<byte> c = At(first, block + 2) ^ keys[0], d = At(first, block + 3) ^ keys[0];
            for (int round = 1; round < keys.Length - 1; round++)
            {
                Vector128<byte> key = keys[round];
                a = AesNi.Encrypt(a, key);
                b = AesNi.Encrypt(b, key);
                c = AesNi.Encrypt(c, key);
                d = AesNi.Encrypt(d, key);
            }
            Vector128<byte> last = keys[^1];
            a = AesNi.EncryptLast(a, last);
            b = AesNi.EncryptLast(b, last);
            c = AesNi.EncryptLast(c, last);
            d = AesNi.EncryptLast(d, last);
            if (data.Length < Flight * BlockLength)
            {
                (stream[0], stream[1], stream[2], stream[3]) = (a, b, c, d);
                Combine(data, MemoryMarshal.AsBytes(stream));
                return;
            }
            Span<Vector128<byte>> blocks = MemoryMarshal.Cast<byte, Vector128<byte>>(data[..(Flight * BlockLength)]);
            blocks[0] ^= a;
            blocks[1] ^= b;
            blocks[2] ^= c;
            blocks[3] ^= d;
            data = data[(Flight * BlockLength)..];
        }
    }

    /// <summary>The rest, shorter than what is in flight: one block takes as long as four.</summary>
    private static void Combine(Span<byte> data, ReadOnlySpan<byte> stream)
    {
        while (data.Length >= BlockLength)
        {
            (Vector128.Create<byte>(data) ^ Vector128.Create(stream)).CopyTo(data);
            data = data[BlockLength..];
            stream = stream[BlockLength..];
        }
        for (int i = 0; i < data.Length; i++)
            data[i] ^= stream[i];
    }

    private static Vector128<byte> At(Vector128<ushort> first, int block) =>
        first.WithElement(7, BinaryPrimitives.ReverseEndianness((ushort)block)).AsByte();

    private static void Expand128(ReadOnlySpan<byte> key, Span<Vector128<byte>> keys)
    {
        Vector128<byte> k = keys[0] = Vector128.Create(key);
        keys[1] = k = Next(k, AesNi.KeygenAssist(k, 0x01));
        keys[2] = k = Next(k, AesNi.KeygenAssist(k, 0x02));
        keys[3] = k = Next(k, AesNi.KeygenAssist(k, 0x04));
        keys[4] = k = Next(k, AesNi.KeygenAssist(k, 0x08));
        keys[5] = k = Next(k, AesNi.KeygenAssist(k, 0x10));
        keys[6] = k = Next(k, AesNi.KeygenAssist(k, 0x20));
        keys[7] = k = Next(k, AesNi.KeygenAssist(k, 0x40));
        keys[8] = k = Next(k, AesNi.KeygenAssist(k, 0x80));
        keys[9] = k = Next(k, AesNi.KeygenAssist(k, 0x1B));
        keys[10] = Next(k, AesNi.KeygenAssist(k, 0x36));
    }

    /// <summary>Two halves in turn: the even ones with rotation and round constant, the odd ones with the substitution alone.</summary>
    private static void Expand256(ReadOnlySpan<byte> key, Span<Vector128<byte>> keys)
    {
        Vector128<byte> even = keys[0] = Vector128.Create(key), odd = keys[1] = Vector128.Create(key[16..]);
        keys[2] = even = Next(even, AesNi.KeygenAssist(odd, 0x01));
        keys[3] = odd = NextOdd(odd, even);
        keys[4] = even = Next(even, AesNi.KeygenAssist(odd, 0x02));
        keys[5] = odd = NextOdd(odd, even);
        keys[6] = even = Next(even, AesNi.KeygenAssist(odd, 0x04));
        keys[7] = odd = NextOdd(odd, even);
        keys[8] = even = Next(even, AesNi.KeygenAssist(odd, 0x08));
        keys[9] = odd = NextOdd(odd, even);
        keys[10] = even = Next(even, AesNi.KeygenAssist(odd, 0x10));
        keys[11] = odd = NextOdd(odd, even);
        keys[12] = even = Next(even, AesNi.KeygenAssist(odd, 0x20));
        keys[13] = odd = NextOdd(odd, even);
        keys[14] = Next(even, AesNi.KeygenAssist(odd, 0x40));
    }

    /// <summary>FIPS 197 §5.2: the next round key from the last and the assisted word, rotated and with the round constant.</summary>
    private static Vector128<byte> Next(Vector128<byte> key, Vector128<byte> assist) => Chain(key) ^ Sse2.Shuffle(assist.AsUInt32(), 0xFF).AsByte();

    /// <summary>FIPS 197 §5.2, the case i mod 8 = 4 of 256-bit keys.</summary>
    private static Vector128<byte> NextOdd(Vector128<byte> odd, Vector128<byte> even) =>
        Chain(odd) ^ Sse2.Shuffle(AesNi.KeygenAssist(even, 0).AsUInt32(), 0xAA).AsByte();

    private static Vector128<byte> Chain(Vector128<byte> key)
    {
        key ^= Sse2.ShiftLeftLogical128BitLane(key, 4);
        key ^= Sse2.ShiftLeftLogical128BitLane(key, 4);
        return key ^ Sse2.ShiftLeftLogical128BitLane(key, 4);
    }

    [InlineArray(RoundsOf256 + 1)]
    private struct RoundKeys
    {
        private Vector128<byte> _first;
    }
}
