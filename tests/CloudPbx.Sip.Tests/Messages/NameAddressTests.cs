using System.Text;
using CloudPbx.Sip.Messages;
using CsCheck;

namespace CloudPbx.Sip.Tests.Messages;

public class NameAddressTests
{
    [Theory]
    [InlineData("\"Bob \\\"the \\\\ builder\\\"\" <sip:bob@biloxi.com>;tag=a6c85cf", "Bob \"the \\ builder\"", "sip:bob@biloxi.com", "a6c85cf")]
    [InlineData("caller<sip:caller@example.com>;tag=323", "caller", "sip:caller@example.com", "323")]       // RFC 4475 §3.1.1.6 lwsdisp
    [InlineData("Joe  Smith <sip:joe@x>", "Joe  Smith", "sip:joe@x", null)]
    [InlineData("<sip:joe@x;tag=notmine>", null, "sip:joe@x;tag=notmine", null)]                            // RFC 4475 §3.3.13 cparam02
    [InlineData("sip:joe@x;tag=mine", null, "sip:joe@x", "mine")]                                           // RFC 4475 §3.3.12 cparam01
    [InlineData("sip:joe@x ; tag = mine", null, "sip:joe@x", "mine")]
    [InlineData("\"a\r\n b\" <sip:joe@x>\r\n ;tag=1", "a b", "sip:joe@x", "1")]                             // folded
    [InlineData("\"<sip:not@me>\" <sip:joe@x>", "<sip:not@me>", "sip:joe@x", null)]
    [InlineData("\"\" <sip:joe@x>", "", "sip:joe@x", null)]
    [InlineData("Straße (Büro) <sip:joe@x>", "Straße (Büro)", "sip:joe@x", null)]
    [InlineData("<http://www.example.com>;tag=3234233", null, "http://www.example.com", "3234233")]         // RFC 4475 §3.3.4
    public void A_value_has_its_parts(string text, string? name, string uri, string? tag)
    {
        Assert.True(NameAddress.TryParse(text, out NameAddress? address));
        Assert.Equal((name, uri, tag), (address.DisplayName, address.Uri.ToString(), address.Tag));
    }

    [Theory]
    [InlineData("\"Mr. J. User <sip:j.user@example.com>", SipParseError.QuotedString)]                      // RFC 4475 §3.1.2.6 quotbal
    [InlineData("\"Watson, Thomas\" < sip:t.watson@example.org >", SipParseError.UriScheme)]                // RFC 4475 §3.1.2.14 badaspec
    [InlineData("Bell, Alexander <sip:a.g.bell@example.com>;tag=43", SipParseError.DisplayName)]            // RFC 4475 §3.1.2.15 baddn
    [InlineData("sip:user@example.com?Route=%3Csip:sip.example.com%3E", SipParseError.NameAddress)]         // RFC 4475 §3.1.2.13 regbadct
    [InlineData("sip:a@b,sip:c@d", SipParseError.Host)]
    [InlineData("<sip:joe@x", SipParseError.NameAddress)]
    [InlineData("<sip:joe@x>tag=1", SipParseError.Parameter)]
    [InlineData("<sip:joe@x>;", SipParseError.Parameter)]
    [InlineData("<sip:joe@x>;;tag=1", SipParseError.Parameter)]
    [InlineData("<sip:joe@x>;tag=\"1", SipParseError.QuotedString)]
    [InlineData("<sip:joe@x>;tag=", SipParseError.Parameter)]
    [InlineData("\"joe\"", SipParseError.NameAddress)]
    [InlineData("joe", SipParseError.UriScheme)]
    [InlineData("a\0b <sip:joe@x>", SipParseError.DisplayName)]
    [InlineData("", SipParseError.NameAddress)]
    public void A_malformed_value_is_refused_with_its_fault(string text, SipParseError expected) =>
        Assert.Equal(expected, NameAddress.Parse(Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void Quoted_parameters_are_read_without_quotes_and_written_with_them()
    {
        Assert.True(NameAddress.TryParse("<sip:a@b>;+sip.instance=\"<urn:uuid:1>\";methods=\"INVITE,\\\"BYE\\\"\"", out NameAddress? address));
        Assert.Equal("<urn:uuid:1>", address.Parameters["+sip.instance"]);
        Assert.Equal("INVITE,\"BYE\"", address.Parameters["methods"]);
        Assert.Equal("<sip:a@b>;+sip.instance=\"<urn:uuid:1>\";methods=\"INVITE,\\\"BYE\\\"\"", address.ToString());
    }

    [Fact]
    public void A_tag_is_set_replaced_and_removed()
    {
        NameAddress address = new(SipUri.Parse("sip:a@b"), "Al");
        Assert.Equal("\"Al\" <sip:a@b>;tag=1", address.WithTag("1").ToString());
        Assert.Equal("2", address.WithTag("1").WithTag("2").Tag);
        Assert.Null(address.WithTag("1").WithTag(null).Tag);
    }

    [Fact]
    public void Control_characters_in_a_display_name_become_spaces() =>
        Assert.Equal("\"a  Via: x\" <sip:a@b>", new NameAddress(SipUri.Parse("sip:a@b"), "a\r\nVia: x").ToString());

    [Fact]
    public void What_is_built_can_be_read_again() =>
        Gen.Select(Gen.String[0, 20].Where(name => !name.Any(char.IsSurrogate)), Gen.String[1, 20].Where(value => !value.Any(c => char.IsSurrogate(c) || c is '\r' or '\n')))
            .Sample((name, value) =>
            {
                NameAddress address = new NameAddress(SipUri.Parse("sip:a@b"), name).WithParameter("x", value);
                Assert.True(NameAddress.TryParse(address.ToString(), out NameAddress? again), address.ToString());
                Assert.Equal((name.Length == 0 ? null : address.DisplayName, value), (again.DisplayName, again.Parameters["x"]));
            }, iter: 2000, seed: "0000KOIKe123");
}
