using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Blobs.Recordings;
using CloudPbx.Blobs.Storage;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Tenants;
using CloudPbx.Hosting.Web.Bus;
using CloudPbx.Hosting.Web.Problems;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Api.Tests;

public sealed class RecordingsOnSqliteTests(SqliteApi api) : RecordingTests(api), IClassFixture<SqliteApi>;

public sealed class RecordingsOnPostgresTests(PostgresApi api) : RecordingTests(api), IClassFixture<PostgresApi>;

public abstract partial class RecordingTests(TestApi api)
{
    private const int Frames = 10_000;                                                  // two whole blocks and a half

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IBlobStore Blobs => api.Services.GetRequiredService<IBlobStore>();

    [Fact]
    public async Task A_recording_is_listed_linked_to_its_call_and_played_whole_or_in_part()
    {
        ApplyReport tenant = await api.CreateTenantAsync("recorded");
        (CallId call, RecordingId id, byte[] samples) = await StoreAsync(tenant);
        RecordingDto listed = Assert.Single((await api.GetAsync<Page<RecordingDto>>($"/v1/tenants/{tenant.Name}/recordings")).Items);
        Assert.Equal((id, call, "100", "101", 1.25, false, CallDirection.Internal), (listed.Id, listed.CallId, listed.From, listed.To, listed.DurationSeconds, listed.Partial, listed.Direction));
        Assert.Equal(RecordedNoteKind.Pause, Assert.Single(listed.Notes).Kind);
        Assert.Equal([id], (await api.GetAsync<CallRecordDto>($"/v1/tenants/{tenant.Name}/calls/{call}")).Recordings);
        Assert.Equal([id], Assert.Single((await api.GetAsync<Page<CallRecordDto>>($"/v1/tenants/{tenant.Name}/calls")).Items).Recordings);

        using HttpResponseMessage whole = await api.SendAsync(HttpMethod.Get, $"/v1/tenants/{tenant.Name}/recordings/{id}/audio");
        Assert.Equal((HttpStatusCode.OK, "audio/wav"), (whole.StatusCode, whole.Content.Headers.ContentType?.MediaType));
        byte[] wave = await whole.Content.ReadAsByteArrayAsync(Cancel);
        Assert.Equal(samples, wave[44..]);

        using HttpRequestMessage part = new(HttpMethod.Get, $"/v1/tenants/{tenant.Name}/recordings/{id}/audio") { Headers = { Range = new RangeHeaderValue(20_000, 20_999) } };
        using HttpResponseMessage given = await api.Client.SendAsync(part, Cancel);
        Assert.Equal(HttpStatusCode.PartialContent, given.StatusCode);
        Assert.Equal(wave[20_000..21_000], await given.Content.ReadAsByteArrayAsync(Cancel));
    }

    [Fact]
    public async Task Recordings_come_newest_first_page_by_page()
    {
        ApplyReport tenant = await api.CreateTenantAsync("recpages");
        List<RecordingId> stored = [];
        for (int i = 0; i < 3; i++)
            stored.Insert(0, (await StoreAsync(tenant)).Recording);
        List<RecordingId> read = [];
        for (string? after = ""; after is not null;)
        {
            Page<RecordingDto> page = await api.GetAsync<Page<RecordingDto>>($"/v1/tenants/{tenant.Name}/recordings?limit=2&after={after}");
            read.AddRange(page.Items.Select(r => r.Id));
            after = page.Next;
        }
        Assert.Equal(stored, read);
        Assert.Empty((await api.GetAsync<Page<RecordingDto>>($"/v1/tenants/{tenant.Name}/recordings?number=999")).Items);
    }

    [Fact]
    public async Task A_deleted_recording_is_gone_with_its_audio()
    {
        ApplyReport tenant = await api.CreateTenantAsync("recdelete");
        (CallId call, RecordingId id, _) = await StoreAsync(tenant);
        using HttpResponseMessage deleted = await api.SendAsync(HttpMethod.Delete, $"/v1/tenants/{tenant.Name}/recordings/{id}");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Null(await Blobs.OpenAsync(BlobPath.Recording(tenant.Id, id), Cancel));
        Assert.Empty((await api.GetAsync<CallRecordDto>($"/v1/tenants/{tenant.Name}/calls/{call}")).Recordings);
        using HttpResponseMessage again = await api.SendAsync(HttpMethod.Delete, $"/v1/tenants/{tenant.Name}/recordings/{id}");
        await TestApi.ProblemAsync(again, HttpStatusCode.NotFound, ProblemTypes.NotFound);
    }

