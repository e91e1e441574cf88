using System.Text;
using CloudPbx.Sip.Messages;
using CsCheck;

namespace CloudPbx.Sip.Tests.Messages;

public class SipUriTests
{
    private static readonly Gen<string> s_host = Gen.OneOf(
        Gen.String[Gen.Char.AlphaNumeric, 1, 20],
        Gen.Const("192.0.2.1"),
        Gen.Const("[2001:db8::1]"),
        Gen.Const("pbx.acme.example"));

    private static readonly Gen<SipUri> s_uris =
        from scheme in Gen.Bool.Select(secure => secure ? SipScheme.Sips : SipScheme.Sip)
        from user in Gen.String[1, 12].Where(user => !user.Any(char.IsSurrogate)).Null()
        from host in s_host
        from port in Gen.Int[0, 65535].Nullable()
        from name in Gen.String[Gen.Char.AlphaNumeric, 1, 8]
        from value in Gen.String[1, 8].Where(value => !value.Any(char.IsSurrogate)).Null()
        select new SipUri(scheme, user, host, port, SipParameters.EmptyUri.With(name, value));

    [Fact]
    public void A_URI_has_its_parts()
    {
        SipUri uri = SipUri.Parse("sips:alice:secret@atlanta.example.com:5061;transport=tcp;lr?Subject=a%20b&Priority=urgent");
        Assert.Equal((SipScheme.Sips, "alice", "secret", "atlanta.example.com", 5061), (uri.Scheme, uri.User, uri.Password, uri.Host, uri.Port));
        Assert.Equal("tcp", uri.Parameters["Transport"]);
        Assert.True(uri.Parameters.Has("lr"));
        Assert.Null(uri.Parameters["lr"]);
        Assert.Equal("a b", uri.Headers["subject"]);
        Assert.Equal(2, uri.Headers.Count);
    }

    [Theory]
    [InlineData("sip:sips%3Auser%40example.com@example.net", "sips:user@example.com", "example.net")]   // RFC 4475 §3.1.1.3 esc01
    [InlineData("sip:%75se%72@example.com", "user", "example.com")]
    [InlineData("sip:null-%00-null@example.com", "null-\0-null", "example.com")]                        // RFC 4475 §3.1.1.4 escnull
    [InlineData("sip:user;par=u%40example.net@example.com", "user;par=u@example.net", "example.com")]   // RFC 4475 §3.1.1.9 semiuri
    [InlineData("sip:a%2541@b", "a%41", "b")]                                                           // never unescaped twice
    [InlineData("sip:*43#@b", "*43#", "b")]
    [InlineData("sip:example.com", null, "example.com")]
    [InlineData("sip:[2001:db8::10]", null, "[2001:db8::10]")]
    [InlineData("sip:[2001:db8:::192.0.2.1]", null, "[2001:db8::192.0.2.1]")]                           // RFC 5118 §4.10
    public void User_and_host_are_read(string text, string? user, string host)
    {
        SipUri uri = SipUri.Parse(text);
        Assert.Equal((user, host), (uri.User, uri.Host));
        Assert.Equal(text, uri.ToString());
    }

    [Fact]
    public void Parameter_names_and_values_are_unescaped_once()              // RFC 4475 §3.1.1.3 esc01
    {
        SipUri uri = SipUri.Parse("sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31");
        Assert.True(uri.Parameters.Has("lr"));
        Assert.Equal("value%41", uri.Parameters["name"]);
    }

    [Theory]
    [InlineData("sip:[2001:db8::10:5070]", "[2001:db8::10:5070]", null)]     // RFC 5118 §4.3: an address without port
    [InlineData("sip:[2001:db8::10]:5070", "[2001:db8::10]", 5070)]          // RFC 5118 §4.4
    public void A_port_stands_after_the_bracket(string text, string host, int? port)
    {
        SipUri uri = SipUri.Parse(text);
        Assert.Equal((host, port), (uri.Host, uri.Port));
    }

