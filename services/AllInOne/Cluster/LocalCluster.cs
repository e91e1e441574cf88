using System.Net;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using CloudPbx.AllInOne.Certificates;
using CloudPbx.AllInOne.Embedded;
using CloudPbx.AllInOne.FirstStart;
using CloudPbx.Data.Keys;
using CloudPbx.Data.Postgres;
using CloudPbx.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CloudPbx.AllInOne.Cluster;

/// <summary>
/// The cluster's processes on this machine: PostgreSQL, redis-server (and RabbitMQ), edges, workers, media nodes with their uploader and Api, each for itself and set up by
/// environment variables alone, as in a real cluster.
/// </summary>
internal sealed class LocalCluster : IAsyncDisposable
{
    private const string Database = "cloudpbx";
    private const string Worker = "worker", Edge = "edge", Media = "media", Uploader = "uploader", Api = "api", Identity = "identity", Portal = "portal";

    private static readonly TimeSpan s_readyWithin = TimeSpan.FromSeconds(90);       // of a busy machine, with PostgreSQL's first start

    private readonly ClusterOptions _options;
    private readonly Installation _installation;
    private readonly SocketFolder _sockets = new();
    private readonly List<KeptService> _services = [];
    private IDisposable? _claim;
    private ServerCertificate? _certificate;
    private StoreServers? _stores;
    private bool _announced;

    private LocalCluster(ClusterOptions options)
    {
        _options = options;
        _installation = new Installation(Path.GetFullPath(options.Run.Data));
    }

    /// <summary>The first screen.</summary>
    public ClusterBanner Banner { get; private set; } = null!;

    /// <summary>Runs until Ctrl-C or SIGTERM.</summary>
    /// <exception cref="StartException">It cannot start; the message says why and what to do.</exception>
    public static async Task<int> RunAsync(ClusterOptions options, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;       // we leave in order; a second signal finds us at it
            stop.Cancel();
        }
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

