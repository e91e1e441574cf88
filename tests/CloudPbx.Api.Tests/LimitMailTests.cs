using CloudPbx.Api.Limits;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data;
using CloudPbx.Data.EventLog;
using CloudPbx.Data.Users;
using CloudPbx.Hosting.Web.Addresses;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace CloudPbx.Api.Tests;

public sealed class LimitMailsOnSqliteTests(SqliteApi api) : LimitMailTests(api), IClassFixture<SqliteApi>;

public sealed class LimitMailsOnPostgresTests(PostgresApi api) : LimitMailTests(api), IClassFixture<PostgresApi>;

/// <summary>A tenant's administrators hear of a limit that acted.</summary>
public abstract class LimitMailTests(TestApi api)
{
    private readonly FakeMailer _mail = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_administrator_gets_one_mail_for_a_limit_and_day_and_no_user_and_no_other_tenant()
    {
        ApplyReport tenant = await api.CreateTenantAsync("limit"), other = await api.CreateTenantAsync("limito");
        string admin = await AddUserAsync(tenant, "administrator"), second = await AddUserAsync(tenant, "administrator"), ofOther = await AddUserAsync(other, "administrator");
        await AddUserAsync(tenant, "user");
        LimitMailer mailer = Mailer(), replica = Mailer();
        TenantEvent first = Reached(tenant.Id, "limit-money-per-day", "12.5"), again = Reached(tenant.Id, "limit-money-per-day", "12.5"), minutes = Reached(tenant.Id, "limit-minutes-per-day", "60");
        await Log.AppendAsync([first, again, minutes], Cancel);
        Assert.Equal(2, await mailer.TellAsync(first, Cancel));
        Assert.Equal(0, await mailer.TellAsync(again, Cancel));
        Assert.Equal(0, await replica.TellAsync(again, Cancel));                        // another process, that knows nothing of the first: the log says it
        Assert.Equal(2, await replica.TellAsync(minutes, Cancel));
        Assert.Equal(new[] { admin, second }.Order(), _mail.Sent.Where(mail => mail.Text.Contains("the money for calls in a day (12.5)", StringComparison.Ordinal)).Select(mail => mail.To).Order());
        Assert.All(_mail.Sent, mail => Assert.NotEqual(ofOther, mail.To));
        Assert.Contains(tenant.Name, _mail.Sent.First().Subject, StringComparison.Ordinal);
        Assert.Contains($"https://pbx.example/t/{tenant.Name}/settings", _mail.Sent.First().Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_mail_server_the_event_is_in_the_log_and_nobody_is_written_to()
    {
        ApplyReport tenant = await api.CreateTenantAsync("limitless");
        await AddUserAsync(tenant, "administrator");
        _mail.IsConfigured = false;
        TenantEvent reached = Reached(tenant.Id, "limit-outside-calls", "2");
        await api.PublishAsync(new TenantEventsHappened { Events = [reached] });         // the whole way, with the platform's own mailer, which has no server here
        Assert.Equal(0, await Mailer().TellAsync(reached, Cancel));
        Assert.Empty(_mail.Sent);
        Assert.Single((await api.GetAsync<Page<EventDto>>($"/v1/tenants/{tenant.Name}/events?type={EventTypes.LimitReached}")).Items);
    }

    [Fact]
    public async Task What_comes_a_day_late_is_no_news()
    {
        ApplyReport tenant = await api.CreateTenantAsync("limitlate");
        await AddUserAsync(tenant, "administrator");
        TenantEvent old = Reached(tenant.Id, "limit-channels", "2") with { At = DateTime.UtcNow.AddDays(-2) };
        await Log.AppendAsync([old], Cancel);
        Assert.Equal(0, await Mailer().TellAsync(old, Cancel));
    }

    [Theory]
    [InlineData("en", "a limit for calls acted")]
    [InlineData("zh-CN", "电话限额已起作用")]
    public void The_mail_is_in_the_tenants_language_and_a_strangers_number_makes_no_line_of_its_own(string language, string subject)       // S22
    {
        (string head, string text) = LimitMail.Write(language, "acme", Reached(TenantId.New(), "country-not-allowed", "KP\r\nBcc: all@example.com\u202E") , "https://pbx.example");
        Assert.Contains(subject, head, StringComparison.Ordinal);
        Assert.DoesNotContain("\nBcc", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\u202E', text);
        Assert.Contains("KP", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_rule_that_is_told_of_has_words_in_both_languages()
    {
        foreach (string rule in new[]
        {
            "limit-channels", "limit-outside-calls", "limit-extension-calls", "limit-calls-abroad", "limit-extension-calls-abroad", "limit-calls-per-minute", "limit-call-seconds", "limit-minutes-per-day", "limit-extension-minutes-per-day", "limit-money-per-day",
            "limit-extension-money-per-day", "limit-destination-money-per-day", "premium-number", "country-not-allowed", "country-not-home", "country-unknown", "forward-abroad", "no-rate",
        })
            foreach (string language in new[] { "en", "zh" })
                Assert.DoesNotContain(rule, LimitMail.Write(language, "acme", Reached(TenantId.New(), rule, "1"), "https://pbx.example").Text, StringComparison.Ordinal);
    }

    private EventLogWriter Log => api.Services.GetRequiredService<EventLogWriter>();

    private LimitMailer Mailer() => new(
        api.Services.GetRequiredService<IPbxDatabase>(), api.Services.GetRequiredService<UserDirectory>(), _mail, new PublicUrl(new Uri("https://pbx.example")), TimeProvider.System, NullLogger<LimitMailer>.Instance);

    private static TenantEvent Reached(TenantId tenant, string rule, string value) => new()
    {
        TenantId = tenant, Id = Guid.CreateVersion7(), Type = EventTypes.LimitReached, At = DateTime.UtcNow, Subject = rule,
        Data = System.Text.Json.JsonSerializer.Serialize(new { limit = rule, value, extension = "100", action = "refused" }),
    };

    private async Task<string> AddUserAsync(ApplyReport tenant, string role)
    {
        string address = $"{role}-{Guid.NewGuid():N}@example.com";
        string extension = role == "user" ? ",\"extension\":\"100\"" : "";
        using HttpResponseMessage made = await api.SendAsync(HttpMethod.Post, $"/v1/tenants/{tenant.Name}/users", $$"""{"email":"{{address}}","displayName":"A","role":"{{role}}"{{extension}}}""");
        Assert.True(made.IsSuccessStatusCode, await made.Content.ReadAsStringAsync(Cancel));
        return address;
    }
}
