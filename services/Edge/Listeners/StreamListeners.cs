using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using CloudPbx.Edge.Dispatch;
using CloudPbx.Edge.Guard;
using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Transport;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace CloudPbx.Edge.Listeners;

/// <summary>The TCP, TLS and WebSocket ports: a Kestrel server of the edge's own, so that it listens when the edge is ready and not when the process's web server is.</summary>
internal sealed class StreamListeners(
    IOptions<EdgeOptions> options, CertificateStore certificates, CarrierAuthorities authorities, MessageDispatcher dispatcher, ConnectionLimiter limiter, Newcomers newcomers, HandshakeGate handshakes, BanGate bans, EmergencyBrake brake, EdgeDrain drain, IServiceProvider services, ILoggerFactory loggers,
    EdgeMetrics metrics)
    : IAsyncDisposable
{
    private static readonly object s_place = new();            // the key of a connection's place in the gate

    private readonly Dictionary<EndPoint, Socket> _sockets = [];
    private readonly List<(SipTransport Transport, IPEndPoint Local)> _bound = [];
    private KestrelServer? _server;

    public IEnumerable<EdgeEndpoint> Endpoints => _bound.Select(b => new EdgeEndpoint(b.Transport, b.Local));

    /// <summary>Takes a port without listening yet: a taken port is told at once, and no phone is refused by a half-started edge's reset.</summary>
    /// <returns>The port, which the system may have chosen.</returns>
    /// <exception cref="EdgePortException">The port cannot be opened.</exception>
    public int Bind(SipTransport transport, IPEndPoint local)
    {
        var socket = new Socket(local.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (local.AddressFamily == AddressFamily.InterNetworkV6)
                socket.DualMode = false;
            socket.Bind(local);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw EdgePortException.For(transport, local, e);
        }
        var bound = (IPEndPoint)socket.LocalEndPoint!;
        _sockets.Add(bound, socket);
        _bound.Add((transport, bound));
        return bound.Port;
    }

    /// <summary>Gives the bound ports back.</summary>
    public void Unbind()
    {
        foreach (Socket socket in _sockets.Values)
            socket.Dispose();
        _sockets.Clear();
        _bound.Clear();
    }

    /// <summary>Listens on the bound ports.</summary>
    /// <exception cref="EdgePortException">Somebody else listens there since.</exception>
    public async Task StartAsync(CancellationToken cancel)
    {
        if (_bound.Count == 0)
            return;
        var kestrel = new KestrelServerOptions { ApplicationServices = services, AddServerHeader = false };
        foreach ((SipTransport transport, IPEndPoint local) in _bound)
            kestrel.Listen(local, listen => Configure(listen, transport));
        var transports = new SocketTransportFactory(
            Options.Create(new SocketTransportOptions { NoDelay = true, Backlog = 4096, CreateBoundListenSocket = local => _sockets[local] }), loggers);
        _server = new KestrelServer(Options.Create(kestrel), transports, loggers);
        try
        {
            await _server.StartAsync(new WebSockets(EdgeModule.WebSocketPipeline(services, services.GetRequiredService<WebSocketHandler>().ServeAsync)), cancel);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new EdgePortException($"Another program listens on one of the SIP ports already: {e.Message}", e);
        }
    }

    /// <summary>Stops listening and closes the connections.</summary>
    public async Task StopAsync(CancellationToken cancel)
    {
        if (_server is not null)
            await _server.StopAsync(cancel);
    }

    public ValueTask DisposeAsync()
    {
        _server?.Dispose();
        Unbind();
        return ValueTask.CompletedTask;
    }

    private void Configure(ListenOptions listen, SipTransport transport)
    {
        listen.Protocols = HttpProtocols.Http1;
        listen.Use(next => Admit(next, isFlowAtOnce: transport == SipTransport.Tcp));
        if (transport is SipTransport.Tls or SipTransport.Wss)
        {
            // For SIP itself ALPN is ignored (I32): null would become Kestrel's HTTP and refuse a phone that asks for "sip".
            List<SslApplicationProtocol>? protocols = transport == SipTransport.Tls ? [] : null;
            listen.UseHttps(new TlsHandshakeCallbackOptions { HandshakeTimeout = options.Value.HandshakeTimeout, OnConnection = hello => BeginHandshakeAsync(hello, protocols) });
            listen.Use(next => connection =>
            {
                EndHandshake(connection);
                if (transport == SipTransport.Tls)
                    newcomers.Leave(connection.Items);         // a WebSocket opens in HTTP first
                return next(connection);
            });
        }
        if (transport != SipTransport.Wss)
            listen.UseConnectionHandler<SipConnectionHandler>();        // it ends the chain: no HTTP is spoken here
    }

    // Before TLS: a source with too many connections gets no handshake either. A banned one gets few: it may be a phone that calls for help (S36).
    private ConnectionDelegate Admit(ConnectionDelegate next, bool isFlowAtOnce) => async connection =>
    {
        if (connection.RemoteEndPoint is not IPEndPoint remote)
            return;
        var source = InternetEndPoint.From(remote);
        if (drain.IsDraining || (bans.Covers(source) && !brake.TryConnect(source)) || !limiter.TryEnter(source))
        {
            metrics.Dropped("connection");
            connection.Abort();
            return;
        }
        try
        {
            if (connection.Features.Get<IConnectionSocketFeature>() is { Socket: { } socket })
                KeepAlive(socket);
            if (!isFlowAtOnce)
                newcomers.Enter(connection);
            await next(connection);
        }
        finally
        {
            EndHandshake(connection);           // one that failed
            newcomers.Leave(connection.Items);
            limiter.Leave(source);
        }
    };

    // GNOME Calls sends nothing between two REGISTERs: the system's probes keep NATs open, and find dead peers.
    private static void KeepAlive(Socket socket)
    {
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 45);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 15);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 4);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The peer is gone already; reading will tell.
        }
    }

    // The client's hello is there: what costs comes now. Before it a connection has no place, however long it takes.
    private async ValueTask<SslServerAuthenticationOptions> BeginHandshakeAsync(TlsHandshakeCallbackContext context, List<SslApplicationProtocol>? protocols)
    {
        SslStreamCertificateContext certificate = certificates.Find(context.ClientHelloInfo.ServerName) ?? throw new AuthenticationException("There is no certificate yet.");
        context.Connection.Items[s_place] = await handshakes.EnterAsync(context.CancellationToken) ?? throw new AuthenticationException("Too many handshakes wait.");
        var tls = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = certificate,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            AllowRenegotiation = false,
            ClientCertificateRequired = false,
            ApplicationProtocols = protocols,
            CipherSuitesPolicy = TlsSuites.Policy,
        };
        if (protocols is not null && dispatcher.Directory?.Carriers.AsksForCertificate(context.ClientHelloInfo.ServerName) == true)
            AskForCertificate(tls, context.Connection);
        return tls;
    }

    /// <summary>Asks the client for a certificate without insisting: who shows none, or one that nobody vouches for, is a phone or a stranger as before.</summary>
    private void AskForCertificate(SslServerAuthenticationOptions tls, ConnectionContext connection)
    {
        tls.ClientCertificateRequired = true;
        tls.AllowTlsResume = false;                                // what was proved belongs to the connection on which it was
        tls.CertificateChainPolicy = authorities.ForClient();
#pragma warning disable CA5359 // who it is, PeerCertificate says
        tls.RemoteCertificateValidationCallback = (_, certificate, _, faults) =>
        {
            if (certificate is X509Certificate2 shown)
                connection.Items[PeerCertificate.Key] = PeerCertificate.Of(shown, faults);
            return true;
        };
#pragma warning restore CA5359
    }

    private static void EndHandshake(ConnectionContext connection)
    {
        if (connection.Items.TryGetValue(s_place, out object? place))
            ((IDisposable)place!).Dispose();
    }

    /// <summary>What Kestrel calls for the WebSocket port's requests; connections of the other ports never get here.</summary>
    private sealed class WebSockets(RequestDelegate pipeline) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public Task ProcessRequestAsync(HttpContext context) => pipeline(context);

        public void DisposeContext(HttpContext context, Exception? exception)
        {
        }
    }
}
