using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CloudPbx.Hosting.Tests.Management;

/// <summary>Metrics are for operators: strangers who reach another listener of the process do not find them.</summary>
public sealed class ManagementListenerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Metrics_are_served_by_the_management_listener_only()
    {
        await using WebApplication app = await StartAsync(("urls", "http://127.0.0.1:0"), ("Management:Listen", "127.0.0.1:0"));
        string[] addresses = Addresses(app);
        Assert.Equal(2, addresses.Length);
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(addresses[0], "/metrics"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(addresses[1], "/metrics"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(addresses[0], "/health/live"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(addresses[1], "/health/live"));
    }

    [Fact]
    public async Task Metrics_are_served_everywhere_where_that_is_asked_for()
    {
        await using WebApplication app = await StartAsync(("urls", "http://127.0.0.1:0"), ("Management:MetricsEverywhere", "true"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(Addresses(app).Single(), "/metrics"));
    }

    [Fact]
    public async Task Any_Unix_socket_of_the_process_serves_metrics()
    {
        string folder = Directory.CreateTempSubdirectory("cloudpbx-management-").FullName;
        string path = Path.Combine(folder, "socket");
        await using (WebApplication app = await StartAsync(("urls", "http://unix:" + path)))
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(path, "/metrics"));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_wrong_address_stops_the_start() =>
        await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(("Management:Listen", "nowhere")));

    [Fact]
    public async Task A_socket_file_that_a_killed_process_left_is_replaced()
    {
        string folder = Directory.CreateTempSubdirectory("cloudpbx-management-").FullName;
        string path = Path.Combine(folder, "socket");
        await File.WriteAllTextAsync(path, "", Cancel);
        await using (WebApplication app = await StartAsync(("Management:Listen", "unix:" + path)))
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(path, "/metrics"));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Readiness_names_what_is_missing_and_liveness_does_not_depend_on_it()
    {
        await using WebApplication app = await StartAsync(builder =>
            builder.Services.AddHealthChecks().AddCheck("store", () => HealthCheckResult.Unhealthy("The store is away."), [HostingDefaults.ReadyTag]), ("urls", "http://127.0.0.1:0"));
        string address = Addresses(app).Single();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(address, "/health/live"));
        using var client = new HttpClient();
        using HttpResponseMessage ready = await client.GetAsync(new Uri(address + "/health/ready"), Cancel);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains("The store is away.", await ready.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    private static Task<WebApplication> StartAsync(params (string Key, string Value)[] settings) => StartAsync(_ => { }, settings);

    private static async Task<WebApplication> StartAsync(Action<WebApplicationBuilder> configure, params (string Key, string Value)[] settings)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(s => s.Key, s => (string?)s.Value));
        builder.AddHostingDefaults("test");
        builder.Logging.ClearProviders();
        configure(builder);
        WebApplication app = builder.Build();
        app.MapHostingDefaults();
        await app.StartAsync(Cancel);
        return app;
    }

    private static string[] Addresses(WebApplication app) =>
        [.. app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses];

    private static async Task<HttpStatusCode> StatusAsync(string address, string path)
    {
        using var handler = new SocketsHttpHandler();
        if (!address.StartsWith("http", StringComparison.Ordinal))
        {
            var socketFile = new System.Net.Sockets.UnixDomainSocketEndPoint(address);
            handler.ConnectCallback = async (_, cancel) =>
            {
                var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
                await socket.ConnectAsync(socketFile, cancel);
                return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
            };
            address = "http://localhost";
        }
        using var client = new HttpClient(handler);
        using HttpResponseMessage answer = await client.GetAsync(new Uri(address + path), Cancel);
        return answer.StatusCode;
    }
}
