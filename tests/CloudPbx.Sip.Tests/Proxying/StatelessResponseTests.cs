using System.Text;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;

namespace CloudPbx.Sip.Tests.Proxying;

public class StatelessResponseTests
{
    private const string Received = ";received=198.51.100.7;rport=40000";

    [Theory]
    [InlineData("192.0.2.15;branch=z9hG4bK1", "192.0.2.15;branch=z9hG4bK1" + Received)]
    [InlineData("192.0.2.15;branch=z9hG4bK1, SIP/2.0/UDP b", "192.0.2.15;branch=z9hG4bK1" + Received + ", SIP/2.0/UDP b")]
    [InlineData("192.0.2.15;;,;,,", "192.0.2.15" + Received)]                                             // RFC 4475 §3.1.2.1 badinv01
    [InlineData("192.0.2.15;branch=z9hG4bK1;=x;y, SIP/2.0/UDP b", "192.0.2.15;branch=z9hG4bK1" + Received + ", SIP/2.0/UDP b")]
    public void The_answer_goes_by_the_sent_by_even_where_the_rest_of_the_Via_is_malformed(string via, string expected)
    {
        byte[] octets = Encoding.UTF8.GetBytes(Forwarding.Invite("Via: SIP/2.0/UDP " + via));
        Assert.Equal(SipParseError.None, SipMessageView.Parse(octets, out SipMessageView request));
        Assert.True(request.IsAnswerable);
        byte[] buffer = new byte[octets.Length + StatelessForwarder.Room];
        string answer = Encoding.UTF8.GetString(buffer, 0, StatelessResponse.Write(request, 400, "Malformed Via", Forwarding.Source, Forwarding.Key, buffer));
        Assert.StartsWith($"SIP/2.0 400 Malformed Via\r\nVia: SIP/2.0/UDP {expected}\r\n", answer, StringComparison.Ordinal);
        Forwarding.Parse(answer);
    }
}
