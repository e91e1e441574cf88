using CloudPbx.CallControl.Routing;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using static CloudPbx.CallControl.Tests.Routing.TrunkFixture;

namespace CloudPbx.CallControl.Tests.Routing;

/// <summary>A refused emergency call: never by us (S36).</summary>
public sealed class EmergencyRoutingTests : IDisposable
{
    private readonly TrunkFixture _tenant = new();

    [Theory]
    [InlineData("112")]
    [InlineData("9112")]
    [InlineData("911")]
    public void An_emergency_number_goes_out_with_and_without_the_outside_prefix(string dialled)
    {
        _tenant.Route("", _tenant.Trunk("carrier"));
        RouteTarget.ToTrunks target = Trunks(_tenant.Dial(dialled));
        Assert.True(target.Emergency);
        Assert.Equal(dialled.Length == 4 ? dialled[1..] : dialled, Assert.Single(target.Attempts).CalledNumber);
    }

    [Fact]
    public void Neither_limits_nor_full_trunks_nor_a_barred_route_stop_it_and_every_trunk_is_tried()
    {
        TrunkId full = _tenant.Trunk("full", maxChannels: 1), other = _tenant.Trunk("other");
        _tenant.Trunk("off", enabled: false);
        _tenant.Route("", full);
        _tenant.Route("11");
        _tenant.Outside = new OutsideCalling { Limits = new CallLimits { MaxChannels = 0, MaxOutsideCalls = 0, OutsideCallsPerMinute = 0 } };
        RoutePlan plan = _tenant.Dial("112", new RouteConditions { Channels = new Dictionary<TrunkId, int> { [full] = 1 } });
        Assert.Equal(["full", "other"], Names(plan));
        Assert.True(FailoverCauses.Include(Trunks(plan).FailoverOn, 486));
        Assert.Equal((503, "limit-channels"), Refusal(_tenant.Dial("95551234")));
    }

    [Fact]
    public void An_emergency_number_is_rewritten_only_by_the_rule_that_names_it()
    {
        _tenant.Route("", _tenant.Trunk("all", new NumberFormats { CalledOut = [Prefix("", "+44"), Prefix("1", "+441")] }), _tenant.Trunk("gateway", new NumberFormats { CalledOut = [Prefix("112", "0112")] }));
        Assert.Equal(["112", "0112"], Trunks(_tenant.Dial("112")).Attempts.Select(attempt => attempt.CalledNumber));
    }

    [Fact]
    public void The_numbers_follow_the_tenants_language_unless_it_names_its_own()
    {
        _tenant.Route("", _tenant.Trunk("carrier"));
        _tenant.Language = "zh-CN";
        Assert.True(Trunks(_tenant.Dial("110")).Emergency);
        Assert.Equal((404, "unknown-number"), Refusal(_tenant.Dial("112")));
        _tenant.Outside = new OutsideCalling { EmergencyNumbers = ["000"] };
        Assert.True(Trunks(_tenant.Dial("000")).Emergency);
        Assert.Equal((404, "unknown-number"), Refusal(_tenant.Dial("110")));
    }

    [Theory]
    [InlineData("+49301000")]
    [InlineData(null)]                                                                   // all of its numbers are there
    public void The_country_is_known_by_the_tenants_own_numbers(string? shown)
    {
        _tenant.Route("", _tenant.Trunk("carrier"));
        _tenant.Number("+49301000");
        _tenant.Outside = new OutsideCalling { CallerNumber = shown };
        Assert.True(Trunks(_tenant.Dial("110")).Emergency);
        Assert.Equal("110", Assert.Single(Trunks(_tenant.Dial("urn:service:sos.police")).Attempts).CalledNumber);
    }

    [Fact]
    public void The_countrys_numbers_go_out_beside_the_languages()
    {
        _tenant.Route("", _tenant.Trunk("carrier"));
        _tenant.Outside = new OutsideCalling { Country = "JP" };
        Assert.All(["119", "9119", "110", "112"], dialled => Assert.True(Trunks(_tenant.Dial(dialled)).Emergency));
        Assert.Equal((404, "unknown-number"), Refusal(_tenant.Dial("118")));
    }

    [Fact]
    public void It_wins_over_an_extension_of_that_number_where_there_is_a_trunk()
    {
        _tenant.Outside = new OutsideCalling { EmergencyNumbers = ["101"] };
        Assert.IsType<RouteTarget.ToExtension>(_tenant.Dial("101").Target);
        _tenant.Trunk("carrier");
        Assert.True(Trunks(_tenant.Dial("101")).Emergency);
    }

    [Fact]
    public void An_extension_keeps_a_number_that_is_one_in_the_tables_alone()
    {
        _tenant.Trunk("carrier");
        _tenant.Outside = new OutsideCalling { Country = "IN" };
        Assert.IsType<RouteTarget.ToExtension>(_tenant.Dial("101").Target);
        Assert.All(["9101", "108", "112"], dialled => Assert.True(Trunks(_tenant.Dial(dialled)).Emergency));
        _tenant.Outside = new OutsideCalling { Country = "IN", EmergencyNumbers = ["101"] };
        Assert.True(Trunks(_tenant.Dial("101")).Emergency);
    }

    [Theory]                                                                             // RFC 5031
    [InlineData("urn:service:sos", "112")]
    [InlineData("URN:SERVICE:SOS.police", "110")]
    [InlineData("urn:service:sos.mountain", "112")]
    public void A_service_is_called_by_the_tenants_number_for_it_whatever_the_limits_say(string dialled, string number)
    {
        _tenant.Trunk("carrier");
        _tenant.Suspended = true;
        _tenant.Outside = new OutsideCalling { Country = "DE", EmergencyNumbers = ["112", "110"], Limits = new CallLimits { MaxOutsideCalls = 0 } };
        RouteTarget.ToTrunks target = Trunks(_tenant.Dial(dialled));
        Assert.True(target.Emergency);
        Assert.Equal((number, number), (target.Number, Assert.Single(target.Attempts).CalledNumber));
    }

    [Fact]
    public void A_service_that_the_tenant_has_no_number_for_is_asked_for_by_its_name()
    {
        _tenant.Trunk("carrier", new NumberFormats { CalledOut = [Prefix("", "+49")] });
        _tenant.Outside = new OutsideCalling { EmergencyNumbers = [] };
        Assert.Equal("urn:service:sos.fire", Assert.Single(Trunks(_tenant.Dial("urn:service:SOS.fire")).Attempts).CalledNumber);
        Assert.Equal((404, "unknown-number"), Refusal(_tenant.Dial("urn:service:counseling")));
    }

    [Fact]
    public void Without_a_trunk_a_service_is_said_to_have_none() => Assert.Equal((503, "no-emergency-trunk"), Refusal(_tenant.Dial("urn:service:sos")));

    [Fact]
    public void No_forward_leads_to_a_service()
    {
        _tenant.Trunk("carrier");
        Assert.Equal((403, "forward-emergency"), Refusal(Router.Forward("100", "urn:service:sos", _tenant.Configuration, RouteConditions.Idle, isOwnWord: false)));
    }

    public void Dispose() => _tenant.Dispose();
}
