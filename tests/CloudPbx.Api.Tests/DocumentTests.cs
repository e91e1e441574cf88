using System.Net;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Contracts.Api;
using CloudPbx.Hosting.Web.Problems;
using CloudPbx.State.Directory;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Api.Tests;

public sealed class DocumentsOnSqliteTests(SqliteApi api) : DocumentTests(api), IClassFixture<SqliteApi>;

public sealed class DocumentsOnPostgresTests(PostgresApi api) : DocumentTests(api), IClassFixture<PostgresApi>;

public abstract class DocumentTests(TestApi api)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_new_tenant_gets_passwords_that_are_told_once()
    {
        ApplyReport report = await api.CreateTenantAsync("new");
        Assert.True(report is { Created: true, Changed: true });
        GeneratedSecret secret = Assert.Single(report.GeneratedSecrets);
        Assert.Equal(("100", "desk", "100", 24), (secret.Extension, secret.Device, secret.AuthUser, secret.Secret.Length));
        using HttpResponseMessage list = await api.SendAsync(HttpMethod.Get, $"/v1/tenants/{report.Name}/devices");
        Assert.DoesNotContain(secret.Secret, await list.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Applying_the_same_document_again_changes_nothing()
    {
        ApplyReport first = await api.CreateTenantAsync("same");
        ApplyReport second = await api.ApplyAsync(first.Name, TestApi.Document(first.Name));
        Assert.True(second is { Created: false, Changed: false });
        Assert.Empty(second.Changes);
        Assert.Empty(second.GeneratedSecrets);
        Assert.Equal(first.ConfigVersion, second.ConfigVersion);
        Assert.Equal(first.ConfigVersion, (await api.GetAsync<TenantDto>($"/v1/tenants/{first.Name}")).ConfigVersion);
    }

    [Fact]
    public async Task An_export_applied_again_changes_nothing_and_recreates_the_tenant_elsewhere()
    {
        ApplyReport report = await api.CreateTenantAsync("export");
        await api.PostAsync<ExtensionDto>($"/v1/tenants/{report.Name}/extensions", """{"number":"101","ringSeconds":10}""");
        await api.PostAsync<DeviceDto>(
            $"/v1/tenants/{report.Name}/devices", """{"extension":"101","name":"soft","authUser":"bob","encryption":"required","digestSha256":true,"secret":"a long secret"}""");
        using HttpResponseMessage response = await api.SendAsync(HttpMethod.Get, $"/v1/tenants/{report.Id}/document");
        string document = await response.Content.ReadAsStringAsync(Cancel);
        Assert.Contains(report.GeneratedSecrets[0].Secret, document, StringComparison.Ordinal);
        Assert.Contains("a long secret", document, StringComparison.Ordinal);
        Assert.False((await api.ApplyAsync(report.Name, document)).Changed);
        using HttpResponseMessage deleted = await api.SendAsync(HttpMethod.Delete, $"/v1/tenants/{report.Name}");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        ApplyReport again = await api.ApplyAsync(report.Name, document);
        Assert.True(again.Created);
        Assert.Empty(again.GeneratedSecrets);
        using HttpResponseMessage second = await api.SendAsync(HttpMethod.Get, $"/v1/tenants/{report.Name}/document");
        Assert.Equal(document, await second.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task What_the_document_does_not_name_is_deleted_and_a_moved_device_keeps_its_password()
    {
        ApplyReport report = await api.CreateTenantAsync("move");
        DeviceDto before = Assert.Single((await api.GetAsync<Page<DeviceDto>>($"/v1/tenants/{report.Name}/devices")).Items);
        ApplyReport moved = await api.ApplyAsync(report.Name,
            $$"""{ "name": "{{report.Name}}", "extensions": [ { "number": "200", "devices": [ { "authUser": "100", "name": "desk" } ] } ] }""");
        Assert.Equal(
            [$"domain {report.Name}.example removed", "extension 200 created", "device 100 changed", "extension 100 deleted"], moved.Changes);
        DeviceDto after = Assert.Single((await api.GetAsync<Page<DeviceDto>>($"/v1/tenants/{report.Name}/devices")).Items);
        Assert.Equal((before.Id, "200"), (after.Id, after.Extension));
        TenantDocument document = await api.GetAsync<TenantDocument>($"/v1/tenants/{report.Name}/document");
        Assert.Equal(report.GeneratedSecrets[0].Secret, document.Extensions[0].Devices[0].Secret);
    }

    [Fact]
    public async Task Every_error_comes_at_once_with_its_place_and_nothing_is_applied()
    {
        ApplyReport report = await api.CreateTenantAsync("wrong");
        using HttpResponseMessage response = await api.SendAsync(HttpMethod.Put, $"/v1/tenants/{report.Name}/document",
            $$"""
            { "name": "{{report.Name}}", "language": "english please", "ringSeconds": 1, "domain": [], "domains": ["ok.example", "10.0.0.1", 7, "OK.example."],
              "extensions": [ { "number": "100" }, 5, { "number": 101, "devices": [ { "secret": "short", "encryption": "maybe", "colour": "red" } ] },
                              { "number": "100", "devices": [ { "authUser": "a b" } ] }, { "displayName": "x" }, { "number": "200", "devices": {} } ] }
            """);
        IReadOnlyDictionary<string, string> errors = await TestApi.ErrorsAsync(response, HttpStatusCode.BadRequest, ProblemTypes.Validation);
        Assert.Equal(
            [
                "$.domain", "$.domains[1]", "$.domains[2]", "$.domains[3]", "$.extensions[1]", "$.extensions[2].devices[0].colour", "$.extensions[2].devices[0].encryption",
                "$.extensions[2].devices[0].secret", "$.extensions[2].number", "$.extensions[3].devices[0].authUser", "$.extensions[3].number", "$.extensions[4].number",
                "$.extensions[5].devices", "$.language", "$.ringSeconds",
            ],
            errors.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("Must be a text in double quotes.", errors["$.extensions[2].number"]);
        Assert.Equal("Must be one of \"optional\", \"off\", \"required\".", errors["$.extensions[2].devices[0].encryption"]);
        Assert.Contains("$.extensions[0].number", errors["$.extensions[3].number"], StringComparison.Ordinal);
        Assert.False((await api.ApplyAsync(report.Name, TestApi.Document(report.Name))).Changed);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("{", "not JSON at line 1")]
    [InlineData("[]", "JSON object")]
    [InlineData("null", "JSON object")]
    [InlineData("""{"name":"x","name":"y"}""", "not JSON")]
    public async Task A_body_that_is_no_document_says_so(string body, string told)
    {
        using HttpResponseMessage response = await api.SendAsync(HttpMethod.Put, "/v1/tenants/nobody/document", body);
        Assert.Contains(told, (await TestApi.ErrorsAsync(response, HttpStatusCode.BadRequest, ProblemTypes.Validation))["$"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_name_must_be_that_of_the_path_unless_the_path_has_the_identifier()
    {
        ApplyReport report = await api.CreateTenantAsync("rename");
        string other = report.Name + "x";
        using HttpResponseMessage refused = await api.SendAsync(HttpMethod.Put, $"/v1/tenants/{report.Name}/document", TestApi.Document(other));
        Assert.Contains("$.name", (await TestApi.ErrorsAsync(refused, HttpStatusCode.BadRequest, ProblemTypes.Validation)).Keys);
        using HttpResponseMessage renamed = await api.SendAsync(HttpMethod.Put, $"/v1/tenants/{report.Id}/document", TestApi.Document(other));
        Assert.Equal(other, (await TestApi.ReadAsync<ApplyReport>(renamed)).Name);
        using HttpResponseMessage unknown = await api.SendAsync(HttpMethod.Put, $"/v1/tenants/{Guid.CreateVersion7():N}/document", TestApi.Document(other));
        await TestApi.ProblemAsync(unknown, HttpStatusCode.NotFound, ProblemTypes.NotFound);
    }

    [Fact]
    public async Task A_domain_or_default_of_another_tenant_is_refused_with_its_place()
    {
        ApplyReport a = await api.CreateTenantAsync("owner");
        string b = "b" + a.Name;
        using HttpResponseMessage response = await api.SendAsync(HttpMethod.Put, $"/v1/tenants/{b}/document",
            $$"""{ "name": "{{b}}", "domains": ["{{b}}.example", "{{a.Name.ToUpperInvariant()}}.example"] }""");
        Assert.Equal(["$.domains[1]"], (await TestApi.ErrorsAsync(response, HttpStatusCode.Conflict, ProblemTypes.Taken)).Keys);
        using HttpResponseMessage missing = await api.SendAsync(HttpMethod.Get, $"/v1/tenants/{b}");
        await TestApi.ProblemAsync(missing, HttpStatusCode.NotFound, ProblemTypes.NotFound);
    }

    [Fact]
    public async Task After_each_change_the_directory_is_out_and_the_runtime_told()
    {
        DirectoryStore directory = api.Services.GetRequiredService<DirectoryStore>();
        ApplyReport report = await api.CreateTenantAsync("told");
        Assert.Equal(report.Id, (await directory.LoadAsync(Cancel))!.Domains[$"{report.Name}.example"]);
        Assert.Contains((report.Id, report.ConfigVersion), api.Door.Told);
        api.Door.FailuresToCome[report.Id] = 1;
        await api.PostAsync<DomainDto>($"/v1/tenants/{report.Name}/domains", $$"""{"name":"{{report.Name}}.other.example"}""");
        Assert.Equal(report.Id, (await directory.LoadAsync(Cancel))!.Domains[$"{report.Name}.other.example"]);
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        deadline.CancelAfter(TimeSpan.FromSeconds(20));
        while (!api.Door.Told.Contains((report.Id, report.ConfigVersion + 1)))
            await Task.Delay(50, deadline.Token);                                       // the dispatcher repeats what was not acknowledged
    }

    [Fact]
    public async Task An_internationalised_domain_is_kept_as_A_labels()                 // RFC 5890
    {
        ApplyReport report = await api.CreateTenantAsync("idn");
        string name = report.Name[^8..];
        DomainDto domain = await api.PostAsync<DomainDto>($"/v1/tenants/{report.Name}/domains", $$"""{"name":"b\u00fccher-{{name}}.example"}""");
        Assert.StartsWith("xn--bcher-", domain.Name, StringComparison.Ordinal);
    }
}
