using System.Net;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Portal.ApiClient;
using CloudPbx.Portal.Tests.Hosting;

namespace CloudPbx.Portal.Tests.ApiClient;

public sealed class PbxApiTests : IDisposable
{
    private readonly FakeApi _fake = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _fake.Dispose();

    [Fact]
    public async Task Every_request_carries_the_users_token()
    {
        _fake.On("GET /v1/tenants?limit=100", new Page<TenantDto>([], null));
        await _fake.Client().TenantsAsync(null, Cancel);
        Assert.Equal("token", Assert.Single(_fake.Asked).Token);
    }

    [Fact]
    public async Task Without_a_token_nothing_is_sent()
    {
        _fake.Token = null;
        ApiProblemException fault = await Assert.ThrowsAsync<ApiProblemException>(() => _fake.Client().TenantsAsync(null, Cancel));
        Assert.Equal(ApiProblem.Unauthorized, fault.Problem.Kind);
        Assert.Empty(_fake.Asked);
    }

    [Fact]
    public async Task Names_are_escaped_in_paths()
    {
        _fake.On("GET /v1/tenants/a%2Fb/trunks/x%20%3Fy", new { });
        await Assert.ThrowsAsync<ApiProblemException>(() => _fake.Client().Of("a/b").TrunkAsync("x ?y", Cancel));
        Assert.Equal("GET /v1/tenants/a%2Fb/trunks/x%20%3Fy", _fake.Asked[0].Request);
    }

    [Fact]
    public async Task A_problem_comes_with_its_kind_and_places()
    {
        _fake.OnProblem("POST /v1/tenants/acme/extensions", 400, "validation", new Dictionary<string, string[]> { ["$.number"] = ["Must be 2 to 8 digits, for example \"100\"."] });
        ApiProblemException fault = await Assert.ThrowsAsync<ApiProblemException>(() => _fake.Client().Of("acme").CreateExtensionAsync(new NewExtension { Number = "x" }, Cancel));
        Assert.Equal(ApiProblem.Validation, fault.Problem.Kind);
        Assert.Contains("$.number", fault.Problem.Errors.Keys);
    }

    [Theory]
    [InlineData(HttpStatusCode.BadGateway, "status-502")]
    [InlineData(HttpStatusCode.Unauthorized, "unauthorized")]
    public async Task An_answer_that_is_no_problem_document_still_has_a_kind(HttpStatusCode status, string kind)
    {
        _fake.OnRaw("GET /v1/bans", () => new HttpResponseMessage(status) { Content = new StringContent("<html>") });
        ApiProblemException fault = await Assert.ThrowsAsync<ApiProblemException>(() => _fake.Client().BansAsync(Cancel));
        Assert.Equal(kind, fault.Problem.Kind);
    }

    [Fact]
    public async Task An_API_that_is_not_there_is_unreachable()
    {
        _fake.OnRaw("GET /v1/bans", () => throw new HttpRequestException("refused"));
        Assert.Equal(ApiProblem.Unreachable, (await Assert.ThrowsAsync<ApiProblemException>(() => _fake.Client().BansAsync(Cancel))).Problem.Kind);
    }

    [Fact]
    public async Task An_answer_that_cannot_be_read_is_no_crash()
    {
        _fake.OnRaw("GET /v1/bans", () => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("{", System.Text.Encoding.UTF8, "application/json") });
        Assert.Equal(ApiProblem.Unreachable, (await Assert.ThrowsAsync<ApiProblemException>(() => _fake.Client().BansAsync(Cancel))).Problem.Kind);
    }

    [Fact]
    public void A_filter_becomes_a_query()
    {
        CallFilter filter = new() { Number = " +49 30 ", Disposition = CallDisposition.NoAnswer, From = new DateTime(2026, 11, 26, 0, 0, 0, DateTimeKind.Utc) };
        Assert.Equal("?from=2026-11-26T00%3A00%3A00Z&number=%2B49%2030&disposition=NoAnswer", filter.ToQuery());
        Assert.Equal("", new CallFilter().ToQuery());
    }
}
