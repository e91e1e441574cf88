using System.Net;
using System.Net.Http.Json;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Contracts.Api;
using CloudPbx.Hosting.Web.Problems;

namespace CloudPbx.Api.Tests.Imports;

public sealed class ImportOnSqliteTests(SqliteApi api) : ImportTests(api), IClassFixture<SqliteApi>;

public sealed class ImportOnPostgresTests(PostgresApi api) : ImportTests(api), IClassFixture<PostgresApi>;

/// <summary>A miniSIPServer's files, taken over into one of two tenants that have the same.</summary>
public abstract class ImportTests(TestApi api)
{
    private static readonly NewImport s_files = new()
    {
        Users = "Local User;Password;Display Name\n100;100;Other\n201;long-enough-1;Bob\n202;202;\n203;long-enough-3;" + new string('x', 200) + "\n",
        Lines = "external line,password,server,port,local user\n3001,pw-of-3001,sip.carrier.example,5070,201\n3002,pw,not a host,,\n",
        DialPlan = "prefix,external line,delete digits,insert\n00,3001,2,+\n",
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Good_rows_are_taken_over_once_and_wrong_ones_say_why_and_the_twin_keeps_what_it_has()
    {
        ApplyReport tenant = await api.CreateTenantAsync("import"), twin = await api.CreateTenantAsync("import");
        ImportReport seen = await ImportAsync(tenant, "?dryRun=true");
        Assert.Equal((true, 5, 3), (seen.DryRun, seen.Taken, seen.LeftOut));
        Assert.Equal(["100"], await ExtensionsAsync(tenant));                                        // nothing was done
        Assert.Equal(0, await ToldAsync(tenant));                                                    // and nothing is said to have been
        ImportReport done = await ImportAsync(tenant, "");
        Assert.Equal((false, 5, 3), (done.DryRun, done.Taken, done.LeftOut));
        Assert.Equal(
            [
                (ImportedFile.Users, 2, "100", false), (ImportedFile.Users, 3, "201", true), (ImportedFile.Users, 4, "202", true), (ImportedFile.Users, 5, "203", false),
                (ImportedFile.Lines, 2, "3001", true), (ImportedFile.Lines, 3, "3002", false), (ImportedFile.DialPlan, 2, "00", true),
                (ImportedFile.Lines, 1, "all", true),                                                // which no row asked for
            ],
            done.Rows.Select(row => (row.File, row.Row, row.Subject, row.Taken)));
        Assert.StartsWith("Must be", done.Rows[3].Note, StringComparison.Ordinal);                   // as the API says it of such a name everywhere
        Assert.Equal(["202"], done.Secrets.Select(made => made.Extension));
        Assert.Equal(["100", "201", "202"], await ExtensionsAsync(tenant));
        Assert.Equal(["100"], await ExtensionsAsync(twin));
        Assert.Equal(["3001"], (await api.GetAsync<Page<TrunkDto>>($"/v1/tenants/{tenant.Name}/trunks")).Items.Select(trunk => trunk.Name));
        Assert.Equal(["all", "dial 00"], (await api.GetAsync<Page<RouteDto>>($"/v1/tenants/{tenant.Name}/routes")).Items.Select(route => route.Name).Order());
        ImportReport again = await ImportAsync(tenant, "");
        Assert.Equal((0, 7), (again.Taken, again.LeftOut));                                          // all of it is there
        Assert.Equal(1, await ToldAsync(tenant));
    }

    [Fact]
    public async Task A_tenant_without_outside_prefix_keeps_none()
    {
        ApplyReport tenant = await api.CreateTenantAsync("import");
        using HttpResponseMessage put = await api.SendAsync(HttpMethod.Put, $"/v1/tenants/{tenant.Name}/outside", """{"outsidePrefix":""}""");
        Assert.True(put.IsSuccessStatusCode, await put.Content.ReadAsStringAsync(Cancel));
        Assert.Equal(5, (await ImportAsync(tenant, "")).Taken);
        Assert.Equal("", (await api.GetAsync<OutsideDocument>($"/v1/tenants/{tenant.Name}/outside")).OutsidePrefix);
    }

    [Fact]
    public async Task Nothing_a_file_that_is_none_and_a_plans_limit_are_told_and_do_nothing()
    {
        ApplyReport tenant = await api.CreateTenantAsync("import");
        string path = $"/v1/tenants/{tenant.Name}/import";
        using HttpResponseMessage empty = await api.SendAsync(HttpMethod.Post, path, "{}"), none = await api.SendAsync(HttpMethod.Post, path, """{"users":"a,b\n1,2\n","lines":""}""");
        Assert.Equal(["$"], (await TestApi.ErrorsAsync(empty, HttpStatusCode.BadRequest, ProblemTypes.Validation)).Keys);
        Assert.Equal(["$.lines", "$.users"], (await TestApi.ErrorsAsync(none, HttpStatusCode.BadRequest, ProblemTypes.Validation)).Keys.Order());
        using HttpResponseMessage plan = await api.SendAsync(HttpMethod.Put, $"/v1/tenants/{tenant.Name}/plan", """{"maxExtensions":2}""");
        Assert.True(plan.IsSuccessStatusCode);
        using HttpResponseMessage tooMany = await api.Client.PostAsJsonAsync(new Uri(path, UriKind.Relative), s_files, Cancel);
        string[] told = [.. (await TestApi.ErrorsAsync(tooMany, HttpStatusCode.BadRequest, ProblemTypes.Validation)).Keys];
        Assert.Equal(["$.extensions"], told);
        using HttpResponseMessage seen = await api.Client.PostAsJsonAsync(new Uri(path + "?dryRun=true", UriKind.Relative), s_files, Cancel);
        Assert.Equal(told, (await TestApi.ErrorsAsync(seen, HttpStatusCode.BadRequest, ProblemTypes.Validation)).Keys);
        Assert.Equal(["100"], await ExtensionsAsync(tenant));
    }

    [Fact]
    public async Task A_report_speaks_the_callers_language()
    {
        ApplyReport tenant = await api.CreateTenantAsync("import");
        using HttpRequestMessage request = new(HttpMethod.Post, $"/v1/tenants/{tenant.Name}/import?dryRun=true") { Content = JsonContent.Create(s_files) };
        request.Headers.TryAddWithoutValidation("Accept-Language", "zh-CN");
        using HttpResponseMessage response = await api.Client.SendAsync(request, Cancel);
        ImportReport report = await TestApi.ReadAsync<ImportReport>(response);
        Assert.All(report.Rows, row => Assert.Matches(@"\p{IsCJKUnifiedIdeographs}", row.Note));
        Assert.Equal("改写号码的路由，经 3001：前缀变为 +。", report.Rows[^2].Note);
    }

    private async Task<ImportReport> ImportAsync(ApplyReport tenant, string query)
    {
        using HttpResponseMessage response = await api.Client.PostAsJsonAsync(new Uri($"/v1/tenants/{tenant.Name}/import{query}", UriKind.Relative), s_files, Cancel);
        return await TestApi.ReadAsync<ImportReport>(response);
    }

    private async Task<int> ToldAsync(ApplyReport tenant) => (await api.GetAsync<Page<AuditEntryDto>>($"/v1/tenants/{tenant.Name}/audit")).Items.Count(entry => entry.Action == "ImportTenant");

    private async Task<string[]> ExtensionsAsync(ApplyReport tenant) => [.. (await api.GetAsync<Page<ExtensionDto>>($"/v1/tenants/{tenant.Name}/extensions")).Items.Select(extension => extension.Number)];
}
