using System.Net.Security;

namespace CloudPbx.Edge.Listeners;

/// <summary>The cipher suites that the edge speaks, to phones and to carriers: what lacks forward secrecy or authenticated encryption is left out (SECURITY.md S19).</summary>
internal static class TlsSuites
{
    /// <summary>For each connection; null where the system decides. Debian's and Ubuntu's phones all have these, and so has every carrier that keeps to RFC 9325 §4.2.</summary>
    public static CipherSuitesPolicy? Policy { get; } = OperatingSystem.IsLinux()
        ? new CipherSuitesPolicy(
        [
            TlsCipherSuite.TLS_AES_128_GCM_SHA256, TlsCipherSuite.TLS_AES_256_GCM_SHA384, TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256,
            TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
            TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
            TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
            TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        ])
        : null;
}
