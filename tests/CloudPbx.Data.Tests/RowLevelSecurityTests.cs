using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Data.CallRecords;
using CloudPbx.Data.Postgres;
using CloudPbx.Data.Tests.Providers;
using CloudPbx.Data.Trunks;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CloudPbx.Data.Tests;

/// <summary>What the database itself refuses, whatever the code above it does (S23).</summary>
public sealed class RowLevelSecurityTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_app_role_can_bypass_nothing()
    {
        _ = database.Services;                                                          // skips where there is no PostgreSQL
        await using NpgsqlConnection admin = await OpenAsync(database.AdministratorConnection);
        Assert.Equal("f f f f", await ScalarAsync<string>(admin,
            $"select concat_ws(' ', rolsuper, rolbypassrls, rolcreaterole, rolcreatedb) from pg_roles where rolname = '{PostgresRoles.App}'"));
        Assert.Equal(0L, await ScalarAsync<long>(admin, $"select count(*) from pg_class where relowner = '{PostgresRoles.App}'::regrole"));
        Assert.Equal(0L, await ScalarAsync<long>(admin, $"select count(*) from pg_auth_members where member = '{PostgresRoles.App}'::regrole"));
        Assert.Equal(0L, await ScalarAsync<long>(admin, $"select count(*) from pg_proc where prosecdef and proowner <> 10 and has_function_privilege('{PostgresRoles.App}', oid, 'execute')"));
    }

    [Fact]
    public async Task Every_tenant_table_forces_a_policy_upon_its_owner_too()
    {
        await using PbxDbContext db = database.Pbx.OpenTenant(TenantId.New());
        await using NpgsqlConnection admin = await OpenAsync(database.AdministratorConnection);
        foreach (string table in db.Model.GetEntityTypes().Select(e => e.GetTableName()!))
        {
            Assert.True(await ScalarAsync<bool>(admin, $"select relrowsecurity and relforcerowsecurity from pg_class where oid = '{table}'::regclass"), table);
            long policies = await ScalarAsync<long>(admin, $"select count(*) from pg_policy where polrelid = '{table}'::regclass and polwithcheck is not null");
            Assert.Equal(table.StartsWith("global_", StringComparison.Ordinal) ? 0L : 1L, policies);
        }
    }

    [Fact]
    public async Task Without_the_query_filter_the_policy_still_hides_other_tenants()
    {
        TestTenant a = await database.CreateTenantAsync();
        TestTenant b = await database.CreateTenantAsync();
        await using PbxDbContext db = database.Pbx.OpenTenant(a.Id);
        Assert.Equal([a.Id], await db.Extensions.IgnoreQueryFilters([PbxDbContext.TenantFilter]).Select(e => e.TenantId).ToListAsync(Cancel));
        Assert.Equal([a.Id], await db.Tenants.IgnoreQueryFilters([PbxDbContext.TenantFilter]).Select(t => t.Id).ToListAsync(Cancel));
        Assert.Equal(0, await db.Devices.IgnoreQueryFilters([PbxDbContext.TenantFilter]).Where(d => d.TenantId == b.Id)
            .ExecuteUpdateAsync(set => set.SetProperty(d => d.Name, "stolen"), Cancel));
    }

    [Fact]
    public async Task A_plain_connection_sees_nothing_until_it_names_a_tenant_and_then_that_one_only()
    {
        TestTenant a = await database.CreateTenantAsync();
        TestTenant b = await database.CreateTenantAsync();
        foreach (string role in new[] { PostgresRoles.App, PostgresRoles.Owner })
        {
            await using NpgsqlConnection connection = await OpenAsync(database.ConnectionAs(role));
            Assert.Equal(0L, await ScalarAsync<long>(connection, "select count(*) from extensions"));
            await ScalarAsync<string>(connection, "select set_config('app.tenant_id', '', false)");
            Assert.Equal(0L, await ScalarAsync<long>(connection, "select count(*) from tenants"));
            await ScalarAsync<string>(connection, $"select set_config('app.tenant_id', '{a.Id}', false)");
            Assert.Equal(1L, await ScalarAsync<long>(connection, "select count(*) from extensions"));
            PostgresException refused = await Assert.ThrowsAsync<PostgresException>(() => ScalarAsync<object>(
                connection, $"insert into tenant_domains (tenant_id, id, name, position) values ('{b.Id}', gen_random_uuid(), 'stolen.example', 9)"));
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        }
    }

    [Theory]
    [InlineData("select count(*) from call_records_default")]                           // a partition has no policy of its own: it is out of reach
    [InlineData("alter table extensions disable row level security")]
    [InlineData("alter table extensions no force row level security")]
    [InlineData("drop policy tenant on extensions")]
    [InlineData("set role cloudpbx_platform")]
    [InlineData("set role cloudpbx_owner")]
    [InlineData("set session authorization cloudpbx_platform")]
    [InlineData("create table public.mine (id int)")]
    [InlineData("select cloudpbx_add_call_record_partitions(now(), 1)")]
    [InlineData("truncate extensions")]
    [InlineData("update global_trunks set name = 'stolen'")]                            // to read, and its keeper's alone
    [InlineData("delete from global_trunks")]
    [InlineData("select count(*) from global_numbers")]                                 // nobody's: the app role has no business there
    [InlineData("select count(*) from global_settings")]
    [InlineData("select count(*) from global_audit_entries")]
    [InlineData("select count(*) from global_users")]
    [InlineData("select count(*) from global_keys")]
    public async Task The_app_role_is_refused(string sql)
    {
        _ = database.Services;
        await using NpgsqlConnection connection = await OpenAsync(database.ConnectionAs(PostgresRoles.App));
        PostgresException refused = await Assert.ThrowsAsync<PostgresException>(() => ScalarAsync<object>(connection, sql));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    [Fact]
    public async Task A_shared_trunk_is_seen_where_its_keeper_takes_the_tenants_place_and_nowhere_else()
    {
        TestTenant tenant = await database.CreateTenantAsync();
        GlobalTrunkStore store = database.Services.GetRequiredService<GlobalTrunkStore>();
        GlobalTrunk[] trunks = [.. new[] { "one", "two" }.Select(name => new GlobalTrunk
        {
            Id = TrunkId.New(), Name = $"{name}-{tenant.Id}", Kind = TrunkKind.Registered, Enabled = true, Sources = [], Details = new TrunkDetails { Server = new TrunkServer("carrier.example") },
        })];
        foreach (GlobalTrunk trunk in trunks)
            Assert.Equal(SaveOutcome.Saved, await store.SaveAsync(trunk, Cancel));
        await using NpgsqlConnection connection = await OpenAsync(database.ConnectionAs(PostgresRoles.App));
        Assert.Equal(0L, await ScalarAsync<long>(connection, "select count(*) from global_trunks"));
        await ScalarAsync<string>(connection, $"select set_config('app.tenant_id', '{tenant.Id}', false)");
        Assert.Equal(0L, await ScalarAsync<long>(connection, "select count(*) from global_trunks"));
        await ScalarAsync<string>(connection, $"select set_config('app.tenant_id', '{trunks[0].Keeper}', false)");
        Assert.Equal(trunks[0].Name, await ScalarAsync<string>(connection, "select string_agg(name, ' ') from global_trunks"));
        await using PbxDbContext db = database.Pbx.OpenTenant(trunks[1].Keeper);
        Assert.Equal([trunks[1].Id], await db.GlobalTrunks.IgnoreQueryFilters([PbxDbContext.TenantFilter]).Select(t => t.Id).ToListAsync(Cancel));
    }

    [Fact]
    public async Task A_pooled_connection_does_not_remember_the_tenant_before()
    {
        TestTenant a = await database.CreateTenantAsync();
        for (int i = 0; i < 3; i++)
        {
            await using (PbxDbContext db = database.Pbx.OpenTenant(a.Id))
                Assert.Equal(1, await db.Extensions.CountAsync(Cancel));
            await using PbxDbContext nobody = database.OpenWithoutTenant();
            Assert.Equal(0, await nobody.Extensions.IgnoreQueryFilters([PbxDbContext.TenantFilter]).CountAsync(Cancel));
        }
    }

    [Fact]
    public async Task Call_records_lie_in_the_partition_of_their_month()
    {
        TestTenant a = await database.CreateTenantAsync();
        CallRecordWriter writer = database.Services.GetRequiredService<CallRecordWriter>();
        DateTimeOffset month = new(DateTime.UtcNow.Year, DateTime.UtcNow.Month, 1, 0, 0, 0, TimeSpan.Zero);
        (DateTimeOffset Instant, string Partition)[] cases =
        [
            (month, Partition(month)),
            (month.AddMonths(1).AddMilliseconds(-1), Partition(month)),
            (month.AddMonths(1), Partition(month.AddMonths(1))),
            (month.AddMonths(3), Partition(month.AddMonths(3))),
            (month.AddMonths(4), "call_records_default"),
            (month.AddMonths(-1), "call_records_default"),
        ];
        await using NpgsqlConnection admin = await OpenAsync(database.AdministratorConnection);
        foreach ((DateTimeOffset instant, string partition) in cases)
        {
            CallId id = new(Guid.CreateVersion7(instant));
            await writer.StoreAsync(CallRecordTests.Ended(a.Id) with { CallId = id }, Cancel);
            Assert.Equal(partition, await ScalarAsync<string>(admin, $"select tableoid::regclass::text from call_records where id = '{id}'"));
        }
        await using PbxDbContext db = database.Pbx.OpenTenant(a.Id);
        Assert.Equal(cases.Length, await db.CallRecords.CountAsync(Cancel));
    }

    [Fact]
    public async Task Months_are_added_by_the_platform_role_as_time_goes_on_and_once()
    {
        TestTenant a = await database.CreateTenantAsync();
        IDatabaseSchema schema = database.Services.GetRequiredService<IDatabaseSchema>();
        DateTimeOffset now = DateTimeOffset.UtcNow, month = new(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero);
        Assert.Equal(0, await schema.ExtendAsync(Cancel));

        // As if no process had run for a while: the last month is missing.
        await using NpgsqlConnection admin = await OpenAsync(database.AdministratorConnection);
        await ScalarAsync<int>(admin, $"drop table {Partition(month.AddMonths(3))}; select 1");
        int[] made = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => schema.ExtendAsync(Cancel)));
        Assert.Equal(1, made.Sum());

        // And that one has rows already, in the default partition: they stay there.
        await using NpgsqlConnection platform = await OpenAsync(database.ConnectionAs(PostgresRoles.Platform));
        CallId id = new(Guid.CreateVersion7(month.AddMonths(40)));
        await database.Services.GetRequiredService<CallRecordWriter>().StoreAsync(CallRecordTests.Ended(a.Id) with { CallId = id }, Cancel);
        string far = month.AddMonths(39).ToString("O", System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(2, await ScalarAsync<int>(platform, $"select cloudpbx_add_call_record_partitions('{far}', 3)"));
        Assert.Equal("call_records_default", await ScalarAsync<string>(admin, $"select tableoid::regclass::text from call_records where id = '{id}'"));
        await ScalarAsync<int>(admin, $"drop table {Partition(month.AddMonths(39))}; drop table {Partition(month.AddMonths(41))}; select 1");
    }

    [Fact]
    public async Task S29_a_secret_is_nowhere_in_the_database_in_clear()
    {
        TestTenant a = await database.CreateTenantAsync();
        await using NpgsqlConnection admin = await OpenAsync(database.AdministratorConnection);
        string row = await ScalarAsync<string>(admin, $"select d::text || encode(sealed_secret, 'escape') from devices d where tenant_id = '{a.Id}'");
        Assert.DoesNotContain(a.Secret, row, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_schema_fits_and_says_so()
    {
        Assert.Null(await database.Services.GetRequiredService<IDatabaseSchema>().FindMismatchAsync(Cancel));
        Assert.Contains("older", SchemaComparison.Describe(["1"], ["1", "2"]), StringComparison.Ordinal);
        Assert.Contains("newer", SchemaComparison.Describe(["1", "2"], ["1"]), StringComparison.Ordinal);
    }

    private static string Partition(DateTimeOffset month) => $"call_records_{month:yyyy_MM}";

    private static async Task<NpgsqlConnection> OpenAsync(string connection)
    {
        NpgsqlConnection open = new(connection);
        await open.OpenAsync(Cancel);
        return open;
    }

    private static async Task<T> ScalarAsync<T>(NpgsqlConnection connection, string sql)
    {
        await using NpgsqlCommand command = new(sql, connection);
        return (T)(await command.ExecuteScalarAsync(Cancel))!;
    }
}
