using System.Net;
using System.Text.Json;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Data.Keys;
using CloudPbx.Data.Tenants;
using CloudPbx.Data.Trunks;
using CloudPbx.Grains;
using CloudPbx.Hosting.Web.Problems;
using CloudPbx.State.Directory;
using CloudPbx.State.SharedTrunks;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Api.Tests;

public sealed class SharedLinesOnSqliteTests(SqliteApi api) : SharedLineTests(api), IClassFixture<SqliteApi>;

public sealed class SharedLinesOnPostgresTests(PostgresApi api) : SharedLineTests(api), IClassFixture<PostgresApi>;

/// <summary>Shared trunks of the registered kind, as their owner sets them up and as tenants see them.</summary>
public abstract class SharedLineTests(TestApi api)
{
    private static int s_numbers;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private GlobalTrunkStore Store => api.Services.GetRequiredService<GlobalTrunkStore>();

    [Fact]
    public async Task The_owner_sets_accounts_up_and_their_passwords_are_sealed_kept_and_never_told()
    {
        string name = NewName();
        await OkAsync(HttpMethod.Post, "/v1/platform/trunks", Body(name, """{"user":"line-1","password":"first-secret"},{"user":"line-2","authUser":"auth-2","password":"second-secret"}"""));
        using HttpResponseMessage response = await api.SendAsync(HttpMethod.Get, $"/v1/platform/trunks/{name}");
        string text = await response.Content.ReadAsStringAsync(Cancel);
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
        TrunkDto trunk = await api.GetAsync<TrunkDto>($"/v1/platform/trunks/{name}");
        Assert.Equal((TrunkKind.Registered, 600), (trunk.Kind, trunk.RegistrationSeconds));
        Assert.Equal([("line-1", "line-1", null), ("line-2", "auth-2", null)], trunk.Accounts.Select(account => (account.User, account.AuthUser!, account.Password)));
        GlobalTrunk row = (await Store.FindAsync(trunk.Id, Cancel))!;
        Assert.DoesNotContain("secret", JsonSerializer.Serialize(row.Details, JsonSerializerOptions.Web), StringComparison.Ordinal);        // S29
        Assert.Equal(["first-secret", "second-secret"], row.Details.Accounts.Select(account => Open(row, account)));
        Assert.Contains((row.Keeper, row.Revision), api.Door.Told);
        Assert.Single((await DirectoryAsync()).SharedLines, line => line.Trunk == row.Id);

        await OkAsync(HttpMethod.Put, $"/v1/platform/trunks/{name}", Body(name, """{"user":"line-2","authUser":"auth-2"},{"user":"line-3","password":"third-secret"}"""));
        GlobalTrunk changed = (await Store.FindAsync(trunk.Id, Cancel))!;
        Assert.Equal(["second-secret", "third-secret"], changed.Details.Accounts.Select(account => Open(changed, account)));
        Assert.True(changed.Revision > row.Revision);
        Assert.Contains((row.Keeper, changed.Revision), api.Door.Told);
    }

