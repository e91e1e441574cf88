using System.Net;
using CloudPbx.Contracts.Ids;
using CloudPbx.Load.Generators;
using CloudPbx.Load.Measuring;
using CloudPbx.Net.Sockets;
using CloudPbx.State;
using CloudPbx.State.Directory;
using CloudPbx.State.Workers;
using CloudPbx.TestKit.Namespaces;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CloudPbx.Load.Product;

/// <summary>An edge process whose worker is this program: one tenant in the directory, one worker that answers everything.</summary>
internal sealed class EdgeAlone : ISubject
{
    public const string Domain = "bench.test";
    private static readonly TimeSpan s_life = TimeSpan.FromHours(1);

    private readonly string _folder;
    private readonly RedisServer _redis;
    private readonly ServiceProcess _edge;
    private readonly FakeWorker _worker;
    private readonly DatagramLoad _load;

    private EdgeAlone(string folder, RedisServer redis, ServiceProcess edge, FakeWorker worker, DatagramLoad load) =>
        (_folder, _redis, _edge, _worker, _load) = (folder, redis, edge, worker, load);

    public string Name => "edge";

    /// <summary>Where its metrics are.</summary>
    public int MetricsPort => _edge.MetricsPort;

    public IReadOnlyList<int> Processes => [_edge.ProcessId];

    public IReadOnlyDictionary<string, IReadOnlyList<int>> Others => new Dictionary<string, IReadOnlyList<int>> { ["redis"] = [_redis.ProcessId] };

    /// <param name="isOverloaded">Whether the worker says that it is, and the load are calls that are refused.</param>
    public static async Task<EdgeAlone> StartAsync(CancellationToken cancel, bool isOverloaded = false)
    {
        string folder = Directory.CreateTempSubdirectory("pbx-bench-").FullName;
        RedisServer redis = await RedisServer.StartAsync(folder, cancel);
        FakeWorker worker = new(isOverloaded);
        await PublishAsync(redis, worker, cancel);
        int port = FreePort.Pair();
        ServiceProcess edge = ServiceProcess.Start("Edge", Cores.Subject, folder, EdgeSettings.For(redis, port));
        UdpAddress address = new(IPAddress.Loopback, port);
        EdgeAlone alone = new(folder, redis, edge, worker, isOverloaded ? new RefusedLoad(address, Domain) : new ForwardLoad(address, $"sip:bob000001@{Domain}", Domain));
        try
        {
            await edge.ReadyAsync(cancel);
            return alone;
        }
        catch
        {
            await alone.DisposeAsync();
            throw;
        }
    }

    public Task<LoadOutcome> LoadAsync(double perSecond, TimeSpan time) => _load.RunAsync(perSecond, time);

    public async ValueTask DisposeAsync()
    {
        await _edge.DisposeAsync();
        _worker.Dispose();
        await _redis.DisposeAsync();
        _load.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task PublishAsync(RedisServer redis, FakeWorker worker, CancellationToken cancel)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["Redis:Connection"] = redis.Connection;
        builder.Services.AddLogging();
        builder.AddRuntimeState();
        IHost host = builder.Build();
        await using IAsyncDisposable owned = (IAsyncDisposable)host;
        TenantId tenant = TenantId.New();
        StoreOutcome directory = await host.Services.GetRequiredService<DirectoryStore>().PublishAsync(
            new DirectorySnapshot(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), [new(Domain, tenant)], [], tenant), cancel);
        StoreOutcome announced = await host.Services.GetRequiredService<WorkerStore>().AnnounceAsync(new WorkerAddress("bench", "127.0.0.1", worker.Port), s_life, cancel);
        if (directory != StoreOutcome.Done || announced != StoreOutcome.Done)
            throw new InvalidOperationException("Redis did not take the directory.");
    }
}
