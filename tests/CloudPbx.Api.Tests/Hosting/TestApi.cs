using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using CloudPbx.Api.Domains;
using CloudPbx.Api.Refresh;
using CloudPbx.Contracts.Api;
using CloudPbx.Data;
using CloudPbx.Hosting;
using CloudPbx.Hosting.Web.Authentication;
using CloudPbx.Hosting.Web.Bus;
using CloudPbx.Hosting.Web.Providers;
using CloudPbx.MediaControl;
using CloudPbx.State;
using CloudPbx.State.Tests.Stores;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CloudPbx.Api.Tests.Hosting;

/// <summary>The API in process, on a database of one provider and an embedded Garnet, with a fake door to the tenants' runtimes.</summary>
public abstract class TestApi : IAsyncLifetime
{
    private readonly string _folder = System.IO.Directory.CreateTempSubdirectory("cloudpbx-api-").FullName;
    private readonly EmbeddedGarnet _garnet = EmbeddedGarnet.Start();
    private WebApplication? _app;
    private HttpClient? _client;
    private string? _absent;

    internal FakeDoor Door { get; } = new();

    /// <summary>What DNS says about tenants' domains.</summary>
    internal FakeDomainNames Names { get; } = new();
    internal FakeIssuers Issuers { get; } = new();

    /// <summary>The media node that decodes what is uploaded.</summary>
    internal FakeDecoder Decoder { get; } = new();

    public IServiceProvider Services => App.Services;

    /// <summary>A client with the operator's token.</summary>
    public HttpClient Client
    {
        get
        {
            _ = App;
            return _client!;
        }
    }

    /// <summary>How the Redis-protocol server is reached.</summary>
    public string RedisConnection => _garnet.Connection;

    public string BlobFolder => Path.Combine(_folder, "blobs");

    public string TokenPath => Path.Combine(_folder, "operator.token");

    private WebApplication App
    {
        get
        {
            Assert.SkipUnless(_absent is null, _absent ?? "");
            return _app!;
        }
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        _absent = await AddDataAsync(builder, _folder);
        if (_absent is not null)
            return;
        builder.Configuration["PlatformKey:Path"] = Path.Combine(_folder, "platform.key");
        builder.Configuration["PlatformKey:Create"] = "true";
        builder.Configuration["Redis:Connection"] = _garnet.Connection;
        builder.Configuration["Redis:CommandTimeoutMilliseconds"] = "5000";
        builder.Configuration["OperatorToken:Path"] = TokenPath;
        builder.Configuration["Api:RequestBurst"] = "2000";       // one stranger tries every route
        builder.Configuration["Webhooks:AllowHttp"] = "true";
        builder.Configuration["Webhooks:AllowedNetworks:0"] = "127.0.0.0/8";
        builder.Configuration["Blobs:Folder"] = BlobFolder;
        builder.AddHostingDefaults("api");
        builder.Logging.ClearProviders();
        builder.AddRuntimeState();
        builder.AddEventBus(ApiModule.AddConsumers);
        builder.AddApi();
        builder.Services.Replace(ServiceDescriptor.Singleton<ITenantDoor>(Door));
        builder.Services.Replace(ServiceDescriptor.Singleton<IDomainNames>(Names));
        builder.Services.Replace(ServiceDescriptor.Singleton<ISoundDecoder>(Decoder));
        AddMore(builder);
        builder.Services.Replace(ServiceDescriptor.Singleton(provider => new ProviderConnection(Issuers, provider.GetRequiredService<IOptions<ProviderOptions>>(), Issuers)));
        builder.WebHost.UseTestServer();
        _app = builder.Build();
        await _app.Services.GetRequiredService<IDatabaseSchema>().MigrateAsync(Cancel);
        _app.UseAuthentication();
        _app.UseAuthorization();
        _app.MapHostingDefaults();
        _app.MapApi();
        await _app.StartAsync(Cancel);
        _client = _app.GetTestClient();
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", OperatorToken.ReadOrCreate(TokenPath));
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_app is not null)
            await _app.DisposeAsync();
        await RemoveDataAsync();
        _garnet.Dispose();
        Issuers.Dispose();
        System.IO.Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Makes it so that the database refuses every write until the result is disposed.</summary>
    public abstract Task<IAsyncDisposable> LockAsync();

