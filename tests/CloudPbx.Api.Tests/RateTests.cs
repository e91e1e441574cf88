using System.Net;
using System.Text;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Api.Tests;

public sealed class RatesOnSqliteTests(SqliteApi api) : RateTests(api), IClassFixture<SqliteApi>;

public sealed class RatesOnPostgresTests(PostgresApi api) : RateTests(api), IClassFixture<PostgresApi>;

/// <summary>The rate table: CSV in and out, beside the other settings of calls to the outside, and in the tenant's document.</summary>
public abstract class RateTests(TestApi api)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_table_is_each_tenants_own_and_stays_when_other_settings_change()
    {
        ApplyReport a = await api.CreateTenantAsync("ratesa"), b = await api.CreateTenantAsync("ratesb");
        Assert.Equal("prefix,perMinute\n+4989,0.0125\n,1\n", await PutAsync(a.Name, "+4989,0.0125\n,1\n", HttpStatusCode.OK));
        await api.SendAsync(HttpMethod.Put, $"/v1/tenants/{a.Name}/limits", """{"microUnitsPerDay":5000000,"microUnitsPerDayPerDestination":500000000,"allowForwardAbroad":true}""");
        await api.SendAsync(HttpMethod.Put, $"/v1/tenants/{a.Name}/outside", """{"country":"DE"}""");
        Assert.Equal("prefix,perMinute\n+4989,0.0125\n,1\n", await GetAsync(a.Name));
        Assert.Equal("prefix,perMinute\n", await GetAsync(b.Name));                     // S23
        CallLimits limits = await api.GetAsync<CallLimits>($"/v1/tenants/{a.Name}/limits");
        Assert.Equal(500_000_000L, limits.MicroUnitsPerDayPerDestination);
        Assert.Equal((5_000_000L, true, false), (limits.MicroUnitsPerDay, limits.AllowForwardAbroad, limits.AllowPremiumNumbers));
        TenantDocument document = await api.GetAsync<TenantDocument>($"/v1/tenants/{a.Name}/document");
        Assert.Equal([new CallRate("+4989", 12_500), new CallRate("", 1_000_000)], document.Rates);
    }

    [Fact]
    public async Task A_wrong_line_is_named_and_nothing_changes()
    {
        ApplyReport tenant = await api.CreateTenantAsync("ratesw");
        await PutAsync(tenant.Name, "+49,1\n", HttpStatusCode.OK);
        Assert.Contains("Line 2: the prefix must be a plus", await PutAsync(tenant.Name, "+49,2\n0049,1\n", HttpStatusCode.BadRequest), StringComparison.Ordinal);
        Assert.Contains("at most 1000000 characters", await PutAsync(tenant.Name, new string('x', 1_000_001), HttpStatusCode.BadRequest), StringComparison.Ordinal);
        Assert.Equal("prefix,perMinute\n+49,1\n", await GetAsync(tenant.Name));
    }

    private async Task<string> GetAsync(string tenant)
    {
        using HttpResponseMessage response = await api.SendAsync(HttpMethod.Get, $"/v1/tenants/{tenant}/rates");
        Assert.Equal("text/csv", response.Content.Headers.ContentType!.MediaType);
        return await response.Content.ReadAsStringAsync(Cancel);
    }

    private async Task<string> PutAsync(string tenant, string csv, HttpStatusCode expected)
    {
        using HttpResponseMessage response = await api.SendContentAsync(HttpMethod.Put, $"/v1/tenants/{tenant}/rates", new StringContent(csv, Encoding.UTF8, "text/csv"));
        Assert.Equal(expected, response.StatusCode);
        return await response.Content.ReadAsStringAsync(Cancel);
    }
}
