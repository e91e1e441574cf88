using System.Net;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Edge.Dispatch;
using CloudPbx.Edge.Listeners;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;
using CloudPbx.Sip.Transport;
using CloudPbx.State.Bans;
using CloudPbx.State.Directory;
using CloudPbx.State.Edges;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using WorkerAddress = CloudPbx.Sip.Proxying.WorkerAddress;

namespace CloudPbx.Edge.Tests;

/// <summary>An edge on loopback with ports of the system's choice and a fake worker.</summary>
internal sealed class TestEdge : IAsyncDisposable
{
    public static readonly TenantId Acme = new(new Guid("aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"));
    public static readonly TenantId Globex = new(new Guid("bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"));

    private readonly WebApplication _host;
    private bool _disposed;

    private TestEdge(WebApplication host, FakeWorker worker, FakeSources sources)
    {
        _host = host;
        Worker = worker;
        Sources = sources;
    }

    public FakeWorker Worker { get; }

    public FakeSources Sources { get; }

    public EdgeKey Key => new(Sources.Secret);

    public IServiceProvider Services => _host.Services;

    public IPEndPoint Udp => Services.GetRequiredService<EdgeEndpoints>().Find(SipTransport.Udp)!;

    public IPEndPoint Tcp => Services.GetRequiredService<EdgeEndpoints>().Find(SipTransport.Tcp)!;

    public IPEndPoint Tls => Services.GetRequiredService<EdgeEndpoints>().Find(SipTransport.Tls)!;

    public IPEndPoint Wss => Services.GetRequiredService<EdgeEndpoints>().Find(SipTransport.Wss)!;

    /// <summary>The process's own web server.</summary>
    public Uri Web => new(_host.Urls.First());

    public OpenFlows Flows => Services.GetRequiredService<OpenFlows>();

    public static DirectorySnapshot Directory(TenantId? defaultTenant, long version = 1) => new(
        version,
        [new("acme.example", Acme), new("globex.example", Globex)],
        [new("alice", Acme), new("greta", Globex)],
        defaultTenant)
    {
        // They dial different numbers for help, so that a mix-up shows.
        Emergency = [new EmergencyDialling { Dialled = ["112", "9112"], Tenants = [Acme] }, new EmergencyDialling { Dialled = ["110", "9110"], Tenants = [Globex] }],
    };

    public static async Task<TestEdge> StartAsync(Action<EdgeOptions>? configure = null, bool defaultTenant = true, bool workerUp = true, Action<BanOptions>? bans = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelHttpsConfiguration().UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var worker = new FakeWorker { IsReachable = workerUp };
        var sources = new FakeSources();
        builder.Services.AddSingleton<IWorkerConnector>(worker);
        builder.Services.AddSingleton<IEdgeSources>(sources);
        if (bans is not null)
            builder.Services.Configure(bans);
        builder.AddEdge();
        builder.Services.Configure<EdgeOptions>(options =>
        {
            options.Addresses = ["127.0.0.1"];
            options.UdpPort = EdgeOptions.AnyPort;
            options.TcpPort = EdgeOptions.AnyPort;
            options.TlsPort = EdgeOptions.AnyPort;
            options.MessagesPerSecond = 0;
            configure?.Invoke(options);
        });
        WebApplication host = builder.Build();
        host.MapEdge();
        var edge = new TestEdge(host, worker, sources);
        sources.Directory = Directory(defaultTenant ? Acme : null);
        await host.StartAsync();
        await host.Services.GetRequiredService<EdgeEndpoints>().Listening.WaitAsync(TimeSpan.FromSeconds(10));
        if (workerUp)
            await Eventually(() => host.Services.GetRequiredService<WorkerLinks>().IsAnyUp);
        return edge;
    }

    /// <summary>Waits for something to become true, with a deadline.</summary>
    public static async Task Eventually(Func<bool> condition)
    {
        for (int i = 0; i < 1000 && !condition(); i++)
            await Task.Delay(10);
        Assert.True(condition());
    }

    /// <summary>What lets a REGISTER pass the edge, which challenges those without (ChallengeTests).</summary>
    public const string Authorized = "Authorization: Digest username=\"100\"\r\n";

