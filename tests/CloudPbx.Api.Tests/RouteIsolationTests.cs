using System.Net;
using System.Text.Json;
using CloudPbx.Api.Tests.Hosting;

namespace CloudPbx.Api.Tests;

public sealed class RouteIsolationOnSqliteTests(SqliteApi api) : RouteIsolationTests(api), IClassFixture<SqliteApi>;

public sealed class RouteIsolationOnPostgresTests(PostgresApi api) : RouteIsolationTests(api), IClassFixture<PostgresApi>;

/// <summary>
/// Every route of the description that is about a tenant (S23): with another tenant's names in the path it finds nothing, and nothing of another tenant shows in what it gives. A new route is
/// covered by itself, or fails here until <see cref="FullTenant"/> has what it is about.
/// </summary>
public abstract class RouteIsolationTests(TestApi api)
{
    private const string Prefix = "/v1/tenants/{tenant}";

    // What has to be right before anybody looks for what the path names.
    private static readonly Dictionary<string, string> s_bodies = new()
    {
        ["ChangeExtension"] = """{"number":"799"}""",
        ["ChangeDevice"] = """{"extension":"100"}""",
        ["ChangeOwnProfile"] = """{"name":"other"}""",
        ["ChangeTrunk"] = """{"name":"other","server":{"host":"sip.example"},"accounts":[{"user":"u","password":"secret-of-it"}]}""",
        ["ChangeNumber"] = """{"number":"{number}","trunk":"own-sbc"}""",
        ["ChangeConference"] = """{"number":"798"}""",
        ["ChangeRoute"] = """{"name":"other","trunks":[{"trunk":"own-sbc"}]}""",
        ["TransferCall"] = """{"number":"100"}""",
        ["HoldCall"] = """{"party":"caller"}""",
        ["ResumeCall"] = """{"party":"caller"}""",
        ["MuteCall"] = """{"party":"caller"}""",
        ["UnmuteCall"] = """{"party":"caller"}""",
        ["RecordCall"] = """{"step":"start"}""",
        ["SuperviseCall"] = """{"supervisor":"100"}""",
        ["ChangeSupervision"] = """{"mode":"listen"}""",
        ["ChangeTenantUser"] = """{"email":"other@example.com","displayName":"Other","role":"administrator"}""",
        ["ChangeTenantWebhook"] = """{"name":"other","url":"http://127.0.0.1:9/other"}""",
        ["ReplayTenantWebhook"] = """{"since":"2026-01-01T00:00:00Z"}""",
    };

    private static readonly Dictionary<string, string> s_queries = new() { ["TryRoute"] = "?from=100&to=100", ["TryRewrite"] = "?number=100" };

    // Answered by a worker, which is a fake here that knows of nothing.
    private static readonly string[] s_ofWorkers = ["TryRoute", "GetTrunkStatus"];

    // Makes something of that name where there is none: the caller's own, in the caller's tenant.
    private static readonly string[] s_makes = ["PutPrompt"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task S23_no_route_finds_what_is_another_tenants()
    {
        FullTenant a = await FullTenant.MakeAsync(api, "a", "own"), b = await FullTenant.MakeAsync(api, "b", "canary");
        int tried = 0;
        foreach ((string method, string path, string name) in (await RoutesAsync()).Where(route => Parameters(route.Path).Any() && !s_makes.Contains(route.Name)))
        {
            string request = Fill(path, a, b.Names) + s_queries.GetValueOrDefault(name);
            string? body = method == "get" ? null : (s_bodies.GetValueOrDefault(name) ?? "{}").Replace("{number}", b.Names["numbers.number"], StringComparison.Ordinal);
            using HttpResponseMessage response = await api.SendAsync(new HttpMethod(method.ToUpperInvariant()), request, body);
            string text = await response.Content.ReadAsStringAsync(Cancel);
            Assert.True(response.StatusCode == HttpStatusCode.NotFound, $"{name} {request}: {(int)response.StatusCode} {text}");
            Assert.DoesNotContain(b.Tenant.Id.ToString(), text, StringComparison.Ordinal);
            tried++;
        }
        Assert.True(tried > 55, $"only {tried} routes were tried");
        // Nothing was done to it either: its own routes find all of it still.
        foreach ((_, string path, string name) in (await RoutesAsync()).Where(route => route.Method == "get" && Parameters(route.Path).Any() && !route.Path.EndsWith("/audio", StringComparison.Ordinal)))
        {
            using HttpResponseMessage response = await api.SendAsync(HttpMethod.Get, Fill(path, b, b.Names) + s_queries.GetValueOrDefault(name));
            Assert.True(response.IsSuccessStatusCode || s_ofWorkers.Contains(name), $"{name}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(Cancel)}");
        }
    }

    [Fact]
    public async Task S23_nothing_of_another_tenant_shows_anywhere()
    {
        FullTenant a = await FullTenant.MakeAsync(api, "a", "own"), b = await FullTenant.MakeAsync(api, "b", "canary");
        int marked = 0;
        foreach ((_, string path, string name) in (await RoutesAsync()).Where(route => route.Method == "get" && route.Name != "WatchLive"))       // the stream has suites of its own: LiveTests
        {
            string query = s_queries.GetValueOrDefault(name) ?? "";
            using HttpResponseMessage response = await api.SendAsync(HttpMethod.Get, Fill(path, a, a.Names) + query);
            string text = await response.Content.ReadAsStringAsync(Cancel);
            Assert.True(response.IsSuccessStatusCode || Parameters(path).Any() || s_ofWorkers.Contains(name), $"{name}: {(int)response.StatusCode} {text}");
            foreach (string canary in new[] { b.Mark, b.Tenant.Name, b.Tenant.Id.ToString() })
                Assert.False(text.Contains(canary, StringComparison.Ordinal), $"{name} tells {canary}: {text}");
            using HttpResponseMessage others = await api.SendAsync(HttpMethod.Get, Fill(path, b, b.Names) + query);
            if ((await others.Content.ReadAsStringAsync(Cancel)).Contains(b.Mark, StringComparison.Ordinal))
                marked++;
        }
        Assert.True(marked > 25, $"only {marked} answers to its owner have the mark: the test proves little");
    }

    private async Task<IReadOnlyList<(string Method, string Path, string Name)>> RoutesAsync() =>
    [
        .. (await api.GetAsync<JsonElement>("/openapi/v1.json")).GetProperty("paths").EnumerateObject().Where(path => path.Name.StartsWith(Prefix, StringComparison.Ordinal))
            .SelectMany(path => path.Value.EnumerateObject(), (path, operation) => (operation.Name, path.Name, operation.Value.GetProperty("operationId").GetString()!)),
    ];

    private static IEnumerable<string> Parameters(string path) => path[Prefix.Length..].Split('/').Where(part => part.StartsWith('{'));

    /// <summary>A path of a tenant with names that may be another's.</summary>
    private static string Fill(string path, FullTenant tenant, IReadOnlyDictionary<string, string> names)
    {
        string[] parts = path.Split('/');
        for (int i = 4; i < parts.Length; i++)
        {
            if (!parts[i].StartsWith('{'))
                continue;
            string parameter = parts[i].Trim('{', '}');
            string? value = names.GetValueOrDefault(parameter) ?? names.GetValueOrDefault($"{parts[i - 1]}.{parameter}");
            Assert.True(value is not null, $"{path}: what is a tenant's own {parts[i]}? FullTenant has none");
            parts[i] = Uri.EscapeDataString(value);
        }
        parts[3] = tenant.Tenant.Name;
        return string.Join('/', parts);
    }
}
