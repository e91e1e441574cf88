using CloudPbx.CallControl.Routing;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using static CloudPbx.CallControl.Tests.Routing.TrunkFixture;

namespace CloudPbx.CallControl.Tests.Routing;

public sealed class InboundRoutingTests : IDisposable
{
    private readonly TrunkFixture _tenant = new();

    [Theory]
    [InlineData("+861012345678")]
    [InlineData("861012345678")]                        // carriers leave the plus out
    [InlineData("01012345678")]
    [InlineData("12345678")]
    public void A_called_number_finds_its_extension_in_whatever_form_the_carrier_writes_it(string called)
    {
        TrunkId trunk = _tenant.Trunk("carrier", new NumberFormats
        {
            CalledIn = [Prefix("0", "+86"), new NumberRewrite { Pattern = @"\d{8}", Replacement = "+8610$0" }],
            CallerIn = [Prefix("0", "+86")],
        });
        _tenant.Number("+861012345678", "101");
        RoutePlan plan = _tenant.Inbound(trunk, called, "02155555555");
        RouteTarget.ToExtension target = Assert.IsType<RouteTarget.ToExtension>(plan.Target);
        Assert.Equal(("101", false, "+862155555555"), (target.Number, target.OwnNumber, plan.CallerNumber));
        Assert.Equal([new("did", "+861012345678"), new RouteStep("extension", "101")], plan.Steps.TakeLast(2));
    }

    [Fact]
    public void An_extension_is_not_reached_from_outside_by_its_number()
    {
        TrunkId trunk = _tenant.Trunk("carrier");
        Assert.Equal((404, "unknown-did"), Refusal(_tenant.Inbound(trunk, "101")));
        Assert.Equal((404, "unknown-did"), Refusal(_tenant.Inbound(trunk, "*43")));
    }

    [Fact]
    public void The_default_extension_takes_what_the_tenant_does_not_list()
    {
        TrunkId trunk = _tenant.Trunk("box", defaultExtension: "102");
        Assert.Equal("102", Assert.IsType<RouteTarget.ToExtension>(_tenant.Inbound(trunk, "620").Target).Number);
    }

    [Fact]
    public void A_number_of_another_trunk_or_without_target_or_with_a_deleted_one_is_refused_and_says_why()
    {
        TrunkId trunk = _tenant.Trunk("carrier"), other = _tenant.Trunk("other");
        _tenant.Number("+1", "101", other);
        _tenant.Number("+2");
        _tenant.Number("+3", "199");
        Assert.Equal((404, "did-of-other-trunk"), Refusal(_tenant.Inbound(trunk, "+1")));
        Assert.IsType<RouteTarget.ToExtension>(_tenant.Inbound(other, "+1").Target);
        Assert.Equal((404, "did-without-target"), Refusal(_tenant.Inbound(trunk, "+2")));
        Assert.Equal((404, "no-such-extension"), Refusal(_tenant.Inbound(trunk, "+3")));
        Assert.Equal((484, "not-a-number"), Refusal(_tenant.Inbound(trunk, "")));
    }

    [Fact]
    public void A_disabled_or_full_trunk_takes_no_call()
    {
        TrunkId off = _tenant.Trunk("off", enabled: false), full = _tenant.Trunk("full", maxChannels: 1);
        _tenant.Number("+1", "101");
        Assert.Equal((403, "trunk-disabled"), Refusal(_tenant.Inbound(off, "+1")));
        RouteConditions busy = new() { Channels = new Dictionary<TrunkId, int> { [full] = 1 } };
        Assert.Equal((503, "trunk-full"), Refusal(_tenant.Inbound(full, "+1", conditions: busy)));
    }

    [Fact]
    public void Two_tenants_with_the_same_extensions_each_ring_their_own()
    {
        using TrunkFixture other = new();
        TrunkId trunk = _tenant.Trunk("carrier"), trunkOfOther = other.Trunk("carrier");
        _tenant.Number("+1", "101");
        other.Number("+2", "101");
        Assert.IsType<RouteTarget.ToExtension>(_tenant.Inbound(trunk, "+1").Target);
        Assert.Equal((404, "unknown-did"), Refusal(_tenant.Inbound(trunk, "+2")));
        Assert.IsType<RouteTarget.ToExtension>(other.Inbound(trunkOfOther, "+2").Target);
    }

    public void Dispose() => _tenant.Dispose();
}
