using System.Net;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Grains;
using CloudPbx.Hosting.Web.Bus;
using CloudPbx.Hosting.Web.Problems;
using CloudPbx.State.Bindings;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Api.Tests;

public sealed class CallsOnSqliteTests(SqliteApi api) : CallTests(api), IClassFixture<SqliteApi>;

public sealed class CallsOnPostgresTests(PostgresApi api) : CallTests(api), IClassFixture<PostgresApi>;

public abstract class CallTests(TestApi api)
{
    private static readonly DateTime s_start = new(2026, 11, 23, 8, 0, 0, DateTimeKind.Utc);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_live_call_is_transferred_by_whom_the_request_names()
    {
        ApplyReport tenant = await api.CreateTenantAsync("transfer"), other = await api.CreateTenantAsync("transfero");
        CallId call = CallId.New(), ofOther = CallId.New();
        api.Door.Calls[tenant.Id] = [new LiveCall { CallId = call, CallerNumber = "100", CalledNumber = "101", StartedAt = DateTime.UtcNow }];
        api.Door.Calls[other.Id] = [new LiveCall { CallId = ofOther, CallerNumber = "100", CalledNumber = "101", StartedAt = DateTime.UtcNow }];
        string path = $"/v1/tenants/{tenant.Name}/calls/live";
        using HttpResponseMessage begun = await api.SendAsync(HttpMethod.Post, $"{path}/{call}/transfer", """{"number":"102","leaving":"caller"}""");
        Assert.Equal(HttpStatusCode.Accepted, begun.StatusCode);
        Assert.Equal((call, CallParty.Caller, "102"), Assert.Single(api.Door.Transfers, asked => asked.Call == call));
        using HttpResponseMessage foreign = await api.SendAsync(HttpMethod.Post, $"{path}/{ofOther}/transfer", """{"number":"102"}""");
        await TestApi.ProblemAsync(foreign, HttpStatusCode.NotFound, ProblemTypes.NotFound);
        using HttpResponseMessage wrong = await api.SendAsync(HttpMethod.Post, $"{path}/{call}/transfer", """{"number":"sip:evil@example.com","leaving":"system"}""");
        Assert.Equal(["$.leaving", "$.number"], (await TestApi.ErrorsAsync(wrong, HttpStatusCode.BadRequest, ProblemTypes.Validation)).Keys.Order());
    }

    [Fact]
    public async Task Records_come_newest_first_page_by_page_each_once()
    {
        ApplyReport tenant = await api.CreateTenantAsync("pages");
        List<CallId> stored = [];
        for (int i = 0; i < 5; i++)
        {
            CallEnded ended = Ended(tenant.Id, i);
            stored.Insert(0, ended.CallId);
            await api.PublishAsync(ended);
            await api.PublishAsync(ended);                                     // delivered twice, stored once
        }
        List<CallRecordDto> read = [];
        for (string? after = ""; after is not null;)
        {
            Page<CallRecordDto> page = await api.GetAsync<Page<CallRecordDto>>($"/v1/tenants/{tenant.Name}/calls?limit=2&after={after}");
            read.AddRange(page.Items);
            after = page.Next;
        }
        Assert.Equal(stored, read.Select(r => r.Id));
        CallRecordDto one = await api.GetAsync<CallRecordDto>($"/v1/tenants/{tenant.Name}/calls/{stored[0]}");
        Assert.Equal(("100", "104", CallDisposition.Answered, 5000L), (one.CallerNumber, one.CalledNumber, one.Disposition, one.TalkMilliseconds));
    }

    [Fact]
    public async Task Where_a_time_is_asked_for_they_come_in_the_order_in_which_they_began()
    {
        ApplyReport tenant = await api.CreateTenantAsync("bytime"), twin = await api.CreateTenantAsync("bytimetwin");
        int[] minutes = [3, 1, 2, 1, 5, 4];                       // two began at one instant
        List<(int Minute, int Stored, CallId Id)> stored = [];
        foreach (int minute in minutes)
        {
            CallEnded ended = Ended(tenant.Id, stored.Count) with { StartedAt = s_start.AddMinutes(minute) };
            stored.Add((minute, stored.Count, ended.CallId));
            await api.PublishAsync(ended);
            await api.PublishAsync(Ended(twin.Id, stored.Count) with { StartedAt = s_start.AddMinutes(minute) });
        }
        List<CallId> read = [];
        string range = $"from={s_start.AddMinutes(1):O}&to={s_start.AddMinutes(5):O}";
        for (string? after = ""; after is not null;)
        {
            Page<CallRecordDto> page = await api.GetAsync<Page<CallRecordDto>>($"/v1/tenants/{tenant.Name}/calls?limit=2&{range}&after={after}");
            read.AddRange(page.Items.Select(call => call.Id));
            after = page.Next;
        }
        Assert.Equal(stored.Where(call => call.Minute < 5).OrderByDescending(call => call.Minute).ThenByDescending(call => call.Stored).Select(call => call.Id), read);
        foreach (string wrong in new[] { "7", "7-x", "x-7", "99999999999999999999-7", "7-7-7" })
        {
            using HttpResponseMessage response = await api.SendAsync(HttpMethod.Get, $"/v1/tenants/{tenant.Name}/calls?{range}&after={wrong}");
            Assert.Equal(["after"], (await TestApi.ErrorsAsync(response, HttpStatusCode.BadRequest, ProblemTypes.Validation)).Keys);
        }
    }

