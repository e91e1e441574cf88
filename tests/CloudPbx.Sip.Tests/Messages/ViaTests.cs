using System.Text;
using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.Tests.Messages;

public class ViaTests
{
    [Theory]
    [InlineData("SIP/2.0/UDP erlang.bell-telephone.com:5060;branch=z9hG4bK87asdks7", "UDP", "erlang.bell-telephone.com", 5060, "z9hG4bK87asdks7", null)]
    [InlineData("SIP  / 2.0\r\n /UDP\r\n    192.0.2.2;branch=390skdjuw", "UDP", "192.0.2.2", null, "390skdjuw", null)]       // RFC 4475 §3.1.1.1
    [InlineData("SIP / 2.0 / UDP first.example.com: 4000;ttl=16 ;maddr=224.2.0.1 ;branch=z9hG4bKa7c6a8dlze.1", "UDP", "first.example.com", 4000, "z9hG4bKa7c6a8dlze.1", null)]  // §20.42
    [InlineData("SIP/2.0/UNKNOWN t4.example.com", "UNKNOWN", "t4.example.com", null, null, null)]
    [InlineData("SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255];branch=z9hG4bKas3-111", "UDP", "[2001:db8::9:1]", null, "z9hG4bKas3-111", "2001:db8::9:255")]  // RFC 5118 §4.5
    [InlineData("SIP/2.0/UDP [2001:db8::9:1];received=2001:db8::9:255;branch=z9hG4bKas3", "UDP", "[2001:db8::9:1]", null, "z9hG4bKas3", "2001:db8::9:255")]
    public void A_value_has_its_parts(string text, string transport, string host, int? port, string? branch, string? received)
    {
        Assert.True(Via.TryParse(text, out Via? via));
        Assert.Equal((transport, host, port, branch, received), (via.Transport, via.Host, via.Port, via.Branch, via.Received));
    }

    [Theory]
    [InlineData("SIP/2.0/UDP", SipParseError.Via)]
    [InlineData("SIP/2.0/UDPhost", SipParseError.Via)]
    [InlineData("SIP//UDP host", SipParseError.Via)]
    [InlineData("HTTP/2.0/UDP host", SipParseError.Via)]
    [InlineData("SIP/2.0/UDP host:port", SipParseError.Port)]
    [InlineData("SIP/2.0/UDP host:70000", SipParseError.Port)]
    [InlineData("SIP/2.0/UDP ;branch=1", SipParseError.Host)]
    [InlineData("SIP/2.0/UDP host;;branch=1", SipParseError.Parameter)]      // RFC 4475 §3.1.2.1 badinv01
    [InlineData("", SipParseError.Via)]
    public void A_malformed_value_is_refused_with_its_fault(string text, SipParseError expected) =>
        Assert.Equal(expected, Via.Parse(Encoding.ASCII.GetBytes(text), out _));

    [Fact]
    public void A_request_of_another_version_can_be_answered()               // RFC 4475 §3.1.2.16 badvers: 505, so its Via is read
    {
        Assert.True(Via.TryParse("SIP/7.0/UDP c.example.com;branch=z9hG4bKkdjuw", out Via? via));
        Assert.Equal("c.example.com", via.Host);
    }

    [Fact]
    public void With_a_faulty_parameter_the_sender_is_still_known()
    {
        Assert.Equal(SipParseError.Parameter, Via.Parse("SIP/2.0/UDP 192.0.2.15:5062;rport;;,"u8, out Via? via));
        Assert.Equal(("192.0.2.15", 5062, true), (via!.Host, via.Port, via.HasRPort));
    }

    [Theory]
    [InlineData("z9hG4bK", false)]                                           // RFC 4475 §3.2.1 badbranch
    [InlineData("z9hG4bK1", true)]
    [InlineData("Z9HG4BK1", true)]
    [InlineData("1", false)]
    public void A_branch_needs_more_than_the_cookie(string branch, bool expected)
    {
        Assert.True(Via.TryParse($"SIP/2.0/UDP h;branch={branch}", out Via? via));
        Assert.Equal(expected, via.HasRfc3261Branch);
    }

    [Fact]
    public void Received_and_rport_are_filled_in()                           // RFC 3581 §4
    {
        Assert.True(Via.TryParse("SIP/2.0/UDP 10.0.0.1;rport;branch=z9hG4bKx", out Via? via));
        Assert.True(via.HasRPort);
        Assert.Null(via.RPort);
        via = via.WithParameter("received", "192.0.2.1").WithParameter("rport", "9988");
        Assert.Equal("SIP/2.0/UDP 10.0.0.1;rport=9988;branch=z9hG4bKx;received=192.0.2.1", via.ToString());
        Assert.Equal(9988, via.RPort);
    }

    [Fact]
    public void An_IPv6_host_gets_its_brackets() =>
        Assert.Equal("SIP/2.0/TLS [2001:db8::1]:5061;branch=z9hG4bKx;rport", new Via("TLS", "2001:db8::1", 5061, "z9hG4bKx", SipParameters.Empty.With("rport")).ToString());

    [Fact]
    public void Parts_that_cannot_be_written_are_a_bug_of_ours()
    {
        Assert.Throws<ArgumentException>(() => new Via("UDP", "h\r\nX: y", null, "z9hG4bKx"));
        Assert.Throws<ArgumentException>(() => new Via("U DP", "h", null, "z9hG4bKx"));
    }
}
