using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Edge.Listeners;

/// <summary>What a client's certificate proves of who it is. Whether that is anybody whom we know, the directory says.</summary>
internal sealed class PeerCertificate
{
    private const int MostNames = 20;

    private PeerCertificate(IReadOnlyList<string> sources) => Sources = sources;

    /// <summary>Where a connection's items have it.</summary>
    public static object Key { get; } = new();

    /// <summary>What it proves, as <see cref="CertificateSource"/> writes it: itself first, then its names.</summary>
    public IReadOnlyList<string> Sources { get; }

    /// <summary>Reads a certificate; the handshake has proved that the client has its key.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="faults">What is wrong with it. Its names count only where an authority that we trust vouches for them; who knows its fingerprint needs none.</param>
    public static PeerCertificate Of(X509Certificate2 certificate, SslPolicyErrors faults)
    {
        List<string> sources = [CertificateSource.OfFingerprint(certificate.GetCertHash(HashAlgorithmName.SHA256))];
        if (faults == SslPolicyErrors.None)
            sources.AddRange(NamesOf(certificate).Take(MostNames).Select(CertificateSource.OfName));
        return new PeerCertificate(sources);
    }

    // RFC 5922 §7.1: the subject's common name counts only where there is no alternative name. A wildcard is no name (§7.2): nobody can have written it as a source.
    private static IEnumerable<string> NamesOf(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault() is { } names
            ? names.EnumerateDnsNames()
            : certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false) is { Length: > 0 } name ? [name] : [];
}
