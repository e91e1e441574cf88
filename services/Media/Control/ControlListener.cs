using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using CloudPbx.Hosting;
using CloudPbx.MediaControl;
using CloudPbx.Net.Sockets;
using Microsoft.Extensions.Options;

namespace CloudPbx.Media.Control;

/// <summary>Takes the controllers' connections, on loopback, a closed network or a Unix socket; each is served by a thread of its own, for they are few.</summary>
internal sealed partial class ControlListener(ControlConversation conversation, IOptions<MediaOptions> options, ILogger<ControlListener> logger) : BackgroundService
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);

    private readonly ConcurrentDictionary<Task, bool> _serving = new();
    private Socket? _listener;

    /// <summary>Where controllers connect, with the port that the system chose where the configured one is 0.</summary>
    public string Address { get; private set; } = options.Value.Control;

    /// <summary>Opens the address, so that the node is announced only once it can be reached.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        var control = new Uri(options.Value.Control);
        try
        {
            _listener = control.Scheme == "unix" ? ListenUnix(control.LocalPath) : ListenTcp(control);
        }
        catch (SocketException fault)
        {
            throw new IOException($"Failed to bind to address {options.Value.Control}: {fault.Message}. Set Media:Control to another one.", fault);
        }
        return base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _listener?.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                Socket socket = await _listener!.AcceptAsync(stoppingToken);
                if (socket.AddressFamily != AddressFamily.Unix)
                    socket.NoDelay = true;
                Task serving = conversation.ServeAsync(new PipeControlLink(new ThreadPipe(socket, ControlConversation.Silence, PipeControlLink.UsualMessage)), stoppingToken);
                _serving[serving] = true;
                _ = serving.ContinueWith(ended => _serving.TryRemove(ended, out _), TaskScheduler.Default);
            }
            catch (OperationCanceledException)
            {
                break;
            }
            catch (SocketException fault)
            {
                LogNotAccepted(fault.SocketErrorCode);
                // Out of descriptors, say: asked again at once it would only fail again.
                await Task.Delay(s_pause, CancellationToken.None);
            }
        }
        _listener!.Close();                                               // who comes now is refused, and so knows
        await Task.WhenAll(_serving.Keys);
    }

    private Socket ListenTcp(Uri control)
    {
        IPAddress address = control.Host == "localhost" ? IPAddress.Loopback : IPAddress.Parse(control.Host.Trim('[', ']'));
        var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(address, control.Port));
        listener.Listen();
        Address = $"tcp://{listener.LocalEndPoint}";
        return listener;
    }

    private static Socket ListenUnix(string path)
    {
        UnixSocketFile.RemoveStale(path);
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);     // only our own user may command the node
        listener.Listen();
        return listener;
    }

    [LoggerMessage(LogLevel.Warning, "A controller's connection was not accepted: {Error}")]
    private partial void LogNotAccepted(SocketError error);
}
