using System.Text;
using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.Tests.Messages;

public class CSeqTests
{
    [Theory]
    [InlineData("9 INVITE", SipParseError.None)]
    [InlineData("0009\r\n INVITE", SipParseError.None)]                          // RFC 4475 §3.1.1.1 wsinv
    [InlineData("2147483647 BYE", SipParseError.None)]                           // RFC 3261 §8.1.1.5
    [InlineData("2147483648 BYE", SipParseError.CSeqNumber)]
    [InlineData("36893488147419103232 REGISTER", SipParseError.CSeqNumber)]      // RFC 4475 §3.1.2.4 scalar02
    [InlineData("+9 INVITE", SipParseError.CSeqNumber)]
    [InlineData("-9 INVITE", SipParseError.CSeqNumber)]
    [InlineData("", SipParseError.CSeqNumber)]
    [InlineData("INVITE", SipParseError.CSeqNumber)]
    [InlineData("9", SipParseError.CSeqMethod)]
    [InlineData("9INVITE", SipParseError.CSeqMethod)]                            // LWS between the two is mandatory
    [InlineData("9 INV ITE", SipParseError.CSeqMethod)]
    [InlineData("9 INV@TE", SipParseError.CSeqMethod)]
    public void Parse_accepts_the_grammar_and_names_the_fault(string value, SipParseError expected) =>
        Assert.Equal(expected, CSeq.Parse(Encoding.ASCII.GetBytes(value), out _));

    [Fact]
    public void A_value_is_written_as_it_was_read()
    {
        Assert.Equal(SipParseError.None, CSeq.Parse("0009 INVITE"u8, out CSeq cseq));
        Assert.Equal(new CSeq(9, SipMethod.Invite), cseq);
        Assert.Equal("9 INVITE", cseq.ToString());
    }

    [Theory]
    [InlineData(64, SipParseError.None)]
    [InlineData(65, SipParseError.CSeqMethod)]
    public void A_method_has_at_most_64_octets(int length, SipParseError expected) =>
        Assert.Equal(expected, CSeq.Parse(Encoding.ASCII.GetBytes("1 " + new string('M', length)), out _));
}