    [Fact]
    public async Task What_a_trunk_cannot_be_is_refused_with_its_place()
    {
        string name = NewName();
        (string Body, string Place)[] wrong =
        [
            (Body(name, ""), "$.accounts"),
            (Body(name, """{"user":"line"}"""), "$.accounts[0].password"),
            (Body(name, """{"user":"line","password":"x"},{"user":"line","password":"y"}"""), "$.accounts"),
            ($$"""{"name":"{{name}}","server":{"host":"sip.example"},"accounts":[{"user":"a","password":"x"},{"user":"b","password":"y"}]}""", "$.accounts"),
        ];
        foreach ((string body, string place) in wrong)
        {
            using HttpResponseMessage response = await api.SendAsync(HttpMethod.Post, "/v1/platform/trunks", body);
            await TestApi.ProblemAsync(response, HttpStatusCode.BadRequest, ProblemTypes.Validation);
            Assert.Contains($"\"{place}\"", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Two_tenants_get_the_trunk_with_their_numbers_call_by_its_account_and_are_not_told_of_it()
    {
        string name = NewName();
        await OkAsync(HttpMethod.Post, "/v1/platform/trunks", Body(name, """{"user":"line-1","password":"shared-secret"}"""));
        foreach (ApplyReport tenant in new[] { await api.CreateTenantAsync("a"), await api.CreateTenantAsync("b") })
        {
            string number = $"+1777{Interlocked.Increment(ref s_numbers):D7}";
            await OkAsync(HttpMethod.Post, "/v1/platform/numbers", $$"""{"number":"{{number}}","trunk":"{{name}}","tenant":"{{tenant.Name}}"}""");
            foreach (string path in new[] { $"/v1/tenants/{tenant.Name}/trunks/{name}", $"/v1/tenants/{tenant.Name}/trunks", $"/v1/tenants/{tenant.Name}/document" })
            {
                using HttpResponseMessage response = await api.SendAsync(HttpMethod.Get, path);
                string text = await response.Content.ReadAsStringAsync(Cancel);
                Assert.True(response.IsSuccessStatusCode, text);
                Assert.DoesNotContain("line-1", text, StringComparison.Ordinal);
                Assert.DoesNotContain("shared-secret", text, StringComparison.Ordinal);
            }
            Assert.Equal(TrunkKind.Registered, (await api.GetAsync<TrunkDto>($"/v1/tenants/{tenant.Name}/trunks/{name}")).Kind);
            TenantConfiguration configuration = (await api.Services.GetRequiredService<ITenantConfigurationSource>().LoadAsync(tenant.Id, Cancel)).Configuration!;
            TrunkSettings copy = Assert.Single(configuration.SharedTrunks);
            Assert.True(configuration.TryOpenPassword(copy, Assert.Single(copy.Accounts), out string? password));
            Assert.Equal("shared-secret", password);
            Assert.Empty((await api.ApplyAsync(tenant.Name, await ExportAsync(tenant.Name))).Changes);
        }
    }

    [Fact]
    public async Task The_owner_sees_how_each_account_stands_as_the_latest_keeper_told_it()
    {
        string name = NewName();
        await OkAsync(HttpMethod.Post, "/v1/platform/trunks", Body(name, """{"user":"good","password":"x"},{"user":"bad","password":"x"},{"user":"new","password":"x"}"""));
        TrunkId id = (await api.GetAsync<TrunkDto>($"/v1/platform/trunks/{name}")).Id;
        SharedTrunkStore live = api.Services.GetRequiredService<SharedTrunkStore>();
        DateTime at = new(2026, 11, 28, 8, 0, 0, DateTimeKind.Utc);
        SharedTrunkLines former = new(id, 1) { Lines = [new SharedTrunkLine("good") { FailedAt = at, FailureStatus = 408, FailureReason = "No answer" }] };
        SharedTrunkLines now = new(id, 2) { EdgeId = 1, Lines = [new SharedTrunkLine("good") { RegisteredSince = at, ExpiresAt = at.AddMinutes(10) }, new SharedTrunkLine("bad") { FailedAt = at, FailureStatus = 403, FailureReason = "Go\u001b away" }] };
        await live.TellAsync(new SharedTrunkReport("lines-1", []) { Kept = [now] }, TimeSpan.FromMinutes(1), Cancel);
        await live.TellAsync(new SharedTrunkReport("lines-2", []) { Kept = [former] }, TimeSpan.FromMinutes(1), Cancel);
        SharedTrunkStatusDto status = await api.GetAsync<SharedTrunkStatusDto>($"/v1/platform/trunks/{name}/status");
        Assert.Equal(TrunkKind.Registered, status.Kind);
        Assert.Equal(
            [new() { Account = "good", RegisteredSince = at, ExpiresAt = at.AddMinutes(10) }, new() { Account = "bad", LastFailure = new TrunkFailureDto(at, 403, "Go away") }, new() { Account = "new" }],
            status.Lines);                                                              // S22
        await live.WithdrawAsync("lines-1", Cancel);
        await live.WithdrawAsync("lines-2", Cancel);
    }

    [Fact]
    public async Task The_owner_has_a_trunk_tried_by_its_keeper_or_where_it_is_known_by_address_by_a_tenant_that_has_it()
    {
        string lines = NewName(), byAddress = NewName();
        await OkAsync(HttpMethod.Post, "/v1/platform/trunks", Body(lines, """{"user":"line","password":"x"}"""));
        await OkAsync(HttpMethod.Post, "/v1/platform/trunks", $$"""{"name":"{{byAddress}}","server":{"host":"sip.example"} }""");
        api.Door.NextCheck = new TrunkCheckAnswer([new("call", TrunkCheckOutcome.Bad, "+49: 403 No\u001b[2J")], []);
        TrunkCheckDto found = await CheckAsync(lines, "?number=%2B4989222");
        Assert.Equal(new TrunkCheckStepDto("call", TrunkCheckOutcome.Bad, "+49: 403 No[2J"), Assert.Single(found.Steps));                      // S22
        Assert.Equal((await KeeperAsync(lines), lines, "+4989222"), api.Door.Checked.Last());

        using HttpResponseMessage unused = await api.SendAsync(HttpMethod.Post, $"/v1/platform/trunks/{byAddress}/check");
        await TestApi.ProblemAsync(unused, HttpStatusCode.Conflict, ProblemTypes.Conflict);
        ApplyReport tenant = await api.CreateTenantAsync("checks");
        await OkAsync(HttpMethod.Post, "/v1/platform/numbers", $$"""{"number":"+4936{{Interlocked.Increment(ref s_numbers):D6}}","trunk":"{{byAddress}}","tenant":"{{tenant.Name}}"}""");
        await CheckAsync(byAddress, "");
        Assert.Equal((tenant.Id, byAddress, null), api.Door.Checked.Last());

        using HttpResponseMessage wrong = await api.SendAsync(HttpMethod.Post, $"/v1/platform/trunks/{lines}/check?number=sip:x@y");
        await TestApi.ProblemAsync(wrong, HttpStatusCode.BadRequest, ProblemTypes.Validation);
        using HttpResponseMessage missing = await api.SendAsync(HttpMethod.Post, "/v1/platform/trunks/nobodys/check");
        await TestApi.ProblemAsync(missing, HttpStatusCode.NotFound, ProblemTypes.NotFound);
        api.Door.Away[tenant.Id] = true;
        using HttpResponseMessage away = await api.SendAsync(HttpMethod.Post, $"/v1/platform/trunks/{byAddress}/check");
        await TestApi.ProblemAsync(away, HttpStatusCode.ServiceUnavailable, ProblemTypes.LiveStateAway);

        async Task<TrunkCheckDto> CheckAsync(string trunk, string query)
        {
            using HttpResponseMessage response = await api.SendAsync(HttpMethod.Post, $"/v1/platform/trunks/{trunk}/check{query}");
            return await TestApi.ReadAsync<TrunkCheckDto>(response);
        }
    }

    [Fact]
    public async Task A_trunk_that_is_deleted_or_becomes_one_by_address_dismisses_its_keeper()
    {
        string deleted = NewName(), changed = NewName();
        foreach (string name in new[] { deleted, changed })
            await OkAsync(HttpMethod.Post, "/v1/platform/trunks", Body(name, """{"user":"line","password":"x"}"""));
        TenantId[] keepers = [await KeeperAsync(deleted), await KeeperAsync(changed)];
        await OkAsync(HttpMethod.Delete, $"/v1/platform/trunks/{deleted}");
        await OkAsync(HttpMethod.Put, $"/v1/platform/trunks/{changed}", $$"""{"name":"{{changed}}","server":{"host":"sip.example"} }""");
        Assert.All(keepers, keeper => Assert.Contains((keeper, ITenantGrain.Deleted), api.Door.Told));
        Assert.DoesNotContain((await DirectoryAsync()).SharedLines, line => keepers.Contains(new TenantId(line.Trunk.Value)));
        ITenantConfigurationSource source = api.Services.GetRequiredService<ITenantConfigurationSource>();
        foreach (TenantId keeper in keepers)
            Assert.Equal(TenantLoadOutcome.NoSuchTenant, (await source.LoadAsync(keeper, Cancel)).Outcome);
    }

    private static string NewName() => $"lines-{Interlocked.Increment(ref s_numbers)}";

    private static string Body(string name, string accounts) => $$"""{"name":"{{name}}","kind":"registered","server":{"host":"sip.example"},"registrationSeconds":600,"accounts":[{{accounts}}]}""";

    private string Open(GlobalTrunk row, TrunkAccount account) =>
        GlobalTrunkPassword.TryOpen(api.Services.GetRequiredService<PlatformSeal>(), row.Id, account.User, account.SealedPassword, out string? password) ? password : "";

    private async Task<TenantId> KeeperAsync(string name) => new((await api.GetAsync<TrunkDto>($"/v1/platform/trunks/{name}")).Id.Value);

    private async Task<DirectorySnapshot> DirectoryAsync() => (await api.Services.GetRequiredService<DirectoryStore>().LoadAsync(Cancel))!;

    private async Task<string> ExportAsync(string tenant)
    {
        using HttpResponseMessage export = await api.SendAsync(HttpMethod.Get, $"/v1/tenants/{tenant}/document");
        return await export.Content.ReadAsStringAsync(Cancel);
    }

    private async Task OkAsync(HttpMethod method, string path, string? body = null)
    {
        using HttpResponseMessage response = await api.SendAsync(method, path, body);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancel));
    }
}
