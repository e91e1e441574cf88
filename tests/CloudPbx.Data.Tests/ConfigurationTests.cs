using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Devices;
using CloudPbx.Data.EventLog;
using CloudPbx.Data.Numbering;
using CloudPbx.Data.Tenants;
using CloudPbx.Data.Tests.Providers;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Data.Tests;

public sealed class ConfigurationOnSqliteTests(SqliteDatabase database) : ConfigurationTests(database), IClassFixture<SqliteDatabase>;

public sealed class ConfigurationOnPostgresTests(PostgresDatabase database) : ConfigurationTests(database), IClassFixture<PostgresDatabase>;

public abstract class ConfigurationTests(TestDatabase database)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_tenant_sees_its_own_rows_although_the_numbers_are_the_same()
    {
        TestTenant a = await database.CreateTenantAsync();
        TestTenant b = await database.CreateTenantAsync();
        await using PbxDbContext db = database.Pbx.OpenTenant(a.Id);
        Assert.Equal(a.Id, (await db.Tenants.SingleAsync(Cancel)).Id);
        Assert.Equal(a.Extension, (await db.Extensions.SingleAsync(e => e.Number == "100", Cancel)).Id);
        Assert.Equal(a.Device, (await db.Devices.SingleAsync(d => d.AuthUser == "100", Cancel)).Id);
        Assert.Equal($"{a.Id}.example", (await db.Domains.SingleAsync(Cancel)).Name);
        Assert.Equal(a.Id, (await db.TenantKeys.SingleAsync(Cancel)).TenantId);
        Assert.Null(await db.Extensions.SingleOrDefaultAsync(e => e.Id == b.Extension, Cancel));
        Assert.Null(await db.Devices.FindAsync([b.Id, b.Device], Cancel));
        Assert.Equal(0, await db.Devices.Where(d => d.Id == b.Device).ExecuteDeleteAsync(Cancel));
    }

    [Fact]
    public async Task A_scope_without_tenant_sees_nothing()
    {
        await database.CreateTenantAsync();
        await using PbxDbContext db = database.OpenWithoutTenant();
        Assert.Empty(await db.Tenants.ToListAsync(Cancel));
        Assert.Empty(await db.Extensions.ToListAsync(Cancel));
        Assert.Empty(await db.TenantKeys.ToListAsync(Cancel));
    }

    [Fact]
    public async Task The_platform_sees_all_tenants()
    {
        TestTenant a = await database.CreateTenantAsync();
        TestTenant b = await database.CreateTenantAsync();
        await using PlatformDbContext db = database.Pbx.OpenPlatform();
        Assert.Equal(2, await db.Extensions.CountAsync(e => e.Id == a.Extension || e.Id == b.Extension, Cancel));
    }

    [Fact]
    public async Task Writing_a_row_of_another_tenant_is_a_bug_and_throws()
    {
        TestTenant a = await database.CreateTenantAsync();
        TestTenant b = await database.CreateTenantAsync();
        await using PbxDbContext db = database.Pbx.OpenTenant(a.Id);
        db.Extensions.Add(new Extension { Id = ExtensionId.New(), TenantId = b.Id, Number = "200", DisplayName = "x" });
        await Assert.ThrowsAsync<InvalidOperationException>(() => db.TrySaveAsync(Cancel));
    }

    [Fact]
    public async Task A_taken_number_is_a_duplicate_and_a_foreign_extension_a_missing_reference()
    {
        TestTenant a = await database.CreateTenantAsync();
        TestTenant b = await database.CreateTenantAsync();
        await using (PbxDbContext db = database.Pbx.OpenTenant(a.Id))
        {
            db.Extensions.Add(new Extension { Id = ExtensionId.New(), TenantId = a.Id, Number = "100", DisplayName = "again" });
            Assert.Equal(SaveOutcome.Duplicate, await db.TrySaveAsync(Cancel));
        }
        await using (PbxDbContext db = database.Pbx.OpenTenant(a.Id))
        {
            db.Devices.Add(new Device { Id = DeviceId.New(), TenantId = a.Id, ExtensionId = b.Extension, Name = "x", AuthUser = "x", SealedSecret = [1] });
            Assert.Equal(SaveOutcome.MissingReference, await db.TrySaveAsync(Cancel));
        }
    }

    [Fact]
    public async Task The_second_of_two_writers_gets_a_conflict()
    {
        TestTenant a = await database.CreateTenantAsync();
        await using PbxDbContext first = database.Pbx.OpenTenant(a.Id);
        await using PbxDbContext second = database.Pbx.OpenTenant(a.Id);
        (await first.Extensions.SingleAsync(Cancel)).DisplayName = "first";
        (await second.Extensions.SingleAsync(Cancel)).DisplayName = "second";
        Assert.Equal(SaveOutcome.Saved, await first.TrySaveAsync(Cancel));
        Assert.Equal(SaveOutcome.Conflict, await second.TrySaveAsync(Cancel));
    }

    [Fact]
    public async Task A_change_takes_the_next_version_and_writes_the_event_in_the_same_transaction()
    {
        TestTenant a = await database.CreateTenantAsync();
        for (int i = 1; i <= 2; i++)
        {
            await using PbxDbContext db = database.Pbx.OpenTenant(a.Id);
            await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(Cancel);
            Assert.Equal(i, change!.Version);
            db.Extensions.Add(new Extension { Id = ExtensionId.New(), TenantId = a.Id, Number = $"20{i}", DisplayName = "x" });
            Assert.Equal(SaveOutcome.Saved, await change.TrySaveAsync($"extension 20{i} created", DateTime.UtcNow, Cancel));
        }
        await using PbxDbContext read = database.Pbx.OpenTenant(a.Id);
        Assert.Equal(2, (await read.Tenants.SingleAsync(Cancel)).ConfigVersion);
        List<EventLogEntry> log = await read.EventLog.OrderBy(e => e.Sequence).ToListAsync(Cancel);
        Assert.Equal([(1, "extension.created"), (2, "configuration.changed"), (3, "extension.created"), (4, "configuration.changed")], log.Select(e => (e.Sequence, e.Type)));
        Assert.Equal("""{"version":2,"what":"extension 202 created"}""", log[3].Payload);
        Assert.Equal(DateTimeKind.Utc, log[1].At.Kind);
    }

    [Fact]
    public async Task A_change_that_is_refused_or_dropped_leaves_no_trace()
    {
        TestTenant a = await database.CreateTenantAsync();
        await using (PbxDbContext db = database.Pbx.OpenTenant(a.Id))
        {
            await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(Cancel);
            db.Extensions.Add(new Extension { Id = ExtensionId.New(), TenantId = a.Id, Number = "100", DisplayName = "again" });
            Assert.Equal(SaveOutcome.Duplicate, await change!.TrySaveAsync("x", DateTime.UtcNow, Cancel));
        }
        await using PbxDbContext read = database.Pbx.OpenTenant(a.Id);
        Assert.Equal(0, (await read.Tenants.SingleAsync(Cancel)).ConfigVersion);
        Assert.Empty(await read.EventLog.ToListAsync(Cancel));
        Assert.Equal(0, (await read.TenantSequences.SingleAsync(Cancel)).Last);
    }

    [Fact]
    public async Task Changes_at_the_same_time_wait_for_each_other_and_leave_no_gap()
    {
        TestTenant a = await database.CreateTenantAsync();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(async () =>
        {
            await using PbxDbContext db = database.Pbx.OpenTenant(a.Id);
            await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(Cancel);
            db.Extensions.Add(new Extension { Id = ExtensionId.New(), TenantId = a.Id, Number = $"30{i}", DisplayName = "x" });
            Assert.Equal(SaveOutcome.Saved, await change!.TrySaveAsync("x", DateTime.UtcNow, Cancel));
        }, Cancel)));
        await using PbxDbContext read = database.Pbx.OpenTenant(a.Id);
        Assert.Equal(8, (await read.Tenants.SingleAsync(Cancel)).ConfigVersion);
        Assert.Equal(Enumerable.Range(1, 16).Select(i => (long)i), await read.EventLog.OrderBy(e => e.Sequence).Select(e => e.Sequence).ToListAsync(Cancel));
    }

    [Fact]
    public async Task An_unknown_tenant_cannot_be_changed()
    {
        await using PbxDbContext db = database.Pbx.OpenTenant(TenantId.New());
        Assert.Null(await db.BeginConfigurationChangeAsync(Cancel));
    }

    [Fact]
    public async Task A_deleted_tenant_leaves_no_row()
    {
        TestTenant a = await database.CreateTenantAsync();
        TestTenant b = await database.CreateTenantAsync();
        await using (PbxDbContext db = database.Pbx.OpenTenant(a.Id))
            Assert.Equal(1, await db.Tenants.ExecuteDeleteAsync(Cancel));
        await using PlatformDbContext all = database.Pbx.OpenPlatform();
        Assert.False(await all.Tenants.AnyAsync(t => t.Id == a.Id, Cancel));
        Assert.False(await all.TenantKeys.AnyAsync(t => t.TenantId == a.Id, Cancel));
        Assert.False(await all.TenantSequences.AnyAsync(t => t.TenantId == a.Id, Cancel));
        Assert.False(await all.Domains.AnyAsync(t => t.TenantId == a.Id, Cancel));
        Assert.False(await all.Extensions.AnyAsync(t => t.TenantId == a.Id, Cancel));
        Assert.False(await all.Devices.AnyAsync(t => t.TenantId == a.Id, Cancel));
        Assert.True(await all.Devices.AnyAsync(t => t.TenantId == b.Id, Cancel));
    }
}
