using System.Buffers.Binary;
using System.Security.Cryptography;
using CloudPbx.Net.Memory;

namespace CloudPbx.Rtp.Security;

/// <summary>AES in counter mode, then HMAC-SHA1 over all (RFC 3711 §4.1.1, §4.2.1; RFC 6188 for 256-bit keys).</summary>
internal sealed class CounterModeTransform : SrtpTransform
{
    private const int AuthenticationKeyLength = 20;
    private const int RtcpTrailer = 4 + RtcpTagLength;
    private const int RtcpTagLength = 10;

    private readonly Keys _rtp, _rtcp;
    private readonly int _tagLength;

    public CounterModeTransform(SrtpProfile profile, ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt, SrtpPrimitives primitives)
    {
        _tagLength = profile.RtpTagLength();
        _rtp = new Keys(masterKey, masterSalt, KeyDerivation.RtpLabels, primitives);
        _rtcp = new Keys(masterKey, masterSalt, KeyDerivation.RtcpLabels, primitives);
    }

    public override void SealRtp(Span<byte> packet, int headerLength, uint ssrc, ulong index)
    {
        int plain = packet.Length - _tagLength;
        _rtp.Apply(packet[headerLength..plain], ssrc, index);
        Span<byte> digest = stackalloc byte[HmacSha1.DigestLength];
        _rtp.Authenticate(packet[..plain], (uint)(index >> 16), digest);
        digest[.._tagLength].CopyTo(packet[plain..]);
    }

    public override bool TryOpenRtp(Span<byte> packet, int headerLength, uint ssrc, ulong index)
    {
        int plain = packet.Length - _tagLength;
        Span<byte> digest = stackalloc byte[HmacSha1.DigestLength];
        _rtp.Authenticate(packet[..plain], (uint)(index >> 16), digest);
        if (!CryptographicOperations.FixedTimeEquals(digest[.._tagLength], packet[plain..]))
            return false;
        _rtp.Apply(packet[headerLength..plain], ssrc, index);
        return true;
    }

    public override void SealRtcp(Span<byte> packet, uint ssrc, uint index)
    {
        int plain = packet.Length - RtcpTrailer;
        _rtcp.Apply(packet[RtcpHeaderLength..plain], ssrc, index);
        uint word = EncryptedFlag | index;
        BinaryPrimitives.WriteUInt32BigEndian(packet[plain..], word);
        Span<byte> digest = stackalloc byte[HmacSha1.DigestLength];
        _rtcp.Authenticate(packet[..plain], word, digest);
        digest[..RtcpTagLength].CopyTo(packet[(plain + 4)..]);
    }

    /// <inheritdoc/>
    /// <remarks>RFC 3711 §3.4: the index, then the tag.</remarks>
    public override int RtcpWordOffset(int length) => length - RtcpTrailer;

    public override bool TryOpenRtcp(Span<byte> packet, uint ssrc, uint word)
    {
        int plain = packet.Length - RtcpTrailer;
        Span<byte> digest = stackalloc byte[HmacSha1.DigestLength];
        _rtcp.Authenticate(packet[..plain], word, digest);
        if (!CryptographicOperations.FixedTimeEquals(digest[..RtcpTagLength], packet[(plain + 4)..]))
            return false;
        if ((word & EncryptedFlag) != 0)
            _rtcp.Apply(packet[RtcpHeaderLength..plain], ssrc, word & ~EncryptedFlag);
        return true;
    }

    public override void FetchKeys() => _rtp.Fetch();

    public override bool TryCopyTo(ref SrtpState state)
    {
        state.TagLength = _tagLength;
        return _rtp.TryCopyTo(ref state);
    }

    /// <summary>RFC 3711 §4.1.1: IV = salt · 2^16 xor SSRC · 2^64 xor index · 2^16.</summary>
    public static void WriteCounter(ulong saltHigh, ulong saltLow, uint ssrc, ulong index, Span<byte> counter)
    {
        BinaryPrimitives.WriteUInt64BigEndian(counter, saltHigh ^ ssrc);
        BinaryPrimitives.WriteUInt64BigEndian(counter[8..], saltLow ^ (index << 16));
    }

    public override void Dispose()
    {
        _rtp.Dispose();
        _rtcp.Dispose();
    }

    /// <summary>The session keys for RTP or for RTCP, ready for use.</summary>
    private readonly struct Keys : IDisposable
    {
        private readonly AesCounterMode _cipher;
        private readonly HmacSha1 _hmac;
        private readonly ulong _saltHigh, _saltLow;     // the session salt shifted left by 16 bits, as two words

        public Keys(ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt, KeyLabels labels, SrtpPrimitives primitives)
        {
            Span<byte> key = stackalloc byte[masterKey.Length];
            Span<byte> authentication = stackalloc byte[AuthenticationKeyLength];
            Span<byte> salt = stackalloc byte[16];
            salt.Clear();
            using (AesCounterMode derivation = primitives.CreateCipher(masterKey))
            {
                KeyDerivation.Derive(derivation, masterSalt, labels.Cipher, key);
                KeyDerivation.Derive(derivation, masterSalt, labels.Authentication, authentication);
                KeyDerivation.Derive(derivation, masterSalt, labels.Salt, salt[..masterSalt.Length]);
            }
            _cipher = primitives.CreateCipher(key);
            _hmac = primitives.CreateHmac(authentication);
            _saltHigh = BinaryPrimitives.ReadUInt64BigEndian(salt);
            _saltLow = BinaryPrimitives.ReadUInt64BigEndian(salt[8..]);
            CryptographicOperations.ZeroMemory(key);
            CryptographicOperations.ZeroMemory(authentication);
        }

        /// <summary>RFC 3711 §4.1.1: encrypts or decrypts in place.</summary>
        public void Apply(Span<byte> data, uint ssrc, ulong index)
        {
            Span<byte> counter = stackalloc byte[16];
            WriteCounter(_saltHigh, _saltLow, ssrc, index, counter);
            _cipher.Apply(data, counter);
        }

        /// <summary>RFC 3711 §4.2: HMAC over the packet and one word, the roll-over counter or the SRTCP index.</summary>
        public void Authenticate(ReadOnlySpan<byte> packet, uint word, Span<byte> digest) => _hmac.Compute(packet, word, digest);

        public bool TryCopyTo(ref SrtpState state)
        {
            if (_cipher is not AesNiCounterMode aes || _hmac is not LibcryptoHmacSha1 sha1)
                return false;
            (state.Keys, state.Hmac, state.SaltHigh, state.SaltLow) = (aes.Keys, sha1.States, _saltHigh, _saltLow);
            return true;
        }

        /// <summary>Round keys of 128 bits, and the two states of a hash.</summary>
        public void Fetch()
        {
            CacheLines.Fetch(_cipher, 208);
            CacheLines.Fetch(_hmac, 64);
        }

        public void Dispose()
        {
            _cipher.Dispose();
            _hmac.Dispose();
        }
    }
}
