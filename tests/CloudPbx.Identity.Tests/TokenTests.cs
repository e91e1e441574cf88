using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Clients;
using CloudPbx.Data.Users;
using CloudPbx.Identity.Tests.Hosting;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.IdentityModel.JsonWebTokens;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace CloudPbx.Identity.Tests;

public sealed class SqliteTokenTests(SqliteIdentity identity) : TokenTests<SqliteIdentity>(identity);

public sealed class PostgresTokenTests(PostgresIdentity identity) : TokenTests<PostgresIdentity>(identity);

/// <summary>The protocol: OpenID Connect Core, RFC 6749, RFC 7636.</summary>
public abstract class TokenTests<TIdentity>(TIdentity identity) : IClassFixture<TIdentity>
    where TIdentity : TestIdentity
{
    private TestIdentity Identity => identity;

    [Fact]
    public async Task Discovery_names_the_public_address_in_everything()
    {
        using HttpResponseMessage response = await Identity.Browser().GetAsync("/.well-known/openid-configuration");
        JsonElement document = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(TestIdentity.Address + "/", document.GetProperty("issuer").GetString());
        Assert.Equal(TestIdentity.Address + "/connect/token", document.GetProperty("token_endpoint").GetString());
        Assert.Equal(["S256"], document.GetProperty("code_challenge_methods_supported").EnumerateArray().Select(m => m.GetString()));
        using HttpResponseMessage keys = await Identity.Browser().GetAsync("/.well-known/jwks");
        string jwks = await keys.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("\"RS256\"", jwks, StringComparison.Ordinal);
        Assert.DoesNotContain("\"d\"", jwks, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_portal_signs_a_user_in_and_both_tokens_say_who_they_are()
    {
        (TenantId tenant, ExtensionId extension) = await Identity.CreateTenantAsync();
        GlobalUser user = await Identity.CreateUserAsync(UserRole.User, tenant, extension);
        TestBrowser browser = Identity.Browser();
        (string code, string verifier) = await browser.AuthorizeAsync(user.UserName);
        (HttpStatusCode status, JsonElement tokens) = await browser.RedeemAsync(code, verifier);
        Assert.True(status == HttpStatusCode.OK, tokens.ToString());
        foreach (string which in new[] { "access_token", "id_token" })
        {
            JsonWebToken token = new(tokens.GetProperty(which).GetString());
            Assert.Equal("RS256", token.Alg);
            Assert.Equal(TestIdentity.Address + "/", token.Issuer);
            Assert.Equal(user.Id.ToString(), token.Subject);
            Assert.Equal("Alice Example", token.GetClaim("name").Value);
            Assert.Equal(user.Email, token.GetClaim("email").Value);
            Assert.Equal("user", token.GetClaim("role").Value);
            Assert.Equal(tenant.ToString(), token.GetClaim("tenant").Value);
            Assert.Equal("100", token.GetClaim("extension").Value);
            Assert.True(token.ValidTo - token.IssuedAt <= TimeSpan.FromMinutes(15), which);                  // S30
        }
        Assert.Equal(["api"], new JsonWebToken(tokens.GetProperty("access_token").GetString()).Audiences);
        Assert.Equal(["portal"], new JsonWebToken(tokens.GetProperty("id_token").GetString()).Audiences);

        HttpRequestMessage request = new(HttpMethod.Get, "/connect/userinfo");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tokens.GetProperty("access_token").GetString());
        using HttpResponseMessage info = await browser.SendAsync(request);
        JsonElement claims = JsonSerializer.Deserialize<JsonElement>(await info.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(tenant.ToString(), claims.GetProperty("tenant").GetString());
    }

    [Fact]
    public async Task A_code_needs_its_verifier_and_works_once()                        // RFC 7636 §4.6, RFC 6749 §4.1.2
    {
        GlobalUser user = await Identity.CreateUserAsync();
        TestBrowser browser = Identity.Browser();
        (string code, string verifier) = await browser.AuthorizeAsync(user.UserName);
        (HttpStatusCode stolen, JsonElement fault) = await browser.RedeemAsync(code, "another-verifier-that-is-long-enough-to-be-one");
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_grant"), (stolen, fault.GetProperty("error").GetString()));
        (code, verifier) = await browser.AuthorizeAsync(user.UserName);
        Assert.Equal(HttpStatusCode.OK, (await browser.RedeemAsync(code, verifier)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await browser.RedeemAsync(code, verifier)).Status);
    }

    [Fact]
    public async Task A_request_without_a_challenge_is_refused()
    {
        TestBrowser browser = Identity.Browser();
        using HttpResponseMessage response = await browser.GetAsync("/connect/authorize?client_id=portal&response_type=code&scope=openid&redirect_uri=" + Uri.EscapeDataString(TestBrowser.Callback));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("code_challenge", browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redirect_to_elsewhere_is_a_page_and_no_redirect()              // RFC 6749 §3.1.2.4
    {
        TestBrowser browser = Identity.Browser();
        using HttpResponseMessage response = await browser.GetAsync(TestBrowser.AuthorizePath("v", callback: "https://evil.example/signin-oidc"));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Null(response.Headers.Location);
        Assert.Contains("The request was refused", browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_refresh_gives_a_new_token_and_an_old_one_ends_the_whole_sign_in()
    {
        GlobalUser user = await Identity.CreateUserAsync();
        TestBrowser browser = Identity.Browser();
        (string code, string verifier) = await browser.AuthorizeAsync(user.UserName);
        string first = (await browser.RedeemAsync(code, verifier)).Answer.GetProperty("refresh_token").GetString()!;
        (HttpStatusCode status, JsonElement renewed) = await browser.RefreshAsync(first);
        Assert.True(status == HttpStatusCode.OK, renewed.ToString());
        string second = renewed.GetProperty("refresh_token").GetString()!;
        Assert.NotEqual(first, second);
        Identity.Time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal("invalid_grant", (await browser.RefreshAsync(first)).Answer.GetProperty("error").GetString());         // RFC 9700 §4.14.2
        Assert.Equal("invalid_grant", (await browser.RefreshAsync(second)).Answer.GetProperty("error").GetString());
    }

    [Fact]
    public async Task A_refresh_says_what_is_true_now_and_ends_with_password_and_account()
    {
        GlobalUser user = await Identity.CreateUserAsync(UserRole.Operator);
        TestBrowser browser = Identity.Browser();
        (string code, string verifier) = await browser.AuthorizeAsync(user.UserName);
        string token = (await browser.RedeemAsync(code, verifier)).Answer.GetProperty("refresh_token").GetString()!;
        await Identity.ChangeUserAsync(user.Id, (users, row) =>
        {
            row.DisplayName = "Alice Married";
            return users.UpdateAsync(row);
        });
        (_, JsonElement renewed) = await browser.RefreshAsync(token);
        Assert.Equal("Alice Married", new JsonWebToken(renewed.GetProperty("access_token").GetString()).GetClaim("name").Value);
        await Identity.ChangeUserAsync(user.Id, (users, row) => users.ChangePasswordAsync(row, TestIdentity.Password, "another horse battery"));
        Assert.Equal("invalid_grant", (await browser.RefreshAsync(renewed.GetProperty("refresh_token").GetString()!)).Answer.GetProperty("error").GetString());
    }

    [Fact]
    public async Task A_program_gets_a_token_of_its_role_by_its_secret()               // RFC 6749 §4.4
    {
        (TenantId tenant, _) = await Identity.CreateTenantAsync();
        string id = $"key-{Guid.NewGuid():N}";
        await CreateKeyAsync(id, tenant);
        TestBrowser browser = Identity.Browser();
        (HttpStatusCode status, JsonElement answer) = await browser.TokenAsync(("client_id", id), ("client_secret", "its secret"), ("grant_type", "client_credentials"));
        Assert.True(status == HttpStatusCode.OK, answer.ToString());
        JsonWebToken token = new(answer.GetProperty("access_token").GetString());
        Assert.Equal("client:" + id, token.Subject);
        Assert.Equal("administrator", token.GetClaim("role").Value);
        Assert.Equal(tenant.ToString(), token.GetClaim("tenant").Value);
        Assert.Equal(["api"], token.Audiences);
        (status, _) = await browser.TokenAsync(("client_id", id), ("client_secret", "not its secret"), ("grant_type", "client_credentials"));
        Assert.Equal(HttpStatusCode.Unauthorized, status);
        (status, _) = await browser.TokenAsync(("grant_type", "client_credentials"));                                     // the portal acts for users only
        Assert.Equal(HttpStatusCode.BadRequest, status);
    }

    [Fact]
    public async Task A_program_of_others_asks_the_user_once_and_a_refusal_is_told_to_it()
    {
        GlobalUser user = await Identity.CreateUserAsync();
        string id = $"board-{Guid.NewGuid():N}";
        await Identity.CreateClientAsync(
            new GlobalClient(), id, "its secret", Permissions.Endpoints.Authorization, Permissions.Endpoints.Token, Permissions.GrantTypes.AuthorizationCode, Permissions.ResponseTypes.Code,
            Permissions.Scopes.Profile, Permissions.Prefixes.Scope + "api");
        TestBrowser browser = Identity.Browser();
        (await browser.GetAsync("/account/signin")).Dispose();
        await browser.SignInAsync(user.UserName);
        string path = TestBrowser.AuthorizePath("a-verifier-that-is-long-enough-to-be-one-of-them", "openid profile api", id, "https://program.example/callback");
        (await browser.GetAsync(path)).Dispose();
        Assert.Contains("Allow access?", browser.Page, StringComparison.Ordinal);
        using HttpResponseMessage denied = await browser.SubmitAsync(("consent", "deny"));
        Assert.Equal("access_denied", QueryHelpers.ParseQuery(denied.Headers.Location!.Query)["error"].ToString());
        (await browser.GetAsync(path)).Dispose();
        using HttpResponseMessage allowed = await browser.SubmitAsync(("consent", "allow"));
        Assert.NotEmpty(QueryHelpers.ParseQuery(allowed.Headers.Location!.Query)["code"].ToString());
        using HttpResponseMessage again = await browser.GetAsync(path);
        Assert.NotEmpty(QueryHelpers.ParseQuery(again.Headers.Location!.Query)["code"].ToString());
    }

    [Fact]
    public async Task Nobody_signed_in_and_no_page_allowed_is_told_to_the_client()     // OpenID Connect Core §3.1.2.6
    {
        using HttpResponseMessage response = await Identity.Browser().GetAsync(TestBrowser.AuthorizePath("v", prompt: "none"));
        Assert.Equal("login_required", QueryHelpers.ParseQuery(response.Headers.Location!.Query)["error"].ToString());
    }

    [Fact]
    public async Task Signing_out_with_the_users_own_token_asks_nothing_and_leads_back()        // OpenID Connect RP-Initiated Logout §2
    {
        GlobalUser user = await Identity.CreateUserAsync();
        TestBrowser browser = Identity.Browser();
        (string code, string verifier) = await browser.AuthorizeAsync(user.UserName);
        string token = (await browser.RedeemAsync(code, verifier)).Answer.GetProperty("id_token").GetString()!;
        string back = TestIdentity.Address + "/signout-callback-oidc";
        using HttpResponseMessage left = await browser.GetAsync(
            QueryHelpers.AddQueryString("/connect/logout", new Dictionary<string, string?> { ["id_token_hint"] = token, ["post_logout_redirect_uri"] = back, ["state"] = "s" }));
        Assert.StartsWith(back, left.Headers.Location!.ToString(), StringComparison.Ordinal);
        using HttpResponseMessage home = await browser.GetAsync("/account");
        Assert.Equal(HttpStatusCode.Found, home.StatusCode);
    }

    [Fact]
    public async Task Signing_out_without_it_asks_first()
    {
        GlobalUser user = await Identity.CreateUserAsync();
        TestBrowser browser = Identity.Browser();
        (await browser.GetAsync("/account/signin")).Dispose();
        await browser.SignInAsync(user.UserName);
        (await browser.GetAsync("/connect/logout")).Dispose();
        Assert.Contains("Do you want to sign out", browser.Page, StringComparison.Ordinal);
        using HttpResponseMessage left = await browser.SubmitAsync();
        using HttpResponseMessage home = await browser.GetAsync("/account");
        Assert.Equal(HttpStatusCode.Found, home.StatusCode);
    }

    [Fact]
    public async Task S29_the_database_holds_no_key_no_secret_and_no_token_in_clear()
    {
        GlobalUser user = await Identity.CreateUserAsync();
        TestBrowser browser = Identity.Browser();
        (string code, string verifier) = await browser.AuthorizeAsync(user.UserName);
        string refresh = (await browser.RedeemAsync(code, verifier)).Answer.GetProperty("refresh_token").GetString()!;
        string dump = await Identity.DumpAsync();
        Assert.Contains(user.UserName, dump, StringComparison.Ordinal);                // it is a dump of the right thing
        Assert.DoesNotContain(TestIdentity.PortalSecret, dump, StringComparison.Ordinal);
        Assert.DoesNotContain(TestIdentity.Password, dump, StringComparison.Ordinal);
        Assert.DoesNotContain(refresh, dump, StringComparison.Ordinal);
        Assert.DoesNotContain("<masterKey", dump, StringComparison.Ordinal);
        if (Identity.FirstLink is { } link)
            Assert.DoesNotContain(link[(link.IndexOf('=', StringComparison.Ordinal) + 1)..], dump, StringComparison.Ordinal);
    }

    private Task CreateKeyAsync(string id, TenantId tenant) => Identity.CreateClientAsync(
        new GlobalClient { Role = UserRole.Administrator, TenantId = tenant }, id, "its secret",
        Permissions.Endpoints.Token, Permissions.GrantTypes.ClientCredentials, Permissions.Prefixes.Scope + "api");
}