    /// <summary>Publishes a fact. A busy machine may miss the publisher's deadline: what was not safe is published again, as the spool does.</summary>
    internal async Task PublishAsync<T>(T fact)
        where T : class
    {
        while (!await Services.GetRequiredService<IFactPublisher>().TryPublishAsync(fact, Cancel))
            Cancel.ThrowIfCancellationRequested();
    }

    /// <summary>A client without a token.</summary>
    public HttpClient Stranger() => App.GetTestClient();

    /// <summary>A client with an access token such as Identity issues.</summary>
    public HttpClient As(string token)
    {
        HttpClient client = App.GetTestClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    /// <summary>Sends a request with a JSON text as its body.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? json = null, string? ifMatch = null)
    {
        using HttpRequestMessage request = new(method, path);
        if (json is not null)
            request.Content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        if (ifMatch is not null)
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        return await Client.SendAsync(request, Cancel);
    }

    /// <summary>Sends a request with another body than JSON.</summary>
    public async Task<HttpResponseMessage> SendContentAsync(HttpMethod method, string path, HttpContent content)
    {
        using HttpRequestMessage request = new(method, path) { Content = content };
        return await Client.SendAsync(request, Cancel);
    }

    public async Task<T> GetAsync<T>(string path)
    {
        using HttpResponseMessage response = await SendAsync(HttpMethod.Get, path);
        return await ReadAsync<T>(response);
    }

    public async Task<T> PostAsync<T>(string path, string json)
    {
        using HttpResponseMessage response = await SendAsync(HttpMethod.Post, path, json);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return await ReadAsync<T>(response);
    }

    /// <summary>Puts a tenant's document and gives the report.</summary>
    public async Task<ApplyReport> ApplyAsync(string name, string json)
    {
        using HttpResponseMessage response = await SendAsync(HttpMethod.Put, $"/v1/tenants/{name}/document", json);
        return await ReadAsync<ApplyReport>(response);
    }

    /// <summary>Makes a tenant with a domain of its name, an extension 100 and its device.</summary>
    public async Task<ApplyReport> CreateTenantAsync(string prefix)
    {
        string name = $"{prefix}-{Guid.NewGuid():N}"[..24].TrimEnd('-');
        return await ApplyAsync(name, Document(name));
    }

    public static string Document(string name) =>
        $$"""
        { "name": "{{name}}", "domains": ["{{name}}.example"],
          "extensions": [ { "number": "100", "displayName": "Alice of {{name}}", "devices": [ { "name": "desk" } ] } ] }
        """;

    public static async Task<T> ReadAsync<T>(HttpResponseMessage response)
    {
        string text = await response.Content.ReadAsStringAsync(Cancel);
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}: {text}");
        return JsonSerializer.Deserialize<T>(text, JsonSerializerOptions.Web)!;
    }

    /// <summary>Reads a problem and checks what every problem must have.</summary>
    public static async Task<JsonElement> ProblemAsync(HttpResponseMessage response, HttpStatusCode status, string type)
    {
        string text = await response.Content.ReadAsStringAsync(Cancel);
        Assert.True(status == response.StatusCode, $"{(int)response.StatusCode}: {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        JsonElement problem = JsonSerializer.Deserialize<JsonElement>(text);
        Assert.Equal(type, problem.GetProperty("type").GetString());
        Assert.NotEmpty(problem.GetProperty("title").GetString()!);
        return problem;
    }

    /// <summary>Adds the data; gives why not.</summary>
    protected abstract Task<string?> AddDataAsync(WebApplicationBuilder builder, string folder);

    protected abstract Task RemoveDataAsync();

    /// <summary>Changes what was set up.</summary>
    protected virtual void AddMore(WebApplicationBuilder builder)
    {
    }

    /// <summary>The errors of a problem, as "place: first message".</summary>
    public static async Task<IReadOnlyDictionary<string, string>> ErrorsAsync(HttpResponseMessage response, HttpStatusCode status, string type) =>
        (await ProblemAsync(response, status, type)).GetProperty("errors").EnumerateObject()
            .ToDictionary(e => e.Name, e => e.Value[0].GetString()!, StringComparer.Ordinal);
}
