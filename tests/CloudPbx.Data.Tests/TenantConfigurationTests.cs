using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Data.Devices;
using CloudPbx.Data.Numbering;
using CloudPbx.Data.Tenants;
using CloudPbx.Data.Tests.Providers;
using CloudPbx.Data.Trunks;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Data.Tests;

public sealed class TenantConfigurationOnSqliteTests(SqliteDatabase database) : TenantConfigurationTests(database), IClassFixture<SqliteDatabase>;

public sealed class TenantConfigurationOnPostgresTests(PostgresDatabase database) : TenantConfigurationTests(database), IClassFixture<PostgresDatabase>;

public abstract class TenantConfigurationTests(TestDatabase database)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private ITenantConfigurationSource Source => database.Services.GetRequiredService<ITenantConfigurationSource>();

    [Fact]
    public async Task A_tenant_is_read_whole_and_its_secrets_open()
    {
        TestTenant a = await database.CreateTenantAsync();
        await database.CreateTenantAsync();
        TenantLoad load = await Source.LoadAsync(a.Id, Cancel);
        Assert.True(load.IsLoaded);
        Check(load.Configuration, a);
    }

    [Fact]
    public async Task The_copy_for_Redis_reads_back_and_holds_no_secret_in_clear()
    {
        TestTenant a = await database.CreateTenantAsync();
        byte[] copy = (await Source.LoadAsync(a.Id, Cancel)).Configuration!.ToBytes();
        Assert.DoesNotContain(a.Secret, System.Text.Encoding.UTF8.GetString(copy), StringComparison.Ordinal);
        Check(Source.Read(copy)!, a);
        Assert.Null(Source.Read("{"u8));
        Assert.Null(Source.Read("{}"u8));
    }

    [Fact]
    public async Task What_an_extension_says_of_forwards_media_and_limits_is_kept_in_its_tenant_and_in_the_copy()
    {
        TestTenant a = await database.CreateTenantAsync(), b = await database.CreateTenantAsync();
        await using (PbxDbContext db = database.Pbx.OpenTenant(a.Id))
        {
            Extension row = await db.Extensions.SingleAsync(Cancel);
            (row.Forwards, row.Codecs, row.Encryption, row.RecordingNotice) = (new CallForwards { Busy = "101" }, ["opus", "PCMA"], SrtpPolicy.Required, RecordingNotice.Beep);
            row.Limits = new ExtensionLimits { MaxOutsideCalls = 0, MicroUnitsPerDay = 5_000_000_000 };
            Assert.Equal(SaveOutcome.Saved, await db.TrySaveAsync(Cancel));
        }
        TenantConfiguration read = (await Source.LoadAsync(a.Id, Cancel)).Configuration!;
        foreach (TenantConfiguration configuration in new[] { read, Source.Read(read.ToBytes())! })
        {
            ConfiguredExtension extension = configuration.Extensions["100"];
            Assert.Equal((new CallForwards { Busy = "101" }, SrtpPolicy.Required, RecordingNotice.Beep), (extension.Forwards, extension.Encryption, extension.RecordingNotice));
            Assert.Equal(new ExtensionLimits { MaxOutsideCalls = 0, MicroUnitsPerDay = 5_000_000_000 }, configuration.LimitsOf("100"));
            Assert.Equal(["opus", "PCMA"], extension.Devices[0].Codecs!);
            Assert.Equal((SrtpPolicy.Required, SrtpPolicy.Optional), (extension.Devices[0].Encryption, extension.Devices[0].OwnEncryption));
        }
        ConfiguredExtension other = (await Source.LoadAsync(b.Id, Cancel)).Configuration!.Extensions["100"];
        Assert.Equal((CallForwards.None, null, null, ExtensionLimits.None), (other.Forwards, other.Codecs, other.RecordingNotice, other.Limits));
    }

    [Fact]
    public async Task Deleting_the_wrapped_key_shreds_the_tenants_secrets()
    {
        TestTenant a = await database.CreateTenantAsync();
        await using (PbxDbContext db = database.Pbx.OpenTenant(a.Id))
            await db.TenantKeys.ExecuteDeleteAsync(Cancel);
        TenantLoad load = await Source.LoadAsync(a.Id, Cancel);
        Assert.False(load.Configuration!.DevicesByAuthUser["100"].Secret.TryOpen(out _));
    }

    [Fact]
    public async Task An_unknown_tenant_is_a_result() =>
        Assert.Equal(TenantLoadOutcome.NoSuchTenant, (await Source.LoadAsync(TenantId.New(), Cancel)).Outcome);

    [Fact]
    public async Task The_directory_knows_domains_and_names_that_one_tenant_alone_uses()
    {
        TestTenant a = await database.CreateTenantAsync();
        TestTenant b = await database.CreateTenantAsync();
        await using (PbxDbContext db = database.Pbx.OpenTenant(b.Id))
        {
            Device device = await db.Devices.SingleAsync(Cancel);
            (device.AuthUser, device.DigestSha256) = ($"only-{b.Id}", true);
            await db.TrySaveAsync(Cancel);
        }
        DirectoryRows rows = await database.Services.GetRequiredService<DirectoryReader>().ReadAsync(Cancel);
        Assert.Equal(a.Id, rows.Domains[$"{a.Id}.EXAMPLE"]);
        Assert.Equal(b.Id, rows.Users[$"only-{b.Id}"]);
        Assert.False(rows.Users.ContainsKey("100"));                                    // the number of both
        Assert.Equal([b.Id], rows.Sha256Tenants.Where(id => id == a.Id || id == b.Id));
    }

    [Fact]
    public async Task S36_the_directory_knows_what_each_tenant_dials_for_help_and_hears_of_changes()
    {
        TestTenant a = await database.CreateTenantAsync(), b = await database.CreateTenantAsync();
        DirectoryReader reader = database.Services.GetRequiredService<DirectoryReader>();
        const string usual = "|112 9112 911 9911 999 9999";
        Assert.Equal(usual[1..] + usual, await DialledAsync());
        await SetAsync(new OutsideCalling { OutsidePrefix = "0", EmergencyNumbers = ["110", "112"] });
        Assert.Equal("110 0110 112 0112" + usual, await DialledAsync());
        await SetAsync(new OutsideCalling { OutsidePrefix = "", EmergencyNumbers = ["000"] });
        Assert.Equal("000" + usual, await DialledAsync());
        Assert.Equal("000" + usual, await DialledAsync());                           // read once, known since
        await SetAsync(new OutsideCalling { EmergencyNumbers = [] });
        Assert.Equal(usual, await DialledAsync());
        await SetAsync(new OutsideCalling { OutsidePrefix = "", Country = "AU" });
        Assert.Equal("000 106 112 911 999" + usual, await DialledAsync());
        await SetAsync(new OutsideCalling { OutsidePrefix = "", CallerNumber = "+81312345678" });
        Assert.Equal("110 119 112 911 999" + usual, await DialledAsync());           // at home where its number is
        await SetAsync(new OutsideCalling { OutsidePrefix = "" });
        Assert.Equal("112 911 999" + usual, await DialledAsync());
        await using (PbxDbContext db = database.Pbx.OpenTenant(a.Id))
        {
            TrunkId trunk = TrunkId.New();
            db.Trunks.Add(new Trunk { Id = trunk, TenantId = a.Id, Name = "carrier", Kind = TrunkKind.Ip, Enabled = true, Details = new TrunkDetails { Server = new TrunkServer("carrier.example") } });
            db.PhoneNumbers.Add(new PhoneNumber { Id = NumberId.New(), TenantId = a.Id, Number = "+81312345678", TrunkId = trunk });
            Assert.Equal(SaveOutcome.Saved, await db.TrySaveAsync(Cancel));
        }
        Assert.Equal("110 119 112 911 999" + usual, await DialledAsync());

        async Task SetAsync(OutsideCalling settings)
        {
            await using PbxDbContext db = database.Pbx.OpenTenant(a.Id);
            if (await db.OutsideCalling.SingleOrDefaultAsync(Cancel) is { } row)
                row.Settings = settings;
            else
                db.OutsideCalling.Add(new OutsideCallingRow { TenantId = a.Id, Settings = settings });
            Assert.Equal(SaveOutcome.Saved, await db.TrySaveAsync(Cancel));
        }

        async Task<string> DialledAsync()
        {
            IReadOnlyList<EmergencyDialling> all = (await reader.ReadAsync(Cancel)).Emergency;
            return $"{Of(a.Id)}|{Of(b.Id)}";

            string Of(TenantId tenant) => string.Join(' ', all.SingleOrDefault(entry => entry.Tenants.Contains(tenant))?.Dialled ?? []);
        }
    }

    private static void Check(TenantConfiguration configuration, TestTenant tenant)
    {
        Assert.Equal(tenant.Id, configuration.TenantId);
        Assert.Equal([$"{tenant.Id}.example"], configuration.Domains);
        ConfiguredExtension extension = configuration.Extensions["100"];
        Assert.Equal((tenant.Extension, $"Alice of {tenant.Id}", TimeSpan.FromSeconds(30)), (extension.Id, extension.DisplayName, extension.RingTimeout));
        ConfiguredDevice device = Assert.Single(extension.Devices);
        Assert.Same(device, configuration.DevicesByAuthUser["100"]);
        Assert.Equal((tenant.Device, SrtpPolicy.Optional, "100"), (device.Id, device.Encryption, device.Extension));
        Assert.True(device.Secret.TryOpen(out string? secret));
        Assert.Equal(tenant.Secret, secret);
        Assert.DoesNotContain(tenant.Secret, device.Secret.ToString(), StringComparison.Ordinal);
    }
}
