using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Blobs.Storage;
using CloudPbx.Contracts.Api;
using CloudPbx.Data.Prompts;
using CloudPbx.Data.Tenants;
using CloudPbx.Hosting.Web.Problems;
using CloudPbx.MediaControl;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Api.Tests;

public sealed class PromptsOnSqliteTests(SqliteApi api) : PromptTests(api), IClassFixture<SqliteApi>;

public sealed class PromptsOnPostgresTests(PostgresApi api) : PromptTests(api), IClassFixture<PostgresApi>;

/// <summary>The tenants' own sounds.</summary>
public abstract class PromptTests(TestApi api)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IBlobStore Blobs => api.Services.GetRequiredService<IBlobStore>();

    [Fact]
    public async Task A_sound_is_uploaded_listened_to_replaced_and_deleted()
    {
        ApplyReport tenant = await api.CreateTenantAsync("prompts");
        byte[] first = RandomNumberGenerator.GetBytes(40_000), second = RandomNumberGenerator.GetBytes(16_000);
        PromptDto made = await PutAsync(tenant, "jazz", first, HttpStatusCode.Created);
        Assert.Equal(("jazz", 1.25, 0), (made.Name, made.DurationSeconds, made.Uses.Count));
        Assert.Equal(first, (await api.Client.GetByteArrayAsync(new Uri($"/v1/tenants/{tenant.Name}/prompts/jazz/audio", UriKind.Relative), Cancel))[44..]);
        ConfiguredPrompt before = (await ConfigurationAsync(tenant)).Prompts["jazz"];

        PromptDto replaced = await PutAsync(tenant, "jazz", second, HttpStatusCode.OK);
        Assert.Equal((made.Id, 0.5), (replaced.Id, replaced.DurationSeconds));
        Assert.Null(await Blobs.OpenAsync(BlobPath.Prompt(tenant.Id, before.Audio), Cancel));           // the old sound is gone, and its name with it
        Assert.NotEqual(before.Audio, (await ConfigurationAsync(tenant)).Prompts["jazz"].Audio);
        using HttpRequestMessage part = new(HttpMethod.Get, $"/v1/tenants/{tenant.Name}/prompts/jazz/audio") { Headers = { Range = new RangeHeaderValue(44, 143) } };
        using HttpResponseMessage given = await api.Client.SendAsync(part, Cancel);
        Assert.Equal(second[..100], await given.Content.ReadAsByteArrayAsync(Cancel));
        Assert.Equal(replaced.Id, Assert.Single((await api.GetAsync<Page<PromptDto>>($"/v1/tenants/{tenant.Name}/prompts")).Items).Id);

        using HttpResponseMessage deleted = await api.SendAsync(HttpMethod.Delete, $"/v1/tenants/{tenant.Name}/prompts/jazz");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        using HttpResponseMessage gone = await api.SendAsync(HttpMethod.Get, $"/v1/tenants/{tenant.Name}/prompts/jazz/audio");
        await TestApi.ProblemAsync(gone, HttpStatusCode.NotFound, ProblemTypes.NotFound);
        Assert.Empty(Files(tenant));
    }

    [Fact]
    public async Task Settings_say_what_plays_where_and_what_plays_is_not_deleted()
    {
        ApplyReport tenant = await api.CreateTenantAsync("promptuses");
        string path = $"/v1/tenants/{tenant.Name}";
        using HttpResponseMessage early = await api.SendAsync(HttpMethod.Put, path, $$"""{"name":"{{tenant.Name}}","holdMusicPrompt":"jazz","recordingNoticePrompt":"law"}""");
        Assert.Equal(["$.holdMusicPrompt", "$.recordingNoticePrompt"], (await TestApi.ErrorsAsync(early, HttpStatusCode.BadRequest, ProblemTypes.Validation)).Keys);
        using HttpResponseMessage room = await api.SendAsync(HttpMethod.Post, $"{path}/conferences", """{"number":"800","greeting":"jazz"}""");
        Assert.Equal(["$.greeting"], (await TestApi.ErrorsAsync(room, HttpStatusCode.BadRequest, ProblemTypes.Validation)).Keys);
        await PutAsync(tenant, "jazz", new byte[3200], HttpStatusCode.Created);
        using HttpResponseMessage set = await api.SendAsync(HttpMethod.Put, path, $$"""{"name":"{{tenant.Name}}","holdMusicPrompt":"jazz"}""");
        Assert.Equal("jazz", (await TestApi.ReadAsync<TenantDto>(set)).HoldMusicPrompt);
        Assert.Equal("jazz", (await api.PostAsync<ConferenceDto>($"{path}/conferences", """{"number":"800","greeting":"jazz"}""")).Greeting);
        Assert.Equal(["hold-music", "conference 800"], (await api.GetAsync<PromptDto>($"{path}/prompts/jazz")).Uses);
        using HttpResponseMessage used = await api.SendAsync(HttpMethod.Delete, $"{path}/prompts/jazz");
        await TestApi.ProblemAsync(used, HttpStatusCode.Conflict, ProblemTypes.InUse);

        // The document names them, also on a platform where the sounds come after it.
        TenantDocument document = await api.GetAsync<TenantDocument>($"{path}/document");
        Assert.Equal(("jazz", "jazz"), (document.HoldMusicPrompt, document.Conferences.Single().Greeting));
        string other = $"moved-{Guid.NewGuid():N}"[..20];
        ApplyReport moved = await api.ApplyAsync(other, $$"""{"name":"{{other}}","holdMusicPrompt":"jazz","conferences":[{"number":"800","greeting":"jazz"}]}""");
        TenantConfiguration configuration = await ConfigurationAsync(moved);
        Assert.Equal(("jazz", 0), (configuration.HoldMusicPrompt, configuration.Prompts.Count));
    }

    [Fact]
    public async Task S25_two_tenants_have_sounds_of_the_same_name_and_neither_has_the_others()
    {
        ApplyReport a = await api.CreateTenantAsync("prompta"), b = await api.CreateTenantAsync("promptb");
        byte[] ofA = RandomNumberGenerator.GetBytes(3200), ofB = RandomNumberGenerator.GetBytes(3200);
        await PutAsync(a, "jazz", ofA, HttpStatusCode.Created);
        await PutAsync(b, "jazz", ofB, HttpStatusCode.Created);
        await PutAsync(b, "only-b", ofB, HttpStatusCode.Created);
        Assert.Equal(ofA, (await api.Client.GetByteArrayAsync(new Uri($"/v1/tenants/{a.Name}/prompts/jazz/audio", UriKind.Relative), Cancel))[44..]);
        Assert.Equal(ofB, (await api.Client.GetByteArrayAsync(new Uri($"/v1/tenants/{b.Name}/prompts/jazz/audio", UriKind.Relative), Cancel))[44..]);
        using HttpClient admin = api.As(await TestTokens.Of(api).AdministratorAsync(a.Id));
        foreach (string foreign in new[] { $"/v1/tenants/{a.Name}/prompts/only-b", $"/v1/tenants/{a.Name}/prompts/only-b/audio", $"/v1/tenants/{b.Name}/prompts/jazz", $"/v1/tenants/{a.Name}/prompts/..%2F..%2F{b.Id}%2Fjazz/audio" })
        {
            using HttpResponseMessage response = await admin.GetAsync(new Uri(foreign, UriKind.Relative), Cancel);
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }
        ConfiguredPrompt stored = (await ConfigurationAsync(b)).Prompts["jazz"];
        Assert.Null((await ConfigurationAsync(a)).Open(stored.Audio, stored.SealedKey));                 // B's key opens with B's only
        using HttpResponseMessage deleted = await api.SendAsync(HttpMethod.Delete, $"/v1/tenants/{a.Name}");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Empty(Files(a));
        Assert.Equal(2, Files(b).Length);
    }

    [Fact]
    public async Task S26_what_lies_in_the_store_is_sealed_samples_and_nothing_of_the_upload()
    {
        ApplyReport tenant = await api.CreateTenantAsync("sealed");
        byte[] samples = [.. Enumerable.Repeat("<?php system(1) ?>PK"u8.ToArray(), 200).SelectMany(x => x)];
        await PutAsync(tenant, "shell", samples, HttpStatusCode.Created);
        string text = Encoding.Latin1.GetString(await File.ReadAllBytesAsync(Assert.Single(Files(tenant)), Cancel));
        Assert.DoesNotContain("php", text, StringComparison.Ordinal);
        Assert.DoesNotContain("RIFF", text, StringComparison.Ordinal);
        using HttpResponseMessage played = await api.SendAsync(HttpMethod.Get, $"/v1/tenants/{tenant.Name}/prompts/shell/audio");
        Assert.Equal("audio/wav", played.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData(DecodeFault.NotWave, "WAV file")]
    [InlineData(DecodeFault.NoFormat, "whole WAV file")]
    [InlineData(DecodeFault.Unsupported, "PCM")]
    [InlineData(DecodeFault.NoData, "samples")]
    [InlineData(DecodeFault.TooLong, "300 seconds")]
    [InlineData(DecodeFault.TooLarge, "32 MiB")]
    public async Task S26_a_file_that_is_refused_is_told_why_and_leaves_nothing(DecodeFault fault, string word)
    {
        ApplyReport tenant = await api.CreateTenantAsync("refused");
        api.Decoder.Fault = fault;
        try
        {
            using HttpResponseMessage refused = await SendAsync(tenant, "jazz", FakeDecoder.Wave(1, 2));
            Assert.Contains(word, (await TestApi.ErrorsAsync(refused, HttpStatusCode.BadRequest, ProblemTypes.Validation))["$"], StringComparison.Ordinal);
        }
        finally
        {
            api.Decoder.Fault = null;
        }
        Assert.Empty((await api.GetAsync<Page<PromptDto>>($"/v1/tenants/{tenant.Name}/prompts")).Items);
        Assert.Empty(Files(tenant));
    }

    [Theory]
    [InlineData("..%2F..%2Fetc%2Fpasswd")]
    [InlineData("Jazz.wav")]
    [InlineData("a%20b")]
    [InlineData("-")]
    public async Task S26_a_name_that_could_be_a_path_is_none(string name)
    {
        ApplyReport tenant = await api.CreateTenantAsync("names");
        using HttpResponseMessage refused = await SendAsync(tenant, name, FakeDecoder.Wave(1, 2));
        Assert.Equal(["name"], (await TestApi.ErrorsAsync(refused, HttpStatusCode.BadRequest, ProblemTypes.Validation)).Keys);
    }

    [Fact]
    public async Task Without_a_media_node_an_upload_is_503_and_nothing_is_stored()
    {
        ApplyReport tenant = await api.CreateTenantAsync("nonode");
        api.Decoder.Fault = DecodeFault.Away;
        try
        {
            using HttpResponseMessage away = await SendAsync(tenant, "jazz", FakeDecoder.Wave(1, 2));
            await TestApi.ProblemAsync(away, HttpStatusCode.ServiceUnavailable, ProblemTypes.ServiceAway);
        }
        finally
        {
            api.Decoder.Fault = null;
        }
        Assert.Empty(Files(tenant));
    }

    private async Task<PromptDto> PutAsync(ApplyReport tenant, string name, byte[] samples, HttpStatusCode status)
    {
        using HttpResponseMessage response = await SendAsync(tenant, name, FakeDecoder.Wave(samples));
        Assert.Equal(status, response.StatusCode);
        return await TestApi.ReadAsync<PromptDto>(response);
    }

    private async Task<HttpResponseMessage> SendAsync(ApplyReport tenant, string name, byte[] wave)
    {
        ByteArrayContent content = new(wave);
        content.Headers.ContentType = new MediaTypeHeaderValue("audio/wav");
        return await api.SendContentAsync(HttpMethod.Put, $"/v1/tenants/{tenant.Name}/prompts/{name}", content);
    }

    private async Task<TenantConfiguration> ConfigurationAsync(ApplyReport tenant) =>
        (await api.Services.GetRequiredService<ITenantConfigurationSource>().LoadAsync(tenant.Id, Cancel)).Configuration!;

    private string[] Files(ApplyReport tenant) => !System.IO.Directory.Exists(api.BlobFolder) ? []
        : [.. System.IO.Directory.EnumerateFiles(api.BlobFolder, "*", SearchOption.AllDirectories).Where(file => file.Contains(tenant.Id.ToString(), StringComparison.OrdinalIgnoreCase))];
}
