using System.Net;
using System.Text;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Data;
using CloudPbx.Data.Tenants;
using CloudPbx.Hosting.Web.Problems;
using CloudPbx.State.Directory;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Api.Tests;

public sealed class ResellerTrunksOnSqliteTests(SqliteApi api) : ResellerTrunkTests(api), IClassFixture<SqliteApi>;

public sealed class ResellerTrunksOnPostgresTests(PostgresApi api) : ResellerTrunkTests(api), IClassFixture<PostgresApi>;

/// <summary>Trunks that a reseller shares among its tenants, and its inventory of numbers: never another reseller's. All names are the same on both sides.</summary>
public abstract class ResellerTrunkTests(TestApi api)
{
    private static int s_numbers;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_tenants_of_a_reseller_get_numbers_of_its_trunk_and_the_called_number_decides()
    {
        Side side = await SideAsync();
        ApplyReport second = await TenantAsync(side.Reseller);
        string network = await TrunkAsync(side, "carrier");
        string ofFirst = await GiveAsync(side, "carrier", side.Tenant.Name), ofSecond = await GiveAsync(side, "carrier", second.Name);
        TrunkDto copy = await api.GetAsync<TrunkDto>($"/v1/tenants/{side.Tenant.Name}/trunks/carrier");
        Assert.Equal((TrunkOwner.Reseller, "sbc.example"), (copy.Owner, copy.Server.Host));
        DirectorySnapshot directory = (await api.Services.GetRequiredService<DirectoryStore>().LoadAsync(Cancel))!;
        Assert.Null(Assert.Single(directory.Carriers, c => c.Network == network).Tenant);
        Assert.Equal((side.Tenant.Id, second.Id), (directory.Numbers[ofFirst], directory.Numbers[ofSecond]));
        Assert.Equal([(ofFirst, side.Tenant.Name), (ofSecond, second.Name)], (await ReadAsync<Page<InventoryNumberDto>>(side, $"{side.Path}/numbers")).Items.Select(n => (n.Number, n.Tenant!)));
        await OkAsync(side, HttpMethod.Put, $"{side.Path}/trunks/carrier", $$"""{"name":"carrier","server":{"host":"new.example"},"sources":["{{network}}"]}""");
        foreach (string tenant in new[] { side.Tenant.Name, second.Name })
            Assert.Equal("new.example", (await api.GetAsync<TrunkDto>($"/v1/tenants/{tenant}/trunks/carrier")).Server.Host);
        // Its document leaves alone what its reseller gave.
        await api.ApplyAsync(second.Name, $$"""{"name":"{{second.Name}}"}""");
        Assert.Equal((ofSecond, "carrier"), Assert.Single((await api.GetAsync<Page<NumberDto>>($"/v1/tenants/{second.Name}/numbers")).Items.Select(n => (n.Number, n.Trunk))));
    }

