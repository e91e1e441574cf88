using System.Net;
using System.Text;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Contracts.Api;
using CloudPbx.Hosting.Web.Problems;
using CloudPbx.State.Directory;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Api.Tests;

public sealed class FreeNumbersOnSqliteTests(SqliteApi api) : FreeNumberTests(api), IClassFixture<SqliteApi>;

public sealed class FreeNumbersOnPostgresTests(PostgresApi api) : FreeNumberTests(api), IClassFixture<PostgresApi>;

/// <summary>Numbers of the platform's inventory that tenants take by themselves.</summary>
public abstract class FreeNumberTests(TestApi api)
{
    private static int s_numbers;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_tenants_want_one_number_at_the_same_instant_and_exactly_one_gets_it()
    {
        string trunk = await TrunkAsync(), number = await AddAsync(trunk, open: true);
        ApplyReport[] tenants = [await api.CreateTenantAsync("a"), await api.CreateTenantAsync("b"), await api.CreateTenantAsync("c")];
        HttpResponseMessage[] answers = await Task.WhenAll(tenants.Select(tenant => TakeAsync(tenant, number)));
        int winner = Assert.Single(Enumerable.Range(0, answers.Length), i => answers[i].StatusCode == HttpStatusCode.Created);
        foreach (HttpResponseMessage refused in answers.Where((_, i) => i != winner))
        {
            IReadOnlyDictionary<string, string> errors = await TestApi.ErrorsAsync(refused, HttpStatusCode.Conflict, ProblemTypes.Taken);
            Assert.Equal("$.number", Assert.Single(errors.Keys));
            Assert.DoesNotContain(tenants[winner].Name, errors["$.number"], StringComparison.Ordinal);
        }
        for (int i = 0; i < tenants.Length; i++)
        {
            Assert.Equal(i == winner ? [number] : [], (await api.GetAsync<Page<NumberDto>>($"/v1/tenants/{tenants[i].Name}/numbers")).Items.Select(n => n.Number));
            Assert.Equal(i == winner ? 1 : 0, (await api.GetAsync<Page<TrunkDto>>($"/v1/tenants/{tenants[i].Name}/trunks")).Items.Count);        // what lost left nothing half-done
        }
        DirectorySnapshot directory = (await api.Services.GetRequiredService<DirectoryStore>().LoadAsync(Cancel))!;
        Assert.Equal(tenants[winner].Id, directory.Numbers[number]);
        foreach (HttpResponseMessage answer in answers)
            answer.Dispose();
    }

    [Fact]
    public async Task Only_what_is_open_and_free_is_listed_and_nothing_tells_who_has_the_others()
    {
        ApplyReport a = await api.CreateTenantAsync("a"), b = await api.CreateTenantAsync("b");
        string trunk = await TrunkAsync(), off = await TrunkAsync();
        string open = await AddAsync(trunk, open: true), closed = await AddAsync(trunk, open: false), ofB = await AddAsync(trunk, open: true), unreachable = await AddAsync(off, open: true);
        await OkAsync(HttpMethod.Put, $"/v1/platform/trunks/{off}", $$"""{"name":"{{off}}","enabled":false,"server":{"host":"sbc.example"} }""");
        using (HttpResponseMessage taken = await TakeAsync(b, ofB))
            Assert.Equal(HttpStatusCode.Created, taken.StatusCode);
        using HttpClient administrator = api.As(await TestTokens.Of(api).AdministratorAsync(a.Id));
        string list = await administrator.GetStringAsync(new Uri($"/v1/tenants/{a.Name}/free-numbers?prefix={Uri.EscapeDataString(open[..6])}&limit=1000", UriKind.Relative), Cancel);
        Assert.Contains($$"""{"number":"{{open}}","trunk":"{{trunk}}"}""", list, StringComparison.Ordinal);
        foreach (string hidden in new[] { closed, ofB, unreachable, b.Name, b.Id.ToString() })
            Assert.DoesNotContain(hidden, list, StringComparison.Ordinal);
        List<string> sentences = [];
        foreach (string other in new[] { closed, ofB, unreachable, "+15550001111" })
        {
            using HttpResponseMessage refused = await TakeAsync(a, other);
            sentences.Add((await TestApi.ErrorsAsync(refused, HttpStatusCode.Conflict, ProblemTypes.Taken))["$.number"]);
        }
        Assert.Single(sentences.Distinct());
        Assert.Equal(open, Assert.Single((await api.GetAsync<Page<FreeNumberDto>>($"/v1/tenants/{a.Name}/free-numbers?prefix={Uri.EscapeDataString(open)}")).Items).Number);
        using HttpResponseMessage wrong = await api.SendAsync(HttpMethod.Get, $"/v1/tenants/{a.Name}/free-numbers?prefix=089");
        Assert.Contains("prefix", (await TestApi.ErrorsAsync(wrong, HttpStatusCode.BadRequest, ProblemTypes.Validation)).Keys);
    }

