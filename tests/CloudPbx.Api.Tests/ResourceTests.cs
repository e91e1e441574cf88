using System.Net;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Contracts.Api;
using CloudPbx.Hosting.Web.Problems;

namespace CloudPbx.Api.Tests;

public sealed class ResourcesOnSqliteTests(SqliteApi api) : ResourceTests(api), IClassFixture<SqliteApi>;

public sealed class ResourcesOnPostgresTests(PostgresApi api) : ResourceTests(api), IClassFixture<PostgresApi>;

public abstract class ResourceTests(TestApi api)
{
    [Fact]
    public async Task A_tenant_is_created_listed_changed_and_deleted()
    {
        string name = $"t-{Guid.NewGuid():N}"[..20];
        TenantDto made = await api.PostAsync<TenantDto>("/v1/tenants", $$"""{"name":"{{name}}"}""");
        Assert.Equal((name, "en", 30, false), (made.Name, made.Language, made.RingSeconds, made.IsDefault));
        List<TenantDto> all = [];
        for (string? after = ""; after is not null;)
        {
            Page<TenantDto> page = await api.GetAsync<Page<TenantDto>>($"/v1/tenants?limit=2&after={after}");
            all.AddRange(page.Items);
            after = page.Next;
        }
        Assert.Single(all, t => t.Id == made.Id);
        Assert.Equal(all.Select(t => t.Name).Order(StringComparer.Ordinal), all.Select(t => t.Name));
        using HttpResponseMessage twice = await api.SendAsync(HttpMethod.Post, "/v1/tenants", $$"""{"name":"{{name}}"}""");
        await TestApi.ProblemAsync(twice, HttpStatusCode.Conflict, ProblemTypes.Taken);
        using HttpResponseMessage changed = await api.SendAsync(HttpMethod.Put, $"/v1/tenants/{made.Id}", $$"""{"name":"{{name}}","language":"zh-CN","ringSeconds":45}""");
        Assert.Equal(("zh-CN", 45, 1), ((await TestApi.ReadAsync<TenantDto>(changed)) is var t ? (t.Language, t.RingSeconds, t.ConfigVersion) : default));
        using HttpResponseMessage deleted = await api.SendAsync(HttpMethod.Delete, $"/v1/tenants/{name}");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        using HttpResponseMessage gone = await api.SendAsync(HttpMethod.Get, $"/v1/tenants/{made.Id}/extensions");
        await TestApi.ProblemAsync(gone, HttpStatusCode.NotFound, ProblemTypes.NotFound);
    }

    [Fact]
    public async Task Only_one_tenant_is_the_default()
    {
        string name = $"d-{Guid.NewGuid():N}"[..20];
        await api.PostAsync<TenantDto>("/v1/tenants", $$"""{"name":"{{name}}","isDefault":true}""");
        using HttpResponseMessage second = await api.SendAsync(HttpMethod.Put, $"/v1/tenants/{name}x/document", $$"""{"name":"{{name}}x","isDefault":true}""");
        Assert.Equal(["$.isDefault"], (await TestApi.ErrorsAsync(second, HttpStatusCode.Conflict, ProblemTypes.Taken)).Keys);
        using HttpResponseMessage deleted = await api.SendAsync(HttpMethod.Delete, $"/v1/tenants/{name}");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
    }

    [Fact]
    public async Task An_extension_is_created_changed_with_its_entity_tag_and_deleted()
    {
        string path = $"/v1/tenants/{(await api.CreateTenantAsync("ext")).Name}/extensions";
        ExtensionDto made = await api.PostAsync<ExtensionDto>(path, """{"number":"101","displayName":"\u9648"}""");
        Assert.Equal(("101", "陈", null), (made.Number, made.DisplayName, made.RingSeconds));
        using HttpResponseMessage read = await api.SendAsync(HttpMethod.Get, path + "/101");
        string tag = read.Headers.ETag!.Tag;
        using HttpResponseMessage changed = await api.SendAsync(HttpMethod.Put, path + "/101", """{"number":"102","ringSeconds":20}""", tag);
        Assert.Equal(("102", "102", 20), (await TestApi.ReadAsync<ExtensionDto>(changed)) is var e ? (e.Number, e.DisplayName, e.RingSeconds!.Value) : default);
        using HttpResponseMessage late = await api.SendAsync(HttpMethod.Delete, path + "/102", ifMatch: tag);
        await TestApi.ProblemAsync(late, HttpStatusCode.PreconditionFailed, ProblemTypes.Conflict);
        using HttpResponseMessage taken = await api.SendAsync(HttpMethod.Post, path, """{"number":"102"}""");
        Assert.Equal(["$.number"], (await TestApi.ErrorsAsync(taken, HttpStatusCode.Conflict, ProblemTypes.Taken)).Keys);
        Assert.Equal(["100", "102"], (await api.GetAsync<Page<ExtensionDto>>(path)).Items.Select(x => x.Number));
        using HttpResponseMessage deleted = await api.SendAsync(HttpMethod.Delete, path + "/102", ifMatch: changed.Headers.ETag!.Tag);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        using HttpResponseMessage gone = await api.SendAsync(HttpMethod.Get, path + "/102");
        await TestApi.ProblemAsync(gone, HttpStatusCode.NotFound, ProblemTypes.NotFound);
    }

