using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CloudPbx.Hosting;

/// <summary>Reads certificates, their keys and authorities from the files that settings name.</summary>
public static class CertificateFiles
{
    /// <summary>Reads a certificate with its whole chain and its key.</summary>
    /// <param name="certificatePath">PEM with the chain, or PKCS #12 (<c>.pfx</c>, <c>.p12</c>).</param>
    /// <param name="keyPath">The key in PEM; null when the certificate's file holds it too.</param>
    /// <returns>What a handshake takes.</returns>
    /// <exception cref="IOException">It cannot be read; the message says which file and why.</exception>
    public static SslStreamCertificateContext Read(string certificatePath, string? keyPath)
    {
        try
        {
            var chain = new X509Certificate2Collection();
            X509Certificate2 leaf;
            if (Path.GetExtension(certificatePath) is ".pfx" or ".p12")
            {
                chain = X509CertificateLoader.LoadPkcs12CollectionFromFile(certificatePath, null);
                leaf = chain.First(c => c.HasPrivateKey);
            }
            else
            {
                chain.ImportFromPemFile(certificatePath);
                leaf = X509Certificate2.CreateFromPemFile(certificatePath, keyPath);
            }
            // Offline: a handshake must never wait for somebody's download of an issuer.
            return SslStreamCertificateContext.Create(leaf, chain, offline: true);
        }
        catch (Exception fault) when (IsUnreadable(fault))
        {
            throw new IOException($"The certificate {certificatePath}{(keyPath is null ? "" : $" with its key {keyPath}")} cannot be read: {fault.Message}", fault);
        }
    }

    /// <summary>Makes the policy by which the other side's certificate is verified: only what these authorities have signed counts.</summary>
    /// <param name="path">The authorities, PEM.</param>
    /// <returns>The policy; it fetches nothing.</returns>
    /// <exception cref="IOException">The file cannot be read or has no certificate; the message says which and why.</exception>
    public static X509ChainPolicy ReadAuthorities(string path)
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, TrustMode = X509ChainTrustMode.CustomRootTrust, DisableCertificateDownloads = true };
        try
        {
            policy.CustomTrustStore.ImportFromPemFile(path);
        }
        catch (Exception fault) when (IsUnreadable(fault))
        {
            throw new IOException($"The authorities {path} cannot be read: {fault.Message}", fault);
        }
        return policy.CustomTrustStore.Count > 0 ? policy : throw new IOException($"The authorities {path} cannot be read: there is no certificate in PEM.");
    }

    private static bool IsUnreadable(Exception fault) =>
        fault is IOException or UnauthorizedAccessException or CryptographicException or InvalidOperationException or ArgumentException;
}