    [Fact]
    public async Task The_list_has_pages()
    {
        ApplyReport tenant = await api.CreateTenantAsync("pages");
        string trunk = await TrunkAsync();
        List<string> numbers = [];
        for (int i = 0; i < 3; i++)
            numbers.Add(await AddAsync(trunk, open: true));
        List<string> found = [];
        for (string? next = ""; next is not null;)
        {
            Page<FreeNumberDto> page = await api.GetAsync<Page<FreeNumberDto>>($"/v1/tenants/{tenant.Name}/free-numbers?limit=2{(next.Length == 0 ? "" : "&after=" + Uri.EscapeDataString(next))}");
            found.AddRange(page.Items.Select(n => n.Number));
            next = page.Next;
        }
        Assert.Equal(found.Order(StringComparer.Ordinal), found);
        Assert.Equal(numbers, found.Where(numbers.Contains));
    }

    [Fact]
    public async Task An_administrator_takes_one_and_gives_it_back_and_the_next_tenant_may_have_it()
    {
        ApplyReport a = await api.CreateTenantAsync("a"), b = await api.CreateTenantAsync("b");
        string trunk = await TrunkAsync(), number = await AddAsync(trunk, open: true), path = $"/v1/tenants/{a.Name}";
        using HttpClient administrator = api.As(await TestTokens.Of(api).AdministratorAsync(a.Id));
        using HttpResponseMessage nobody = await PostAsync(administrator, $"{path}/free-numbers", $$"""{"number":"{{number}}","extension":"999"}""");
        Assert.Equal("$.extension", Assert.Single((await TestApi.ErrorsAsync(nobody, HttpStatusCode.BadRequest, ProblemTypes.Validation)).Keys));
        using HttpResponseMessage taken = await PostAsync(administrator, $"{path}/free-numbers", $$"""{"number":"{{number}}","extension":"100"}""");
        Assert.Equal(HttpStatusCode.Created, taken.StatusCode);
        NumberDto mine = await TestApi.ReadAsync<NumberDto>(taken);
        Assert.Equal((number, trunk, "100"), (mine.Number, mine.Trunk, mine.Extension));
        Assert.Equal(mine.Id, (await api.GetAsync<NumberDto>(taken.Headers.Location!.PathAndQuery)).Id);
        await OkAsync(HttpMethod.Post, $"{path}/routes", $$"""{"name":"all","trunks":[{"trunk":"{{trunk}}"}],"callerNumber":"{{number}}"}""");
        using (HttpResponseMessage shown = await administrator.DeleteAsync(new Uri($"{path}/numbers/{number}", UriKind.Relative), Cancel))
            await TestApi.ProblemAsync(shown, HttpStatusCode.Conflict, ProblemTypes.InUse);
        await OkAsync(HttpMethod.Delete, $"{path}/routes/all");
        using (HttpResponseMessage back = await administrator.DeleteAsync(new Uri($"{path}/numbers/{number}", UriKind.Relative), Cancel))
            Assert.Equal(HttpStatusCode.NoContent, back.StatusCode);
        Assert.Empty((await api.GetAsync<Page<TrunkDto>>($"{path}/trunks")).Items);
        using (HttpResponseMessage next = await TakeAsync(b, number))
            Assert.Equal(HttpStatusCode.Created, next.StatusCode);

        Assert.Equal(
            ["number.created", "number.deleted", "trunk.created", "trunk.deleted"],
            (await api.GetAsync<Page<EventDto>>($"{path}/events?after=0&limit=1000")).Items.Select(e => e.Type)
                .Where(type => type.StartsWith("number.", StringComparison.Ordinal) || type.StartsWith("trunk.", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        IReadOnlyList<AuditEntryDto> audit = (await api.GetAsync<Page<AuditEntryDto>>($"{path}/audit")).Items;
        Assert.Contains(audit, entry => entry is { Action: "TakeNumber", Status: 201 });
        Assert.Contains(audit, entry => entry is { Action: "DeleteNumber", Status: 204 });
    }

    [Fact]
    public async Task What_the_operator_gave_and_did_not_open_stays_until_the_operator_takes_it_back()
    {
        ApplyReport tenant = await api.CreateTenantAsync("given");
        string trunk = await TrunkAsync(), number = await AddAsync(trunk, open: false, tenant.Name);
        using HttpResponseMessage refused = await api.SendAsync(HttpMethod.Delete, $"/v1/tenants/{tenant.Name}/numbers/{number}");
        await TestApi.ProblemAsync(refused, HttpStatusCode.Conflict, ProblemTypes.OfPlatform);
        await OkAsync(HttpMethod.Put, $"/v1/platform/numbers/{number}", $$"""{"number":"{{number}}","trunk":"{{trunk}}","selfService":true,"tenant":"{{tenant.Name}}"}""");
        await OkAsync(HttpMethod.Delete, $"/v1/tenants/{tenant.Name}/numbers/{number}");
        InventoryNumberDto free = await api.GetAsync<InventoryNumberDto>($"/v1/platform/numbers/{number}");
        Assert.Equal((true, null), (free.SelfService, free.Tenant));
    }

    [Fact]
    public async Task The_plans_limit_holds_also_for_two_requests_at_once()
    {
        ApplyReport tenant = await api.CreateTenantAsync("limit"), other = await api.CreateTenantAsync("other");
        string trunk = await TrunkAsync(), plan = $"numbers-{Interlocked.Increment(ref s_numbers)}";
        string[] numbers = [await AddAsync(trunk, open: true), await AddAsync(trunk, open: true)];
        await OkAsync(HttpMethod.Put, $"/v1/plans/{plan}", """{"maxNumbers":1}""");
        await OkAsync(HttpMethod.Put, $"/v1/tenants/{tenant.Name}/plan", $$"""{"plan":"{{plan}}"}""");
        HttpResponseMessage[] answers = await Task.WhenAll(numbers.Select(number => TakeAsync(tenant, number)));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created);
        await TestApi.ProblemAsync(Assert.Single(answers, answer => answer.StatusCode != HttpStatusCode.Created), HttpStatusCode.Conflict, ProblemTypes.PlanLimit);
        TenantPlanDto now = await api.GetAsync<TenantPlanDto>($"/v1/tenants/{tenant.Name}/plan");
        Assert.Equal((1, 1), (now.MaxNumbers, now.Numbers));
        string left = (await api.GetAsync<Page<NumberDto>>($"/v1/tenants/{tenant.Name}/numbers")).Items[0].Number == numbers[0] ? numbers[1] : numbers[0];
        using (HttpResponseMessage unlimited = await TakeAsync(other, left))
            Assert.Equal(HttpStatusCode.Created, unlimited.StatusCode);
        await OkAsync(HttpMethod.Put, $"/v1/tenants/{tenant.Name}/plan", $$"""{"plan":"{{plan}}","maxNumbers":2}""");
        using (HttpResponseMessage more = await TakeAsync(tenant, await AddAsync(trunk, open: true)))
            Assert.Equal(HttpStatusCode.Created, more.StatusCode);
        await AddAsync(trunk, open: false, tenant.Name);                                   // the operator is not bound by it
        foreach (HttpResponseMessage answer in answers)
            answer.Dispose();
    }

    [Fact]
    public async Task A_form_that_the_operator_opened_before_does_not_take_the_number_from_who_took_it()
    {
        ApplyReport tenant = await api.CreateTenantAsync("stale");
        string trunk = await TrunkAsync(), number = await AddAsync(trunk, open: true), path = $"/v1/platform/numbers/{number}";
        string tag;
        using (HttpResponseMessage read = await api.SendAsync(HttpMethod.Get, path))
            tag = read.Headers.ETag!.ToString();
        using (HttpResponseMessage taken = await TakeAsync(tenant, number))
            Assert.Equal(HttpStatusCode.Created, taken.StatusCode);
        string closed = $$"""{"number":"{{number}}","trunk":"{{trunk}}"}""";
        using (HttpResponseMessage stale = await api.SendAsync(HttpMethod.Put, path, closed, tag))
            await TestApi.ProblemAsync(stale, HttpStatusCode.PreconditionFailed, ProblemTypes.Conflict);
        Assert.Equal((true, tenant.Name), await api.GetAsync<InventoryNumberDto>(path) is var now ? (now.SelfService, now.Tenant) : default);
        using (HttpResponseMessage removed = await api.SendAsync(HttpMethod.Delete, path))
            await TestApi.ProblemAsync(removed, HttpStatusCode.Conflict, ProblemTypes.InUse);
        await OkAsync(HttpMethod.Put, path, closed);                                       // the operator knows, and takes it back
        Assert.Empty((await api.GetAsync<Page<NumberDto>>($"/v1/tenants/{tenant.Name}/numbers")).Items);
    }

    [Fact]
    public async Task A_trunk_of_the_tenants_own_with_the_same_name_is_named()
    {
        ApplyReport tenant = await api.CreateTenantAsync("same");
        string trunk = await TrunkAsync(), number = await AddAsync(trunk, open: true);
        await OkAsync(HttpMethod.Post, $"/v1/tenants/{tenant.Name}/trunks", $$"""{"name":"{{trunk}}","kind":"ip","server":{"host":"mine.example"},"sources":["198.18.{{Interlocked.Increment(ref s_numbers) % 250}}.0/24"]}""");
        using HttpResponseMessage refused = await TakeAsync(tenant, number);
        Assert.Contains(trunk, (await TestApi.ErrorsAsync(refused, HttpStatusCode.Conflict, ProblemTypes.Taken))["$.number"], StringComparison.Ordinal);
    }

    private Task<HttpResponseMessage> TakeAsync(ApplyReport tenant, string number) => api.SendAsync(HttpMethod.Post, $"/v1/tenants/{tenant.Name}/free-numbers", $$"""{"number":"{{number}}"}""");

    private static async Task<HttpResponseMessage> PostAsync(HttpClient client, string path, string json)
    {
        using StringContent content = new(json, Encoding.UTF8, "application/json");
        return await client.PostAsync(new Uri(path, UriKind.Relative), content, Cancel);
    }

    private async Task<string> TrunkAsync()
    {
        string name = $"open-{Interlocked.Increment(ref s_numbers)}";
        await OkAsync(HttpMethod.Post, "/v1/platform/trunks", $$"""{"name":"{{name}}","server":{"host":"sbc.example"} }""");
        return name;
    }

    private async Task<string> AddAsync(string trunk, bool open, string? tenant = null)
    {
        string number = $"+1777{Interlocked.Increment(ref s_numbers):D7}", owner = tenant is null ? "" : $$""","tenant":"{{tenant}}" """;
        await OkAsync(HttpMethod.Post, "/v1/platform/numbers", $$"""{"number":"{{number}}","trunk":"{{trunk}}","selfService":{{(open ? "true" : "false")}}{{owner}}}""");
        return number;
    }

    private async Task OkAsync(HttpMethod method, string path, string? body = null)
    {
        using HttpResponseMessage response = await api.SendAsync(method, path, body);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancel));
    }
}
