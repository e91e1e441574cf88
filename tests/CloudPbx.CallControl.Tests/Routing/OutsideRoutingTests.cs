using CloudPbx.CallControl.Routing;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using static CloudPbx.CallControl.Tests.Routing.TrunkFixture;

namespace CloudPbx.CallControl.Tests.Routing;

public sealed class OutsideRoutingTests : IDisposable
{
    private readonly TrunkFixture _tenant = new();

    [Fact]
    public void The_outside_prefix_is_taken_off_and_each_step_says_what_decided()
    {
        _tenant.Route("", _tenant.Trunk("carrier"));
        RoutePlan plan = _tenant.Dial("95551234");
        TrunkAttempt attempt = Assert.Single(Trunks(plan).Attempts);
        Assert.Equal(("carrier", "5551234", null), (attempt.Trunk.Name, attempt.CalledNumber, attempt.CallerNumber));
        Assert.Equal(
            [new("dialled", "95551234"), new("outside-prefix", "9 leaves 5551234"), new("route", "all (prefix any)"), new("trunk", "carrier"), new RouteStep("caller-none", "carrier")],
            plan.Steps);
    }

    [Fact]
    public void An_extension_wins_over_the_outside_prefix_and_without_it_nothing_is_outside()
    {
        _tenant.Route("", _tenant.Trunk("carrier"));
        _tenant.Outside = new OutsideCalling { OutsidePrefix = "1" };
        Assert.IsType<RouteTarget.ToExtension>(_tenant.Dial("101").Target);
        Assert.Equal("5551234", Trunks(_tenant.Dial("15551234")).Number);
        Assert.Equal((404, "unknown-number"), Refusal(_tenant.Dial("5551234")));
    }

    [Fact]
    public void Without_an_outside_prefix_whatever_is_no_number_inside_is_outside()
    {
        _tenant.Route("", _tenant.Trunk("carrier"));
        _tenant.Outside = new OutsideCalling { OutsidePrefix = "" };
        Assert.Equal("95551234", Trunks(_tenant.Dial("95551234")).Number);
        Assert.IsType<RouteTarget.ToExtension>(_tenant.Dial("101").Target);
    }

    [Fact]
    public void A_number_in_E164_needs_no_outside_prefix()
    {
        _tenant.Route("", _tenant.Trunk("carrier"));
        Assert.Equal("+8613912345678", Trunks(_tenant.Dial("+8613912345678")).Number);
    }

    [Theory]
    [InlineData("9")]
    [InlineData("9j.smith")]
    [InlineData("9+")]
    [InlineData("9*21*5551234#")]
    public void What_is_no_number_outside_is_refused(string dialled)
    {
        _tenant.Route("", _tenant.Trunk("carrier"));
        Assert.Equal((484, "not-a-number"), Refusal(_tenant.Dial(dialled)));
    }

    [Fact]
    public void The_longest_prefix_decides_and_a_route_without_trunks_bars()
    {
        _tenant.Route("", _tenant.Trunk("any"));
        _tenant.Route("00", _tenant.Trunk("abroad"));
        _tenant.Route("0044", _tenant.Trunk("britain"));
        _tenant.Route("0900");
        Assert.Equal(["any"], Names(_tenant.Dial("905551234")));
        Assert.Equal(["abroad"], Names(_tenant.Dial("90033123456")));
        Assert.Equal(["britain"], Names(_tenant.Dial("90044201234")));
        Assert.Equal((403, "barred"), Refusal(_tenant.Dial("90900123456")));
    }

    [Fact]
    public void A_number_that_no_route_begins_with_is_refused()
    {
        _tenant.Route("00", _tenant.Trunk("abroad"));
        Assert.Equal((404, "no-route"), Refusal(_tenant.Dial("95551234")));
    }

    [Fact]
    public void Trunks_are_tried_as_listed_without_those_that_are_off_or_full()
    {
        TrunkId full = _tenant.Trunk("full", maxChannels: 2);
        _tenant.Route("", _tenant.Trunk("first"), _tenant.Trunk("off", enabled: false), full, TrunkId.New(), _tenant.Trunk("last"));
        RoutePlan plan = _tenant.Dial("95551234", new RouteConditions { Channels = new Dictionary<TrunkId, int> { [full] = 2 } });
        Assert.Equal(["first", "last"], Names(plan));
        Assert.Equal(["trunk-disabled", "trunk-full", "trunk-missing"], plan.Steps.Select(step => step.Rule).Where(rule => rule.StartsWith("trunk-", StringComparison.Ordinal)));
        Assert.Equal(["first", "full", "last"], Names(_tenant.Dial("95551234", new RouteConditions { Channels = new Dictionary<TrunkId, int> { [full] = 1 } })));
        Assert.Equal(FailoverCauses.Default, Trunks(plan).FailoverOn);
    }

