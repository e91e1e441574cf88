using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Contracts.Api;
using CloudPbx.Hosting.Web.Problems;

namespace CloudPbx.Api.Tests;

/// <summary>What is wrong is said in the caller's language.</summary>
public sealed partial class LanguageTests(SqliteApi api) : IClassFixture<SqliteApi>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("zh-CN,zh;q=0.9,en;q=0.8", true)]
    [InlineData("de, en;q=0.2, zh;q=0.5", true)]
    [InlineData("en-GB, zh;q=0.5", false)]
    [InlineData("de", false)]
    [InlineData("", false)]
    [InlineData(";;q=,zh=", false)]
    public async Task Wrong_input_is_told_in_the_callers_language_and_its_place_and_type_are_the_same(string accept, bool chinese)
    {
        ApplyReport tenant = await api.CreateTenantAsync("lang");
        using HttpResponseMessage response = await SendAsync(HttpMethod.Post, $"/v1/tenants/{tenant.Name}/extensions", """{"number":"1"}""", accept);
        JsonElement problem = await TestApi.ProblemAsync(response, HttpStatusCode.BadRequest, ProblemTypes.Validation);
        string said = problem.GetProperty("errors").GetProperty("$.number")[0].GetString()!;
        Assert.StartsWith(chinese ? "须为 2 到 8 位数字" : "Must be 2 to 8 digits", said, StringComparison.Ordinal);
        Assert.Equal(chinese ? "请求无效。" : "The request is not valid.", problem.GetProperty("title").GetString());
        Assert.Equal(chinese, response.Content.Headers.ContentLanguage.Contains("zh"));
    }

    [Fact]
    public async Task So_are_a_taken_number_a_plans_limit_a_row_of_a_bulk_and_what_is_not_there()
    {
        ApplyReport tenant = await api.CreateTenantAsync("lang");
        string path = $"/v1/tenants/{tenant.Name}";
        using HttpResponseMessage taken = await SendAsync(HttpMethod.Post, $"{path}/extensions", """{"number":"100"}""", "zh", "key-1");
        Assert.Equal("已被占用。", (await TestApi.ProblemAsync(taken, HttpStatusCode.Conflict, ProblemTypes.Taken)).GetProperty("title").GetString());
        using HttpResponseMessage plan = await SendAsync(HttpMethod.Put, $"{path}/plan", """{"maxExtensions":1}""", "zh");
        Assert.True(plan.IsSuccessStatusCode);
        using HttpResponseMessage full = await SendAsync(HttpMethod.Post, $"{path}/extensions", """{"number":"101"}""", "zh", "key-2");
        Assert.Equal("套餐允许 1 个分机。请删除一个，或申请更大的套餐。", (await TestApi.ProblemAsync(full, HttpStatusCode.Conflict, ProblemTypes.PlanLimit)).GetProperty("detail").GetString());
        using HttpResponseMessage bulk = await SendAsync(HttpMethod.Post, $"{path}/extensions/bulk", """{"extensions":[{"number":"1"}]}""", "zh");
        BulkReport report = await TestApi.ReadAsync<BulkReport>(bulk);
        Assert.StartsWith("须为", Assert.Single(report.Rows).Errors!.Values.First()[0], StringComparison.Ordinal);
        using HttpResponseMessage missing = await SendAsync(HttpMethod.Get, "/v1/tenants/nobody-of-this-name", null, "zh");
        Assert.Equal("未找到。", (await TestApi.ProblemAsync(missing, HttpStatusCode.NotFound, ProblemTypes.NotFound)).GetProperty("title").GetString());
        using HttpRequestMessage request = new(HttpMethod.Get, "/v1/me");
        request.Headers.TryAddWithoutValidation("Accept-Language", "zh");
        using HttpClient stranger = api.Stranger();
        using HttpResponseMessage unknown = await stranger.SendAsync(request, Cancel);
        Assert.Equal("未通过身份验证。", (await TestApi.ProblemAsync(unknown, HttpStatusCode.Unauthorized, ProblemTypes.Unauthorized)).GetProperty("title").GetString());
    }

    [Fact]
    public void Every_sentence_that_the_API_refuses_with_can_be_said_in_Chinese()
    {
        string folder = Path.Combine(Path.GetDirectoryName(Here())!, "../../services/Api");
        string[] missing =
        [
            .. System.IO.Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal))
                .SelectMany(file => Refusal().Matches(File.ReadAllText(file)).Select(match => Hole().Replace(match.Groups["said"].Value, "7").Replace("\\\"", "\"", StringComparison.Ordinal)))
                .Where(sentence => ApiSentences.Find(ApiSentences.Chinese, sentence) is null).Distinct(),
        ];
        Assert.True(missing.Length == 0, string.Join(Environment.NewLine, missing));
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? json, string accept, string? key = null)
    {
        using HttpRequestMessage request = new(method, path);
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        request.Headers.TryAddWithoutValidation("Accept-Language", accept);
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        return await api.Client.SendAsync(request, Cancel);
    }

    private static string Here([CallerFilePath] string file = "") => file;

    [GeneratedRegex("""(?:Answers\.(?:NotFound|InUse|OfPlatform|Conflict|CallState|PlanLimit|LiveStateAway|Unauthorized|Forbidden|ServiceAway)\(|title: |detail: )\$?"(?<said>[A-Z](?:[^"\\]|\\.)+\.)"(?! *\+)""")]
    private static partial Regex Refusal();

    [GeneratedRegex(@"\{[^{}]*\}")]
    private static partial Regex Hole();
}
