using System.Net;
using System.Net.Sockets;
using CloudPbx.CallControl.Tenants;
using CloudPbx.Net.Sockets;
using Microsoft.Extensions.Options;

namespace CloudPbx.CallControl.Links;

/// <summary>Takes the edges' inner links over TCP, where <see cref="CallControlOptions.Listen"/> says so.</summary>
internal sealed partial class WorkerListener(
    EdgeLinks links, WorkerIdentity worker, IOptions<CallControlOptions> options, ILogger<WorkerListener> logger) : BackgroundService
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);

    private TcpListener? _listener;

    /// <summary>Opens the port, so that the worker is announced only once it can be reached.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Listen is { Length: > 0 } listen)
        {
            _listener = new TcpListener(IPEndPoint.Parse(listen));
            _listener.Start();
            IPEndPoint local = (IPEndPoint)_listener.LocalEndpoint;
            IPEndPoint reached = options.Value.Advertise is { } advertise ? IPEndPoint.Parse(advertise) : local;
            worker.Host = reached.Address.ToString();
            worker.Port = reached.Port == 0 ? local.Port : reached.Port;
            LogListening(local.ToString());
        }
        return base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (_listener is not null && !stoppingToken.IsCancellationRequested)
        {
            try
            {
                Socket socket = await _listener.AcceptSocketAsync(stoppingToken);
                socket.NoDelay = true;
                links.Accept(new ThreadPipe(socket));
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException e)
            {
                LogNotAccepted(e.SocketErrorCode.ToString());
                // Out of descriptors, say: asked again at once it would only fail again.
                await Task.Delay(s_pause, CancellationToken.None);
            }
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _listener?.Dispose();
        base.Dispose();
    }

    [LoggerMessage(LogLevel.Information, "Edges reach this worker on {Address}")]
    private partial void LogListening(string address);

    [LoggerMessage(LogLevel.Warning, "An edge's connection was not accepted: {Error}")]
    private partial void LogNotAccepted(string error);
}
