using System.Net;
using System.Net.Http.Json;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Live;
using CloudPbx.Data;
using CloudPbx.Grains;
using CloudPbx.Hosting.Web.Problems;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Api.Tests;

/// <summary>What programs do to live calls; the runtimes behind it are the test's. Two tenants have equal numbers: the other's calls are not found.</summary>
public sealed class LiveCallTests(SqliteApi api) : IClassFixture<SqliteApi>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_call_is_made_for_an_extension_once_however_often_the_request_comes()
    {
        ApplyReport tenant = await api.CreateTenantAsync("originate");
        string path = $"/v1/tenants/{tenant.Name}/calls/live";
        List<CallId> calls = [];
        for (int i = 0; i < 2; i++)
        {
            using HttpRequestMessage request = new(HttpMethod.Post, path) { Content = JsonContent.Create(new NewCall { From = "100", To = "101", AnswerAfter = 2 }) };
            request.Headers.Add("Idempotency-Key", $"once-{tenant.Id}");
            using HttpResponseMessage begun = await api.Client.SendAsync(request, Cancel);
            Assert.Equal(HttpStatusCode.Accepted, begun.StatusCode);
            LiveCallDto call = (await TestApi.ReadAsync<LiveCallDto>(begun));
            Assert.Equal(("100", "101"), (call.CallerNumber, call.CalledNumber));
            calls.Add(call.Id);
        }
        Assert.Single(calls.Distinct());
        Assert.Equal((tenant.Id, new OriginateOrder { From = "100", To = "101", AnswerAfterSeconds = 2 }), Assert.Single(api.Door.Originated, asked => asked.Tenant == tenant.Id));
        AuditEntryDto entry = Assert.Single((await api.GetAsync<Page<AuditEntryDto>>($"/v1/tenants/{tenant.Name}/audit")).Items, entry => entry.Action == "OriginateCall");
        Assert.Equal(path, entry.Target);
    }

    [Theory]
    [InlineData("""{"to":"101"}""", "$.from")]
    [InlineData("""{"from":"100","to":"sip:evil@example.com"}""", "$.to")]
    [InlineData("""{"from":"100","to":"101","answerAfter":61}""", "$.answerAfter")]
    [InlineData("""{"from":"100","to":"101","callerId":"117"}""", "$.callerId")]
    public async Task A_wrong_order_is_told_where_it_is_wrong(string order, string place)
    {
        ApplyReport tenant = await api.CreateTenantAsync("wrong");
        using HttpResponseMessage wrong = await api.SendAsync(HttpMethod.Post, $"/v1/tenants/{tenant.Name}/calls/live", order);
        Assert.Equal([place], (await TestApi.ErrorsAsync(wrong, HttpStatusCode.BadRequest, ProblemTypes.Validation)).Keys);
    }

    [Fact]
    public async Task Why_a_call_does_not_begin_is_said()
    {
        ApplyReport tenant = await api.CreateTenantAsync("faults");
        foreach ((OriginateFault fault, HttpStatusCode status, string type) in new[]
        {
            (OriginateFault.UnknownExtension, HttpStatusCode.BadRequest, ProblemTypes.Validation), (OriginateFault.NobodyRegistered, HttpStatusCode.Conflict, ProblemTypes.CallState),
            (OriginateFault.Refused, HttpStatusCode.Conflict, ProblemTypes.CallState), (OriginateFault.LimitReached, HttpStatusCode.Conflict, ProblemTypes.CallState),
            (OriginateFault.Ending, HttpStatusCode.ServiceUnavailable, ProblemTypes.LiveStateAway),
        })
        {
            api.Door.NextOriginate = new OriginateAnswer { Fault = fault };
            using HttpResponseMessage refused = await api.SendAsync(HttpMethod.Post, $"/v1/tenants/{tenant.Name}/calls/live", """{"from":"100","to":"101"}""");
            await TestApi.ProblemAsync(refused, status, type);
        }
        api.Door.NextOriginate = null;
        api.Door.Away[tenant.Id] = true;
        using HttpResponseMessage away = await api.SendAsync(HttpMethod.Post, $"/v1/tenants/{tenant.Name}/calls/live", """{"from":"100","to":"101"}""");
        await TestApi.ProblemAsync(away, HttpStatusCode.ServiceUnavailable, ProblemTypes.LiveStateAway);
    }

    [Theory]
    [InlineData("hold", CallAction.Hold)]
    [InlineData("resume", CallAction.Resume)]
    [InlineData("mute", CallAction.Mute)]
    [InlineData("unmute", CallAction.Unmute)]
    public async Task A_party_holds_or_is_muted(string route, CallAction action)
    {
        (ApplyReport tenant, CallId own, CallId ofOther) = await FillAsync(route);
        string path = $"/v1/tenants/{tenant.Name}/calls/live";
        using HttpResponseMessage done = await api.SendAsync(HttpMethod.Post, $"{path}/{own}/{route}", """{"party":"callee"}""");
        Assert.Equal(HttpStatusCode.NoContent, done.StatusCode);
        Assert.Equal((own, action, CallParty.Callee), Assert.Single(api.Door.Acts, asked => asked.Call == own));
        using HttpResponseMessage foreign = await api.SendAsync(HttpMethod.Post, $"{path}/{ofOther}/{route}", """{"party":"callee"}""");
        await TestApi.ProblemAsync(foreign, HttpStatusCode.NotFound, ProblemTypes.NotFound);
        foreach (string body in (string[])["{}", """{"party":"system"}""", """{"party":"both"}"""])
        {
            using HttpResponseMessage wrong = await api.SendAsync(HttpMethod.Post, $"{path}/{own}/{route}", body);
            Assert.Equal(["$.party"], (await TestApi.ErrorsAsync(wrong, HttpStatusCode.BadRequest, ProblemTypes.Validation)).Keys);
        }
        Assert.DoesNotContain(api.Door.Acts, asked => asked.Call == ofOther);
    }

    [Theory]
    [InlineData("start", CallAction.StartRecording)]
    [InlineData("pause", CallAction.PauseRecording)]
    [InlineData("resume", CallAction.ResumeRecording)]
    [InlineData("stop", CallAction.StopRecording)]
    public async Task A_recording_is_begun_paused_resumed_and_ended(string step, CallAction action)
    {
        (ApplyReport tenant, CallId own, CallId ofOther) = await FillAsync("record" + step);
        string path = $"/v1/tenants/{tenant.Name}/calls/live", body = $$"""{"step":"{{step}}"}""";
        using HttpResponseMessage done = await api.SendAsync(HttpMethod.Post, $"{path}/{own}/recording", body);
        Assert.Equal(HttpStatusCode.NoContent, done.StatusCode);
        Assert.Equal((own, action, null), Assert.Single(api.Door.Acts, asked => asked.Call == own));
        using HttpResponseMessage foreign = await api.SendAsync(HttpMethod.Post, $"{path}/{ofOther}/recording", body);
        await TestApi.ProblemAsync(foreign, HttpStatusCode.NotFound, ProblemTypes.NotFound);
        using HttpResponseMessage user = await (await UserAsync(tenant)).PostAsJsonAsync($"{path}/{own}/recording", new { step }, Cancel);
        await TestApi.ProblemAsync(user, HttpStatusCode.Forbidden, ProblemTypes.Forbidden);
    }

    [Fact]
    public async Task What_cannot_be_done_to_a_call_is_said()
    {
        (ApplyReport tenant, CallId own, _) = await FillAsync("cannot");
        foreach ((CallActionAnswer answer, HttpStatusCode status, string type) in new[]
        {
            (CallActionAnswer.NotTalking, HttpStatusCode.Conflict, ProblemTypes.CallState), (CallActionAnswer.NoSuchParty, HttpStatusCode.Conflict, ProblemTypes.CallState),
            (CallActionAnswer.NotRecorded, HttpStatusCode.Conflict, ProblemTypes.CallState), (CallActionAnswer.MediaAway, HttpStatusCode.ServiceUnavailable, ProblemTypes.LiveStateAway),
        })
        {
            api.Door.NextAct = answer;
            using HttpResponseMessage refused = await api.SendAsync(HttpMethod.Post, $"/v1/tenants/{tenant.Name}/calls/live/{own}/hold", """{"party":"caller"}""");
            await TestApi.ProblemAsync(refused, status, type);
        }
        api.Door.NextAct = CallActionAnswer.Done;
    }

    [Fact]
    public async Task A_call_is_supervised_by_an_administrator_and_each_use_is_in_the_audit_log()
    {
        (ApplyReport tenant, CallId own, CallId ofOther) = await FillAsync("supervise");
        string path = $"/v1/tenants/{tenant.Name}/calls/live";
        using HttpResponseMessage begun = await api.SendAsync(HttpMethod.Post, $"{path}/{own}/supervision", """{"supervisor":"100","mode":"whisper","party":"caller","answerAfter":0}""");
        Assert.Equal(HttpStatusCode.Accepted, begun.StatusCode);
        LiveCallDto supervision = (await TestApi.ReadAsync<LiveCallDto>(begun));
        Assert.Equal((own, SupervisionMode.Whisper), (supervision.Supervises, supervision.Supervision));
        Assert.Equal(new SuperviseOrder { Call = own, Supervisor = "100", Mode = SupervisionMode.Whisper, Party = CallParty.Caller, AnswerAfterSeconds = 0 }, Assert.Single(api.Door.Supervised, asked => asked.Call == own));
        using HttpResponseMessage foreign = await api.SendAsync(HttpMethod.Post, $"{path}/{ofOther}/supervision", """{"supervisor":"100"}""");
        await TestApi.ProblemAsync(foreign, HttpStatusCode.NotFound, ProblemTypes.NotFound);
        using HttpResponseMessage changed = await api.SendAsync(HttpMethod.Put, $"{path}/{own}/supervision/{supervision.Id}", """{"mode":"barge"}""");
        Assert.Equal(HttpStatusCode.NoContent, changed.StatusCode);
        Assert.Equal(SupervisionMode.Barge, api.Door.Calls[tenant.Id].Single(call => call.CallId == supervision.Id).Supervision);
        using HttpResponseMessage other = await api.SendAsync(HttpMethod.Put, $"{path}/{own}/supervision/{ofOther}", """{"mode":"barge"}""");
        await TestApi.ProblemAsync(other, HttpStatusCode.NotFound, ProblemTypes.NotFound);
        using HttpResponseMessage wrong = await api.SendAsync(HttpMethod.Put, $"{path}/{own}/supervision/{supervision.Id}", """{"mode":"shout"}""");
        Assert.Equal(["$.mode"], (await TestApi.ErrorsAsync(wrong, HttpStatusCode.BadRequest, ProblemTypes.Validation)).Keys);
        using HttpResponseMessage ended = await api.SendAsync(HttpMethod.Delete, $"{path}/{own}/supervision/{supervision.Id}");
        Assert.Equal(HttpStatusCode.NoContent, ended.StatusCode);
        IReadOnlyList<AuditEntryDto> audit = (await api.GetAsync<Page<AuditEntryDto>>($"/v1/tenants/{tenant.Name}/audit")).Items;
        Assert.Equal(["EndSupervision", "ChangeSupervision", "SuperviseCall"], audit.Where(entry => entry.Target.Contains("/supervision", StringComparison.Ordinal)).Select(entry => entry.Action));

        using HttpResponseMessage user = await (await UserAsync(tenant)).PostAsJsonAsync($"{path}/{own}/supervision", new { supervisor = "100" }, Cancel);
        await TestApi.ProblemAsync(user, HttpStatusCode.Forbidden, ProblemTypes.Forbidden);
        api.Door.NextOriginate = new OriginateAnswer { Fault = OriginateFault.NotPermitted };
        using HttpResponseMessage notPermitted = await api.SendAsync(HttpMethod.Post, $"{path}/{own}/supervision", """{"supervisor":"100"}""");
        api.Door.NextOriginate = null;
        await TestApi.ProblemAsync(notPermitted, HttpStatusCode.Forbidden, ProblemTypes.Forbidden);
    }

    [Fact]
    public async Task A_user_makes_calls_for_their_own_extension_only()
    {
        ApplyReport tenant = await api.CreateTenantAsync("user");
        HttpClient user = await UserAsync(tenant);
        string path = $"/v1/tenants/{tenant.Name}/calls/live";
        using HttpResponseMessage own = await user.PostAsJsonAsync(path, new NewCall { From = "100", To = "101" }, Cancel);
        Assert.Equal(HttpStatusCode.Accepted, own.StatusCode);
        using HttpResponseMessage foreign = await user.PostAsJsonAsync(path, new NewCall { From = "101", To = "100" }, Cancel);
        await TestApi.ProblemAsync(foreign, HttpStatusCode.Forbidden, ProblemTypes.Forbidden);
    }

    [Fact]
    public async Task Whether_calls_may_be_supervised_is_a_setting_that_the_runtime_gets_and_a_document_carries()
    {
        ApplyReport tenant = await api.CreateTenantAsync("permit");
        TenantDto before = await api.GetAsync<TenantDto>($"/v1/tenants/{tenant.Name}");
        Assert.False(before.AllowSupervision);
        using HttpResponseMessage put = await api.SendAsync(HttpMethod.Put, $"/v1/tenants/{tenant.Name}", $$"""{"name":"{{tenant.Name}}","allowSupervision":true}""");
        Assert.True(put.IsSuccessStatusCode, await put.Content.ReadAsStringAsync(Cancel));
        Assert.True((await api.GetAsync<TenantDto>($"/v1/tenants/{tenant.Name}")).AllowSupervision);
        Assert.True((await api.GetAsync<TenantDocument>($"/v1/tenants/{tenant.Name}/document")).AllowSupervision);
    }

    /// <summary>Whose own extension is 100.</summary>
    private async Task<HttpClient> UserAsync(ApplyReport tenant)
    {
        await using PbxDbContext db = api.Services.GetRequiredService<IPbxDatabase>().OpenTenant(tenant.Id);
        return api.As(await TestTokens.Of(api).UserAsync(tenant.Id, (await db.Extensions.SingleAsync(extension => extension.Number == "100", Cancel)).Id));
    }

    private async Task<(ApplyReport Tenant, CallId Own, CallId OfOther)> FillAsync(string name)
    {
        ApplyReport tenant = await api.CreateTenantAsync(name), other = await api.CreateTenantAsync("other-" + name);
        CallId own = CallId.New(), ofOther = CallId.New();
        api.Door.Calls[tenant.Id] = [new LiveCall { CallId = own, CallerNumber = "100", CalledNumber = "101", StartedAt = DateTime.UtcNow }];
        api.Door.Calls[other.Id] = [new LiveCall { CallId = ofOther, CallerNumber = "100", CalledNumber = "101", StartedAt = DateTime.UtcNow }];
        return (tenant, own, ofOther);
    }
}
