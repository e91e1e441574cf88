using System.Diagnostics.Metrics;
using System.Net;
using CloudPbx.CallControl.Accounting;
using CloudPbx.CallControl.Calls;
using CloudPbx.CallControl.Calls.Snapshots;
using CloudPbx.CallControl.Links;
using CloudPbx.CallControl.MediaNodes;
using CloudPbx.CallControl.News;
using CloudPbx.CallControl.Presence;
using CloudPbx.CallControl.Registrar;
using CloudPbx.CallControl.Telemetry;
using CloudPbx.CallControl.Tenants;
using CloudPbx.CallControl.Carriers;
using CloudPbx.Contracts.Events;
using CloudPbx.Hosting;
using CloudPbx.Hosting.Web.Bus;
using CloudPbx.MediaControl;
using CloudPbx.Net.Sockets;
using CloudPbx.Net.Timers;
using CloudPbx.Sip.Resolution;
using CloudPbx.State.Bans;
using CloudPbx.State.Bindings;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Placement;

namespace CloudPbx.CallControl;

/// <summary>Call control as a part of a process: its services. Stores, bus, silo and clustering are <c>Program.cs</c>'s choice.</summary>
public static class CallControlModule
{
    /// <summary>Adds the registrar, the calls, the links to the edges and the tenant runtimes.</summary>
    /// <param name="builder">The process. It must also add a silo (<see cref="ConfigureSilo"/>), Data, State, the bus and an <c>IMediaNode</c> that reports to the <c>IMediaEvents</c> added here.</param>
    /// <returns>The builder.</returns>
    public static TBuilder AddCallControl<TBuilder>(this TBuilder builder) where TBuilder : IHostApplicationBuilder
    {
        IServiceCollection services = builder.Services;
        services.AddOptionsWithValidateOnStart<CallControlOptions, CallControlOptionsValidator>().BindConfiguration("CallControl");
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<WorkerIdentity>();
        services.AddSingleton<MediaSessions>();
        services.AddSingleton<IMediaEvents>(provider => provider.GetRequiredService<MediaSessions>());
        services.AddSingleton<EdgeDirectory>();
        services.AddSingleton<DrainingWorkers>();
        services.AddHostedService(provider => provider.GetRequiredService<DrainingWorkers>());
        services.AddPlacementFilter<OpenWorkersFilter, OpenWorkersDirector>(ServiceLifetime.Singleton);
        services.AddSingleton<OtherSilos>();
        services.AddSingleton<TenantMover>();
        services.AddSingleton<ITenantLocator, GrainTenantLocator>();
        services.AddSingleton<IBindingCopy>(provider => new RedisBindingCopy(
            provider.GetRequiredService<BindingStore>().SaveAsync,
            TimeSpan.FromMilliseconds(provider.GetRequiredService<IOptions<CallControlOptions>>().Value.BindingStoreWaitMilliseconds),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ICallSnapshots, RedisCallSnapshots>();
        services.AddSingleton<ILampCopy, RedisLampCopy>();
        services.AddSingleton<IUsageCopy, RedisUsageCopy>();
        services.AddSingleton<ITrunkNoteCopy, RedisTrunkNoteCopy>();
        services.AddSingleton<ILivePublisher, RedisLivePublisher>();
        services.AddSingleton<NonceSecret>();
        services.AddHostedService(provider => provider.GetRequiredService<NonceSecret>());      // before the tenants
        services.AddSingleton<BanReporter>();
        services.AddSingleton<WorkerDelay>();
        services.AddSingleton<CallEndedQueue>();
        services.AddSingleton<EventReporter>();
        services.AddSingleton(provider => new WorkerMetrics(provider.GetRequiredService<IMeterFactory>()));
        services.AddSingleton(MakeWorkerServices);
        services.AddSingleton<TenantHost>();
        services.AddHostedService(provider => provider.GetRequiredService<TenantHost>());
        services.AddSingleton<TenantPost>();
        services.AddSingleton(provider => new EdgeLinks(
            provider.GetRequiredService<EdgeDirectory>(), provider.GetRequiredService<TenantPost>(), provider.GetRequiredService<WorkerDelay>(),
            provider.GetRequiredService<ILogger<EdgeLinks>>(), provider.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping));
        services.AddHostedService(provider => provider.GetRequiredService<CallEndedQueue>());
        services.AddHostedService(provider => provider.GetRequiredService<EventReporter>());
        services.AddHostedService(provider => provider.GetRequiredService<BanReporter>());
        services.AddHostedService<WorkerListener>();
        services.AddSingleton<WorkerAnnouncer>();
        services.AddHostedService(provider => provider.GetRequiredService<WorkerAnnouncer>());
        services.AddHostedService<SharedTrunkReporter>();
        services.AddSingleton<TenantWaker>();
        services.AddHostedService(provider => provider.GetRequiredService<TenantWaker>());
        services.AddHostedService<WorkerDrain>();
        services.AddSingleton(FindReach);
        services.AddHealthChecks().AddCheck<WorkerHealth>("worker", tags: [HostingDefaults.ReadyTag]);
        return builder;
    }

    /// <summary>Adds the consumers of a worker whose bus is in its own memory: no Api hears it (infra/decisions/0007). With a broker Api consumes the facts.</summary>
    /// <param name="consumers">Those of the process that is being built.</param>
    public static void AddMemoryConsumers(FactConsumers consumers)
    {
        consumers.Add<CallEndedConsumer, CallEnded>();
        consumers.Add<TenantEventsConsumer, TenantEventsHappened>();
    }

    /// <summary>Adds the door to the media node: <see cref="IMediaNode"/>, connected from the process's start until its end.</summary>
    /// <param name="builder">The process, with <see cref="AddCallControl"/>.</param>
    /// <param name="node">The node's control address, see <see cref="MediaControlClientOptions.Node"/>.</param>
    public static TBuilder AddMediaControl<TBuilder>(this TBuilder builder, Uri node) where TBuilder : IHostApplicationBuilder
    {
        builder.Services.AddClientTls("MediaControl");
        builder.Services.AddSingleton(provider => new MediaControlClient(
            MediaControlLinks.To(node, provider.GetRequiredService<IOptions<ClientTlsOptions>>().Value), provider.GetRequiredService<IMediaEvents>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<MediaControlClient>>()));
        builder.Services.AddSingleton<IMediaNode>(provider => provider.GetRequiredService<MediaControlClient>());
        builder.Services.AddHostedService<MediaConnection>();
        return builder;
    }

    /// <summary>Adds the door to all media nodes that announce themselves in Redis.</summary>
    /// <param name="builder">The process, with <see cref="AddCallControl"/> and the live state.</param>
    public static TBuilder AddMediaFleet<TBuilder>(this TBuilder builder) where TBuilder : IHostApplicationBuilder
    {
        builder.Services.AddClientTls("MediaControl");
        builder.Services.AddSingleton<IMediaLinks, MediaControlLinks>();
        builder.Services.AddSingleton<MediaFleet>();
        builder.Services.AddHostedService<MediaNodeWatch>();
        return builder;
    }

    /// <summary>Settings that every silo of this product needs, whatever its clustering is: a dead silo's tenants are elsewhere within three seconds.</summary>
    public static ISiloBuilder ConfigureSilo(ISiloBuilder silo)
    {
        ArgumentNullException.ThrowIfNull(silo);
        // With these a prototype answered for all tenants of a killed silo 1.5 to 3 s later.
        // Tables for as many grains are made at the start: a million by default, 18 MB. A grain is a tenant.
        silo.Configure<GrainDirectoryOptions>(directory => directory.CacheSize = 50_000);
        return silo.Configure<ClusterMembershipOptions>(membership =>
        {
            membership.ProbeTimeout = TimeSpan.FromMilliseconds(500);
            membership.NumMissedProbesLimit = 3;                   // with two, a machine that was busy for a second lost a live worker
            membership.NumVotesForDeathDeclaration = 1;
            membership.TableRefreshTimeout = TimeSpan.FromSeconds(2);
            // A cluster that was killed whole starts again: silos that did not write for three of these are not waited for.
            membership.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(3);
        });
    }

    /// <summary>Adds the silo of an only worker: localhost clustering on free loopback ports; in all-in-one the silo is the client too.</summary>
    /// <param name="builder">The process.</param>
    /// <param name="gatewayPort">The port for an Api in another process; null for any free one.</param>
    public static TBuilder AddLocalSilo<TBuilder>(this TBuilder builder, int? gatewayPort = null) where TBuilder : IHostApplicationBuilder
    {
        builder.UseOrleans(silo =>
        {
            (int siloPort, int freePort) = FreePorts(IPAddress.Loopback);
            silo.UseLocalhostClustering(siloPort, gatewayPort ?? freePort);
            NameCluster(builder, ConfigureSilo(silo));
        });
        return builder;
    }

    /// <summary>Adds the silo of a cluster's worker: membership in PostgreSQL, never in Redis, where a restart without data would split the cluster.</summary>
    /// <param name="builder">The process.</param>
    /// <param name="connectionString">The database with Orleans' tables.</param>
    /// <param name="options">The silo's address and ports.</param>
    public static TBuilder AddClusterSilo<TBuilder>(this TBuilder builder, string connectionString, CallControlOptions options) where TBuilder : IHostApplicationBuilder
    {
        if (!IPAddress.TryParse(options.SiloAddress, out IPAddress? advertised))
            advertised = IPAddress.Loopback;                    // null, or the options' validation says what is wrong
        builder.UseOrleans(silo =>
        {
            silo.UseAdoNetClustering(clustering =>
            {
                clustering.Invariant = "Npgsql";
                clustering.ConnectionString = connectionString;
            });
            (int freeSilo, int freeGateway) = FreePorts(advertised);
            silo.ConfigureEndpoints(
                advertised, options.SiloPort > 0 ? options.SiloPort : freeSilo, options.GatewayPort > 0 ? options.GatewayPort : freeGateway,
                listenOnAnyHostAddress: !IPAddress.IsLoopback(advertised));
            NameCluster(builder, ConfigureSilo(silo));
        });
        return builder;
    }

    /// <summary>Maps what call control answers over HTTP: nothing yet.</summary>
    public static WebApplication MapCallControl(this WebApplication app) => app;

    // The same two settings as Api's client reads.
    private static void NameCluster(IHostApplicationBuilder builder, ISiloBuilder silo)
    {
        silo.Configure<ClusterOptions>(cluster =>
        {
            cluster.ClusterId = builder.Configuration["Orleans:ClusterId"] ?? "cloudpbx";
            cluster.ServiceId = builder.Configuration["Orleans:ServiceId"] ?? "cloudpbx";
        });
        // At each start: that ServerGC is off (it is meant to be), and a stall as long as the machine is up (10.4 measures from zero).
        builder.Logging.AddFilter("Orleans.Runtime.Silo", LogLevel.Error).AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error);
    }

    private static WorkerServices MakeWorkerServices(IServiceProvider provider)
    {
        TimeProvider time = provider.GetRequiredService<TimeProvider>();
        DownTargets down = new(time);
        NonceSecret nonces = provider.GetRequiredService<NonceSecret>();
        return new WorkerServices
        {
            Wheel = new TimerWheel(time, HeldTurns.Open, HeldTurns.Run),
            Time = time,
            Delay = provider.GetRequiredService<WorkerDelay>(),
            Edges = provider.GetRequiredService<EdgeDirectory>(),
            Media = FindMedia(provider),
            Sessions = provider.GetRequiredService<MediaSessions>(),
            Bindings = provider.GetRequiredService<IBindingCopy>(),
            Snapshots = provider.GetRequiredService<ICallSnapshots>(),
            Usage = provider.GetRequiredService<IUsageCopy>(),
            Lamps = provider.GetRequiredService<ILampCopy>(),
            TrunkNotes = provider.GetRequiredService<ITrunkNoteCopy>(),
            Live = provider.GetRequiredService<ILivePublisher>(),
            Records = provider.GetRequiredService<CallEndedQueue>(),
            Events = provider.GetRequiredService<EventReporter>(),
            Guesses = new GuessGuard(
                provider.GetRequiredService<IOptions<BanOptions>>().Value, provider.GetRequiredService<BanTable>(), provider.GetRequiredService<AttackTable>(), provider.GetRequiredService<BanReporter>(), time),
            Options = provider.GetRequiredService<IOptions<CallControlOptions>>().Value,
            Metrics = provider.GetRequiredService<WorkerMetrics>(),
            NextHops = new NextHopResolver(new CachedDnsRecords(new DnsClientRecords([.. provider.GetRequiredService<IOptions<CallControlOptions>>().Value.NameServers.Select(IPEndPoint.Parse)]), time), down, Random.Shared),
            Down = down,
            Loggers = provider.GetRequiredService<ILoggerFactory>(),
            // Asked for late, since the host needs these services itself; and off the tenant's thread, since a configuration is read and written down whole.
            Newer = (tenant, version) => Task.Run(() => provider.GetRequiredService<TenantHost>().LoadNewerAsync(tenant, version)),
            Nonces = () => nonces.Nonces,
        };
    }

    private static Func<long, IMediaNode> FindMedia(IServiceProvider provider)
    {
        if (provider.GetService<MediaFleet>() is { } fleet)
            return fleet.ForEpoch;
        IMediaNode node = provider.GetRequiredService<IMediaNode>();
        return node is MediaControlClient client ? client.ForEpoch : _ => node;
    }

    private static MediaReach FindReach(IServiceProvider provider) => provider.GetService<MediaFleet>() is { } fleet
        ? new MediaReach(() => fleet.IsAnyConnected)
        : new MediaReach(() => provider.GetRequiredService<IMediaNode>() is not MediaControlClient { IsConnected: false });

    // Somebody else may take one in the moment before the silo does, then its start says so.
    private static (int Silo, int Gateway) FreePorts(IPAddress address)
    {
        int silo = FreeTcpPort.At(address);
        return (silo, FreeTcpPort.OtherThan([silo], () => FreeTcpPort.At(address)));
    }
}
