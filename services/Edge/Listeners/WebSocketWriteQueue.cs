using System.Buffers;
using System.Net.WebSockets;
using System.Text.Unicode;
using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Edge.Listeners;

/// <summary>Writes whole messages to one WebSocket, each as one WebSocket message (RFC 7118 §5): callers never wait, one pump writes.</summary>
/// <remarks>Thread-safe. Holds pooled buffers only while something is queued. Ends with its socket, whose owner closes it.</remarks>
internal sealed class WebSocketWriteQueue(WebSocket socket, int limit) : IWriteQueue, IThreadPoolWorkItem
{
    private readonly Lock _gate = new();    // guards the fields below; held for a copy only
    private readonly Queue<ArraySegment<byte>> _pending = new();
    private int _waiting;
    private bool _pumping;
    private bool _closed;

    public bool IsOpen => !Volatile.Read(ref _closed);

    public int Waiting => Volatile.Read(ref _waiting);

    public bool TryWrite(ReadOnlySpan<byte> message)
    {
        lock (_gate)
        {
            if (_closed || _waiting + message.Length > limit)
                return false;
            byte[] copy = ArrayPool<byte>.Shared.Rent(message.Length);
            message.CopyTo(copy);
            _pending.Enqueue(new ArraySegment<byte>(copy, 0, message.Length));
            _waiting += message.Length;
            if (_pumping)
                return true;
            _pumping = true;
        }
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return true;
    }

    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            while (_pending.TryDequeue(out ArraySegment<byte> message))
                ArrayPool<byte>.Shared.Return(message.Array!);
            _waiting = 0;
        }
    }

    void IThreadPoolWorkItem.Execute() => _ = PumpAsync();

    // Never faults: a failed write closes the queue.
    private async Task PumpAsync()
    {
        while (TryTake(out ArraySegment<byte> message))
        {
            try
            {
                await socket.SendAsync(message, TypeOf(message), endOfMessage: true, CancellationToken.None);
            }
            catch (Exception e) when (e is WebSocketException or IOException or InvalidOperationException or OperationCanceledException or ObjectDisposedException)
            {
                Close();        // the connection ended; its reader tells the owner
            }
            ArrayPool<byte>.Shared.Return(message.Array!);
            Written(message.Count);
        }
    }

    private bool TryTake(out ArraySegment<byte> message)
    {
        lock (_gate)
        {
            if (!_pending.TryDequeue(out message))
                _pumping = false;
            return _pumping;
        }
    }

    // What is being written still waits, so that IsFlushed means what it says.
    private void Written(int length)
    {
        lock (_gate)
            _waiting = Math.Max(0, _waiting - length);
    }

    // A browser gives up a connection on which a text message is no UTF-8 (RFC 6455 §8.1); phones' headers may be anything.
    private static WebSocketMessageType TypeOf(ReadOnlySpan<byte> message) => Utf8.IsValid(message) ? WebSocketMessageType.Text : WebSocketMessageType.Binary;
}
