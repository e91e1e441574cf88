using System.Text;
using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.Tests.Messages;

/// <summary>RFC 3261 §20.33, §21.5.4.</summary>
public class RetryAfterTests
{
    [Fact]
    public void Those_who_are_refused_together_do_not_come_back_together()
    {
        int[] counts = new int[11];
        for (int call = 0; call < 6000; call++)
            counts[RetryAfter.Seconds(TimeSpan.FromSeconds(5), Encoding.ASCII.GetBytes($"call-{call:x8}-0123456789abcdef@127.0.0.1"))]++;
        Assert.All(counts[..5], count => Assert.Equal(0, count));
        Assert.All(counts[5..], count => Assert.InRange(count, 700, 1300));
    }

    [Fact]
    public void A_repeated_request_hears_the_same()
    {
        SipRequest request = new(SipMethod.Invite, SipUri.Parse("sip:101@acme.test"));
        request.Headers.Add(SipHeaderName.CallId, "c1@acme.test");
        Assert.Equal($"{RetryAfter.Seconds(RetryAfter.Least, "c1@acme.test"u8)}", RetryAfter.For(request));
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1, 1, 2)]
    [InlineData(3600, 3600, 7200)]
    public void It_is_at_least_what_was_asked_for_and_at_most_twice_that(int least, int lowest, int highest) =>
        Assert.InRange(RetryAfter.Seconds(TimeSpan.FromSeconds(least), "c"u8), lowest, highest);
}
