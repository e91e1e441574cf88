using System.Net;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Hosting.Web.Problems;
using CloudPbx.State.Directory;
using CloudPbx.State.SharedTrunks;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Api.Tests;

public sealed class PlatformTrunksOnSqliteTests(SqliteApi api) : PlatformTrunkTests(api), IClassFixture<SqliteApi>;

public sealed class PlatformTrunksOnPostgresTests(PostgresApi api) : PlatformTrunkTests(api), IClassFixture<PostgresApi>;

public abstract class PlatformTrunkTests(TestApi api)
{
    private static int s_numbers;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_tenants_get_numbers_of_one_trunk_and_the_called_number_decides()
    {
        (string trunk, string network) = await TrunkAsync();
        ApplyReport a = await api.CreateTenantAsync("a"), b = await api.CreateTenantAsync("b");
        string ofA = await GiveAsync(trunk, a.Name), ofB = await GiveAsync(trunk, b.Name);
        TrunkDto copy = await api.GetAsync<TrunkDto>($"/v1/tenants/{a.Name}/trunks/{trunk}");
        Assert.Equal((TrunkOwner.Platform, "sbc.example"), (copy.Owner, copy.Server.Host));
        Assert.Equal((ofA, trunk), Assert.Single((await api.GetAsync<Page<NumberDto>>($"/v1/tenants/{a.Name}/numbers")).Items.Select(n => (n.Number, n.Trunk))));
        DirectorySnapshot directory = (await api.Services.GetRequiredService<DirectoryStore>().LoadAsync(Cancel))!;
        Assert.Null(Assert.Single(directory.Carriers, c => c.Network == network).Tenant);
        Assert.Equal((a.Id, b.Id), (directory.Numbers[ofA], directory.Numbers[ofB]));
        Assert.Equal(
            [(ofA, a.Name), (ofB, b.Name)],
            (await api.GetAsync<Page<InventoryNumberDto>>("/v1/platform/numbers")).Items.Where(n => n.Trunk == trunk).Select(n => (n.Number, n.Tenant!)));
    }

    [Fact]
    public async Task The_owner_sees_the_channels_of_all_tenants_on_all_workers_and_what_the_carrier_said_last()
    {
        (string trunk, _) = await TrunkAsync();
        (string silent, _) = await TrunkAsync();
        TrunkDto row = await api.GetAsync<TrunkDto>($"/v1/platform/trunks/{trunk}");
        SharedTrunkStore live = api.Services.GetRequiredService<SharedTrunkStore>();
        DateTime at = new(2026, 11, 28, 8, 0, 0, DateTimeKind.Utc);
        SharedTrunkUse failing = new(row.Id, 3) { Tenants = 2, Up = 1, Down = 1, FailedAt = at, FailureStatus = 503, FailureReason = "Busy\u001b[2J", CallFailedAt = at, CallFailureStatus = 503, CallFailureReason = "Out of lines" };
        await live.TellAsync(new SharedTrunkReport("worker-1", [failing]), TimeSpan.FromMinutes(1), Cancel);
        await live.TellAsync(new SharedTrunkReport("worker-2", [new SharedTrunkUse(row.Id, 4) { Tenants = 1, Up = 1, CallFailedAt = at.AddSeconds(1), CallFailureReason = "No answer\u001b[2J", CallsAgainSince = at.AddHours(1) }]), TimeSpan.FromMinutes(1), Cancel);
        SharedTrunkStatusDto status = await api.GetAsync<SharedTrunkStatusDto>($"/v1/platform/trunks/{trunk}/status");
        Assert.Equal((trunk, true, 7, 3, 1, TrunkReach.Up), (status.Name, status.Enabled, status.Calls, status.Tenants, status.TenantsDown, status.Reach));
        Assert.Equal(new TrunkFailureDto(at, 503, "Busy[2J"), status.LastFailure);                                  // S22
        Assert.Equal((new TrunkFailureDto(at.AddSeconds(1), null, "No answer[2J"), at.AddHours(1)), (status.LastCallFailure, status.CallsAgainSince));      // the later one
        await live.WithdrawAsync("worker-2", Cancel);
        Assert.Equal(3, (await api.GetAsync<SharedTrunkStatusDto>($"/v1/platform/trunks/{trunk}/status")).Calls);
        await live.WithdrawAsync("worker-1", Cancel);
        SharedTrunkStatusDto idle = Assert.Single((await api.GetAsync<Page<SharedTrunkStatusDto>>("/v1/platform/trunks-status")).Items, one => one.Name == silent);
        Assert.Equal((0, 0, TrunkReach.Unknown), (idle.Calls, idle.Tenants, idle.Reach));
        using HttpResponseMessage missing = await api.SendAsync(HttpMethod.Get, "/v1/platform/trunks/nobodys/status");
        await TestApi.ProblemAsync(missing, HttpStatusCode.NotFound, ProblemTypes.NotFound);
    }

