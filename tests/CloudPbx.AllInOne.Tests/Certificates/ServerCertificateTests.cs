using System.Net;
using System.Runtime.Versioning;
using System.Security.Cryptography.X509Certificates;
using CloudPbx.AllInOne.Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.AllInOne.Tests.Certificates;

public sealed class ServerCertificateTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 8, 0, 0, TimeSpan.Zero));
    private ServerNames _names = new(["demo.localhost", "office"], [IPAddress.Loopback, IPAddress.IPv6Loopback]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_first_start_makes_an_authority_and_a_certificate_that_it_signed_for_every_name()
    {
        using ServerCertificate certificate = Open();

        X509Certificate2Collection chain = [];
        chain.ImportFromPemFile(certificate.CertificatePath);
        Assert.Equal(2, chain.Count);                                              // leaf, then root: the full chain
        Assert.True(chain[0].MatchesHostname("office"));
        Assert.True(chain[0].MatchesHostname("demo.localhost"));
        Assert.True(chain[0].MatchesHostname("127.0.0.1"));
        Assert.Contains("127.0.0.1", chain[0].Extensions.OfType<X509SubjectAlternativeNameExtension>().Single().EnumerateDnsNames());      // Linphone looks there
        Assert.False(chain[0].MatchesHostname("elsewhere"));
        Assert.Equal("1.2.840.10045.2.1", chain[0].PublicKey.Oid.Value);           // elliptic curve
        Assert.Equal(256, chain[0].GetECDsaPublicKey()!.KeySize);
        Assert.True(IsTrusted(chain[0], certificate.AuthorityPath!));
    }

    [Theory]
    [InlineData("ca.key")]
    [InlineData("server.key")]
    [SupportedOSPlatform("linux")]
    public void Keys_are_readable_by_their_owner_only(string file)
    {
        using ServerCertificate certificate = Open();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder.File(file)));
    }

    [Fact]
    public void A_second_start_keeps_authority_and_certificate()
    {
        using (Open()) { }
        string authority = File.ReadAllText(_folder.File("ca.pem")), leaf = File.ReadAllText(_folder.File("server.pem"));
        using (Open()) { }
        Assert.Equal(authority, File.ReadAllText(_folder.File("ca.pem")));
        Assert.Equal(leaf, File.ReadAllText(_folder.File("server.pem")));
    }

    [Fact]
    public void It_is_renewed_before_it_ends_by_the_same_authority()
    {
        using ServerCertificate certificate = Open();
        string before = File.ReadAllText(certificate.CertificatePath);

        _time.Advance(TimeSpan.FromDays(397) - ServerCertificate.RenewBefore - TimeSpan.FromHours(1));
        Assert.False(certificate.RenewIfDue());
        _time.Advance(TimeSpan.FromHours(2));
        Assert.True(certificate.RenewIfDue());

        Assert.NotEqual(before, File.ReadAllText(certificate.CertificatePath));
        using X509Certificate2 renewed = X509Certificate2.CreateFromPemFile(certificate.CertificatePath, certificate.KeyPath);
        Assert.True(IsTrusted(renewed, certificate.AuthorityPath!));
    }

    [Fact]
    public void A_new_address_of_the_machine_is_added()
    {
        using ServerCertificate certificate = Open();
        _names = _names with { Addresses = [.. _names.Addresses, IPAddress.Parse("192.0.2.7")] };
        Assert.True(certificate.RenewIfDue());
        Assert.False(certificate.RenewIfDue());
        using X509Certificate2 renewed = X509Certificate2.CreateFromPemFile(certificate.CertificatePath, certificate.KeyPath);
        Assert.True(renewed.MatchesHostname("192.0.2.7"));
    }

    [Fact]
    public void Files_of_the_operator_that_are_missing_are_named()
    {
        StartException e = Assert.Throws<StartException>(() =>
            ServerCertificate.FromFiles(_folder.File("mine.pem"), _folder.File("mine.key"), _time, NullLogger.Instance));
        Assert.Contains("mine.pem", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_does_not_fit_the_certificate_is_refused()
    {
        using (Open()) { }
        StartException e = Assert.Throws<StartException>(() =>
            ServerCertificate.FromFiles(_folder.File("server.pem"), _folder.File("ca.key"), _time, NullLogger.Instance));
        Assert.Contains("ca.key", e.Message, StringComparison.Ordinal);
    }

    private ServerCertificate Open() => ServerCertificate.FromOwnAuthority(_folder.Path, () => _names, _time, NullLogger.Instance);

    private bool IsTrusted(X509Certificate2 leaf, string authorityPath)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(X509Certificate2.CreateFromPem(File.ReadAllText(authorityPath)));
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = _time.GetUtcNow().LocalDateTime;
        return chain.Build(leaf);
    }
}
