using System.Buffers.Binary;
using System.Security.Cryptography;

namespace CloudPbx.Rtp.Security;

/// <summary>The session keys for RTP or for RTCP, ready for use (RFC 3711 §4).</summary>
internal sealed class SrtpKeys : IDisposable
{
    public const int AuthenticationKeyLength = 20;
    private readonly AesCounterMode _cipher;
    private readonly HmacSha1 _hmac;
    private readonly ulong _saltHigh, _saltLow;     // the session salt shifted left by 16 bits, as two words

    /// <param name="masterKey">16 octets.</param>
    /// <param name="masterSalt">14 octets.</param>
    /// <param name="firstLabel">0 for RTP, 3 for RTCP: cipher, authentication and salt follow each other (§4.3.2).</param>
    /// <param name="primitives">Which implementations to use.</param>
    public SrtpKeys(ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt, byte firstLabel, SrtpPrimitives primitives)
    {
        Span<byte> key = stackalloc byte[SrtpProfiles.KeyLength];
        Span<byte> authentication = stackalloc byte[AuthenticationKeyLength];
        Span<byte> salt = stackalloc byte[16];
        salt.Clear();
        using (AesCounterMode derivation = primitives.CreateCipher(masterKey))
        {
            Derive(derivation, masterSalt, firstLabel, key);
            Derive(derivation, masterSalt, (byte)(firstLabel + 1), authentication);
            Derive(derivation, masterSalt, (byte)(firstLabel + 2), salt[..SrtpProfiles.SaltLength]);
        }
        _cipher = primitives.CreateCipher(key);
        _hmac = primitives.CreateHmac(authentication);
        _saltHigh = BinaryPrimitives.ReadUInt64BigEndian(salt);
        _saltLow = BinaryPrimitives.ReadUInt64BigEndian(salt[8..]);
        CryptographicOperations.ZeroMemory(key);
        CryptographicOperations.ZeroMemory(authentication);
    }

    /// <summary>§4.3.1 and §4.3.3: key stream of the master key from the counter (label · 2^48 xor salt) · 2^16.</summary>
    internal static void Derive(AesCounterMode derivation, ReadOnlySpan<byte> masterSalt, byte label, Span<byte> output)
    {
        Span<byte> counter = stackalloc byte[16];
        counter.Clear();
        masterSalt.CopyTo(counter);
        counter[7] ^= label;
        output.Clear();
        derivation.Apply(output, counter);
    }

    /// <summary>§4.1.1: encrypts or decrypts in place; IV = salt · 2^16 xor SSRC · 2^64 xor index · 2^16.</summary>
    public void Apply(Span<byte> data, uint ssrc, ulong index)
    {
        Span<byte> counter = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(counter, _saltHigh ^ ssrc);
        BinaryPrimitives.WriteUInt64BigEndian(counter[8..], _saltLow ^ (index << 16));
        _cipher.Apply(data, counter);
    }

    /// <summary>§4.2: HMAC over the packet and one word, the roll-over counter or the SRTCP index.</summary>
    public void Authenticate(ReadOnlySpan<byte> packet, uint word, Span<byte> digest) => _hmac.Compute(packet, word, digest);

    public void Dispose()
    {
        _cipher.Dispose();
        _hmac.Dispose();
    }
}
