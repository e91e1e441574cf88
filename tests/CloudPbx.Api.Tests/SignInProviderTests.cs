using System.Net;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data;
using CloudPbx.Hosting.Web.Problems;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Api.Tests;

public sealed class SignInProvidersOnSqliteTests(SqliteApi api) : SignInProviderTests(api), IClassFixture<SqliteApi>;

public sealed class SignInProvidersOnPostgresTests(PostgresApi api) : SignInProviderTests(api), IClassFixture<PostgresApi>;

/// <summary>A tenant's own OpenID Connect provider, set up by its administrator.</summary>
public abstract class SignInProviderTests(TestApi api)
{
    private const string Secret = "canary-of-the-provider";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_tenants_with_the_same_issuer_and_domain_each_have_their_own()
    {
        ApplyReport a = await api.CreateTenantAsync("a"), b = await api.CreateTenantAsync("b");
        string issuer = api.Issuers.Add($"https://login.{a.Name}.example");
        using (HttpResponseMessage made = await PutAsync(a.Name, Wish(issuer, "of-a", Secret + "-a")))
        {
            Assert.Equal(HttpStatusCode.OK, made.StatusCode);
            Assert.DoesNotContain(Secret, await made.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        }
        using (HttpResponseMessage none = await api.SendAsync(HttpMethod.Get, Path(b.Name)))
            await TestApi.ProblemAsync(none, HttpStatusCode.NotFound, ProblemTypes.NotFound);
        (await PutAsync(b.Name, Wish(issuer, "of-b", Secret + "-b"))).Dispose();
        SignInProviderDto ofA = await api.GetAsync<SignInProviderDto>(Path(a.Name)), ofB = await api.GetAsync<SignInProviderDto>(Path(b.Name));
        Assert.Equal(("of-a", "acme.example", true), (ofA.ClientId, ofA.MailDomain, ofA.Enabled));
        Assert.Equal("of-b", ofB.ClientId);
        Assert.EndsWith($"/account/provider/{a.Id}", ofA.RedirectUri, StringComparison.Ordinal);
        using (HttpResponseMessage gone = await api.SendAsync(HttpMethod.Delete, Path(a.Name)))
            Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
        Assert.Equal("of-b", (await api.GetAsync<SignInProviderDto>(Path(b.Name))).ClientId);
    }

    [Fact]
    public async Task The_secret_is_sealed_stays_where_none_is_given_and_goes_to_no_other_issuer()
    {
        ApplyReport a = await api.CreateTenantAsync("a");
        string issuer = api.Issuers.Add($"https://login.{a.Name}.example"), other = api.Issuers.Add($"https://other.{a.Name}.example");
        (await PutAsync(a.Name, Wish(issuer, "pbx", Secret))).Dispose();
        byte[] first = await SealedAsync(a.Id);
        Assert.Equal(-1, first.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(Secret)));
        using (HttpResponseMessage kept = await PutAsync(a.Name, Wish(issuer, "pbx-2", null)))
            Assert.Equal(HttpStatusCode.OK, kept.StatusCode);
        Assert.Equal(first, await SealedAsync(a.Id));
        using HttpResponseMessage refused = await PutAsync(a.Name, Wish(other, "pbx-2", null));
        await RefusedAsync(refused, "$.clientSecret", "another issuer");
    }

    [Fact]
    public async Task What_cannot_be_used_is_refused_with_what_to_do()
    {
        ApplyReport a = await api.CreateTenantAsync("a");
        string host = $"login.{a.Name}.example";
        api.Issuers.Add($"https://slash.{host}", $"https://slash.{host}/");
        api.Issuers.Add($"https://plain.{host}", tokenEndpoint: $"http://plain.{host}/token");
        api.Issuers.Documents[$"https://page.{host}/.well-known/openid-configuration"] = "<html>";
        foreach ((string issuer, string sentence) in new[]
        {
            ("http://login.example", "https address"), ("https://login.example/?a=b", "https address"), ("login.example", "https address"), ($"https://inside.{host}", "inside a network"),
            ($"https://away.{host}", "cannot be reached"), ($"https://nothing.{host}", "discovery document"), ($"https://page.{host}", "discovery document"), ($"https://slash.{host}", "to the letter"),
            ($"https://plain.{host}", "each with https"),
        })
        {
            using HttpResponseMessage refused = await PutAsync(a.Name, Wish(issuer, "pbx", Secret));
            await RefusedAsync(refused, "$.issuer", sentence);
        }
        using (HttpResponseMessage refused = await PutAsync(a.Name, Wish(api.Issuers.Add($"https://{host}"), "pbx", null)))
            await RefusedAsync(refused, "$.clientSecret", "new provider");
        using (HttpResponseMessage refused = await PutAsync(a.Name, """{"issuer":"https://login.example","clientId":"pbx","clientSecret":"s","mailDomain":"alice@acme.example"}"""))
            await RefusedAsync(refused, "$.mailDomain", "domain name");
        using HttpResponseMessage none = await api.SendAsync(HttpMethod.Get, Path(a.Name));
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    [Fact]
    public async Task Somebody_elses_change_is_not_overwritten()
    {
        ApplyReport a = await api.CreateTenantAsync("a");
        string issuer = api.Issuers.Add($"https://login.{a.Name}.example");
        using HttpResponseMessage made = await PutAsync(a.Name, Wish(issuer, "pbx", Secret));
        string tag = made.Headers.ETag!.ToString();
        (await PutAsync(a.Name, Wish(issuer, "changed", null))).Dispose();
        using HttpResponseMessage refused = await api.SendAsync(HttpMethod.Put, Path(a.Name), Wish(issuer, "pbx", null), tag);
        Assert.Equal(HttpStatusCode.PreconditionFailed, refused.StatusCode);
        Assert.Equal("changed", (await api.GetAsync<SignInProviderDto>(Path(a.Name))).ClientId);
    }

    private static string Path(string tenant) => $"/v1/tenants/{tenant}/sign-in-provider";

    private static string Wish(string issuer, string client, string? secret) =>
        $$"""{"issuer":"{{issuer}}","clientId":"{{client}}"{{(secret is null ? "" : $",\"clientSecret\":\"{secret}\"")}},"mailDomain":"Acme.example"}""";

    private Task<HttpResponseMessage> PutAsync(string tenant, string json) => api.SendAsync(HttpMethod.Put, Path(tenant), json);

    private static async Task RefusedAsync(HttpResponseMessage response, string place, string sentence)
    {
        string text = await response.Content.ReadAsStringAsync(Cancel);
        Assert.True(response.StatusCode == HttpStatusCode.BadRequest, text);
        Assert.Contains($"\"{place}\"", text, StringComparison.Ordinal);
        Assert.Contains(sentence, text, StringComparison.Ordinal);
    }

    private async Task<byte[]> SealedAsync(TenantId tenant)
    {
        await using PbxDbContext db = api.Services.GetRequiredService<IPbxDatabase>().OpenTenant(tenant);
        return (await db.SignInProviders.AsNoTracking().SingleAsync(Cancel)).SealedSecret;
    }
}