    [Fact]
    public async Task A_devices_password_is_told_when_it_is_set_and_never_again()
    {
        string tenant = $"/v1/tenants/{(await api.CreateTenantAsync("dev")).Name}";
        DeviceDto made = await api.PostAsync<DeviceDto>(tenant + "/devices", """{"extension":"100","name":"soft","authUser":"alice-soft","encryption":"off"}""");
        Assert.Equal(24, made.Secret!.Length);
        Assert.Null((await api.GetAsync<DeviceDto>($"{tenant}/devices/{made.Id}")).Secret);
        Assert.All((await api.GetAsync<Page<DeviceDto>>(tenant + "/devices?extension=100")).Items, d => Assert.Null(d.Secret));
        using HttpResponseMessage renewed = await api.SendAsync(HttpMethod.Post, $"{tenant}/devices/{made.Id}/secret");
        string second = (await TestApi.ReadAsync<DeviceDto>(renewed)).Secret!;
        Assert.NotEqual(made.Secret, second);
        TenantDocument document = await api.GetAsync<TenantDocument>(tenant + "/document");
        Assert.Equal(second, document.Extensions[0].Devices.Single(d => d.AuthUser == "alice-soft").Secret);
        using HttpResponseMessage kept = await api.SendAsync(HttpMethod.Put, $"{tenant}/devices/{made.Id}", """{"extension":"100","name":"hard","authUser":"alice-soft"}""");
        DeviceDto changed = await TestApi.ReadAsync<DeviceDto>(kept);
        Assert.Equal(("hard", SrtpPolicy.Optional, null), (changed.Name, changed.Encryption, changed.Secret));
        using HttpResponseMessage taken = await api.SendAsync(HttpMethod.Post, tenant + "/devices", """{"extension":"100","authUser":"alice-soft"}""");
        Assert.Equal(["$.authUser"], (await TestApi.ErrorsAsync(taken, HttpStatusCode.Conflict, ProblemTypes.Taken)).Keys);
        using HttpResponseMessage homeless = await api.SendAsync(HttpMethod.Post, tenant + "/devices", """{"extension":"999"}""");
        Assert.Equal(["$.extension"], (await TestApi.ErrorsAsync(homeless, HttpStatusCode.BadRequest, ProblemTypes.Validation)).Keys);
        using HttpResponseMessage deleted = await api.SendAsync(HttpMethod.Delete, $"{tenant}/devices/{made.Id}");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
    }

    [Theory]
    [InlineData("/v1/tenants?limit=0")]
    [InlineData("/v1/tenants?limit=x")]
    [InlineData("/v1/tenants?limit=99999999999")]
    public async Task A_wrong_page_is_refused(string path)
    {
        using HttpResponseMessage response = await api.SendAsync(HttpMethod.Get, path);
        Assert.Equal(["limit"], (await TestApi.ErrorsAsync(response, HttpStatusCode.BadRequest, ProblemTypes.Validation)).Keys);
    }

    [Fact]
    public async Task Nothing_is_told_to_whoever_has_no_token()
    {
        using HttpClient stranger = api.Stranger();
        using HttpResponseMessage none = await stranger.GetAsync(new Uri("/v1/tenants", UriKind.Relative), TestContext.Current.CancellationToken);
        await TestApi.ProblemAsync(none, HttpStatusCode.Unauthorized, ProblemTypes.Unauthorized);
        foreach (string header in new[] { "Bearer wrong", "Bearer ", "Basic b3BlcmF0b3I6", "Bearer " + new string('x', 100_0) })
        {
            using HttpRequestMessage request = new(HttpMethod.Delete, "/v1/tenants/x");
            request.Headers.TryAddWithoutValidation("Authorization", header);
            using HttpResponseMessage response = await stranger.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        }
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(api.TokenPath));
    }

    [Fact]
    public async Task A_body_is_read_as_JSON_whatever_its_type_says()                  // curl -d says it is a form
    {
        string path = $"/v1/tenants/{(await api.CreateTenantAsync("form")).Name}/extensions";
        foreach ((string? type, string number) in new[] { ("application/x-www-form-urlencoded", "301"), ("text/plain", "302"), (null, "303") })
        {
            using ByteArrayContent content = new(System.Text.Encoding.UTF8.GetBytes($$"""{"number":"{{number}}"}"""));
            content.Headers.ContentType = type is null ? null : new(type);
            using HttpResponseMessage response = await api.Client.PostAsync(new Uri(path, UriKind.Relative), content, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        }
    }

    [Fact]
    public async Task An_unknown_resource_is_a_problem_too()
    {
        using HttpResponseMessage response = await api.SendAsync(HttpMethod.Get, "/v1/nothing/here");
        await TestApi.ProblemAsync(response, HttpStatusCode.NotFound, ProblemTypes.NotFound);
    }

    [Fact]
    public async Task Health_and_the_OpenAPI_document_need_no_token()
    {
        using HttpClient stranger = api.Stranger();
        foreach (string path in new[] { "/health/live", "/health/ready", "/openapi/v1.json" })
            Assert.Equal(HttpStatusCode.OK, (await stranger.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken)).StatusCode);
    }
}
