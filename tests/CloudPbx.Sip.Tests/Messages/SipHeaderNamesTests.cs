using System.Text;
using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.Tests.Messages;

public class SipHeaderNamesTests
{
    public static TheoryData<SipHeaderName> Known => [.. Enum.GetValues<SipHeaderName>().Where(name => name != SipHeaderName.Other)];

    [Theory]
    [MemberData(nameof(Known))]
    public void A_known_name_is_found_in_any_case(SipHeaderName name)
    {
        Assert.Equal(name, SipHeaderNames.Identify(name.ToText()));
        Assert.Equal(name, SipHeaderNames.Identify(name.ToText().ToUpperInvariant()));
        Assert.Equal(name, SipHeaderNames.Identify(Encoding.ASCII.GetBytes(name.ToText().ToLowerInvariant())));
    }

    [Theory]
    [InlineData("v", SipHeaderName.Via)]
    [InlineData("F", SipHeaderName.From)]
    [InlineData("t", SipHeaderName.To)]
    [InlineData("i", SipHeaderName.CallId)]
    [InlineData("m", SipHeaderName.Contact)]
    [InlineData("L", SipHeaderName.ContentLength)]
    [InlineData("c", SipHeaderName.ContentType)]
    [InlineData("e", SipHeaderName.ContentEncoding)]
    [InlineData("k", SipHeaderName.Supported)]
    [InlineData("s", SipHeaderName.Subject)]
    [InlineData("x", SipHeaderName.SessionExpires)]
    [InlineData("o", SipHeaderName.Event)]
    [InlineData("u", SipHeaderName.AllowEvents)]
    [InlineData("r", SipHeaderName.ReferTo)]
    [InlineData("b", SipHeaderName.ReferredBy)]
    [InlineData("q", SipHeaderName.Other)]
    public void A_compact_form_is_its_field(string letter, SipHeaderName expected) => Assert.Equal(expected, SipHeaderNames.Identify(letter));

    [Theory]
    [InlineData("C%6Fntact")]                                                    // RFC 4475 §3.1.1.5: no escapes in names
    [InlineData("Vía")]
    [InlineData("X-Tenant")]
    [InlineData("")]
    public void Any_other_name_is_unknown(string name) => Assert.Equal(SipHeaderName.Other, SipHeaderNames.Identify(name));

    [Theory]
    [InlineData(SipHeaderName.CallId, "Call-ID")]
    [InlineData(SipHeaderName.CSeq, "CSeq")]
    [InlineData(SipHeaderName.WwwAuthenticate, "WWW-Authenticate")]
    [InlineData(SipHeaderName.MinSE, "Min-SE")]
    [InlineData(SipHeaderName.RAck, "RAck")]
    [InlineData(SipHeaderName.SipETag, "SIP-ETag")]
    [InlineData(SipHeaderName.PAssertedIdentity, "P-Asserted-Identity")]
    [InlineData(SipHeaderName.MimeVersion, "MIME-Version")]
    [InlineData(SipHeaderName.HistoryInfo, "History-Info")]
    public void Names_are_spelled_as_in_the_RFCs(SipHeaderName name, string expected) => Assert.Equal(expected, name.ToText());
}