    [Fact]
    public void Where_every_trunk_is_full_the_call_gets_503()
    {
        TrunkId full = _tenant.Trunk("full", maxChannels: 1);
        _tenant.Route("", full);
        Assert.Equal((503, "no-trunk"), Refusal(_tenant.Dial("95551234", new RouteConditions { Channels = new Dictionary<TrunkId, int> { [full] = 1 } })));
    }

    [Fact]
    public void Weighted_trunks_come_first_as_often_as_their_weights_say_and_all_of_them_are_tried()    // as RFC 2782 draws
    {
        TrunkId heavy = _tenant.Trunk("heavy"), light = _tenant.Trunk("light");
        _tenant.Route(new OutboundRoute { Id = RouteId.New(), Name = "all", Prefix = "", Order = TrunkOrder.Weighted, Trunks = [new(light), new(heavy, 3)] });
        RouteConditions conditions = new() { Random = new Random(1) };
        string[][] drawn = [.. Enumerable.Range(0, 2000).Select(_ => Names(_tenant.Dial("95551234", conditions)))];
        Assert.InRange(drawn.Count(names => names[0] == "heavy"), 1400, 1600);
        Assert.All(drawn, names => Assert.Equal(2, names.Distinct().Count()));
    }

    [Fact]
    public void The_routes_rules_act_before_each_trunks_own()
    {
        TrunkId national = _tenant.Trunk("national", new NumberFormats { CalledOut = [Prefix("+86", "0")] });
        TrunkId plain = _tenant.Trunk("plain");
        _tenant.Route(new OutboundRoute { Id = RouteId.New(), Name = "all", Prefix = "", Trunks = [new(national), new(plain)], Rewrite = [Prefix("0", "+86")] });
        RoutePlan plan = _tenant.Dial("901087654321");
        Assert.Equal(["01087654321", "+861087654321"], Trunks(plan).Attempts.Select(attempt => attempt.CalledNumber));
        Assert.Contains(new RouteStep("route-rewrite", "0 gives +861087654321"), plan.Steps);
        Assert.Contains(new RouteStep("called-rewrite", "+86 gives 01087654321"), plan.Steps);
    }

    [Fact]
    public void The_own_number_outside_is_the_extension_inside()
    {
        _tenant.Route("", _tenant.Trunk("carrier"));
        _tenant.Number("+15550001", "101");
        RoutePlan plan = _tenant.Dial("+15550001");
        Assert.Equal("101", Assert.IsType<RouteTarget.ToExtension>(plan.Target).Number);
        Assert.Contains(new RouteStep("own-did", "+15550001"), plan.Steps);
    }

    [Theory]
    [InlineData(4, 0, 0, 0, null)]
    [InlineData(5, 0, 0, 0, "limit-channels")]
    [InlineData(0, 3, 0, 0, "limit-outside-calls")]
    [InlineData(0, 0, 2, 0, "limit-extension-calls")]
    [InlineData(0, 0, 0, 10, "limit-calls-per-minute")]
    public void A_limit_that_is_reached_refuses_and_is_named(int channels, int calls, int ofCaller, int perMinute, string? rule)
    {
        TrunkId trunk = _tenant.Trunk("carrier");
        _tenant.Route("", trunk);
        _tenant.Outside = new OutsideCalling { Limits = new CallLimits { MaxChannels = 5, MaxOutsideCalls = 3, MaxOutsideCallsPerExtension = 2, OutsideCallsPerMinute = 10 } };
        RouteConditions conditions = new()
        {
            Channels = new Dictionary<TrunkId, int> { [trunk] = channels }, OutsideCalls = calls, OutsideCallsOfCaller = ofCaller, OutsideCallsInLastMinute = perMinute,
        };
        if (rule is null)
            Assert.Equal(["carrier"], Names(_tenant.Dial("95551234", conditions)));
        else
            Assert.Equal((503, rule), Refusal(_tenant.Dial("95551234", conditions)));
    }

