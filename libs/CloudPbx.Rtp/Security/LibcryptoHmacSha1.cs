using System.Buffers.Binary;
using System.Security.Cryptography;

namespace CloudPbx.Rtp.Security;

/// <summary>
/// HMAC on libcrypto's SHA-1, which uses the processor's SHA instructions. The states after the inner and the outer pad are kept, so a
/// packet costs its own blocks and two more.
/// </summary>
internal sealed unsafe class LibcryptoHmacSha1 : HmacSha1
{
    private const int HashBlockLength = 64;
    private const int StateLength = 96;             // sizeof(SHA_CTX): 5 + 2 + 16 + 1 words of 32 bits
    // Without the collector's part in a call: a packet's hash takes a tenth of a microsecond, and nobody waits that long for a collection to begin.
    private static readonly delegate* unmanaged[SuppressGCTransition]<byte*, int> s_init;
    private static readonly delegate* unmanaged[SuppressGCTransition]<byte*, byte*, nuint, int> s_update;
    private static readonly delegate* unmanaged[SuppressGCTransition]<byte*, byte*, int> s_final;

    private readonly byte[] _inner = new byte[StateLength], _outer = new byte[StateLength];

    static LibcryptoHmacSha1()
    {
        if (!Libcrypto.TryGet("SHA1_Init", out nint init) || !Libcrypto.TryGet("SHA1_Update", out nint update) || !Libcrypto.TryGet("SHA1_Final", out nint final))
            return;
        s_init = (delegate* unmanaged[SuppressGCTransition]<byte*, int>)init;
        s_update = (delegate* unmanaged[SuppressGCTransition]<byte*, byte*, nuint, int>)update;
        s_final = (delegate* unmanaged[SuppressGCTransition]<byte*, byte*, int>)final;
        IsSupported = AgreesWithPlatform();
    }

    public LibcryptoHmacSha1(ReadOnlySpan<byte> key)
    {
        Begin(_inner, key, 0x36);
        Begin(_outer, key, 0x5C);
    }

    /// <summary>True if the library is there and computes what the platform computes.</summary>
    public static bool IsSupported { get; }

    public override void Compute(ReadOnlySpan<byte> packet, uint word, Span<byte> digest)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(digest.Length, DigestLength);
        byte* state = stackalloc byte[StateLength];
        byte* suffix = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(new Span<byte>(suffix, 4), word);
        fixed (byte* input = packet, output = digest)
        {
            _inner.CopyTo(new Span<byte>(state, StateLength));
            s_update(state, input, (nuint)packet.Length);
            s_update(state, suffix, 4);
            s_final(output, state);
            _outer.CopyTo(new Span<byte>(state, StateLength));
            s_update(state, output, DigestLength);
            s_final(output, state);
        }
    }

    public override void Dispose()
    {
        CryptographicOperations.ZeroMemory(_inner);
        CryptographicOperations.ZeroMemory(_outer);
    }

    private static void Begin(byte[] state, ReadOnlySpan<byte> key, byte pad)
    {
        Span<byte> block = stackalloc byte[HashBlockLength];
        block.Fill(pad);
        for (int i = 0; i < key.Length; i++)            // SRTP's keys have 20 octets: shorter than a block
            block[i] ^= key[i];
        fixed (byte* p = state, input = block)
        {
            s_init(p);
            s_update(p, input, HashBlockLength);
        }
        CryptographicOperations.ZeroMemory(block);
    }

    /// <summary>The state's layout is libcrypto's affair: trust it only after it has given a right answer.</summary>
    private static bool AgreesWithPlatform()
    {
        Span<byte> ours = stackalloc byte[DigestLength], theirs = stackalloc byte[DigestLength];
        ReadOnlySpan<byte> key = "twenty octets of key"u8, message = "a message that is longer than one block of the hash, to be sure of it"u8;
        using var native = new LibcryptoHmacSha1(key);
        using var platform = new PlatformHmacSha1(key);
        native.Compute(message, 0x01020304, ours);
        platform.Compute(message, 0x01020304, theirs);
        return ours.SequenceEqual(theirs);
    }
}
