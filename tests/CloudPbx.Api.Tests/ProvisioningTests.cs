using System.Net;
using System.Xml.Linq;
using CloudPbx.Api.Devices;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data;
using CloudPbx.Data.Devices;
using CloudPbx.Data.Tenants;
using CloudPbx.Hosting.Web.Addresses;
using CloudPbx.Hosting.Web.Problems;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.Api.Tests;

public sealed class ProvisioningOnSqliteTests(SqliteApi api) : ProvisioningTests(api), IClassFixture<SqliteApi>;

public sealed class ProvisioningOnPostgresTests(PostgresApi api) : ProvisioningTests(api), IClassFixture<PostgresApi>;

/// <summary>Phones fetch their accounts (SECURITY.md S28).</summary>
public abstract class ProvisioningTests(TestApi api)
{
    private static int s_sources;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task S28_a_phone_fetches_its_account_with_a_new_password_that_only_it_has()
    {
        ApplyReport tenant = await api.CreateTenantAsync("fetch");
        (DeviceDto device, Uri link) = await LinkAsync(tenant);
        string before = await SecretAsync(tenant), source = NewSource();
        XDocument settings = await ReadAsync(link, source);
        Assert.Equal("100", Entry(settings, "username"));
        Assert.Equal($"{tenant.Name}.example", Entry(settings, "domain"));
        Assert.Contains($"<sip:100@{tenant.Name}.example>", Entry(settings, "reg_identity"), StringComparison.Ordinal);
        Assert.Equal("1", Entry(settings, "transient_provisioning"));
        string secret = Entry(settings, "passwd");
        Assert.Equal(secret, await SecretAsync(tenant));
        Assert.NotEqual(before, secret);
        // The same phone asks again because the answer was lost: another password, and the one that was lost ends.
        string again = Entry(await ReadAsync(link, source), "passwd");
        Assert.NotEqual(secret, again);
        Assert.Equal(again, await SecretAsync(tenant));
        AuditEntryDto[] audit = [.. (await api.GetAsync<Page<AuditEntryDto>>($"/v1/tenants/{tenant.Name}/audit")).Items];
        Assert.Equal((2, 1), (audit.Count(entry => entry.Action == "FetchProvisioning" && entry.Address == source), audit.Count(entry => entry.Action == "ProvisionDevice")));
        Assert.DoesNotContain(audit, entry => entry.Target.Contains(Token(link), StringComparison.Ordinal));
        Assert.Equal(device.Id.ToString(), audit.First(entry => entry.Action == "FetchProvisioning").Actor.Split(':')[1]);
    }

    [Fact]
    public async Task S28_a_second_fetch_from_another_address_is_refused_and_changes_nothing()
    {
        ApplyReport tenant = await api.CreateTenantAsync("second");
        (_, Uri link) = await LinkAsync(tenant);
        string secret = Entry(await ReadAsync(link, NewSource()), "passwd");
        await RefusedAsync(link, NewSource());
        Assert.Equal(secret, await SecretAsync(tenant));
    }

    [Fact]
    public async Task S28_a_link_is_over_after_its_time_after_three_fetches_and_after_a_newer_one()
    {
        ApplyReport tenant = await api.CreateTenantAsync("over");
        (DeviceDto device, Uri first) = await LinkAsync(tenant);
        (_, Uri second) = await LinkAsync(tenant);
        string source = NewSource();
        await RefusedAsync(first, source);
        for (int i = 0; i < ProvisioningLinks.MostFetches; i++)
            await ReadAsync(second, source);
        await RefusedAsync(second, source);
        (_, Uri third) = await LinkAsync(tenant);
        await using (PbxDbContext db = api.Services.GetRequiredService<IPbxDatabase>().OpenTenant(tenant.Id))
            await db.ProvisioningLinks.Where(l => l.DeviceId == device.Id).ExecuteUpdateAsync(set => set.SetProperty(l => l.ExpiresAt, DateTime.UtcNow.AddSeconds(-1)), Cancel);
        await RefusedAsync(third, source);
        using HttpResponseMessage longer = await api.SendAsync(HttpMethod.Post, $"/v1/tenants/{tenant.Name}/devices/{device.Id}/provisioning", """{"seconds":86400}""");
        Assert.Equal(["$.seconds"], (await TestApi.ErrorsAsync(longer, HttpStatusCode.BadRequest, ProblemTypes.Validation)).Keys);
    }

