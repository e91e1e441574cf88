using System.Net;
using System.Text;
using System.Text.Json;
using CloudPbx.Api.Plans;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data;
using CloudPbx.Data.Tenants;
using CloudPbx.Data.Users;
using CloudPbx.Grains;
using CloudPbx.Hosting.Web.Bus;
using CloudPbx.Hosting.Web.Problems;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Api.Tests;

public sealed class PlatformResourcesOnSqliteTests(SqliteApi api) : PlatformResourceTests(api), IClassFixture<SqliteApi>;

public sealed class PlatformResourcesOnPostgresTests(PostgresApi api) : PlatformResourceTests(api), IClassFixture<PostgresApi>;

/// <summary>Resellers, plans, users, keys, sign-up and the audit log, as their programs use them.</summary>
public abstract class PlatformResourceTests(TestApi api)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_reseller_brands_itself_and_sees_no_other()
    {
        TestTokens tokens = TestTokens.Of(api);
        ResellerDto mine = await CreateResellerAsync(), other = await CreateResellerAsync();
        string token = await tokens.ResellerAsync(mine.Id);
        using HttpResponseMessage changed = await SendAsync(token, "PUT", $"/v1/resellers/{mine.Name}", $$"""{"name":"{{mine.Name}}","branding":{"name":"Telly","color":"#0b5cad","host":"Pbx.Telly.example"} }""");
        Assert.Equal("pbx.telly.example", (await TestApi.ReadAsync<ResellerDto>(changed)).Branding.Host);
        using HttpResponseMessage list = await SendAsync(token, "GET", "/v1/resellers");
        Assert.Equal([mine.Id], (await TestApi.ReadAsync<Page<ResellerDto>>(list)).Items.Select(r => r.Id));
        foreach (string path in new[] { "", "/usage", "/users", "/keys" })
        {
            using HttpResponseMessage response = await SendAsync(token, "GET", $"/v1/resellers/{other.Id}{path}");
            await TestApi.ProblemAsync(response, HttpStatusCode.NotFound, ProblemTypes.NotFound);
        }
        using HttpResponseMessage renamed = await SendAsync(token, "PUT", $"/v1/resellers/{mine.Name}", """{"name":"another"}""");
        await TestApi.ProblemAsync(renamed, HttpStatusCode.Forbidden, ProblemTypes.Forbidden);
        using HttpResponseMessage wrong = await SendAsync(token, "PUT", $"/v1/resellers/{mine.Name}", $$"""{"name":"{{mine.Name}}","branding":{"logoUrl":"javascript:alert(1)","color":"red"} }""");
        IReadOnlyDictionary<string, string> errors = await TestApi.ErrorsAsync(wrong, HttpStatusCode.BadRequest, ProblemTypes.Validation);
        Assert.Equal(["$.branding.color", "$.branding.logoUrl"], errors.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Two_resellers_own_host_names_are_told_to_strangers_each_with_its_own_brand()
    {
        (ResellerDto north, ResellerDto south) = (await CreateResellerAsync(), await CreateResellerAsync());
        (string northHost, string southHost) = ($"{north.Name}.example", $"{south.Name}.example");
        await BrandAsync(north, $$"""{"name":"North Voice","color":"#0b5cad","host":"{{northHost}}"}""", HttpStatusCode.OK);
        await BrandAsync(south, $$"""{"name":"South Talk","host":"{{northHost}}"}""", HttpStatusCode.Conflict);                   // it is north's
        await BrandAsync(south, $$"""{"name":"South Talk","host":"{{southHost}}"}""", HttpStatusCode.OK);
        await BrandAsync(north, $$"""{"name":"North Voice","color":"#0b5cad","host":"{{northHost}}"}""", HttpStatusCode.OK);      // its own one it keeps
        Assert.Equal(("North Voice", "#0b5cad"), await OfHostAsync(northHost.ToUpperInvariant()));
        Assert.Equal(("South Talk", null), await OfHostAsync(southHost));
        Assert.Equal((null, null), await OfHostAsync("nobody.example"));

        async Task BrandAsync(ResellerDto reseller, string branding, HttpStatusCode expected)
        {
            using HttpResponseMessage answer = await api.SendAsync(HttpMethod.Put, $"/v1/resellers/{reseller.Name}", $$"""{"name":"{{reseller.Name}}","branding":{{branding}} }""");
            Assert.Equal(expected, answer.StatusCode);
        }

        async Task<(string? Name, string? Color)> OfHostAsync(string host)
        {
            using HttpClient stranger = api.Stranger();
            using HttpResponseMessage answer = await stranger.GetAsync(new Uri($"/v1/branding?host={host}", UriKind.Relative), Cancel);
            BrandingDto found = await TestApi.ReadAsync<BrandingDto>(answer);
            return (found.Name, found.Color);
        }
    }

    [Fact]
    public async Task A_tenants_people_see_its_branding_and_what_that_leaves_open_is_its_resellers()
    {
        ResellerDto reseller = await CreateResellerAsync();
        using (HttpResponseMessage branded = await api.SendAsync(HttpMethod.Put, $"/v1/resellers/{reseller.Name}", $$"""{"name":"{{reseller.Name}}","branding":{"name":"North Voice","color":"#0b5cad","supportEmail":"help@north.example"} }"""))
            Assert.Equal(HttpStatusCode.OK, branded.StatusCode);
        string token = await TestTokens.Of(api).ResellerAsync(reseller.Id);
        (TenantDto plain, TenantDto own) = (await CreateAsync(), await CreateAsync());
        using (HttpResponseMessage branded = await SendAsync(token, "PUT", $"/v1/tenants/{own.Name}/branding", """{"name":"Acme Phones","color":"#c2185b"}"""))
            Assert.Equal(HttpStatusCode.OK, branded.StatusCode);
        Assert.Equal("North Voice #0b5cad help@north.example", await SeenAsync(await TestTokens.Of(api).AdministratorAsync(plain.Id)));
        Assert.Equal("Acme Phones #c2185b help@north.example", await SeenAsync(await TestTokens.Of(api).AdministratorAsync(own.Id)));
        Assert.Equal("North Voice #0b5cad help@north.example", await SeenAsync(token));
        Assert.Equal("  ", await SeenAsync(await TestTokens.Of(api).OperatorAsync()));
        ApplyReport other = await api.CreateTenantAsync("o");
        Assert.Equal("  ", await SeenAsync(await TestTokens.Of(api).AdministratorAsync(other.Id)));                             // another's tenant sees nothing of it

        async Task<TenantDto> CreateAsync()
        {
            using HttpResponseMessage made = await SendAsync(token, "POST", "/v1/tenants", $$"""{"name":"{{Unique("t")}}"}""");
            return await TestApi.ReadAsync<TenantDto>(made);
        }

        async Task<string> SeenAsync(string of)
        {
            using HttpResponseMessage answer = await SendAsync(of, "GET", "/v1/me/branding");
            BrandingDto seen = await TestApi.ReadAsync<BrandingDto>(answer);
            return $"{seen.Name} {seen.Color} {seen.SupportEmail}";
        }
    }

    [Fact]
    public async Task A_reseller_with_tenants_cannot_be_deleted()
    {
        ResellerDto reseller = await CreateResellerAsync();
        string name = Unique("t");
        using (HttpResponseMessage created = await SendAsync(await TestTokens.Of(api).ResellerAsync(reseller.Id), "POST", "/v1/tenants", $$"""{"name":"{{name}}"}"""))
            Assert.Equal(reseller.Id, (await TestApi.ReadAsync<TenantDto>(created)).ResellerId);
        using HttpResponseMessage refused = await api.SendAsync(HttpMethod.Delete, $"/v1/resellers/{reseller.Name}");
        await TestApi.ProblemAsync(refused, HttpStatusCode.Conflict, ProblemTypes.InUse);
        using HttpResponseMessage tenant = await api.SendAsync(HttpMethod.Delete, $"/v1/tenants/{name}");
        using HttpResponseMessage deleted = await api.SendAsync(HttpMethod.Delete, $"/v1/resellers/{reseller.Name}");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
    }

    [Fact]
    public async Task A_plan_limits_extensions_however_they_come()
    {
        ApplyReport tenant = await api.CreateTenantAsync("p");
        string plan = await PutPlanAsync("""{"maxExtensions":2,"maxTrunks":0,"maxChannels":7,"trialDays":14}""");
        using HttpResponseMessage given = await api.SendAsync(HttpMethod.Put, $"/v1/tenants/{tenant.Name}/plan", $$"""{"plan":"{{plan}}"}""");
        TenantPlanDto now = await TestApi.ReadAsync<TenantPlanDto>(given);
        Assert.Equal((plan, 2, 0, 1), (now.Plan, now.MaxExtensions, now.MaxTrunks, now.Extensions));
        Assert.InRange(now.TrialEndsAt!.Value, DateTime.UtcNow.AddDays(13), DateTime.UtcNow.AddDays(15));
        Assert.Equal(7, (await api.GetAsync<JsonElement>($"/v1/tenants/{tenant.Name}/limits")).GetProperty("maxChannels").GetInt32());
        await api.PostAsync<ExtensionDto>($"/v1/tenants/{tenant.Name}/extensions", """{"number":"101"}""");
        using HttpResponseMessage third = await api.SendAsync(HttpMethod.Post, $"/v1/tenants/{tenant.Name}/extensions", """{"number":"102"}""");
        await TestApi.ProblemAsync(third, HttpStatusCode.Conflict, ProblemTypes.PlanLimit);
        using HttpResponseMessage document = await api.SendAsync(
            HttpMethod.Put, $"/v1/tenants/{tenant.Name}/document", $$"""{"name":"{{tenant.Name}}","extensions":[{"number":"100"},{"number":"101"},{"number":"102"}]}""");
        Assert.Contains("$.extensions", (await TestApi.ErrorsAsync(document, HttpStatusCode.BadRequest, ProblemTypes.Validation)).Keys);
        using HttpResponseMessage trunk = await api.SendAsync(HttpMethod.Post, $"/v1/tenants/{tenant.Name}/trunks", """{"name":"line","kind":"ip","server":{"host":"sbc.example"},"sources":["192.0.2.77/32"]}""");
        await TestApi.ProblemAsync(trunk, HttpStatusCode.Conflict, ProblemTypes.PlanLimit);
        using HttpResponseMessage unknown = await api.SendAsync(HttpMethod.Put, $"/v1/tenants/{tenant.Name}/plan", """{"plan":"no-such-plan"}""");
        await TestApi.ErrorsAsync(unknown, HttpStatusCode.BadRequest, ProblemTypes.Validation);
    }

    [Fact]
    public async Task Suspending_reaches_the_runtime_which_ends_the_calls_and_the_end_of_a_trial_suspends()
    {
        ApplyReport tenant = await api.CreateTenantAsync("s"), other = await api.CreateTenantAsync("o");
        api.Door.Calls[tenant.Id] = [Live()];
        using HttpResponseMessage suspended = await api.SendAsync(HttpMethod.Post, $"/v1/tenants/{tenant.Name}/suspend", """{"reason":"Not paid."}""");
        Assert.NotNull((await TestApi.ReadAsync<TenantPlanDto>(suspended)).SuspendedAt);
        Assert.Equal((await LoadAsync(tenant.Id)).Version, api.Door.Told.Last(told => told.Tenant == tenant.Id).Version);
        Assert.Single(api.Door.Calls[tenant.Id]);                                        // it may be for help (S36), which the worker knows
        Assert.True((await LoadAsync(tenant.Id)).IsSuspended);
        Assert.False((await LoadAsync(other.Id)).IsSuspended);
        using HttpResponseMessage resumed = await api.SendAsync(HttpMethod.Post, $"/v1/tenants/{tenant.Name}/resume");
        Assert.Null((await TestApi.ReadAsync<TenantPlanDto>(resumed)).SuspendedAt);
        Assert.False((await LoadAsync(tenant.Id)).IsSuspended);

        await using (PbxDbContext db = api.Services.GetRequiredService<IPbxDatabase>().OpenTenant(tenant.Id))
        {
            Tenant row = await db.Tenants.SingleAsync(Cancel);
            row.TrialEndsAt = DateTime.UtcNow.AddMinutes(-1);
            await db.SaveChangesAsync(Cancel);
        }
        await api.Services.GetRequiredService<TrialWatch>().LookAsync(Cancel);
        Assert.Equal("The trial has ended.", (await api.GetAsync<TenantPlanDto>($"/v1/tenants/{tenant.Name}/plan")).SuspensionReason);
        Assert.Null((await api.GetAsync<TenantPlanDto>($"/v1/tenants/{other.Name}/plan")).SuspendedAt);

        static LiveCall Live() => new() { CallId = CallId.New(), CallerNumber = "100", CalledNumber = "101", StartedAt = DateTime.UtcNow };
    }

    [Fact]
    public async Task Usage_counts_the_tenants_own_calls_of_the_month()
    {
        ResellerDto reseller = await CreateResellerAsync();
        string token = await TestTokens.Of(api).ResellerAsync(reseller.Id);
        string[] names = [Unique("u"), Unique("u")];
        List<TenantDto> tenants = [];
        foreach (string name in names)
        {
            using HttpResponseMessage created = await SendAsync(token, "POST", "/v1/tenants", $$"""{"name":"{{name}}"}""");
            tenants.Add(await TestApi.ReadAsync<TenantDto>(created));
        }
        DateTime month = new(DateTime.UtcNow.Year, DateTime.UtcNow.Month, 1, 12, 0, 0, DateTimeKind.Utc);
        await StoreAsync(tenants[0].Id, month, 90, CallDirection.Outbound);
        await StoreAsync(tenants[0].Id, month, 30, CallDirection.Internal);
        await StoreAsync(tenants[0].Id, month.AddMonths(-1), 500, CallDirection.Outbound);
        await StoreAsync(tenants[1].Id, month, 7, CallDirection.Outbound);
        using HttpResponseMessage all = await SendAsync(token, "GET", $"/v1/resellers/{reseller.Id}/usage");
        Dictionary<TenantId, UsageDto> usage = (await TestApi.ReadAsync<Page<UsageDto>>(all)).Items.ToDictionary(u => u.TenantId);
        Assert.Equal((2, 2, 90L, 30L), (usage[tenants[0].Id].Calls, usage[tenants[0].Id].AnsweredCalls, usage[tenants[0].Id].OutboundSeconds, usage[tenants[0].Id].InternalSeconds));
        Assert.Equal(7, usage[tenants[1].Id].OutboundSeconds);
        using HttpResponseMessage wrong = await SendAsync(token, "GET", $"/v1/tenants/{names[0]}/usage?month=November");
        await TestApi.ErrorsAsync(wrong, HttpStatusCode.BadRequest, ProblemTypes.Validation);
    }

    [Fact]
    public async Task An_administrator_lets_people_of_the_tenant_in_and_never_above_it()
    {
        TestTokens tokens = TestTokens.Of(api);
        ApplyReport a = await api.CreateTenantAsync("a"), b = await api.CreateTenantAsync("b");
        string token = await tokens.AdministratorAsync(a.Id), path = $"/v1/tenants/{a.Name}/users", mail = $"{Unique("alice")}@example.com";
        using HttpResponseMessage created = await SendAsync(token, "POST", path, $$"""{"email":"{{mail}}","displayName":"Alice","extension":"100"}""");
        UserDto alice = await TestApi.ReadAsync<UserDto>(created);
        Assert.Equal((UserRole.User, "100", false), (alice.Role, alice.Extension, alice.HasPassword));
        Assert.StartsWith("https://localhost:8443/account/password?token=", alice.PasswordLink, StringComparison.Ordinal);
        string oneTime = alice.PasswordLink![(alice.PasswordLink!.IndexOf('=', StringComparison.Ordinal) + 1)..];
        Assert.Equal(alice.Id, await api.Services.GetRequiredService<OneTimeLinks>().FindAsync(oneTime, Cancel));
        using HttpResponseMessage shown = await SendAsync(token, "GET", $"{path}/{alice.Id}");
        Assert.Null((await TestApi.ReadAsync<UserDto>(shown)).PasswordLink);

        foreach (string role in new[] { "operator", "reseller" })
        {
            using HttpResponseMessage above = await SendAsync(token, "POST", path, $$"""{"email":"{{Unique("x")}}@example.com","role":"{{role}}"}""");
            Assert.Contains("$.role", (await TestApi.ErrorsAsync(above, HttpStatusCode.BadRequest, ProblemTypes.Validation)).Keys);
        }
        using HttpResponseMessage twice = await SendAsync(await tokens.AdministratorAsync(b.Id), "POST", $"/v1/tenants/{b.Name}/users", $$"""{"email":"{{mail.ToUpperInvariant()}}"}""");
        await TestApi.ProblemAsync(twice, HttpStatusCode.Conflict, ProblemTypes.Taken);

        string strangers = $"/v1/tenants/{b.Name}/users";
        string other = await tokens.AdministratorAsync(b.Id);
        foreach ((string method, string suffix) in new[] { ("GET", ""), ("PUT", ""), ("POST", "/link"), ("POST", "/revoke"), ("DELETE", "") })
        {
            using HttpResponseMessage response = await SendAsync(other, method, $"{strangers}/{alice.Id}{suffix}", method == "PUT" ? """{"email":"thief@example.com"}""" : null);
            await TestApi.ProblemAsync(response, HttpStatusCode.NotFound, ProblemTypes.NotFound);
        }
        using HttpResponseMessage list = await SendAsync(other, "GET", strangers);
        Assert.DoesNotContain(mail, await list.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        using HttpResponseMessage deleted = await SendAsync(token, "DELETE", $"{path}/{alice.Id}");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
    }

    [Fact]
    public async Task A_key_is_told_once_and_belongs_to_its_tenant()
    {
        TestTokens tokens = TestTokens.Of(api);
        ApplyReport a = await api.CreateTenantAsync("a"), b = await api.CreateTenantAsync("b");
        string token = await tokens.AdministratorAsync(a.Id);
        using HttpResponseMessage created = await SendAsync(token, "POST", $"/v1/tenants/{a.Name}/keys", """{"name":"wallboard"}""");
        ApiKeyDto key = await TestApi.ReadAsync<ApiKeyDto>(created);
        Assert.Equal((UserRole.Administrator, false), (key.Role, key.MayWrite));
        Assert.True(key.ClientSecret!.Length >= 40);
        using HttpResponseMessage list = await SendAsync(token, "GET", $"/v1/tenants/{a.Name}/keys");
        ApiKeyDto listed = Assert.Single((await TestApi.ReadAsync<Page<ApiKeyDto>>(list)).Items);
        Assert.Equal((key.ClientId, null), (listed.ClientId, listed.ClientSecret));
        string other = await tokens.AdministratorAsync(b.Id);
        using HttpResponseMessage foreign = await SendAsync(other, "DELETE", $"/v1/tenants/{b.Name}/keys/{key.ClientId}");
        await TestApi.ProblemAsync(foreign, HttpStatusCode.NotFound, ProblemTypes.NotFound);
        using HttpResponseMessage empty = await SendAsync(other, "GET", $"/v1/tenants/{b.Name}/keys");
        Assert.Empty((await TestApi.ReadAsync<Page<ApiKeyDto>>(empty)).Items);
        using HttpResponseMessage deleted = await SendAsync(token, "DELETE", $"/v1/tenants/{a.Name}/keys/{key.ClientId}");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
    }

    [Fact]
    public async Task Every_write_stands_in_the_tenants_audit_log_without_secrets()
    {
        TestTokens tokens = TestTokens.Of(api);
        ApplyReport a = await api.CreateTenantAsync("a"), b = await api.CreateTenantAsync("b");
        string token = await tokens.AdministratorAsync(a.Id);
        using HttpResponseMessage extension = await SendAsync(token, "POST", $"/v1/tenants/{a.Name}/extensions", """{"number":"201"}""");
        using HttpResponseMessage device = await SendAsync(token, "POST", $"/v1/tenants/{a.Name}/devices", """{"extension":"201","secret":"canary-secret-1"}""");
        using HttpResponseMessage refused = await SendAsync(token, "POST", $"/v1/tenants/{a.Name}/extensions", """{"number":"201"}""");
        using HttpResponseMessage read = await SendAsync(token, "GET", $"/v1/tenants/{a.Name}/extensions");
        using HttpResponseMessage response = await SendAsync(token, "GET", $"/v1/tenants/{a.Name}/audit");
        string text = await response.Content.ReadAsStringAsync(Cancel);
        Page<AuditEntryDto> log = JsonSerializer.Deserialize<Page<AuditEntryDto>>(text, JsonSerializerOptions.Web)!;
        Assert.Equal(["CreateDevice", "CreateExtension", "ApplyTenant"], log.Items.Select(e => e.Action));
        Assert.Equal(["Test", "Test", "operator token"], log.Items.Select(e => e.ActorName));
        Assert.DoesNotContain("canary", text, StringComparison.Ordinal);
        using HttpResponseMessage first = await SendAsync(token, "GET", $"/v1/tenants/{a.Name}/audit?limit=2");
        Page<AuditEntryDto> page = await TestApi.ReadAsync<Page<AuditEntryDto>>(first);
        using HttpResponseMessage second = await SendAsync(token, "GET", $"/v1/tenants/{a.Name}/audit?limit=2&after={page.Next}");
        Assert.Equal(["ApplyTenant"], (await TestApi.ReadAsync<Page<AuditEntryDto>>(second)).Items.Select(e => e.Action));
        Assert.Equal(["ApplyTenant"], (await api.GetAsync<Page<AuditEntryDto>>($"/v1/tenants/{b.Name}/audit")).Items.Select(e => e.Action));
    }

    [Fact]
    public async Task A_company_signs_up_and_can_call_and_sign_in()
    {
        string plan = await PutPlanAsync("""{"maxExtensions":5,"trialDays":30,"forSignUp":true}""");
        string name = Unique("acme"), mail = $"{name}@example.com", body = $$"""{"email":"{{mail}}","company":"Acme & Co","tenant":"{{name}}","plan":"{{plan}}","language":"zh"}""";
        using HttpResponseMessage asked = await api.SendAsync(HttpMethod.Post, "/v1/signups", body);
        Assert.Equal(HttpStatusCode.Accepted, asked.StatusCode);
        SignUpDto waiting = JsonSerializer.Deserialize<SignUpDto>(await asked.Content.ReadAsStringAsync(Cancel), JsonSerializerOptions.Web)!;
        Assert.Equal($"{name}.localhost", waiting.Domain);
        using HttpResponseMessage confirmed = await api.SendAsync(HttpMethod.Post, "/v1/signups/confirm", $$"""{"token":"{{waiting.Token}}"}""");
        SignedUpDto done = await TestApi.ReadAsync<SignedUpDto>(confirmed);
        Assert.Equal((name, "100", "100"), (done.Tenant.Name, done.Extension, done.SipUser));
        Assert.NotNull(done.TrialEndsAt);
        TenantDocument document = await api.GetAsync<TenantDocument>($"/v1/tenants/{name}/document");
        Assert.Equal(done.SipPassword, document.Extensions[0].Devices[0].Secret);
        Assert.Equal([$"{name}.localhost"], document.Domains);
        UserDto administrator = Assert.Single((await api.GetAsync<Page<UserDto>>($"/v1/tenants/{name}/users")).Items);
        Assert.Equal((mail, UserRole.Administrator), (administrator.Email, administrator.Role));
        using HttpResponseMessage again = await api.SendAsync(HttpMethod.Post, "/v1/signups/confirm", $$"""{"token":"{{waiting.Token}}"}""");
        await TestApi.ProblemAsync(again, HttpStatusCode.NotFound, ProblemTypes.NotFound);
        using HttpResponseMessage sameName = await api.SendAsync(HttpMethod.Post, "/v1/signups", body.Replace(mail, "other@example.com", StringComparison.Ordinal));
        await TestApi.ProblemAsync(sameName, HttpStatusCode.Conflict, ProblemTypes.Taken);

        // Without a mail server there is no other way than the answer: it has the token, or says that the address signs in here.
        using HttpClient stranger = api.Stranger();
        using HttpResponseMessage offered = await stranger.GetAsync(new Uri("/v1/signups", UriKind.Relative), Cancel);
        SignUpOfferDto offer = await TestApi.ReadAsync<SignUpOfferDto>(offered);
        Assert.Equal((true, false, "localhost"), (offer.Open, offer.ByMail, offer.Domain));
        Assert.Equal((5, 30), (offer.Plans.Single(p => p.Name == plan).MaxExtensions, offer.Plans.Single(p => p.Name == plan).TrialDays));
        foreach (string address in new[] { mail, $"{Unique("new")}@example.com" })
        {
            using StringContent content = new(body.Replace(mail, address, StringComparison.Ordinal).Replace($"\"tenant\":\"{name}\"", $"\"tenant\":\"{Unique("n")}\"", StringComparison.Ordinal), Encoding.UTF8, "application/json");
            using HttpResponseMessage told = await stranger.PostAsync(new Uri("/v1/signups", UriKind.Relative), content, Cancel);
            if (address == mail)
                Assert.Contains("$.email", (await TestApi.ErrorsAsync(told, HttpStatusCode.Conflict, ProblemTypes.Taken)).Keys);
            else
                Assert.NotNull(JsonSerializer.Deserialize<SignUpDto>(await told.Content.ReadAsStringAsync(Cancel), JsonSerializerOptions.Web)!.Token);
        }
        HttpStatusCode last = HttpStatusCode.OK;
        for (int i = 0; i < 12 && last != HttpStatusCode.TooManyRequests; i++)
        {
            using StringContent content = new("""{"token":"guessed"}""", Encoding.UTF8, "application/json");
            using HttpResponseMessage guess = await stranger.PostAsync(new Uri("/v1/signups/confirm", UriKind.Relative), content, Cancel);
            last = guess.StatusCode;
        }
        Assert.Equal(HttpStatusCode.TooManyRequests, last);

        // Behind the portal, which reaches us over a socket and says for whom it asks, each visitor is counted by their own address.
        stranger.DefaultRequestHeaders.Add("X-Forwarded-For", "192.0.2.77");
        using StringContent other = new("""{"token":"guessed"}""", Encoding.UTF8, "application/json");
        using HttpResponseMessage visitor = await stranger.PostAsync(new Uri("/v1/signups/confirm", UriKind.Relative), other, Cancel);
        await TestApi.ProblemAsync(visitor, HttpStatusCode.NotFound, ProblemTypes.NotFound);
    }

    [Theory]
    [InlineData("no-at-sign")]
    [InlineData("two@at@example.com\\r\\nBcc: x@y.z")]
    [InlineData("a@b@")]
    [InlineData("<a@example.com>")]
    public async Task A_mail_address_hides_nothing(string address)
    {
        await PutPlanAsync("""{"forSignUp":true}""");
        using HttpResponseMessage response = await api.SendAsync(HttpMethod.Post, "/v1/signups", $$"""{"email":"{{address}}","company":"x","tenant":"{{Unique("m")}}"}""");
        Assert.Contains("$.email", (await TestApi.ErrorsAsync(response, HttpStatusCode.BadRequest, ProblemTypes.Validation)).Keys);
    }

    private static string Unique(string prefix) => $"{prefix}-{Guid.NewGuid():N}"[..20];

    private async Task<string> PutPlanAsync(string json)
    {
        string name = Unique("plan");
        using HttpResponseMessage response = await api.SendAsync(HttpMethod.Put, $"/v1/plans/{name}", json);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return name;
    }

    private Task<ResellerDto> CreateResellerAsync() => api.PostAsync<ResellerDto>("/v1/resellers", $$"""{"name":"{{Unique("r")}}"}""");

    private async Task<TenantConfiguration> LoadAsync(TenantId tenant)
    {
        TenantLoad load = await api.Services.GetRequiredService<ITenantConfigurationSource>().LoadAsync(tenant, Cancel);
        Assert.True(load.IsLoaded);
        return load.Configuration;
    }

    private async Task StoreAsync(TenantId tenant, DateTime at, int seconds, CallDirection direction) =>
        await api.PublishAsync(
            new CallEnded
            {
                TenantId = tenant, CallId = new CallId(Guid.CreateVersion7(at)), CallerNumber = "100", CalledNumber = "101", Direction = direction, Disposition = CallDisposition.Answered,
                StartedAt = at, AnsweredAt = at, EndedAt = at.AddSeconds(seconds),
            });

    private async Task<HttpResponseMessage> SendAsync(string token, string method, string path, string? body = null)
    {
        using HttpClient client = api.As(token);
        using HttpRequestMessage request = new(new HttpMethod(method), path);
        if (body is not null || method is "POST" or "PUT")
            request.Content = new StringContent(body ?? "{}", Encoding.UTF8, "application/json");
        return await client.SendAsync(request, Cancel);
    }
}
