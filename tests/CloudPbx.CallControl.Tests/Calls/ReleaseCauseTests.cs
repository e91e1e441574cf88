using CloudPbx.CallControl.Calls;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.Calls;

/// <summary>What a peer's Reason fields say (RFC 3326 §2: a list, one value for each protocol).</summary>
public class ReleaseCauseTests
{
    [Theory]
    [InlineData("Q.850;cause=16;text=\"x\", SIP;cause=200", "Q.850;cause=16;text=\"x\", SIP;cause=200", "x", 16)]
    [InlineData("SIP;cause=486;text=\"Busy\", Q.850;cause=17", "Q.850;cause=17, SIP;cause=486;text=\"Busy\"", "Busy", 17)]
    [InlineData("SIP;cause=486|Q.850;cause=17", "Q.850;cause=17, SIP;cause=486", "", 17)]                    // two fields
    [InlineData("SIP;cause=486;text=\"Busy, gone; sorry\"", "SIP;cause=486;text=\"Busy, gone; sorry\"", "Busy, gone; sorry", null)]
    [InlineData("Q.850;text=\"a;cause=3, b\";cause=17", "Q.850;cause=17;text=\"a;cause=3, b\"", "a;cause=3, b", 17)]
    [InlineData("Q.850;text=\"say \\\"no\\\"; never\";cause=21", "Q.850;cause=21;text=\"say no; never\"", "say no; never", 21)]
    [InlineData("q.850 ; Cause = 17 ; Text = \"x\"", "Q.850;cause=17;text=\"x\"", "x", 17)]
    [InlineData("Q.850;text=Normal Clearing;cause=16", "Q.850;cause=16;text=\"Normal Clearing\"", "Normal Clearing", 16)]      // without the quotes that §2 wants
    [InlineData("Preemption;cause=1, Q.850;cause=8", "Q.850;cause=8", "", 8)]
    [InlineData("Q.850;cause=200, Q.850;cause=34, Q.850;cause=38", "Q.850;cause=34", "", 34)]                // the first that can be
    [InlineData("Q.850;cause=16;text=\"never closed, SIP;cause=200", "Q.850;cause=16;text=\"never closed, SIP;cause=200\"", "never closed, SIP;cause=200", 16)]
    public void All_values_are_read_and_passed_on_and_Q850_comes_first(string fields, string header, string text, int? q850)
    {
        ReleaseCause cause = Of(fields)!;
        Assert.Equal((header, text, q850), (cause.Header, cause.Text, cause.Q850));
    }

    [Theory]
    [InlineData("Preemption;cause=1")]
    [InlineData("Q.850;text=\"cause=16\"")]
    [InlineData("SIP;cause=99")]
    [InlineData(", ;")]
    public void What_says_nothing_that_we_understand_is_none(string fields) => Assert.Null(Of(fields));

    [Fact]
    public void A_value_that_is_too_long_does_not_hide_the_next() =>
        Assert.Equal(17, Of($"SIP;cause=486;text=\"{new string('x', 300)}\", Q.850;cause=17")?.Q850);

    private static ReleaseCause? Of(string fields)
    {
        SipRequest invite = new(SipMethod.Invite, SipUri.Parse("sip:100@acme.test"));
        SipResponse response = SipResponse.For(invite, 486);
        foreach (string field in fields.Split('|'))
            response.Headers.Add(SipHeaderName.Reason, field);
        return ReleaseCause.Of(response);
    }
}
