using CloudPbx.CallControl.Routing;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using static CloudPbx.CallControl.Tests.Routing.TrunkFixture;

namespace CloudPbx.CallControl.Tests.Routing;

public sealed class CallerNumberTests : IDisposable
{
    private readonly TrunkFixture _tenant = new();

    [Fact]
    public void The_route_then_the_longest_rule_then_the_own_number_then_the_tenants_is_shown()
    {
        TrunkId carrier = _tenant.Trunk("carrier");
        foreach (string number in new[] { "+1001", "+1002", "+1003", "+1004", "+1005" })
            _tenant.Number(number, number == "+1004" ? "100" : null);
        _tenant.Route("", carrier);
        _tenant.Route(new OutboundRoute { Id = RouteId.New(), Name = "shown", Prefix = "1", Trunks = [new(carrier)], CallerNumber = "+1001" });
        _tenant.Outside = new OutsideCalling { CallerNumber = "+1005" };
        Assert.Equal(("+1001", "caller-of-route"), Shown("9123"));
        Assert.Equal(("+1004", "caller-of-extension"), Shown("9555"));
        Assert.Equal(("+1005", "caller-of-tenant"), Shown("9555", "102"));
        _tenant.Outside = _tenant.Outside with { CallerNumbers = [new("1", "+1002"), new("10", "+1003")] };
        Assert.Equal(("+1003", "caller-of-rule"), Shown("9555"));
    }

    [Fact]
    public void A_number_that_is_not_the_tenants_is_never_shown()                       // S8
    {
        _tenant.Route("", _tenant.Trunk("carrier"));
        _tenant.Number("+1005");
        _tenant.Outside = new OutsideCalling { CallerNumber = "+1005", CallerNumbers = [new("100", "+666")] };
        RoutePlan plan = _tenant.Dial("9555");
        Assert.Equal("+1005", Trunks(plan).Attempts[0].CallerNumber);
        Assert.Contains(new RouteStep("caller-not-ours", "+666"), plan.Steps);
    }

    [Fact]
    public void A_number_of_another_trunk_is_not_shown_and_each_carrier_gets_its_own_form()
    {
        TrunkId a = _tenant.Trunk("a", new NumberFormats { CallerOut = [Prefix("+86", "0")] }), b = _tenant.Trunk("b");
        _tenant.Number("+8610", "100", a);
        _tenant.Route("", a, b);
        RoutePlan plan = _tenant.Dial("9555");
        Assert.Equal(["010", null], Trunks(plan).Attempts.Select(attempt => attempt.CallerNumber));
        Assert.Equal(["caller-of-extension", "caller-rewrite", "caller-of-other-trunk", "caller-none"], plan.Steps.Select(step => step.Rule).Where(rule => rule.StartsWith("caller", StringComparison.Ordinal)));
    }

    public void Dispose() => _tenant.Dispose();

    private (string? Number, string Rule) Shown(string dialled, string caller = "100")
    {
        RoutePlan plan = _tenant.Dial(dialled, caller: caller);
        return (Trunks(plan).Attempts[0].CallerNumber, plan.Steps[^1].Rule);
    }
}
