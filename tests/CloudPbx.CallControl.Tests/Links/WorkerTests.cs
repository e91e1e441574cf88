using CloudPbx.CallControl.Links;
using CloudPbx.CallControl.Tenants;
using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Tenants;
using CloudPbx.Grains;
using CloudPbx.Hosting.Web.Bus;
using CloudPbx.MediaControl;
using CloudPbx.Sip.Messages;
using CloudPbx.State;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CloudPbx.CallControl.Tests.Links;

/// <summary>The whole module in a process with a silo of its own, without Redis: messages find their tenant by its grain.</summary>
public sealed class WorkerTests : IAsyncLifetime, ITenantConfigurationSource, IFactPublisher
{
    private readonly TestTenant _tenant = new();
    private readonly string _spool = Path.Combine(Path.GetTempPath(), "cloudpbx-worker-" + Guid.NewGuid().ToString("N"));
    private IHost _host = null!;
    private int _version = 1;

    public async ValueTask InitializeAsync()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["CallControl:Listen"] = "",
            ["CallControl:SpoolFolder"] = _spool,
            ["Redis:Connection"] = "127.0.0.1:1,connectTimeout=200,connectRetry=1",       // nobody listens: Redis is away
        });
        builder.Services.AddLogging();
        builder.AddRuntimeState();
        builder.Services.AddSingleton<ITenantConfigurationSource>(this).AddSingleton<IFactPublisher>(this).AddSingleton<IMediaNode>(new FakeMedia());
        builder.AddLocalSilo();
        builder.AddCallControl();
        _host = builder.Build();
        await _host.StartAsync(TestContext.Current.CancellationToken).WaitAsync(Patience.Limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_worker_greets_its_edge_and_serves_a_tenant_that_it_has_to_start_first()
    {
        await using LinkedEdge edge = new(_host.Services.GetRequiredService<EdgeLinks>());
        edge.Hello();
        Assert.Equal(200, Assert.IsType<SipResponse>(await edge.ReceiveAsync()).StatusCode);
        edge.Register(_tenant.Tenant);
        SipResponse challenge = Assert.IsType<SipResponse>(await edge.ReceiveAsync());
        Assert.Equal(401, challenge.StatusCode);
        Assert.StartsWith($"sip:{_tenant.Tenant}@localhost:0;epoch=", (await edge.MovedAsync()).RequestUri.ToString(), StringComparison.Ordinal);
        Assert.Equal(LinkedEdge.FlowToken, challenge.TopVia.Parameters["flow"]);
        Assert.Equal(2, challenge.Vias.Count);

        ITenantGrain grain = _host.Services.GetRequiredService<IGrainFactory>().GetGrain<ITenantGrain>(_tenant.Tenant.ToString());
        Assert.Empty(await grain.CallsAsync());
        Assert.False(await grain.HangUpAsync(CallId.New()));
        Assert.Equal(_host.Services.GetRequiredService<WorkerIdentity>().Id, (await grain.LocateAsync()).WorkerId);
        _version = 7;
        await grain.RefreshAsync(7);
        TenantRuntime runtime = _host.Services.GetRequiredService<TenantHost>().Find(_tenant.Tenant)!;
        await runtime.CallsAsync().WaitAsync(Patience.Limit, TestContext.Current.CancellationToken);
        Assert.Equal(7, runtime.Version);
    }

    [Fact]
    public async Task Readiness_says_that_Redis_is_away_and_nothing_else()
    {
        HealthReport report = await _host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken);
        Assert.Equal((HealthStatus.Unhealthy, "Redis cannot be reached."), (report.Entries["worker"].Status, report.Entries["worker"].Description));
    }

    [Fact]
    public async Task A_tenant_that_there_is_not_is_told_from_a_worker_that_is_not_there_yet()
    {
        ITenantGrain grain = _host.Services.GetRequiredService<IGrainFactory>().GetGrain<ITenantGrain>(TenantId.New().ToString());
        await Assert.ThrowsAsync<TenantUnavailableException>(grain.LocateAsync);           // TenantPost asks again after anything else
    }

    [Fact]
    public async Task A_malformed_request_is_answered_by_its_fault_and_nonsense_by_silence()
    {
        await using LinkedEdge edge = new(_host.Services.GetRequiredService<EdgeLinks>());
        edge.Hello();
        await edge.ReceiveAsync();
        edge.Register(_tenant.Tenant, maxForwards: "many");
        SipResponse response = Assert.IsType<SipResponse>(await edge.ReceiveAsync());
        Assert.Equal((400, "Malformed Max-Forwards"), (response.StatusCode, response.ReasonPhrase));
        edge.Register(TenantId.New());                                                     // no such tenant: silence, never a refusal
        edge.Send($"SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP {Guid.NewGuid():N}.invalid;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag=2\r\n" +
            "Call-ID: 1\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n");
        edge.Hello();
        Assert.StartsWith("hello-", (await edge.ReceiveAsync()).CallId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_phone_cannot_pass_for_an_edge()
    {
        await using LinkedEdge edge = new(_host.Services.GetRequiredService<EdgeLinks>());
        edge.Hello();
        await edge.ReceiveAsync();
        edge.Register(_tenant.Tenant, method: "OPTIONS", from: "0badbeef@edge.invalid");
        Assert.Equal(200, Assert.IsType<SipResponse>(await edge.ReceiveAsync()).StatusCode);
        Assert.False(_host.Services.GetRequiredService<EdgeDirectory>().TrySend(0x0badbeef, false, "OPTIONS"u8));
    }

    [Fact]
    public async Task An_edge_is_told_where_a_tenant_lives_that_is_elsewhere()
    {
        TenantPost post = new(_host.Services.GetRequiredService<TenantHost>(), new Elsewhere(), new WorkerIdentity(), TimeProvider.System, NullLogger<TenantPost>.Instance);
        EdgeLinks links = new(new EdgeDirectory(), post, new WorkerDelay(TimeProvider.System), NullLogger<EdgeLinks>.Instance);
        await using LinkedEdge edge = new(links);
        TenantId tenant = TenantId.New();
        edge.Register(tenant);
        SipRequest moved = await edge.MovedAsync();
        Assert.Equal($"sip:{tenant}@192.0.2.50:7000;epoch=1", moved.RequestUri.ToString());
        SipRequest returned = Assert.IsType<SipRequest>(await edge.ReceiveAsync());     // on a connection the phone says it once
        Assert.Equal(SipMethod.Register, returned.Method);
        Assert.Equal($"<sip:{tenant}@worker;lr>", returned.Routes[0].ToString());
        Assert.Equal(2, returned.Vias.Count);
        await links.DisposeAsync().AsTask().WaitAsync(Patience.Limit, TestContext.Current.CancellationToken);
    }

    public Task<TenantLoad> LoadAsync(TenantId tenant, CancellationToken cancel) => Task.FromResult(
        tenant == _tenant.Tenant ? new TenantLoad(TenantLoadOutcome.Loaded, _tenant.Configure(_version)) : new TenantLoad(TenantLoadOutcome.NoSuchTenant, null));

    public Task<long?> FindVersionAsync(TenantId tenant, CancellationToken cancel) => Task.FromResult<long?>(null);

    public TenantConfiguration? Read(ReadOnlySpan<byte> content) => null;

    public Task<bool> TryPublishAsync<T>(T fact, CancellationToken cancel)
        where T : class => Task.FromResult(true);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None).WaitAsync(Patience.Limit, TestContext.Current.CancellationToken);
        _host.Dispose();
        _tenant.Dispose();
        Directory.Delete(_spool, recursive: true);
    }

    private sealed class Elsewhere : ITenantLocator
    {
        public Task<LocateAnswer?> LocateAsync(TenantId tenant) => Task.FromResult<LocateAnswer?>(new LocateAnswer("other", "192.0.2.50", 7000, 1));
    }
}
