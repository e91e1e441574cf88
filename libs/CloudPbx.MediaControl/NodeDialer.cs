using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using CloudPbx.MediaControl.Wire;
using CloudPbx.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;

namespace CloudPbx.MediaControl;

/// <summary>Connects to a media node. It remembers whether the address refused us.</summary>
/// <param name="node">See <see cref="NodeUri"/>.</param>
/// <param name="tls">How a node of <c>https://</c> is verified, and what we show it; asked for each connection; null: as the system does, and nothing.</param>
internal sealed class NodeDialer(Uri node, Func<SslClientAuthenticationOptions>? tls = null)
{
    private static readonly TimeSpan s_connectTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Nobody listens there: the node's process is gone.</summary>
    public bool Refused { get; private set; }

    /// <summary>Opens a connection.</summary>
    /// <param name="silence">After so long without a word from the node the connection ends: it froze, or a cable was pulled.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="SocketException">The node cannot be reached.</exception>
    /// <exception cref="IOException">What is reached does not serve us: its certificate or ours is not accepted, or it is no media node.</exception>
    /// <exception cref="OperationCanceledException">It did not answer in time, or <paramref name="cancel"/> gave up.</exception>
    public async Task<ControlLink> ConnectAsync(TimeSpan silence, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(s_connectTimeout);
        return NodeUri.IsGrpc(node) ? await CallAsync(silence, limit.Token).ConfigureAwait(false) : await OpenAsync(silence, limit.Token).ConfigureAwait(false);
    }

    private async Task<ControlLink> OpenAsync(TimeSpan silence, CancellationToken cancel)
    {
        bool unix = node.Scheme == "unix";
        try
        {
            EndPoint target = unix ? new UnixDomainSocketEndPoint(node.LocalPath) : new DnsEndPoint(node.Host.Trim('[', ']'), node.Port);
            ThreadPipe pipe = await ThreadPipe.ConnectAsync(target, cancel, silence, PipeControlLink.UsualMessage).ConfigureAwait(false);
            Refused = false;
            return new PipeControlLink(pipe);
        }
        catch (SocketException fault)
        {
            // A Unix socket's file that is not there is the same news as a refused connection.
            Refused = unix || fault.SocketErrorCode == SocketError.ConnectionRefused;
            throw;
        }
    }

    private async Task<ControlLink> CallAsync(TimeSpan silence, CancellationToken cancel)
    {
        SocketException? unreachable = null;
        var handler = new SocketsHttpHandler { ConnectCallback = OpenSocketAsync, ConnectTimeout = s_connectTimeout, UseCookies = false, UseProxy = false };
        if (tls is not null)
            handler.SslOptions = tls();
        GrpcChannel channel = GrpcChannel.ForAddress(node, new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true, MaxReceiveMessageSize = ControlLink.LongestMessage });
        AsyncDuplexStreamingCall<Command, Event>? call = null;
        bool stands = false;
        try
        {
            call = new Wire.MediaControl.MediaControlClient(channel).Control(cancellationToken: CancellationToken.None);
            await call.ResponseHeadersAsync.WaitAsync(cancel).ConfigureAwait(false);      // a node sends them at once
            stands = true;
            return new GrpcControlLink<Event, Command>(call.ResponseStream, call.RequestStream, silence, call, channel);
        }
        catch (RpcException fault)
        {
            throw unreachable is null ? new IOException($"{fault.StatusCode}: {fault.Status.Detail}", fault) : unreachable;
        }
        finally
        {
            if (!stands)
            {
                call?.Dispose();
                channel.Dispose();
            }
        }

        async ValueTask<Stream> OpenSocketAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(context.DnsEndPoint, cancel).ConfigureAwait(false);
                Refused = false;
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (Exception fault)
            {
                unreachable = fault as SocketException;
                Refused = unreachable?.SocketErrorCode == SocketError.ConnectionRefused;
                socket.Dispose();
                throw;
            }
        }
    }
}
