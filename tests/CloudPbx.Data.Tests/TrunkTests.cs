using System.Text;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Data.Keys;
using CloudPbx.Data.Tenants;
using CloudPbx.Data.Tests.Providers;
using CloudPbx.Data.Trunks;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Data.Tests;

public sealed class TrunksOnSqliteTests(SqliteDatabase database) : TrunkTests(database), IClassFixture<SqliteDatabase>;

public sealed class TrunksOnPostgresTests(PostgresDatabase database) : TrunkTests(database), IClassFixture<PostgresDatabase>;

public abstract class TrunkTests(TestDatabase database)
{
    private static int s_numbers;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private ITenantConfigurationSource Source => database.Services.GetRequiredService<ITenantConfigurationSource>();

    private SourceConflicts Conflicts => database.Services.GetRequiredService<SourceConflicts>();

    [Fact]
    public async Task Two_tenants_with_a_trunk_and_a_route_of_the_same_name_each_get_their_own()
    {
        TestTenant a = await database.CreateTenantAsync();
        TestTenant b = await database.CreateTenantAsync();
        string ofA = NewNumber();
        string ofB = NewNumber();
        await ConfigureAsync(a, "a.example", ofA);
        await ConfigureAsync(b, "b.example", ofB);
        TenantConfiguration configuration = (await Source.LoadAsync(a.Id, Cancel)).Configuration!;
        TrunkSettings trunk = Assert.Single(configuration.Trunks.Values);
        Assert.Equal(("carrier", "a.example", "ims", Rel100Policy.Off), (trunk.Name, trunk.Server.Host, trunk.Profile.Name, trunk.Profile.Rel100));
        Assert.Equal("100", Assert.Single(configuration.Numbers.Values, n => n.Number == ofA).Extension);
        Assert.Equal(trunk.Id, Assert.Single(Assert.Single(configuration.Routes).Trunks).Trunk);
        Assert.Equal(("", "zz"), (configuration.Outside.OutsidePrefix, configuration.Outside.Country));
        Assert.True(configuration.TryOpenPassword(trunk, trunk.Accounts[0], out string? password));
        Assert.Equal("carrier-secret-a.example", password);
        Assert.Equal("b.example", (await Source.LoadAsync(b.Id, Cancel)).Configuration!.Trunks.Values.Single().Server.Host);
    }

    [Fact]
    public async Task The_copy_for_Redis_reads_back_and_holds_no_password_in_clear()     // S29
    {
        TestTenant a = await database.CreateTenantAsync();
        string number = NewNumber();
        await ConfigureAsync(a, "c.example", number);
        byte[] copy = (await Source.LoadAsync(a.Id, Cancel)).Configuration!.ToBytes();
        Assert.DoesNotContain("carrier-secret", Encoding.UTF8.GetString(copy), StringComparison.Ordinal);
        TenantConfiguration read = Source.Read(copy)!;
        TrunkSettings trunk = Assert.Single(read.Trunks.Values);
        Assert.Equal((Rel100Policy.Off, 3600, "user=phone"), (trunk.Profile.Rel100, trunk.RegistrationSeconds, trunk.Profile.RequestUriParameters));
        Assert.True(read.TryOpenPassword(trunk, trunk.Accounts[0], out _));
        Assert.True(read.Numbers.ContainsKey(number));
        Assert.Equal(FailoverCauses.Default, Assert.Single(read.Routes).FailoverOn);
    }

    [Fact]
    public async Task A_copy_of_a_version_without_trunks_reads_as_a_tenant_without_trunks()
    {
        TestTenant a = await database.CreateTenantAsync();
        string copy = Encoding.UTF8.GetString((await Source.LoadAsync(a.Id, Cancel)).Configuration!.ToBytes());
        string older = copy.Replace(",\"trunks\":[],\"numbers\":[],\"routes\":[],\"profiles\":[]", "", StringComparison.Ordinal);
        Assert.NotEqual(copy, older);
        TenantConfiguration read = Source.Read(Encoding.UTF8.GetBytes(older))!;
        Assert.Empty(read.Trunks);
        Assert.Empty(read.Numbers);
        Assert.Empty(read.Routes);
        Assert.Empty(read.Profiles);
        Assert.Equal(OutsideCalling.DefaultPrefix, read.Outside.OutsidePrefix);
        Assert.Equal(Emergency.DefaultNumbers("en"), read.EmergencyNumbers.Values.Distinct().Order());
    }

