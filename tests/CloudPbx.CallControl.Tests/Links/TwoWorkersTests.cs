using System.Net;
using System.Net.Sockets;
using CloudPbx.CallControl.Calls.Snapshots;
using CloudPbx.CallControl.Links;
using CloudPbx.CallControl.Registrar;
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
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;

namespace CloudPbx.CallControl.Tests.Links;

/// <summary>Two workers with a silo each and one edge: tenants move between them as Orleans has it.</summary>
public sealed class TwoWorkersTests : IAsyncLifetime, ITenantConfigurationSource, IFactPublisher
{
    private readonly TestTenant _tenant = new();
    private readonly string _spool = Path.Combine(Path.GetTempPath(), "cloudpbx-workers-" + Guid.NewGuid().ToString("N"));
    private IHost _first = null!;
    private IHost _second = null!;

    public async ValueTask InitializeAsync()
    {
        int[] ports = FreePorts(4);
        IPEndPoint primary = new(IPAddress.Loopback, ports[0]);
        _first = await StartAsync("worker-1", ports[0], ports[1], primary);
        _second = await StartAsync("worker-2", ports[2], ports[3], primary);
    }

    [Fact]
    public async Task A_tenant_moves_when_it_is_asked_to_and_when_its_worker_stops()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        await using LinkedEdge atFirst = new(_first.Services.GetRequiredService<EdgeLinks>());
        await using LinkedEdge atSecond = new(_second.Services.GetRequiredService<EdgeLinks>());
        atFirst.Hello();
        atSecond.Hello();
        await atFirst.ReceiveAsync();
        await atSecond.ReceiveAsync();
        await Patience.UntilAsync(() => Silos(_first).Live.Count == 1 && Silos(_second).Live.Count == 1);

        ITenantGrain grain = _first.Services.GetRequiredService<IGrainFactory>().GetGrain<ITenantGrain>(_tenant.Tenant.ToString());
        LocateAnswer before = await grain.LocateAsync();
        if (before.WorkerId == Worker(_first).Id)                              // Orleans chose; the test goes on from the second
        {
            await grain.LeaveAsync(before.WorkerId);
            await Patience.UntilAsync(() => Host(_second).Find(_tenant.Tenant) is not null);
            Assert.Null(Host(_first).Find(_tenant.Tenant));
        }
        LocateAnswer at = await grain.LocateAsync();
        Assert.Equal(Worker(_second).Id, at.WorkerId);

        atFirst.Register(_tenant.Tenant);                                      // the wrong worker: it says where, and gives the message back
        SipRequest moved = await NoticeAsync(atFirst, at.Epoch);
        Assert.Equal("worker-2", moved.RequestUri.Host);
        Assert.Equal(SipMethod.Register, Assert.IsType<SipRequest>(await atFirst.ReceiveAsync()).Method);

