using System.Net;
using System.Text;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Text;
using CloudPbx.Hosting.Web.Problems;

namespace CloudPbx.Api.Tests;

public sealed class BulkOnSqliteTests(SqliteApi api) : BulkTests(api), IClassFixture<SqliteApi>;

public sealed class BulkOnPostgresTests(PostgresApi api) : BulkTests(api), IClassFixture<PostgresApi>;

/// <summary>Many extensions at once, by JSON and by CSV.</summary>
public abstract class BulkTests(TestApi api)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Good_rows_are_done_and_wrong_ones_say_what_is_wrong_and_do_nothing()
    {
        ApplyReport tenant = await api.CreateTenantAsync("bulk"), other = await api.CreateTenantAsync("same");
        const string Csv = "number,displayName,ringSeconds,device,authUser,encryption\r\n200,Ann,20,desk,,required\r\n201,\"Bob, Jr.\",,,,\r\n20x,Cy,,,,\r\n100,Alice,,,,\r\n202,Di,4,,,\r\n203,Ed,,,100,\r\n200,Again,,,ann-2,\r\n204,Flo,,none,,\r\n";
        BulkReport report = await CsvAsync(tenant, Csv);
        Assert.Equal((3, 0, 0, 5), (report.Created, report.Changed, report.Unchanged, report.Refused));
        Assert.Equal(
            [
                (2, "200", BulkOutcome.Created, ""), (3, "201", BulkOutcome.Created, ""), (4, "20x", BulkOutcome.Refused, "number"), (5, "100", BulkOutcome.Refused, "number"),
                (6, "202", BulkOutcome.Refused, "ringSeconds"), (7, "203", BulkOutcome.Refused, "authUser"), (8, "200", BulkOutcome.Refused, "number"), (9, "204", BulkOutcome.Created, ""),
            ],
            report.Rows.Select(r => (r.Row, r.Subject, r.Outcome, string.Join(' ', (r.Errors?.Keys ?? []).Order()))));
        GeneratedSecret made = Assert.Single(report.Rows[0].Secrets!);
        Assert.Equal(("200", "desk", "200"), (made.Extension, made.Device, made.AuthUser));
        Assert.Equal(["100", "200", "201", "204"], (await ExtensionsAsync(tenant)).Select(e => e.Number));
        Assert.Equal(["100"], (await ExtensionsAsync(other)).Select(e => e.Number));
        DeviceDto device = Assert.Single((await api.GetAsync<Page<DeviceDto>>($"/v1/tenants/{tenant.Name}/devices?extension=200")).Items);
        Assert.Equal((SrtpPolicy.Required, null), (device.Encryption, device.Secret));
        Assert.Empty((await api.GetAsync<Page<DeviceDto>>($"/v1/tenants/{tenant.Name}/devices?extension=204")).Items);
    }

    [Fact]
    public async Task A_dry_run_says_the_same_and_does_nothing()
    {
        ApplyReport tenant = await api.CreateTenantAsync("dry");
        BulkReport report = await JsonAsync(tenant, """{"extensions":[{"number":"300","devices":[{}]},{"number":"100"}]}""", "?dryRun=true");
        Assert.Equal((true, 1, 1), (report.DryRun, report.Created, report.Refused));
        Assert.Null(report.Rows[0].Secrets);
        Assert.Equal(["100"], (await ExtensionsAsync(tenant)).Select(e => e.Number));
    }

    [Fact]
    public async Task The_audit_log_tells_of_what_was_done_and_not_of_a_dry_run_or_of_rows_that_were_all_refused()
    {
        ApplyReport tenant = await api.CreateTenantAsync("told");
        const string New = """{"extensions":[{"number":"300","devices":[{}]}]}""";
        await JsonAsync(tenant, New, "?dryRun=true");
        await JsonAsync(tenant, """{"extensions":[{"number":"100"}]}""");
        Assert.Equal(0, await ToldAsync());
        await JsonAsync(tenant, New);
        Assert.Equal(1, await ToldAsync());

        async Task<int> ToldAsync() => (await api.GetAsync<Page<AuditEntryDto>>($"/v1/tenants/{tenant.Name}/audit")).Items.Count(entry => entry.Action == "CreateExtensions");
    }

    [Fact]
    public async Task What_exists_is_changed_where_that_is_asked_for_and_its_password_stays()
    {
        ApplyReport tenant = await api.CreateTenantAsync("upsert");
        const string Json = """{"extensions":[{"number":"100","displayName":"New","recording":"always","devices":[{"name":"desk","authUser":"100"}]},{"number":"101","devices":[{"authUser":"100"}]}]}""";
        BulkReport report = await JsonAsync(tenant, Json, "?existing=change");
        Assert.Equal([BulkOutcome.Changed, BulkOutcome.Refused], report.Rows.Select(r => r.Outcome));          // a phone does not move to another extension by the way
        Assert.Equal(["$.devices[0].authUser"], report.Rows[1].Errors!.Keys);
        Assert.All(report.Rows, r => Assert.Null(r.Secrets));
        Assert.Equal([("100", "New", RecordingPolicy.Always)], (await ExtensionsAsync(tenant)).Select(e => (e.Number, e.DisplayName, e.Recording)));
        Assert.Equal(BulkOutcome.Unchanged, (await JsonAsync(tenant, Json, "?existing=change")).Rows[0].Outcome);
    }

    [Fact]
    public async Task The_plans_limit_holds_row_by_row()
    {
        ApplyReport tenant = await api.CreateTenantAsync("limit");
        string plan = $"p-{Guid.NewGuid():N}"[..20];
        using HttpResponseMessage made = await api.SendAsync(HttpMethod.Put, $"/v1/plans/{plan}", """{"displayName":"Small","maxExtensions":3}""");
        using HttpResponseMessage given = await api.SendAsync(HttpMethod.Put, $"/v1/tenants/{tenant.Name}/plan", $$"""{"plan":"{{plan}}"}""");
        Assert.True(given.IsSuccessStatusCode, await given.Content.ReadAsStringAsync(Cancel));
        BulkReport report = await CsvAsync(tenant, "number\n400\n401\n402\n403\n");
        Assert.Equal((2, 2), (report.Created, report.Refused));
        Assert.Equal("The plan allows 3 extensions. Delete one, or ask for a larger plan.", report.Rows[3].Errors!["number"][0]);
        Assert.Equal(["100", "400", "401"], (await ExtensionsAsync(tenant)).Select(e => e.Number));
    }

    [Theory]
    [InlineData("text/csv", "", "$")]
    [InlineData("text/csv", "name\nAlice\n", "$")]
    [InlineData("text/csv", "number,number\n1,2\n", "$")]
    [InlineData("text/csv", "number\n\"20\n", "$")]
    [InlineData("application/json", "{}", "$.extensions")]
    [InlineData("application/json", "[]", "$")]
    [InlineData("application/json", """{"extensions":{}}""", "$.extensions")]
    public async Task A_body_that_is_no_table_is_refused_as_a_whole(string type, string body, string place)
    {
        ApplyReport tenant = await api.CreateTenantAsync("wrong");
        using HttpResponseMessage response = await api.SendContentAsync(HttpMethod.Post, $"/v1/tenants/{tenant.Name}/extensions/bulk", new StringContent(body, Encoding.UTF8, type));
        Assert.Contains(place, (await TestApi.ErrorsAsync(response, HttpStatusCode.BadRequest, ProblemTypes.Validation)).Keys);
    }

    [Fact]
    public async Task Text_that_is_not_UTF8_says_how_to_save_it()
    {
        ApplyReport tenant = await api.CreateTenantAsync("latin");
        ByteArrayContent latin = new(Encoding.Latin1.GetBytes("number,displayName\n200,Jörg\n"));
        latin.Headers.ContentType = new("text/csv");
        using HttpResponseMessage response = await api.SendContentAsync(HttpMethod.Post, $"/v1/tenants/{tenant.Name}/extensions/bulk", latin);
        Assert.StartsWith("The text is not UTF-8", (await TestApi.ErrorsAsync(response, HttpStatusCode.BadRequest, ProblemTypes.Validation))["$"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task S22_an_export_has_no_formula_and_can_be_taken_in_again()
    {
        ApplyReport a = await api.CreateTenantAsync("out"), b = await api.CreateTenantAsync("in");
        await JsonAsync(a, """{"extensions":[{"number":"500","displayName":"=HYPERLINK(\"http://evil.example\")","limits":{"maxOutsideCalls":2,"microUnitsPerDay":5000000,"maxCallsAbroad":1},"devices":[{"name":"desk"},{"name":"lap, top","authUser":"500-2","digestSha256":true}]},{"number":"501","displayName":"@cmd"}]}""");
        using HttpResponseMessage exported = await api.SendAsync(HttpMethod.Get, $"/v1/tenants/{a.Name}/extensions/export");
        Assert.Equal("text/csv", exported.Content.Headers.ContentType?.MediaType);
        string csv = await exported.Content.ReadAsStringAsync(Cancel);
        Assert.Contains("500,\"'=HYPERLINK(", csv, StringComparison.Ordinal);
        Assert.Contains("501,'@cmd,,off,none", csv, StringComparison.Ordinal);
        Assert.Contains(",2,,5000000,1", csv, StringComparison.Ordinal);
        Assert.DoesNotContain(a.GeneratedSecrets[0].Secret, csv, StringComparison.Ordinal);
        Assert.All(CsvText.Read(csv, out _), row => Assert.Equal(21, row.Fields.Count));
        BulkReport report = await CsvAsync(b, csv, "?existing=change");
        Assert.Equal(0, report.Refused);
        using HttpResponseMessage again = await api.SendAsync(HttpMethod.Get, $"/v1/tenants/{b.Name}/extensions/export");
        Assert.Equal(csv, await again.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task A_thousand_rows_go_in_at_once()
    {
        ApplyReport tenant = await api.CreateTenantAsync("many");
        BulkReport report = await CsvAsync(tenant, "number,displayName\n" + string.Concat(Enumerable.Range(1000, 1000).Select(n => $"{n},Person {n}\n")));
        Assert.Equal((1000, 0), (report.Created, report.Refused));
        Assert.Equal(1000, report.Rows.SelectMany(r => r.Secrets!).Select(s => s.Secret).Distinct().Count());
    }

    [Theory]
    [InlineData("person 1", "200,201")]
    [InlineData("20", "200,201,202")]
    [InlineData("TWO", "202")]
    [InlineData("%", "")]
    [InlineData("_", "")]
    public async Task Extensions_are_found_by_number_and_name(string search, string expected)
    {
        ApplyReport tenant = await api.CreateTenantAsync("search"), other = await api.CreateTenantAsync("find");
        foreach (ApplyReport each in new[] { tenant, other })
            await CsvAsync(each, "number,displayName\n200,Person 1\n201,Person 11\n202,Two\n");
        Page<ExtensionDto> found = await api.GetAsync<Page<ExtensionDto>>($"/v1/tenants/{tenant.Name}/extensions?search={Uri.EscapeDataString(search)}");
        // Its own first extension is called as the tenant is, by random digits, which may be those that are looked for.
        Assert.Equal(expected, string.Join(',', found.Items.Select(e => e.Number).Where(number => number != "100")));
    }

    private async Task<IReadOnlyList<ExtensionDto>> ExtensionsAsync(ApplyReport tenant) => (await api.GetAsync<Page<ExtensionDto>>($"/v1/tenants/{tenant.Name}/extensions")).Items;

    private async Task<BulkReport> CsvAsync(ApplyReport tenant, string csv, string query = "")
    {
        using HttpResponseMessage response = await api.SendContentAsync(HttpMethod.Post, $"/v1/tenants/{tenant.Name}/extensions/bulk{query}", new StringContent(csv, Encoding.UTF8, "text/csv"));
        return await TestApi.ReadAsync<BulkReport>(response);
    }

    private async Task<BulkReport> JsonAsync(ApplyReport tenant, string json, string query = "")
    {
        using HttpResponseMessage response = await api.SendAsync(HttpMethod.Post, $"/v1/tenants/{tenant.Name}/extensions/bulk{query}", json);
        return await TestApi.ReadAsync<BulkReport>(response);
    }
}