    [Fact]
    public async Task Two_tenants_with_a_profile_of_the_same_name_each_act_by_their_own()       // S23
    {
        TestTenant a = await database.CreateTenantAsync(), b = await database.CreateTenantAsync();
        OwnProfile ofA = await AddProfileAsync(a, "city", "ims", new TrunkProfileChanges { FromUser = "a" }), ofB = await AddProfileAsync(b, "city", "twilio", new TrunkProfileChanges { FromUser = "b" });
        await AddProfileAsync(b, "unused", "generic", new TrunkProfileChanges());
        foreach ((TestTenant tenant, OwnProfile profile, string[] names, string codec) in new[] { (a, ofA, new[] { "city" }, "PCMA"), (b, ofB, ["city", "unused"], "PCMU") })
        {
            await using (PbxDbContext db = database.Pbx.OpenTenant(tenant.Id))
            {
                Trunk trunk = NewTrunk(tenant, "carrier", "city");
                trunk.Details = trunk.Details with { OwnProfile = profile };
                db.Trunks.Add(trunk);
                Assert.Equal(SaveOutcome.Saved, await db.TrySaveAsync(Cancel));
            }
            TenantConfiguration read = (await Source.LoadAsync(tenant.Id, Cancel)).Configuration!;
            foreach (TenantConfiguration configuration in new[] { read, Source.Read(read.ToBytes())! })
            {
                TrunkProfile acting = Assert.Single(configuration.Trunks.Values).Profile;
                Assert.Equal(("city", profile.Changes.FromUser, codec), (acting.Name, acting.FromUser, acting.Codecs[0]));
                Assert.Equal(names, configuration.Profiles.Select(p => p.Name).Order(StringComparer.Ordinal));
            }
        }
    }

    [Fact]
    public async Task A_profiles_name_is_there_once_in_a_tenant_and_a_deleted_tenant_takes_its_profiles_along()
    {
        TestTenant a = await database.CreateTenantAsync();
        await AddProfileAsync(a, "city", "ims", new TrunkProfileChanges());
        await using PbxDbContext db = database.Pbx.OpenTenant(a.Id);
        db.TrunkProfiles.Add(new TrunkProfileRow { Id = ProfileId.New(), TenantId = a.Id, Name = "city", BasedOn = "ims", Changes = new TrunkProfileChanges() });
        Assert.Equal(SaveOutcome.Duplicate, await db.TrySaveAsync(Cancel));
        Assert.Equal(1, await db.Tenants.ExecuteDeleteAsync(Cancel));
        Assert.Equal(0, await db.TrunkProfiles.CountAsync(Cancel));
    }

    [Fact]
    public async Task A_number_belongs_to_one_tenant_on_the_whole_platform()
    {
        TestTenant a = await database.CreateTenantAsync();
        TestTenant b = await database.CreateTenantAsync();
        string number = NewNumber();
        Assert.Equal(SaveOutcome.Saved, await AddNumberAsync(a, number));
        Assert.Equal(SaveOutcome.Duplicate, await AddNumberAsync(b, number));
    }

    [Fact]
    public async Task A_number_cannot_hang_on_another_tenants_trunk()
    {
        TestTenant a = await database.CreateTenantAsync();
        TestTenant b = await database.CreateTenantAsync();
        TrunkId foreign = await AddTrunkAsync(a, "carrier", []);
        Assert.Equal(SaveOutcome.MissingReference, await AddNumberAsync(b, NewNumber(), foreign));
    }

