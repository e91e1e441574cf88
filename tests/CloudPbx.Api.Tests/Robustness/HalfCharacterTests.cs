using System.Net;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Contracts.Api;
using CloudPbx.Hosting.Web.Problems;

namespace CloudPbx.Api.Tests.Robustness;

/// <summary>Half of a surrogate pair is JSON and no text (RFC 8259 §8.2).</summary>
public sealed class HalfCharacterTests(SqliteApi api) : IClassFixture<SqliteApi>
{
    [Theory]
    [InlineData("""{"number":"200","displayName":"\ud800"}""")]
    [InlineData("""{"number":"200","displayName":"a\uDC00b"}""")]
    [InlineData("""{"number":"200","\ud800":1}""")]
    [InlineData("""{"number":"200","x":[{"y":["\udfff"]}]}""")]
    public async Task It_is_refused_and_said_to_be_what_it_is(string json)
    {
        ApplyReport tenant = await api.CreateTenantAsync("half");
        using HttpResponseMessage response = await api.SendAsync(HttpMethod.Post, $"/v1/tenants/{tenant.Name}/extensions", json);
        Assert.StartsWith("The body has half a character", (await TestApi.ErrorsAsync(response, HttpStatusCode.BadRequest, ProblemTypes.Validation))["$"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task NUL_in_any_text_is_told_with_its_place()
    {
        using HttpResponseMessage response = await api.SendAsync(HttpMethod.Post, "/v1/platform/numbers", """{"number":"+4989123","trunk":"a\u0000b"}""");
        Assert.Equal("Must not contain control characters.", (await TestApi.ErrorsAsync(response, HttpStatusCode.BadRequest, ProblemTypes.Validation))["$.trunk"]);
    }

    [Fact]
    public async Task A_whole_pair_is_a_character()
    {
        ApplyReport tenant = await api.CreateTenantAsync("whole");
        ExtensionDto made = await api.PostAsync<ExtensionDto>($"/v1/tenants/{tenant.Name}/extensions", """{"number":"200","displayName":"\ud83d\ude00"}""");
        Assert.Equal("😀", made.DisplayName);
    }
}
