using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data;
using CloudPbx.Data.Resellers;
using CloudPbx.Data.Tenants;
using CloudPbx.Hosting.Web.Bus;
using CloudPbx.Hosting.Web.Problems;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;

namespace CloudPbx.Api.Tests;

public sealed class AccessOnSqliteTests(SqliteApi api) : AccessTests(api), IClassFixture<SqliteApi>;

public sealed class AccessOnPostgresTests(PostgresApi api) : AccessTests(api), IClassFixture<PostgresApi>;

/// <summary>Who may do what (S23, S30). Two tenants with the same numbers everywhere.</summary>
public abstract class AccessTests(TestApi api)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>What a user of one extension may ask for below their tenant; everything else is closed to them.</summary>
    private static readonly string[] s_forUsers =
    [
        "GET ", "GET /extensions", "GET /extensions/{number}", "GET /extensions/{number}/forwards", "PUT /extensions/{number}/forwards", "GET /devices", "GET /devices/{device}", "POST /devices/{device}/secret", "GET /calls", "GET /calls/{call}", "GET /calls/{call}/ladder", "GET /calls/hours", "POST /calls/live", "GET /calls/export", "POST /recordings/{recording}/link", "GET /recordings", "GET /recordings/{recording}", "GET /recordings/{recording}/audio", "GET /registrations", "GET /branding", "GET /domains", "GET /live", "POST /browser-phones", "POST /browser-phones/{device}/secret",
        "POST /devices/{device}/provisioning", "POST /browser-phones/{device}/renewal", "DELETE /browser-phones/{device}",
    ];

    [Fact]
    public async Task Every_route_below_another_tenant_is_not_found()
    {
        TestTokens tokens = TestTokens.Of(api);
        ApplyReport a = await api.CreateTenantAsync("a"), b = await api.CreateTenantAsync("b");
        ExtensionId extension = await ExtensionAsync(a.Id);
        ResellerId reseller = await CreateResellerAsync();
        string[] strangers =
        [
            await tokens.AdministratorAsync(a.Id), await tokens.UserAsync(a.Id, extension), await tokens.ResellerAsync(reseller),
        ];
        int routes = 0;
        foreach ((string method, string pattern) in TenantRoutes())
        {
            foreach (string token in strangers)
            {
                foreach (string tenant in new[] { b.Name, b.Id.ToString() })
                {
                    using HttpResponseMessage response = await SendAsync(token, method, Fill(pattern, tenant));
                    // Who may not call it for a tenant of their own learns no more about this one: the role is looked at first.
                    Assert.True(response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Forbidden, $"{method} {pattern}: {(int)response.StatusCode}");
                    string text = await response.Content.ReadAsStringAsync(Cancel);
                    Assert.DoesNotContain(b.Name, text, StringComparison.Ordinal);
                    if (response.StatusCode == HttpStatusCode.Forbidden)
                    {
                        using HttpResponseMessage own = await SendAsync(token, method, Fill(pattern, a.Name));
                        Assert.True(own.StatusCode is HttpStatusCode.Forbidden, $"{method} {pattern}: 403 for a stranger, {(int)own.StatusCode} for its own");
                    }
                }
            }
            routes++;
        }
        Assert.True(routes > 40, $"only {routes} routes were found");
    }

    [Fact]
    public async Task A_user_reaches_what_is_listed_here_and_nothing_else()
    {
        TestTokens tokens = TestTokens.Of(api);
        ApplyReport a = await api.CreateTenantAsync("a");
        string token = await tokens.UserAsync(a.Id, await ExtensionAsync(a.Id));
        foreach ((string method, string pattern) in TenantRoutes())
        {
            bool open = s_forUsers.Contains($"{method} {pattern["/v1/tenants/{tenant}".Length..].TrimEnd('/')}");
            using HttpResponseMessage response = await SendAsync(token, method, Fill(pattern, a.Name));
            Assert.True(open != (response.StatusCode == HttpStatusCode.Forbidden), $"{method} {pattern}: {(int)response.StatusCode}");
        }
    }

    [Fact]
    public async Task What_is_the_platforms_is_for_operators()
    {
        TestTokens tokens = TestTokens.Of(api);
        ApplyReport a = await api.CreateTenantAsync("a");
        string[] others = [await tokens.AdministratorAsync(a.Id), await tokens.ResellerAsync(await CreateResellerAsync())];
        foreach (string path in new[] { "/v1/platform/trunks", "/v1/platform/numbers", "/v1/platform/settings", "/v1/platform/audit", "/v1/bans" })
        {
            foreach (string token in others)
            {
                using HttpResponseMessage response = await SendAsync(token, "GET", path);
                await TestApi.ProblemAsync(response, HttpStatusCode.Forbidden, ProblemTypes.Forbidden);
            }
            using HttpResponseMessage allowed = await SendAsync(await tokens.OperatorAsync(), "GET", path);
            Assert.Equal(HttpStatusCode.OK, allowed.StatusCode);
        }
    }

    [Fact]
    public async Task Each_role_sees_its_own_tenants()
    {
        TestTokens tokens = TestTokens.Of(api);
        ResellerId mine = await CreateResellerAsync(), other = await CreateResellerAsync();
        ApplyReport a = await api.CreateTenantAsync("a"), b = await api.CreateTenantAsync("b");
        await GiveAsync(a.Id, mine);
        await GiveAsync(b.Id, other);
        Assert.Equal([a.Id], await ListAsync(await tokens.ResellerAsync(mine)));
        Assert.Equal([b.Id], await ListAsync(await tokens.AdministratorAsync(b.Id)));
        Assert.Equal([a.Id], await ListAsync(await tokens.UserAsync(a.Id, await ExtensionAsync(a.Id))));
        IReadOnlyList<TenantId> all = await ListAsync(await tokens.OperatorAsync());
        Assert.Contains(a.Id, all);
        Assert.Contains(b.Id, all);

        async Task<IReadOnlyList<TenantId>> ListAsync(string token)
        {
            using HttpResponseMessage response = await SendAsync(token, "GET", "/v1/tenants?limit=1000");
            return [.. (await TestApi.ReadAsync<Page<TenantDto>>(response)).Items.Select(t => t.Id)];
        }
    }

    [Fact]
    public async Task A_resellers_new_tenant_is_its_own_and_never_the_default()
    {
        TestTokens tokens = TestTokens.Of(api);
        ResellerId reseller = await CreateResellerAsync();
        string token = await tokens.ResellerAsync(reseller), name = $"r-{Guid.NewGuid():N}"[..20];
        using HttpResponseMessage refused = await SendAsync(token, "POST", "/v1/tenants", $$"""{"name":"{{name}}","isDefault":true}""");
        await TestApi.ProblemAsync(refused, HttpStatusCode.Forbidden, ProblemTypes.Forbidden);
        using HttpResponseMessage created = await SendAsync(token, "POST", "/v1/tenants", $$"""{"name":"{{name}}"}""");
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        using HttpResponseMessage own = await SendAsync(token, "PUT", $"/v1/tenants/{name}/document", TestApi.Document(name));
        Assert.Equal(HttpStatusCode.OK, own.StatusCode);
        string second = $"s-{Guid.NewGuid():N}"[..20];
        using HttpResponseMessage applied = await SendAsync(token, "PUT", $"/v1/tenants/{second}/document", TestApi.Document(second));
        Assert.Equal(HttpStatusCode.Created, applied.StatusCode);
        using HttpResponseMessage stranger = await SendAsync(await tokens.ResellerAsync(await CreateResellerAsync()), "GET", $"/v1/tenants/{second}");
        await TestApi.ProblemAsync(stranger, HttpStatusCode.NotFound, ProblemTypes.NotFound);
    }

    [Fact]
    public async Task An_administrator_configures_the_tenant_but_not_its_name_domains_and_limits()
    {
        TestTokens tokens = TestTokens.Of(api);
        ApplyReport a = await api.CreateTenantAsync("a");
        string token = await tokens.AdministratorAsync(a.Id), path = $"/v1/tenants/{a.Name}";
        using HttpResponseMessage extension = await SendAsync(token, "POST", $"{path}/extensions", """{"number":"201"}""");
        Assert.Equal(HttpStatusCode.Created, extension.StatusCode);
        using HttpResponseMessage exported = await SendAsync(token, "GET", $"{path}/document");
        string document = await exported.Content.ReadAsStringAsync(Cancel);
        using HttpResponseMessage same = await SendAsync(token, "PUT", $"{path}/document", document);
        Assert.True(same.IsSuccessStatusCode, await same.Content.ReadAsStringAsync(Cancel));
        JsonNode free = JsonNode.Parse(document)!;
        free["rates"] = JsonNode.Parse("""[{"prefix":"+49","microUnitsPerMinute":0}]""");        // money would count for nothing
        (string Method, string Path, string Body)[] reserved =
        [
            ("PUT", $"{path}/document", document.Replace($"{a.Name}.example", "globex.example", StringComparison.Ordinal)),
            ("PUT", $"{path}/limits", """{"maxChannels":1000}"""),
            ("PUT", $"{path}/rates", "+49,0"),
            ("PUT", $"{path}/document", free.ToJsonString()),
            ("POST", $"{path}/domains", """{"name":"globex.localhost"}"""),
            ("PUT", path, """{"name":"another-name"}"""),
            ("PUT", path, $$"""{"name":"{{a.Name}}","isDefault":true}"""),
            ("DELETE", path, ""),
            ("POST", "/v1/tenants", """{"name":"one-more"}"""),
        ];
        foreach ((string method, string request, string body) in reserved)
        {
            using HttpResponseMessage response = await SendAsync(token, method, request, body);
            await TestApi.ProblemAsync(response, HttpStatusCode.Forbidden, ProblemTypes.Forbidden);
        }
    }

    [Fact]
    public async Task A_user_sees_the_own_extension_phones_and_calls_only()
    {
        TestTokens tokens = TestTokens.Of(api);
        string name = $"u-{Guid.NewGuid():N}"[..20];
        ApplyReport a = await api.ApplyAsync(name, $$"""{"name":"{{name}}","extensions":[{"number":"100","devices":[{"name":"mine"}]},{"number":"101","devices":[{"name":"canary"}]}]}""");
        CallId own = await StoreCallAsync(a.Id, "100", "102"), foreign = await StoreCallAsync(a.Id, "101", "102");
        string token = await tokens.UserAsync(a.Id, await ExtensionAsync(a.Id)), path = $"/v1/tenants/{name}";
        foreach (string list in new[] { "/extensions", "/devices", "/devices?extension=101", "/calls", "/calls/hours", "/registrations" })
        {
            using HttpResponseMessage response = await SendAsync(token, "GET", path + list);
            string text = await response.Content.ReadAsStringAsync(Cancel);
            Assert.True(response.IsSuccessStatusCode, text);
            Assert.DoesNotContain("canary", text, StringComparison.Ordinal);
            Assert.DoesNotContain("\"101\"", text, StringComparison.Ordinal);
        }
        DeviceDto theirs = (await api.GetAsync<Page<DeviceDto>>($"{path}/devices?extension=101")).Items[0], mine = (await api.GetAsync<Page<DeviceDto>>($"{path}/devices?extension=100")).Items[0];
        foreach ((string method, string request) in new[] { ("GET", "/extensions/101"), ("GET", "/extensions/101/forwards"), ("PUT", "/extensions/101/forwards"), ("GET", $"/devices/{theirs.Id}"), ("POST", $"/devices/{theirs.Id}/secret"), ("GET", $"/calls/{foreign}"), ("GET", $"/calls/{foreign}/ladder") })
        {
            using HttpResponseMessage response = await SendAsync(token, method, path + request);
            await TestApi.ProblemAsync(response, HttpStatusCode.NotFound, ProblemTypes.NotFound);
        }
        foreach ((string method, string request) in new[] { ("GET", "/extensions/100"), ("GET", "/extensions/100/forwards"), ("PUT", "/extensions/100/forwards"), ("GET", $"/devices/{mine.Id}"), ("POST", $"/devices/{mine.Id}/secret"), ("GET", $"/calls/{own}"), ("GET", $"/calls/{own}/ladder") })
        {
            using HttpResponseMessage response = await SendAsync(token, method, path + request);
            Assert.True(response.IsSuccessStatusCode, $"{request}: {(int)response.StatusCode}");
        }
        using HttpResponseMessage me = await SendAsync(token, "GET", "/v1/me");
        MeDto who = await TestApi.ReadAsync<MeDto>(me);
        Assert.Equal((UserRole.User, a.Id, "100"), (who.Role, who.TenantId, who.Extension));
    }

    [Fact]
    public async Task S30_a_token_that_is_not_exactly_right_is_no_token()
    {
        TestTokens tokens = TestTokens.Of(api);
        Guid id = await tokens.RegisterAsync();
        string right = tokens.Write(id, UserRole.Operator, []);
        using (HttpResponseMessage response = await SendAsync(right, "GET", "/v1/me"))
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        using var otherRsa = RSA.Create(2048);
        string[] parts = right.Split('.');
        string Header(object header) => Base64UrlEncoder.Encode(JsonSerializer.Serialize(header));
        byte[] publicKey = Encoding.UTF8.GetBytes(tokens.Key.Rsa.ExportSubjectPublicKeyInfoPem());
        Dictionary<string, string> wrong = new()
        {
            ["alg none"] = $"{Header(new { alg = "none", typ = "at+jwt" })}.{parts[1]}.",
            ["no signature"] = $"{parts[0]}.{parts[1]}.",
            ["another's key under our name"] = tokens.Write(id, UserRole.Operator, [], new SigningCredentials(new RsaSecurityKey(otherRsa) { KeyId = tokens.Key.KeyId }, SecurityAlgorithms.RsaSha256)),
            ["an unknown key"] = tokens.Write(id, UserRole.Operator, [], new SigningCredentials(new RsaSecurityKey(otherRsa) { KeyId = "../../etc/passwd" }, SecurityAlgorithms.RsaSha256)),
            ["another algorithm of the right key"] = tokens.Write(id, UserRole.Operator, [], new SigningCredentials(tokens.Key, SecurityAlgorithms.RsaSha512)),
            ["the public key as a shared secret"] = tokens.Write(id, UserRole.Operator, [], new SigningCredentials(new SymmetricSecurityKey(publicKey) { KeyId = tokens.Key.KeyId }, SecurityAlgorithms.HmacSha256)),
            ["a path as the key's name"] = $"{Header(new { alg = "RS256", typ = "at+jwt", kid = "file:///dev/null" })}.{parts[1]}.{parts[2]}",
            ["a key that comes along"] = $"{Header(new { alg = "RS256", typ = "at+jwt", jku = "https://evil.example/keys", kid = "evil" })}.{parts[1]}.{parts[2]}",
            ["another audience"] = tokens.Write(id, UserRole.Operator, [("aud", "portal")]),
            ["another issuer"] = tokens.Write(id, UserRole.Operator, [("iss", "https://evil.example/")]),
            ["expired"] = tokens.Write(id, UserRole.Operator, [("exp", DateTimeOffset.UtcNow.AddMinutes(-2).ToUnixTimeSeconds())]),
            ["an ID token"] = tokens.Write(id, UserRole.Operator, [], type: "JWT"),
            ["revoked"] = tokens.Write(await tokens.RegisterAsync("revoked"), UserRole.Operator, []),
            ["never issued"] = tokens.Write(Guid.NewGuid(), UserRole.Operator, []),
            ["changed"] = $"{parts[0]}.{Base64UrlEncoder.Encode(Base64UrlEncoder.Decode(parts[1]).Replace("operator", "operat0r", StringComparison.Ordinal))}.{parts[2]}",
            ["dots"] = "..",
        };
        foreach ((string what, string token) in wrong)
        {
            using HttpResponseMessage response = await SendAsync(token, "GET", "/v1/me");
            Assert.True(response.StatusCode == HttpStatusCode.Unauthorized, $"{what}: {(int)response.StatusCode}");
            await TestApi.ProblemAsync(response, HttpStatusCode.Unauthorized, ProblemTypes.Unauthorized);
        }
    }

    [Fact]
    public async Task A_token_without_its_tenant_or_reseller_or_scope_is_refused()
    {
        TestTokens tokens = TestTokens.Of(api);
        foreach (string token in new[]
        {
            await tokens.IssueAsync(UserRole.Administrator), await tokens.IssueAsync(UserRole.Reseller), await tokens.IssueAsync(UserRole.User), await tokens.IssueAsync(UserRole.Operator, ("scope", "openid")),
            await tokens.IssueAsync(UserRole.Operator, ("role", "emperor")),
        })
        {
            using HttpResponseMessage response = await SendAsync(token, "GET", "/v1/tenants");
            await TestApi.ProblemAsync(response, HttpStatusCode.Forbidden, ProblemTypes.Forbidden);
        }
    }

    [Fact]
    public async Task A_token_of_the_reading_scope_changes_nothing()
    {
        TestTokens tokens = TestTokens.Of(api);
        ApplyReport a = await api.CreateTenantAsync("a");
        string token = await tokens.IssueAsync(UserRole.Administrator, (TokenClaims.Tenant, a.Id.ToString()), ("scope", "api.read"));
        using HttpResponseMessage read = await SendAsync(token, "GET", $"/v1/tenants/{a.Name}/extensions");
        Assert.Equal(HttpStatusCode.OK, read.StatusCode);
        using HttpResponseMessage write = await SendAsync(token, "POST", $"/v1/tenants/{a.Name}/extensions", """{"number":"201"}""");
        await TestApi.ProblemAsync(write, HttpStatusCode.Forbidden, ProblemTypes.Forbidden);
    }

    [Fact]
    public async Task Who_asks_too_often_waits_and_nobody_else_does()
    {
        TestTokens tokens = TestTokens.Of(api);
        ApplyReport a = await api.CreateTenantAsync("a");
        string eager = await tokens.AdministratorAsync(a.Id), patient = await tokens.AdministratorAsync(a.Id);
        HttpResponseMessage? refused = null;
        for (int i = 0; i < 10_000 && refused is null; i++)
        {
            HttpResponseMessage response = await SendAsync(eager, "GET", "/v1/profiles/generic");
            if (response.StatusCode == HttpStatusCode.TooManyRequests)
                refused = response;
            else
                response.Dispose();
        }
        Assert.NotNull(refused);
        Assert.True(refused.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1));
        await TestApi.ProblemAsync(refused, HttpStatusCode.TooManyRequests, ProblemTypes.TooManyRequests);
        using HttpResponseMessage other = await SendAsync(patient, "GET", "/v1/profiles/generic");
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        refused.Dispose();
    }

    private IEnumerable<(string Method, string Pattern)> TenantRoutes() =>
        from endpoint in api.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        let pattern = "/" + endpoint.RoutePattern.RawText!.TrimStart('/')
        where pattern.StartsWith("/v1/tenants/{tenant}", StringComparison.Ordinal) && !pattern.EndsWith("/live", StringComparison.Ordinal)       // a stream never ends; LiveTests have it
        from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods
        select (method, pattern);

    private static string Fill(string pattern, string tenant) => System.Text.RegularExpressions.Regex.Replace(
        pattern.Replace("{tenant}", tenant, StringComparison.Ordinal), "\\{[^}]*\\}", "100");

    private async Task<HttpResponseMessage> SendAsync(string token, string method, string path, string? body = null)
    {
        using HttpClient client = api.As(token);
        using HttpRequestMessage request = new(new HttpMethod(method), path);
        if (body is not null || method is "POST" or "PUT")
            request.Content = new StringContent(body ?? "{}", Encoding.UTF8, "application/json");
        return await client.SendAsync(request, path.EndsWith("/live", StringComparison.Ordinal) ? HttpCompletionOption.ResponseHeadersRead : HttpCompletionOption.ResponseContentRead, Cancel);      // a live stream has no end
    }

    private async Task<ResellerId> CreateResellerAsync()
    {
        await using PlatformDbContext db = api.Services.GetRequiredService<IPbxDatabase>().OpenPlatform();
        GlobalReseller reseller = new() { Id = ResellerId.New(), Name = $"r{Guid.NewGuid():N}"[..20], DisplayName = "Reseller", CreatedAt = DateTime.UtcNow };
        db.GlobalResellers.Add(reseller);
        await db.SaveChangesAsync(Cancel);
        return reseller.Id;
    }

    private async Task GiveAsync(TenantId tenant, ResellerId reseller)
    {
        await using PlatformDbContext db = api.Services.GetRequiredService<IPbxDatabase>().OpenPlatform();
        Tenant row = await db.Tenants.SingleAsync(t => t.Id == tenant, Cancel);
        row.ResellerId = reseller;
        await db.SaveChangesAsync(Cancel);
    }

    private async Task<ExtensionId> ExtensionAsync(TenantId tenant)
    {
        await using PbxDbContext db = api.Services.GetRequiredService<IPbxDatabase>().OpenTenant(tenant);
        return await db.Extensions.Where(e => e.Number == "100").Select(e => e.Id).SingleAsync(Cancel);
    }

    private async Task<CallId> StoreCallAsync(TenantId tenant, string from, string to)
    {
        CallId call = CallId.New();
        await api.PublishAsync(
            new CallEnded
            {
                TenantId = tenant, CallId = call, CallerNumber = from, CallerName = from == "100" ? "me" : "canary", CalledNumber = to, Disposition = CallDisposition.NoAnswer,
                StartedAt = DateTime.UtcNow, EndedAt = DateTime.UtcNow,
            });
        return call;
    }
}