        // SIGTERM: the tenant moves first. Where the leaving silo had its directory entry, Orleans takes it down once more; with Redis the waker sees to it
        // (MoveScenarios), here whoever asks for it does.
        await _second.StopAsync(cancel);
        LocateAnswer after = await grain.LocateAsync();
        Assert.NotNull(Host(_first).Find(_tenant.Tenant));
        Assert.Equal(Worker(_first).Id, after.WorkerId);
        Assert.True(after.Epoch > at.Epoch);
        Assert.Equal("worker-1", (await NoticeAsync(atFirst, after.Epoch)).RequestUri.Host);
        atFirst.Register(_tenant.Tenant);
        Assert.Equal(401, Assert.IsType<SipResponse>(await atFirst.ReceiveAsync()).StatusCode);
    }

    [Fact]
    public async Task A_tenant_is_gone_when_its_calls_are_written_down_and_does_not_come_back_when_it_is_asked_to_leave_once_more()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        await Patience.UntilAsync(() => Silos(_first).Live.Count == 1 && Silos(_second).Live.Count == 1);
        ITenantGrain grain = _first.Services.GetRequiredService<IGrainFactory>().GetGrain<ITenantGrain>(_tenant.Tenant.ToString());
        LocateAnswer before = await grain.LocateAsync();
        (IHost from, IHost to) = before.WorkerId == Worker(_first).Id ? (_first, _second) : (_second, _first);

        TaskCompletionSource slow = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _tenant.Store.Writing = slow.Task;
        await grain.LeaveAsync(before.WorkerId);
        await Patience.UntilAsync(() => Host(from).Find(_tenant.Tenant) is null);
        Task gone = Host(from).GoneAsync(_tenant.Tenant);                      // asked for late: it is being handed over
        Assert.False(gone.IsCompleted);
        Assert.False(Host(from).IsEmpty);
        _tenant.Store.Writing = Task.CompletedTask;
        slow.SetResult();
        await gone.WaitAsync(Patience.Limit, cancel);
        Assert.True(Host(from).IsEmpty);

        Assert.Equal(Worker(to).Id, (await grain.LocateAsync()).WorkerId);
        long epoch = (await grain.LocateAsync()).Epoch;
        await grain.LeaveAsync(before.WorkerId);
        Assert.Equal((Worker(to).Id, epoch), ((await grain.LocateAsync()).WorkerId, (await grain.LocateAsync()).Epoch));
    }

    public Task<TenantLoad> LoadAsync(TenantId tenant, CancellationToken cancel) => Task.FromResult(
        tenant == _tenant.Tenant ? new TenantLoad(TenantLoadOutcome.Loaded, _tenant.Configure(1)) : new TenantLoad(TenantLoadOutcome.NoSuchTenant, null));

    public Task<long?> FindVersionAsync(TenantId tenant, CancellationToken cancel) => Task.FromResult<long?>(null);

    public TenantConfiguration? Read(ReadOnlySpan<byte> content) => null;

    public Task<bool> TryPublishAsync<T>(T fact, CancellationToken cancel)
        where T : class => Task.FromResult(true);

    public async ValueTask DisposeAsync()
    {
        await _second.StopAsync(CancellationToken.None);
        await _first.StopAsync(CancellationToken.None);
        _second.Dispose();
        _first.Dispose();
        _tenant.Dispose();
        Directory.Delete(_spool, recursive: true);
    }

    private static TenantHost Host(IHost worker) => worker.Services.GetRequiredService<TenantHost>();

    private static WorkerIdentity Worker(IHost worker) => worker.Services.GetRequiredService<WorkerIdentity>();

    private static OtherSilos Silos(IHost worker) => worker.Services.GetRequiredService<OtherSilos>();

    private static async Task<SipRequest> NoticeAsync(LinkedEdge edge, long epoch)
    {
        while (true)
        {
            SipRequest notice = await edge.MovedAsync();
            if (notice.RequestUri.Parameters["epoch"] == epoch.ToString(System.Globalization.CultureInfo.InvariantCulture))
                return notice;
        }
    }

    private static int[] FreePorts(int count)
    {
        TcpListener[] listeners = [.. Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0))];
        foreach (TcpListener listener in listeners)
            listener.Start();
        int[] ports = [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        foreach (TcpListener listener in listeners)
            listener.Dispose();
        return ports;
    }

    private async Task<IHost> StartAsync(string name, int siloPort, int gatewayPort, IPEndPoint primary)
    {
        HostApplicationBuilder builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["CallControl:Listen"] = "",
            ["CallControl:SpoolFolder"] = Path.Combine(_spool, name),
            ["Redis:Connection"] = "127.0.0.1:1,connectTimeout=200,connectRetry=1",       // away; what the workers share is below
        });
        builder.Services.AddLogging();
        builder.AddRuntimeState();
        builder.Services.AddSingleton<ITenantConfigurationSource>(this).AddSingleton<IFactPublisher>(this).AddSingleton<IMediaNode>(new FakeMedia());
        builder.UseOrleans(silo => CallControlModule.ConfigureSilo(silo.UseLocalhostClustering(siloPort, gatewayPort, primary)));
        builder.AddCallControl();
        builder.Services.AddSingleton<ICallSnapshots>(_tenant.Store).AddSingleton<IBindingCopy>(_tenant);
        IHost host = builder.Build();
        host.Services.GetRequiredService<WorkerIdentity>().Host = name;
        await host.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }
}
