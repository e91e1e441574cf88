using System.Net;
using System.Net.Sockets;
using CloudPbx.Net.Sockets;

namespace CloudPbx.MediaControl;

/// <summary>Connects to a media node by a Unix socket or a TCP address. It remembers whether the address refused us.</summary>
/// <param name="node"><c>unix:/path/to/socket</c> or <c>tcp://host:port</c>.</param>
internal sealed class NodeDialer(Uri node)
{
    private static readonly TimeSpan s_connectTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Nobody listens there: the node's process is gone.</summary>
    public bool Refused { get; private set; }

    /// <summary>Opens a connection.</summary>
    /// <param name="silence">After so long without a word from the node the connection ends: it froze, or a cable was pulled.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="SocketException">The node cannot be reached.</exception>
    /// <exception cref="OperationCanceledException">It did not answer in time, or <paramref name="cancel"/> gave up.</exception>
    public async Task<ControlLink> ConnectAsync(TimeSpan silence, CancellationToken cancel)
    {
        bool unix = node.Scheme == "unix";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(s_connectTimeout);
        try
        {
            EndPoint target = unix ? new UnixDomainSocketEndPoint(node.LocalPath) : new DnsEndPoint(node.Host.Trim('[', ']'), node.Port);
            ThreadPipe pipe = await ThreadPipe.ConnectAsync(target, limit.Token, silence, ControlLink.UsualMessage).ConfigureAwait(false);
            Refused = false;
            return new ControlLink(pipe);
        }
        catch (SocketException fault)
        {
            // A Unix socket's file that is not there is the same news as a refused connection.
            Refused = unix || fault.SocketErrorCode == SocketError.ConnectionRefused;
            throw;
        }
    }
}
