using System.Net;
using System.Net.Sockets;
using CloudPbx.Edge.Dispatch;
using CloudPbx.Edge.Guard;
using CloudPbx.Edge.Listeners;
using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Proxying;
using CloudPbx.Sip.Transport;
using CloudPbx.State.Directory;
using CloudPbx.State.Edges;
using CloudPbx.State.Workers;
using Microsoft.Extensions.Options;

namespace CloudPbx.Edge;

/// <summary>The edge's life: takes its ports, loads key and directory, finds the workers, then listens.</summary>
internal sealed partial class EdgeService : BackgroundService
{
    private readonly EdgeOptions _options;
    private readonly EdgeIdentity _identity;
    private readonly MessageDispatcher _dispatcher;
    private readonly WorkerLinks _links;
    private readonly OpenFlows _flows;
    private readonly StreamListeners _streams;
    private readonly CertificateStore _certificates;
    private readonly ConnectionSweep _sweep;
    private readonly IEdgeSources _sources;
    private readonly EdgeEndpoints _endpoints;
    private readonly TimeProvider _time;
    private readonly ILogger<EdgeService> _logger;
    private readonly Func<IPEndPoint, byte, bool, UdpListener> _bindUdp;
    private readonly List<UdpListener> _sockets = [];
    private readonly TaskCompletionSource _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<IAsyncDisposable> _subscriptions = [];

    public EdgeService(IOptions<EdgeOptions> options, EdgeIdentity identity, MessageDispatcher dispatcher, WorkerLinks links, OpenFlows flows,
        StreamListeners streams, CertificateStore certificates, ConnectionSweep sweep, IEdgeSources sources, EdgeEndpoints endpoints,
        AdvertisedAddresses addresses, SourceLimiter limiter, EdgeMetrics metrics, TimeProvider time, ILogger<EdgeService> logger)
    {
        _options = options.Value;
        _identity = identity;
        _dispatcher = dispatcher;
        _links = links;
        _flows = flows;
        _streams = streams;
        _certificates = certificates;
        _sweep = sweep;
        _sources = sources;
        _endpoints = endpoints;
        _time = time;
        _logger = logger;
        _bindUdp = (local, index, shared) => new UdpListener(local, index, shared, addresses, limiter, metrics);
    }

    /// <summary>Takes the ports; a taken one stops the process's start.</summary>
    /// <exception cref="EdgePortException">A port cannot be opened.</exception>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (string text in _options.ListenAddresses)
        {
            var address = IPAddress.Parse(text);
            if (address.Equals(IPAddress.IPv6Any) && !HasIPv6())
                continue;       // a machine without IPv6 is no fault; the defaults ask for it
            BindUdp(address);
            if (_options.TcpPort != 0)
                _streams.Bind(SipTransport.Tcp, EndPoint(address, _options.TcpPort));
            if (_options.TlsPort != 0 && _certificates.IsAny)
                _streams.Bind(SipTransport.Tls, EndPoint(address, _options.TlsPort));
        }
        if (_options.TlsPort != 0 && !_certificates.IsAny)
            LogNoCertificate();
        return base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        foreach (IAsyncDisposable subscription in _subscriptions)
            await subscription.DisposeAsync();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(1));
        foreach (EdgeConnection connection in _flows.Connections)
            connection.Abort();
        await _streams.StopAsync(limit.Token);
        foreach (UdpListener socket in _sockets)
            socket.Dispose();
        await _links.DisposeAsync();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            _identity.Key = new EdgeKey(await LoadKeyAsync(stoppingToken));
            string[] hostNames = [.. _options.HostNames, Environment.MachineName, .. _options.PublicAddress is { } name ? [name] : Array.Empty<string>()];
            _subscriptions.Add(await _sources.SubscribeDirectoryAsync(snapshot =>
            {
                _dispatcher.Directory = new DirectoryIndex(snapshot, hostNames);
                _loaded.TrySetResult();
            }, stoppingToken));
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

    private void BindUdp(IPAddress address)
    {
        if (_options.UdpPort == 0)
            return;
        IPEndPoint local = EndPoint(address, _options.UdpPort);
        for (int i = 0; i < _options.UdpThreads; i++)
        {
            UdpListener socket = _bindUdp(local, (byte)_sockets.Count, _options.UdpThreads > 1);
            _sockets.Add(socket);
            local = socket.Local;       // the further threads share the port that the first one got
        }
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

    private static IPEndPoint EndPoint(IPAddress address, int port) => new(address, port == EdgeOptions.AnyPort ? 0 : port);

    [LoggerMessage(LogLevel.Information, "Listening for SIP over {Transport} on {Local}")]
    private partial void LogListening(SipTransport transport, IPEndPoint local);

    [LoggerMessage(LogLevel.Warning, "TLS is off: there is no certificate")]
    private partial void LogNoCertificate();
}
