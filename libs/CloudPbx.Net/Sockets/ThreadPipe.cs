using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;

namespace CloudPbx.Net.Sockets;

/// <summary>
/// A TCP or Unix connection as a pipe for few, busy connections: reading blocks the thread that reads, which must be its own, and writing hands the octets to the
/// kernel at once. An asynchronous socket costs two more thread switches for each read.
/// </summary>
/// <remarks>One reader and one writer at a time. <see cref="Dispose"/>, or completing both directions, closes the connection.</remarks>
public sealed class ThreadPipe : IDuplexPipe, IDisposable
{
    /// <summary>Octets of a usual message of signalling.</summary>
    public const int Signalling = 1024;

    private readonly Socket _socket;
    private readonly ThreadPipeReader _reader;
    private readonly ThreadPipeWriter _writer;
    private int _open = 2;

    /// <summary>Takes a connection over.</summary>
    /// <param name="socket">Connected, and never used asynchronously: such a socket no longer blocks.</param>
    /// <param name="silence">After so long without an octet from the peer the reader completes, as if the peer had ended the connection; zero: never.</param>
    /// <param name="usualMessage">The octets of a usual message: where reads bring more than two of them, they are further apart (<see cref="ReadPacer"/>).</param>
    public ThreadPipe(Socket socket, TimeSpan silence = default, int usualMessage = Signalling)
    {
        ArgumentNullException.ThrowIfNull(socket);
        socket.ReceiveTimeout = (int)silence.TotalMilliseconds;
        _socket = socket;
        _reader = new ThreadPipeReader(socket, 2 * usualMessage, Completed);
        _writer = new ThreadPipeWriter(socket, Completed);
    }

    /// <inheritdoc/>
    public PipeReader Input => _reader;

    /// <inheritdoc/>
    public PipeWriter Output => _writer;

    /// <summary>Opens a connection on a thread of its own, since a socket that was connected asynchronously does not block any more.</summary>
    /// <param name="target">An address, a name with a port (<see cref="DnsEndPoint"/>), or a Unix socket.</param>
    /// <param name="cancel">Gives up.</param>
    /// <param name="silence">After so long without an octet from the peer the reader completes, as if the peer had ended the connection; zero: never.</param>
    /// <param name="usualMessage">The octets of a usual message, see the constructor.</param>
    /// <returns>The connection, without Nagle's delay.</returns>
    /// <exception cref="SocketException">The peer cannot be reached.</exception>
    public static async Task<ThreadPipe> ConnectAsync(EndPoint target, CancellationToken cancel, TimeSpan silence = default, int usualMessage = Signalling)
    {
        ArgumentNullException.ThrowIfNull(target);
        Socket socket = target is UnixDomainSocketEndPoint
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await using CancellationTokenRegistration giveUp = cancel.UnsafeRegister(static socket => ((Socket)socket!).Dispose(), socket);
            await Task.Factory.StartNew(() => socket.Connect(target), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
            return new ThreadPipe(socket, silence, usualMessage);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            socket.Dispose();
            cancel.ThrowIfCancellationRequested();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _reader.CancelPendingRead();
        _socket.Dispose();
    }

    private void Completed()
    {
        if (Interlocked.Decrement(ref _open) == 0)
            Dispose();
    }
}
