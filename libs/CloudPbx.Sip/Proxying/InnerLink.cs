using System.IO.Pipelines;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.Proxying;

/// <summary>Takes one message that came over an inner link.</summary>
/// <param name="link">The link, for the answer.</param>
/// <param name="message">The message's octets, valid during the call only.</param>
public delegate void InnerLinkReceiver(InnerLink link, ReadOnlySpan<byte> message);

/// <summary>SIP over one multiplexed connection between an edge and a worker; both sides use this class. Messages are framed by Content-Length.</summary>
/// <remarks>Sending is thread-safe and never waits: messages are queued and written in batches. Messages are received one after the other.</remarks>
public sealed class InnerLink : IAsyncDisposable
{
    /// <summary>Octets that may wait for the other side before messages are refused.</summary>
    public const int QueueLimit = 16 * 1024 * 1024;

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

    /// <summary>Receives until the other side ends the link, the link is disposed, or octets come that are no SIP.</summary>
    /// <param name="receiver">Called for each message; must not throw.</param>
    /// <param name="cancel">Ends the link.</param>
    public Task ReceiveAsync(InnerLinkReceiver receiver, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        return _pipe.Input.ReadAsync(cancel).AsTask();
    }

    /// <summary>Ends the link. What is queued may be lost.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        _pipe.Input.CancelPendingRead();
        await _pipe.Output.CompleteAsync().ConfigureAwait(false);
        await _pipe.Input.CompleteAsync().ConfigureAwait(false);
    }
}
