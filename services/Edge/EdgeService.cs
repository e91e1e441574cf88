using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using CloudPbx.Edge.Dispatch;
using CloudPbx.Edge.Guard;
using CloudPbx.Edge.Listeners;
using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Proxying;
using CloudPbx.Sip.Transport;
using CloudPbx.State.Bans;
using CloudPbx.State.Directory;
using CloudPbx.State.Edges;
using CloudPbx.State.Workers;
using Microsoft.Extensions.Options;

namespace CloudPbx.Edge;

/// <summary>The edge's life: takes its ports, loads key and directory, finds the workers, then listens.</summary>
internal sealed partial class EdgeService : BackgroundService, IHostedLifecycleService
{
    private const int AnyPortAttempts = 20;

    private static readonly TimeSpan s_lastMessages = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_closing = TimeSpan.FromSeconds(1);

    private readonly EdgeOptions _options;
    private readonly EdgeIdentity _identity;
    private readonly MessageDispatcher _dispatcher;
    private readonly WorkerLinks _links;
    private readonly OpenFlows _flows;
    private readonly StreamListeners _streams;
    private readonly CarrierConnections _carriers;
    private readonly CertificateStore _certificates;
    private readonly ConnectionSweep _sweep;
    private readonly IEdgeSources _sources;
    private readonly BanTable _bans;
    private readonly EdgeEndpoints _endpoints;
    private readonly TimeProvider _time;
    private readonly ILogger<EdgeService> _logger;
    private readonly Func<IPEndPoint, byte, bool, UdpListener> _bindUdp;
    private readonly List<UdpListener> _sockets = [];
    private readonly TaskCompletionSource _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<IAsyncDisposable> _subscriptions = [];

    public EdgeService(IOptions<EdgeOptions> options, EdgeIdentity identity, MessageDispatcher dispatcher, WorkerLinks links, OpenFlows flows,
        StreamListeners streams, CarrierConnections carriers, CertificateStore certificates, ConnectionSweep sweep, IEdgeSources sources, BanTable bans, EdgeEndpoints endpoints,
        AdvertisedAddresses addresses, SourceLimiter limiter, AnswerCredit credit, EdgeMetrics metrics, TimeProvider time, ILogger<EdgeService> logger)
    {
        _options = options.Value;
        _identity = identity;
        _dispatcher = dispatcher;
        _links = links;
        _flows = flows;
        _streams = streams;
        _carriers = carriers;
        _certificates = certificates;
        _sweep = sweep;
        _sources = sources;
        _bans = bans;
        _endpoints = endpoints;
        _time = time;
        _logger = logger;
        _bindUdp = (local, index, shared) => new UdpListener(local, index, shared, addresses, limiter, credit, metrics);
    }