    [Fact]
    public async Task A_change_of_the_platforms_trunk_reaches_every_copy()
    {
        (string trunk, string network) = await TrunkAsync();
        ApplyReport a = await api.CreateTenantAsync("a"), b = await api.CreateTenantAsync("b");
        await GiveAsync(trunk, a.Name);
        await GiveAsync(trunk, b.Name);
        await OkAsync(HttpMethod.Put, $"/v1/platform/trunks/{trunk}", $$"""{"name":"{{trunk}}","server":{"host":"new.example"},"sources":["{{network}}"],"changes":{"calledNumberFrom":"to"} }""");
        foreach (ApplyReport tenant in new[] { a, b })
        {
            TrunkDto copy = await api.GetAsync<TrunkDto>($"/v1/tenants/{tenant.Name}/trunks/{trunk}");
            Assert.Equal(("new.example", CalledNumberSource.To), (copy.Server.Host, copy.Profile.CalledNumberFrom));
        }
    }

    [Fact]
    public async Task A_tenant_uses_what_it_got_but_changes_and_takes_nothing()
    {
        (string trunk, _) = await TrunkAsync();
        ApplyReport tenant = await api.CreateTenantAsync("use"), other = await api.CreateTenantAsync("other");
        string path = $"/v1/tenants/{tenant.Name}", number = await GiveAsync(trunk, tenant.Name), free = await GiveAsync(trunk, null);
        await OkAsync(HttpMethod.Put, $"{path}/numbers/{number}", $$"""{"number":"{{number}}","extension":"100"}""");
        await OkAsync(HttpMethod.Post, $"{path}/routes", $$"""{"name":"all","trunks":[{"trunk":"{{trunk}}"}],"callerNumber":"{{number}}"}""");
        (HttpMethod Method, string Path, string? Body, HttpStatusCode Status, string Type)[] refused =
        [
            (HttpMethod.Delete, $"{path}/trunks/{trunk}", null, HttpStatusCode.Conflict, ProblemTypes.OfPlatform),
            (HttpMethod.Put, $"{path}/trunks/{trunk}", $$"""{"name":"{{trunk}}","kind":"ip","server":{"host":"mine.example"} }""", HttpStatusCode.Conflict, ProblemTypes.OfPlatform),
            (HttpMethod.Delete, $"{path}/numbers/{number}", null, HttpStatusCode.Conflict, ProblemTypes.OfPlatform),
            (HttpMethod.Put, $"{path}/numbers/{number}", """{"number":"+15550009999"}""", HttpStatusCode.Conflict, ProblemTypes.OfPlatform),
            (HttpMethod.Post, $"{path}/numbers", $$"""{"number":"{{free}}"}""", HttpStatusCode.Conflict, ProblemTypes.Taken),
            (HttpMethod.Post, $"{path}/numbers", $$"""{"number":"{{NewNumber()}}","trunk":"{{trunk}}"}""", HttpStatusCode.BadRequest, ProblemTypes.Validation),
            (HttpMethod.Put, $"/v1/tenants/{other.Name}/document", $$"""{"name":"{{other.Name}}","numbers":[{"number":"{{free}}"}]}""", HttpStatusCode.Conflict, ProblemTypes.Taken),
            (HttpMethod.Delete, $"/v1/platform/trunks/{trunk}", null, HttpStatusCode.Conflict, ProblemTypes.InUse),
            (HttpMethod.Delete, $"/v1/platform/numbers/{number}", null, HttpStatusCode.Conflict, ProblemTypes.InUse),
        ];
        foreach ((HttpMethod method, string request, string? body, HttpStatusCode status, string type) in refused)
        {
            using HttpResponseMessage response = await api.SendAsync(method, request, body);
            await TestApi.ProblemAsync(response, status, type);
        }
    }

