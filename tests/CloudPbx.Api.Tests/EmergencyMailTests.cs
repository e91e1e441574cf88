using CloudPbx.Api.Emergencies;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data;
using CloudPbx.Data.Users;
using CloudPbx.Hosting.Web.Addresses;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace CloudPbx.Api.Tests;

public sealed class EmergencyMailsOnSqliteTests(SqliteApi api) : EmergencyMailTests(api), IClassFixture<SqliteApi>;

public sealed class EmergencyMailsOnPostgresTests(PostgresApi api) : EmergencyMailTests(api), IClassFixture<PostgresApi>;

/// <summary>A tenant's administrators hear of a call for help (SECURITY.md S36).</summary>
public abstract class EmergencyMailTests(TestApi api)
{
    private readonly FakeMailer _mail = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task S36_each_administrator_is_told_as_a_call_begins_and_ends_and_no_user_and_nobody_of_a_tenant_with_the_same_numbers()
    {
        ApplyReport tenant = await api.CreateTenantAsync("help"), other = await api.CreateTenantAsync("helpo");
        string admin = await AddUserAsync(tenant, "administrator"), second = await AddUserAsync(tenant, "administrator");
        await AddUserAsync(other, "administrator");
        await AddUserAsync(tenant, "user");
        EmergencyMailer mailer = Mailer();
        Assert.Equal(2, await mailer.TellAsync(Happened(tenant.Id, "call-1", "calling"), Cancel));
        Assert.Equal(2, await mailer.TellAsync(Happened(tenant.Id, "call-1", "answered", "carrier"), Cancel));
        Assert.Equal(new[] { admin, admin, second, second }.Order(), _mail.Sent.Select(mail => mail.To).Order());
        Assert.All(_mail.Sent, mail => Assert.Equal($"{tenant.Name}: emergency call to 112 from extension 100", mail.Subject));
        Assert.Contains(_mail.Sent, mail => mail.Text.Contains("it was answered by the trunk carrier", StringComparison.Ordinal));
        foreach (string told in new[] { "extension 100 (Reception)", "Device: Desk phone", "Network address: 192.0.2.7", $"https://pbx.example/t/{tenant.Name}/calls" })
            Assert.All(_mail.Sent, mail => Assert.Contains(told, mail.Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task S36_an_administrator_among_hundreds_of_people_is_told()
    {
        ApplyReport tenant = await api.CreateTenantAsync("helpmany");
        UserDirectory users = api.Services.GetRequiredService<UserDirectory>();
        for (int i = 0; i < 205; i++)
        {
            GlobalUser user = UserDirectory.New(UserOwner.Of(tenant.Id), Contracts.Identity.UserRole.User, $"a{i:D3}-{Guid.NewGuid():N}@example.com", "A", null, DateTime.UtcNow);
            Assert.Equal(SaveOutcome.Saved, await users.AddAsync(user, Cancel));
        }
        string last = await AddUserAsync(tenant, "administrator", "z");
        Assert.Equal(1, await Mailer().TellAsync(Happened(tenant.Id, "call-1", "calling"), Cancel));
        Assert.Equal(last, Assert.Single(_mail.Sent).To);
    }

    [Fact]
    public async Task A_phone_that_calls_for_help_in_a_circle_does_not_fill_the_mail_and_what_comes_a_day_late_is_no_news()
    {
        ApplyReport tenant = await api.CreateTenantAsync("helploop");
        await AddUserAsync(tenant, "administrator");
        EmergencyMailer mailer = Mailer();
        Assert.Equal(0, await mailer.TellAsync(Happened(tenant.Id, "old", "calling") with { At = DateTime.UtcNow.AddDays(-2) }, Cancel));
        int sent = 0;
        for (int i = 0; i < 2 * EmergencyMailer.MostCallsPerHour; i++)
            sent += await mailer.TellAsync(Happened(tenant.Id, $"call-{i}", "calling"), Cancel);
        Assert.Equal(EmergencyMailer.MostCallsPerHour, sent);
        Assert.Equal(1, await mailer.TellAsync(Happened(tenant.Id, "call-0", "failed"), Cancel));        // how it ended is told of a call that was told of
        Assert.Equal(0, await mailer.TellAsync(Happened(tenant.Id, "call-39", "failed"), Cancel));
    }

    [Fact]
    public async Task Without_a_mail_server_the_event_is_in_the_log_and_nobody_is_written_to()
    {
        ApplyReport tenant = await api.CreateTenantAsync("helpless"), other = await api.CreateTenantAsync("helplesso");
        await AddUserAsync(tenant, "administrator");
        _mail.IsConfigured = false;
        TenantEvent called = Happened(tenant.Id, "call-1", "calling");
        await api.PublishAsync(new TenantEventsHappened { Events = [called] });          // the whole way, with the platform's own mailer, which has no server here
        Assert.Equal(0, await Mailer().TellAsync(called, Cancel));
        Assert.Empty(_mail.Sent);
        Assert.Equal("calling", Assert.Single((await api.GetAsync<Page<EventDto>>($"/v1/tenants/{tenant.Name}/events?type={EventTypes.CallEmergency}")).Items).Data.GetProperty("state").GetString());
        Assert.Empty((await api.GetAsync<Page<EventDto>>($"/v1/tenants/{other.Name}/events?type={EventTypes.CallEmergency}")).Items);
    }

    [Theory]
    [InlineData("en", "answered", "answered by the trunk carrier")]
    [InlineData("en", "failed", "no trunk took the call (503)")]
    [InlineData("en", "cancelled", "hung up before")]
    [InlineData("en", "calling", "is being made")]
    [InlineData("zh-CN", "answered", "经由中继 carrier")]
    [InlineData("zh-CN", "failed", "没有中继接通该紧急呼叫 (503)")]
    [InlineData("zh-CN", "cancelled", "应答前挂断")]
    [InlineData("zh-CN", "calling", "正在呼叫")]
    public void The_mail_is_in_the_tenants_language_and_nobodys_name_makes_a_line_of_its_own(string language, string state, string words)        // S22
    {
        (string subject, string text) = EmergencyMail.Write(language, "acme", Happened(TenantId.New(), "call-1", state, "carrier", "Eve\r\nBcc: all@example.com\u202E", 503), "https://pbx.example");
        Assert.Contains("112", subject, StringComparison.Ordinal);
        Assert.Contains(words, text, StringComparison.Ordinal);
        Assert.DoesNotContain("\nBcc", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\u202E', text);
    }

    private EmergencyMailer Mailer() => new(
        api.Services.GetRequiredService<IPbxDatabase>(), api.Services.GetRequiredService<UserDirectory>(), _mail, new PublicUrl(new Uri("https://pbx.example")), TimeProvider.System, NullLogger<EmergencyMailer>.Instance);

    private static TenantEvent Happened(TenantId tenant, string call, string state, string? trunk = null, string name = "Reception", int? status = null) => new()
    {
        TenantId = tenant, Id = Guid.CreateVersion7(), Type = EventTypes.CallEmergency, At = DateTime.UtcNow, Subject = call,
        Data = System.Text.Json.JsonSerializer.Serialize(new { state, extension = "100", name, device = "Desk phone", remoteAddress = "192.0.2.7", dialled = "112", number = "112", trunk, status }),
    };

    private async Task<string> AddUserAsync(ApplyReport tenant, string role, string before = "")
    {
        string address = $"{before}{role}-{Guid.NewGuid():N}@example.com";
        string extension = role == "user" ? ",\"extension\":\"100\"" : "";
        using HttpResponseMessage made = await api.SendAsync(HttpMethod.Post, $"/v1/tenants/{tenant.Name}/users", $$"""{"email":"{{address}}","displayName":"A","role":"{{role}}"{{extension}}}""");
        Assert.True(made.IsSuccessStatusCode, await made.Content.ReadAsStringAsync(Cancel));
        return address;
    }
}