    [Fact]
    public async Task A_reseller_sees_changes_and_gives_nothing_of_another_nor_of_the_platform()
    {
        Side north = await SideAsync(), south = await SideAsync();
        await TrunkAsync(north, "carrier");
        await TrunkAsync(south, "carrier");                                 // a name is unique in a reseller, and in the platform
        await OkAsync(null, HttpMethod.Post, "/v1/platform/trunks", """{"name":"carrier-of-platform","server":{"host":"canary.example"} }""");
        string ofNorth = await GiveAsync(north, "carrier", null), ofSouth = await GiveAsync(south, "carrier", null), ofPlatform = NewNumber();
        await OkAsync(null, HttpMethod.Post, "/v1/platform/numbers", $$"""{"number":"{{ofPlatform}}","trunk":"carrier-of-platform"}""");
        Assert.Equal([ofNorth], (await ReadAsync<Page<InventoryNumberDto>>(north, $"{north.Path}/numbers")).Items.Select(n => n.Number));
        Assert.Equal("carrier", Assert.Single((await ReadAsync<Page<TrunkDto>>(north, $"{north.Path}/trunks")).Items).Name);
        Assert.DoesNotContain((await api.GetAsync<Page<InventoryNumberDto>>("/v1/platform/numbers?limit=1000")).Items, n => n.Number == ofNorth || n.Number == ofSouth);
        string given = await GiveAsync(south, "carrier", south.Tenant.Name);
        (HttpMethod Method, string Path, string? Body, HttpStatusCode Status, string Type)[] refused =
        [
            (HttpMethod.Get, $"{south.Path}/trunks", null, HttpStatusCode.NotFound, ProblemTypes.NotFound),
            (HttpMethod.Get, $"{south.Path}/trunks/carrier", null, HttpStatusCode.NotFound, ProblemTypes.NotFound),
            (HttpMethod.Post, $"{south.Path}/trunks", """{"name":"mine","server":{"host":"mine.example"} }""", HttpStatusCode.NotFound, ProblemTypes.NotFound),
            (HttpMethod.Put, $"{south.Path}/trunks/carrier", """{"name":"carrier","server":{"host":"mine.example"} }""", HttpStatusCode.NotFound, ProblemTypes.NotFound),
            (HttpMethod.Delete, $"{south.Path}/trunks/carrier", null, HttpStatusCode.NotFound, ProblemTypes.NotFound),
            (HttpMethod.Post, $"{south.Path}/trunks/carrier/check", null, HttpStatusCode.NotFound, ProblemTypes.NotFound),
            (HttpMethod.Post, $"{north.Path}/trunks/carrier-of-platform/check", null, HttpStatusCode.NotFound, ProblemTypes.NotFound),
            (HttpMethod.Post, "/v1/platform/trunks/carrier/check", null, HttpStatusCode.Forbidden, ProblemTypes.Forbidden),
            (HttpMethod.Get, $"{south.Path}/numbers", null, HttpStatusCode.NotFound, ProblemTypes.NotFound),
            (HttpMethod.Post, $"{south.Path}/numbers", $$"""{"number":"{{NewNumber()}}","trunk":"carrier"}""", HttpStatusCode.NotFound, ProblemTypes.NotFound),
            (HttpMethod.Get, $"{north.Path}/numbers/{ofSouth}", null, HttpStatusCode.NotFound, ProblemTypes.NotFound),
            (HttpMethod.Put, $"{north.Path}/numbers/{ofSouth}", $$"""{"number":"{{ofSouth}}","trunk":"carrier","tenant":"{{north.Tenant.Name}}"}""", HttpStatusCode.NotFound, ProblemTypes.NotFound),
            (HttpMethod.Put, $"{north.Path}/numbers/{given}", $$"""{"number":"{{given}}","trunk":"carrier"}""", HttpStatusCode.NotFound, ProblemTypes.NotFound),
            (HttpMethod.Delete, $"{north.Path}/numbers/{ofPlatform}", null, HttpStatusCode.NotFound, ProblemTypes.NotFound),
            (HttpMethod.Post, $"{north.Path}/numbers", $$"""{"number":"{{ofSouth}}","trunk":"carrier"}""", HttpStatusCode.Conflict, ProblemTypes.Taken),
            (HttpMethod.Post, $"{north.Path}/numbers", $$"""{"number":"{{given}}","trunk":"carrier"}""", HttpStatusCode.Conflict, ProblemTypes.Taken),
            (HttpMethod.Post, $"{north.Path}/numbers", $$"""{"number":"{{NewNumber()}}","trunk":"carrier-of-platform"}""", HttpStatusCode.BadRequest, ProblemTypes.Validation),
            (HttpMethod.Put, $"{north.Path}/numbers/{ofNorth}", $$"""{"number":"{{ofNorth}}","trunk":"carrier","tenant":"{{south.Tenant.Name}}"}""", HttpStatusCode.BadRequest, ProblemTypes.Validation),
            (HttpMethod.Get, "/v1/platform/trunks", null, HttpStatusCode.Forbidden, ProblemTypes.Forbidden),
            (HttpMethod.Get, "/v1/platform/numbers", null, HttpStatusCode.Forbidden, ProblemTypes.Forbidden),
        ];
        foreach ((HttpMethod method, string path, string? body, HttpStatusCode status, string type) in refused)
        {
            using HttpResponseMessage response = await SendAsync(north, method, path, body);
            string text = await response.Content.ReadAsStringAsync(Cancel);
            Assert.True(response.StatusCode == status, $"{method} {path}: {(int)response.StatusCode} {text}");
            foreach (string canary in new[] { south.Tenant.Id.ToString(), "canary.example" })
                Assert.DoesNotContain(canary, text, StringComparison.Ordinal);
            await TestApi.ProblemAsync(response, status, type);
        }
        Assert.Equal([(ofSouth, null), (given, south.Tenant.Name)], (await ReadAsync<Page<InventoryNumberDto>>(south, $"{south.Path}/numbers")).Items.Select(n => (n.Number, n.Tenant)));
    }