    [Fact]
    public async Task A_trunk_with_numbers_is_kept_and_a_deleted_tenant_takes_both_along()
    {
        TestTenant a = await database.CreateTenantAsync();
        TrunkId trunk = await AddTrunkAsync(a, "carrier", ["198.51.100.7/32"]);
        await AddNumberAsync(a, NewNumber(), trunk);
        await using (PbxDbContext db = database.Pbx.OpenTenant(a.Id))
        {
            db.Trunks.Remove(await db.Trunks.SingleAsync(Cancel));
            Assert.Equal(SaveOutcome.MissingReference, await db.TrySaveAsync(Cancel));
        }
        await using (PbxDbContext db = database.Pbx.OpenTenant(a.Id))
        {
            Assert.Equal(1, await db.Tenants.ExecuteDeleteAsync(Cancel));
            Assert.Equal(0, await db.PhoneNumbers.CountAsync(Cancel) + await db.Trunks.CountAsync(Cancel) + await db.TrunkSources.CountAsync(Cancel));
        }
    }

    [Fact]
    public async Task The_directory_gives_an_address_to_its_tenant_and_a_shared_one_to_the_called_number()
    {
        TestTenant a = await database.CreateTenantAsync();
        TestTenant b = await database.CreateTenantAsync();
        string number = NewNumber();
        await AddTrunkAsync(a, "own", ["203.0.113.1/32"]);
        await AddTrunkAsync(a, "shared", ["203.0.113.64/26"]);
        await AddTrunkAsync(b, "shared", ["203.0.113.64/26"]);
        await AddTrunkAsync(b, "off", ["203.0.113.2/32"], enabled: false);
        await AddNumberAsync(b, number);
        DirectoryRows rows = await database.Services.GetRequiredService<DirectoryReader>().ReadAsync(Cancel);
        Assert.Equal(a.Id, Assert.Single(rows.Carriers, c => c.Network == "203.0.113.1/32").Tenant);
        CarrierSource shared = Assert.Single(rows.Carriers, c => c.Network == "203.0.113.64/26");
        Assert.Null(shared.Tenant);
        Assert.Equal(CalledNumberSource.PCalledPartyId, shared.CalledNumberFrom);
        Assert.DoesNotContain(rows.Carriers, c => c.Network == "203.0.113.2/32");
        Assert.Equal(b.Id, rows.Numbers[number]);
    }

    [Fact]
    public async Task A_certificate_is_asked_for_at_its_companys_domains_unless_the_carrier_knows_it_by_another_name()
    {
        TestTenant a = await database.CreateTenantAsync(), b = await database.CreateTenantAsync();
        DirectoryReader reader = database.Services.GetRequiredService<DirectoryReader>();
        string[] domains = [.. (await reader.ReadAsync(Cancel)).Domains.Where(domain => domain.Value == a.Id).Select(domain => domain.Key).Order(StringComparer.OrdinalIgnoreCase)];
        Assert.NotEmpty(domains);
        await AddTrunkAsync(a, "certified", ["tls:sbc.asked.example"]);
        await AddTrunkAsync(a, "named", ["tls:sbc.named.example"], contactHost: "trunk.example");
        await AddTrunkAsync(b, "network", ["203.0.113.3/32"]);
        await AddTrunkAsync(b, "usurper", ["tls:sbc.usurper.example"], contactHost: domains[0]);
        DirectoryRows rows = await reader.ReadAsync(Cancel);
        Assert.Equal(domains, NamesOf("tls:sbc.asked.example"));
        Assert.Equal(["trunk.example"], NamesOf("tls:sbc.named.example"));
        Assert.Empty(NamesOf("203.0.113.3/32"));
        Assert.Empty(NamesOf("tls:sbc.usurper.example"));               // what a's phones name is not b's to say

        IEnumerable<string> NamesOf(string source) => Assert.Single(rows.Carriers, carrier => carrier.Network == source).ServerNames;
    }

