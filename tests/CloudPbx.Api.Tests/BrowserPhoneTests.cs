using System.Net;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Contracts.Api;
using CloudPbx.Hosting.Web.Problems;

namespace CloudPbx.Api.Tests;

public sealed class BrowserPhonesOnSqliteTests(SqliteApi api) : BrowserPhoneTests(api), IClassFixture<SqliteApi>;

public sealed class BrowserPhonesOnPostgresTests(PostgresApi api) : BrowserPhoneTests(api), IClassFixture<PostgresApi>;

/// <summary>Accounts of phones in browsers: made for whoever is signed in, ended with the session or by themselves.</summary>
public abstract class BrowserPhoneTests(TestApi api)
{
    [Fact]
    public async Task A_browser_gets_an_account_that_is_renewed_and_ended_and_is_no_part_of_the_document()
    {
        string tenant = $"/v1/tenants/{(await api.CreateTenantAsync("web")).Name}";
        BrowserPhoneDto made = await api.PostAsync<BrowserPhoneDto>(tenant + "/browser-phones", """{"extension":"100"}""");
        Assert.StartsWith("100.web-", made.AuthUser, StringComparison.Ordinal);
        Assert.Equal(24, made.Secret!.Length);
        Assert.InRange(made.ExpiresAt, DateTime.UtcNow.AddHours(23), DateTime.UtcNow.AddHours(25));
        DeviceDto device = await api.GetAsync<DeviceDto>($"{tenant}/devices/{made.Id}");
        Assert.Equal((SrtpPolicy.Required, "Browser", (string?)null), (device.Encryption, device.Name, device.Secret));
        Assert.NotNull(device.ExpiresAt);

        BrowserPhoneDto again = await RenewedAsync($"{tenant}/browser-phones/{made.Id}/secret");
        Assert.NotEqual(made.Secret, again.Secret);
        BrowserPhoneDto longer = await RenewedAsync($"{tenant}/browser-phones/{made.Id}/renewal");
        Assert.Null(longer.Secret);
        Assert.True(longer.ExpiresAt >= again.ExpiresAt.AddSeconds(-1));

        TenantDocument document = await api.GetAsync<TenantDocument>(tenant + "/document");
        Assert.DoesNotContain(document.Extensions.SelectMany(e => e.Devices), d => d.AuthUser == made.AuthUser);
        using (HttpResponseMessage applied = await api.SendAsync(HttpMethod.Put, tenant + "/document", System.Text.Json.JsonSerializer.Serialize(document, System.Text.Json.JsonSerializerOptions.Web)))
            Assert.True(applied.IsSuccessStatusCode, await applied.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(made.AuthUser, (await api.GetAsync<DeviceDto>($"{tenant}/devices/{made.Id}")).AuthUser);

        using HttpResponseMessage ended = await api.SendAsync(HttpMethod.Delete, $"{tenant}/browser-phones/{made.Id}");
        Assert.Equal(HttpStatusCode.NoContent, ended.StatusCode);
        using HttpResponseMessage gone = await api.SendAsync(HttpMethod.Post, $"{tenant}/browser-phones/{made.Id}/secret", "");
        await TestApi.ProblemAsync(gone, HttpStatusCode.NotFound, ProblemTypes.NotFound);
    }

    [Fact]
    public async Task A_user_makes_one_for_the_own_extension_alone_and_never_in_another_tenant()
    {
        ApplyReport a = await api.CreateTenantAsync("wa"), b = await api.CreateTenantAsync("wb");
        string mine = $"/v1/tenants/{a.Name}/browser-phones", theirs = $"/v1/tenants/{b.Name}/browser-phones";
        ExtensionDto own = await api.GetAsync<ExtensionDto>($"/v1/tenants/{a.Name}/extensions/100");
        await api.PostAsync<ExtensionDto>($"/v1/tenants/{a.Name}/extensions", """{"number":"101"}""");
        BrowserPhoneDto another = await api.PostAsync<BrowserPhoneDto>(mine, """{"extension":"101"}"""), foreign = await api.PostAsync<BrowserPhoneDto>(theirs, """{"extension":"100"}""");
        TenantDto tenant = await api.GetAsync<TenantDto>($"/v1/tenants/{a.Name}");
        using HttpClient user = api.As(await TestTokens.Of(api).UserAsync(tenant.Id, own.Id));

        using HttpResponseMessage made = await PostAsync(user, mine, """{"extension":"100"}""");
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        using HttpResponseMessage refused = await PostAsync(user, mine, """{"extension":"101"}""");
        Assert.Equal(["$.extension"], (await TestApi.ErrorsAsync(refused, HttpStatusCode.BadRequest, ProblemTypes.Validation)).Keys);
        foreach (string path in new[] { $"{mine}/{another.Id}/secret", $"{theirs}/{foreign.Id}/secret", $"{mine}/{foreign.Id}/renewal" })
        {
            using HttpResponseMessage missing = await PostAsync(user, path, "");
            await TestApi.ProblemAsync(missing, HttpStatusCode.NotFound, ProblemTypes.NotFound);
        }
        // To an administrator, too, another tenant's is none; and what is no browser's phone cannot be ended this way.
        DeviceDto desk = (await api.GetAsync<Page<DeviceDto>>($"/v1/tenants/{a.Name}/devices?extension=100")).Items.First(d => d.ExpiresAt is null);
        foreach (string path in new[] { $"{mine}/{foreign.Id}", $"{mine}/{desk.Id}" })
        {
            using HttpResponseMessage missing = await api.SendAsync(HttpMethod.Delete, path);
            await TestApi.ProblemAsync(missing, HttpStatusCode.NotFound, ProblemTypes.NotFound);
        }
    }

    [Fact]
    public async Task An_extension_has_eight_browsers_at_most_and_the_oldest_go()
    {
        string tenant = $"/v1/tenants/{(await api.CreateTenantAsync("many")).Name}";
        List<string> made = [];
        for (int i = 0; i < 10; i++)
            made.Add((await api.PostAsync<BrowserPhoneDto>(tenant + "/browser-phones", """{"extension":"100"}""")).AuthUser);
        string[] left = [.. (await api.GetAsync<Page<DeviceDto>>(tenant + "/devices?extension=100")).Items.Where(d => d.ExpiresAt is not null).Select(d => d.AuthUser)];
        Assert.Equal(made[2..].Order(StringComparer.Ordinal), left.Order(StringComparer.Ordinal));
    }

    private async Task<BrowserPhoneDto> RenewedAsync(string path)
    {
        using HttpResponseMessage response = await api.SendAsync(HttpMethod.Post, path, "");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await TestApi.ReadAsync<BrowserPhoneDto>(response);
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, string path, string json) =>
        client.PostAsync(new Uri(path, UriKind.Relative), new StringContent(json, System.Text.Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
}
