using CloudPbx.CallControl.Routing;
using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.Routing;

public sealed class RouterTests : IDisposable
{
    private readonly TestTenant _tenant = new();

    [Fact]
    public void An_extension_rings_for_the_tenants_ring_time()
    {
        RoutePlan plan = Router.Route("100", "101", _tenant.Configure(1));
        RouteTarget.ToExtension target = Assert.IsType<RouteTarget.ToExtension>(plan.Target);
        Assert.Equal("101", target.Number);
        Assert.False(target.OwnNumber);
        Assert.Equal(TimeSpan.FromSeconds(30), target.RingTimeout);
        Assert.Equal([new("dialled", "101"), new RouteStep("extension", "101")], plan.Steps);
    }

    [Fact]
    public void The_own_number_is_the_extension_without_the_calling_phone() =>
        Assert.True(Assert.IsType<RouteTarget.ToExtension>(Router.Route("100", "100", _tenant.Configure(1)).Target).OwnNumber);

    [Fact]
    public void Star_43_is_the_echo_test() => Assert.IsType<RouteTarget.ToEcho>(Router.Route("100", "*43", _tenant.Configure(1)).Target);

    [Theory]
    [InlineData("999", 404)]
    [InlineData("", 484)]
    [InlineData("+442079460000", 404)]
    public void What_is_no_number_here_is_refused_and_the_reason_recorded(string dialled, int status)
    {
        RoutePlan plan = Router.Route("100", dialled, _tenant.Configure(1));
        Assert.Equal(status, Assert.IsType<RouteTarget.Refused>(plan.Target).Status);
        Assert.Equal(dialled, plan.Steps[^1].Value);
    }

    [Theory]
    [InlineData("sip:101@acme.test", "101")]
    [InlineData("sip:%2A43@acme.test", "*43")]
    [InlineData("sips:101;phone-context=acme@acme.test:5061", "101")]      // RFC 3261 §19.1.6
    [InlineData("sip:1-01.@10.0.0.1", "101")]                              // RFC 3966 §5.1.1 visual separators
    [InlineData("tel:+44-20-7946-0000", "+442079460000")]
    [InlineData("sip:j.smith@acme.test", "j.smith")]
    [InlineData("sip:acme.test", "")]
    public void The_dialled_string_is_the_user_part_without_decoration(string uri, string expected) =>
        Assert.Equal(expected, Router.DialledString(SipUri.Parse(uri)));

    public void Dispose() => _tenant.Dispose();
}
