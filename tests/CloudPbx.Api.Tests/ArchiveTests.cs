using System.Formats.Tar;
using System.Net;
using System.Text;
using System.Text.Json;
using CloudPbx.Api.Documents;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.Api.Tests;

public abstract partial class RecordingTests
{
    [Fact]
    public async Task An_archive_has_the_document_the_prompts_and_every_recording_of_one_tenant_and_nothing_of_its_twin()
    {
        ApplyReport tenant = await api.CreateTenantAsync("archive"), twin = await api.CreateTenantAsync("archivetwin");
        List<(CallId Call, RecordingId Recording, byte[] Samples)> own = [await StoreAsync(tenant), await StoreAsync(tenant)];
        (_, RecordingId missing, _) = await StoreAsync(tenant, upload: false);
        (CallId twinCall, RecordingId twinRecording, _) = await StoreAsync(twin);
        byte[] prompt = [.. Enumerable.Repeat((byte)7, 3200)];
        using (HttpResponseMessage put = await api.SendContentAsync(HttpMethod.Put, $"/v1/tenants/{tenant.Name}/prompts/jazz", new ByteArrayContent(FakeDecoder.Wave(prompt))))
            Assert.Equal(HttpStatusCode.Created, put.StatusCode);

        using HttpResponseMessage response = await api.SendAsync(HttpMethod.Get, $"/v1/tenants/{tenant.Name}/archive");
        Assert.Equal((HttpStatusCode.OK, "application/x-tar"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        Assert.Equal("3", Assert.Single(response.Headers.GetValues(ArchiveEndpoints.RecordingsHeader)));
        byte[] octets = await response.Content.ReadAsByteArrayAsync(Cancel);
        Assert.InRange(octets.Length, 80_000, long.Parse(Assert.Single(response.Headers.GetValues(ArchiveEndpoints.OctetsHeader)), System.Globalization.CultureInfo.InvariantCulture) + 100_000);
        Dictionary<string, byte[]> files = await ReadAsync(octets);

        foreach ((CallId call, RecordingId recording, byte[] samples) in own)
            Assert.Equal(samples, files.Single(file => file.Key.StartsWith("recordings/", StringComparison.Ordinal) && file.Key.EndsWith($"-{call}-{recording}.wav", StringComparison.Ordinal)).Value[44..]);
        Assert.Equal(prompt, files["prompts/jazz.wav"][44..]);
        TenantDocument document = JsonSerializer.Deserialize<TenantDocument>(files["tenant.json"], JsonSerializerOptions.Web)!;
        Assert.Equal((tenant.Name, "100"), (document.Name, document.Extensions.Single().Number));
        string[] lines = Encoding.UTF8.GetString(files["recordings.csv"]).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4, lines.Length);
        Assert.Contains(lines, line => line.StartsWith($",{missing},", StringComparison.Ordinal));      // not stored yet: the list says that it has no file
        Assert.Equal(5, files.Count);
        string all = Encoding.Latin1.GetString(octets);
        Assert.All([twin.Name, twin.Id.ToString(), twinCall.ToString(), twinRecording.ToString()], canary => Assert.DoesNotContain(canary, all, StringComparison.Ordinal));
        // What is in it goes in again as what it is.
        using HttpResponseMessage applied = await api.SendAsync(HttpMethod.Put, $"/v1/tenants/{tenant.Name}/document", Encoding.UTF8.GetString(files["tenant.json"]));
        Assert.False((await TestApi.ReadAsync<ApplyReport>(applied)).Changed);
        Assert.Contains((await api.GetAsync<Page<AuditEntryDto>>($"/v1/tenants/{tenant.Name}/audit")).Items, entry => entry.Action == "ExportArchive");
    }

    [Fact]
    public async Task S26_nobody_restores_an_archive()
    {
        ApplyReport tenant = await api.CreateTenantAsync("restore");
        foreach (HttpMethod method in new[] { HttpMethod.Post, HttpMethod.Put })
        {
            using HttpResponseMessage response = await api.SendContentAsync(method, $"/v1/tenants/{tenant.Name}/archive", new ByteArrayContent(new byte[1024]));
            Assert.True(response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed, $"{method}: {(int)response.StatusCode}");
        }
    }

    [Fact]
    public async Task S25_an_archive_is_its_own_administrators_alone()
    {
        ApplyReport a = await api.CreateTenantAsync("arca"), b = await api.CreateTenantAsync("arcb");
        using HttpClient admin = api.As(await TestTokens.Of(api).AdministratorAsync(a.Id)), user = api.As(await TestTokens.Of(api).UserAsync(a.Id, (await api.GetAsync<ExtensionDto>($"/v1/tenants/{a.Name}/extensions/100")).Id));
        using HttpResponseMessage foreign = await admin.GetAsync(new Uri($"/v1/tenants/{b.Name}/archive", UriKind.Relative), Cancel);
        Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
        using HttpResponseMessage below = await user.GetAsync(new Uri($"/v1/tenants/{a.Name}/archive", UriKind.Relative), Cancel);
        Assert.Equal(HttpStatusCode.Forbidden, below.StatusCode);
    }

    private static async Task<Dictionary<string, byte[]>> ReadAsync(byte[] octets)
    {
        Dictionary<string, byte[]> files = [];
        await using TarReader tar = new(new MemoryStream(octets));
        while (await tar.GetNextEntryAsync(copyData: true, Cancel) is { } entry)
        {
            using MemoryStream content = new();
            if (entry.DataStream is { } data)
                await data.CopyToAsync(content, Cancel);
            files.Add(entry.Name, content.ToArray());
        }
        return files;
    }
}
