using System.Buffers.Binary;
using System.Security.Cryptography;

namespace CloudPbx.Rtp.Security;

/// <summary>AES in Galois counter mode (RFC 7714).</summary>
internal sealed class AeadTransform : SrtpTransform
{
    private const int RtcpTrailer = AesGaloisMode.TagLength + 4;

    private readonly Keys _rtp, _rtcp;

    public AeadTransform(ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt, SrtpPrimitives primitives)
    {
        Span<byte> key = stackalloc byte[masterKey.Length];
        Span<byte> salt = stackalloc byte[AesGaloisMode.NonceLength];
        using AesCounterMode derivation = primitives.CreateCipher(masterKey);
        KeyDerivation.Derive(derivation, masterSalt, KeyDerivation.RtpLabels.Cipher, key);
        KeyDerivation.Derive(derivation, masterSalt, KeyDerivation.RtpLabels.Salt, salt);
        _rtp = new Keys(key, salt, primitives);
        KeyDerivation.Derive(derivation, masterSalt, KeyDerivation.RtcpLabels.Cipher, key);
        KeyDerivation.Derive(derivation, masterSalt, KeyDerivation.RtcpLabels.Salt, salt);
        _rtcp = new Keys(key, salt, primitives);
        CryptographicOperations.ZeroMemory(key);
    }

    private AeadTransform(Keys rtp, Keys rtcp) => (_rtp, _rtcp) = (rtp, rtcp);

    /// <summary>With given session keys, as the RFC's vectors have them.</summary>
    public static AeadTransform OfSessionKeys(ReadOnlySpan<byte> key, ReadOnlySpan<byte> salt, SrtpPrimitives primitives) =>
        new(new Keys(key, salt, primitives), new Keys(key, salt, primitives));

    /// <inheritdoc/>
    /// <remarks>RFC 7714 §8.2: the header is the associated data, the tag follows the encrypted payload.</remarks>
    public override void SealRtp(Span<byte> packet, int headerLength, uint ssrc, ulong index)
    {
        Span<byte> nonce = stackalloc byte[AesGaloisMode.NonceLength];
        _rtp.NonceOf(ssrc, index, nonce);
        int plain = packet.Length - AesGaloisMode.TagLength;
        _rtp.Cipher.Seal(nonce, packet[..headerLength], packet[headerLength..plain], packet[plain..]);
    }

    public override bool TryOpenRtp(Span<byte> packet, int headerLength, uint ssrc, ulong index)
    {
        Span<byte> nonce = stackalloc byte[AesGaloisMode.NonceLength];
        _rtp.NonceOf(ssrc, index, nonce);
        int plain = packet.Length - AesGaloisMode.TagLength;
        return _rtp.Cipher.TryOpen(nonce, packet[..headerLength], packet[headerLength..plain], packet[plain..]);
    }

    /// <inheritdoc/>
    /// <remarks>RFC 7714 §9.2: the associated data is the header and the word.</remarks>
    public override void SealRtcp(Span<byte> packet, uint ssrc, uint index)
    {
        Span<byte> nonce = stackalloc byte[AesGaloisMode.NonceLength];
        _rtcp.NonceOf(ssrc, index, nonce);
        int plain = packet.Length - RtcpTrailer;
        BinaryPrimitives.WriteUInt32BigEndian(packet[^4..], EncryptedFlag | index);
        Span<byte> associated = stackalloc byte[RtcpHeaderLength + 4];
        packet[..RtcpHeaderLength].CopyTo(associated);
        packet[^4..].CopyTo(associated[RtcpHeaderLength..]);
        _rtcp.Cipher.Seal(nonce, associated, packet[RtcpHeaderLength..plain], packet[plain..^4]);
    }

    /// <inheritdoc/>
    /// <remarks>RFC 7714 §9.1: the tag, then the index.</remarks>
    public override int RtcpWordOffset(int length) => length - 4;

    public override bool TryOpenRtcp(Span<byte> packet, uint ssrc, uint word)
    {
        Span<byte> nonce = stackalloc byte[AesGaloisMode.NonceLength];
        _rtcp.NonceOf(ssrc, word & ~EncryptedFlag, nonce);
        int plain = packet.Length - RtcpTrailer;
        // §9.3: what is not encrypted is authenticated all the same, the whole compound and the word as associated data.
        int readable = (word & EncryptedFlag) != 0 ? RtcpHeaderLength : plain;
        Span<byte> associated = stackalloc byte[SrtpContext.MaxPacketLength];
        if (readable + 4 > associated.Length)
            return false;
        packet[..readable].CopyTo(associated);
        packet[^4..].CopyTo(associated[readable..]);
        return _rtcp.Cipher.TryOpen(nonce, associated[..(readable + 4)], packet[readable..plain], packet[plain..^4]);
    }

    public override bool TryCopyTo(ref SrtpState state) => _rtp.TryCopyTo(ref state);

    /// <summary>
    /// The nonce: two zero octets, the SSRC and the 48-bit index, xor the salt (RFC 7714 §8.1). For RTCP the index has 31 bits, which is the same
    /// arithmetic (§9.1).
    /// </summary>
    public static void WriteNonce(ulong saltHigh, uint saltLow, uint ssrc, ulong index, Span<byte> nonce)
    {
        BinaryPrimitives.WriteUInt64BigEndian(nonce, saltHigh ^ ((ulong)ssrc << 16) ^ (index >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(nonce[8..], saltLow ^ (uint)index);
    }

    public override void Dispose()
    {
        _rtp.Cipher.Dispose();
        _rtcp.Cipher.Dispose();
    }

    /// <summary>The session key and salt for RTP or for RTCP.</summary>
    private sealed class Keys
    {
        private readonly ulong _saltHigh;
        private readonly uint _saltLow;

        public Keys(ReadOnlySpan<byte> key, ReadOnlySpan<byte> salt, SrtpPrimitives primitives)
        {
            Cipher = primitives.CreateAead(key);
            _saltHigh = BinaryPrimitives.ReadUInt64BigEndian(salt);
            _saltLow = BinaryPrimitives.ReadUInt32BigEndian(salt[8..]);
        }

        public AesGaloisMode Cipher { get; }

        public void NonceOf(uint ssrc, ulong index, Span<byte> nonce) => WriteNonce(_saltHigh, _saltLow, ssrc, index, nonce);

        public bool TryCopyTo(ref SrtpState state)
        {
            if (Cipher is not LibcryptoGaloisMode libcrypto)
                return false;
            (state.Galois, state.SaltHigh, state.SaltLow, state.TagLength) = (libcrypto.Context, _saltHigh, _saltLow, AesGaloisMode.TagLength);
            return true;
        }
    }
}
