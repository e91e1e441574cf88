using System.Net;
using System.Text.Json;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Clients;
using CloudPbx.Data.Users;
using CloudPbx.Identity.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;

namespace CloudPbx.Identity.Tests;

public sealed class SqliteSessionTests(SqliteIdentity identity) : SessionTests<SqliteIdentity>(identity);

public sealed class PostgresSessionTests(PostgresIdentity identity) : SessionTests<PostgresIdentity>(identity);

/// <summary>A sign-in is a session: listed, and ended with all that was issued by it.</summary>
public abstract class SessionTests<TIdentity>(TIdentity identity) : IClassFixture<TIdentity>
    where TIdentity : TestIdentity
{
    private TestIdentity Identity => identity;

    private SessionStore Store => Identity.Services.GetRequiredService<SessionStore>();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_browser_is_a_session_that_says_when_and_by_what()
    {
        GlobalUser user = await Identity.CreateUserAsync(), other = await Identity.CreateUserAsync();
        await SignInAsync(Identity.Browser("Firefox/140.0 \u0001of Alice"), user);
        await SignInAsync(Identity.Browser("Chrome/140.0"), user);
        await SignInAsync(Identity.Browser("Safari/26"), other);
        IReadOnlyList<GlobalSession> sessions = await ListAsync(user);
        Assert.Equal(["Chrome/140.0", "Firefox/140.0 of Alice"], sessions.Select(s => s.UserAgent!).Order(StringComparer.Ordinal));
        Assert.All(sessions, session =>
        {
            Assert.Equal(SignInMethod.Password, session.Method);
            Assert.Equal(Identity.Time.GetUtcNow().UtcDateTime, session.StartedAt, TimeSpan.FromSeconds(1));
        });
    }

    [Fact]
    public async Task Ending_a_session_ends_its_cookie_and_its_tokens_at_once_and_no_other()
    {
        GlobalUser user = await Identity.CreateUserAsync();
        TestBrowser lost = Identity.Browser("lost"), here = Identity.Browser("here");
        (JsonElement atLost, JsonElement atHere) = (await TokensAsync(lost, user), await TokensAsync(here, user));
        SessionId session = (await ListAsync(user)).Single(s => s.UserAgent == "lost").Id;
        Assert.Equal(session.ToString(), new JsonWebToken(atLost.GetProperty("access_token").GetString()).GetClaim(TokenClaims.Session).Value);
        Assert.Equal(session.ToString(), new JsonWebToken(atLost.GetProperty("id_token").GetString()).GetClaim(TokenClaims.Session).Value);

        Assert.True(await Store.EndAsync(user.Id, session, Cancel));

        Assert.False(await IsGoodAsync(atLost));
        Assert.Equal("invalid_grant", (await lost.RefreshAsync(atLost.GetProperty("refresh_token").GetString()!)).Answer.GetProperty("error").GetString());
        using HttpResponseMessage out1 = await lost.GetAsync("/account");
        Assert.Equal(HttpStatusCode.Found, out1.StatusCode);
        using HttpResponseMessage silently = await lost.GetAsync(TestBrowser.AuthorizePath("a-verifier-that-is-long-enough-to-be-one-of-them", prompt: "none"));
        Assert.Contains("login_required", silently.Headers.Location!.ToString(), StringComparison.Ordinal);

        Assert.True(await IsGoodAsync(atHere));
        Assert.Equal(HttpStatusCode.OK, (await here.RefreshAsync(atHere.GetProperty("refresh_token").GetString()!)).Status);
        using HttpResponseMessage still = await here.GetAsync("/account");
        Assert.Equal(HttpStatusCode.OK, still.StatusCode);
    }

    [Fact]
    public async Task Nobody_ends_the_session_of_somebody_else()
    {
        GlobalUser user = await Identity.CreateUserAsync(), other = await Identity.CreateUserAsync();
        await SignInAsync(Identity.Browser(), user);
        SessionId session = (await ListAsync(user)).Single().Id;
        Assert.False(await Store.EndAsync(other.Id, session, Cancel));
        await Store.EndOthersAsync(other.Id, null, Cancel);
        Assert.Single(await ListAsync(user));
    }

    [Fact]
    public async Task Signing_out_ends_the_session_and_what_it_gave_to_clients()
    {
        GlobalUser user = await Identity.CreateUserAsync();
        TestBrowser browser = Identity.Browser();
        JsonElement tokens = await TokensAsync(browser, user);
        (await browser.GetAsync("/account")).Dispose();
        (await browser.SubmitToAsync("/account/signout")).Dispose();
        Assert.Empty(await ListAsync(user));
        Assert.False(await IsGoodAsync(tokens));
        Assert.Equal(HttpStatusCode.BadRequest, (await browser.RefreshAsync(tokens.GetProperty("refresh_token").GetString()!)).Status);
    }

    [Fact]
    public async Task A_new_password_leaves_the_session_in_which_it_was_chosen()
    {
        GlobalUser user = await Identity.CreateUserAsync();
        TestBrowser here = Identity.Browser("here");
        await SignInAsync(Identity.Browser("elsewhere"), user);
        await SignInAsync(here, user);
        (await here.GetAsync("/account/password")).Dispose();
        (await here.SubmitAsync(("current", TestIdentity.Password), ("password", "another horse battery"), ("again", "another horse battery"))).Dispose();
        Assert.Equal("here", (await ListAsync(user)).Single().UserAgent);
        using HttpResponseMessage home = await here.GetAsync("/account");
        Assert.Equal(HttpStatusCode.OK, home.StatusCode);
    }

    [Fact]
    public async Task A_password_chosen_by_a_link_ends_every_session_before_it()
    {
        GlobalUser user = await Identity.CreateUserAsync();
        TestBrowser thief = Identity.Browser("thief"), owner = Identity.Browser("owner");
        await SignInAsync(thief, user);
        string token = await Identity.Services.GetRequiredService<OneTimeLinks>().CreateAsync(user.Id, TimeSpan.FromHours(1), Cancel);
        (await owner.GetAsync($"/account/password?token={token}")).Dispose();
        (await owner.SubmitAsync(("password", "another horse battery"), ("again", "another horse battery"))).Dispose();
        GlobalSession left = Assert.Single(await ListAsync(user));
        Assert.Equal(("owner", SignInMethod.Link), (left.UserAgent, left.Method));
        using HttpResponseMessage home = await thief.GetAsync("/account");
        Assert.Equal(HttpStatusCode.Found, home.StatusCode);
    }

    [Fact]
    public async Task A_cookie_that_is_made_anew_stays_its_session_and_who_signs_in_again_gets_no_second_one()
    {
        GlobalUser user = await Identity.CreateUserAsync();
        TestBrowser browser = Identity.Browser();
        await SignInAsync(browser, user);
        SessionId session = (await ListAsync(user)).Single().Id;
        Identity.Time.Advance(TimeSpan.FromMinutes(2));                                 // past the comparison of once a minute
        using HttpResponseMessage home = await browser.GetAsync("/account");
        Assert.Equal(HttpStatusCode.OK, home.StatusCode);
        Identity.Time.Advance(TimeSpan.FromMinutes(2));
        await SignInAsync(browser, user);
        GlobalSession left = Assert.Single(await ListAsync(user));
        Assert.Equal(session, left.Id);
        Assert.Equal(Identity.Time.GetUtcNow().UtcDateTime, left.ProvedAt, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_refresh_is_noted_as_use_and_an_unused_session_ends_by_itself()
    {
        GlobalUser user = await Identity.CreateUserAsync();
        TestBrowser browser = Identity.Browser();
        JsonElement tokens = await TokensAsync(browser, user);
        Identity.Time.Advance(TimeSpan.FromHours(13));                                  // the sign-in page's cookie has ended, the refresh token has not
        Assert.Equal(HttpStatusCode.OK, (await browser.RefreshAsync(tokens.GetProperty("refresh_token").GetString()!)).Status);
        Assert.Equal(Identity.Time.GetUtcNow().UtcDateTime, (await ListAsync(user)).Single().LastUsedAt, TimeSpan.FromSeconds(1));
        Identity.Time.Advance(TimeSpan.FromDays(15));
        Assert.Empty(await ListAsync(user));
    }

    [Fact]
    public async Task Revoking_all_of_somebody_ends_their_sessions()
    {
        GlobalUser user = await Identity.CreateUserAsync();
        JsonElement tokens = await TokensAsync(Identity.Browser(), user);
        await Identity.Services.GetRequiredService<IssuedTokens>().RevokeAsync(user.Id.ToString(), Cancel);
        Assert.Empty(await ListAsync(user));
        Assert.False(await IsGoodAsync(tokens));
    }

    private Task<IReadOnlyList<GlobalSession>> ListAsync(GlobalUser user) => Store.ListAsync(user.Id, Identity.Time.GetUtcNow().UtcDateTime, Cancel);

    private Task<bool> IsGoodAsync(JsonElement tokens) => Identity.Services.GetRequiredService<IssuedTokens>().IsValidAsync(
        Guid.Parse(new JsonWebToken(tokens.GetProperty("access_token").GetString()).GetClaim("oi_tkn_id").Value), Cancel);

    private static async Task<JsonElement> TokensAsync(TestBrowser browser, GlobalUser user)
    {
        (string code, string verifier) = await browser.AuthorizeAsync(user.UserName);
        (HttpStatusCode status, JsonElement tokens) = await browser.RedeemAsync(code, verifier);
        Assert.True(status == HttpStatusCode.OK, tokens.ToString());
        return tokens;
    }

    private static async Task SignInAsync(TestBrowser browser, GlobalUser user)
    {
        (await browser.GetAsync("/account/signin")).Dispose();
        await browser.SignInAsync(user.UserName);
    }
}
