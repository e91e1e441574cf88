using System.Buffers;
using System.IO.Pipelines;

namespace CloudPbx.Net.Sockets;

/// <summary>Writes whole messages to one connection: callers never wait, what comes while a write is under way goes out as one batch.</summary>
/// <remarks>Thread-safe. Inside a <see cref="WriteBatch"/> the caller's thread writes at the batch's end; else the pool does. Owns the writer's use, not its end: <see cref="Close"/> stops writing, the connection's owner completes the pipe.
/// Holds pooled buffers only while something is queued.</remarks>
public sealed class StreamWriteQueue : IWriteQueue, IBatchedWrite, IThreadPoolWorkItem
{
    private readonly PipeWriter _writer;
    private readonly int _limit;
    private readonly Lock _gate = new();    // guards the fields below; held for a copy only
    private byte[]? _pending;
    private int _pendingLength;
    private bool _pumping;
    private bool _closed;

    /// <summary>Makes a queue for a connection.</summary>
    /// <param name="writer">The connection's output; nobody else may write to it.</param>
    /// <param name="limit">Octets that may wait. A message that finds more than that waiting is refused.</param>
    public StreamWriteQueue(PipeWriter writer, int limit)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        _writer = writer;
        _limit = limit;
    }

    /// <inheritdoc/>
    public bool IsOpen => !Volatile.Read(ref _closed);

    /// <inheritdoc/>
    public int Waiting => Volatile.Read(ref _pendingLength);

    /// <inheritdoc/>
    public bool TryWrite(ReadOnlySpan<byte> message)
    {
        bool batch = WriteBatch.IsOpen;
        lock (_gate)
        {
            if (_closed || _pendingLength + message.Length > _limit)
                return false;
            EnsureRoom(message.Length);
            message.CopyTo(_pending.AsSpan(_pendingLength));
            _pendingLength += message.Length;
            if (_pumping)
                return true;
            _pumping = !batch;      // a batch reserves nothing: whoever comes to its end first writes for all
        }
        if (batch)
            WriteBatch.Add(this);
        else
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return true;
    }

    /// <inheritdoc/>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Drop();
        }
    }

    void IThreadPoolWorkItem.Execute() => _ = PumpAsync(once: false);

    /// <summary>Writes what waits, at a batch's end; what others queue meanwhile is left to the pool.</summary>
    void IBatchedWrite.WriteNow()
    {
        lock (_gate)
        {
            if (_pumping || _pendingLength == 0)
                return;
            _pumping = true;
        }
        _ = PumpAsync(once: true);
    }

    // Never faults: a failed write closes the queue.
    private async Task PumpAsync(bool once)
    {
        while (Take() is { Array: { } buffer } batch)
        {
            bool open;
            try
            {
                FlushResult result = await _writer.WriteAsync(batch).ConfigureAwait(false);
                open = !result.IsCompleted && !result.IsCanceled;
            }
            catch (Exception e) when (e is IOException or InvalidOperationException or OperationCanceledException or ObjectDisposedException)
            {
                open = false;       // the connection ended; its reader tells the owner
            }
            ArrayPool<byte>.Shared.Return(buffer);
            if (!open)
                Close();
            if (!once)
                continue;
            if (!TryRest())
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            return;
        }
    }

    private bool TryRest()
    {
        lock (_gate)
        {
            _pumping = _pendingLength > 0;
            return !_pumping;
        }
    }

    private ArraySegment<byte> Take()
    {
        lock (_gate)
        {
            if (_pendingLength == 0 || _closed)
            {
                Drop();
                _pumping = false;
                return default;
            }
            var batch = new ArraySegment<byte>(_pending!, 0, _pendingLength);
            _pending = null;
            _pendingLength = 0;
            return batch;
        }
    }

    private void EnsureRoom(int more)
    {
        if (_pending is null)
        {
            _pending = ArrayPool<byte>.Shared.Rent(Math.Max(more, 2048));
            return;
        }
        if (_pending.Length - _pendingLength >= more)
            return;
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(_pendingLength + more, _pending.Length * 2));
        _pending.AsSpan(0, _pendingLength).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_pending);
        _pending = larger;
    }

    private void Drop()
    {
        if (_pending is not null)
            ArrayPool<byte>.Shared.Return(_pending);
        _pending = null;
        _pendingLength = 0;
    }
}