    [Theory]
    [InlineData("number=103", 1)]
    [InlineData("number=100", 5)]
    [InlineData("from=2026-11-23T08:02:00Z", 3)]
    [InlineData("from=2026-11-23T09:02:00%2B01:00&to=2026-11-23T08:04:00Z", 2)]
    [InlineData("disposition=answered", 5)]
    [InlineData("disposition=noAnswer", 0)]
    [InlineData("direction=outbound", 1)]
    [InlineData("direction=internal", 4)]
    [InlineData("trunk=telco", 1)]
    [InlineData("trunk=other", 0)]
    [InlineData("number=%2B8613800138000", 1)]                                          // the number as the carrier got it
    [InlineData("number=1%27%20or%201=1--", 0)]                                         // S24
    public async Task Filters_choose_records(string filter, int count)
    {
        ApplyReport tenant = await api.CreateTenantAsync("filter");
        for (int i = 0; i < 4; i++)
            await api.PublishAsync(Ended(tenant.Id, i));
        CallEnded outside = OverTrunk(Ended(tenant.Id, 4));
        await api.PublishAsync(outside);
        ApplyReport twin = await api.CreateTenantAsync("filtertwin");                   // the same numbers and trunk name: never shown here
        await api.PublishAsync(OverTrunk(Ended(twin.Id, 4)));
        Assert.Equal(count, (await api.GetAsync<Page<CallRecordDto>>($"/v1/tenants/{tenant.Name}/calls?{filter}")).Items.Count);
    }

    [Fact]
    public async Task Calls_are_counted_by_hour_and_how_they_sounded_and_no_others()
    {
        ApplyReport tenant = await api.CreateTenantAsync("hours"), twin = await api.CreateTenantAsync("hourstwin");
        CallEnded first = Ended(tenant.Id, 0) with { Media = [new LegMedia { Party = CallParty.Caller, Mos = 4.3 }, new LegMedia { Party = CallParty.Callee, Mos = 2.5 }] };
        await api.PublishAsync(first);
        await api.PublishAsync(Ended(tenant.Id, 70));                                       // in the next hour
        await api.PublishAsync(Ended(tenant.Id, 71) with { AnsweredAt = null, Disposition = CallDisposition.Busy, SipStatus = 486 });
        await api.PublishAsync(Ended(tenant.Id, 24 * 60));                                  // a day later
        await api.PublishAsync(Ended(twin.Id, 1) with { Media = [new LegMedia { Party = CallParty.Caller, Mos = 1.5 }] });
        CallHoursDto counted = await api.GetAsync<CallHoursDto>($"/v1/tenants/{tenant.Name}/calls/hours?from=2026-11-23T08:00:00Z");
        Assert.Equal(24, counted.Hours.Count);
        Assert.Equal([(1, 0), (1, 1), (0, 0)], counted.Hours.Take(3).Select(hour => (hour.Answered, hour.Missed)));
        Assert.Equal(s_start.AddHours(1), counted.Hours[1].Start);
        Assert.Equal((1, 0, 0, 1, 3.4), (counted.Sound.Good, counted.Sound.Fair, counted.Sound.Poor, counted.Sound.Bad, counted.Sound.Mos));
        Assert.Equal(1, (await api.GetAsync<CallHoursDto>($"/v1/tenants/{tenant.Name}/calls/hours?from=2026-11-23T08:00:00Z&disposition=busy")).Hours.Sum(hour => hour.Missed));
        using HttpResponseMessage wide = await api.SendAsync(HttpMethod.Get, $"/v1/tenants/{tenant.Name}/calls/hours?from=2026-11-23T08:00:00Z&to=2026-12-23T08:00:00Z");
        Assert.Equal(["to"], (await TestApi.ErrorsAsync(wide, HttpStatusCode.BadRequest, ProblemTypes.Validation)).Keys);
    }

    [Fact]
    public async Task A_call_over_a_trunk_tells_trunk_numbers_and_cost()
    {
        ApplyReport tenant = await api.CreateTenantAsync("overtrunk");
        CallEnded ended = OverTrunk(Ended(tenant.Id, 0));
        await api.PublishAsync(ended);
        CallRecordDto read = await api.GetAsync<CallRecordDto>($"/v1/tenants/{tenant.Name}/calls/{ended.CallId}");
        Assert.Equal((CallDirection.Outbound, ended.TrunkId, "telco", "+8613800138000", 200, 120_000L), (read.Direction, read.TrunkId, read.TrunkName, read.TrunkNumber, read.TrunkStatus, read.CostMicroUnits));
        Assert.Equal(ended.CallId, Assert.Single((await api.GetAsync<Page<CallRecordDto>>($"/v1/tenants/{tenant.Name}/calls?trunk={ended.TrunkId}")).Items).Id);
    }

