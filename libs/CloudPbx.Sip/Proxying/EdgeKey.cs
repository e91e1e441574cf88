using System.Security.Cryptography;
using CloudPbx.Sip.Hashing;

namespace CloudPbx.Sip.Proxying;

/// <summary>The secret that all edges share: signs flow tokens and derives branches. Immutable and thread-safe.</summary>
public sealed class EdgeKey
{
    /// <summary>The octets of the shared secret.</summary>
    public const int SecretLength = 32;

    private readonly byte[] _token;
    private readonly byte[] _branch;

    /// <summary>Derives the keys for each use from the shared secret (RFC 5869).</summary>
    /// <param name="secret"><see cref="SecretLength"/> octets of a cryptographic random source.</param>
    /// <exception cref="ArgumentException">The secret has another length.</exception>
    public EdgeKey(ReadOnlySpan<byte> secret)
    {
        if (secret.Length != SecretLength)
            throw new ArgumentException("The edges' shared secret has 32 octets.", nameof(secret));
        _token = Derive(secret, "cloudpbx flow token"u8, 32);
        _branch = Derive(secret, "cloudpbx branch"u8, SipHash.KeyLength);
    }

    /// <summary>Makes a key of fresh random octets: for tests, and for the first edge that starts.</summary>
    public static EdgeKey CreateRandom() => new(RandomNumberGenerator.GetBytes(SecretLength));

    /// <summary>HMAC-SHA256 of a token's octets. Does not allocate.</summary>
    internal void SignToken(ReadOnlySpan<byte> octets, Span<byte> mac) => HMACSHA256.HashData(_token, octets, mac);

    /// <summary>A keyed hash of what a branch stands for; it lives as long as a transaction, not as long as a binding. Does not allocate.</summary>
    internal void HashBranch(ReadOnlySpan<byte> octets, Span<byte> hash) => SipHash.Hash(_branch, octets, hash);

    private static byte[] Derive(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> use, int length)
    {
        byte[] key = new byte[length];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, key, salt: default, use);
        return key;
    }
}
