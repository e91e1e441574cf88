using CloudPbx.CallControl.Routing;
using CloudPbx.Contracts.Ids;
using static CloudPbx.CallControl.Tests.Routing.TrunkFixture;

namespace CloudPbx.CallControl.Tests.Routing;

/// <summary>A suspended tenant calls for help, and tests its phones; nothing else.</summary>
public sealed class SuspendedRoutingTests : IDisposable
{
    private readonly TrunkFixture _tenant = new() { Suspended = true };

    [Theory]
    [InlineData("101")]
    [InlineData("95551234")]
    public void Calls_of_a_suspended_tenant_are_refused_and_the_step_says_why(string dialled)
    {
        _tenant.Route("", _tenant.Trunk("carrier"));
        Assert.Equal((403, "suspended"), Refusal(_tenant.Dial(dialled)));
        _tenant.Suspended = false;
        Assert.IsNotType<RouteTarget.Refused>(_tenant.Dial(dialled).Target);
    }

    [Fact]
    public void Calls_from_outside_find_nobody()
    {
        TrunkId trunk = _tenant.Trunk("carrier", defaultExtension: "101");
        Assert.Equal((480, "suspended"), Refusal(_tenant.Inbound(trunk, "+4930101")));
    }

    [Fact]
    public void Emergency_calls_go_out_all_the_same()
    {
        _tenant.Route("", _tenant.Trunk("carrier"));
        Assert.True(Trunks(_tenant.Dial("112")).Emergency);
        Assert.IsType<RouteTarget.ToEcho>(_tenant.Dial("*43").Target);
    }

    public void Dispose() => _tenant.Dispose();
}