    [Fact]
    public async Task Audio_that_is_still_on_its_way_is_409_and_says_so()
    {
        ApplyReport tenant = await api.CreateTenantAsync("recsoon");
        (_, RecordingId id, _) = await StoreAsync(tenant, upload: false);
        using HttpResponseMessage response = await api.SendAsync(HttpMethod.Get, $"/v1/tenants/{tenant.Name}/recordings/{id}/audio");
        await TestApi.ProblemAsync(response, HttpStatusCode.Conflict, ProblemTypes.NotStoredYet);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/audio")]
    public async Task S25_another_tenants_recording_is_not_found(string rest)
    {
        ApplyReport a = await api.CreateTenantAsync("reca"), b = await api.CreateTenantAsync("recb");
        (_, RecordingId ofB, _) = await StoreAsync(b);
        await StoreAsync(a);
        foreach (HttpMethod method in rest.Length == 0 ? [HttpMethod.Get, HttpMethod.Delete] : new[] { HttpMethod.Get })
        {
            using HttpResponseMessage response = await api.SendAsync(method, $"/v1/tenants/{a.Name}/recordings/{ofB}{rest}");
            await TestApi.ProblemAsync(response, HttpStatusCode.NotFound, ProblemTypes.NotFound);
        }
        using HttpResponseMessage up = await api.SendAsync(HttpMethod.Get, $"/v1/tenants/{a.Name}/recordings/..%2F..%2F{ofB}{rest}");
        Assert.Equal(HttpStatusCode.NotFound, up.StatusCode);
        Assert.NotNull(await Blobs.OpenAsync(BlobPath.Recording(b.Id, ofB), Cancel));
    }

    [Fact]
    public async Task With_its_tenant_a_recording_is_gone_and_its_key_destroyed()
    {
        ApplyReport tenant = await api.CreateTenantAsync("recshred"), other = await api.CreateTenantAsync("recstays");
        (_, RecordingId id, _) = await StoreAsync(tenant);
        (_, RecordingId stays, _) = await StoreAsync(other);
        using HttpResponseMessage deleted = await api.SendAsync(HttpMethod.Delete, $"/v1/tenants/{tenant.Name}");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Null(await Blobs.OpenAsync(BlobPath.Recording(tenant.Id, id), Cancel));
        Assert.Equal(TenantLoadOutcome.NoSuchTenant, (await api.Services.GetRequiredService<ITenantConfigurationSource>().LoadAsync(tenant.Id, Cancel)).Outcome);
        Assert.NotNull(await Blobs.OpenAsync(BlobPath.Recording(other.Id, stays), Cancel));
    }

    [Fact]
    public async Task Policies_are_read_kept_and_exported()
    {
        ApplyReport tenant = await api.CreateTenantAsync("recpolicy");
        using HttpResponseMessage made = await api.SendAsync(HttpMethod.Post, $"/v1/tenants/{tenant.Name}/extensions", """{"number":"777","recording":"inbound"}""");
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        Assert.Equal(RecordingPolicy.Inbound, (await api.GetAsync<ExtensionDto>($"/v1/tenants/{tenant.Name}/extensions/777")).Recording);
        TenantDocument document = await api.GetAsync<TenantDocument>($"/v1/tenants/{tenant.Name}/document");
        Assert.Equal(RecordingPolicy.Inbound, document.Extensions.Single(e => e.Number == "777").Recording);
        using HttpResponseMessage wrong = await api.SendAsync(HttpMethod.Post, $"/v1/tenants/{tenant.Name}/extensions", """{"number":"778","recording":"sometimes"}""");
        Assert.Equal(["$.recording"], (await TestApi.ErrorsAsync(wrong, HttpStatusCode.BadRequest, ProblemTypes.Validation)).Keys);
    }

    private async Task<(CallId Call, RecordingId Recording, byte[] Samples)> StoreAsync(ApplyReport tenant, bool upload = true)
    {
        TenantConfiguration configuration = (await api.Services.GetRequiredService<ITenantConfigurationSource>().LoadAsync(tenant.Id, Cancel)).Configuration!;
        RecordingId id = RecordingId.New();
        byte[] key = RandomNumberGenerator.GetBytes(SealedAudio.KeyLength), samples = RandomNumberGenerator.GetBytes(Frames * 4);
        byte[] file = SealedAudio.Stereo(8000, id).SealAll(key, samples);
        if (upload)
            await Blobs.PutAsync(BlobPath.Recording(tenant.Id, id), new MemoryStream(file), Cancel);
        CallId call = CallId.New();
        DateTime now = DateTime.UtcNow;
        await api.PublishAsync(
            new CallEnded
            {
                TenantId = tenant.Id,
                CallId = call,
                CallerNumber = "100",
                CalledNumber = "101",
                Disposition = CallDisposition.Answered,
                StartedAt = now,
                EndedAt = now,
                Recordings =
                [
                    new CallRecording
                    {
                        Id = id, StartedAt = now, DurationMilliseconds = 1250, Length = file.Length, SealedKey = configuration.Seal(id, key),
                        Notes = [new RecordedNote(RecordedNoteKind.Pause, -1, 100, 5000)],
                    },
                ],
            });
        return (call, id, samples);
    }
}
