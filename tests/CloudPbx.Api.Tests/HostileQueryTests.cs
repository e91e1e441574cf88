using System.Net;
using System.Text.Json;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Contracts.Api;

namespace CloudPbx.Api.Tests;

public sealed class HostileQueriesOnSqliteTests(SqliteApi api) : HostileQueryTests(api), IClassFixture<SqliteApi>;

public sealed class HostileQueriesOnPostgresTests(PostgresApi api) : HostileQueryTests(api), IClassFixture<PostgresApi>;

/// <summary>Every query parameter of every list that the API describes, with what attackers write there.</summary>
public abstract class HostileQueryTests(TestApi api)
{
    private static readonly string[] s_hostile =
    [
        "'", "\"", "1; DROP TABLE tenants--", "' OR '1'='1", "1 UNION SELECT sealed_secret FROM devices", "\0", "\ud800", "%", "_", "*", "../../etc/passwd", "-1", "0", "99999999999999999999", "1e9", "NaN", "null", "true",
        "<script>alert(1)</script>", "{}", "[]", "${jndi:ldap://127.0.0.1/}", "\u202e", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-02-30", new string('9', 4000),
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task S24_no_parameter_of_a_list_becomes_a_fault_or_another_tenants_data()
    {
        ApplyReport tenant = await api.CreateTenantAsync("hostile"), other = await api.CreateTenantAsync("canary");
        JsonElement document = await api.GetAsync<JsonElement>("/openapi/v1.json");
        int asked = 0;
        foreach (JsonProperty path in document.GetProperty("paths").EnumerateObject().Where(path => path.Name.StartsWith("/v1/tenants/{tenant}/", StringComparison.Ordinal) && path.Name.Count(c => c == '{') == 1))
        {
            if (!path.Value.TryGetProperty("get", out JsonElement get) || !get.TryGetProperty("parameters", out JsonElement parameters))
                continue;
            // A stream of events does not end: what it takes for a word of its own is left out.
            bool isStream = get.GetProperty("responses").TryGetProperty("200", out JsonElement ok) && ok.TryGetProperty("content", out JsonElement content) && content.TryGetProperty("text/event-stream", out _);
            foreach (string name in parameters.EnumerateArray().Where(parameter => parameter.GetProperty("in").GetString() == "query").Select(parameter => parameter.GetProperty("name").GetString()!))
            {
                foreach (string hostile in s_hostile.Where(hostile => !isStream || hostile != "true"))
                {
                    string request = $"{path.Name.Replace("{tenant}", tenant.Name, StringComparison.Ordinal)}?{name}={Escape(hostile)}";
                    using HttpResponseMessage response = await api.SendAsync(HttpMethod.Get, request);
                    Assert.True(response.StatusCode is < HttpStatusCode.InternalServerError or HttpStatusCode.ServiceUnavailable, $"{request}: {(int)response.StatusCode}");
                    Assert.DoesNotContain(other.Name, await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
                    asked++;
                }
            }
        }
        Assert.True(asked > 500, $"only {asked} requests were made");
    }

    // A lone surrogate has no UTF-8: written as the octets that some programs make of it.
    private static string Escape(string text) => text == "\ud800" ? "%ED%A0%80" : Uri.EscapeDataString(text);
}
