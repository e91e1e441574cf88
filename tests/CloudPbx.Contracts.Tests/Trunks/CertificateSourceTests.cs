using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Contracts.Tests.Trunks;

public sealed class CertificateSourceTests
{
    private const string Digits = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    [Theory]
    [InlineData("tls:sbc.carrier.example", "tls:sbc.carrier.example")]
    [InlineData("TLS:SBC.Carrier.example.", "tls:sbc.carrier.example")]
    [InlineData("sha256:" + Digits, "sha256:" + Digits)]
    [InlineData("SHA256:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF", "sha256:" + Digits)]      // as openssl writes it
    [InlineData("tls:", null)]
    [InlineData("tls:carrier", null)]
    [InlineData("tls:*.carrier.example", null)]                                          // RFC 5922 §7.2: no wildcards
    [InlineData("tls:192.0.2.1", null)]
    [InlineData("sha256:0011", null)]
    [InlineData("sha256:zz112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", null)]
    public void A_certificate_is_named_in_one_way(string written, string? canonical)
    {
        Assert.True(CertificateSource.Is(written));
        Assert.Equal(canonical, CertificateSource.Normalize(written));
    }

    [Theory]
    [InlineData("192.0.2.1")]
    [InlineData("2001:db8::/32")]
    [InlineData("carrier.example")]
    public void An_address_is_none(string source) => Assert.False(CertificateSource.Is(source));

    [Fact]
    public void Names_of_a_certificate_and_what_was_configured_meet() =>
        Assert.Equal(CertificateSource.DigestOf(CertificateSource.Normalize("tls:SBC.carrier.example")!), CertificateSource.DigestOf(CertificateSource.OfName("sbc.Carrier.Example.")));
}
