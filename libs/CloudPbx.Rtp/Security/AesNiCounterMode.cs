using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using AesNi = System.Runtime.Intrinsics.X86.Aes;

namespace CloudPbx.Rtp.Security;

/// <summary>Counter mode on the AES instructions of x86, four blocks in flight.</summary>
internal sealed class AesNiCounterMode : AesCounterMode
{
    private const int Rounds = 10;
    private readonly Vector128<byte>[] _keys = new Vector128<byte>[Rounds + 1];

    public AesNiCounterMode(ReadOnlySpan<byte> key)
    {
        Vector128<byte> k = Vector128.Create(key);
        _keys[0] = k;
        _keys[1] = k = Next(k, AesNi.KeygenAssist(k, 0x01));
        _keys[2] = k = Next(k, AesNi.KeygenAssist(k, 0x02));
        _keys[3] = k = Next(k, AesNi.KeygenAssist(k, 0x04));
        _keys[4] = k = Next(k, AesNi.KeygenAssist(k, 0x08));
        _keys[5] = k = Next(k, AesNi.KeygenAssist(k, 0x10));
        _keys[6] = k = Next(k, AesNi.KeygenAssist(k, 0x20));
        _keys[7] = k = Next(k, AesNi.KeygenAssist(k, 0x40));
        _keys[8] = k = Next(k, AesNi.KeygenAssist(k, 0x80));
        _keys[9] = k = Next(k, AesNi.KeygenAssist(k, 0x1B));
        _keys[10] = Next(k, AesNi.KeygenAssist(k, 0x36));
    }

    public static bool IsSupported => AesNi.IsSupported && Sse2.IsSupported;

    public override void Apply(Span<byte> data, ReadOnlySpan<byte> counter)
    {
        ReadOnlySpan<Vector128<byte>> keys = _keys;
        Vector128<ushort> first = Vector128.Create(counter).AsUInt16();
        int block = 0;
        while (data.Length >= 4 * BlockLength)
        {
            Vector128<byte> a = At(first, block) ^ keys[0], b = At(first, block + 1) ^ keys[0];
            Vector128<byte> c = At(first, block + 2) ^ keys[0], d = At(first, block + 3) ^ keys[0];
            for (int round = 1; round < Rounds; round++)
            {
                Vector128<byte> key = keys[round];
                a = AesNi.Encrypt(a, key);
                b = AesNi.Encrypt(b, key);
                c = AesNi.Encrypt(c, key);
                d = AesNi.Encrypt(d, key);
            }
            Span<Vector128<byte>> blocks = MemoryMarshal.Cast<byte, Vector128<byte>>(data[..(4 * BlockLength)]);
            blocks[0] ^= AesNi.EncryptLast(a, keys[Rounds]);
            blocks[1] ^= AesNi.EncryptLast(b, keys[Rounds]);
            blocks[2] ^= AesNi.EncryptLast(c, keys[Rounds]);
            blocks[3] ^= AesNi.EncryptLast(d, keys[Rounds]);
            data = data[(4 * BlockLength)..];
            block += 4;
        }
        while (!data.IsEmpty)
        {
            Vector128<byte> a = At(first, block++) ^ keys[0];
            for (int round = 1; round < Rounds; round++)
                a = AesNi.Encrypt(a, keys[round]);
            a = AesNi.EncryptLast(a, keys[Rounds]);
            if (data.Length >= BlockLength)
            {
                (Vector128.Create<byte>(data) ^ a).CopyTo(data);
                data = data[BlockLength..];
                continue;
            }
            for (int i = 0; i < data.Length; i++)
                data[i] ^= a.GetElement(i);
            break;
        }
    }

    public override void Dispose() => CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_keys.AsSpan()));

    private static Vector128<byte> At(Vector128<ushort> first, int block) =>
        first.WithElement(7, BinaryPrimitives.ReverseEndianness((ushort)block)).AsByte();

    /// <summary>FIPS 197 §5.2: the next round key from the last and the assisted word.</summary>
    private static Vector128<byte> Next(Vector128<byte> key, Vector128<byte> assist)
    {
        Vector128<byte> word = Sse2.Shuffle(assist.AsUInt32(), 0xFF).AsByte();
        key ^= Sse2.ShiftLeftLogical128BitLane(key, 4);
        key ^= Sse2.ShiftLeftLogical128BitLane(key, 4);
        key ^= Sse2.ShiftLeftLogical128BitLane(key, 4);
        return key ^ word;
    }
}
