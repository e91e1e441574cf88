using System.Net;
using System.Runtime.InteropServices;
using CloudPbx.AllInOne.Certificates;
using CloudPbx.AllInOne.Embedded;
using CloudPbx.AllInOne.FirstStart;
using CloudPbx.AllInOne.Sample;
using CloudPbx.Api;
using CloudPbx.Api.Domains;
using CloudPbx.Blobs;
using CloudPbx.CallControl;
using CloudPbx.Data;
using CloudPbx.Data.Sqlite;
using CloudPbx.Edge;
using CloudPbx.Edge.Listeners;
using CloudPbx.Hosting;
using CloudPbx.Hosting.Memory;
using CloudPbx.Hosting.Web.Bus;
using CloudPbx.Identity;
using CloudPbx.MediaControl;
using CloudPbx.Portal;
using CloudPbx.Portal.Phones;
using CloudPbx.Sip.Proxying;
using CloudPbx.Sip.Transport;
using CloudPbx.State;

namespace CloudPbx.AllInOne;

/// <summary>The whole product in this process, its media node as a child: every module, on SQLite, an embedded Redis-protocol server and a bus in memory.</summary>
internal sealed class Product : IAsyncDisposable
{
    private const long WorthPause = 8 << 20;        // octets of garbage: the machine of a small office, with few who could notice

    private readonly Installation _installation;
    private readonly Stack<IDisposable> _held = new();
    private WebApplication? _app;
    private Task _stores = Task.CompletedTask;
    private bool _started;
    private bool _announced;

    private Product(Installation installation) => _installation = installation;

    /// <summary>How it is reached.</summary>
    public RunningInstallation Running { get; private set; } = null!;

    /// <summary>The first screen.</summary>
    public StartBanner Banner { get; private set; } = null!;

    /// <summary>Runs until Ctrl-C or SIGTERM.</summary>
    /// <exception cref="StartException">It cannot start; the message says why and what to do.</exception>
    public static async Task<int> RunAsync(RunOptions options, CancellationToken cancel)
    {
        SpareMemory.ShareArenas();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;       // we leave in order; a second signal finds us at it
            stop.Cancel();
        }
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

        Product product;
        try
        {
            product = await StartAsync(options, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;       // stopped before it was ready: nothing was promised yet
        }
        await using Product running = product;
        product.Banner.WriteTo(Console.Out);
        await product.WaitAsync(stop.Token);
        await Console.Out.WriteLineAsync("Stopping: calls are ended, records are written.");
        return 0;
    }

    /// <summary>Starts everything and waits until phones can register.</summary>
    /// <exception cref="StartException">It cannot start; the message says why and what to do.</exception>
    public static async Task<Product> StartAsync(RunOptions options, CancellationToken cancel)
    {
        var product = new Product(new Installation(Path.GetFullPath(options.Data)));
        try
        {
            await product.StartCoreAsync(options, cancel);
            return product;
        }
        catch (Exception e)
        {
            try
            {
                await product.DisposeAsync();
            }
            catch (Exception cleanup) when (cleanup is OperationCanceledException or ObjectDisposedException)
            {
                // half of it never started; the first fault is the one to tell
            }
            // A fault of ours keeps its stack trace; a taken port is a sentence.
            if (StartFault.Sentence(e) is { } sentence) throw new StartException(sentence);
            throw;
        }
    }

    /// <summary>Completes when the process is asked to stop, or stops by itself.</summary>
    public async Task WaitAsync(CancellationToken cancel)
    {
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration asked = cancel.Register(() => stopping.TrySetResult());
        await using CancellationTokenRegistration failed = _app!.Lifetime.ApplicationStopping.Register(() => stopping.TrySetResult());
        await stopping.Task;
    }

