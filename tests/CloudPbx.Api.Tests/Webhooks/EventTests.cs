using System.Net;
using System.Security.Cryptography;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Blobs.Recordings;
using CloudPbx.Blobs.Storage;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Hosting.Web.Bus;
using CloudPbx.Hosting.Web.Problems;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Api.Tests.Webhooks;

public sealed class EventsOnSqliteTests(SqliteApi api) : EventTests(api), IClassFixture<SqliteApi>;

public sealed class EventsOnPostgresTests(PostgresApi api) : EventTests(api), IClassFixture<PostgresApi>;

/// <summary>The event log as a program reads it.</summary>
public abstract class EventTests(TestApi api)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_log_tells_what_was_changed_in_its_order_page_by_page()
    {
        ApplyReport tenant = await api.CreateTenantAsync("log");
        string path = $"/v1/tenants/{tenant.Name}";
        await api.PostAsync<ExtensionDto>($"{path}/extensions", """{"number":"149"}""");
        long from = (await ReadAsync(path, 0))[^1].Sequence;
        await api.PostAsync<ExtensionDto>($"{path}/extensions", """{"number":"150","displayName":"New"}""");
        using HttpResponseMessage changed = await api.SendAsync(HttpMethod.Put, $"{path}/extensions/150", """{"number":"150","displayName":"Newer"}""");
        using HttpResponseMessage deleted = await api.SendAsync(HttpMethod.Delete, $"{path}/extensions/150");
        using HttpResponseMessage suspended = await api.SendAsync(HttpMethod.Post, $"{path}/suspend", """{"reason":"unpaid"}""");
        using HttpResponseMessage resumed = await api.SendAsync(HttpMethod.Post, $"{path}/resume");
        IReadOnlyList<EventDto> events = await ReadAsync(path, from);
        Assert.Equal(
            ["extension.created", "extension.changed", "extension.deleted", "tenant.suspended", "tenant.resumed"], events.Select(e => e.Type).Where(type => type != EventTypes.ConfigurationChanged));
        Assert.Equal("Newer", events.First(e => e.Type == EventTypes.ExtensionChanged).Data.GetProperty("displayName").GetString());
        Assert.Equal("unpaid", events.First(e => e.Type == EventTypes.TenantSuspended).Data.GetProperty("reason").GetString());
        Assert.Equal(events.Select(e => e.Sequence).Order(), events.Select(e => e.Sequence));
        EventDto only = Assert.Single((await api.GetAsync<Page<EventDto>>($"{path}/events?type=tenant.resumed")).Items);
        Assert.Equal(events.Single(e => e.Type == EventTypes.TenantResumed).Id, only.Id);
        using HttpResponseMessage wrong = await api.SendAsync(HttpMethod.Get, $"{path}/events?after=x&type=nothing&since=never");
        Assert.Equal(["after", "since", "type"], (await TestApi.ErrorsAsync(wrong, HttpStatusCode.BadRequest, ProblemTypes.Validation)).Keys.Order());
    }

    [Fact]
    public async Task S23_a_tenant_reads_its_own_events_only()
    {
        ApplyReport a = await api.CreateTenantAsync("loga"), b = await api.CreateTenantAsync("logb");
        await EndAsync(b, CallId.New(), "canary");
        CallId own = CallId.New();
        await EndAsync(a, own, "own");
        IReadOnlyList<EventDto> events = await ReadAsync($"/v1/tenants/{a.Name}", 0);
        Assert.DoesNotContain(events, e => e.Data.GetRawText().Contains("canary", StringComparison.Ordinal));
        Assert.Equal([own.ToString()], events.Where(e => e.Type == EventTypes.CallEnded).Select(e => e.Data.GetProperty("callId").GetString()));
    }

    [Fact]
    public async Task A_calls_events_are_there_once_and_in_order_whoever_told_them_first()
    {
        ApplyReport tenant = await api.CreateTenantAsync("logonce");
        CallId call = CallId.New();
        CallEnded fact = Fact(tenant, call, "Alice") with { AnsweredAt = DateTime.UtcNow, AnsweredBy = "101", Disposition = CallDisposition.Answered };
        await api.PublishAsync(fact);
        TenantEventsHappened late = new() { Events = [Data.EventLog.CallEvents.Started(fact), Data.EventLog.CallEvents.Answered(fact)] };
        await api.PublishAsync(late);
        await api.PublishAsync(late);
        await api.PublishAsync(fact);
        Assert.Equal(["call.started", "call.answered", "call.ended"], (await ReadAsync($"/v1/tenants/{tenant.Name}", 0)).Select(e => e.Type).Where(type => type.StartsWith("call.", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_recording_is_ready_once_its_audio_lies_in_the_object_store()
    {
        ApplyReport tenant = await api.CreateTenantAsync("logready");
        CallId call = CallId.New();
        var recording = RecordingId.New();
        await api.PublishAsync(Fact(tenant, call, "Alice") with { Recordings = [new CallRecording { Id = recording, StartedAt = DateTime.UtcNow, DurationMilliseconds = 1250, SealedKey = [1] }] });
        string path = $"/v1/tenants/{tenant.Name}";
        Assert.DoesNotContain(await ReadAsync(path, 0), e => e.Type == EventTypes.RecordingReady);
        await api.Services.GetRequiredService<IBlobStore>().PutAsync(BlobPath.Recording(tenant.Id, recording), new MemoryStream([1, 2, 3]), Cancel);
        EventDto ready = await ReadyAsync(path);
        Assert.Equal((recording.ToString(), call.ToString()), (ready.Data.GetProperty("recordingId").GetString(), ready.Data.GetProperty("callId").GetString()));
    }

    [Theory]
    [InlineData(false)]                                                                             // its media node was killed, or its disk full
    [InlineData(true)]
    public async Task A_recording_whose_node_said_no_hash_gets_that_of_what_came(bool said)
    {
        ApplyReport tenant = await api.CreateTenantAsync("logkilled");
        var recording = RecordingId.New();
        string? known = said ? new string('a', 64) : null;
        await api.PublishAsync(Fact(tenant, CallId.New(), "Alice") with
        {
            Recordings = [new CallRecording { Id = recording, StartedAt = DateTime.UtcNow, DurationMilliseconds = 9000, IsPartial = !said, Length = said ? 1 : 0, Sha256 = known, SealedKey = [1] }],
        });
        string path = $"/v1/tenants/{tenant.Name}/recordings/{recording}";
        Assert.Equal((known, 9.0), ((await api.GetAsync<RecordingDto>(path)).Sha256, (await api.GetAsync<RecordingDto>(path)).DurationSeconds));
        byte[] octets = SealedAudio.Stereo(8000, recording).SealAll(new byte[SealedAudio.KeyLength], new byte[4 * 10_000]);
        await api.Services.GetRequiredService<IBlobStore>().PutAsync(BlobPath.Recording(tenant.Id, recording), new MemoryStream(octets), Cancel);
        EventDto ready = await ReadyAsync($"/v1/tenants/{tenant.Name}");
        RecordingDto listed = await api.GetAsync<RecordingDto>(path);
        Assert.Equal(said ? (known, 9.0) : (Convert.ToHexStringLower(SHA256.HashData(octets)), 1.25), (listed.Sha256, listed.DurationSeconds));
        Assert.Equal(said ? 9000 : 1250, ready.Data.GetProperty("durationMilliseconds").GetInt64());
    }

    private async Task<EventDto> ReadyAsync(string path)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        deadline.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            deadline.Token.ThrowIfCancellationRequested();
            if ((await ReadAsync(path, 0)).SingleOrDefault(e => e.Type == EventTypes.RecordingReady) is { } ready)
                return ready;
        }
    }

    private async Task<IReadOnlyList<EventDto>> ReadAsync(string path, long after)
    {
        List<EventDto> events = [];
        for (string? next = $"{after}"; next is not null;)
        {
            Page<EventDto> page = await api.GetAsync<Page<EventDto>>($"{path}/events?limit=3&after={next}");
            events.AddRange(page.Items);
            next = page.Next;
        }
        return events;
    }

    private Task EndAsync(ApplyReport tenant, CallId call, string callerName) => api.PublishAsync(Fact(tenant, call, callerName));

    private static CallEnded Fact(ApplyReport tenant, CallId call, string callerName) => new()
    {
        TenantId = tenant.Id, CallId = call, CallerNumber = "100", CallerName = callerName, CalledNumber = "101", Disposition = CallDisposition.NoAnswer, StartedAt = DateTime.UtcNow, EndedAt = DateTime.UtcNow,
    };

}