    [Fact]
    public async Task S28_ten_thousand_guesses_all_get_the_same_404_and_their_source_gets_nothing_any_more()
    {
        ApplyReport tenant = await api.CreateTenantAsync("guessed");
        (_, Uri link) = await LinkAsync(tenant);
        string guesser = NewSource(), secret = await SecretAsync(tenant), right = Token(link);
        HashSet<string> answers = [];
        for (int i = 0; i < 10_000; i++)
        {
            string guess = (i % 5) switch
            {
                0 => $"001565{i:x6}.cfg",                                                   // a Yealink's name
                1 => $"{i:x12}",
                2 => $"spa{i}.xml",
                3 => new string((char)('A' + (i % 26)), right.Length),
                _ => right[..^8] + $"{i:D8}",                                               // of the right tenant
            };
            using HttpResponseMessage refused = await FetchAsync(new Uri(ProvisioningLinks.Path + guess, UriKind.Relative), guesser);
            string text = await refused.Content.ReadAsStringAsync(Cancel);
            answers.Add($"{(int)refused.StatusCode} {refused.Content.Headers.ContentType} {Untraced(text)}");
        }
        Assert.StartsWith("404", Assert.Single(answers), StringComparison.Ordinal);
        await RefusedAsync(link, guesser);                                                  // what is right is nothing for who guessed
        Assert.Equal(secret, await SecretAsync(tenant));
        await ReadAsync(link, NewSource());                                                 // and is there for the phone
    }

    [Fact]
    public async Task S28_a_source_that_guessed_is_forgotten_when_it_was_quiet_and_others_are_not_touched()
    {
        FakeTimeProvider time = new(DateTimeOffset.UtcNow);
        ProvisioningGuard guard = new(time, NullLogger<ProvisioningGuard>.Instance);
        IPAddress guesser = IPAddress.Parse("2001:db8::1"), neighbour = IPAddress.Parse("2001:db8::ffff"), other = IPAddress.Parse("2001:db8:0:1::1");
        for (int i = 0; i < ProvisioningGuard.MostMisses; i++)
        {
            Assert.False(guard.IsShutOut(guesser));
            guard.Missed(guesser);
        }
        Assert.Equal((true, true, false), (guard.IsShutOut(guesser), guard.IsShutOut(neighbour), guard.IsShutOut(other)));
        time.Advance(ProvisioningGuard.Memory);
        Assert.False(guard.IsShutOut(guesser));
        await Task.CompletedTask;
    }

    [Fact]
    public async Task S28_devices_of_the_same_name_in_two_tenants_have_links_of_their_own()
    {
        ApplyReport a = await api.CreateTenantAsync("linka"), b = await api.CreateTenantAsync("linkb");
        (DeviceDto ofA, Uri linkA) = await LinkAsync(a);
        (DeviceDto ofB, Uri linkB) = await LinkAsync(b);
        string secretB = await SecretAsync(b);
        using HttpResponseMessage foreign = await api.SendAsync(HttpMethod.Post, $"/v1/tenants/{a.Name}/devices/{ofB.Id}/provisioning", "{}");
        await TestApi.ProblemAsync(foreign, HttpStatusCode.NotFound, ProblemTypes.NotFound);
        Assert.Equal($"{a.Name}.example", Entry(await ReadAsync(linkA, NewSource()), "domain"));
        Assert.Equal(secretB, await SecretAsync(b));
        // A's tenant with B's secret is neither's.
        byte[] mixed = System.Buffers.Text.Base64Url.DecodeFromChars(Token(linkB));
        a.Id.Value.TryWriteBytes(mixed);
        await RefusedAsync(new Uri(ProvisioningLinks.Path + System.Buffers.Text.Base64Url.EncodeToString(mixed), UriKind.Relative), NewSource());
        Assert.NotEqual(ofA.Id, ofB.Id);
    }

    [Fact]
    public async Task S29_the_database_holds_no_link_that_could_be_fetched()
    {
        ApplyReport tenant = await api.CreateTenantAsync("hashed");
        (DeviceDto device, Uri link) = await LinkAsync(tenant);
        await using PbxDbContext db = api.Services.GetRequiredService<IPbxDatabase>().OpenTenant(tenant.Id);
        ProvisioningLink row = await db.ProvisioningLinks.SingleAsync(l => l.DeviceId == device.Id, Cancel);
        byte[] token = System.Buffers.Text.Base64Url.DecodeFromChars(Token(link));
        Assert.Equal(-1, token.AsSpan().IndexOf(row.SecretHash));
        Assert.Equal(32, row.SecretHash.Length);
    }

