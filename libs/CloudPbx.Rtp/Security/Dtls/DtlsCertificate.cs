using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CloudPbx.Rtp.Security.Dtls;

/// <summary>Our side of all DTLS associations of a process: a self-signed certificate that its fingerprint vouches for (RFC 5763 §4), and OpenSSL's settings.</summary>
/// <remarks>Thread-safe; lives as long as the process, so nothing is freed.</remarks>
public sealed unsafe class DtlsCertificate
{
    /// <summary>What to say where OpenSSL is not there.</summary>
    public const string Missing = "DTLS-SRTP (browsers) needs OpenSSL 3: libssl.so.3 is not installed here (Debian and Ubuntu: apt install libssl3). Phones with other encryption are not concerned.";

    /// <summary>Makes a certificate with a fresh key (EC P-256).</summary>
    /// <param name="now">Its validity begins a day before, since clocks differ; nobody looks at the end.</param>
    /// <exception cref="NotSupportedException">There is no OpenSSL 3; the message says what to install.</exception>
    public DtlsCertificate(DateTimeOffset now)
    {
        if (!IsAvailable)
            throw new NotSupportedException(Missing);
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = new CertificateRequest("CN=CloudPbx", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddYears(1));
        byte[] der = certificate.RawData, privateKey = key.ExportECPrivateKey();
        Fingerprint = "sha-256 " + string.Join(':', SHA256.HashData(der).Select(octet => octet.ToString("X2", System.Globalization.CultureInfo.InvariantCulture)));
        Context = Libssl.SSL_CTX_new(Libssl.DTLS_method());
        fixed (byte* c = der, k = privateKey)
        {
            if (Libssl.SSL_CTX_use_certificate_ASN1(Context, der.Length, c) != 1 || Libssl.SSL_CTX_use_PrivateKey_ASN1(Libssl.EcKey, Context, k, privateKey.Length) != 1)
                throw new CryptographicException("OpenSSL refused our certificate.");
        }
        CryptographicOperations.ZeroMemory(privateKey);
        fixed (byte* profiles = "SRTP_AEAD_AES_128_GCM:SRTP_AEAD_AES_256_GCM:SRTP_AES128_CM_SHA1_80:SRTP_AES128_CM_SHA1_32\0"u8)
        {
            if (Libssl.SSL_CTX_set_tlsext_use_srtp(Context, profiles) != 0)     // 0 is success here
                throw new CryptographicException("OpenSSL knows none of our SRTP profiles.");
        }
        // No NULL, no anonymous ciphers, forward secrecy (SECURITY.md S16).
        fixed (byte* ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20\0"u8)
            _ = Libssl.SSL_CTX_set_cipher_list(Context, ciphers);
        _ = Libssl.SSL_CTX_ctrl(Context, Libssl.ControlSetMinimumVersion, Libssl.Dtls12, 0);
        _ = Libssl.SSL_CTX_set_options(Context, Libssl.NoQueryMtu | Libssl.NoRenegotiation | Libssl.NoTicket);
        Libssl.SSL_CTX_set_verify(Context, Libssl.VerifyPeer | Libssl.FailIfNoPeerCertificate, &AnyCertificate);
    }

    /// <summary>Whether OpenSSL 3 can be loaded.</summary>
    public static bool IsAvailable => Libssl.IsPresent;

    /// <summary>As <c>a=fingerprint</c> has it: <c>sha-256 AB:CD:…</c>.</summary>
    public string Fingerprint { get; }

    internal nint Context { get; }

    // Self-signed ones are the rule: whether it is the right one its fingerprint says, after the handshake.
    [UnmanagedCallersOnly]
    private static int AnyCertificate(int good, nint store) => 1;
}
