using System.Text;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Data.Keys;
using CloudPbx.Data.Postgres;
using CloudPbx.Data.Tenants;
using CloudPbx.Data.Tests.Providers;
using CloudPbx.Data.Trunks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CloudPbx.Data.Tests;

public sealed class SharedLinesOnSqliteTests(SqliteDatabase database) : SharedLineTests(database), IClassFixture<SqliteDatabase>;

public sealed class SharedLinesOnPostgresTests(PostgresDatabase database) : SharedLineTests(database), IClassFixture<PostgresDatabase>;

/// <summary>A worker has the app role alone: no connection that sees all tenants.</summary>
public sealed class SharedLinesOfWorkersTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_worker_reads_what_a_keeper_needs_and_finds_no_tenant_where_there_is_none()
    {
        GlobalTrunk row = await SharedLineTests.AddToAsync(database, "worker"), other = await SharedLineTests.AddToAsync(database, "beside");
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["Postgres:Connection"] = database.ConnectionAs(PostgresRoles.App);
        builder.Configuration["PlatformKey:Path"] = database.PlatformKeyPath;
        builder.AddPostgresData();
        using IHost worker = builder.Build();
        ITenantConfigurationSource source = worker.Services.GetRequiredService<ITenantConfigurationSource>();
        TenantConfiguration keeper = (await source.LoadAsync(row.Keeper, Cancel)).Configuration!;
        Assert.Equal((row.Id, row.Revision), (keeper.KeptTrunk!.Id, keeper.Version));
        Assert.True(keeper.TryOpenPassword(keeper.KeptTrunk, keeper.KeptTrunk.Accounts[0], out string? password));
        Assert.Equal("shared-secret", password);
        Assert.Equal(other.Id, (await source.LoadAsync(other.Keeper, Cancel)).Configuration!.KeptTrunk!.Id);
        Assert.Equal(TenantLoadOutcome.NoSuchTenant, (await source.LoadAsync(TenantId.New(), Cancel)).Outcome);
    }
}

/// <summary>Shared trunks of the registered kind: who keeps their lines, and what tenants have of them.</summary>
public abstract class SharedLineTests(TestDatabase database)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private ITenantConfigurationSource Source => database.Services.GetRequiredService<ITenantConfigurationSource>();

    private GlobalTrunkStore Store => database.Services.GetRequiredService<GlobalTrunkStore>();

    [Fact]
    public async Task A_registered_trunk_has_a_keeper_with_its_lines_and_a_trunk_by_address_has_none()
    {
        GlobalTrunk row = await AddAsync("lines"), address = await AddAsync("address", TrunkKind.Ip);
        TenantConfiguration keeper = (await Source.LoadAsync(row.Keeper, Cancel)).Configuration!;
        Assert.Equal((row.Id, row.Keeper, row.Revision), (keeper.KeptTrunk!.Id, keeper.TenantId, keeper.Version));
        Assert.False(keeper.KeptTrunk.IsCopy);
        Assert.Empty(keeper.SharedTrunks);                                              // those are copies
        Assert.True(keeper.TryOpenPassword(keeper.KeptTrunk, keeper.KeptTrunk.Accounts[0], out string? password));
        Assert.Equal("shared-secret", password);
        byte[] written = keeper.ToBytes();
        Assert.DoesNotContain("shared-secret", Encoding.UTF8.GetString(written), StringComparison.Ordinal);       // S29
        Assert.Equal(row.Id, Source.Read(written)!.KeptTrunk!.Id);
        Assert.Equal(TenantLoadOutcome.NoSuchTenant, (await Source.LoadAsync(address.Keeper, Cancel)).Outcome);
        IReadOnlyDictionary<TenantId, long> keepers = await Store.KeepersAsync(Cancel);
        Assert.Equal((row.Revision, false), (keepers[row.Keeper], keepers.ContainsKey(address.Keeper)));
    }

    [Fact]
    public async Task Two_tenants_copies_open_the_password_of_the_line_that_neither_of_them_keeps()
    {
        GlobalTrunk row = await AddAsync("copied");
        foreach (TestTenant tenant in new[] { await database.CreateTenantAsync(), await database.CreateTenantAsync() })
        {
            await using (PbxDbContext db = database.Pbx.OpenTenant(tenant.Id))
            {
                db.Trunks.Add(row.ToCopy(tenant.Id));
                Assert.Equal(SaveOutcome.Saved, await db.TrySaveAsync(Cancel));
            }
            TenantConfiguration configuration = (await Source.LoadAsync(tenant.Id, Cancel)).Configuration!;
            TrunkSettings copy = Assert.Single(configuration.SharedTrunks);
            Assert.Equal((TrunkKind.Registered, true, row.Id, null), (copy.Kind, copy.IsCopy, copy.LinesOf, configuration.KeptTrunk));
            Assert.True(configuration.TryOpenPassword(copy, copy.Accounts[0], out string? password));
            Assert.Equal("shared-secret", password);
        }
    }

    [Fact]
    public async Task The_edges_directory_has_the_lines_and_every_change_counts_the_revision_up()
    {
        GlobalTrunk row = await AddAsync("counted", changes: new TrunkProfileChanges { CalledNumberFrom = CalledNumberSource.To });
        long first = row.Revision;
        row.Enabled = false;
        Assert.Equal(SaveOutcome.Saved, await Store.SaveAsync(row, Cancel));
        Assert.True(row.Revision > first);
        DirectoryReader directory = database.Services.GetRequiredService<DirectoryReader>();
        Assert.DoesNotContain((await directory.ReadAsync(Cancel)).SharedLines, line => line.Trunk == row.Id);
        row.Enabled = true;
        Assert.Equal(SaveOutcome.Saved, await Store.SaveAsync(row, Cancel));
        Assert.Equal(CalledNumberSource.To, Assert.Single((await directory.ReadAsync(Cancel)).SharedLines, line => line.Trunk == row.Id).CalledNumberFrom);
    }

    internal static async Task<GlobalTrunk> AddToAsync(TestDatabase database, string name, TrunkKind kind = TrunkKind.Registered, TrunkProfileChanges? changes = null)
    {
        PlatformSeal seal = database.Services.GetRequiredService<PlatformSeal>();
        TrunkId id = TrunkId.New();
        GlobalTrunk row = new()
        {
            Id = id,
            Name = $"{name}-{id}",
            Kind = kind,
            Enabled = true,
            Sources = [],
            Details = new TrunkDetails
            {
                Server = new TrunkServer("carrier.example"),
                Changes = changes ?? new TrunkProfileChanges(),
                Accounts = [new TrunkAccount { User = "line", AuthUser = "line", SealedPassword = GlobalTrunkPassword.Seal(seal, id, "line", "shared-secret") }],
            },
        };
        Assert.Equal(SaveOutcome.Saved, await database.Services.GetRequiredService<GlobalTrunkStore>().SaveAsync(row, Cancel));
        return row;
    }

    private Task<GlobalTrunk> AddAsync(string name, TrunkKind kind = TrunkKind.Registered, TrunkProfileChanges? changes = null) => AddToAsync(database, name, kind, changes);
}
