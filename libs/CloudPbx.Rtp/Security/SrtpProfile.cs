namespace CloudPbx.Rtp.Security;

/// <summary>A protection profile: how packets are encrypted and authenticated.</summary>
public enum SrtpProfile
{
    /// <summary>AES-128 counter mode, HMAC-SHA1 with 80-bit tags (RFC 3711 §5, RFC 4568 §6.2.1): every SDES phone has it.</summary>
    AesCm128HmacSha1Tag80,

    /// <summary>The same with 32-bit tags on RTP (RFC 4568 §6.2.2).</summary>
    AesCm128HmacSha1Tag32,

    /// <summary>AES-256 counter mode, HMAC-SHA1 with 80-bit tags (RFC 6188).</summary>
    AesCm256HmacSha1Tag80,

    /// <summary>The same with 32-bit tags on RTP.</summary>
    AesCm256HmacSha1Tag32,

    /// <summary>AES-128 in Galois counter mode, 128-bit tags (RFC 7714).</summary>
    AeadAes128Gcm,

    /// <summary>AES-256 in Galois counter mode, 128-bit tags (RFC 7714).</summary>
    AeadAes256Gcm,
}
