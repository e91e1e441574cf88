using System.Net;
using CloudPbx.CallControl.Carriers;
using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Data.Keys;
using CloudPbx.Data.Tenants;
using CloudPbx.Data.Trunks;
using CloudPbx.Sip.Transport;

namespace CloudPbx.CallControl.Tests.Carriers;

/// <summary>A tenant with trunks, and carriers of literal messages at the other end.</summary>
internal sealed class CarrierFixture : IDisposable
{
    private readonly List<TenantConfigurationContent.TrunkContent> _trunks = [];
    private readonly List<TenantNumber> _numbers = [];
    private readonly List<RouteTrunk> _order = [];
    private long _version = 1;

    public CarrierFixture(string domain = "acme.test", SharedChannels? channels = null, SharedLines? lines = null, TenantId? tenant = null, SrtpPolicy encryption = SrtpPolicy.Optional)
    {
        Pbx = new TestTenant(domain, encryption, shared: channels, lines: lines, tenant: tenant);
        Pbx.Shape = content => content with
        {
            Trunks = [.. _trunks.Select(trunk => trunk with { Details = trunk.Details with { Accounts = [.. trunk.Details.Accounts.Select(account => Seal(content, trunk, account))] } })],
            Numbers = _numbers,
            Routes = _order.Count == 0 ? [] : [new OutboundRoute { Id = new RouteId(new Guid(1, 0, 0, new byte[8])), Name = "all", Prefix = "", Rewrite = Rewrite, Trunks = _order }],
            Outside = Outside,
            Extensions = [.. content.Extensions.Select(extension => extension with { Limits = OwnLimits.GetValueOrDefault(extension.Number) })],
            Suspended = Suspended,
        };
    }

    public TestTenant Pbx { get; }

    public OutsideCalling Outside { get; set; } = new() { CallerNumber = "+49301000" };

    /// <summary>How the route rewrites numbers.</summary>
    public NumberRewrite[] Rewrite { get; set; } = [];

    /// <summary>The limits of single extensions, by number.</summary>
    public Dictionary<string, ExtensionLimits> OwnLimits { get; } = [];

    public bool Suspended { get; set; }

    /// <summary>A carrier and the trunk to it, at the end of the route.</summary>
    public StubPhone Carrier(
        string name, string address, TrunkKind kind = TrunkKind.Ip, TrunkProfileChanges? changes = null, string? account = null, string[]? sources = null,
        int? maxChannels = null, string profile = TrunkProfiles.DefaultName, SipTransport transport = SipTransport.Udp, string? defaultExtension = null, bool anyTransport = false,
        RecordingPolicy? recording = null, TrunkId? shared = null)
    {
        StubPhone carrier = Pbx.Phone(name, transport, address: address);
        TrunkId id = shared is { } kept && kept.Value == Pbx.Tenant.Value ? kept : TrunkId.New();      // its keeper has the shared trunk itself
        Pbx.Dns.Hosts[$"{name}.example"] = [IPAddress.Parse(address)];
        _trunks.Add(new(id, name, true, kind, sources ?? (kind == TrunkKind.Ip ? [$"{address}/32"] : []), new TrunkDetails
        {
            Server = new TrunkServer($"{name}.example", carrier.Remote.Port, anyTransport ? TrunkTransport.Auto : transport == SipTransport.Udp ? TrunkTransport.Udp : TrunkTransport.Tcp),
            Accounts = account is null ? [] : [new TrunkAccount { User = account, AuthUser = account, SealedPassword = [] }],
            MaxChannels = maxChannels,
            ProfileName = profile,
            Changes = (changes ?? new TrunkProfileChanges()) with { OptionsKeepAlive = changes?.OptionsKeepAlive ?? false },      // a test that asks for it hears it
            DefaultExtension = defaultExtension,
            Recording = recording,
        }, shared is null ? TrunkOwner.Tenant : TrunkOwner.Platform, shared));
        _order.Add(new RouteTrunk(id));
        return carrier;
    }

    /// <summary>A number of the tenant's; of the trunk of that name, where one is given.</summary>
    public void Number(string number, string? extension = null, string? trunk = null) =>
        _numbers.Add(new TenantNumber { Id = NumberId.New(), Number = number, Extension = extension, Trunk = _trunks.Find(known => known.Name == trunk)?.Id });

    /// <summary>Moves a trunk to another server.</summary>
    public void Move(string name, TrunkServer server)
    {
        int place = _trunks.FindIndex(trunk => trunk.Name == name);
        _trunks[place] = _trunks[place] with { Details = _trunks[place].Details with { Server = server } };
    }

    /// <summary>Gives a trunk other accounts.</summary>
    public void Account(string name, params string[] users)
    {
        int place = _trunks.FindIndex(trunk => trunk.Name == name);
        _trunks[place] = _trunks[place] with { Details = _trunks[place].Details with { Accounts = [.. users.Select(user => new TrunkAccount { User = user, AuthUser = user, SealedPassword = [] })] } };
    }

    /// <summary>Takes all trunks out.</summary>
    public void Clear()
    {
        _trunks.Clear();
        _order.Clear();
    }

    /// <summary>Has the tenant take what was set up.</summary>
    public async Task ApplyAsync()
    {
        Pbx.Runtime.Replace(Pbx.Configure(++_version));
        await Pbx.SettleAsync();
    }

    public void Dispose() => Pbx.Dispose();

    private static TrunkAccount Seal(TenantConfigurationContent content, TenantConfigurationContent.TrunkContent trunk, TrunkAccount account) => account with
    {
        SealedPassword = trunk.Shared is { } shared
            ? GlobalTrunkPassword.Seal(TestTenant.PlatformSeal, shared, account.User, "secret-" + account.User)
            : TrunkPassword.Seal(TestTenant.Keyring, new TenantKey(content.TenantId, content.WrappedKey), trunk.Id, account.User, "secret-" + account.User),
    };
}
