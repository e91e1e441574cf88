using System.Net;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Blobs.Storage;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data;
using CloudPbx.Hosting.Web.Bus;
using CloudPbx.State.Bindings;
using CloudPbx.State.Tenants;
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
        ApplyReport gone = await api.CreateTenantAsync("gone"), stays = await api.CreateTenantAsync("stays");
        await FillAsync(gone);
        await FillAsync(stays);
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

    private async Task FillAsync(ApplyReport tenant)
    {
        string path = $"/v1/tenants/{tenant.Name}";
        (string Path, string Json)[] made =
        [
            ($"{path}/trunks", """{"name":"sbc","kind":"ip","server":{"host":"sbc.example"},"sources":["SOURCE"]}"""), ($"{path}/routes", """{"name":"all","trunks":[{"trunk":"sbc"}]}"""),
            ($"{path}/numbers", """{"number":"NUMBER","trunk":"sbc"}"""), ($"{path}/conferences", """{"number":"600"}"""), ($"{path}/webhooks", """{"name":"crm","url":"http://127.0.0.1:9/hook"}"""),
            ($"{path}/users", """{"email":"USER","displayName":"Ann","role":"administrator"}"""), ($"{path}/keys", """{"name":"program"}"""),
        ];
        string unique = $"{Math.Abs(tenant.Id.GetHashCode()) % 1_000_000_000:D9}";
        foreach ((string to, string json) in made)
        {
            using HttpResponseMessage response = await api.SendAsync(
                HttpMethod.Post, to,
                json.Replace("SOURCE", $"10.{tenant.Id.Value.ToByteArray()[15]}.{tenant.Id.Value.ToByteArray()[14]}.0/24", StringComparison.Ordinal).Replace("NUMBER", "+49" + unique, StringComparison.Ordinal).Replace("USER", $"u{unique}@example.com", StringComparison.Ordinal));
            Assert.True(response.IsSuccessStatusCode, $"{to}: {await response.Content.ReadAsStringAsync(Cancel)}");
        }
        using HttpResponseMessage outside = await api.SendAsync(HttpMethod.Put, $"{path}/outside", """{"outsidePrefix":"9"}""");
        Assert.True(outside.IsSuccessStatusCode);
        string issuer = api.Issuers.Add($"https://login.{tenant.Name}.example");
        using (HttpResponseMessage provider = await api.SendAsync(HttpMethod.Put, $"{path}/sign-in-provider", $$"""{"issuer":"{{issuer}}","clientId":"pbx","clientSecret":"secret","mailDomain":"{{tenant.Name}}.example"}"""))
            Assert.True(provider.IsSuccessStatusCode, await provider.Content.ReadAsStringAsync(Cancel));
        using (HttpClient admin = api.As(await TestTokens.Of(api).AdministratorAsync(tenant.Id)))
        using (HttpResponseMessage claimed = await admin.PostAsync(new Uri($"{path}/domains", UriKind.Relative), new StringContent($$"""{"name":"{{tenant.Name}}.test"}"""), Cancel))
            Assert.Equal(HttpStatusCode.Created, claimed.StatusCode);
        using (HttpResponseMessage sound = await api.SendContentAsync(HttpMethod.Put, $"{path}/prompts/jazz", new ByteArrayContent(FakeDecoder.Wave(1, 2, 3, 4))))
            Assert.Equal(HttpStatusCode.Created, sound.StatusCode);
        DeviceDto device = (await api.GetAsync<Page<DeviceDto>>($"{path}/devices")).Items[0];
        await api.PostAsync<ProvisioningLinkDto>($"{path}/devices/{device.Id}/provisioning", "{}");
        RecordingId recording = RecordingId.New();
        DateTime now = DateTime.UtcNow;
        await api.Services.GetRequiredService<IBlobStore>().PutAsync(BlobPath.Recording(tenant.Id, recording), new MemoryStream([1, 2, 3]), Cancel);
        await api.PublishAsync(
            new CallEnded
            {
                TenantId = tenant.Id, CallId = CallId.New(), CallerNumber = "100", CalledNumber = "101", Disposition = CallDisposition.Answered, StartedAt = now, EndedAt = now,
                // The audio of the second never comes, so that it is waited for.
                Recordings = [new CallRecording { Id = recording, StartedAt = now, SealedKey = [1] }, new CallRecording { Id = RecordingId.New(), StartedAt = now, SealedKey = [1] }],
            });
        await api.Services.GetRequiredService<BindingStore>().SaveAsync(
            tenant.Id, 1,
            [
                new Binding
                {
                    Extension = "100", DeviceId = DeviceId.New(), AuthUser = "100", ContactUri = "sip:x@192.0.2.1", CallId = "c", CSeq = 1, ExpiresAt = now.AddHours(1), RegisteredAt = now, FlowToken = "f", Transport = "tls",
                    RemoteAddress = "192.0.2.1:1", UserAgent = "u",
                },
            ],
            [], Cancel);
        await api.Services.GetRequiredService<TenantSnapshotStore>().SaveAsync(tenant.Id, new TenantSnapshot(1, new byte[] { 1 }), Cancel);
        WebhookDto hook = (await api.GetAsync<Page<WebhookDto>>($"{path}/webhooks")).Items[0];
        using HttpResponseMessage tested = await api.SendAsync(HttpMethod.Post, $"{path}/webhooks/{hook.Id}/test");
        Assert.True(tested.IsSuccessStatusCode);
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