    [Fact]
    public async Task A_user_provisions_an_own_phone_and_no_other()
    {
        ApplyReport tenant = await api.CreateTenantAsync("ownphone");
        ExtensionDto own = await api.GetAsync<ExtensionDto>($"/v1/tenants/{tenant.Name}/extensions/100");
        await api.PostAsync<ExtensionDto>($"/v1/tenants/{tenant.Name}/extensions", """{"number":"101"}""");
        DeviceDto other = await api.PostAsync<DeviceDto>($"/v1/tenants/{tenant.Name}/devices", """{"extension":"101"}"""), mine = await DeviceAsync(tenant);
        using HttpClient user = api.As(await TestTokens.Of(api).UserAsync(tenant.Id, own.Id));
        foreach ((DeviceId device, HttpStatusCode status) in new[] { (mine.Id, HttpStatusCode.Created), (other.Id, HttpStatusCode.NotFound) })
        {
            using HttpResponseMessage response = await user.PostAsync(new Uri($"/v1/tenants/{tenant.Name}/devices/{device}/provisioning", UriKind.Relative), new StringContent("{}"), Cancel);
            Assert.Equal(status, response.StatusCode);
        }
    }

    private async Task<(DeviceDto Device, Uri Link)> LinkAsync(ApplyReport tenant)
    {
        DeviceDto device = await DeviceAsync(tenant);
        ProvisioningLinkDto link = await api.PostAsync<ProvisioningLinkDto>($"/v1/tenants/{tenant.Name}/devices/{device.Id}/provisioning", "{}");
        Assert.InRange(link.ExpiresAt, DateTime.UtcNow.AddSeconds(540), DateTime.UtcNow.AddSeconds(601));
        return (device, new Uri(new Uri(link.Url).AbsolutePath, UriKind.Relative));
    }

    private async Task<DeviceDto> DeviceAsync(ApplyReport tenant) => (await api.GetAsync<Page<DeviceDto>>($"/v1/tenants/{tenant.Name}/devices?extension=100")).Items.Single();

    private async Task<string> SecretAsync(ApplyReport tenant)
    {
        TenantConfiguration configuration = (await api.Services.GetRequiredService<ITenantConfigurationSource>().LoadAsync(tenant.Id, Cancel)).Configuration!;
        Assert.True(configuration.DevicesByAuthUser["100"].Secret.TryOpen(out string? secret));
        return secret;
    }

    private async Task<XDocument> ReadAsync(Uri link, string source)
    {
        using HttpResponseMessage given = await FetchAsync(link, source);
        Assert.Equal((HttpStatusCode.OK, "application/xml"), (given.StatusCode, given.Content.Headers.ContentType?.MediaType));
        Assert.True(given.Headers.CacheControl?.NoStore);
        return XDocument.Parse(await given.Content.ReadAsStringAsync(Cancel));
    }

    private async Task RefusedAsync(Uri link, string source)
    {
        using HttpResponseMessage refused = await FetchAsync(link, source);
        await TestApi.ProblemAsync(refused, HttpStatusCode.NotFound, ProblemTypes.NotFound);
    }

    /// <summary>As the product sees a phone's address: the test's server has no network, like the Unix socket of one machine.</summary>
    private async Task<HttpResponseMessage> FetchAsync(Uri link, string source)
    {
        using HttpClient phone = api.Stranger();
        using HttpRequestMessage request = new(HttpMethod.Get, link);
        request.Headers.Add(ForwardedVisitor.Header, source);
        return await phone.SendAsync(request, Cancel);
    }

    private static string NewSource() => $"198.51.100.{Interlocked.Increment(ref s_sources)}";

    private static string Token(Uri link) => link.ToString().Split('/')[^1];

    private static string Entry(XDocument settings, string name) => settings.Descendants().First(element => element.Attribute("name")?.Value == name).Value;

    private static string Untraced(string problem) => System.Text.RegularExpressions.Regex.Replace(problem, "\"traceId\":\"[^\"]*\"", "");
}
