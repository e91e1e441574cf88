using System.Runtime.CompilerServices;
using System.Text.Json;
using CloudPbx.Api.Tests.Hosting;

namespace CloudPbx.Api.Tests;

/// <summary>The API's description changes only when somebody means it to.</summary>
public sealed class OpenApiTests(SqliteApi api) : IClassFixture<SqliteApi>
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    [Fact]
    public async Task The_document_is_the_one_in_the_repository()
    {
        JsonElement document = await api.GetAsync<JsonElement>("/openapi/v1.json");
        string present = JsonSerializer.Serialize(document, s_indented) + "\n";
        string path = Path.Combine(Folder(), "openapi-v1.json");
        if (Environment.GetEnvironmentVariable("PBX_UPDATE_OPENAPI") is { Length: > 0 })
            await File.WriteAllTextAsync(path, present, TestContext.Current.CancellationToken);
        Assert.True(
            present == await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken),
            "The API changed. If that is meant, run this test once with PBX_UPDATE_OPENAPI=1 and look at the difference.");
    }

    [Fact]
    public async Task Every_operation_has_a_name_and_a_tag()
    {
        JsonElement document = await api.GetAsync<JsonElement>("/openapi/v1.json");
        foreach (JsonProperty path in document.GetProperty("paths").EnumerateObject())
        {
            Assert.StartsWith("/v1/", path.Name, StringComparison.Ordinal);
            foreach (JsonProperty operation in path.Value.EnumerateObject())
            {
                Assert.NotEmpty(operation.Value.GetProperty("operationId").GetString()!);
                Assert.NotEmpty(operation.Value.GetProperty("tags").EnumerateArray());
            }
        }
    }

    [Fact]
    public async Task The_reference_page_and_its_script_come_from_here()
    {
        using HttpClient stranger = api.Stranger();
        string page = await stranger.GetStringAsync(new Uri("/reference/", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Contains("CloudPbx API", page, StringComparison.Ordinal);
        Assert.DoesNotContain("cdn.", page, StringComparison.Ordinal);
        foreach (System.Text.RegularExpressions.Match script in System.Text.RegularExpressions.Regex.Matches(page, "<script[^>]* src=\"([^\"]+)\""))
        {
            using HttpResponseMessage response = await stranger.GetAsync(new Uri(new Uri("http://localhost/reference/"), script.Groups[1].Value), TestContext.Current.CancellationToken);
            Assert.True(response.IsSuccessStatusCode, script.Value);
        }
    }

    private static string Folder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
