using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using CloudPbx.Net.Memory;
using CloudPbx.Sip.Hashing;
using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.Authentication;

/// <summary>
/// Makes and reads the nonces of digest challenges (RFC 7616 §3.3): birth time, random octets and a keyed hash over both, the realm and the peer that it is given
/// to. Whoever has the secret reads what another made, without a memory of it.
/// </summary>
/// <remarks>Immutable and thread-safe; allocates nothing.</remarks>
public sealed class DigestNonces
{
    /// <summary>The characters of a nonce.</summary>
    public const int TextLength = 38;

    /// <summary>The least octets of a secret.</summary>
    public const int ShortestSecret = 16;

    private const int TimeLength = 6, RandomLength = 6, HeadLength = TimeLength + RandomLength, PeerLength = 16;
    private const int Length = HeadLength + SipHash.HashLength;
    private const int LongestRealm = 255;                         // octets; a domain's name is no longer (RFC 1035 §2.3.4)

    private readonly byte[] _key = new byte[SipHash.KeyLength];

    /// <summary>Derives the key of the nonces from a secret (RFC 5869), which may serve other uses, too.</summary>
    /// <param name="secret">At least <see cref="ShortestSecret"/> octets; shared by all who read each other's nonces.</param>
    public DigestNonces(ReadOnlySpan<byte> secret)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(secret.Length, ShortestSecret, nameof(secret));
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, _key, salt: default, "cloudpbx nonce"u8);
    }

    /// <summary>Makes a nonce.</summary>
    /// <param name="born">Now, in Unix milliseconds.</param>
    /// <param name="realm">The realm that it is for, in UTF-8.</param>
    /// <param name="peer">Whom it is for: the number of an address or network.</param>
    /// <param name="fill">The source of randomness; null for the operating system's.</param>
    /// <param name="text">Takes <see cref="TextLength"/> characters of base64url.</param>
    public void Write(long born, ReadOnlySpan<byte> realm, UInt128 peer, Action<Span<byte>>? fill, Span<byte> text)
    {
        Span<byte> nonce = stackalloc byte[Length];
        Span<byte> time = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(time, born);
        time[(8 - TimeLength)..].CopyTo(nonce);
        if (fill is null)
            RandomOctets.Fill(nonce.Slice(TimeLength, RandomLength));
        else
            fill(nonce.Slice(TimeLength, RandomLength));
        Sign(nonce[..HeadLength], realm, peer, nonce[HeadLength..]);
        Base64Url.EncodeToUtf8(nonce, text);
    }

    /// <summary>Reads a nonce that was made with the same secret for the same realm and peer.</summary>
    /// <param name="text">What a peer gave back.</param>
    /// <param name="realm">Our realm, in UTF-8.</param>
    /// <param name="peer">Who sent it.</param>
    /// <param name="born">When it was made, in Unix milliseconds of whoever made it.</param>
    /// <param name="id">Tells it from our others.</param>
    /// <returns>False for anything else.</returns>
    public bool TryRead(ReadOnlySpan<char> text, ReadOnlySpan<byte> realm, UInt128 peer, out long born, out UInt128 id)
    {
        born = 0;
        id = default;
        Span<byte> nonce = stackalloc byte[Length];
        if (text.Length != TextLength || !Base64Url.TryDecodeFromChars(text, nonce, out int length) || length != Length)
            return false;
        Span<byte> expected = stackalloc byte[SipHash.HashLength];
        Sign(nonce[..HeadLength], realm, peer, expected);
        if (!CryptographicOperations.FixedTimeEquals(expected, nonce[HeadLength..]))
            return false;
        born = ((long)BinaryPrimitives.ReadUInt16BigEndian(nonce) << 32) | BinaryPrimitives.ReadUInt32BigEndian(nonce[2..]);
        id = new UInt128(BinaryPrimitives.ReadUInt64BigEndian(nonce), BinaryPrimitives.ReadUInt32BigEndian(nonce[8..]));
        return true;
    }

    private void Sign(ReadOnlySpan<byte> head, ReadOnlySpan<byte> realm, UInt128 peer, Span<byte> signature)
    {
        // Head and peer have their lengths, so the realm needs no end.
        Span<byte> signed = stackalloc byte[HeadLength + PeerLength + LongestRealm];
        if (realm.Length > LongestRealm)
            signed = new byte[HeadLength + PeerLength + realm.Length];
        head.CopyTo(signed);
        BinaryPrimitives.WriteUInt128BigEndian(signed[HeadLength..], peer);
        realm.CopyTo(signed[(HeadLength + PeerLength)..]);
        SipHash.Hash(_key, signed[..(HeadLength + PeerLength + realm.Length)], signature);
    }
}