    [Fact]
    public async Task A_tenants_document_keeps_what_the_platform_gave_and_its_export_changes_nothing()
    {
        (string trunk, _) = await TrunkAsync();
        ApplyReport tenant = await api.CreateTenantAsync("keep");
        string path = $"/v1/tenants/{tenant.Name}", number = await GiveAsync(trunk, tenant.Name);
        await OkAsync(HttpMethod.Post, $"{path}/routes", $$"""{"name":"all","trunks":[{"trunk":"{{trunk}}"}]}""");
        using HttpResponseMessage export = await api.SendAsync(HttpMethod.Get, $"{path}/document");
        string document = await export.Content.ReadAsStringAsync(Cancel);
        Assert.Empty((await api.ApplyAsync(tenant.Name, document)).Changes);
        await api.ApplyAsync(tenant.Name, $$"""{"name":"{{tenant.Name}}"}""");
        Assert.Equal((number, trunk), Assert.Single((await api.GetAsync<Page<NumberDto>>($"{path}/numbers")).Items.Select(n => (n.Number, n.Trunk))));
    }

    [Fact]
    public async Task A_number_that_is_taken_back_is_free_for_another_tenant_and_the_trunk_goes_with_the_last()
    {
        (string trunk, _) = await TrunkAsync();
        ApplyReport a = await api.CreateTenantAsync("a"), b = await api.CreateTenantAsync("b");
        string number = await GiveAsync(trunk, a.Name);
        await OkAsync(HttpMethod.Put, $"/v1/platform/numbers/{number}", $$"""{"number":"{{number}}","trunk":"{{trunk}}","tenant":"{{b.Name}}"}""");
        Assert.Empty((await api.GetAsync<Page<NumberDto>>($"/v1/tenants/{a.Name}/numbers")).Items);
        Assert.Empty((await api.GetAsync<Page<TrunkDto>>($"/v1/tenants/{a.Name}/trunks")).Items);
        Assert.Single((await api.GetAsync<Page<NumberDto>>($"/v1/tenants/{b.Name}/numbers")).Items);
        await OkAsync(HttpMethod.Put, $"/v1/platform/numbers/{number}", $$"""{"number":"{{number}}","trunk":"{{trunk}}"}""");
        await OkAsync(HttpMethod.Delete, $"/v1/platform/numbers/{number}");
        await OkAsync(HttpMethod.Delete, $"/v1/platform/trunks/{trunk}");
    }

    private static string NewNumber() => $"+1666{Interlocked.Increment(ref s_numbers):D7}";

    private async Task<(string Trunk, string Network)> TrunkAsync()
    {
        int id = Interlocked.Increment(ref s_numbers);
        (string name, string network) = ($"shared-{id}", $"198.19.{id % 250}.0/24");
        await OkAsync(HttpMethod.Post, "/v1/platform/trunks", $$"""{"name":"{{name}}","server":{"host":"sbc.example"},"sources":["{{network}}"]}""");
        return (name, network);
    }

    private async Task<string> GiveAsync(string trunk, string? tenant)
    {
        string number = NewNumber();
        string owner = tenant is null ? "" : $$""","tenant":"{{tenant}}" """;
        await OkAsync(HttpMethod.Post, "/v1/platform/numbers", $$"""{"number":"{{number}}","trunk":"{{trunk}}"{{owner}}}""");
        return number;
    }

    private async Task OkAsync(HttpMethod method, string path, string? body = null)
    {
        using HttpResponseMessage response = await api.SendAsync(method, path, body);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancel));
    }
}
