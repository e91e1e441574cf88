using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using CloudPbx.Hosting;
using CloudPbx.MediaControl;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Options;

namespace CloudPbx.Media.Control;

/// <summary>Takes controllers by gRPC at <see cref="MediaOptions.Grpc"/>, on a web server of its own. Is there only where that is set.</summary>
internal sealed partial class GrpcListener(
    ControlConversation conversation, ILoggerFactory loggers, IOptions<MediaOptions> options, ILogger<GrpcListener> logger) : IHostedService, IAsyncDisposable
{
    private readonly MediaOptions _options = options.Value;
    private readonly Lock _gate = new();                                  // handshakes come from many threads
    private WebApplication? _server;
    private SslServerAuthenticationOptions? _tls;
    private DateTime _written;

    /// <summary>Where controllers connect, with the port that the system chose where the configured one is 0.</summary>
    public string Address { get; private set; } = "";

    /// <summary>Opens the address.</summary>
    /// <exception cref="IOException">It cannot be opened, or a file of its certificates cannot be read.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        IPEndPoint address = _options.GrpcEndPoint()!;
        if (_options.IsGrpcEncrypted)
            _tls = ReadTls();
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MinRequestBodyDataRate = null;                 // a controller without commands has a quiet hour, and says Ping
            kestrel.Listen(address, listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                if (_options.IsGrpcEncrypted)
                    listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(CurrentTls()) });
            });
        });
        if (_options.IsGrpcEncrypted)
            builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddSingleton(conversation);
        builder.Services.AddSingleton<MediaControlService>();
        builder.Services.AddRouting();
        builder.Services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = ControlLink.LongestMessage);
        _server = builder.Build();
        _server.MapGrpcService<MediaControlService>();
        try
        {
            await _server.StartAsync(cancellationToken);
        }
        catch (Exception fault) when (fault is IOException or SocketException)
        {
            throw new IOException($"Failed to bind to address {_options.Grpc}: {(fault.InnerException ?? fault).Message}. Set Media:Grpc to another one.", fault);
        }
        Address = _server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        if (!IPAddress.IsLoopback(address.Address) && string.IsNullOrEmpty(_options.GrpcAuthoritiesPath))
            LogOpen(Address);
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => _server?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? default;

    private SslServerAuthenticationOptions CurrentTls()
    {
        lock (_gate)
        {
            if (_written != Written())
            {
                try
                {
                    _tls = ReadTls();
                }
                catch (IOException fault)
                {
                    LogUnreadable(fault.Message);                         // half-written, perhaps: what was there serves on, and the next handshake looks again
                }
            }
            return _tls!;
        }
    }

    private SslServerAuthenticationOptions ReadTls()
    {
        DateTime written = Written();
        var tls = new SslServerAuthenticationOptions
        {
            ApplicationProtocols = [SslApplicationProtocol.Http2],
            ServerCertificateContext = CertificateFiles.Read(_options.GrpcCertificatePath!, _options.GrpcKeyPath),
        };
        if (_options.GrpcAuthoritiesPath is { Length: > 0 } authorities)
        {
            tls.ClientCertificateRequired = true;
            tls.CertificateChainPolicy = CertificateFiles.ReadAuthorities(authorities);
            // Without it Kestrel's own would let a client without a certificate in.
            tls.RemoteCertificateValidationCallback = static (_, certificate, _, errors) => certificate is not null && errors == SslPolicyErrors.None;
        }
        _written = written;
        return tls;
    }

    private DateTime Written() =>
        ((string?[])[_options.GrpcCertificatePath, _options.GrpcKeyPath, _options.GrpcAuthoritiesPath]).Max(path => string.IsNullOrEmpty(path) ? default : File.GetLastWriteTimeUtc(path));

    [LoggerMessage(LogLevel.Warning, "Whoever reaches {Address} commands this media node; only a closed network guards it, or Media:GrpcAuthoritiesPath with https://")]
    private partial void LogOpen(string address);

    [LoggerMessage(LogLevel.Error, "{Reason}; the former certificate serves on")]
    private partial void LogUnreadable(string reason);

    /// <summary>The process has one lifetime, and this server is a part of it.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
