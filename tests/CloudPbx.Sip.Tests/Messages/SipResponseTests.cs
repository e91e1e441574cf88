using System.Text;
using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.Tests.Messages;

public class SipResponseTests
{
    private readonly SipRequest _invite = Parse("INVITE", "To: <sip:b@c>");

    [Fact]
    public void A_response_repeats_what_the_request_identifies()             // RFC 3261 §8.2.6.2
    {
        SipResponse ringing = SipResponse.For(_invite, 180, toTag: "7");
        Assert.Equal(
            "SIP/2.0 180 Ringing\r\nVia: SIP/2.0/UDP 1.2.3.4;branch=z9hG4bK1\r\nv: SIP/2.0/TCP 5.6.7.8\r\nRecord-Route: <sip:p;lr>\r\n" +
            "From: <sip:a@b>;tag=1\r\nTo: <sip:b@c>;tag=7\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n",
            ringing.ToString());
        Assert.True(ringing.IsProvisional);
    }

    [Fact]
    public void Trying_has_no_tag_and_no_route_but_the_timestamp()           // §8.2.6.1
    {
        SipResponse trying = SipResponse.For(_invite, 100);
        Assert.Equal((null, "54"), (trying.To.Tag, trying.Headers.Get(SipHeaderName.Timestamp)));
        Assert.Empty(trying.RecordRoutes);
    }

    [Fact]
    public void An_error_repeats_no_route() => Assert.Empty(SipResponse.For(_invite, 486, toTag: "7").RecordRoutes);

    [Fact]
    public void A_tag_that_is_there_stays() => Assert.Equal("3", SipResponse.For(Parse("BYE", "To: sip:b@c ; tag=3"), 200, toTag: "7").To.Tag);

    [Fact]
    public void A_tag_belongs_to_the_field_not_the_URI() => Assert.Equal("7", SipResponse.For(Parse("BYE", "To: sip:b@c"), 200, toTag: "7").To.Tag);

    [Fact]
    public void A_reason_phrase_cannot_break_out_of_its_line() => Assert.Throws<ArgumentException>(() => new SipResponse(400, "a\r\nX: y"));

    [Theory]
    [InlineData(99)]
    [InlineData(700)]
    public void A_status_code_has_its_range(int code) => Assert.Throws<ArgumentOutOfRangeException>(() => new SipResponse(code));

    [Theory]
    [InlineData(486, "Busy Here")]
    [InlineData(499, "Bad Request")]
    [InlineData(699, "Global Failure")]
    public void A_code_has_its_phrase_or_its_class(int code, string expected) => Assert.Equal(expected, new SipResponse(code).ReasonPhrase);

    private static SipRequest Parse(string method, string to)
    {
        Assert.Equal(SipParseError.None, SipMessage.TryParse(Encoding.ASCII.GetBytes(
            $"{method} sip:b@c SIP/2.0\r\nVia: SIP/2.0/UDP 1.2.3.4;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nv: SIP/2.0/TCP 5.6.7.8\r\n{to}\r\n" +
            $"Call-ID: x\r\nTimestamp: 54\r\nCSeq: 1 {method}\r\nRecord-Route: <sip:p;lr>\r\n\r\n"), out SipMessage? message));
        return Assert.IsType<SipRequest>(message);
    }
}
