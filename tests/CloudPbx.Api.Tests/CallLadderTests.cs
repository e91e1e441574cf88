using System.Net;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Hosting.Web.Problems;

namespace CloudPbx.Api.Tests;

public sealed class CallLaddersOnSqliteTests(SqliteApi api) : CallLadderTests(api), IClassFixture<SqliteApi>;

public sealed class CallLaddersOnPostgresTests(PostgresApi api) : CallLadderTests(api), IClassFixture<PostgresApi>;

/// <summary>The messages of a call, as its tenant's people read them.</summary>
public abstract class CallLadderTests(TestApi api)
{
    private static readonly DateTime s_start = new(2026, 11, 23, 8, 0, 0, DateTimeKind.Utc);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_administrator_reads_every_message_with_the_parties_addresses()
    {
        ApplyReport tenant = await api.CreateTenantAsync("ladder");
        CallEnded ended = Ended(tenant.Id, "do not disturb");
        await api.PublishAsync(ended);
        CallLadderDto ladder = await api.GetAsync<CallLadderDto>(PathOf(tenant, ended.CallId));
        Assert.Equal((ended.CallId, s_start, false, 3), (ladder.Id, ladder.StartedAt, ladder.IsShortened, ladder.Omitted));
        Assert.Equal(ended.Ladder!.Parties, ladder.Parties);
        Assert.Equal(ended.Ladder.Messages.Select(message => message with { Media = null }), ladder.Messages.Select(message => message with { Media = null }));
        Assert.Equal(["PCMA"], ladder.Messages[0].Media!.Codecs);
        Assert.Equal(LadderDirection.SendOnly, ladder.Messages[0].Media!.Direction);
    }

    [Fact]
    public async Task A_user_reads_that_of_the_own_call_without_addresses_and_no_other()
    {
        TestTokens tokens = TestTokens.Of(api);
        ApplyReport tenant = await api.CreateTenantAsync("ladderuser");
        CallEnded own = Ended(tenant.Id, "canary-host") with { Steps = [new DecisionStep("route-of-the-tenant", "101")] }, foreign = Ended(tenant.Id, "x") with { CallerNumber = "997", CalledNumber = "998" };
        await api.PublishAsync(own);
        await api.PublishAsync(foreign);
        ExtensionDto extension = await api.GetAsync<ExtensionDto>($"/v1/tenants/{tenant.Name}/extensions/100");
        using HttpClient user = api.As(await tokens.UserAsync(tenant.Id, extension.Id));
        using HttpResponseMessage read = await user.GetAsync(new Uri(PathOf(tenant, own.CallId), UriKind.Relative), Cancel);
        string text = await read.Content.ReadAsStringAsync(Cancel);
        Assert.True(read.IsSuccessStatusCode, text);
        Assert.Contains("Busy Here", text, StringComparison.Ordinal);
        foreach (string hidden in new[] { "192.0.2.", "canary-host", "198.51.100.7" })                  // where the other one's phone is, who warns, what was not reached
            Assert.DoesNotContain(hidden, text, StringComparison.Ordinal);
        string path = $"/v1/tenants/{tenant.Name}/calls/{own.CallId}";                  // nor, with the record, how the tenant routes its calls
        Assert.DoesNotContain("route-of-the-tenant", await user.GetStringAsync(new Uri(path, UriKind.Relative), Cancel), StringComparison.Ordinal);
        Assert.Equal("route-of-the-tenant", Assert.Single((await api.GetAsync<CallRecordDto>(path)).Steps).Rule);
        using HttpResponseMessage refused = await user.GetAsync(new Uri(PathOf(tenant, foreign.CallId), UriKind.Relative), Cancel);
        await TestApi.ProblemAsync(refused, HttpStatusCode.NotFound, ProblemTypes.NotFound);
    }

