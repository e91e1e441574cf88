using System.Buffers.Binary;
using System.Security.Cryptography;

namespace CloudPbx.Rtp.Security;

/// <summary>HMAC by the base class library: four times slower than <see cref="LibcryptoHmacSha1"/>, available everywhere.</summary>
internal sealed class PlatformHmacSha1 : HmacSha1
{
    private readonly IncrementalHash _hash;

    public PlatformHmacSha1(ReadOnlySpan<byte> key)
    {
#pragma warning disable CA5350 // RFC 3711 names HMAC-SHA1; no attack on SHA-1 touches it.
        _hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA1, key);
#pragma warning restore CA5350
    }

    public override void Compute(ReadOnlySpan<byte> packet, uint word, Span<byte> digest)
    {
        Span<byte> suffix = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(suffix, word);
        _hash.AppendData(packet);
        _hash.AppendData(suffix);
        _hash.GetHashAndReset(digest);
    }

    public override void Dispose() => _hash.Dispose();
}
