using System.Net;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace CloudPbx.Api.Tests;

public sealed class ResidueOnSqliteTests(SqliteApi api) : ResidueTests(api), IClassFixture<SqliteApi>;

public sealed class ResidueOnPostgresTests(PostgresApi api) : ResidueTests(api), IClassFixture<PostgresApi>;

/// <summary>What is left of a tenant that was deleted: nothing, in every table, in Redis and in the object store. Its twin keeps all it has.</summary>
public abstract class ResidueTests(TestApi api)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_of_a_deleted_tenant_is_left_and_its_twin_has_all_it_had()
    {
        ApplyReport gone = (await FullTenant.MakeAsync(api, "gone", "goes")).Tenant, stays = (await FullTenant.MakeAsync(api, "stays", "stays")).Tenant;
        Dictionary<string, int> before = await RowsAsync(gone.Id), twin = await RowsAsync(stays.Id);
        Assert.All(before, table => Assert.True(table.Value > 0, $"the test puts nothing into {table.Key}: fill it, or it proves nothing"));
        int twinKeys = (await KeysAsync(stays)).Count;
        Assert.NotEmpty(await KeysAsync(gone));

        using HttpResponseMessage deleted = await api.SendAsync(HttpMethod.Delete, $"/v1/tenants/{gone.Name}");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Equal([], (await RowsAsync(gone.Id)).Where(table => table.Value > 0).Select(table => $"{table.Key}: {table.Value}"));
        Assert.Equal([], (await KeysAsync(gone)).Where(key => !key.EndsWith(":epoch", StringComparison.Ordinal)));      // a bare number, which refuses a late owner until it expires
        Assert.False(await HasObjectsAsync(gone.Id));
        Dictionary<string, int> twinNow = await RowsAsync(stays.Id);
        Assert.All(twin.Where(table => table.Key != "awaited_recordings"), table => Assert.True(twinNow[table.Key] >= table.Value, $"the twin lost rows of {table.Key}"));      // its webhook goes on, and audio that was waited for is found
        Assert.True((await KeysAsync(stays)).Count >= twinKeys);
        Assert.True(await HasObjectsAsync(stays.Id));
    }

    private async Task<Dictionary<string, int>> RowsAsync(TenantId tenant)
    {
        await using PlatformDbContext db = api.Services.GetRequiredService<IPbxDatabase>().OpenPlatform();
        Dictionary<string, int> rows = [];
        foreach (IEntityType entity in db.Model.GetEntityTypes())
        {
            string? column = entity.ClrType == typeof(Data.Tenants.Tenant) ? "Id" : entity.FindProperty("TenantId")?.Name;
            if (column is not null && entity.ClrType != typeof(Data.Trunks.GlobalNumber))        // the inventory's numbers come back to it
                rows[entity.GetTableName()!] = await (Task<int>)typeof(ResidueTests).GetMethod(nameof(CountAsync), System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)!
                    .MakeGenericMethod(entity.ClrType).Invoke(null, [db, column, entity.FindProperty(column)!.ClrType, tenant])!;
        }
        return rows;
    }

    private static Task<int> CountAsync<T>(PlatformDbContext db, string column, Type type, TenantId tenant)
        where T : class => type == typeof(TenantId)
        ? db.Set<T>().CountAsync(row => EF.Property<TenantId>(row, column) == tenant, Cancel)
        : db.Set<T>().CountAsync(row => EF.Property<TenantId?>(row, column) == tenant, Cancel);

    /// <summary>The keys that name the tenant, or hold its identifier or its name.</summary>
    private async Task<List<string>> KeysAsync(ApplyReport tenant)
    {
        await using ConnectionMultiplexer connection = await ConnectionMultiplexer.ConnectAsync(api.RedisConnection);
        IDatabase redis = connection.GetDatabase();
        List<string> found = [];
        foreach (IServer server in connection.GetServers())
        {
            await foreach (RedisKey key in server.KeysAsync(pattern: "*"))
            {
                string text = await redis.KeyTypeAsync(key) switch
                {
                    RedisType.String => (await redis.StringGetAsync(key)).ToString(),
                    RedisType.Hash => string.Join(' ', (await redis.HashGetAllAsync(key)).Select(field => $"{field.Name} {field.Value}")),
                    RedisType.Set => string.Join(' ', await redis.SetMembersAsync(key)),
                    RedisType.SortedSet => string.Join(' ', await redis.SortedSetRangeByRankAsync(key)),
                    _ => "",
                };
                if (Names($"{key} {text}"))
                    found.Add(key.ToString());
            }
        }
        return found;

        bool Names(string text) => text.Contains(tenant.Id.ToString(), StringComparison.OrdinalIgnoreCase) || text.Contains(tenant.Name, StringComparison.OrdinalIgnoreCase);
    }

    private async Task<bool> HasObjectsAsync(TenantId tenant) =>
        await Task.Run(() => System.IO.Directory.EnumerateFiles(api.BlobFolder, "*", SearchOption.AllDirectories).Any(file => file.Contains(tenant.ToString(), StringComparison.OrdinalIgnoreCase)), Cancel);
}
