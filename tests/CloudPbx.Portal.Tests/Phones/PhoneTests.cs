using System.Globalization;
using System.Net;
using System.Xml.Linq;
using CloudPbx.Portal.Languages;
using CloudPbx.Portal.Phones;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.Portal.Tests.Phones;

public sealed class PhoneTests
{
    private static readonly PhoneAccount s_account = new("acme.example", "192.0.2.1", 5061, 5060, "100", "secret & more", "Alice \"A\"");

    [Fact]
    public void A_pairing_code_gives_the_account_once()
    {
        PhonePairing pairing = new(new FakeTimeProvider());
        string code = pairing.Offer(s_account);
        Assert.Equal(s_account, pairing.Take(code));
        Assert.Null(pairing.Take(code));
    }

    [Fact]
    public void A_pairing_code_ends_after_its_time()
    {
        FakeTimeProvider time = new();
        PhonePairing pairing = new(time);
        string code = pairing.Offer(s_account);
        time.Advance(PhonePairing.Life + TimeSpan.FromSeconds(1));
        Assert.Null(pairing.Take(code));
    }

    [Fact]
    public void Linphones_settings_are_XML_whatever_is_in_them()
    {
        XDocument settings = XDocument.Parse(PhoneEndpoints.LinphoneSettings(s_account));
        string Entry(string name) => settings.Descendants().Single(element => element.Attribute("name")?.Value == name).Value;
        Assert.Equal("secret & more", Entry("passwd"));
        Assert.Equal("\"Alice A\" <sip:100@acme.example>", Entry("reg_identity"));
        Assert.Equal("<sip:192.0.2.1:5061;transport=tls>", Entry("reg_proxy"));
    }

    [Theory]
    [InlineData("https://pbx.acme.example/", null, "pbx.acme.example")]
    [InlineData("https://localhost:8443/", null, "192.0.2.9")]              // a phone elsewhere cannot use localhost
    [InlineData("https://localhost:8443/", "sip.acme.example", "sip.acme.example")]
    public void The_server_to_type_is_one_that_the_phone_can_reach(string portal, string? configured, string expected)
    {
        PhoneAccess access = new(Options.Create(new PortalOptions { PhoneServer = configured }));
        Assert.Equal(expected, access.ServerFor(new Uri(portal), [IPAddress.Loopback, IPAddress.Parse("192.0.2.9")]));
    }

    [Fact]
    public void A_password_that_was_shown_before_is_not_there_to_copy()
    {
        CultureInfo.CurrentUICulture = new CultureInfo("en");
        foreach (PhoneKind kind in Enum.GetValues<PhoneKind>())
        {
            PhoneField password = PhoneFields.Of(kind, s_account with { Password = null }, new Texts()).Single(field => field.Name == "password");
            Assert.False(password.IsCopied);
            Assert.True(PhoneFields.Of(kind, s_account, new Texts()).Single(field => field.Name == "password").IsSecret);
        }
    }

    [Fact]
    public void An_account_does_not_tell_its_password() => Assert.DoesNotContain("secret", s_account.ToString(), StringComparison.Ordinal);
}
