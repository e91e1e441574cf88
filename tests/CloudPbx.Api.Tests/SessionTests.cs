using System.Net;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Users;
using CloudPbx.Hosting.Web.Problems;
using CloudPbx.State;
using CloudPbx.State.PortalSessions;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Api.Tests;

public sealed class SessionsOnSqliteTests(SqliteApi api) : SessionTests(api), IClassFixture<SqliteApi>;

public sealed class SessionsOnPostgresTests(PostgresApi api) : SessionTests(api), IClassFixture<PostgresApi>;

/// <summary>Where somebody is signed in: their own, whoever else has the same tenant, role or name.</summary>
public abstract class SessionTests(TestApi api)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private SessionStore Store => api.Services.GetRequiredService<SessionStore>();

    [Fact]
    public async Task Somebody_sees_their_own_sign_ins_and_which_is_this_one()
    {
        ApplyReport a = await api.CreateTenantAsync("a"), b = await api.CreateTenantAsync("b");
        GlobalUser alice = await UserAsync(a.Id), other = await UserAsync(b.Id), colleague = await UserAsync(a.Id);
        GlobalSession here = await BeginAsync(alice, "Firefox"), there = await BeginAsync(alice, "Chrome");
        await BeginAsync(other, "another's browser");
        await BeginAsync(colleague, "another's browser");
        using HttpResponseMessage response = await SendAsync(await TokenAsync(alice, here), HttpMethod.Get, "/v1/me/sessions");
        IReadOnlyList<SessionDto> sessions = (await TestApi.ReadAsync<Page<SessionDto>>(response)).Items;
        Assert.Equal([(there.Id, false), (here.Id, true)], sessions.Select(s => (s.Id, s.Current)).OrderBy(s => s.Current));
        Assert.Equal(["Chrome", "Firefox"], sessions.Select(s => s.UserAgent!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task One_is_ended_with_the_portals_session_of_it_and_anothers_is_not_found()
    {
        ApplyReport a = await api.CreateTenantAsync("a"), b = await api.CreateTenantAsync("b");
        GlobalUser alice = await UserAsync(a.Id), other = await UserAsync(b.Id);
        GlobalSession here = await BeginAsync(alice, "Firefox"), lost = await BeginAsync(alice, "lost"), strangers = await BeginAsync(other, "Chrome");
        PortalSessionStore portal = api.Services.GetRequiredService<PortalSessionStore>();
        await portal.PutAsync($"of-{lost.Id}", [1], TimeSpan.FromMinutes(5), Cancel, lost.Id);
        await portal.PutAsync($"of-{here.Id}", [1], TimeSpan.FromMinutes(5), Cancel, here.Id);
        string token = await TokenAsync(alice, here);
        using (HttpResponseMessage ended = await SendAsync(token, HttpMethod.Delete, $"/v1/me/sessions/{lost.Id}"))
            Assert.Equal(HttpStatusCode.NoContent, ended.StatusCode);
        Assert.Null((await portal.GetAsync($"of-{lost.Id}", Cancel)).Sealed);
        Assert.NotNull((await portal.GetAsync($"of-{here.Id}", Cancel)).Sealed);
        foreach (string absent in new[] { lost.Id.ToString(), strangers.Id.ToString(), "nonsense" })
        {
            using HttpResponseMessage missing = await SendAsync(token, HttpMethod.Delete, $"/v1/me/sessions/{absent}");
            await TestApi.ProblemAsync(missing, HttpStatusCode.NotFound, ProblemTypes.NotFound);
        }
        Assert.Single(await ListAsync(other));
    }

    [Fact]
    public async Task All_others_are_ended_and_this_one_stays()
    {
        ApplyReport a = await api.CreateTenantAsync("a"), b = await api.CreateTenantAsync("b");
        GlobalUser alice = await UserAsync(a.Id), other = await UserAsync(b.Id);
        GlobalSession here = await BeginAsync(alice, "Firefox");
        await BeginAsync(alice, "Chrome");
        await BeginAsync(alice, "Safari");
        await BeginAsync(other, "Chrome");
        using HttpResponseMessage ended = await SendAsync(await TokenAsync(alice, here), HttpMethod.Delete, "/v1/me/sessions");
        Assert.Equal(HttpStatusCode.NoContent, ended.StatusCode);
        Assert.Equal([here.Id], (await ListAsync(alice)).Select(s => s.Id));
        Assert.Single(await ListAsync(other));
    }

    [Theory]
    [InlineData("GET", "/v1/me/sessions")]
    [InlineData("DELETE", "/v1/me/sessions")]
    [InlineData("DELETE", "/v1/me/sessions/00000000000000000000000000000001")]
    [InlineData("GET", "/v1/me/passkeys")]
    public async Task A_program_has_no_sign_ins(string method, string path)
    {
        using HttpResponseMessage machine = await api.SendAsync(new HttpMethod(method), path);
        await TestApi.ProblemAsync(machine, HttpStatusCode.Forbidden, ProblemTypes.Forbidden);
        string key = await TestTokens.Of(api).IssueAsync(UserRole.Operator, (TokenClaims.Subject, "client:key-1"));
        using HttpResponseMessage program = await SendAsync(key, new HttpMethod(method), path);
        await TestApi.ProblemAsync(program, HttpStatusCode.Forbidden, ProblemTypes.Forbidden);
    }

    [Fact]
    public async Task Somebody_is_told_how_they_sign_in()
    {
        ApplyReport a = await api.CreateTenantAsync("a");
        GlobalUser alice = await UserAsync(a.Id);
        string token = await TokenAsync(alice, await BeginAsync(alice, "Firefox"));
        using HttpResponseMessage me = await SendAsync(token, HttpMethod.Get, "/v1/me");
        MeDto told = await TestApi.ReadAsync<MeDto>(me);
        Assert.Equal((false, false), (told.TwoFactor, told.HasPassword));
        using HttpResponseMessage passkeys = await SendAsync(token, HttpMethod.Get, "/v1/me/passkeys");
        Assert.Empty((await TestApi.ReadAsync<Page<PasskeyDto>>(passkeys)).Items);
    }

    private async Task<GlobalUser> UserAsync(TenantId tenant)
    {
        UserDirectory users = api.Services.GetRequiredService<UserDirectory>();
        GlobalUser user = UserDirectory.New(UserOwner.Of(tenant), UserRole.Administrator, $"{Guid.NewGuid():N}@example.com", "Alice", null, DateTime.UtcNow);
        Assert.Equal(CloudPbx.Data.SaveOutcome.Saved, await users.AddAsync(user, Cancel));
        return user;
    }

    private async Task<GlobalSession> BeginAsync(GlobalUser user, string browser)
    {
        DateTime now = DateTime.UtcNow;
        GlobalSession session = new()
        {
            Id = SessionId.New(), UserId = user.Id, Method = SignInMethod.Password, Address = "192.0.2.1", UserAgent = browser, StartedAt = now, ProvedAt = now, LastUsedAt = now, ExpiresAt = now.AddHours(1),
        };
        await Store.BeginAsync(session, Cancel);
        return session;
    }

    private Task<IReadOnlyList<GlobalSession>> ListAsync(GlobalUser user) => Store.ListAsync(user.Id, DateTime.UtcNow, Cancel);

    private Task<string> TokenAsync(GlobalUser user, GlobalSession session) => TestTokens.Of(api).IssueAsync(
        user.Role, (TokenClaims.Subject, user.Id.ToString()), (TokenClaims.Tenant, user.TenantId!.Value.ToString()), (TokenClaims.Session, session.Id.ToString()));

    private async Task<HttpResponseMessage> SendAsync(string token, HttpMethod method, string path)
    {
        using HttpClient client = api.As(token);
        using HttpRequestMessage request = new(method, path);
        return await client.SendAsync(request, Cancel);
    }
}
