using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Contracts.Api;
using CloudPbx.Hosting.Web.Problems;

namespace CloudPbx.Api.Tests.Robustness;

public sealed class PropertiesOnSqliteTests(SqliteApi api) : PropertyTests(api), IClassFixture<SqliteApi>;

public sealed class PropertiesOnPostgresTests(PostgresApi api) : PropertyTests(api), IClassFixture<PostgresApi>;

/// <summary>Every operation of the API's description with odd and hostile inputs, from a seed: no fault of ours, and every answer is what the description says. <c>./pbx fuzz api</c> sends more of them.</summary>
public abstract class PropertyTests(TestApi api)
{
    private const int Few = 1000, Prepared = 80;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_is_sent_the_answer_is_what_the_description_says()
    {
        int count = Number("PBX_API_REQUESTS", Few), seed = Number("PBX_API_SEED", 1);
        JsonElement document = await api.GetAsync<JsonElement>("/openapi/v1.json");
        SchemaCheck schemas = new(document);
        (string Path, string Method, JsonElement Operation)[] operations =
            [.. document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject(), (path, operation) => (path.Name, operation.Name, operation.Value))];
        Random random = new(seed);
        ConcurrentDictionary<string, string> known = new();
        OddRequests requests = new(schemas, random, name => known.GetValueOrDefault(name));
        List<string> faults = [];
        int succeeded = 0;
        for (int i = 0; i < count && faults.Count < 20; i++)
        {
            if (i % Prepared == 0)
                await PrepareAsync(known);
            (string path, string method, JsonElement operation) = operations[i < operations.Length ? i : random.Next(operations.Length)];      // each at least once
            using HttpRequestMessage request = requests.Make(path, method, operation);
            string sent = $"seed {seed} request {i}: {request.Method} {request.RequestUri} {await BodyAsync(request)}";
            try
            {
                using HttpResponseMessage response = await api.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
                if (response.IsSuccessStatusCode)
                    succeeded++;
                if (await FaultAsync(response, operation, schemas) is { } fault)
                    faults.Add($"{fault}\n    {sent}");
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                faults.Add($"{fault.GetBaseException().GetType().Name}: {fault.GetBaseException().Message}\n    {sent}");
            }
        }
        Assert.True(faults.Count == 0, string.Join('\n', faults));
        Assert.True(succeeded > count / 20, $"only {succeeded} of {count} requests were good for anything: the generator misses the point");
    }

    /// <summary>What is wrong with an answer, or null.</summary>
    private static async Task<string?> FaultAsync(HttpResponseMessage response, JsonElement operation, SchemaCheck schemas)
    {
        int status = (int)response.StatusCode;
        string? type = response.Content.Headers.ContentType?.MediaType;
        if (type is "text/event-stream" or "audio/wav" or "application/x-tar")
            return null;                                          // a stream that began, a file: they have no schema
        string text = await response.Content.ReadAsStringAsync(Cancel);
        // The recordings here have keys that nobody made: that such cannot be opened is told.
        if (status is >= 500 and not 503 && !text.Contains(ProblemTypes.Unreadable, StringComparison.Ordinal))
            return $"{status}: {text}";
        if (status >= 400)
        {
            if (type != "application/problem+json")
                return $"{status} without a problem: {type} {text}";
            JsonElement problem = JsonSerializer.Deserialize<JsonElement>(text);
            return !problem.TryGetProperty("type", out JsonElement kind) || kind.GetString()?.StartsWith("urn:cloudpbx:problem:", StringComparison.Ordinal) != true ? $"{status}: a problem of no type of ours: {text}"
                : problem.GetProperty("status").GetInt32() != status ? $"{status}: the problem says {problem.GetProperty("status")}"
                : null;
        }
        if (!operation.GetProperty("responses").TryGetProperty(status.ToString(CultureInfo.InvariantCulture), out JsonElement described))
            return $"{status} is not described";
        if (status == (int)HttpStatusCode.NoContent || !described.TryGetProperty("content", out JsonElement content))
            return text.Length == 0 ? null : $"{status} has a body that is not described: {text}";
        if (type is null || !content.TryGetProperty(type, out JsonElement media))
            return $"{status}: {type} is not described";
        return type == "application/json" ? schemas.Find(JsonSerializer.Deserialize<JsonElement>(text), media.GetProperty("schema")) is { } fault ? $"{status}: {fault} in {text}" : null : null;
    }

    /// <summary>Makes what requests can be about: the requests before may have deleted it.</summary>
    private async Task PrepareAsync(ConcurrentDictionary<string, string> known)
    {
        FullTenant tenant = await FullTenant.MakeAsync(api, "odd", "odd");
        foreach ((string name, string value) in tenant.Names)
            known[name] = value;
        (known["tenant"], known["extension"], known["number"], known["profile"]) = (tenant.Tenant.Name, "100", "100", "generic");
        using HttpResponseMessage plan = await api.SendAsync(HttpMethod.Put, "/v1/plans/odd", """{"maxExtensions":500}""");
        Assert.True(plan.IsSuccessStatusCode);
        known["plan"] = "odd";
        known["reseller"] = (await api.PostAsync<ResellerDto>("/v1/resellers", $$"""{"name":"r-{{Guid.NewGuid():N}}"}""")).Name;
    }

    private static async Task<string> BodyAsync(HttpRequestMessage request)
    {
        if (request.Content is null)
            return "";
        string text = await request.Content.ReadAsStringAsync(Cancel);
        return $"{request.Content.Headers.ContentType} {(text.Length > 1500 ? text[..1500] + "…" : text)}";
    }

    private static int Number(string variable, int standard) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : standard;
}
