using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace CloudPbx.Rtp.Security;

/// <summary>
/// HMAC on libcrypto's SHA-1, which uses the processor's SHA instructions: the states after the inner and the outer pad, so that a packet costs its own blocks and
/// one more. Blocks are padded here (RFC 3174 §4): the library hashes whole ones only, and copies none.
/// </summary>
/// <remarks>A value, so that it can lie where its owner wants it: a packet touches as few cache lines as can be. Whoever holds a copy wipes it.</remarks>
internal unsafe struct HmacSha1States
{
    private const int BlockLength = 64, LengthLength = 8, DigestLength = HmacSha1.DigestLength;
    private const int StateLength = 96;             // sizeof(SHA_CTX): 5 + 2 + 16 + 1 words of 32 bits
    private const int NumberOffset = 92;            // its last word: octets of a block that is not full
    private const int LongestCopied = 5 * BlockLength;  // a call of the library costs more than copying 20 ms of G.711 does
    // Without the collector's part in a call: a packet's hash takes a tenth of a microsecond, and nobody waits that long for a collection to begin.
    private static readonly delegate* unmanaged[SuppressGCTransition]<byte*, int> s_init;
    private static readonly delegate* unmanaged[SuppressGCTransition]<byte*, byte*, nuint, int> s_update;

    private Words _inner, _outer;

    static HmacSha1States()
    {
        if (!Libcrypto.TryGet("SHA1_Init", out nint init) || !Libcrypto.TryGet("SHA1_Update", out nint update))
            return;
        s_init = (delegate* unmanaged[SuppressGCTransition]<byte*, int>)init;
        s_update = (delegate* unmanaged[SuppressGCTransition]<byte*, byte*, nuint, int>)update;
        IsSupported = AgreesWithPlatform();
    }

    public HmacSha1States(ReadOnlySpan<byte> key)
    {
        _inner = Begin(key, 0x36);
        _outer = Begin(key, 0x5C);
    }

    /// <summary>True if the library is there and computes what the platform computes.</summary>
    public static bool IsSupported { get; }

    /// <summary>As <see cref="HmacSha1.Compute"/>.</summary>
    [SkipLocalsInit]
    public readonly void Compute(ReadOnlySpan<byte> packet, uint word, Span<byte> digest)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(digest.Length, DigestLength);
        byte* state = stackalloc byte[StateLength];
        byte* last = stackalloc byte[LongestCopied + (2 * BlockLength)];
        int whole = packet.Length < LongestCopied ? 0 : packet.Length & -BlockLength, rest = packet.Length - whole;
        Load(state, _inner);
        fixed (byte* input = packet)
        {
            if (whole > 0)
                s_update(state, input, (nuint)whole);
        }
        packet[whole..].CopyTo(new Span<byte>(last, rest));
        BinaryPrimitives.WriteUInt32BigEndian(new Span<byte>(last + rest, sizeof(uint)), word);
        Finish(state, last, rest + sizeof(uint), packet.Length + sizeof(uint));
        Store(state, last);
        Load(state, _outer);
        Finish(state, last, DigestLength, DigestLength);
        Store(state, last);
        new ReadOnlySpan<byte>(last, DigestLength).CopyTo(digest);
    }

    /// <summary>Hashes the last octets of a message that followed a pad, with the end that RFC 3174 §4 gives it.</summary>
    private static void Finish(byte* state, byte* last, int rest, int length)
    {
        int padded = (rest + 1 + LengthLength + BlockLength - 1) & -BlockLength;
        last[rest] = 0x80;
        new Span<byte>(last + rest + 1, padded - rest - 1 - LengthLength).Clear();
        BinaryPrimitives.WriteUInt64BigEndian(new Span<byte>(last + padded - LengthLength, LengthLength), (ulong)(BlockLength + length) * 8);
        s_update(state, last, (nuint)padded);
    }

    private static void Load(byte* state, in Words words)
    {
        *(Words*)state = words;
        *(ulong*)(state + sizeof(Words)) = 0;       // the library's count of bits is not asked for
        *(uint*)(state + NumberOffset) = 0;
    }

    private static void Store(byte* state, byte* digest)
    {
        for (int i = 0; i < DigestLength; i += sizeof(uint))
            *(uint*)(digest + i) = BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(*(uint*)(state + i)) : *(uint*)(state + i);
    }

    private static Words Begin(ReadOnlySpan<byte> key, byte pad)
    {
        byte* state = stackalloc byte[StateLength];
        Span<byte> block = stackalloc byte[BlockLength];
        block.Fill(pad);
        for (int i = 0; i < key.Length; i++)            // SRTP's keys have 20 octets: shorter than a block
            block[i] ^= key[i];
        s_init(state);
        fixed (byte* input = block)
            s_update(state, input, BlockLength);
        CryptographicOperations.ZeroMemory(block);
        return *(Words*)state;
    }

    /// <summary>The state's layout is libcrypto's affair: trust it only after it has given a right answer.</summary>
    private static bool AgreesWithPlatform()
    {
        Span<byte> ours = stackalloc byte[DigestLength], theirs = stackalloc byte[DigestLength], message = stackalloc byte[7 * BlockLength];
        for (int i = 0; i < message.Length; i++)
            message[i] = (byte)(i * 7);
        ReadOnlySpan<byte> key = "twenty octets of key"u8;
        HmacSha1States native = new(key);
        using var platform = new PlatformHmacSha1(key);
        foreach (int length in (ReadOnlySpan<int>)[12, 51, 52, 60, 64, 172, 319, 320, 400])
        {
            native.Compute(message[..length], 0x01020304, ours);
            platform.Compute(message[..length], 0x01020304, theirs);
            if (!ours.SequenceEqual(theirs))
                return false;
        }
        return true;
    }

    /// <summary>The five words of a state (RFC 3174 §6.1), the first ones of libcrypto's.</summary>
    [InlineArray(DigestLength / sizeof(uint))]
    private struct Words
    {
        private uint _first;
    }
}