    /// <summary>Takes the ports; a taken one stops the process's start.</summary>
    /// <exception cref="EdgePortException">A port cannot be opened.</exception>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                BindAll();
                break;
            }
            catch (EdgePortException) when (attempt < AnyPortAttempts && EdgeOptions.AnyPort == Math.Min(_options.UdpPort, _options.TcpPort))
            {
                Unbind();       // the system's choice for UDP was taken for TCP, or on another address
            }
        }
        if ((_options.TlsPort != 0 || _options.WssPort != 0) && !_certificates.IsAny)
        {
            if (_certificates.IsConfigured)
                LogNoCertificateYet();
            else
                LogNoCertificate();
        }
        return base.StartAsync(cancellationToken);
    }

    Task IHostedLifecycleService.StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Ends the edge after every other service of the process has stopped: in all-in-one, call control ends its calls with BYE until then.</summary>
    async Task IHostedLifecycleService.StoppedAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_closing);
        await Task.Delay(s_lastMessages, CancellationToken.None);       // what the workers sent last is on its way through the links
        await _streams.StopAsync(limit.Token);
        await _carriers.StopAsync();
        foreach (UdpListener socket in _sockets)
            socket.Dispose();
        await _links.DisposeAsync();
        foreach (IAsyncDisposable subscription in _subscriptions)
            await subscription.DisposeAsync();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            _identity.Use(await LoadKeyAsync(stoppingToken));
            string[] hostNames = [.. HostNames()];
            _dispatcher.Opener = _carriers.Open;
            _subscriptions.Add(await _sources.SubscribeDirectoryAsync(snapshot =>
            {
                _dispatcher.Directory = new DirectoryIndex(snapshot, hostNames);
                _loaded.TrySetResult();
            }, stoppingToken));
            _subscriptions.Add(_sources.KeepBans(_bans));
            _subscriptions.Add(await _sources.SubscribeWorkersAsync(_links.SetWorkers, stoppingToken));
            await _loaded.Task.WaitAsync(stoppingToken);
            await ListenAsync(stoppingToken);
            await WatchAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process stops.
        }
        catch (Exception fault)
        {
            _endpoints.Fail(fault);     // whoever waits for the ports learns why; the host stops too
            throw;
        }
    }

    // What this installation is called, as far as it can know.
    private IEnumerable<string> HostNames()
    {
        IPGlobalProperties machine = IPGlobalProperties.GetIPGlobalProperties();
        return [.. _options.HostNames, machine.HostName, $"{machine.HostName}.{machine.DomainName}", .. _certificates.HostNames, .. _options.PublicHosts()];
    }

    private async Task ListenAsync(CancellationToken cancel)
    {
        _flows.SetSockets(_sockets);
        foreach (UdpListener socket in _sockets)
            socket.Start(_dispatcher);
        await _streams.StartAsync(cancel);
        EdgeEndpoint[] endpoints = [.. _sockets.Select(s => new EdgeEndpoint(SipTransport.Udp, s.Local)).Distinct(), .. _streams.Endpoints];
        _endpoints.Set(endpoints);
        foreach (EdgeEndpoint endpoint in endpoints)
            LogListening(endpoint.Transport, endpoint.Local);
    }

    private async Task WatchAsync(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(ConnectionSweep.Interval, _time);
        for (int second = 1; await timer.WaitForNextTickAsync(cancel); second++)
        {
            _sweep.Run();
            if (second % 5 == 0)
                _certificates.Reload();
        }
    }

    private async Task<byte[]> LoadKeyAsync(CancellationToken cancel)
    {
        while (true)
        {
            if (await _sources.LoadKeyAsync(cancel) is { } key)
                return key;
            await Task.Delay(TimeSpan.FromMilliseconds(500), _time, cancel);
        }
    }

    private void BindAll()
    {
        // What the system chooses for the first address holds for the others, and for TCP what it chose for UDP.
        (int udpPort, int tcpPort) = (0, 0);
        foreach (IPAddress address in Addresses())
        {
            if (_options.UdpPort != 0)
                udpPort = BindUdp(EndPoint(address, _options.UdpPort, udpPort));
            if (_options is { UdpPort: EdgeOptions.AnyPort, TcpPort: EdgeOptions.AnyPort })
                tcpPort = udpPort;
            if (_options.TcpPort != 0)
                tcpPort = _streams.Bind(SipTransport.Tcp, EndPoint(address, _options.TcpPort, tcpPort));
        }
        if (!_certificates.IsConfigured)
            return;
        BindStreams(SipTransport.Tls, _options.TlsPort);
        BindStreams(SipTransport.Wss, _options.WssPort);
    }

    private void BindStreams(SipTransport transport, int port)
    {
        int chosen = 0;
        if (port == 0)
            return;
        foreach (IPAddress address in Addresses())
            chosen = _streams.Bind(transport, EndPoint(address, port, chosen));
    }

    private int BindUdp(IPEndPoint local)
    {
        for (int i = 0; i < _options.UdpThreads; i++)
        {
            UdpListener socket = _bindUdp(local, (byte)_sockets.Count, _options.UdpThreads > 1);
            _sockets.Add(socket);
            local = socket.Local;       // the further threads share the port that the first one got
        }
        return local.Port;
    }

    private void Unbind()
    {
        foreach (UdpListener socket in _sockets)
            socket.Dispose();
        _sockets.Clear();
        _streams.Unbind();
    }

    // A machine without IPv6 is no fault where all its addresses are asked for.
    private IEnumerable<IPAddress> Addresses()
    {
        IEnumerable<string> addresses = _options.Addresses.Count > 0 ? _options.Addresses.Distinct() : ["0.0.0.0", "::"];
        return addresses.Select(IPAddress.Parse).Where(address => !address.Equals(IPAddress.IPv6Any) || HasIPv6());
    }

    // A kernel may have IPv6 compiled in and switched off.
    private static bool HasIPv6()
    {
        if (!Socket.OSSupportsIPv6)
            return false;
        try
        {
            using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(IPAddress.IPv6Any, 0));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static IPEndPoint EndPoint(IPAddress address, int port, int chosen) => new(address, port == EdgeOptions.AnyPort ? chosen : port);

    [LoggerMessage(LogLevel.Information, "Listening for SIP over {Transport} on {Local}")]
    private partial void LogListening(SipTransport transport, IPEndPoint local);

    [LoggerMessage(LogLevel.Warning, "TLS is off: there is no certificate")]
    private partial void LogNoCertificate();

    [LoggerMessage(LogLevel.Warning, "There is no certificate yet: until there is one every TLS handshake fails")]
    private partial void LogNoCertificateYet();
}
