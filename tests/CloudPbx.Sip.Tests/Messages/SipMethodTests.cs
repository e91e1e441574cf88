using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.Tests.Messages;

public class SipMethodTests
{
    [Fact]
    public void A_known_method_shares_its_string()
    {
        Assert.Same(SipMethod.Invite.Name, SipMethod.From("INVITE"u8).Name);
        Assert.True(SipMethod.From("PUBLISH").IsKnown);
    }

    [Fact]
    public void Methods_are_compared_with_regard_to_case() => Assert.NotEqual(SipMethod.Invite, SipMethod.From("invite"));   // RFC 3261 §7.1

    [Fact]
    public void An_unknown_method_is_kept_as_it_came()
    {
        SipMethod method = SipMethod.From("RE%47IST%45R"u8);                     // RFC 4475 §3.1.1.5: "%" is no escape here
        Assert.Equal("RE%47IST%45R", method.Name);
        Assert.False(method.IsKnown);
        Assert.NotEqual(SipMethod.Register, method);
    }

    [Fact]
    public void The_default_is_no_method() => Assert.Equal("", default(SipMethod).Name);

    [Fact]
    public void What_is_no_token_is_a_bug_of_ours() => Assert.Throws<ArgumentException>(() => SipMethod.From("IN VITE"));
}
