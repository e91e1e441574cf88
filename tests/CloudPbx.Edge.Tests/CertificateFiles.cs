using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CloudPbx.Edge.Tests;

/// <summary>A leaf certificate with its intermediate in a PEM file, and its key: made for one test.</summary>
internal sealed class CertificateFiles : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-test-");
    private X509Certificate2? _root;

    public string CertificatePath => Path.Combine(_folder.FullName, "certificate.pem");

    public string KeyPath => Path.Combine(_folder.FullName, "key.pem");

    /// <summary>The root alone.</summary>
    public string AuthorityPath => Path.Combine(_folder.FullName, "authority.pem");

    /// <summary>The leaf's.</summary>
    public string Thumbprint { get; private set; } = "";

    /// <summary>When the leaf begins to be valid; none: when its intermediate does.</summary>
    public DateTimeOffset? Begins { get; init; }

    /// <summary>When the leaf ends; none: when its intermediate does.</summary>
    public DateTimeOffset? Ends { get; init; }

    /// <summary>The octets of the subjectAltName in place of those of the names.</summary>
    public byte[]? RawNames { get; init; }

    public void Write(params string[] names)
    {
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var root = new CertificateRequest("CN=root", rootKey, HashAlgorithmName.SHA256);
        root.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _root = root.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(2));

        using var middleKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var middle = new CertificateRequest("CN=intermediate", middleKey, HashAlgorithmName.SHA256);
        middle.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using X509Certificate2 intermediate = middle.Create(_root, _root.NotBefore, _root.NotAfter, RandomNumberGenerator.GetBytes(8)).CopyWithPrivateKey(middleKey);

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + names[0], key, HashAlgorithmName.SHA256);
        var alternative = new SubjectAlternativeNameBuilder();
        foreach (string name in names)
            alternative.AddDnsName(name);
        request.CertificateExtensions.Add(RawNames is null ? alternative.Build() : new X509Extension("2.5.29.17", RawNames, critical: false));
        using X509Certificate2 leaf = request.Create(intermediate, Begins ?? intermediate.NotBefore, Ends ?? intermediate.NotAfter, RandomNumberGenerator.GetBytes(8));
        Thumbprint = leaf.Thumbprint;
        File.WriteAllText(AuthorityPath, _root.ExportCertificatePem());
        File.WriteAllText(KeyPath, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(CertificatePath, leaf.ExportCertificatePem() + "\n" + intermediate.ExportCertificatePem() + "\n");
    }

    /// <summary>A client that trusts the root alone and verifies the name.</summary>
    public SslClientAuthenticationOptions Client(string name) => new()
    {
        TargetHost = name,
        CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { _root! },
            RevocationMode = X509RevocationMode.NoCheck,
        },
    };

    /// <summary>The leaf and its intermediate, for a server of the test's own.</summary>
    public SslStreamCertificateContext Server()
    {
        using var fromFiles = X509Certificate2.CreateFromPemFile(CertificatePath, KeyPath);
        X509Certificate2Collection chain = [];
        chain.ImportFromPemFile(CertificatePath);
        return SslStreamCertificateContext.Create(X509CertificateLoader.LoadPkcs12(fromFiles.Export(X509ContentType.Pkcs12), null), chain, offline: true);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