    [Theory]
    [InlineData(4, 0, 0, null)]                                              // more calls than the tenant lets others have
    [InlineData(5, 0, 0, "limit-extension-calls: 5 (its own)")]
    [InlineData(0, 10, 0, "limit-extension-minutes-per-day: 10 (its own)")]
    [InlineData(0, 0, 3, "limit-extension-money-per-day: 3 (its own)")]
    public void An_extensions_own_figures_decide_and_the_step_says_that_they_are_its_own(int calls, int minutes, int money, string? step)
    {
        _tenant.Route("", _tenant.Trunk("carrier"));
        _tenant.Outside = new OutsideCalling
        {
            Limits = new CallLimits { MaxOutsideCallsPerExtension = 2, OutsideMinutesPerDayPerExtension = 60, MicroUnitsPerDayPerExtension = 1_000_000 },
            Rates = [new CallRate("5551", 1)],
        };
        _tenant.OwnLimits["100"] = new ExtensionLimits { MaxOutsideCalls = 5, OutsideMinutesPerDay = 10, MicroUnitsPerDay = 3_000_000 };
        RouteConditions conditions = new() { OutsideCallsOfCaller = calls, UsedTodayByCaller = new DayUse(minutes * 60_000, money * 1_000_000) };
        RoutePlan plan = _tenant.Dial("95551234", conditions);
        if (step is null)
            Assert.Equal(["carrier"], Names(plan));
        else
            Assert.Equal(step, $"{plan.Steps[^1].Rule}: {plan.Steps[^1].Value}");
    }

    [Theory]
    [InlineData("DE", "9+33155501234", 9, 2, null)]
    [InlineData("DE", "9+33155501234", 10, 0, "limit-calls-abroad: 10")]                // nobody said anything
    [InlineData("DE", "9+33155501234", 0, 3, "limit-extension-calls-abroad: 3")]
    [InlineData("DE", "9+881612345678", 10, 0, "limit-calls-abroad: 10")]               // a satellite's is no country's
    [InlineData("DE", "9+4989222", 10, 3, null)]                                        // at home
    [InlineData("DE", "9089222", 10, 3, null)]
    [InlineData(null, "9+33155501234", 100, 100, null)]                                 // nobody knows which country is abroad
    [InlineData("DE", "9+33155501234", 5, 0, "limit-calls-abroad: 5", 5)]
    [InlineData("DE", "9+33155501234", 11, 2, "limit-extension-calls-abroad: 2", 12, 2)]
    [InlineData("DE", "9+33155501234", 11, 2, null, 12, 2, 4)]
    [InlineData("DE", "9+33155501234", 11, 4, "limit-extension-calls-abroad: 4 (its own)", 12, 2, 4)]
    [InlineData("DE", "9+33155501234", 0, 0, "limit-calls-abroad: 0", 0)]
    [InlineData(null, "9+33155501234", 5, 0, "limit-calls-abroad: 5", 5)]               // who says a figure has it
    public void S1_calls_abroad_have_a_limit_of_their_own(string? home, string dialled, int abroad, int ofCaller, string? step, int? most = null, int? perExtension = null, int? own = null)
    {
        _tenant.Route("", _tenant.Trunk("carrier"));
        _tenant.Outside = new OutsideCalling
        {
            Country = home, Limits = new CallLimits { AllowAllCountries = true, AllowPremiumNumbers = true, MaxCallsAbroad = most, MaxCallsAbroadPerExtension = perExtension },
        };
        _tenant.OwnLimits["100"] = new ExtensionLimits { MaxCallsAbroad = own };
        RoutePlan plan = _tenant.Dial(dialled, new RouteConditions { OutsideCalls = 100, OutsideCallsOfCaller = 100, CallsAbroad = abroad, CallsAbroadOfCaller = ofCaller });
        if (step is null)
            Assert.Equal(["carrier"], Names(plan));
        else
            Assert.Equal((503, step), (Refusal(plan).Status, $"{plan.Steps[^1].Rule}: {plan.Steps[^1].Value}"));
    }

    [Fact]
    public void An_extensions_own_figures_are_not_those_of_the_same_number_in_another_tenant_nor_of_another_number()
    {
        using TrunkFixture twin = new();
        foreach (TrunkFixture tenant in new[] { _tenant, twin })
            tenant.Route("", tenant.Trunk("carrier"));
        _tenant.OwnLimits["100"] = new ExtensionLimits { MaxOutsideCalls = 0 };
        Assert.Equal((503, "limit-extension-calls"), Refusal(_tenant.Dial("95551234")));
        Assert.Equal(["carrier"], Names(twin.Dial("95551234")));
        Assert.Equal(["carrier"], Names(_tenant.Dial("95551234", caller: "101")));
    }

    public void Dispose() => _tenant.Dispose();
}
