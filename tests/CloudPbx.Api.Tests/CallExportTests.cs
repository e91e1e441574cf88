using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Text;
using CloudPbx.Hosting.Web.Bus;
using CloudPbx.Hosting.Web.Problems;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Api.Tests;

public sealed class CallExportOnSqliteTests(SqliteApi api) : CallExportTests(api), IClassFixture<SqliteApi>;

public sealed class CallExportOnPostgresTests(PostgresApi api) : CallExportTests(api), IClassFixture<PostgresApi>;

/// <summary>Call records searched and taken out as a file.</summary>
public abstract class CallExportTests(TestApi api)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", 3)]
    [InlineData("?cause=17", 1)]
    [InlineData("?extension=101", 2)]
    [InlineData("?extension=101&cause=17", 1)]
    [InlineData("?number=%2B4930555", 1)]
    [InlineData("?from=2026-11-23T09:00:00Z&to=2026-11-23T10:00:00Z", 1)]
    public async Task Calls_are_found_by_number_extension_time_and_cause(string query, int expected)
    {
        ApplyReport tenant = await FillAsync("callq"), twin = await FillAsync("callt");
        Assert.Equal(expected, (await api.GetAsync<Page<CallRecordDto>>($"/v1/tenants/{tenant.Name}/calls{query}")).Items.Count);
        Assert.Equal(expected, CsvText.Read(await ExportAsync(tenant, query), out _).Count - 1);
        Assert.DoesNotContain(twin.Name, await ExportAsync(tenant, query), StringComparison.Ordinal);
    }

    [Fact]
    public async Task S22_what_strangers_call_themselves_is_no_formula_and_no_new_line_in_an_export()
    {
        ApplyReport tenant = await FillAsync("formula");
        string csv = await ExportAsync(tenant, "");
        IReadOnlyList<CsvRow> rows = CsvText.Read(csv, out string? fault);
        Assert.Null(fault);
        Assert.All(rows, row => Assert.Equal(rows[0].Fields.Count, row.Fields.Count));
        Assert.Contains("'=HYPERLINK", csv, StringComparison.Ordinal);
        Assert.DoesNotContain("\r\nSet", csv, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?cause=0", "cause")]
    [InlineData("?cause=17;DROP", "cause")]
    [InlineData("?from=yesterday", "from")]
    public async Task S24_a_filter_that_is_none_is_told_and_asks_nothing(string query, string place)
    {
        ApplyReport tenant = await api.CreateTenantAsync("badq");
        foreach (string path in new[] { "calls", "calls/export" })
        {
            using HttpResponseMessage response = await api.SendAsync(HttpMethod.Get, $"/v1/tenants/{tenant.Name}/{path}{query}");
            Assert.Equal([place], (await TestApi.ErrorsAsync(response, System.Net.HttpStatusCode.BadRequest, ProblemTypes.Validation)).Keys);
        }
    }

    private async Task<string> ExportAsync(ApplyReport tenant, string query)
    {
        using HttpResponseMessage response = await api.SendAsync(HttpMethod.Get, $"/v1/tenants/{tenant.Name}/calls/export{query}");
        Assert.Equal("text/csv", response.Content.Headers.ContentType?.MediaType);
        return await response.Content.ReadAsStringAsync(Cancel);
    }

    private async Task<ApplyReport> FillAsync(string name)
    {
        ApplyReport tenant = await api.CreateTenantAsync(name);
        DateTime start = new(2026, 11, 23, 8, 0, 0, DateTimeKind.Utc);
        (string From, string? Name, string To, int Cause, int Hour)[] calls =
            [("100", "=HYPERLINK(\"http://x\")\r\nSet: 1", "101", 17, 0), ("101", tenant.Name, "102", 16, 1), ("+4930555", "@SUM", "100", 19, 2)];
        foreach ((string from, string? caller, string to, int cause, int hour) in calls)
            await api.PublishAsync(
                new CallEnded
                {
                    TenantId = tenant.Id, CallId = CallId.New(), CallerNumber = from, CallerName = caller, CalledNumber = to, Disposition = CallDisposition.NoAnswer, Q850Cause = cause,
                    StartedAt = start.AddHours(hour), EndedAt = start.AddHours(hour).AddSeconds(20),
                });
        return tenant;
    }
}
