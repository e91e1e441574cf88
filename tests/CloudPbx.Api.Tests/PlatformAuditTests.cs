using System.Net;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Contracts.Api;
using CloudPbx.Hosting.Web.Problems;

namespace CloudPbx.Api.Tests;

public sealed class PlatformAuditOnSqliteTests(SqliteApi api) : PlatformAuditTests(api), IClassFixture<SqliteApi>;

public sealed class PlatformAuditOnPostgresTests(PostgresApi api) : PlatformAuditTests(api), IClassFixture<PostgresApi>;

/// <summary>What is no tenant's alone stands in the platform's audit log; a reseller reads its own part of it.</summary>
public abstract class PlatformAuditTests(TestApi api)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_write_to_the_platform_stands_in_its_log_without_secrets()
    {
        using HttpResponseMessage settings = await api.SendAsync(HttpMethod.Put, "/v1/platform/settings", """{"support":"help@example.com"}""");
        using HttpResponseMessage plan = await api.SendAsync(HttpMethod.Put, "/v1/plans/audited", """{"maxExtensions":3}""");
        using HttpResponseMessage trunk = await api.SendAsync(HttpMethod.Post, "/v1/platform/trunks", """{"name":"audited","server":{"host":"canary.example"},"sources":["10.251.0.0/24"]}""");
        using HttpResponseMessage refused = await api.SendAsync(HttpMethod.Put, "/v1/platform/settings", """{"signUp":"perhaps"}""");
        Assert.Equal([true, true, true, false], new[] { settings, plan, trunk, refused }.Select(response => response.IsSuccessStatusCode));
        using HttpResponseMessage response = await api.SendAsync(HttpMethod.Get, "/v1/platform/audit");
        Page<AuditEntryDto> log = await TestApi.ReadAsync<Page<AuditEntryDto>>(response);
        Assert.Equal(["CreatePlatformTrunk", "PutPlan", "ChangePlatformSettings"], log.Items.Take(3).Select(entry => entry.Action));
        Assert.All(log.Items.Take(3), entry => Assert.Equal("operator token", entry.ActorName));
        Assert.Equal("/v1/plans/audited", log.Items[1].Target);
        Assert.DoesNotContain("canary", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Page<AuditEntryDto> first = await api.GetAsync<Page<AuditEntryDto>>("/v1/platform/audit?limit=1"), second = await api.GetAsync<Page<AuditEntryDto>>($"/v1/platform/audit?limit=1&after={first.Next}");
        Assert.Equal("PutPlan", Assert.Single(second.Items).Action);
    }

    [Fact]
    public async Task A_deleted_tenants_beginning_and_end_are_known_still()
    {
        ApplyReport tenant = await api.CreateTenantAsync("audited");
        using HttpResponseMessage again = await api.SendAsync(HttpMethod.Put, $"/v1/tenants/{tenant.Name}/document", TestApi.Document(tenant.Name));
        using HttpResponseMessage deleted = await api.SendAsync(HttpMethod.Delete, $"/v1/tenants/{tenant.Name}");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        AuditEntryDto[] about = [.. (await api.GetAsync<Page<AuditEntryDto>>("/v1/platform/audit")).Items.Where(entry => entry.Target.Contains(tenant.Name, StringComparison.Ordinal))];
        Assert.Equal([("DeleteTenant", 204), ("ApplyTenant", 201)], about.Select(entry => (entry.Action, entry.Status)));      // what changed nothing of the platform is the tenant's own
    }

    [Fact]
    public async Task S23_a_reseller_reads_what_was_about_itself_alone()
    {
        TestTokens tokens = TestTokens.Of(api);
        ResellerDto one = await CreateResellerAsync(), two = await CreateResellerAsync();
        string[] of = [await tokens.ResellerAsync(one.Id), await tokens.ResellerAsync(two.Id)];
        string name = $"r-{Guid.NewGuid():N}"[..20];
        using (HttpClient client = api.As(of[0]))
        {
            using HttpResponseMessage made = await client.PostAsync(new Uri("/v1/tenants", UriKind.Relative), Json($$"""{"name":"{{name}}"}"""), Cancel);
            using HttpResponseMessage key = await client.PostAsync(new Uri($"/v1/resellers/{one.Name}/keys", UriKind.Relative), Json("""{"name":"crm"}"""), Cancel);
            using HttpResponseMessage gone = await client.DeleteAsync(new Uri($"/v1/tenants/{name}", UriKind.Relative), Cancel);
            Assert.True(made.IsSuccessStatusCode && key.IsSuccessStatusCode && gone.IsSuccessStatusCode);
            Page<AuditEntryDto> log = await TestApi.ReadAsync<Page<AuditEntryDto>>(await client.GetAsync(new Uri($"/v1/resellers/{one.Name}/audit", UriKind.Relative), Cancel));
            Assert.Equal(["DeleteTenant", "CreateResellerKey", "CreateTenant"], log.Items.Select(entry => entry.Action));
        }
        using HttpClient other = api.As(of[1]);
        using HttpResponseMessage own = await other.GetAsync(new Uri($"/v1/resellers/{two.Name}/audit", UriKind.Relative), Cancel);
        Assert.Empty((await TestApi.ReadAsync<Page<AuditEntryDto>>(own)).Items);
        using HttpResponseMessage foreign = await other.GetAsync(new Uri($"/v1/resellers/{one.Name}/audit", UriKind.Relative), Cancel);
        await TestApi.ProblemAsync(foreign, HttpStatusCode.NotFound, ProblemTypes.NotFound);
    }

    [Fact]
    public async Task S25_who_reads_passwords_or_hears_a_recording_stands_in_the_tenants_log()
    {
        FullTenant tenant = await FullTenant.MakeAsync(api, "heard", "own");
        string path = $"/v1/tenants/{tenant.Tenant.Name}";
        using HttpResponseMessage document = await api.SendAsync(HttpMethod.Get, $"{path}/document");
        using HttpResponseMessage list = await api.SendAsync(HttpMethod.Get, $"{path}/recordings");
        Assert.True(document.IsSuccessStatusCode && list.IsSuccessStatusCode);
        Assert.Equal("ExportTenant", (await api.GetAsync<Page<AuditEntryDto>>($"{path}/audit")).Items[0].Action);
    }

    private async Task<ResellerDto> CreateResellerAsync() => await api.PostAsync<ResellerDto>("/v1/resellers", $$"""{"name":"r-{{Guid.NewGuid():N}}"}""");

    private static StringContent Json(string text) => new(text, System.Text.Encoding.UTF8, "application/json");
}
