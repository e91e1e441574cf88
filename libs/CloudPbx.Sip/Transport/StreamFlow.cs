using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.Transport;

/// <summary>Takes what comes on a connection.</summary>
public interface IStreamFlowReceiver
{
    /// <summary>One whole message came.</summary>
    /// <param name="flow">The connection.</param>
    /// <param name="message">The octets, valid during the call only.</param>
    void Receive(StreamFlow flow, ReadOnlySpan<byte> message);

    /// <summary>The connection ended: nothing more comes, nothing can be sent. Called once.</summary>
    /// <param name="flow">The connection.</param>
    void Ended(StreamFlow flow);
}

/// <summary>A TCP or TLS connection that we opened: framed reading, queued writing, CRLF keep-alives answered (RFC 5626 §3.5.1).</summary>
/// <remarks>Sending is thread-safe. The receiver is called on pool threads, one call at a time.</remarks>
public sealed class StreamFlow : Flow, IAsyncDisposable
{
    /// <summary>Octets that may wait for a slow peer.</summary>
    public const int QueueLimit = 1024 * 1024;

    [ThreadStatic] private static ArrayBufferWriter<byte>? s_scratch;

    private readonly Stream _stream;
    private readonly PipeReader _input;
    private readonly PipeWriter _output;
    private readonly StreamWriteQueue _queue;
    private readonly CancellationTokenSource _ending = new();
    private Task _reading = Task.CompletedTask;

    private StreamFlow(Stream stream, SipTransport transport, IPEndPoint local, IPEndPoint remote)
    {
        _stream = stream;
        _input = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true, useZeroByteReads: true));
        _output = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
        _queue = new StreamWriteQueue(_output, QueueLimit);
        Transport = transport;
        Local = local;
        Remote = remote;
    }

    /// <inheritdoc/>
    public override SipTransport Transport { get; }

    /// <inheritdoc/>
    public override IPEndPoint Remote { get; }

    /// <inheritdoc/>
    public override IPEndPoint Local { get; }

    /// <summary>Whether messages can be sent still.</summary>
    public bool IsOpen => _queue.IsOpen;

    /// <summary>Opens a connection and begins to read.</summary>
    /// <param name="remote">Where to.</param>
    /// <param name="tls">TLS as a client: the name to verify is in it; null for TCP in clear.</param>
    /// <param name="receiver">Takes what comes.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>The connection, owned by the caller.</returns>
    /// <exception cref="SocketException">The peer cannot be reached.</exception>
    /// <exception cref="System.Security.Authentication.AuthenticationException">The TLS handshake failed.</exception>
    /// <exception cref="IOException">The peer ended the handshake.</exception>
    public static async Task<StreamFlow> ConnectAsync(IPEndPoint remote, SslClientAuthenticationOptions? tls, IStreamFlowReceiver receiver, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(remote);
        ArgumentNullException.ThrowIfNull(receiver);
        var socket = new Socket(remote.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Stream? stream = null;
        try
        {
            await socket.ConnectAsync(remote, cancel).ConfigureAwait(false);
            var local = (IPEndPoint)socket.LocalEndPoint!;
            stream = new NetworkStream(socket, ownsSocket: true);
            if (tls is not null)
            {
                var secure = new SslStream(stream);
                stream = secure;
                await secure.AuthenticateAsClientAsync(tls, cancel).ConfigureAwait(false);
            }
            var flow = new StreamFlow(stream, tls is null ? SipTransport.Tcp : SipTransport.Tls, local, remote);
            flow._reading = flow.ReadAsync(receiver);
            return flow;
        }
        catch
        {
            if (stream is not null)
                await stream.DisposeAsync().ConfigureAwait(false);
            socket.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override bool TrySend(SipMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArrayBufferWriter<byte> scratch = s_scratch ??= new ArrayBufferWriter<byte>(4096);
        scratch.ResetWrittenCount();
        message.WriteTo(scratch);
        return _queue.TryWrite(scratch.WrittenSpan);
    }

    /// <summary>Sends octets as they are: a keep-alive, or a message that was written before.</summary>
    /// <returns>False when the connection is gone or its peer reads too slowly.</returns>
    public bool TrySend(ReadOnlySpan<byte> octets) => _queue.TryWrite(octets);

    /// <summary>Closes the connection. What is queued may be lost.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        await _ending.CancelAsync().ConfigureAwait(false);
        await _stream.DisposeAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(false);
        _ending.Dispose();
    }

    private async Task ReadAsync(IStreamFlowReceiver receiver)
    {
        await Task.Yield();
        var framer = new StreamFramer();
        try
        {
            while (true)
            {
                ReadResult read = await _input.ReadAsync(_ending.Token).ConfigureAwait(false);
                ReadOnlySequence<byte> buffer = read.Buffer;
                bool usable = Take(framer, ref buffer, receiver);
                _input.AdvanceTo(buffer.Start, buffer.End);
                if (!usable || read.IsCompleted)
                    break;
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or InvalidOperationException or ObjectDisposedException)
        {
            // That is how a connection ends.
        }
        _queue.Close();
        await _stream.DisposeAsync().ConfigureAwait(false);
        receiver.Ended(this);
    }

    private bool Take(StreamFramer framer, ref ReadOnlySequence<byte> buffer, IStreamFlowReceiver receiver)
    {
        while (true)
        {
            switch (framer.TryRead(ref buffer, out ReadOnlySequence<byte> message))
            {
                case FrameResult.Message when message.IsSingleSegment:
                    receiver.Receive(this, message.FirstSpan);
                    break;
                case FrameResult.Message:
                    receiver.Receive(this, message.ToArray());
                    break;
                case FrameResult.KeepAlivePing:
                    _queue.TryWrite("\r\n"u8);
                    break;
                case FrameResult.NeedMore:
                    return true;
                case FrameResult.Malformed:
                    return false;
                default:
                    break;
            }
        }
    }
}