    [Fact]
    public async Task A_tenant_takes_open_numbers_of_its_reseller_and_of_the_platform_but_of_no_other_reseller()
    {
        Side north = await SideAsync(), south = await SideAsync();
        ApplyReport without = await api.CreateTenantAsync("without");
        await TrunkAsync(north, "carrier");
        await TrunkAsync(south, "carrier");
        string platform = $"open-{Guid.NewGuid():N}"[..20];
        await OkAsync(null, HttpMethod.Post, "/v1/platform/trunks", $$"""{"name":"{{platform}}","server":{"host":"sbc.example"} }""");
        string ofNorth = await GiveAsync(north, "carrier", null, open: true), ofSouth = await GiveAsync(south, "carrier", null, open: true), ofPlatform = NewNumber();
        await OkAsync(null, HttpMethod.Post, "/v1/platform/numbers", $$"""{"number":"{{ofPlatform}}","trunk":"{{platform}}","selfService":true}""");
        foreach ((string tenant, string[] seen, string[] unseen) in ((string, string[], string[])[])
            [(north.Tenant.Name, [ofNorth, ofPlatform], [ofSouth]), (south.Tenant.Name, [ofSouth, ofPlatform], [ofNorth]), (without.Name, [ofPlatform], [ofNorth, ofSouth])])
        {
            string[] free = [.. (await api.GetAsync<Page<FreeNumberDto>>($"/v1/tenants/{tenant}/free-numbers?limit=1000")).Items.Select(n => n.Number)];
            Assert.Equal(seen, seen.Intersect(free));
            Assert.Empty(unseen.Intersect(free));
            foreach (string number in unseen)
            {
                using HttpResponseMessage refused = await TakeAsync(tenant, number);
                Assert.Equal("$.number", Assert.Single((await TestApi.ErrorsAsync(refused, HttpStatusCode.Conflict, ProblemTypes.Taken)).Keys));
            }
        }
        using (HttpResponseMessage taken = await TakeAsync(north.Tenant.Name, ofNorth))
            Assert.Equal(HttpStatusCode.Created, taken.StatusCode);
        Assert.Equal(TrunkOwner.Reseller, (await api.GetAsync<TrunkDto>($"/v1/tenants/{north.Tenant.Name}/trunks/carrier")).Owner);
        await OkAsync(null, HttpMethod.Delete, $"/v1/tenants/{north.Tenant.Name}/numbers/{ofNorth}");          // gives it back
        Assert.Null((await ReadAsync<InventoryNumberDto>(north, $"{north.Path}/numbers/{ofNorth}")).Tenant);
        Assert.Empty((await api.GetAsync<Page<TrunkDto>>($"/v1/tenants/{north.Tenant.Name}/trunks")).Items);
    }

    [Fact]
    public async Task Networks_of_two_resellers_that_overlap_are_refused_before_any_tenant_has_a_number()
    {
        Side north = await SideAsync(), south = await SideAsync();
        await OkAsync(north, HttpMethod.Post, $"{north.Path}/trunks", """{"name":"carrier","server":{"host":"sbc.example"},"sources":["198.51.100.0/24"]}""");
        using (HttpResponseMessage wider = await SendAsync(south, HttpMethod.Post, $"{south.Path}/trunks", """{"name":"carrier","server":{"host":"sbc.example"},"sources":["203.0.113.1","198.51.100.128/25"]}"""))
        {
            IReadOnlyDictionary<string, string> errors = await TestApi.ErrorsAsync(wider, HttpStatusCode.Conflict, ProblemTypes.Taken);
            Assert.Equal("$.sources[1]", Assert.Single(errors.Keys));
        }
        using (HttpResponseMessage own = await api.SendAsync(HttpMethod.Post, $"/v1/tenants/{south.Tenant.Name}/trunks", """{"name":"mine","kind":"ip","server":{"host":"sbc.example"},"sources":["198.51.100.7"]}"""))
            await TestApi.ErrorsAsync(own, HttpStatusCode.Conflict, ProblemTypes.Taken);
        // Written alike and read alike: the called number decides.
        await OkAsync(south, HttpMethod.Post, $"{south.Path}/trunks", """{"name":"carrier","server":{"host":"sbc.example"},"sources":["198.51.100.0/24"]}""");
        await OkAsync(south, HttpMethod.Delete, $"{south.Path}/trunks/carrier");
        await OkAsync(north, HttpMethod.Delete, $"{north.Path}/trunks/carrier");
    }