    [Theory]
    [InlineData("sip:2001:db8::10", SipParseError.Port)]                     // RFC 5118 §4.2
    [InlineData("<sip:user@example.com>", SipParseError.UriScheme)]          // RFC 4475 §3.1.2.7
    [InlineData("sip:user@example.com; lr", SipParseError.UriCharacter)]     // RFC 4475 §3.1.2.8
    [InlineData("sip: user@example.com", SipParseError.UriCharacter)]
    [InlineData("sip:", SipParseError.Host)]
    [InlineData("sip:@example.com", SipParseError.UriCharacter)]
    [InlineData("sip:a@b@c", SipParseError.Host)]
    [InlineData("sip:a@b;x=1@c", SipParseError.UriCharacter)]
    [InlineData("sip:a@b:", SipParseError.Port)]
    [InlineData("sip:a@b:65536", SipParseError.Port)]
    [InlineData("sip:a@b:-1", SipParseError.Port)]
    [InlineData("sip:a@[::1", SipParseError.Host)]
    [InlineData("sip:a@[1.2.3.4]", SipParseError.Host)]
    [InlineData("sip:a@[::1%25eth0]", SipParseError.Host)]
    [InlineData("sip:a@b;", SipParseError.Parameter)]
    [InlineData("sip:a@b;x=", SipParseError.Parameter)]
    [InlineData("sip:a@b?", SipParseError.UriCharacter)]
    [InlineData("sip:a%4@b", SipParseError.UriCharacter)]
    [InlineData("sip:a%zz@b", SipParseError.UriCharacter)]
    [InlineData("sip:\u00e9@b", SipParseError.UriCharacter)]
    [InlineData("sip:a\0@b", SipParseError.UriCharacter)]
    [InlineData("noscheme", SipParseError.UriScheme)]
    [InlineData("1x:y", SipParseError.UriScheme)]
    [InlineData("", SipParseError.UriScheme)]
    public void A_malformed_URI_is_refused_with_its_fault(string text, SipParseError expected) =>
        Assert.Equal(expected, SipUri.Parse(Encoding.UTF8.GetBytes(text), out _));

    [Theory]
    [InlineData("tel:+49-30-123;phone-context=example.com", SipScheme.Tel, "+49-30-123")]
    [InlineData("isbn:2983792873", SipScheme.Other, null)]                   // RFC 4475 §3.3.4
    [InlineData("nobodyKnowsThisScheme:totallyopaquecontent", SipScheme.Other, null)]
    [InlineData("soap.beep://192.0.2.103:3002", SipScheme.Other, null)]
    public void Other_schemes_are_kept_as_text(string text, SipScheme scheme, string? user)
    {
        SipUri uri = SipUri.Parse(text);
        Assert.Equal((scheme, user, text), (uri.Scheme, uri.User, uri.ToString()));
        Assert.Equal(text[..text.IndexOf(':', StringComparison.Ordinal)], uri.SchemeText);
    }

    [Theory]
    [InlineData("urn:service:sos", "urn:service:sos")]                       // RFC 5031 §4.2
    [InlineData("urn:service:sos.fire", "urn:service:sos.fire")]
    [InlineData("URN:Service:SOS.Animal-Control", "urn:service:sos.animal-control")]      // §3: compared without regard to case
    [InlineData("urn:service:sos.ecall.manual", "urn:service:sos.ecall.manual")]
    [InlineData("urn:service:sos.", "urn:service:sos")]
    [InlineData("urn:service:sos;phone-context=x", "urn:service:sos")]
    [InlineData("urn:service:sos.a.0123456789012345678901234567890123456789012345678901234567890123456789", "urn:service:sos.a")]      // without its last labels the more general service
    [InlineData("urn:service:sosx", null)]
    [InlineData("urn:service:sos-x", null)]
    [InlineData("urn:service:counseling", null)]
    [InlineData("urn:ietf:params:sos", null)]
    [InlineData("sip:urn@service:50", null)]
    [InlineData("tel:112", null)]
    public void An_emergency_service_is_known_by_its_name(string text, string? service)
    {
        Assert.Equal(service, SipUri.Parse(text).EmergencyService);
        Assert.Equal(SipParseError.None, SipUriView.Parse(Encoding.ASCII.GetBytes(text), out SipUriView view));
        Assert.Equal(service is not null, view.IsEmergencyService);
    }

    [Theory]                                                                 // RFC 3261 §19.1.4's own examples
    [InlineData("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp")]
    [InlineData("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5")]
    [InlineData("sip:carol@chicago.com", "sip:carol@chicago.com;security=on")]
    [InlineData("sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com", "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com")]
    [InlineData("sip:alice@atlanta.com?subject=project%20x&priority=urgent", "sip:alice@atlanta.com?priority=urgent&subject=project%20x")]
    [InlineData("tel:+1-201-555-0123", "tel:+12015550123")]                  // RFC 3966 §4
    public void Equivalent_URIs_are_equal(string left, string right)
    {
        Assert.Equal(SipUri.Parse(left), SipUri.Parse(right));
        Assert.Equal(SipUri.Parse(right), SipUri.Parse(left));
        Assert.Equal(SipUri.Parse(left).GetHashCode(), SipUri.Parse(right).GetHashCode());
    }

