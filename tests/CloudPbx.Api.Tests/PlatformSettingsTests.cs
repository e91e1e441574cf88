using System.Net;
using System.Text;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Tenants;
using CloudPbx.Hosting.Web.Problems;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Api.Tests;

public sealed class PlatformSettingsOnSqliteTests(SqliteApi api) : PlatformSettingsTests(api), IClassFixture<SqliteApi>;

public sealed class PlatformSettingsOnPostgresTests(PostgresApi api) : PlatformSettingsTests(api), IClassFixture<PostgresApi>;

/// <summary>What holds for the whole platform. Each test leaves it as it is by itself.</summary>
public abstract class PlatformSettingsTests(TestApi api)
{
    private const string Path = "/v1/platform/settings";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_change_acts_at_once()
    {
        Assert.Equal((true, "en", null, null), await api.GetAsync<PlatformSettings>(Path) is var first ? (first.SignUp, first.Language, first.SignUpPlan, first.Support) : default);
        string plan = $"plan-{Guid.NewGuid():N}"[..20], other = "a-" + plan;
        foreach (string name in new[] { plan, other })
        {
            using HttpResponseMessage made = await api.SendAsync(HttpMethod.Put, $"/v1/plans/{name}", """{"forSignUp":true}""");
            Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        }
        using HttpClient stranger = api.Stranger();
        await PutAsync($$"""{"signUpPlan":"{{plan}}","language":"zh-CN","mostRecordingDays":30,"emergencyNumbers":["000","112"],"support":"help@example.com"}""");
        using HttpResponseMessage offered = await stranger.GetAsync(new Uri("/v1/signups", UriKind.Relative), Cancel);
        Assert.Equal(plan, (await TestApi.ReadAsync<SignUpOfferDto>(offered)).Plans[0].Name);
        Assert.Equal("help@example.com", (await api.GetAsync<MeDto>("/v1/me")).Support);
        string tenant = $"set-{Guid.NewGuid():N}"[..20];
        TenantDto created = await api.PostAsync<TenantDto>("/v1/tenants", $$"""{"name":"{{tenant}}"}""");
        Assert.Equal("zh-CN", created.Language);
        Assert.Equal(["000", "112"], (await LoadAsync(created.Id)).EmergencyNumbers.Values.Distinct().Order());
        using HttpResponseMessage tooLong = await api.SendAsync(HttpMethod.Put, $"/v1/tenants/{tenant}", $$"""{"name":"{{tenant}}","recordingDays":31}""");
        Assert.Equal("Must be 30 or fewer: this platform keeps recordings no longer.", (await TestApi.ErrorsAsync(tooLong, HttpStatusCode.BadRequest, ProblemTypes.Validation))["$.recordingDays"]);
        using HttpResponseMessage document = await api.SendAsync(HttpMethod.Put, $"/v1/tenants/{tenant}/document", $$"""{"name":"{{tenant}}","recordingDays":31}""");
        Assert.Equal(["$.recordingDays"], (await TestApi.ErrorsAsync(document, HttpStatusCode.BadRequest, ProblemTypes.Validation)).Keys);
        Assert.Contains((created.Id, 30), await api.Services.GetRequiredService<TenantLookup>().FindRecordingDaysAsync((await api.GetAsync<PlatformSettings>(Path)).MostRecordingDays, Cancel));

        await PutAsync("""{"signUp":false}""");
        using HttpResponseMessage closed = await stranger.GetAsync(new Uri("/v1/signups", UriKind.Relative), Cancel);
        Assert.False((await TestApi.ReadAsync<SignUpOfferDto>(closed)).Open);
        using StringContent wish = new($$"""{"email":"{{tenant}}@example.com","company":"x","tenant":"{{tenant}}-x"}""", Encoding.UTF8, "application/json");
        using HttpResponseMessage refused = await stranger.PostAsync(new Uri("/v1/signups", UriKind.Relative), wish, Cancel);
        await TestApi.ProblemAsync(refused, HttpStatusCode.Forbidden, ProblemTypes.Forbidden);
        await PutAsync("{}");
        Assert.Null((await api.GetAsync<MeDto>("/v1/me")).Support);
    }

    [Fact]
    public async Task A_sign_up_begins_with_the_platforms_emergency_numbers_and_the_plans_channels()
    {
        string plan = $"plan-{Guid.NewGuid():N}"[..20], tenant = $"set-{Guid.NewGuid():N}"[..20];
        using HttpResponseMessage made = await api.SendAsync(HttpMethod.Put, $"/v1/plans/{plan}", """{"forSignUp":true,"maxChannels":7}""");
        await PutAsync($$"""{"emergencyNumbers":["000"],"signUpPlan":"{{plan}}"}""");
        using HttpResponseMessage asked = await api.SendAsync(HttpMethod.Post, "/v1/signups", $$"""{"email":"{{tenant}}@example.com","company":"x","tenant":"{{tenant}}"}""");
        string token = (await TestApi.ReadAsync<SignUpDto>(asked)).Token!;
        using HttpResponseMessage confirmed = await api.SendAsync(HttpMethod.Post, "/v1/signups/confirm", $$"""{"token":"{{token}}"}""");
        SignedUpDto done = await TestApi.ReadAsync<SignedUpDto>(confirmed);
        TenantConfiguration configured = await LoadAsync(done.Tenant.Id);
        Assert.Equal(["000"], configured.EmergencyNumbers.Values.Distinct());
        Assert.Equal(7, configured.Outside.Limits.MaxChannels);
        await PutAsync("{}");
    }

    [Theory]
    [InlineData("""{"signUp":"yes"}""", "$.signUp")]
    [InlineData("""{"signUpPlan":"there-is-none"}""", "$.signUpPlan")]
    [InlineData("""{"language":"English"}""", "$.language")]
    [InlineData("""{"mostRecordingDays":0}""", "$.mostRecordingDays")]
    [InlineData("""{"emergencyNumbers":["help"]}""", "$.emergencyNumbers[0]")]
    [InlineData("""{"support":" "}""", "$.support")]
    [InlineData("""{"colour":"red"}""", "$.colour")]
    public async Task What_is_wrong_is_said_with_its_place(string body, string place)
    {
        using HttpResponseMessage refused = await api.SendAsync(HttpMethod.Put, Path, body);
        Assert.Equal([place], (await TestApi.ErrorsAsync(refused, HttpStatusCode.BadRequest, ProblemTypes.Validation)).Keys);
    }

    [Fact]
    public async Task Who_read_an_older_state_is_told_so()                      // RFC 9110 §13.1.1
    {
        using HttpResponseMessage read = await api.SendAsync(HttpMethod.Get, Path);
        string tag = read.Headers.ETag!.ToString();
        using HttpResponseMessage first = await api.SendAsync(HttpMethod.Put, Path, """{"support":"one"}""", tag);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        using HttpResponseMessage second = await api.SendAsync(HttpMethod.Put, Path, """{"support":"two"}""", tag);
        Assert.Equal(HttpStatusCode.PreconditionFailed, second.StatusCode);
        await PutAsync("{}");
    }

    private async Task PutAsync(string body)
    {
        using HttpResponseMessage changed = await api.SendAsync(HttpMethod.Put, Path, body);
        Assert.True(changed.IsSuccessStatusCode, await changed.Content.ReadAsStringAsync(Cancel));
    }

    private async Task<TenantConfiguration> LoadAsync(TenantId tenant)
    {
        TenantLoad load = await api.Services.GetRequiredService<ITenantConfigurationSource>().LoadAsync(tenant, Cancel);
        Assert.True(load.IsLoaded);
        return load.Configuration;
    }
}