    /// <summary>A request that names acme.example and comes by the transport of its Via.</summary>
    public static string Request(string method, string transport = "UDP", string to = "<sip:100@acme.example>", string? uri = null, string from = "<sip:100@acme.example>;tag=f1",
        string more = "", string branch = "z9hG4bKb1", string callId = "c1") =>
        $"{method} {uri ?? "sip:acme.example"} SIP/2.0\r\nVia: SIP/2.0/{transport} 10.9.9.9:5060;branch={branch};rport\r\nMax-Forwards: 70\r\nFrom: {from}\r\n"
        + $"To: {to}\r\nCall-ID: {callId}\r\nCSeq: 1 {method}\r\nOrganization: the tests of the edge\r\n{more}Content-Length: 0\r\n\r\n";

    /// <summary>A worker's request to the phone behind a flow.</summary>
    public static string Outward(string flowToken, uint edge, string method = "INVITE", string branch = "z9hG4bKw1") =>
        $"{method} sip:100@10.9.9.9 SIP/2.0\r\nVia: SIP/2.0/TCP {Acme.Value:N}.invalid;branch={branch}\r\nRoute: {InnerNames.EgressRoute(edge, flowToken)}\r\n"
        + $"Max-Forwards: 70\r\nFrom: <sip:101@acme.example>;tag=w1\r\nTo: <sip:100@acme.example>\r\nCall-ID: w1\r\nCSeq: 1 {method}\r\nContent-Length: 0\r\n\r\n";

    public static Guid TenantOf(SipRequest request) => Guid.Parse(request.Headers.Get(SipHeaderName.Route)!.Split(':', '@')[1]);

    public static string FlowOf(SipRequest request) => request.TopVia!.Parameters["flow"]!;

    /// <summary>The operator's wish, and what the announcer makes of it within three seconds; without the wish it would take the drain back.</summary>
    public void Drain(bool isWished)
    {
        Sources.IsDrainWished = isWished;
        Services.GetRequiredService<EdgeDrain>().IsDraining = isWished;
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        await _host.StopAsync();
        await Worker.DisposeAsync();
        await _host.DisposeAsync();
    }
}

/// <summary>Sources that a test sets.</summary>
internal sealed class FakeSources : IEdgeSources
{
    private Action<DirectorySnapshot>? _directoryChanged;
    private Action<IReadOnlyCollection<WorkerAddress>>? _workersChanged;
    private DirectorySnapshot? _directory;

    public byte[] Secret { get; } = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    public DirectorySnapshot? Directory
    {
        get => _directory;
        set
        {
            _directory = value;
            if (value is not null)
                _directoryChanged?.Invoke(value);
        }
    }

    public IReadOnlyCollection<WorkerAddress> Workers
    {
        get;
        set
        {
            field = value;
            _workersChanged?.Invoke(value);
        }
    } = [new("worker-1", 0)];

    public Task<byte[]?> LoadKeyAsync(CancellationToken cancel) => Task.FromResult<byte[]?>(Secret);

    public Task<IAsyncDisposable> SubscribeDirectoryAsync(Action<DirectorySnapshot> changed, CancellationToken cancel)
    {
        _directoryChanged = changed;
        if (_directory is { } directory)
            changed(directory);
        return Task.FromResult<IAsyncDisposable>(new Nothing());
    }

    public Task<IAsyncDisposable> SubscribeWorkersAsync(Action<IReadOnlyCollection<WorkerAddress>> changed, CancellationToken cancel)
    {
        _workersChanged = changed;
        changed(Workers);
        return Task.FromResult<IAsyncDisposable>(new Nothing());
    }

    /// <summary>Whether the operator drains the edge.</summary>
    public bool IsDrainWished { get; set; }

    /// <summary>What the edge said of itself last; null once it left.</summary>
    public EdgeAddress? Announced { get; private set; }

    public Task AnnounceAsync(EdgeAddress edge, TimeSpan life, CancellationToken cancel)
    {
        Announced = edge;
        return Task.CompletedTask;
    }

    public Task WithdrawAsync(string edge, CancellationToken cancel)
    {
        Announced = null;
        return Task.CompletedTask;
    }

    public Task<bool?> IsDrainWishedAsync(string edge, CancellationToken cancel) => Task.FromResult<bool?>(IsDrainWished);

    public BanTable? Bans { get; private set; }

    public IAsyncDisposable KeepBans(BanTable table)
    {
        Bans = table;
        return new Nothing();
    }

    private sealed class Nothing : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