        try
        {
            await using LocalCluster cluster = await StartAsync(options, stop.Token);
            cluster.Banner.WriteTo(Console.Out);
            await cluster.WatchAsync(Console.Out, stop.Token);
            await Console.Out.WriteLineAsync("Stopping: calls are ended, records are written.");
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // stopped while it started
        }
        return 0;
    }

    /// <summary>Starts everything and waits until phones can register.</summary>
    /// <exception cref="StartException">It cannot start; the message says why and what to do.</exception>
    public static async Task<LocalCluster> StartAsync(ClusterOptions options, CancellationToken cancel)
    {
        var cluster = new LocalCluster(options);
        try
        {
            await cluster.StartCoreAsync(cancel);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Says when a process ends by itself and starts another, until it is told to stop.</summary>
    public Task WatchAsync(TextWriter output, CancellationToken cancel) => Task.WhenAll(_services.Select(service => service.KeepAsync(output, Describe, cancel)));

    /// <summary>Stops what was started: first the workers, whose calls end while edge, media node and Api are still there.</summary>
    public async ValueTask DisposeAsync()
    {
        ILookup<bool, KeptService> workersAndOthers = _services.ToLookup(service => service.Name.StartsWith(Worker, StringComparison.Ordinal));
        await StopAsync(workersAndOthers[true]);
        await StopAsync(workersAndOthers[false]);
        if (_stores is not null) await _stores.DisposeAsync();
        if (_announced)
        {
            _installation.Withdraw();
            File.Delete(_installation.ClusterFile);
        }
        _certificate?.Dispose();
        _sockets.Dispose();
        _claim?.Dispose();

        static Task StopAsync(IEnumerable<KeptService> services) => Task.WhenAll(services.Select(service => service.DisposeAsync().AsTask()));
    }

    private async Task StartCoreAsync(CancellationToken cancel)
    {
        RunOptions run = _options.Run;
        _claim = _installation.Claim();
        Directory.CreateDirectory(_installation.Logs);
        ServerNames names = ServerNames.OfThisMachine([run.Domain], run.PublicAddresses);
        _certificate = run.Certificate is { } file
            ? ServerCertificate.FromFiles(file, run.Key!, TimeProvider.System, NullLogger.Instance)
            : ServerCertificate.FromOwnAuthority(_installation.Tls, () => names, TimeProvider.System, NullLogger.Instance);
        await _certificate.StartAsync(cancel);
        // Only a new installation makes a key: beside an old database a fresh one could open nothing.
        PlatformKey.Load(Options.Create(new PlatformKeyOptions { Path = _installation.PlatformKey, Create = !Directory.Exists(_installation.Stores) }));
        _stores = await StoreServers.StartAsync(_installation.Stores, _options.RabbitMq, _options.VolatileStores, cancel);

        Dictionary<string, string> passwords = [];
        string Password(string role) => passwords[role] = RandomNumberGenerator.GetHexString(32);
        await PostgresRoles.PrepareAsync(_stores.Postgres, Database, Password, cancel);
        string Connection(string role) => new NpgsqlConnectionStringBuilder(_stores.Postgres) { Database = Database, Username = role, Password = passwords[role] }.ToString();
        var settings = new ClusterSettings(_options, _installation, _stores, _sockets, _certificate, Connection, Ports());

        await MigrateAsync(settings, cancel);
        List<Task> ready = [];
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(s_readyWithin);
        for (int number = 1; number <= _options.MediaNodes; number++)
            ready.Add(Start(ClusterSettings.MediaName(number), Media, "CloudPbx.Media", settings.Media(number)).ReadyAsync("ready", patience.Token));
        if (_options.MediaNodes > 0) ready.Add(Start(Uploader, Uploader, "CloudPbx.Media", settings.Uploader(), "--role", "uploader").ReadyAsync("ready", patience.Token));
        ready.Add(Start(Api, Api, "CloudPbx.Api", settings.Api()).ReadyAsync("ready", patience.Token));
        ready.Add(Start(Portal, Portal, "CloudPbx.Portal", settings.Portal()).ReadyAsync("ready", patience.Token));
        ready.Add(Start(Identity, Identity, "CloudPbx.Identity", settings.Identity()).ReadyAsync("ready", patience.Token));
        for (int number = 1; number <= _options.Workers; number++)
            ready.Add(Start($"{Worker}-{number}", Worker, "CloudPbx.CallControl", settings.Worker(number)).ReadyAsync("ready", patience.Token));
        // Without a worker an edge is not ready; whoever brings one of his own waits for the edge's greeting there.
        for (int number = 1; number <= _options.Edges; number++)
            ready.Add(Start(ClusterSettings.EdgeName(number), Edge, "CloudPbx.Edge", settings.Edge(number)).ReadyAsync(_options.Workers > 0 ? "ready" : "live", patience.Token));
        while (ready.Count > 0)
        {
            Task first = await Task.WhenAny(ready);
            ready.Remove(first);
            await first;                            // one that cannot start ends the start
        }

        RunningInstallation running = new(
            Environment.ProcessId, _services.Find(service => service.Name == Media)?.Process.Id ?? 0, _sockets.Api, settings.Ports.Https, settings.Ports.Sip, settings.Ports.Tls,
            _certificate.AuthorityPath);
        DemoTenant demo = await DemoTenant.EnsureAsync(_installation, _sockets.Api, run, cancel);
        Describe();
        _installation.Announce(running);
        _announced = true;
        Banner = new ClusterBanner(new StartBanner(demo.Domain, names, running, demo.Secrets, run.Data, settings.PublicUrl, FirstLink()), settings.Ports.FurtherEdges, Processes());
    }

    /// <summary>What Identity left for the operator who has no password yet.</summary>
    private string? FirstLink() => File.Exists(_installation.FirstLink) ? File.ReadAllText(_installation.FirstLink).Trim() : null;

    private RunningProcess[] Processes() =>
    [
        .. _services.Select(service => new RunningProcess(service.Name, service.Process.Id, service.Process.LogFile)),
        .. _stores!.Servers.Select(server => new RunningProcess(server.Key, server.Value.ProcessId, null)),
    ];

    private void Describe()
    {
        lock (_services) new RunningCluster(Processes(), _stores!.Postgres, _stores.Redis, _stores.RabbitMq).Write(_installation.ClusterFile);
    }

    private async Task MigrateAsync(ClusterSettings settings, CancellationToken cancel)
    {
        await using ServiceProcess migration = Launch("migrate", Api, "CloudPbx.Api", settings.Migration(), again: false, "--migrate");
        if (await migration.Exited.WaitAsync(cancel) != 0) throw new StartException($"The database's schema could not be brought up to date: {migration.LastLine()}");
    }

    private ServiceProcess Start(string name, string kind, string program, Dictionary<string, string?> settings, params string[] arguments)
    {
        var service = new KeptService(name, _options.LeftDead.Contains(name) || _options.LeftDead.Contains(kind), again => Launch(name, kind, program, settings, again, arguments));
        _services.Add(service);
        return service.Process;
    }

    private ServiceProcess Launch(string name, string kind, string program, Dictionary<string, string?> settings, bool again, params string[] arguments)
    {
        string log = Path.Combine(_installation.Logs, name + ".log");
        if (!again) File.Delete(log);
        foreach (ServiceSetting setting in _options.Settings.Where(s => s.IsFor(name, kind))) settings[setting.Key] = setting.Value;
        string? processors = _options.Processors.GetValueOrDefault(name) ?? _options.Processors.GetValueOrDefault(kind);
        Action<IDictionary<string, string?>> runtime = kind switch
        {
            Media => RuntimeSettings.ForMedia,
            Worker => RuntimeSettings.ForWorker,
            Edge => RuntimeSettings.ForEdge,
            Portal => RuntimeSettings.ForPages,
            _ => RuntimeSettings.ForSignalling,
        };
        return ServiceProcess.Start(
            name, Path.Combine(AppContext.BaseDirectory, program), _installation.Folder, log,
            _sockets.Of(name), runtime, settings, processors, arguments);
    }

    /// <summary>The ports as they were asked for, or free ones: the processes must know them before they start.</summary>
    private ClusterPorts Ports()
    {
        RunOptions run = _options.Run;
        int sip = run.SipPort != 0 ? run.SipPort : FreeTcpPort.OtherThan([run.TlsPort, run.HttpsPort]);
        int tls = run.TlsPort != 0 ? run.TlsPort : FreeTcpPort.OtherThan([sip, run.HttpsPort]);
        List<int> taken = [sip, tls, run.HttpsPort != 0 ? run.HttpsPort : FreeTcpPort.OtherThan([sip, tls])];
        while (taken.Count < 3 + (2 * (_options.Edges - 1)))
            taken.Add(FreeTcpPort.OtherThan([.. taken]));     // somebody else may take one before its service does, then that says so
        return new ClusterPorts(sip, tls, taken[2], [.. taken.Skip(3).Chunk(2).Select(pair => (pair[0], pair[1]))]);
    }
}

/// <summary>The ports that the cluster is reached on.</summary>
/// <param name="Sip">UDP and TCP.</param>
/// <param name="Tls">SIP over TLS.</param>
/// <param name="Https">REST API.</param>
/// <param name="FurtherEdges">The same of the edges after the first one: <paramref name="Sip"/> and <paramref name="Tls"/>.</param>
internal sealed record ClusterPorts(int Sip, int Tls, int Https, IReadOnlyList<(int Sip, int Tls)> FurtherEdges);
