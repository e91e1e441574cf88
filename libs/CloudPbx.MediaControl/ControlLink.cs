using CloudPbx.Net.Sockets;
using Google.Protobuf;

namespace CloudPbx.MediaControl;

/// <summary>
/// One connection of media control, either end: the messages of <c>media_control.proto</c>, carried by a connection of our own (<see cref="PipeControlLink"/>) or by gRPC
/// (<see cref="GrpcControlLink{TIn, TOut}"/>). What the messages do is the same.
/// </summary>
/// <remarks>Sending is thread-safe and never waits. Messages are received one after the other.</remarks>
public abstract class ControlLink : IAsyncDisposable
{
    /// <summary>The longest message that is taken, in octets; the longest that is sent is a description of some 100 KiB.</summary>
    public const int LongestMessage = 1024 * 1024;

    /// <summary>Octets of messages that may wait for a peer that reads too slowly.</summary>
    protected const int QueueLimit = 16 * 1024 * 1024;

    /// <summary>Whether messages can be sent.</summary>
    public abstract bool IsOpen { get; }

    /// <summary>Queues a message.</summary>
    /// <param name="message">A command or an event; nobody may change it after the call.</param>
    /// <returns>False when the connection has ended or takes nothing more; the message is then lost.</returns>
    public abstract bool TrySend(IMessage message);

    /// <summary>Queues a message of which <see cref="PipeControlLink.Frame"/> was made already.</summary>
    internal abstract bool TrySend(IMessage message, ReadOnlySpan<byte> frame);

    /// <summary>Sends a message and waits until the connection has taken it: for pieces of something large. Not to be mixed with <see cref="TrySend(IMessage)"/>.</summary>
    /// <param name="message">A command or an event.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="IOException">The connection has ended.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> gave up.</exception>
    public abstract ValueTask SendAsync(IMessage message, CancellationToken cancel);

    /// <summary>Receives until the other side ends the connection or is silent for too long, <see cref="Close"/> is called, or something comes that is no message.</summary>
    /// <typeparam name="T">What comes: commands or events.</typeparam>
    /// <param name="parser">Reads it.</param>
    /// <param name="receiver">Called for each message inside a <see cref="WriteBatch"/>, on a thread that does nothing else meanwhile; must not throw.</param>
    /// <param name="before">Called on that thread before the messages of one read; may be null.</param>
    /// <param name="after">Called after them; may be null.</param>
    /// <returns>Completes when no more messages come; never faults because of the other side. True when that side has said all that it had to say and listens still, which gRPC allows.</returns>
    public abstract Task<bool> ReceiveAsync<T>(MessageParser<T> parser, Action<T> receiver, Action? before = null, Action? after = null) where T : class, IMessage<T>;

    /// <summary>Has what is queued reach a side that listens still (<see cref="ReceiveAsync"/>); nothing more is taken.</summary>
    public abstract ValueTask FlushAsync();

    /// <summary>Has the receiving end, from any thread. What is queued may be lost.</summary>
    public abstract void Close();

    /// <summary>Ends the connection. What is queued may be lost.</summary>
    public abstract ValueTask DisposeAsync();
}
