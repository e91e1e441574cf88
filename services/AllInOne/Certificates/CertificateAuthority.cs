using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CloudPbx.AllInOne.Certificates;

/// <summary>
/// The installation's own certificate authority: one ECDSA P-256 root, made on the first start, that signs the server's certificate.
/// Phones that verify (Linphone, browsers) are given <see cref="CertificatePath"/> once.
/// </summary>
internal sealed class CertificateAuthority : IDisposable
{
    /// <summary>A root may live long: replacing it means visiting every phone.</summary>
    private static readonly TimeSpan s_lifetime = TimeSpan.FromDays(3650);

    /// <summary>Client libraries refuse server certificates that live longer than 398 days.</summary>
    private static readonly TimeSpan s_leafLifetime = TimeSpan.FromDays(397);

    private readonly X509Certificate2 _root;
    private readonly TimeProvider _time;

    private CertificateAuthority(X509Certificate2 root, string certificatePath, TimeProvider time)
    {
        _root = root;
        _time = time;
        CertificatePath = certificatePath;
    }

    /// <summary>The PEM file to import into phones and browsers.</summary>
    public string CertificatePath { get; }

    /// <summary>Opens the authority in <paramref name="folder"/>, or founds it there (key file mode 0600).</summary>
    /// <exception cref="CryptographicException">The files are there but cannot be read as certificate and key.</exception>
    public static CertificateAuthority OpenOrCreate(string folder, TimeProvider time)
    {
        string certificatePath = Path.Combine(folder, "ca.pem");
        string keyPath = Path.Combine(folder, "ca.key");
        if (File.Exists(certificatePath) && File.Exists(keyPath))
            return new CertificateAuthority(X509Certificate2.CreateFromPemFile(certificatePath, keyPath), certificatePath, time);

        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=CloudPbx CA {Environment.MachineName}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        DateTimeOffset now = time.GetUtcNow();
        X509Certificate2 root = request.CreateSelfSigned(now.AddHours(-1), now + s_lifetime);   // an hour back: phones' clocks are late
        PemFiles.WriteSecret(keyPath, key.ExportPkcs8PrivateKeyPem());
        PemFiles.Write(certificatePath, root.ExportCertificatePem());
        return new CertificateAuthority(root, certificatePath, time);
    }

    /// <summary>Signs a server certificate for <paramref name="names"/> and writes leaf and chain to <paramref name="certificatePath"/>, the key beside it.</summary>
    /// <param name="names">What the server is reached by; DNS names and addresses, at least one.</param>
    public void Issue(ServerNames names, string certificatePath, string keyPath)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={names.First}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));   // server authentication
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_root, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        request.CertificateExtensions.Add(names.ToExtension());
        DateTimeOffset now = _time.GetUtcNow();
        DateTimeOffset end = now + s_leafLifetime;
        if (end > _root.NotAfter) end = _root.NotAfter;
        using X509Certificate2 leaf = request.Create(_root, now.AddHours(-1), end, RandomNumberGenerator.GetBytes(16));

        // Key first: whoever watches the certificate file finds the pair complete.
        PemFiles.WriteSecret(keyPath, key.ExportPkcs8PrivateKeyPem());
        // The whole chain, root included: GNOME Calls' library does not complete a chain by itself.
        PemFiles.Write(certificatePath, leaf.ExportCertificatePem() + "\n" + _root.ExportCertificatePem());
    }

    /// <inheritdoc/>
    public void Dispose() => _root.Dispose();
}
