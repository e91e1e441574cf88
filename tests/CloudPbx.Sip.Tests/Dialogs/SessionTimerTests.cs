using CloudPbx.Sip.Dialogs;
using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.Tests.Dialogs;

/// <summary>What is agreed on (RFC 4028 §9, table 2).</summary>
public class SessionTimerTests
{
    [Theory]
    [InlineData(false, null, null, false, null)]                              // nobody wants one
    [InlineData(true, null, null, false, null)]
    [InlineData(false, null, null, true, "1800;refresher=uas")]               // table 2, row 1: a caller that cannot refresh
    [InlineData(true, null, null, true, "1800;refresher=uac")]
    [InlineData(false, "1200", null, false, "1200;refresher=uas")]            // a proxy's wish
    [InlineData(true, "1200", null, false, "1200;refresher=uac")]             // row 2: ours to choose
    [InlineData(true, "1200;refresher=uac", null, false, "1200;refresher=uac")]           // row 3
    [InlineData(true, "1200;refresher=uas", null, false, "1200;refresher=uas")]           // row 4
    [InlineData(true, "1200", "1500", false, "1500;refresher=uac")]           // not below its Min-SE
    [InlineData(false, "30", null, false, "90;refresher=uas")]                // who does not know the 422 gets our least
    public void A_2xx_says_what_table_2_says(bool supports, string? expires, string? minimum, bool asks, string? expected) =>
        Assert.Equal(expected, SessionTimer.AnswerTo(Request(supports, expires, minimum), null, asks ? SessionTimer.Recommended : null)?.ToString());

    [Theory]
    [InlineData(true, true, "600;refresher=uas")]                             // it goes on as it was
    [InlineData(true, false, "600;refresher=uac")]
    [InlineData(false, true, "600;refresher=uas")]                            // we go on for who never could
    [InlineData(false, false, null)]
    public void A_refresh_that_does_not_speak_of_the_timer_leaves_it_to_who_refreshes(bool supports, bool weRefresh, string? expected) => Assert.Equal(
        expected, SessionTimer.AnswerTo(Request(supports, null, null), new SessionTimer(600, weRefresh, DateTimeOffset.UnixEpoch), asks: null)?.ToString());

    [Theory]
    [InlineData(true, "89", true)]
    [InlineData(true, "90", false)]
    [InlineData(true, null, false)]
    [InlineData(false, "89", false)]                                          // §9: only who supports the timer gets 422
    public void An_interval_below_90_seconds_is_too_short(bool supports, string? expires, bool expected) =>
        Assert.Equal(expected, SessionTimer.IsTooShort(Request(supports, expires, null)));

    [Theory]
    [InlineData(90u, 45, 60)]                                                 // §10: a third of it early
    [InlineData(1800u, 900, 1768)]                                            // at most 32 s
    public void Who_waits_gives_up_a_little_earlier(uint seconds, int refresh, int expiry)
    {
        Assert.Equal(TimeSpan.FromSeconds(expiry), new SessionTimer(seconds, false, default).ExpiresAfter);
        Assert.Equal(TimeSpan.FromSeconds(seconds), new SessionTimer(seconds, true, default).ExpiresAfter);
        Assert.Equal(TimeSpan.FromSeconds(refresh), new SessionTimer(seconds, true, default).RefreshAfter);
    }

    private static SipRequest Request(bool supports, string? expires, string? minimum)
    {
        SipRequest request = new(SipMethod.Invite, SipUri.Parse("sip:x@sip.test"));
        if (supports)
            request.Headers.Add(SipHeaderName.Supported, "timer");
        if (expires is not null)
            request.Headers.Add(SipHeaderName.SessionExpires, expires);
        if (minimum is not null)
            request.Headers.Add(SipHeaderName.MinSE, minimum);
        return request;
    }
}
