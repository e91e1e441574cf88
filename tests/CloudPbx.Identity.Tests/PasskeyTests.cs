using System.Net;
using CloudPbx.Contracts.Identity;
using CloudPbx.Data.Users;
using CloudPbx.Hosting.Web.Addresses;
using CloudPbx.Identity.Tests.Hosting;
using CloudPbx.Identity.Users;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Identity.Tests;

public sealed class SqlitePasskeyTests(SqliteIdentity identity) : PasskeyTests<SqliteIdentity>(identity);

public sealed class PostgresPasskeyTests(PostgresIdentity identity) : PasskeyTests<PostgresIdentity>(identity);

/// <summary>Passkeys (WebAuthn), by an authenticator of the tests' own.</summary>
public abstract class PasskeyTests<TIdentity>(TIdentity identity) : IClassFixture<TIdentity>
    where TIdentity : TestIdentity
{
    private const string List = "/account/passkeys";

    private TestIdentity Identity => identity;

    [Fact]
    public async Task A_passkey_signs_in_without_password_and_second_step_and_is_renamed_and_removed()
    {
        GlobalUser user = await Identity.CreateUserAsync();
        await Identity.ChangeUserAsync(user.Id, (users, row) => users.ResetAuthenticatorKeyAsync(row));
        using TestAuthenticator key = new();
        TestBrowser owner = await SignedInAsync(user);
        await AddAsync(owner, key, "laptop");
        await Identity.ChangeUserAsync(user.Id, (users, row) => users.SetTwoFactorEnabledAsync(row, true));

        TestBrowser browser = Identity.Browser("Chrome/140");
        (await browser.GetAsync("/account/signin?returnUrl=%2Ft%2Facme")).Dispose();
        Assert.Contains("/account/passkey?returnUrl=%2Ft%2Facme", browser.Page, StringComparison.Ordinal);
        (await browser.GetAsync("/account/passkey?returnUrl=%2Ft%2Facme")).Dispose();
        using (HttpResponseMessage entered = await browser.SubmitAsync(("credential", key.Get(browser.PasskeyOptions()))))
            Assert.Equal("/t/acme", entered.Headers.Location?.ToString());
        IReadOnlyList<GlobalSession> sessions = await Identity.Services.GetRequiredService<SessionStore>().ListAsync(user.Id, Identity.Time.GetUtcNow().UtcDateTime, TestContext.Current.CancellationToken);
        Assert.Equal(SignInMethod.Passkey, sessions.Single(s => s.UserAgent == "Chrome/140").Method);

        (await browser.GetAsync(List)).Dispose();
        Assert.Contains("value=\"laptop\"", browser.Page, StringComparison.Ordinal);
        (await browser.SubmitToAsync(List + "/rename", ("name", "old laptop"))).Dispose();
        (await browser.GetAsync(List)).Dispose();
        Assert.Contains("value=\"old laptop\"", browser.Page, StringComparison.Ordinal);
        (await browser.SubmitToAsync(List + "/remove")).Dispose();
        (await browser.GetAsync(List)).Dispose();
        Assert.DoesNotContain("old laptop", browser.Page, StringComparison.Ordinal);
        using HttpResponseMessage removed = await EnterAsync(Identity.Browser(), key);
        Assert.Equal(HttpStatusCode.BadRequest, removed.StatusCode);
    }

    [Theory]
    [InlineData("https://evil.example", true)]                                          // WebAuthn §7.2 step 13
    [InlineData("https://pbx.test:9443", true)]
    [InlineData(TestIdentity.Address, false)]                                           // §7.2 step 17: it was not unlocked
    public async Task A_passkey_used_by_another_site_or_by_who_did_not_unlock_it_is_refused(string origin, bool unlocked)
    {
        GlobalUser user = await Identity.CreateUserAsync();
        using TestAuthenticator key = new();
        await AddAsync(await SignedInAsync(user), key, "key");
        (key.Origin, key.UnlocksIt) = (origin, unlocked);
        TestBrowser browser = Identity.Browser();
        using HttpResponseMessage refused = await EnterAsync(browser, key);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("role=\"alert\"", browser.Page, StringComparison.Ordinal);
        using HttpResponseMessage home = await browser.GetAsync("/account");
        Assert.Equal(HttpStatusCode.Found, home.StatusCode);
    }

    [Fact]
    public async Task An_answer_counts_once_and_in_the_browser_that_was_asked()
    {
        GlobalUser user = await Identity.CreateUserAsync();
        using TestAuthenticator key = new();
        await AddAsync(await SignedInAsync(user), key, "key");
        TestBrowser browser = Identity.Browser(), other = Identity.Browser();
        (await browser.GetAsync("/account/passkey")).Dispose();
        (await other.GetAsync("/account/passkey")).Dispose();
        string answer = key.Get(browser.PasskeyOptions());
        using HttpResponseMessage elsewhere = await other.SubmitAsync(("credential", answer));
        Assert.Equal(HttpStatusCode.BadRequest, elsewhere.StatusCode);
        using HttpResponseMessage once = await browser.SubmitAsync(("credential", answer));
        Assert.Equal(HttpStatusCode.Found, once.StatusCode);
        using HttpResponseMessage twice = await browser.SubmitAsync(("credential", answer));
        Assert.Equal(HttpStatusCode.BadRequest, twice.StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("not JSON at all")]
    [InlineData("{\"id\":\"AAAA\",\"rawId\":\"AAAA\",\"type\":\"public-key\",\"response\":{},\"clientExtensionResults\":{}}")]
    public async Task Nonsense_is_refused_with_a_sentence(string credential)
    {
        TestBrowser browser = Identity.Browser();
        (await browser.GetAsync("/account/passkey")).Dispose();
        using HttpResponseMessage refused = await browser.SubmitAsync(("credential", credential));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("Try again", browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_passkey_of_a_disabled_account_opens_nothing()
    {
        GlobalUser user = await Identity.CreateUserAsync();
        using TestAuthenticator key = new();
        await AddAsync(await SignedInAsync(user), key, "key");
        await Identity.ChangeUserAsync(user.Id, (users, row) =>
        {
            row.Enabled = false;
            return users.UpdateAsync(row);
        });
        using HttpResponseMessage refused = await EnterAsync(Identity.Browser(), key);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    [Fact]
    public async Task Whoever_finds_an_open_browser_adds_no_passkey_to_it()
    {
        GlobalUser user = await Identity.CreateUserAsync();
        TestBrowser browser = await SignedInAsync(user);
        (await browser.GetAsync(List)).Dispose();
        string question = browser.PasskeyOptions();
        Identity.Time.Advance(TimeSpan.FromMinutes(16));
        using TestAuthenticator key = new();
        using HttpResponseMessage refused = await browser.SubmitAsync(("name", "mine"), ("credential", key.Create(question)));
        Assert.StartsWith("/account/signin", refused.Headers.Location?.ToString(), StringComparison.Ordinal);
        (await browser.GetAsync(List)).Dispose();
        Assert.DoesNotContain("data-passkey", browser.Page, StringComparison.Ordinal);
        Assert.Contains("Sign in again to add a passkey", browser.Page, StringComparison.Ordinal);
        (await browser.GetAsync("/account/signin?returnUrl=%2Faccount%2Fpasskeys")).Dispose();
        Assert.Equal(List, await browser.SignInAsync(user.UserName));
        await AddAsync(browser, key, "mine");
    }

    [Fact]
    public async Task A_passkey_made_for_one_account_is_not_added_to_another_and_nobody_touches_anothers()
    {
        GlobalUser user = await Identity.CreateUserAsync(), other = await Identity.CreateUserAsync();
        using TestAuthenticator key = new(), own = new();
        TestBrowser browser = await SignedInAsync(user);
        (await browser.GetAsync(List)).Dispose();
        string answer = key.Create(browser.PasskeyOptions());
        await browser.SignInAnewAsync(other.UserName);
        using HttpResponseMessage refused = await browser.PostAsync(List, ("name", "key"), ("credential", answer));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);

        TestBrowser owner = await SignedInAsync(user);
        await AddAsync(owner, own, "own");
        (await owner.GetAsync(List)).Dispose();
        string id = owner.HiddenValue("id");
        (await browser.PostAsync(List + "/remove", ("id", id))).Dispose();
        (await owner.GetAsync(List)).Dispose();
        Assert.Contains("value=\"own\"", owner.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_these_pages_run_a_script_and_only_ours()
    {
        TestBrowser browser = Identity.Browser();
        using HttpResponseMessage page = await browser.GetAsync("/account/passkey");
        string policy = page.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.EndsWith("script-src 'self'", policy, StringComparison.Ordinal);
        Assert.Single(System.Text.RegularExpressions.Regex.Matches(browser.Page, "<script"));
        using HttpResponseMessage script = await browser.GetAsync("/account/passkey.js");
        Assert.Equal("text/javascript", script.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("https://192.0.2.1:8443", false)]
    [InlineData("https://[2001:db8::1]:8443", false)]
    [InlineData("https://localhost:8443", true)]
    public void There_are_no_passkeys_for_an_IP_address(string address, bool possible)            // WebAuthn §5.1.2
    {
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection([new("PublicUrl", address)]).Build();
        Assert.Equal(possible, new PasskeyRules(PublicUrl.Of(configuration)).Possible);
    }

    private async Task<TestBrowser> SignedInAsync(GlobalUser user)
    {
        TestBrowser browser = Identity.Browser();
        await browser.SignInAnewAsync(user.UserName);
        return browser;
    }

    private static async Task AddAsync(TestBrowser browser, TestAuthenticator key, string name)
    {
        (await browser.GetAsync(List)).Dispose();
        using HttpResponseMessage added = await browser.SubmitAsync(("name", name), ("credential", key.Create(browser.PasskeyOptions())));
        Assert.True(added.StatusCode == HttpStatusCode.Found, browser.Page);
    }

    private static async Task<HttpResponseMessage> EnterAsync(TestBrowser browser, TestAuthenticator key)
    {
        (await browser.GetAsync("/account/passkey")).Dispose();
        return await browser.SubmitAsync(("credential", key.Get(browser.PasskeyOptions())));
    }
}
