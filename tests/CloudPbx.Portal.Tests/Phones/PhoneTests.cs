using System.Globalization;
using System.Net;
using CloudPbx.Portal.Languages;
using CloudPbx.Portal.Phones;
using Microsoft.Extensions.Options;

namespace CloudPbx.Portal.Tests.Phones;

public sealed class PhoneTests
{
    private static readonly PhoneAccount s_account = new("acme.example", "192.0.2.1", 5061, 5060, "100", "secret & more", "Alice \"A\"");

    [Theory]
    [InlineData("https://pbx.acme.example/", "https://pbx.acme.example/v1/provisioning/abc")]
    [InlineData("https://localhost:8443/", "https://192.0.2.9:8443/v1/provisioning/abc")]       // a phone elsewhere cannot use localhost
    public void A_provisioning_link_leads_where_the_phone_can_reach(string portal, string expected) =>
        Assert.Equal(expected, ProvisioningAddress.Of("https://localhost:8443/v1/provisioning/abc", new Uri(portal), "192.0.2.9"));

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
