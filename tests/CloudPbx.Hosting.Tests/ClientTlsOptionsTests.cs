using System.ComponentModel.DataAnnotations;

namespace CloudPbx.Hosting.Tests;

public sealed class ClientTlsOptionsTests
{
    [Theory]
    [InlineData("/nowhere/authorities.pem", null, null, nameof(ClientTlsOptions.AuthoritiesPath))]
    [InlineData(null, "/nowhere/worker.pem", null, nameof(ClientTlsOptions.CertificatePath))]
    [InlineData(null, null, "/dev/null", nameof(ClientTlsOptions.KeyPath))]
    public void A_file_that_is_not_there_and_a_key_without_its_certificate_are_named(string? authorities, string? certificate, string? key, string member)
    {
        var options = new ClientTlsOptions { AuthoritiesPath = authorities, CertificatePath = certificate, KeyPath = key };
        Assert.Equal(member, Assert.Single(Assert.Single(options.Validate(new ValidationContext(options))).MemberNames));
    }

    [Fact]
    public void Without_files_the_systems_rules_hold_and_nothing_is_shown()
    {
        var options = new ClientTlsOptions();
        Assert.Empty(options.Validate(new ValidationContext(options)));
        Assert.Null(options.Read().CertificateChainPolicy);
        Assert.Null(options.Read().ClientCertificateContext);
    }

    [Fact]
    public void Authorities_without_any_certificate_are_no_authorities() =>
        Assert.Contains("/dev/null", Assert.Throws<IOException>(() => new ClientTlsOptions { AuthoritiesPath = "/dev/null" }.Read()).Message, StringComparison.Ordinal);
}
