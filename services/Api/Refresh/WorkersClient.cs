using CloudPbx.Data;
using Orleans.Configuration;

namespace CloudPbx.Api.Refresh;

/// <summary>The stand-alone Api's connection to the workers' cluster, in a host of its own: Orleans' client blocks its host's start until a worker is there, and Api serves without workers too.</summary>
internal sealed partial class WorkersClient : BackgroundService
{
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);

    private readonly SchemaGate _gate;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger<WorkersClient> _logger;
    private readonly Action<IClientBuilder> _clustering;
    private IHost _host;

    public WorkersClient(SchemaGate gate, ILoggerFactory loggers, ILogger<WorkersClient> logger, Action<IClientBuilder> clustering)
    {
        (_gate, _loggers, _logger, _clustering) = (gate, loggers, logger, clustering);
        _host = BuildHost();
    }

    /// <summary>The grains as they are now; a call before a worker is there fails, which <see cref="GrainTenantDoor"/> turns into a result.</summary>
    public IGrainFactory Grains => Volatile.Read(ref _host).Services.GetRequiredService<IGrainFactory>();

    public override void Dispose()
    {
        _host.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        LogWaiting();
        try
        {
            while (!await TryConnectAsync(stoppingToken))
                await Task.Delay(s_retry, stoppingToken);
            LogConnected();
            await Task.Delay(Timeout.Infinite, stoppingToken);
        }
        catch (OperationCanceledException)
        {
            // Api stops.
        }
        await _host.StopAsync(CancellationToken.None);
    }

    private async Task<bool> TryConnectAsync(CancellationToken cancel)
    {
        if (await _gate.FindMismatchAsync(cancel) is not null)
            return false;                                                               // the members' table may not be there yet
        try
        {
            await _host.StartAsync(cancel);
            return true;
        }
        catch (Exception fault) when (!cancel.IsCancellationRequested)
        {
            LogFailed(fault.Message);
            Interlocked.Exchange(ref _host, BuildHost()).Dispose();                     // a host starts once
            return false;
        }
    }

    private IHost BuildHost()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();                     // signals are the outer host's business
        builder.Logging.AddProvider(new Forwarding(_loggers));
        builder.Logging.AddFilter("Microsoft", LogLevel.None);                          // a stop while it still waits for a worker is no fault
        builder.Logging.AddFilter("Orleans.Messaging.GatewayManager", LogLevel.None);   // says every second that there is no worker; we say it once
        builder.UseOrleansClient(client =>
        {
            client.Configure<ClientMessagingOptions>(messaging => messaging.ResponseTimeout = TimeSpan.FromSeconds(1));
            client.Configure<GatewayOptions>(gateways => gateways.GatewayListRefreshPeriod = TimeSpan.FromSeconds(2));
            client.UseConnectionRetryFilter(async (_, cancel) =>
            {
                await Task.Delay(s_retry, cancel);                                      // workers may start after Api
                return true;
            });
            _clustering(client);
        });
        return builder.Build();
    }

    [LoggerMessage(LogLevel.Information, "Waiting for a worker; configuration is served meanwhile")]
    private partial void LogWaiting();

    [LoggerMessage(LogLevel.Warning, "The workers' cluster cannot be joined yet: {Fault}")]
    private partial void LogFailed(string fault);

    [LoggerMessage(LogLevel.Information, "Connected to the workers' cluster")]
    private partial void LogConnected();

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    /// <summary>The inner host's lines go where Api's own go.</summary>
    private sealed class Forwarding(ILoggerFactory loggers) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => loggers.CreateLogger(categoryName);

        public void Dispose()
        {
        }
    }
}
