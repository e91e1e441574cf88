using System.Text;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.Sip.Tests.UserAgents;

/// <summary>Which part of a message's body is looked at (RFC 2046 §5.1, RFC 5621; INTEROP I44).</summary>
public class MessageBodyTests
{
    private const string Sdp = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\n";

    [Theory]
    [InlineData("multipart/mixed;boundary=b", "--b\r\nContent-Type: application/sdp\r\n\r\n{sdp}\r\n--b\r\nContent-Type: application/ISUP;version=itu-t92+\r\n\r\n\u0001\u0002\r\n--b--\r\n")]
    [InlineData("multipart/mixed; boundary=\"b b\"", "--b b\r\nContent-Type: application/isup\r\n\r\n\u0001\r\n--b b\r\nc: application/sdp\r\nContent-Disposition: session\r\n\r\n{sdp}\r\n--b b--")]
    [InlineData("Multipart/Mixed;boundary=b;x=y", "preamble --b\r\n--b\r\nCONTENT-TYPE : application/sdp\r\n\r\n{sdp}\r\n--b--")]
    public void I44_of_several_parts_the_session_description_is_taken(string type, string body)
    {
        MessageBody found = MessageBody.Of(Message(type, body.Replace("{sdp}", Sdp, StringComparison.Ordinal)))!;
        Assert.True(found.IsSdp);
        Assert.Equal(Sdp, found.Text);
    }

    [Theory]
    [InlineData("multipart/mixed;boundary=b", "--b\r\nContent-Type: application/isup\r\n\r\n\u0001\r\n--b--")]
    [InlineData("multipart/mixed;boundary=b", "--b\r\nContent-Type: application/sdp\r\n\r\nv=0")]                  // cut off
    [InlineData("multipart/mixed;boundary=b", "--b\r\nContent-Type: application/sdp")]
    [InlineData("multipart/mixed;boundary=b", "--b--b--b")]
    [InlineData("multipart/mixed;boundary=", "--\r\n\r\nv=0\r\n--")]
    [InlineData("multipart/mixed", "--b\r\n\r\nv=0\r\n--b--")]
    [InlineData("multipart/mixed;boundary=\"b", "--b\r\n\r\nv=0\r\n--b--")]
    public void What_has_none_stays_what_it_is(string type, string body)
    {
        MessageBody found = MessageBody.Of(Message(type, body))!;
        Assert.False(found.IsSdp);
        Assert.Equal(body, found.Text);
    }

    [Fact]
    public void Bodies_joined_are_the_parts_of_the_one_in_their_order_and_with_their_names()           // RFC 5621 §3.1, RFC 2392
    {
        MessageBody place = new("application/pidf+xml", Encoding.UTF8.GetBytes("<presence>\n--\n</presence>\r\n")) { ContentId = "place@phone.example" };
        MessageBody joined = MessageBody.Mixed(MessageBody.Sdp(Sdp), place);
        SipRequest request = Message(joined.ContentType, joined.Text);
        Assert.Equal(
            [("application/sdp", null, Sdp), ("application/pidf+xml", "place@phone.example", place.Text)],
            MessageBody.PartsOf(request).Select(part => (part.ContentType, part.ContentId, part.Text)));
        Assert.Equal(Sdp, MessageBody.Of(request)!.Text);
        Assert.Empty(MessageBody.PartsOf(Message("application/sdp", Sdp)));
    }

    private static SipRequest Message(string type, string body)
    {
        SipRequest request = new(SipMethod.Invite, SipUri.Parse("sip:100@acme.test"));
        request.SetBody(Encoding.UTF8.GetBytes(body), type);
        return request;
    }
}
