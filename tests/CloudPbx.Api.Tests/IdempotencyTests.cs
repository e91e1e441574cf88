using System.Net;
using System.Text;
using System.Text.Json;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Contracts.Api;
using CloudPbx.Hosting.Web.Problems;

namespace CloudPbx.Api.Tests;

/// <summary>A request that is sent again because its answer was lost.</summary>
public sealed class IdempotencyTests(SqliteApi api) : IClassFixture<SqliteApi>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_same_request_with_the_same_key_is_answered_again_and_done_once()
    {
        TestTokens tokens = TestTokens.Of(api);
        ApplyReport a = await api.CreateTenantAsync("a");
        string token = await tokens.AdministratorAsync(a.Id), path = $"/v1/tenants/{a.Name}/devices", body = """{"extension":"100","authUser":"100-laptop"}""", key = Guid.NewGuid().ToString();
        (HttpResponseMessage first, string told) = await PostAsync(token, path, body, key);
        (HttpResponseMessage again, string repeated) = await PostAsync(token, path, body, key);
        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Created), (first.StatusCode, again.StatusCode));
        Assert.Equal(told, repeated);                                                   // the generated password too: it was told once, and the answer was lost
        Assert.Contains("\"secret\"", told, StringComparison.Ordinal);
        Assert.Equal((first.Headers.Location, first.Headers.ETag), (again.Headers.Location, again.Headers.ETag));
        Assert.Equal("true", again.Headers.GetValues("Idempotency-Replayed").Single());
        Assert.Equal(2, (await api.GetAsync<Page<DeviceDto>>(path)).Items.Count);       // the tenant's first, and this one

        (HttpResponseMessage other, string problem) = await PostAsync(token, path, """{"extension":"100","authUser":"100-other"}""", key);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.StatusCode);
        Assert.Equal(ProblemTypes.Conflict, JsonSerializer.Deserialize<JsonElement>(problem).GetProperty("type").GetString());
        (HttpResponseMessage refused, _) = await PostAsync(token, path, body, Guid.NewGuid().ToString());
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
    }

    [Fact]
    public async Task A_key_is_its_owners_alone()
    {
        TestTokens tokens = TestTokens.Of(api);
        ApplyReport a = await api.CreateTenantAsync("a"), b = await api.CreateTenantAsync("b");
        const string key = "the-same-key-in-two-tenants", body = """{"number":"201"}""";
        (HttpResponseMessage first, _) = await PostAsync(await tokens.AdministratorAsync(a.Id), $"/v1/tenants/{a.Name}/extensions", body, key);
        (HttpResponseMessage second, _) = await PostAsync(await tokens.AdministratorAsync(b.Id), $"/v1/tenants/{b.Name}/extensions", body, key);
        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Created), (first.StatusCode, second.StatusCode));
        Assert.False(second.Headers.Contains("Idempotency-Replayed"));
    }

    private async Task<(HttpResponseMessage Response, string Body)> PostAsync(string token, string path, string body, string key)
    {
        HttpClient client = api.As(token);
        using HttpRequestMessage request = new(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        HttpResponseMessage response = await client.SendAsync(request, Cancel);
        return (response, await response.Content.ReadAsStringAsync(Cancel));
    }
}