    [Theory]
    [InlineData("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP")]
    [InlineData("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060")]
    [InlineData("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp")]
    [InlineData("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp")]
    [InlineData("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting")]
    [InlineData("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4")]
    [InlineData("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off")]
    [InlineData("sip:alice@atlanta.com", "sips:alice@atlanta.com")]
    [InlineData("sip:a%3Bb@c", "sip:a;b@c")]                                 // an escaped reserved character is another one
    [InlineData("sip:%00@c", "sip:%00%00@c")]                                // RFC 4475 §3.1.1.4
    [InlineData("sip:a@c", "tel:a")]
    public void Different_URIs_are_not_equal(string left, string right)
    {
        Assert.NotEqual(SipUri.Parse(left), SipUri.Parse(right));
        Assert.NotEqual(SipUri.Parse(right), SipUri.Parse(left));
    }

    [Fact]
    public void What_is_built_can_be_read_again() => s_uris.Sample(uri =>
    {
        Assert.Equal(SipParseError.None, SipUri.Parse(Encoding.UTF8.GetBytes(uri.ToString()), out SipUri? again));
        Assert.Equal(uri, again);
        Assert.Equal((uri.User, uri.Host, uri.Port, uri.Parameters.Count), (again!.User, again.Host, again.Port, again.Parameters.Count));
        Assert.Equal(uri.Parameters[0], again.Parameters[0]);
    }, iter: 2000, seed: "0000KOIKe123");

    [Theory]
    [InlineData("a b", "sip:a%20b@h")]
    [InlineData("a\r\nVia: x", "sip:a%0D%0AVia%3A%20x@h")]                   // nothing breaks out of the line
    [InlineData("user@home", "sip:user%40home@h")]
    [InlineData("100%", "sip:100%25@h")]
    [InlineData("grün", "sip:gr%C3%BCn@h")]
    public void A_user_part_is_escaped_where_it_must_be(string user, string expected) =>
        Assert.Equal(expected, new SipUri(SipScheme.Sip, user, "h").ToString());

    [Theory]
    [InlineData("h\r\nVia: x")]
    [InlineData("h>")]
    [InlineData("")]
    public void A_host_that_cannot_be_written_is_a_bug_of_ours(string host) => Assert.Throws<ArgumentException>(() => new SipUri(SipScheme.Sip, "u", host));

    [Fact]
    public void Parts_are_changed_one_at_a_time()
    {
        SipUri uri = SipUri.Parse("sip:a%20b:pw@h:5060;lr;x=%25?Route=%3Csip:evil%3E");
        Assert.Equal("sip:c@h:5060;lr;x=%25?Route=%3Csip:evil%3E", uri.WithUser("c").ToString());     // a password belongs to its user
        Assert.Equal("sip:a%20b:pw@[::1];lr;x=%25?Route=%3Csip:evil%3E", uri.WithHost("::1").ToString());
        Assert.Equal("sips:a%20b:pw@h:5060;lr;x=%25?Route=%3Csip:evil%3E", uri.WithScheme(SipScheme.Sips).ToString());
        Assert.Equal("sip:a%20b:pw@h:5060;lr;x=%25", uri.WithoutHeaders().ToString());
        Assert.Equal("sip:a%20b:pw@h:5060;x=%25", uri.WithoutHeaders().WithoutParameter("lr").ToString());
        Assert.Equal("sip:a%20b:pw@h:5060;lr;x=%25;ob", uri.WithoutHeaders().WithParameter("ob").ToString());
        Assert.Throws<InvalidOperationException>(() => SipUri.Parse("tel:1").WithHost("h"));
    }

    [Theory]
    [InlineData(255, SipParseError.None)]
    [InlineData(256, SipParseError.Host)]
    public void A_host_has_at_most_255_octets(int length, SipParseError expected) =>
        Assert.Equal(expected, SipUri.Parse(Encoding.ASCII.GetBytes("sip:" + new string('h', length)), out _));

    [Theory]
    [InlineData(1023)]
    [InlineData(1024)]
    [InlineData(4096 - 6)]
    public void A_long_user_part_is_kept_whole(int length) =>                // RFC 4475 §3.1.1.7
        Assert.Equal(length, SipUri.Parse($"sip:{new string('u', length)}@h").User!.Length);

    [Fact]
    public void A_URI_has_at_most_4096_octets() =>
        Assert.Equal(SipParseError.TooLong, SipUri.Parse(Encoding.ASCII.GetBytes($"sip:{new string('u', 4096 - 5)}@h"), out _));
}