    [Fact]
    public async Task A_reseller_is_not_deleted_while_it_has_trunks_and_its_log_tells_what_it_did()
    {
        Side side = await SideAsync();
        await TrunkAsync(side, "carrier");
        string number = await GiveAsync(side, "carrier", null);
        await OkAsync(null, HttpMethod.Delete, $"/v1/tenants/{side.Tenant.Name}");
        using (HttpResponseMessage refused = await api.SendAsync(HttpMethod.Delete, side.Path))
            await TestApi.ProblemAsync(refused, HttpStatusCode.Conflict, ProblemTypes.InUse);
        using (HttpResponseMessage used = await SendAsync(side, HttpMethod.Delete, $"{side.Path}/trunks/carrier"))
            await TestApi.ProblemAsync(used, HttpStatusCode.Conflict, ProblemTypes.InUse);
        await OkAsync(side, HttpMethod.Delete, $"{side.Path}/numbers/{number}");
        await OkAsync(side, HttpMethod.Delete, $"{side.Path}/trunks/carrier");
        Assert.Equal(
            ["DeleteResellerTrunk", "RemoveResellerInventoryNumber", "AddResellerInventoryNumber", "CreateResellerTrunk"],
            (await ReadAsync<Page<AuditEntryDto>>(side, $"{side.Path}/audit")).Items.Where(entry => entry.Status < 300 && entry.Action.Contains("Reseller", StringComparison.Ordinal) && entry.Action != "CreateReseller").Select(entry => entry.Action));
        await OkAsync(null, HttpMethod.Delete, side.Path);
    }

    private static string NewNumber() => $"+1888{Interlocked.Increment(ref s_numbers):D7}";

    private async Task<Side> SideAsync()
    {
        string name = $"r{Guid.NewGuid():N}"[..20];
        ResellerDto reseller = await api.PostAsync<ResellerDto>("/v1/resellers", $$"""{"name":"{{name}}"}""");
        return new Side(reseller, await TenantAsync(reseller), api.As(await TestTokens.Of(api).ResellerAsync(reseller.Id)));
    }

    private async Task<ApplyReport> TenantAsync(ResellerDto reseller)
    {
        ApplyReport tenant = await api.CreateTenantAsync("of");
        await using PlatformDbContext db = api.Services.GetRequiredService<IPbxDatabase>().OpenPlatform();
        Tenant row = await db.Tenants.SingleAsync(t => t.Id == tenant.Id, Cancel);
        row.ResellerId = reseller.Id;
        await db.SaveChangesAsync(Cancel);
        return tenant;
    }

    private async Task<string> TrunkAsync(Side side, string name)
    {
        string network = $"198.19.{Interlocked.Increment(ref s_numbers) % 250}.0/24";
        await OkAsync(side, HttpMethod.Post, $"{side.Path}/trunks", $$"""{"name":"{{name}}","server":{"host":"sbc.example"},"sources":["{{network}}"]}""");
        return network;
    }

    private async Task<string> GiveAsync(Side side, string trunk, string? tenant, bool open = false)
    {
        string number = NewNumber(), owner = tenant is null ? "" : $$""","tenant":"{{tenant}}" """;
        await OkAsync(side, HttpMethod.Post, $"{side.Path}/numbers", $$"""{"number":"{{number}}","trunk":"{{trunk}}","selfService":{{(open ? "true" : "false")}}{{owner}}}""");
        return number;
    }

    private Task<HttpResponseMessage> TakeAsync(string tenant, string number) => api.SendAsync(HttpMethod.Post, $"/v1/tenants/{tenant}/free-numbers", $$"""{"number":"{{number}}"}""");

    private async Task<T> ReadAsync<T>(Side side, string path)
    {
        using HttpResponseMessage response = await SendAsync(side, HttpMethod.Get, path);
        return await TestApi.ReadAsync<T>(response);
    }

    private async Task OkAsync(Side? side, HttpMethod method, string path, string? body = null)
    {
        using HttpResponseMessage response = await SendAsync(side, method, path, body);
        Assert.True(response.IsSuccessStatusCode, $"{method} {path}: {await response.Content.ReadAsStringAsync(Cancel)}");
    }

    private async Task<HttpResponseMessage> SendAsync(Side? side, HttpMethod method, string path, string? body = null)
    {
        if (side is null)
            return await api.SendAsync(method, path, body);
        using HttpRequestMessage request = new(method, new Uri(path, UriKind.Relative));
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        return await side.Client.SendAsync(request, Cancel);
    }

    /// <summary>A reseller with a tenant, and a client with its token.</summary>
    private sealed record Side(ResellerDto Reseller, ApplyReport Tenant, HttpClient Client)
    {
        public string Path => $"/v1/resellers/{Reseller.Name}";
    }
}