    [Fact]
    public async Task S23_two_tenants_with_the_same_call_read_their_own()
    {
        ApplyReport a = await api.CreateTenantAsync("laddera"), b = await api.CreateTenantAsync("ladderb");
        CallEnded ofB = Ended(b.Id, "canary"), ofA = Ended(a.Id, "own") with { CallId = ofB.CallId };                      // the same identifier even
        await api.PublishAsync(ofB);
        CallEnded onlyOfB = Ended(b.Id, "canary");
        await api.PublishAsync(onlyOfB);
        await api.PublishAsync(ofA);
        using HttpResponseMessage own = await api.SendAsync(HttpMethod.Get, PathOf(a, ofB.CallId));
        string text = await own.Content.ReadAsStringAsync(Cancel);
        Assert.Contains("own", text, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", text, StringComparison.Ordinal);
        using HttpResponseMessage foreign = await api.SendAsync(HttpMethod.Get, PathOf(a, onlyOfB.CallId));
        await TestApi.ProblemAsync(foreign, HttpStatusCode.NotFound, ProblemTypes.NotFound);
    }

    [Fact]
    public async Task A_call_of_which_none_was_kept_has_an_empty_one_and_an_unknown_call_none()
    {
        ApplyReport tenant = await api.CreateTenantAsync("ladderless");
        CallEnded ended = Ended(tenant.Id, "x") with { Ladder = null };
        await api.PublishAsync(ended);
        CallLadderDto ladder = await api.GetAsync<CallLadderDto>(PathOf(tenant, ended.CallId));
        Assert.Empty(ladder.Messages);
        Assert.Empty(ladder.Parties);
        foreach (string unknown in new[] { CallId.New().ToString(), "x" })
        {
            using HttpResponseMessage none = await api.SendAsync(HttpMethod.Get, $"/v1/tenants/{tenant.Name}/calls/{unknown}/ladder");
            await TestApi.ProblemAsync(none, HttpStatusCode.NotFound, ProblemTypes.NotFound);
        }
    }

    [Fact]
    public async Task S22_hostile_words_come_as_text_and_lists_events_and_exports_have_none_of_them()
    {
        ApplyReport tenant = await api.CreateTenantAsync("ladderhostile");
        const string hostile = "<script>alert(1)</script> =HYPERLINK(\"x\")";
        CallEnded ended = Ended(tenant.Id, hostile);
        await api.PublishAsync(ended);
        CallLadderDto ladder = await api.GetAsync<CallLadderDto>(PathOf(tenant, ended.CallId));
        Assert.Contains(hostile, ladder.Messages[1].Warning, StringComparison.Ordinal);
        using HttpResponseMessage raw = await api.SendAsync(HttpMethod.Get, PathOf(tenant, ended.CallId));
        Assert.Equal("application/json", raw.Content.Headers.ContentType!.MediaType);                                      // text in a document that is no page
        foreach (string other in new[] { "/calls", "/calls/export", "/events", $"/calls/{ended.CallId}" })
        {
            using HttpResponseMessage response = await api.SendAsync(HttpMethod.Get, $"/v1/tenants/{tenant.Name}{other}");
            Assert.DoesNotContain("HYPERLINK", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        }
    }

    private static string PathOf(ApplyReport tenant, CallId call) => $"/v1/tenants/{tenant.Name}/calls/{call}/ladder";

    private static CallEnded Ended(TenantId tenant, string words) => new()
    {
        TenantId = tenant,
        CallId = CallId.New(),
        CallerNumber = "100",
        CalledNumber = "101",
        Disposition = CallDisposition.Busy,
        StartedAt = s_start,
        EndedAt = s_start.AddSeconds(6),
        SipStatus = 486,
        Ladder = new SipLadder
        {
            Parties =
            [
                new LadderParty { Leg = 0, Side = CallParty.Caller, Kind = LadderPartyKind.Phone, Name = "100", Transport = "TLS", Address = "192.0.2.1:5061", Agent = "baresip", CallId = "abcdef" },
                new LadderParty { Leg = 1, Side = CallParty.Callee, Kind = LadderPartyKind.Trunk, Name = "telco", Number = "+49301", Transport = "UDP", Address = "192.0.2.2:5060" },
            ],
            Messages =
            [
                new LadderMessage { At = 0, Leg = 0, FromParty = true, Method = "INVITE", CSeq = 1, Target = "101", HasCredentials = true, Media = new LadderMedia { Codecs = ["PCMA"], Direction = LadderDirection.SendOnly } },
                new LadderMessage { At = 12, Leg = 1, FromParty = true, Method = "INVITE", CSeq = 7, Status = 486, Phrase = "Busy Here", Warning = $"399 {words}", RetryAfter = 5, Repeats = 2 },
                new LadderMessage { At = 13, Leg = 1, Note = "198.51.100.7 refused the connection" },
            ],
            Omitted = 3,
        },
    };
}
