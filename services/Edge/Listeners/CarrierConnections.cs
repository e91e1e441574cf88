using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CloudPbx.Edge.Dispatch;
using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;
using CloudPbx.Sip.Transport;
using Microsoft.Extensions.Options;

namespace CloudPbx.Edge.Listeners;

/// <summary>The flows to carriers: by UDP from a listener's own socket, by TCP and TLS on connections that are opened once and kept by their whole target (S19).</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed partial class CarrierConnections(
    EdgeIdentity identity, IOptions<EdgeOptions> options, OpenFlows flows, SipConnectionHandler handler, CertificateStore certificates, CarrierAuthorities authorities, EdgeEndpoints endpoints,
    AdvertisedAddresses addresses, TimeProvider time, ILogger<CarrierConnections> logger) : IDisposable
{
    private const int MostNamesTold = 5;

    private readonly EdgeOptions _options = options.Value;
    private readonly ConcurrentDictionary<FlowTarget, Lazy<Task<Outcome>>> _connections = new();
    private readonly ConcurrentDictionary<EdgeConnection, Task> _serving = new();
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Answers a worker that asks for the way to a carrier. Never throws, never waits.</summary>
    /// <param name="request">The worker's <see cref="FlowRequest"/>.</param>
    /// <param name="answer">Takes the answer, perhaps later and on another thread.</param>
    public void Open(SipRequest request, Action<SipResponse> answer)
    {
        if (!FlowTarget.TryRead(request.RequestUri, out FlowTarget? target))
            answer(FlowRequest.Failed(request, "Not a target"));
        else if (target.Transport == SipTransport.Udp)
            answer(OpenDatagrams(request, target));
        else
            _ = AnswerAsync(request, target, answer);
    }

    /// <summary>Closes all connections.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        foreach (EdgeConnection connection in _serving.Keys)
            connection.Abort();
        await Task.WhenAll(_serving.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    private SipResponse OpenDatagrams(SipRequest request, FlowTarget target)
    {
        var remote = InternetEndPoint.From(target.Remote);
        if (flows.FindSocket(remote) is not { } socket)
            return FlowRequest.Failed(request, "No UDP port of that address family");
        ReadOnlySpan<byte> token = new Peer(socket, remote).SignToken(identity, stackalloc byte[FlowToken.MaxLength], target.AdvertisedHost);
        return FlowRequest.Opened(request, Encoding.ASCII.GetString(token));
    }

    private async Task AnswerAsync(SipRequest request, FlowTarget target, Action<SipResponse> answer)
    {
        Outcome outcome = await FindAsync(target);
        answer(outcome.Connection is { } connection
            ? FlowRequest.Opened(request, Encoding.ASCII.GetString(connection.Token))
            : FlowRequest.Failed(request, outcome.Fault, outcome.IsSilent));
    }

    private async Task<Outcome> FindAsync(FlowTarget target)
    {
        // Several calls at once share one attempt; one that failed is not kept.
        Lazy<Task<Outcome>> attempt = _connections.GetOrAdd(target, static (target, all) => new(() => Task.Run(() => all.ConnectAsync(target))), this);
        Outcome outcome = await attempt.Value;
        if (outcome.Connection is null)
            _connections.TryRemove(KeyValuePair.Create(target, attempt));
        return outcome;
    }

    private async Task<Outcome> ConnectAsync(FlowTarget target)
    {
        // I31: a carrier that knows us by a certificate is shown that one or nothing is asked of it, never another one.
        SslStreamCertificateContext? certificate = target.Certificate is { } name ? certificates.FindNamed(name) : null;
        if (target.Certificate is not null && certificate is null)
        {
            string fault = $"No certificate of ours is for {target.Certificate}, only for: {string.Join(", ", certificates.Names.Order(StringComparer.Ordinal).Take(MostNamesTold).DefaultIfEmpty("none"))}";
            LogUnreachable(target.Remote, target.Transport, target.ServerName ?? "", fault);
            return new Outcome(null, fault);
        }
        var socket = new Socket(target.Remote.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Stream? stream = null;
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            limit.CancelAfter(_options.CarrierConnectTimeout);
            await socket.ConnectAsync(target.Remote, limit.Token);
            stream = new NetworkStream(socket, ownsSocket: true);
            if (target.Transport == SipTransport.Tls)
            {
                var secure = new SslStream(stream);
                stream = secure;
                await secure.AuthenticateAsClientAsync(TlsOptions(target, certificate), limit.Token);
            }
            return new Outcome(Serve(target, stream, (IPEndPoint)socket.LocalEndPoint!), "");
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException or OperationCanceledException or CryptographicException)
        {
            if (stream is not null)
                await stream.DisposeAsync();
            socket.Dispose();
            string why = Explain(e);
            LogUnreachable(target.Remote, target.Transport, target.ServerName ?? "", $"{why}: {e.Message}");
            return new Outcome(null, why, IsSilent: e is OperationCanceledException);
        }
    }

    private EdgeConnection Serve(FlowTarget target, Stream stream, IPEndPoint local)
    {
        var remote = InternetEndPoint.From(target.Remote);
        ulong id = flows.NextId();
        var token = new FlowToken
        {
            EdgeId = identity.Id,
            Transport = target.Transport,
            ConnectionId = id,
            Remote = remote,
            AdvertisedHost = target.AdvertisedHost ?? addresses.For(remote, local.Address),
            AdvertisedPort = endpoints.Find(target.Transport)?.Port ?? local.Port,      // where the carrier can call us, too, not where we call from
        };
        var closed = new CancellationTokenSource();
        var output = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
        var flow = new EdgeConnection(id, token, identity.Key, new StreamWriteQueue(output, EdgeConnection.QueueLimit), closed.Cancel, time) { IsOutgoing = true };
        flows.Add(flow);                                          // before anybody is told of it
        _serving[flow] = ServeAsync(target, flow, stream, closed);
        LogOpened(target.Remote, target.Transport, target.ServerName ?? "");
        return flow;
    }

    private async Task ServeAsync(FlowTarget target, EdgeConnection flow, Stream stream, CancellationTokenSource closed)
    {
        await Task.Yield();
        await handler.ServeAsync(flow, PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true, useZeroByteReads: true)), closed.Token, _stopping.Token);
        _connections.TryRemove(target, out _);
        await stream.DisposeAsync();
        _serving.TryRemove(flow, out _);
        LogClosed(target.Remote, target.Transport, target.ServerName ?? "");
    }

    // RFC 5922 §7: the certificate bears the name that was asked for, not the one that DNS gave. No ALPN: some servers refuse "sip" (I32).
    private SslClientAuthenticationOptions TlsOptions(FlowTarget target, SslStreamCertificateContext? certificate) => new()
    {
        TargetHost = target.ServerName,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        CipherSuitesPolicy = TlsSuites.Policy,
        ClientCertificateContext = certificate,
        CertificateChainPolicy = authorities.ForServer(),
#pragma warning disable CA5359 // the trunk's owner has switched verification off
        RemoteCertificateValidationCallback = target.Verify ? null : static (_, _, _, _) => true,
#pragma warning restore CA5359
    };

    private static string Explain(Exception fault) => fault switch
    {
        AuthenticationException => "Certificate or TLS refused",
        OperationCanceledException => "No connection in time",
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => "Connection refused",
        SocketException { SocketErrorCode: SocketError.HostUnreachable or SocketError.NetworkUnreachable } => "Network unreachable",
        _ => "Connection failed",
    };

    [LoggerMessage(LogLevel.Information, "Connected to carrier {Remote} by {Transport} {ServerName}")]
    private partial void LogOpened(IPEndPoint remote, SipTransport transport, string serverName);

    [LoggerMessage(LogLevel.Information, "The connection to carrier {Remote} by {Transport} {ServerName} ended")]
    private partial void LogClosed(IPEndPoint remote, SipTransport transport, string serverName);

    [LoggerMessage(LogLevel.Warning, "Carrier {Remote} cannot be reached by {Transport} {ServerName}: {Reason}")]
    private partial void LogUnreachable(IPEndPoint remote, SipTransport transport, string serverName, string reason);

    private readonly record struct Outcome(EdgeConnection? Connection, string Fault, bool IsSilent = false);
}
