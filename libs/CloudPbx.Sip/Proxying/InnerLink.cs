using System.Buffers;
using System.IO.Pipelines;
using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.Proxying;

/// <summary>Takes one message that came over an inner link.</summary>
/// <param name="link">The link, for the answer.</param>
/// <param name="message">The message's octets, valid during the call only.</param>
public delegate void InnerLinkReceiver(InnerLink link, ReadOnlySpan<byte> message);

/// <summary>SIP over one multiplexed connection between an edge and a worker; both sides use this class. Messages are framed by Content-Length.</summary>
/// <remarks>Sending is thread-safe and never waits: messages are queued and written in batches. Messages are received one after the other; those of one read
/// are one <see cref="WriteBatch"/>.</remarks>
public sealed class InnerLink : IAsyncDisposable
{
    /// <summary>Octets that may wait for the other side before messages are refused.</summary>
    public const int QueueLimit = 16 * 1024 * 1024;

    /// <summary>The longest body on a link: a little more than an edge lets in.</summary>
    public const int MaximumBody = 2 * 1024 * 1024;


    private readonly IDuplexPipe _pipe;
    private readonly StreamWriteQueue _queue;

    /// <summary>Wraps a connection.</summary>
    /// <param name="pipe">Owned: completed by <see cref="DisposeAsync"/>.</param>
    public InnerLink(IDuplexPipe pipe)
    {
        ArgumentNullException.ThrowIfNull(pipe);
        _pipe = pipe;
        _queue = new StreamWriteQueue(pipe.Output, QueueLimit);
    }

    /// <summary>Whether messages can be sent.</summary>
    public bool IsOpen => _queue.IsOpen;

    /// <summary>Queues a message.</summary>
    /// <param name="message">One whole message; copied.</param>
    /// <returns>False when the link is closed or its queue full; the message is then lost.</returns>
    public bool TrySend(ReadOnlySpan<byte> message) => _queue.TryWrite(message);

    /// <summary>Queues a message.</summary>
    /// <param name="message">A complete message; it may be changed after the call.</param>
    /// <returns>False when the link is closed or its queue full; the message is then lost.</returns>
    public bool TrySend(SipMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return TrySend(message.ToThreadBytes());
    }

    /// <inheritdoc cref="ReceiveAsync(InnerLinkReceiver, Action?, CancellationToken)"/>
    public Task ReceiveAsync(InnerLinkReceiver receiver, CancellationToken cancel) => ReceiveAsync(receiver, null, cancel);

    /// <summary>Receives until the other side ends the link, the link is disposed, or octets come that are no SIP.</summary>
    /// <param name="receiver">Called for each message; must not throw.</param>
    /// <param name="received">Called after the messages of one read, on the same thread; must not throw.</param>
    /// <param name="cancel">Ends the receiving, without an exception.</param>
    /// <returns>Completes when no more messages come; never faults because of the other side.</returns>
    public Task ReceiveAsync(InnerLinkReceiver receiver, Action? received, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        return ReaderThread.RunAsync(() => ReceiveCoreAsync(receiver, received, cancel));
    }

    /// <summary>Ends the link. What is queued may be lost.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        _pipe.Input.CancelPendingRead();
        await _pipe.Output.CompleteAsync().ConfigureAwait(false);
        await _pipe.Input.CompleteAsync().ConfigureAwait(false);
    }

    private async Task ReceiveCoreAsync(InnerLinkReceiver receiver, Action? received, CancellationToken cancel)
    {
        var framer = new StreamFramer(maximumBody: MaximumBody);
        PipeReader input = _pipe.Input;
        try
        {
            while (true)
            {
                ReadResult read = await input.ReadAsync(cancel).ConfigureAwait(false);
                ReadOnlySequence<byte> buffer = read.Buffer;
                bool usable = Take(framer, ref buffer, receiver, received);
                input.AdvanceTo(buffer.Start, buffer.End);
                if (!usable || read.IsCompleted || read.IsCanceled)
                    return;
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException or ObjectDisposedException)
        {
            // The connection broke or was disposed: that is how a link ends.
        }
        finally
        {
            _queue.Close();
        }
    }

    private bool Take(StreamFramer framer, ref ReadOnlySequence<byte> buffer, InnerLinkReceiver receiver, Action? received)
    {
        using WriteBatch.Scope batch = WriteBatch.Begin();          // what they lead to is written with it
        bool usable = Take(framer, ref buffer, receiver);
        received?.Invoke();
        return usable;
    }

    private bool Take(StreamFramer framer, ref ReadOnlySequence<byte> buffer, InnerLinkReceiver receiver)
    {
        while (true)
        {
            switch (framer.TryRead(ref buffer, out ReadOnlySequence<byte> message))
            {
                case FrameResult.Message when message.IsSingleSegment:
                    receiver(this, message.FirstSpan);
                    break;
                case FrameResult.Message:
                    int length = (int)message.Length;
                    byte[] copy = ArrayPool<byte>.Shared.Rent(length);
                    message.CopyTo(copy);
                    receiver(this, copy.AsSpan(0, length));
                    ArrayPool<byte>.Shared.Return(copy);
                    break;
                case FrameResult.NeedMore:
                    return true;
                case FrameResult.Malformed:
                    return false;
                default:
                    break;      // empty lines
            }
        }
    }
}