    [Theory]
    [InlineData("192.0.2.0/25", null, "ims", null)]                                      // alike: the called number decides
    [InlineData("192.0.2.0/25", "100", "ims", "defaultExtension")]
    [InlineData("192.0.2.0/25", null, "generic", "calledNumberFrom")]
    [InlineData("192.0.2.1/32", null, "ims", "Overlaps")]
    [InlineData("192.0.0.0/16", null, "ims", "Overlaps")]
    [InlineData("192.0.2.128/25", null, "ims", null)]                                    // beside it
    public async Task Two_tenants_share_an_address_only_where_the_called_number_decides(string network, string? defaultExtension, string profile, string? reason)
    {
        TestTenant a = await database.CreateTenantAsync();
        TestTenant b = await database.CreateTenantAsync();
        TrunkId first = await AddTrunkAsync(a, "carrier", ["192.0.2.0/25"]);
        IReadOnlyList<SourceConflict> conflicts = await Conflicts.FindAsync(b.Id, [(NewTrunk(b, "carrier", profile, defaultExtension), [network])], Cancel);
        if (reason is null)
            Assert.Empty(conflicts);
        else
            Assert.Contains(reason, Assert.Single(conflicts).Reason, StringComparison.Ordinal);
        Assert.All(conflicts, conflict => Assert.DoesNotContain(a.Id.ToString(), conflict.Reason, StringComparison.Ordinal));
        await RemoveAsync(a, first);
    }

    [Theory]
    [InlineData("tls:sbc.carrier.example", "ims", null)]                                 // the same certificate, read alike
    [InlineData("tls:sbc.carrier.example", "generic", "calledNumberFrom")]
    [InlineData("tls:other.carrier.example", "generic", null)]
    public async Task Two_tenants_share_a_certificate_as_they_share_an_address(string certificate, string profile, string? reason)
    {
        TestTenant a = await database.CreateTenantAsync(), b = await database.CreateTenantAsync();
        TrunkId first = await AddTrunkAsync(a, "carrier", ["tls:sbc.carrier.example", "192.0.2.0/25"]);
        IReadOnlyList<SourceConflict> conflicts = await Conflicts.FindAsync(b.Id, [(NewTrunk(b, "carrier", profile), [certificate])], Cancel);
        Assert.Equal(reason is null, conflicts.Count == 0);
        Assert.All(conflicts, conflict => Assert.Contains(reason!, conflict.Reason, StringComparison.Ordinal));
        await RemoveAsync(a, first);
    }

    [Theory]
    [InlineData(TrunkKind.Registered, TrunkKind.Ip)]
    [InlineData(TrunkKind.Ip, TrunkKind.Registered)]
    public async Task A_registered_trunks_addresses_are_in_the_way_of_others_and_known_to_the_edges(TrunkKind there, TrunkKind added)      // I10
    {
        TestTenant a = await database.CreateTenantAsync(), b = await database.CreateTenantAsync();
        TrunkId first = await AddTrunkAsync(a, "carrier", ["192.0.2.0/25"], kind: there);
        Assert.Contains("Overlaps", Assert.Single(await Conflicts.FindAsync(b.Id, [(NewTrunk(b, "carrier", kind: added), ["192.0.2.7/32"])], Cancel)).Reason, StringComparison.Ordinal);
        DirectoryRows rows = await database.Services.GetRequiredService<DirectoryReader>().ReadAsync(Cancel);
        Assert.Equal(a.Id, Assert.Single(rows.Carriers, carrier => carrier.Network == "192.0.2.0/25").Tenant);
        await RemoveAsync(a, first);
    }

    [Fact]
    public async Task Two_trunks_of_one_tenant_never_share_an_address_and_the_error_names_the_other()
    {
        TestTenant a = await database.CreateTenantAsync();
        SourceConflict conflict = Assert.Single(await Conflicts.FindAsync(
            a.Id, [(NewTrunk(a, "north"), ["2001:db8::/32"]), (NewTrunk(a, "south"), ["2001:db8:1::/48"])], Cancel));
        Assert.Equal(("south", "2001:db8:1::/48"), (conflict.Trunk, conflict.Network));
        Assert.Contains("\"north\"", conflict.Reason, StringComparison.Ordinal);
    }

    private static string NewNumber() => $"+1555{Interlocked.Increment(ref s_numbers):D7}";

