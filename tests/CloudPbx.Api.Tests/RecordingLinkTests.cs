using System.Net;
using CloudPbx.Api.Recordings;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Keys;
using CloudPbx.Hosting.Web.Problems;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.Api.Tests;

public abstract partial class RecordingTests
{
    [Fact]
    public async Task S25_a_link_plays_its_recording_to_whoever_has_it_and_nothing_else()
    {
        ApplyReport tenant = await api.CreateTenantAsync("linked"), other = await api.CreateTenantAsync("twin");
        (_, RecordingId id, byte[] samples) = await StoreAsync(tenant);
        (_, RecordingId ofOther, _) = await StoreAsync(other);
        RecordingLinkDto link = await api.PostAsync<RecordingLinkDto>($"/v1/tenants/{tenant.Name}/recordings/{id}/link", "{}");
        Assert.InRange(link.ExpiresAt, DateTime.UtcNow.AddSeconds(240), DateTime.UtcNow.AddSeconds(301));
        Uri address = new(new Uri(link.Url).AbsolutePath, UriKind.Relative);
        using HttpClient stranger = api.Stranger();
        byte[] wave = await stranger.GetByteArrayAsync(address, Cancel);
        Assert.Equal(samples, wave[44..]);

        string text = address.ToString();
        foreach (string wrong in new[] { text[..^2] + (text[^2] == 'A' ? "B" : "A") + text[^1], text[..^5], RecordingLinks.Path + "x", RecordingLinks.Path + new string('A', 3000), $"{RecordingLinks.Path}..%2F{ofOther}" })
        {
            using HttpResponseMessage refused = await stranger.GetAsync(new Uri(wrong, UriKind.Relative), Cancel);
            Assert.True(refused.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Unauthorized, $"{wrong}: {(int)refused.StatusCode}");
        }
        using HttpResponseMessage foreign = await api.SendAsync(HttpMethod.Post, $"/v1/tenants/{tenant.Name}/recordings/{ofOther}/link", "{}");
        await TestApi.ProblemAsync(foreign, HttpStatusCode.NotFound, ProblemTypes.NotFound);
        using HttpResponseMessage longer = await api.SendAsync(HttpMethod.Post, $"/v1/tenants/{tenant.Name}/recordings/{id}/link", """{"seconds":301}""");
        Assert.Equal(["$.seconds"], (await TestApi.ErrorsAsync(longer, HttpStatusCode.BadRequest, ProblemTypes.Validation)).Keys);

        using HttpResponseMessage deleted = await api.SendAsync(HttpMethod.Delete, $"/v1/tenants/{tenant.Name}/recordings/{id}");
        using HttpResponseMessage gone = await stranger.GetAsync(address, Cancel);
        await TestApi.ProblemAsync(gone, HttpStatusCode.NotFound, ProblemTypes.NotFound);
    }

    [Fact]
    public void A_link_is_over_after_its_time()
    {
        FakeTimeProvider time = new(DateTimeOffset.UtcNow);
        RecordingLinks links = new(api.Services.GetRequiredService<PlatformSeal>(), time);
        (string token, _) = links.Make(TenantId.New(), RecordingId.New(), "ann", 60);
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal("ann", links.Read(token)?.Subject);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Null(links.Read(token));
    }

    [Fact]
    public async Task Recordings_are_deleted_when_their_tenant_keeps_them_no_longer()
    {
        ApplyReport tenant = await api.CreateTenantAsync("keeps"), other = await api.CreateTenantAsync("forever");
        (_, RecordingId id, _) = await StoreAsync(tenant);
        (_, RecordingId stays, _) = await StoreAsync(other);
        using HttpResponseMessage set = await api.SendAsync(HttpMethod.Put, $"/v1/tenants/{tenant.Name}", $$"""{"name":"{{tenant.Name}}","recordingDays":30}""");
        Assert.Equal(30, (await TestApi.ReadAsync<TenantDto>(set)).RecordingDays);
        Assert.Equal(30, (await api.GetAsync<TenantDocument>($"/v1/tenants/{tenant.Name}/document")).RecordingDays);
        await RetentionAt(29).DropAsync(Cancel);
        Assert.Single((await api.GetAsync<Page<RecordingDto>>($"/v1/tenants/{tenant.Name}/recordings")).Items);
        await RetentionAt(31).DropAsync(Cancel);
        Assert.Empty((await api.GetAsync<Page<RecordingDto>>($"/v1/tenants/{tenant.Name}/recordings")).Items);
        Assert.Null(await Blobs.OpenAsync(CloudPbx.Blobs.Storage.BlobPath.Recording(tenant.Id, id), Cancel));
        Assert.NotNull(await Blobs.OpenAsync(CloudPbx.Blobs.Storage.BlobPath.Recording(other.Id, stays), Cancel));

        RecordingRetention RetentionAt(int days) => ActivatorUtilities.CreateInstance<RecordingRetention>(api.Services, (TimeProvider)new FakeTimeProvider(DateTimeOffset.UtcNow.AddDays(days)));
    }
}
