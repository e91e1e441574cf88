using System.Text;
using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.Tests.Messages;

public class SessionExpiresTests
{
    [Theory]
    [InlineData("4000", 4000u, null)]                                         // RFC 4028 §4
    [InlineData("1800;refresher=uac", 1800u, SessionRefresher.Uac)]
    [InlineData(" 90 ; x=y ;Refresher = UAS", 90u, SessionRefresher.Uas)]
    [InlineData("90;refresher=both", 90u, null)]
    [InlineData("90;refresher", 90u, null)]
    [InlineData("99999999999", uint.MaxValue, null)]
    public void A_value_has_an_interval_and_perhaps_a_refresher(string value, uint seconds, SessionRefresher? refresher)
    {
        Assert.True(SessionExpires.TryParse(Encoding.ASCII.GetBytes(value), out SessionExpires expires));
        Assert.Equal(new SessionExpires(seconds, refresher), expires);
    }

    [Theory]
    [InlineData("")]
    [InlineData(";refresher=uac")]
    [InlineData("-90")]
    [InlineData("ninety")]
    public void Anything_else_is_none(string value) => Assert.False(SessionExpires.TryParse(Encoding.ASCII.GetBytes(value), out _));

    [Theory]
    [InlineData(SessionRefresher.Uac, "1800;refresher=uac")]
    [InlineData(SessionRefresher.Uas, "1800;refresher=uas")]
    [InlineData(null, "1800")]
    public void It_is_written_as_the_RFC_has_it(SessionRefresher? refresher, string expected) =>
        Assert.Equal(expected, new SessionExpires(1800, refresher).ToString());
}
