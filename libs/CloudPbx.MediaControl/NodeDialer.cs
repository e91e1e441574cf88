using System.Net;
using System.Net.Sockets;
using Grpc.Net.Client;

namespace CloudPbx.MediaControl;

/// <summary>A gRPC channel to a Unix socket or a TCP address. It remembers whether the address refused us.</summary>
internal sealed class NodeDialer : IDisposable
{
    private readonly Uri _node;

    public NodeDialer(Uri node)
    {
        _node = node;
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = ConnectAsync,
            ConnectTimeout = TimeSpan.FromSeconds(2),
            KeepAlivePingDelay = TimeSpan.FromSeconds(2), // a node that froze or a cable that was pulled is noticed within 4 s
            KeepAlivePingTimeout = TimeSpan.FromSeconds(2),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            UseProxy = false,
        };
        Channel = GrpcChannel.ForAddress(
            node.Scheme == "unix" ? new Uri("http://media") : node,
            new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
    }

    public GrpcChannel Channel { get; }

    /// <summary>Nobody listens there: the node's process is gone.</summary>
    public bool Refused { get; private set; }

    public void Dispose() => Channel.Dispose();

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        bool unix = _node.Scheme == "unix";
        EndPoint target = unix ? new UnixDomainSocketEndPoint(_node.LocalPath) : context.DnsEndPoint;
        Socket socket = unix
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(target, cancel).ConfigureAwait(false);
            Refused = false;
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException fault)
        {
            // A Unix socket's file that is not there is the same news as a refused connection.
            Refused = unix || fault.SocketErrorCode == SocketError.ConnectionRefused;
            socket.Dispose();
            throw;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
