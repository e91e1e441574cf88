namespace CloudPbx.Rtp.Tests.Security;

/// <summary>What an attacker begins a handshake with that must fail (CVE-2023-49786).</summary>
internal static class ClientHello
{
    /// <summary>TLS_RSA_WITH_NULL_SHA: no encryption.</summary>
    public const int NullCipher = 0x0002;

    /// <summary>DTLS 1.2.</summary>
    public const int Dtls12 = 0xFEFD;

    /// <summary>A ClientHello of one cipher, without extensions (RFC 6347 §4.2.1, §4.3.2).</summary>
    public static byte[] Of(int version = Dtls12, int cipher = NullCipher) =>
    [
        22, 0xFE, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0, 54,                           // a record of epoch 0
        1, 0, 0, 42, 0, 0, 0, 0, 0, 0, 0, 42,                                    // the message, whole
        (byte)(version >> 8), (byte)version, .. new byte[32],
        0, 0, 0, 2, (byte)(cipher >> 8), (byte)cipher, 1, 0,                     // no session, no cookie, one cipher, no compression
    ];
}