    [Theory]
    [InlineData("direction=up", "direction")]
    [InlineData("from=yesterday", "from")]
    [InlineData("disposition=2", "disposition")]
    [InlineData("after=x", "after")]
    public async Task A_wrong_filter_is_named(string filter, string place)
    {
        ApplyReport tenant = await api.CreateTenantAsync("wrongf");
        using HttpResponseMessage response = await api.SendAsync(HttpMethod.Get, $"/v1/tenants/{tenant.Name}/calls?{filter}");
        Assert.Equal([place], (await TestApi.ErrorsAsync(response, HttpStatusCode.BadRequest, ProblemTypes.Validation)).Keys);
    }

    [Fact]
    public async Task Live_calls_are_listed_and_hung_up_and_a_worker_that_is_away_is_503()
    {
        ApplyReport tenant = await api.CreateTenantAsync("live");
        CallId call = CallId.New();
        api.Door.Calls[tenant.Id] = [new LiveCall { CallId = call, CallerNumber = "100", CalledNumber = "101", StartedAt = s_start }];
        string path = $"/v1/tenants/{tenant.Name}/calls/live";
        Assert.Equal(call, Assert.Single((await api.GetAsync<Page<LiveCallDto>>(path)).Items).Id);
        using HttpResponseMessage ended = await api.SendAsync(HttpMethod.Delete, $"{path}/{call}");
        Assert.Equal(HttpStatusCode.NoContent, ended.StatusCode);
        using HttpResponseMessage again = await api.SendAsync(HttpMethod.Delete, $"{path}/{call}");
        await TestApi.ProblemAsync(again, HttpStatusCode.NotFound, ProblemTypes.NotFound);
        api.Door.Away[tenant.Id] = true;
        using HttpResponseMessage away = await api.SendAsync(HttpMethod.Get, path);
        await TestApi.ProblemAsync(away, HttpStatusCode.ServiceUnavailable, ProblemTypes.LiveStateAway);
    }

    [Fact]
    public async Task Registrations_show_what_a_phone_said_without_its_control_characters()
    {
        ApplyReport tenant = await api.CreateTenantAsync("reg");
        Binding binding = new()
        {
            Extension = "100", DeviceId = DeviceId.New(), AuthUser = "100", ContactUri = "sip:100@192.0.2.1:5060", CallId = "c", CSeq = 1, ExpiresAt = DateTime.UtcNow.AddHours(1),
            RegisteredAt = DateTime.UtcNow, FlowToken = "not to be shown", Transport = "tls", RemoteAddress = "192.0.2.1:40000", UserAgent = "evil\u001b[2J<script>",
        };
        await api.Services.GetRequiredService<BindingStore>().SaveAsync(tenant.Id, 1, [binding], [], Cancel);
        RegistrationDto shown = Assert.Single((await api.GetAsync<Page<RegistrationDto>>($"/v1/tenants/{tenant.Name}/registrations")).Items);
        Assert.Equal(("100", binding.ContactUri, "tls", "192.0.2.1:40000", "evil[2J<script>"), (shown.Extension, shown.Contact, shown.Transport, shown.RemoteAddress, shown.UserAgent));
    }

    [Fact]
    public async Task A_database_that_is_away_answers_503_and_keeps_the_fact_for_another_try()
    {
        ApplyReport tenant = await api.CreateTenantAsync("away");
        CallEnded ended = Ended(tenant.Id, 0);
        await using (await api.LockAsync())
        {
            Task<bool> published = api.Services.GetRequiredService<IFactPublisher>().TryPublishAsync(ended, Cancel);
            using HttpResponseMessage refused = await api.SendAsync(HttpMethod.Post, $"/v1/tenants/{tenant.Name}/extensions", """{"number":"555"}""");
            await TestApi.ProblemAsync(refused, HttpStatusCode.ServiceUnavailable, ProblemTypes.DatabaseAway);
            Assert.True(refused.Headers.RetryAfter?.Delta > TimeSpan.Zero);
            Assert.False(await published);
        }
        await api.PublishAsync(ended);
        Assert.Single((await api.GetAsync<Page<CallRecordDto>>($"/v1/tenants/{tenant.Name}/calls")).Items);
    }

    private static CallEnded Ended(TenantId tenant, int minute) => new()
    {
        TenantId = tenant,
        CallId = CallId.New(),
        CallerNumber = "100",
        CalledNumber = $"{100 + minute}",
        AnsweredBy = $"{100 + minute}",
        Disposition = CallDisposition.Answered,
        StartedAt = s_start.AddMinutes(minute),
        AnsweredAt = s_start.AddMinutes(minute).AddSeconds(1),
        EndedAt = s_start.AddMinutes(minute).AddSeconds(6),
        SipStatus = 200,
    };

    private static CallEnded OverTrunk(CallEnded ended) =>
        ended with { Direction = CallDirection.Outbound, TrunkId = TrunkId.New(), TrunkName = "telco", TrunkNumber = "+8613800138000", TrunkStatus = 200, CostMicroUnits = 120_000 };
}