    private static Trunk NewTrunk(TestTenant tenant, string name, string profile = "ims", string? defaultExtension = null, bool enabled = true, string? contactHost = null, TrunkKind kind = TrunkKind.Ip) => new()
    {
        Id = TrunkId.New(),
        TenantId = tenant.Id,
        Name = name,
        Kind = kind,
        Enabled = enabled,
        Details = new TrunkDetails { Server = new TrunkServer("carrier.example"), ProfileName = profile, DefaultExtension = defaultExtension, Changes = new TrunkProfileChanges { ContactHost = contactHost } },
    };

    private async Task<OwnProfile> AddProfileAsync(TestTenant tenant, string name, string basedOn, TrunkProfileChanges changes)
    {
        await using PbxDbContext db = database.Pbx.OpenTenant(tenant.Id);
        TrunkProfileRow row = new() { Id = ProfileId.New(), TenantId = tenant.Id, Name = name, BasedOn = basedOn, Changes = changes };
        db.TrunkProfiles.Add(row);
        Assert.Equal(SaveOutcome.Saved, await db.TrySaveAsync(Cancel));
        return row.ToProfile();
    }

    private async Task<TrunkId> AddTrunkAsync(TestTenant tenant, string name, string[] sources, bool enabled = true, string? contactHost = null, TrunkKind kind = TrunkKind.Ip)
    {
        await using PbxDbContext db = database.Pbx.OpenTenant(tenant.Id);
        Trunk trunk = NewTrunk(tenant, name, enabled: enabled, contactHost: contactHost, kind: kind);
        db.Trunks.Add(trunk);
        db.TrunkSources.AddRange(sources.Select(network => new TrunkSource { TenantId = tenant.Id, TrunkId = trunk.Id, Network = network }));
        Assert.Equal(SaveOutcome.Saved, await db.TrySaveAsync(Cancel));
        return trunk.Id;
    }

    private async Task RemoveAsync(TestTenant tenant, TrunkId trunk)
    {
        await using PbxDbContext db = database.Pbx.OpenTenant(tenant.Id);
        await db.Trunks.Where(t => t.Id == trunk).ExecuteDeleteAsync(Cancel);
    }

    private async Task<SaveOutcome> AddNumberAsync(TestTenant tenant, string number, TrunkId? trunk = null)
    {
        await using PbxDbContext db = database.Pbx.OpenTenant(tenant.Id);
        db.PhoneNumbers.Add(new PhoneNumber { Id = NumberId.New(), TenantId = tenant.Id, Number = number, TrunkId = trunk, Extension = "100" });
        return await db.TrySaveAsync(Cancel);
    }

    private async Task ConfigureAsync(TestTenant tenant, string host, string number)
    {
        await using PbxDbContext db = database.Pbx.OpenTenant(tenant.Id);
        TenantKey key = (await db.TenantKeys.SingleAsync(Cancel)).ToKey();
        TrunkId id = TrunkId.New();
        db.Trunks.Add(new Trunk
        {
            Id = id,
            TenantId = tenant.Id,
            Name = "carrier",
            Kind = TrunkKind.Registered,
            Enabled = true,
            Details = new TrunkDetails
            {
                Server = new TrunkServer(host),
                ProfileName = "ims",
                Changes = new TrunkProfileChanges { Rel100 = Rel100Policy.Off },
                Accounts =
                [
                    new TrunkAccount
                    {
                        User = "line", AuthUser = "line", SealedPassword = TrunkPassword.Seal(database.Keyring, key, id, "line", "carrier-secret-" + host),
                    },
                ],
            },
        });
        db.PhoneNumbers.Add(new PhoneNumber { Id = NumberId.New(), TenantId = tenant.Id, Number = number, TrunkId = id, Extension = "100" });
        db.TrunkRoutes.Add(new TrunkRoute { Id = RouteId.New(), TenantId = tenant.Id, Name = "all", Prefix = "", Details = new TrunkRouteDetails { Trunks = [new RouteTrunk(id)] } });
        db.OutsideCalling.Add(new OutsideCallingRow { TenantId = tenant.Id, Settings = new OutsideCalling { OutsidePrefix = "", Country = "zz" } });
        Assert.Equal(SaveOutcome.Saved, await db.TrySaveAsync(Cancel));
    }
}
