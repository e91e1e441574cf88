using System.Threading.Channels;
using CloudPbx.Net.Sockets;
using Google.Protobuf;
using Grpc.Core;

namespace CloudPbx.MediaControl;

/// <summary>Media control by a duplex gRPC call, either end: for programs of others, and for networks that are not closed (infra/decisions/0018).</summary>
/// <remarks>A pump of its own writes what is queued. A peer that reads so slowly that too much waits ends the call.</remarks>
/// <typeparam name="TIn">What comes: commands at a node, events at a controller.</typeparam>
/// <typeparam name="TOut">What is sent.</typeparam>
public sealed class GrpcControlLink<TIn, TOut> : ControlLink
    where TIn : class, IMessage<TIn>
    where TOut : class, IMessage<TOut>
{
    private static readonly WriteOptions s_moreFollows = new(WriteFlags.BufferHint);     // what waits goes out together

    private readonly IAsyncStreamReader<TIn> _reader;
    private readonly IAsyncStreamWriter<TOut> _writer;
    private readonly TimeSpan _silence;
    private readonly IDisposable[] _owned;
    private readonly Channel<(TOut Message, int Length)> _queue = Channel.CreateUnbounded<(TOut, int)>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _end = new();
    private readonly CancellationToken _ended;
    private readonly Lock _gate = new();            // guards _closing
    private readonly Task _pump;
    private Task? _closing;
    private int _waiting;

    /// <summary>Takes one end of a call over.</summary>
    /// <param name="reader">What comes.</param>
    /// <param name="writer">What is sent; nobody else may write.</param>
    /// <param name="silence">After so long without a message the link ends; zero: never.</param>
    /// <param name="owned">Disposed of with the link, in this order: the call, its channel.</param>
    public GrpcControlLink(IAsyncStreamReader<TIn> reader, IAsyncStreamWriter<TOut> writer, TimeSpan silence, params IDisposable[] owned)
    {
        _reader = reader;
        _writer = writer;
        _silence = silence > TimeSpan.Zero ? silence : Timeout.InfiniteTimeSpan;
        _owned = owned;
        _ended = _end.Token;
        _pump = PumpAsync();
    }

    /// <summary>Whether the link ended because nothing came.</summary>
    public bool WasSilent { get; private set; }

    /// <summary>Whether the other side said all that it had to say, and ended its direction in good order.</summary>
    public bool HasHeardAll { get; private set; }

    /// <inheritdoc/>
    public override bool IsOpen => !_ended.IsCancellationRequested;

    /// <inheritdoc/>
    public override bool TrySend(IMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (!IsOpen)
            return false;
        int length = message.CalculateSize();
        if (Interlocked.Add(ref _waiting, length) <= QueueLimit)
            return _queue.Writer.TryWrite(((TOut)message, length));
        Close();
        return false;
    }

    /// <inheritdoc/>
    internal override bool TrySend(IMessage message, ReadOnlySpan<byte> frame) => TrySend(message);

    /// <inheritdoc/>
    public override async ValueTask SendAsync(IMessage message, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(message);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, _ended);
        try
        {
            await _writer.WriteAsync((TOut)message, either.Token).ConfigureAwait(false);
        }
        catch (Exception fault) when (IsEnd(fault))
        {
            cancel.ThrowIfCancellationRequested();
            throw new IOException("The call ended.", fault);
        }
    }

    /// <inheritdoc/>
    public override async Task<bool> ReceiveAsync<T>(MessageParser<T> parser, Action<T> receiver, Action? before = null, Action? after = null)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        if (_reader is not IAsyncStreamReader<T> reader)
            throw new ArgumentException($"This end of a call receives {typeof(TIn).Name}s.", nameof(parser));
        try
        {
            while (true)
            {
                _end.CancelAfter(_silence);
                if (!await reader.MoveNext(_ended).ConfigureAwait(false))
                    return HasHeardAll = true;
                Take(reader.Current, receiver, before, after);
            }
        }
        catch (Exception fault) when (IsEnd(fault))
        {
            lock (_gate)
                WasSilent = _ended.IsCancellationRequested && _closing is null;
            Close();
            return false;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask FlushAsync()
    {
        _queue.Writer.TryComplete();
        await _pump.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override void Close() => _ = CloseAsync();

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await CloseAsync().ConfigureAwait(false);
        await _pump.ConfigureAwait(false);
        foreach (IDisposable owned in _owned)
            owned.Dispose();
        _end.Dispose();
    }

    // What waits for the call is told on the pool: whoever closes may hold a lock.
    private Task CloseAsync()
    {
        lock (_gate)
            return _closing ??= _end.CancelAsync();
    }

    private static bool IsEnd(Exception fault) =>
        fault is RpcException or IOException or OperationCanceledException or InvalidOperationException or InvalidProtocolBufferException;

    private static void Take<T>(T message, Action<T> receiver, Action? before, Action? after)
    {
        using WriteBatch.Scope batch = WriteBatch.Begin();          // what it leads to is written with it
        before?.Invoke();
        receiver(message);
        after?.Invoke();
    }

    private async Task PumpAsync()
    {
        try
        {
            while (await _queue.Reader.WaitToReadAsync(_ended).ConfigureAwait(false))
            {
                while (_queue.Reader.TryRead(out (TOut Message, int Length) next))
                {
                    _writer.WriteOptions = _queue.Reader.TryPeek(out _) ? s_moreFollows : null;
                    await _writer.WriteAsync(next.Message, _ended).ConfigureAwait(false);
                    Interlocked.Add(ref _waiting, -next.Length);
                }
            }
        }
        catch (Exception fault) when (IsEnd(fault))
        {
            // The reading side notices, too; where it has ended the link because nothing came, it says so itself.
            if (!_ended.IsCancellationRequested)
                Close();
        }
    }
}
