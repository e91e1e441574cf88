using System.Text;
using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.Tests.Messages;

public class RAckTests
{
    [Theory]
    [InlineData("776656 1 INVITE", 776656u, 1u)]                              // RFC 3262 §7.2
    [InlineData(" 1\r\n 2\t INVITE ", 1u, 2u)]
    [InlineData("4294967295 2147483647 INVITE", uint.MaxValue, 2147483647u)]
    public void A_RAck_names_a_response_and_its_request(string value, uint response, uint request)
    {
        Assert.True(RAck.TryParse(Encoding.ASCII.GetBytes(value), out RAck rack));
        Assert.Equal(new RAck(response, new CSeq(request, SipMethod.Invite)), rack);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1 INVITE")]
    [InlineData("1 2")]
    [InlineData("12INVITE")]
    [InlineData("+1 2 INVITE")]
    [InlineData("4294967296 2 INVITE")]
    [InlineData("1 2147483648 INVITE")]
    public void Anything_else_is_none(string value) => Assert.False(RAck.TryParse(Encoding.ASCII.GetBytes(value), out _));

    [Fact]
    public void It_is_written_as_the_RFC_has_it() => Assert.Equal("776656 1 INVITE", new RAck(776656, new CSeq(1, SipMethod.Invite)).ToString());
}
