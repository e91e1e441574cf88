using System.Net;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Users;
using CloudPbx.Identity.Tests.Hosting;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Identity.Tests;

public sealed class SqliteProviderTests(ProviderPair<SqliteIdentity> pair) : ProviderTests<SqliteIdentity>(pair);

public sealed class PostgresProviderTests(ProviderPair<PostgresIdentity> pair) : ProviderTests<PostgresIdentity>(pair);

/// <summary>Signing in by a company's own OpenID Connect provider, a real one: Identity once more.</summary>
public abstract class ProviderTests<TIdentity>(ProviderPair<TIdentity> pair) : IClassFixture<ProviderPair<TIdentity>>
    where TIdentity : TestIdentity, new()
{
    private TestIdentity Identity => pair.Identity;

    [Fact]
    public async Task Somebody_who_was_let_in_signs_in_at_their_company_without_a_password_here()
    {
        TenantId tenant = await pair.CreateTenantAsync();
        GlobalUser user = await Identity.CreateUserAsync(UserRole.User, tenant);
        await PersonAsync(user.UserName);
        TestBrowser browser = Identity.Browser("of Alice");
        (await browser.GetAsync("/account/signin?returnUrl=%2Ft%2Facme")).Dispose();
        Assert.Contains("/account/company?returnUrl=%2Ft%2Facme", browser.Page, StringComparison.Ordinal);
        using HttpResponseMessage entered = await browser.GetAsync(await pair.AskAsync(browser, $"t{tenant}", user.UserName));
        Assert.Equal("/t/acme", entered.Headers.Location?.ToString());
        GlobalSession session = Assert.Single(await SessionsAsync(user));
        Assert.Equal((SignInMethod.Provider, "of Alice"), (session.Method, session.UserAgent));
        (await browser.GetAsync("/account")).Dispose();
        Assert.Contains(user.UserName, browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_tenants_provider_never_signs_in_the_people_of_another()
    {
        // Both name the same issuer and the same mail domain; at the provider each person has one subject for both.
        TenantId a = await pair.CreateTenantAsync(), b = await pair.CreateTenantAsync();
        GlobalUser alice = await Identity.CreateUserAsync(UserRole.Administrator, a), bob = await Identity.CreateUserAsync(UserRole.Administrator, b);
        await PersonAsync(alice.UserName);
        await PersonAsync(bob.UserName);

        TestBrowser browser = Identity.Browser();
        using HttpResponseMessage stranger = await browser.GetAsync(await pair.AskAsync(browser, $"t{a}", bob.UserName));
        Assert.Equal(HttpStatusCode.BadRequest, stranger.StatusCode);
        Assert.Contains("nobody has let you in", browser.Page, StringComparison.Ordinal);

        string answerForA = await pair.AskAsync(browser, $"t{a}", alice.UserName);
        using HttpResponseMessage elsewhere = await browser.GetAsync(answerForA.Replace(a.ToString(), b.ToString(), StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.BadRequest, elsewhere.StatusCode);
        Assert.Empty(await SessionsAsync(bob));
        Assert.Empty(await SessionsAsync(alice));

        foreach ((TenantId tenant, GlobalUser user) in new[] { (a, alice), (b, bob) })
        {
            TestBrowser own = Identity.Browser();
            using HttpResponseMessage entered = await own.GetAsync(await pair.AskAsync(own, $"t{tenant}", user.UserName));
            Assert.Equal(HttpStatusCode.Found, entered.StatusCode);
            Assert.Single(await SessionsAsync(user));
        }
    }

    [Fact]
    public async Task Operators_and_resellers_are_nobodys_people()
    {
        TenantId tenant = await pair.CreateTenantAsync();
        GlobalUser mighty = await Identity.CreateUserAsync();
        await PersonAsync(mighty.UserName);
        TestBrowser browser = Identity.Browser();
        using HttpResponseMessage refused = await browser.GetAsync(await pair.AskAsync(browser, $"t{tenant}", mighty.UserName));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Empty(await SessionsAsync(mighty));
    }

    [Fact]
    public async Task An_address_that_the_provider_has_not_verified_opens_nothing()
    {
        TenantId tenant = await pair.CreateTenantAsync();
        GlobalUser user = await Identity.CreateUserAsync(UserRole.User, tenant);
        await PersonAsync(user.UserName, verified: false);
        TestBrowser browser = Identity.Browser();
        using HttpResponseMessage refused = await browser.GetAsync(await pair.AskAsync(browser, $"t{tenant}", user.UserName));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("verified", browser.Page, StringComparison.Ordinal);
        Assert.Empty(await SessionsAsync(user));
    }

    [Fact]
    public async Task An_address_outside_of_the_providers_domain_opens_nothing()
    {
        TenantId tenant = await pair.CreateTenantAsync(mailDomain: "company.example");
        GlobalUser user = await Identity.CreateUserAsync(UserRole.User, tenant);                    // of example.com
        await PersonAsync(user.UserName);
        TestBrowser browser = Identity.Browser();
        using HttpResponseMessage refused = await browser.GetAsync(await pair.AskAsync(browser, $"t{tenant}", user.UserName));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Empty(await SessionsAsync(user));
    }

    [Fact]
    public async Task The_second_step_is_asked_for_all_the_same_and_a_disabled_account_stays_out()
    {
        TenantId tenant = await pair.CreateTenantAsync();
        GlobalUser careful = await Identity.CreateUserAsync(UserRole.User, tenant), disabled = await Identity.CreateUserAsync(UserRole.User, tenant);
        await PersonAsync(careful.UserName);
        await PersonAsync(disabled.UserName);
        await Identity.ChangeUserAsync(careful.Id, async (users, row) =>
        {
            await users.ResetAuthenticatorKeyAsync(row);
            await users.SetTwoFactorEnabledAsync(row, true);
        });
        await Identity.ChangeUserAsync(disabled.Id, (users, row) =>
        {
            row.Enabled = false;
            return users.UpdateAsync(row);
        });
        TestBrowser browser = Identity.Browser(), other = Identity.Browser();
        using HttpResponseMessage step = await browser.GetAsync(await pair.AskAsync(browser, $"t{tenant}", careful.UserName));
        Assert.Equal("/account/second-step?returnUrl=%2Ft%2Facme", step.Headers.Location?.ToString());
        using HttpResponseMessage refused = await other.GetAsync(await pair.AskAsync(other, $"t{tenant}", disabled.UserName));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    [Fact]
    public async Task An_answer_counts_once_and_in_the_browser_that_asked()                         // RFC 6749 §10.12
    {
        TenantId tenant = await pair.CreateTenantAsync();
        GlobalUser user = await Identity.CreateUserAsync(UserRole.User, tenant);
        await PersonAsync(user.UserName);
        TestBrowser browser = Identity.Browser(), victim = Identity.Browser();
        string answer = await pair.AskAsync(browser, $"t{tenant}", user.UserName);
        using HttpResponseMessage elsewhere = await victim.GetAsync(answer);
        Assert.Equal(HttpStatusCode.BadRequest, elsewhere.StatusCode);
        using HttpResponseMessage once = await browser.GetAsync(answer);
        Assert.Equal(HttpStatusCode.Found, once.StatusCode);
        using HttpResponseMessage twice = await browser.GetAsync(answer);
        Assert.Equal(HttpStatusCode.BadRequest, twice.StatusCode);
        Assert.DoesNotContain("code=", browser.Page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/")]
    public async Task It_never_leads_to_another_site(string target)
    {
        TenantId tenant = await pair.CreateTenantAsync();
        GlobalUser user = await Identity.CreateUserAsync(UserRole.User, tenant);
        await PersonAsync(user.UserName);
        TestBrowser browser = Identity.Browser();
        using HttpResponseMessage entered = await browser.GetAsync(await pair.AskAsync(browser, $"t{tenant}", user.UserName, target));
        Assert.Equal("/account", entered.Headers.Location?.ToString());
    }

    [Fact]
    public async Task A_mail_address_leads_to_the_provider_of_its_own_tenant_and_never_to_one_that_claims_its_domain()
    {
        string domain = $"d{Guid.NewGuid():N}.example";
        TenantId a = await pair.CreateTenantAsync(domain), b = (await Identity.CreateTenantAsync()).Tenant;
        string alice = $"alice@{domain}", bob = $"bob@{domain}";
        await Identity.CreateUserAsync(UserRole.User, a, address: alice);
        await Identity.CreateUserAsync(UserRole.User, b, address: bob);
        Assert.Contains(a.ToString(), await SentToAsync(alice.ToUpperInvariant()) ?? "", StringComparison.Ordinal);
        Assert.Contains(a.ToString(), await SentToAsync($"unknown@{domain}") ?? "", StringComparison.Ordinal);      // as if they had an account
        Assert.Null(await SentToAsync(bob));
        TenantId c = await pair.CreateTenantAsync(domain);
        Assert.Null(await SentToAsync($"unknown@{domain}"));                                        // not clear whose
        Assert.Contains(a.ToString(), await SentToAsync(alice) ?? "", StringComparison.Ordinal);
        Assert.Contains(c.ToString(), await SentToAsync($"t{c}") ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_is_not_known_and_what_cannot_be_reached_gets_a_sentence()
    {
        TenantId off = await pair.CreateTenantAsync(enabled: false), inside = await pair.CreateTenantAsync(issuer: "https://inside.example/"), other = await pair.CreateTenantAsync(issuer: "https://login.company.example/other");
        foreach ((string typed, string sentence) in new[]
        {
            ("nobody", "No company"), ("nobody@nowhere.example", "No company"), ($"t{off}", "No company"), ($"t{inside}", "cannot be reached"), ($"t{other}", "cannot be reached"),
        })
        {
            TestBrowser browser = Identity.Browser();
            (await browser.GetAsync("/account/company")).Dispose();
            using HttpResponseMessage answer = await browser.SubmitAsync(("name", typed));
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Contains(sentence, browser.Page, StringComparison.Ordinal);
        }
    }

    /// <summary>Where a browser is sent by what is typed; null for nowhere.</summary>
    private async Task<string?> SentToAsync(string typed)
    {
        TestBrowser browser = Identity.Browser();
        (await browser.GetAsync("/account/company")).Dispose();
        using HttpResponseMessage answer = await browser.SubmitAsync(("name", typed));
        return answer.Headers.Location?.ToString();
    }

    /// <summary>Somebody at the provider.</summary>
    private async Task PersonAsync(string mail, bool verified = true)
    {
        GlobalUser person = await pair.Provider.CreateUserAsync(address: mail);
        await pair.Provider.ChangeUserAsync(person.Id, (users, row) =>
        {
            row.EmailConfirmed = verified;
            return users.UpdateAsync(row);
        });
    }

    private Task<IReadOnlyList<GlobalSession>> SessionsAsync(GlobalUser user) =>
        Identity.Services.GetRequiredService<SessionStore>().ListAsync(user.Id, Identity.Time.GetUtcNow().UtcDateTime, TestContext.Current.CancellationToken);
}
