using CloudPbx.CallControl.Routing;
using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Data.Tenants;
using CloudPbx.Data.Trunks;

namespace CloudPbx.CallControl.Tests.Routing;

/// <summary>A tenant with trunks, built up test by test.</summary>
internal sealed class TrunkFixture : IDisposable
{
    private readonly TestTenant _tenant = new();
    private readonly List<TenantConfigurationContent.TrunkContent> _trunks = [];
    private readonly List<TenantNumber> _numbers = [];
    private readonly List<OutboundRoute> _routes = [];

    public OutsideCalling Outside { get; set; } = new();

    public Dictionary<string, ExtensionLimits> OwnLimits { get; } = [];

    public string Language { get; set; } = "en";

    public bool Suspended { get; set; }

    public TenantConfiguration Configuration
    {
        get
        {
            _tenant.Shape = content => content with
            {
                Language = Language, Trunks = _trunks, Numbers = _numbers, Routes = _routes, Outside = Outside, Suspended = Suspended,
                Extensions = [.. content.Extensions.Select(extension => extension with { Limits = OwnLimits.GetValueOrDefault(extension.Number) })],
            };
            return _tenant.Configure(1);
        }
    }

    public TrunkId Trunk(string name, NumberFormats? numbers = null, int? maxChannels = null, bool enabled = true, string? defaultExtension = null)
    {
        TrunkId id = TrunkId.New();
        _trunks.Add(new(id, name, enabled, TrunkKind.Ip, [], new TrunkDetails
        {
            Server = new TrunkServer($"{name}.example"),
            MaxChannels = maxChannels,
            DefaultExtension = defaultExtension,
            Changes = new TrunkProfileChanges { Numbers = numbers },
        }));
        return id;
    }

    public void Number(string number, string? extension = null, TrunkId? trunk = null) =>
        _numbers.Add(new TenantNumber { Id = NumberId.New(), Number = number, Extension = extension, Trunk = trunk });

    public void Route(string prefix, params TrunkId[] trunks) => Route(new OutboundRoute
    {
        Id = RouteId.New(), Name = prefix.Length == 0 ? "all" : "r" + prefix, Prefix = prefix, Trunks = [.. trunks.Select(trunk => new RouteTrunk(trunk))],
    });

    public void Route(OutboundRoute route) => _routes.Add(route);

    public RoutePlan Dial(string dialled, RouteConditions? conditions = null, string caller = "100") => Router.Route(caller, dialled, Configuration, conditions);

    public RoutePlan Inbound(TrunkId trunk, string called, string caller = "", RouteConditions? conditions = null)
    {
        TenantConfiguration configuration = Configuration;
        return Router.RouteInbound(configuration.Trunks[trunk], caller, called, configuration, conditions);
    }

    public void Dispose() => _tenant.Dispose();

    public static RouteTarget.ToTrunks Trunks(RoutePlan plan) => Assert.IsType<RouteTarget.ToTrunks>(plan.Target);

    public static string[] Names(RoutePlan plan) => [.. Trunks(plan).Attempts.Select(attempt => attempt.Trunk.Name)];

    public static (int Status, string Rule) Refusal(RoutePlan plan) => (Assert.IsType<RouteTarget.Refused>(plan.Target).Status, plan.Steps[^1].Rule);

    public static NumberRewrite Prefix(string prefix, string replacement) => new() { Prefix = prefix, Replacement = replacement };
}
