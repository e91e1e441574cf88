using System.Net;
using CloudPbx.Contracts.Identity;
using CloudPbx.Data.Users;
using CloudPbx.Identity.Tests.Hosting;
using CloudPbx.Identity.Users;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Identity.Tests;

public sealed class SqliteSignInTests(SqliteIdentity identity) : SignInTests<SqliteIdentity>(identity);

public sealed class PostgresSignInTests(PostgresIdentity identity) : SignInTests<PostgresIdentity>(identity);

/// <summary>The pages, as a browser without scripts sees them.</summary>
public abstract class SignInTests<TIdentity>(TIdentity identity) : IClassFixture<TIdentity>
    where TIdentity : TestIdentity
{
    private TestIdentity Identity => identity;

    [Fact]
    public async Task The_first_operator_chooses_a_password_by_a_link_that_works_once()
    {
        TestBrowser browser = Identity.Browser();
        string link = Identity.FirstLink!;
        Assert.StartsWith(TestIdentity.Address + "/account/password?token=", link, StringComparison.Ordinal);
        (await browser.GetAsync(link)).Dispose();
        Assert.Contains("operator", browser.Page, StringComparison.Ordinal);
        (await browser.SubmitAsync(("password", "short"), ("again", "short"))).Dispose();                    // a refused password leaves the link as it was
        Assert.Contains("too short", browser.Page, StringComparison.Ordinal);
        (await browser.SubmitAsync(("password", "operator12"), ("again", "operator12"))).Dispose();
        Assert.Contains("guessed too easily", browser.Page, StringComparison.Ordinal);
        (await browser.SubmitAsync(("password", "first operator of all"), ("again", "first operator of it"))).Dispose();
        Assert.Contains("differ", browser.Page, StringComparison.Ordinal);
        using (HttpResponseMessage chosen = await browser.SubmitAsync(("password", "first operator of all"), ("again", "first operator of all")))
            Assert.Equal("/", chosen.Headers.Location!.ToString());                                            // signed in, and on to the portal
        (await browser.GetAsync("/account")).Dispose();
        Assert.Contains("(operator)", browser.Page, StringComparison.Ordinal);
        TestBrowser other = Identity.Browser();
        (await other.GetAsync("/account/signin")).Dispose();
        Assert.Equal("/account", await other.SignInAsync("operator", "first operator of all"));
        using HttpResponseMessage again = await Identity.Browser().GetAsync(link);
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
    }

    [Theory]
    [InlineData("/signin?return=%2Ft%2Facme%2Fwelcome", "/signin?return=%2Ft%2Facme%2Fwelcome")]
    [InlineData("https://elsewhere.example/", "/")]
    [InlineData("//elsewhere.example/", "/")]
    public async Task After_a_link_the_way_goes_on_to_where_it_was_meant_for_and_never_to_another_site(string target, string expected)
    {
        GlobalUser user = await Identity.CreateUserAsync();
        TestBrowser browser = Identity.Browser();
        (await browser.GetAsync($"/account/password?token={await LinkAsync(user)}&returnUrl={Uri.EscapeDataString(target)}")).Dispose();
        using HttpResponseMessage chosen = await browser.SubmitAsync(("password", "another horse battery"), ("again", "another horse battery"));
        Assert.Equal(expected, chosen.Headers.Location!.ToString());
    }

    [Fact]
    public async Task A_link_does_not_pass_over_the_second_step()
    {
        GlobalUser user = await Identity.CreateUserAsync();
        await Identity.ChangeUserAsync(user.Id, async (users, row) =>
        {
            await users.ResetAuthenticatorKeyAsync(row);
            await users.SetTwoFactorEnabledAsync(row, true);
        });
        TestBrowser browser = Identity.Browser();
        (await browser.GetAsync($"/account/password?token={await LinkAsync(user)}&returnUrl=%2Ft%2Facme")).Dispose();
        (await browser.SubmitAsync(("password", "another horse battery"), ("again", "another horse battery"))).Dispose();
        Assert.Contains("Your password is set", browser.Page, StringComparison.Ordinal);
        Assert.DoesNotContain("token=", browser.Page, StringComparison.Ordinal);
        Assert.Equal("/account/second-step?returnUrl=%2Ft%2Facme", await browser.SignInAsync(user.UserName, "another horse battery"));
    }

    [Fact]
    public async Task A_wrong_password_and_an_unknown_name_get_the_same_answer()
    {
        GlobalUser user = await Identity.CreateUserAsync();
        TestBrowser browser = Identity.Browser();
        (await browser.GetAsync("/account/signin")).Dispose();
        using HttpResponseMessage wrong = await browser.SubmitAsync(("name", user.UserName), ("password", "wrong horse battery"));
        string atWrong = browser.Page.Replace(user.UserName, "NAME", StringComparison.Ordinal);
        using HttpResponseMessage unknown = await browser.SubmitAsync(("name", "nobody@example.com"), ("password", "wrong horse battery"));
        string atUnknown = browser.Page.Replace("nobody@example.com", "NAME", StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Equal(wrong.StatusCode, unknown.StatusCode);
        Assert.Equal(WithoutToken(atWrong), WithoutToken(atUnknown));
        Assert.Contains("role=\"alert\"", atWrong, StringComparison.Ordinal);

        static string WithoutToken(string page) => System.Text.RegularExpressions.Regex.Replace(page, "value=\"CfDJ8[^\"]*\"", "");
    }

    [Fact]
    public async Task Five_wrong_passwords_lock_the_account_for_a_while_also_for_the_right_one()
    {
        GlobalUser user = await Identity.CreateUserAsync();
        TestBrowser browser = Identity.Browser();
        (await browser.GetAsync("/account/signin")).Dispose();
        for (int i = 0; i < 5; i++)
            (await browser.SubmitAsync(("name", user.UserName), ("password", "wrong horse battery"))).Dispose();
        (await browser.SubmitAsync(("name", user.UserName), ("password", TestIdentity.Password))).Dispose();
        Assert.Contains("Too many failed attempts", browser.Page, StringComparison.Ordinal);
        await Identity.ChangeUserAsync(user.Id, (users, row) => users.SetLockoutEndDateAsync(row, DateTimeOffset.UtcNow.AddSeconds(-1)));
        Assert.Equal("/account", await browser.SignInAsync(user.UserName));
    }

    [Fact]
    public async Task A_disabled_account_cannot_sign_in_and_what_it_has_ends()
    {
        GlobalUser user = await Identity.CreateUserAsync();
        TestBrowser browser = Identity.Browser();
        (await browser.GetAsync("/account/signin")).Dispose();
        await browser.SignInAsync(user.UserName);
        await Identity.ChangeUserAsync(user.Id, (users, row) =>
        {
            row.Enabled = false;
            return users.UpdateAsync(row);
        });
        using HttpResponseMessage home = await browser.GetAsync("/account");
        Assert.Equal(HttpStatusCode.Found, home.StatusCode);
        (await browser.GetAsync("/account/signin")).Dispose();
        using HttpResponseMessage refused = await browser.SubmitAsync(("name", user.UserName), ("password", TestIdentity.Password));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    [Fact]
    public async Task The_second_step_takes_a_code_of_the_app_once_and_recovery_codes_once()
    {
        GlobalUser user = await Identity.CreateUserAsync();
        TestBrowser browser = Identity.Browser();
        (await browser.GetAsync("/account/signin")).Dispose();
        await browser.SignInAsync(user.UserName);
        (await browser.GetAsync("/account/authenticator")).Dispose();
        string key = System.Text.RegularExpressions.Regex.Match(browser.Page, "<code>([A-Z2-7]{32})</code>").Groups[1].Value;
        Assert.Contains("data:image/svg+xml", browser.Page, StringComparison.Ordinal);
        using HttpResponseMessage on = await browser.SubmitAsync(("code", Code(key)));
        string[] codes = [.. System.Text.RegularExpressions.Regex.Matches(browser.Page, "<code>([^<]+)</code>").Select(m => m.Groups[1].Value)];
        Assert.True(codes.Length == 10, browser.Page);

        TestBrowser other = Identity.Browser();
        (await other.GetAsync("/account/signin?returnUrl=%2Faccount")).Dispose();
        string step = await other.SignInAsync(user.UserName);
        Assert.StartsWith("/account/second-step", step, StringComparison.Ordinal);
        (await other.GetAsync(step)).Dispose();
        (await other.SubmitAsync(("code", Code(key)))).Dispose();                        // RFC 6238 §5.2: it was used to turn the second step on
        Assert.Contains("was used already", other.Page, StringComparison.Ordinal);
        using HttpResponseMessage notYet = await other.GetAsync("/account");
        Assert.Equal(HttpStatusCode.Found, notYet.StatusCode);
        Identity.Time.Advance(TimeSpan.FromSeconds(60));
        (await other.GetAsync(step)).Dispose();
        using HttpResponseMessage done = await other.SubmitAsync(("code", Code(key)));
        Assert.Equal(HttpStatusCode.Found, done.StatusCode);

        foreach (bool first in new[] { true, false })
        {
            TestBrowser lost = Identity.Browser();
            (await lost.GetAsync("/account/signin")).Dispose();
            (await lost.GetAsync(await lost.SignInAsync(user.UserName) + "?recovery=1")).Dispose();
            using HttpResponseMessage answer = await lost.SubmitAsync(("recovery", codes[0]));
            Assert.Equal(first ? HttpStatusCode.Found : HttpStatusCode.BadRequest, answer.StatusCode);
        }
        Assert.DoesNotContain(key, await Identity.DumpAsync(), StringComparison.Ordinal);              // S29
        Assert.DoesNotContain(codes[1], await Identity.DumpAsync(), StringComparison.Ordinal);

        string Code(string secret) => AuthenticatorCodes.Compute(Base32.Decode(secret), Identity.Time.GetUtcNow().ToUnixTimeSeconds() / 30).ToString("D6", null);
    }

    [Fact]
    public async Task A_new_password_ends_every_other_sign_in()
    {
        GlobalUser user = await Identity.CreateUserAsync();
        TestBrowser here = Identity.Browser(), elsewhere = Identity.Browser();
        foreach (TestBrowser browser in new[] { here, elsewhere })
        {
            (await browser.GetAsync("/account/signin")).Dispose();
            await browser.SignInAsync(user.UserName);
        }
        (await here.GetAsync("/account/password")).Dispose();
        using HttpResponseMessage changed = await here.SubmitAsync(("current", TestIdentity.Password), ("password", "another horse battery"), ("again", "another horse battery"));
        Assert.Equal("/account", changed.Headers.Location?.ToString());
        Identity.Time.Advance(TimeSpan.FromMinutes(2));                                 // cookies are compared with the account once a minute
        using HttpResponseMessage stays = await here.GetAsync("/account");
        using HttpResponseMessage ends = await elsewhere.GetAsync("/account");
        Assert.Equal(HttpStatusCode.OK, stays.StatusCode);
        Assert.Equal(HttpStatusCode.Found, ends.StatusCode);
    }

    [Theory]
    [InlineData("zh-CN,zh;q=0.9,en;q=0.5", "zh", "登录")]
    [InlineData("en-GB", "en", "Sign in")]
    [InlineData("fr", "en", "Sign in")]
    [InlineData(null, "en", "Sign in")]
    public async Task The_page_speaks_the_browsers_language(string? wish, string language, string title)
    {
        TestBrowser browser = Identity.Browser();
        (await browser.GetAsync("/account/signin", wish)).Dispose();
        Assert.Contains($"<html lang=\"{language}\">", browser.Page, StringComparison.Ordinal);
        Assert.Contains($"<h1>{title}</h1>", browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chosen_language_is_remembered()
    {
        TestBrowser browser = Identity.Browser();
        (await browser.GetAsync("/account/signin?lang=zh", "en")).Dispose();
        (await browser.GetAsync("/account/signin", "en")).Dispose();
        Assert.Contains("<html lang=\"zh\">", browser.Page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example/")]
    [InlineData("/%09/evil.example/")]
    [InlineData("javascript:alert(1)")]
    public async Task A_sign_in_never_leads_to_another_site(string target)
    {
        GlobalUser user = await Identity.CreateUserAsync();
        TestBrowser browser = Identity.Browser();
        (await browser.GetAsync("/account/signin?returnUrl=" + Uri.EscapeDataString(target))).Dispose();
        string leadsTo = await browser.SignInAsync(user.UserName);
        Assert.DoesNotContain("evil", new Uri(new Uri(TestIdentity.Address), leadsTo).Host, StringComparison.Ordinal);
        Assert.StartsWith("/", leadsTo, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_forged_form_is_refused()
    {
        GlobalUser user = await Identity.CreateUserAsync();
        using FormUrlEncodedContent form = new(new Dictionary<string, string> { ["name"] = user.UserName, ["password"] = TestIdentity.Password });
        using HttpResponseMessage response = await Identity.Browser().SendAsync(new HttpRequestMessage(HttpMethod.Post, "/account/signin") { Content = form });
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.DoesNotContain(response.Headers.SelectMany(h => h.Value), value => value.Contains("cloudpbx-signin", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Pages_run_no_script_and_cannot_be_framed_and_cookies_are_the_hosts_own()
    {
        TestBrowser browser = Identity.Browser();
        using HttpResponseMessage page = await browser.GetAsync("/account/signin");
        string policy = page.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.Equal("no-referrer", page.Headers.GetValues("Referrer-Policy").Single());
        Assert.True(page.Headers.CacheControl?.NoStore);
        Assert.DoesNotContain("<script", browser.Page, StringComparison.OrdinalIgnoreCase);
        Assert.All(page.Headers.GetValues("Set-Cookie"), cookie =>
        {
            Assert.StartsWith("__Host-", cookie, StringComparison.Ordinal);
            Assert.Contains("secure", cookie, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        });
        using HttpResponseMessage style = await browser.GetAsync("/account/site.css");
        Assert.Equal("text/css", style.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task A_name_with_markup_is_text_on_the_page()                          // S22
    {
        TestBrowser browser = Identity.Browser();
        (await browser.GetAsync("/account/signin")).Dispose();
        using HttpResponseMessage response = await browser.SubmitAsync(("name", "\"><script>alert(1)</script>"), ("password", "whatever it is"));
        string raw = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotContain("<script>", raw, StringComparison.Ordinal);
    }

    private Task<string> LinkAsync(GlobalUser user) =>
        Identity.Services.GetRequiredService<OneTimeLinks>().CreateAsync(user.Id, TimeSpan.FromHours(1), TestContext.Current.CancellationToken);
}