    /// <summary>Ends calls with BYE, writes their records, stops the child, and lets go of the data folder.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_app is { } app)
        {
            if (_started) await app.StopAsync();
            await app.DisposeAsync();
        }
        await _stores.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);     // what is about to start can only then be ended
        if (_announced) _installation.Withdraw();       // never another process's announcement
        while (_held.TryPop(out IDisposable? held)) held.Dispose();
    }

    private async Task StartCoreAsync(RunOptions options, CancellationToken cancel)
    {
        if (options.Sample) SampleData.RefuseUnlessEmpty(_installation.Folder);
        _held.Push(_installation.Claim());
        options = ApiListeners.CheckPort(options);
        var sockets = new SocketFolder();
        _held.Push(sockets);
        var store = new GarnetHost(_installation.LiveState);
        Dictionary<string, string?> settings = Settings(options, store);

        WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(settings);
        ILoggerFactory logging = LoggerFactory.Create(log => log.AddConfiguration(builder.Configuration.GetSection("Logging")).AddConsole());
        _held.Push(logging);
        _held.Push(store);

        // A start is mostly compiling and reading files: what does not wait for the rest happens beside it.
        var media = new MediaChild(
            MediaChildOptions.OfThisProgram(sockets.Media, MediaSettings(options, sockets, _installation)), TimeProvider.System, logging.CreateLogger<MediaChild>());
        _held.Push(media);
        media.Begin();
        _stores = Task.WhenAll(Task.Run(() => store.Start(logging), cancel), Task.Run(() => MigrateAsync(settings, cancel), cancel));

        builder.WebHost.UseStaticWebAssets();       // the portal's files; a Production build serves empty ones without it
        builder.AddHostingDefaults("allinone");
        ServerNames Names() => ServerNames.OfThisMachine([options.Domain], options.PublicAddresses);
        ILogger logger = logging.CreateLogger<ServerCertificate>();
        ServerCertificate certificate = options.Certificate is { } file
            ? ServerCertificate.FromFiles(file, options.Key!, TimeProvider.System, logger)
            : ServerCertificate.FromOwnAuthority(_installation.Tls, Names, TimeProvider.System, logger);
        builder.Configuration["Edge:CertificatePath"] = certificate.CertificatePath;
        builder.Configuration["Edge:KeyPath"] = certificate.KeyPath;
        builder.Configuration["Edge:CertificateFolder"] = _installation.DomainCertificates;

        // Hosted services start in this order and stop in reverse: a taken port is found before anything slow begins, and calls can still
        // say BYE when they end, since edge and media child outlive call control.
        builder.Services.AddHostedService(_ => certificate);
        builder.Services.AddSingleton<IHostedService>(media);        // not the container's to dispose: of a start that fails it goes last, when nobody is connected
        builder.AddMediaControl(new Uri("unix:" + sockets.Media));
        builder.Services.AddSingleton<ISoundDecoder>(new SoundDecoder(_ => Task.FromResult<IReadOnlyList<Uri>?>([new Uri("unix:" + sockets.Media)])));
        builder.AddSqliteData();
        builder.AddRuntimeState();
        builder.AddEventBus(ApiModule.AddConsumers);
        builder.Services.AddSingleton<IWorkerConnector, InProcessWorkerConnector>();
        builder.AddEdge();
        builder.AddLocalSilo();
        builder.AddApi();
        builder.AddRecordingUploader();
        builder.AddIdentity();
        builder.Configuration["Portal:Api"] = builder.Configuration["Portal:Identity"] = "unix:" + sockets.Api;
        builder.Configuration["Portal:AuthorityFile"] = certificate.AuthorityPath;
        builder.AddPortal();
        builder.AddCallControl();
        builder.Services.AddHostedService(_ => new SpareMemory(TimeProvider.System, SpareMemory.AllMayBeGarbage, WorthPause));     // no media is in this process
        ApiListeners.Configure(builder, options, sockets.Api, certificate);

        WebApplication app = _app = builder.Build();
        app.UsePortal();
        app.MapHostingDefaults();
        app.MapMediaMetrics(sockets.MediaManagement);
        app.MapApi();
        app.MapIdentity();
        app.MapPortal();
        app.MapCallControl();
        app.MapEdge();
        await _stores;
        await app.StartAsync(cancel);
        _started = true;

        EdgeEndpoints edge = app.Services.GetRequiredService<EdgeEndpoints>();
        await edge.Listening.WaitAsync(cancel);
        Running = new RunningInstallation(
            Environment.ProcessId,
            media.ProcessId,
            sockets.Api,
            ApiListeners.HttpsPort(app),
            edge.Find(SipTransport.Udp)?.Port ?? 0,
            edge.Find(SipTransport.Tls)?.Port ?? 0,
            certificate.AuthorityPath);
        app.Services.GetRequiredService<PhoneAccess>().Use(Running.SipPort, Running.TlsPort);
        app.Services.GetRequiredService<SipAccess>().Use(Running.SipPort, Running.TlsPort);
        DemoTenant demo = options.Sample
            ? await SampleData.MakeAsync(_installation, sockets.Api, app.Services, options, cancel)
            : await DemoTenant.EnsureAsync(_installation, sockets.Api, options, cancel);
        _installation.Announce(Running);
        _announced = true;
        Banner = new StartBanner(demo.Domain, Names(), Running, demo.Secrets, options.Data, options.PublicAt(), IdentityModule.FirstOperatorLink(app.Services));
        // What the start alone needed goes back to the machine.
        SpareMemory.GiveBack();
    }

    /// <summary>Brings the database to this version's schema, with services of its own: those of the product are not built yet.</summary>
    private static async Task MigrateAsync(Dictionary<string, string?> settings, CancellationToken cancel)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Configuration.AddInMemoryCollection(settings);
        builder.AddSqliteData();
        using IHost host = builder.Build();
        await host.Services.GetRequiredService<IDatabaseSchema>().MigrateAsync(cancel);
    }

    private Dictionary<string, string?> Settings(RunOptions options, GarnetHost store)
    {
        Dictionary<string, string?> settings = new()
        {
            ["Sqlite:Path"] = _installation.Database,
            ["PlatformKey:Path"] = _installation.PlatformKey,
            // Only a new installation makes a key: beside an old database a fresh one could open nothing.
            ["PlatformKey:Create"] = $"{!File.Exists(_installation.Database)}",
            ["OperatorToken:Path"] = _installation.OperatorToken,
            ["PublicUrl"] = options.PublicAt(),
            ["SignUp:Domain"] = options.SignUpDomain(),
            ["Domains:SipHost"] = options.SipHost(),
            ["Portal:ClientSecret"] = _installation.ReadPortalSecret(),
            ["Redis:Connection"] = store.ConnectionString,
            ["Management:Listen"] = options.Management?.ToString(),
            ["CallControl:Listen"] = null,
            ["CallControl:SpoolFolder"] = _installation.Spool,
            ["Blobs:Folder"] = _installation.Blobs,
            ["RecordingUpload:Folder"] = _installation.Recordings,
            ["Logging:LogLevel:Default"] = $"{options.LogLevel}",
            ["Logging:LogLevel:Microsoft.Extensions.Hosting.Internal.Host"] = "None",     // a start that fails is told in one sentence, or thrown
            ["Logging:LogLevel:Microsoft.Hosting.Lifetime"] = "Warning",
            ["Logging:LogLevel:CloudPbx.Identity.Seeding"] = "Error",                       // the first screen has the link
            ["Logging:LogLevel:OpenIddict"] = "Warning",                                    // at Information it writes whole requests
            ["Logging:LogLevel:Orleans"] = "Error",                                         // its warnings are about clusters of many machines
            ["Edge:UdpPort"] = EdgePort(options.SipPort),
            ["Edge:TcpPort"] = EdgePort(options.SipPort),
            ["Edge:TlsPort"] = EdgePort(options.TlsPort),
            ["Edge:PublicAddress"] = options.PublicAddressSetting(),
        };
        AddList(settings, "Edge:Addresses", options.Bind.Count > 0 ? options.Bind : [IPAddress.Any, IPAddress.IPv6Any]);
        AddList(settings, "Edge:LocalNets", options.LocalNets);
        return settings;

        static string EdgePort(int port) => port == 0 ? $"{EdgeOptions.AnyPort}" : $"{port}";
    }

    private static List<string> MediaSettings(RunOptions options, SocketFolder sockets, Installation installation)
    {
        Dictionary<string, string?> settings = new()
        {
            ["Media:Control"] = "unix:" + sockets.Media,
            ["Media:RecordingFolder"] = installation.Recordings,
            ["Blobs:Folder"] = installation.Blobs,
            ["Management:Listen"] = "unix:" + sockets.MediaManagement,
            ["Media:Bind"] = options.MediaBind(),
            ["Media:FirstPort"] = $"{options.MediaPorts.First}",
            ["Media:LastPort"] = $"{options.MediaPorts.Last}",
            ["Media:PublicAddress"] = options.PublicAddressSetting(),
            ["Logging:LogLevel:Default"] = $"{options.LogLevel}",
            ["Logging:LogLevel:Microsoft.Hosting.Lifetime"] = "Warning",
        };
        AddList(settings, "Media:LocalNets", options.LocalNets);
        return [.. settings.Where(s => s.Value is not null).Select(s => $"--{s.Key}={s.Value}")];
    }

    private static void AddList<T>(Dictionary<string, string?> settings, string name, IEnumerable<T> values)
    {
        int index = 0;
        foreach (T value in values) settings[$"{name}:{index++}"] = $"{value}";
    }
}
