using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using CloudPbx.Net.Sockets;
using Google.Protobuf;

namespace CloudPbx.MediaControl;

/// <summary>
/// One connection of media control, either end: the messages of <c>media_control.proto</c>, each behind its length in four octets, the highest first. Meant for a
/// <see cref="ThreadPipe"/>: a command and its answer are one read and one write on each side, done by the thread that reads (infra/decisions/0017).
/// </summary>
/// <remarks>Sending is thread-safe and never waits; what a thread sends within a <see cref="WriteBatch"/> is written together. Messages are received one after the other.</remarks>
/// <param name="pipe">The connection; owned.</param>
public sealed class ControlLink(IDuplexPipe pipe) : IAsyncDisposable
{
    /// <summary>The longest message that is taken, in octets; the longest that is sent is a description of some 100 KiB.</summary>
    public const int LongestMessage = 1024 * 1024;

    /// <summary>Octets of a usual message: most hold a description of a phone, or nothing but a leg's name.</summary>
    public const int UsualMessage = 320;

    private const int LengthOctets = 4;
    private const int QueueLimit = 16 * 1024 * 1024;
    private const int FirstBuffer = 4 * 1024;

    [ThreadStatic] private static byte[]? t_frame;

    private readonly StreamWriteQueue _queue = new(pipe.Output, QueueLimit);

    /// <summary>Whether messages can be sent.</summary>
    public bool IsOpen => _queue.IsOpen;

    /// <summary>Queues a message.</summary>
    /// <param name="message">A command or an event; it may be changed after the call.</param>
    /// <returns>False when the connection has ended or takes nothing more; the message is then lost.</returns>
    public bool TrySend(IMessage message) => TrySend(Frame(message));

    /// <summary>Queues what <see cref="Frame"/> made of a message.</summary>
    internal bool TrySend(ReadOnlySpan<byte> frame) => _queue.TryWrite(frame);

    /// <summary>Sends a message and waits until the kernel has taken it: for pieces of something large. Not to be mixed with <see cref="TrySend(IMessage)"/>.</summary>
    /// <param name="message">A command or an event.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="IOException">The connection has ended.</exception>
    public async ValueTask SendAsync(IMessage message, CancellationToken cancel) => await pipe.Output.WriteAsync(Frame(message).ToArray(), cancel).ConfigureAwait(false);

    /// <summary>Receives until the other side ends the connection or is silent for too long, <see cref="Close"/> is called, or something comes that is no message.</summary>
    /// <typeparam name="T">What comes: commands or events.</typeparam>
    /// <param name="parser">Reads it.</param>
    /// <param name="receiver">Called for each message, on a thread that belongs to this connection; must not throw.</param>
    /// <param name="before">Called on that thread before the messages of one read; may be null.</param>
    /// <param name="after">Called after them; may be null.</param>
    /// <returns>Completes when no more messages come; never faults because of the other side.</returns>
    public Task ReceiveAsync<T>(MessageParser<T> parser, Action<T> receiver, Action? before = null, Action? after = null) where T : IMessage<T>
    {
        ArgumentNullException.ThrowIfNull(parser);
        ArgumentNullException.ThrowIfNull(receiver);
        // A thread of its own, because reading a ThreadPipe blocks.
        return Task.Factory.StartNew(() => ReceiveCoreAsync(parser, receiver, before, after), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();
    }

    /// <summary>Has the receiving end, from any thread. What is queued may be lost.</summary>
    public void Close()
    {
        _queue.Close();
        pipe.Input.CancelPendingRead();
    }

    /// <summary>Ends the connection. What is queued may be lost.</summary>
    public async ValueTask DisposeAsync()
    {
        Close();
        await pipe.Output.CompleteAsync().ConfigureAwait(false);
        await pipe.Input.CompleteAsync().ConfigureAwait(false);
    }

    /// <summary>A message as it is written, in this thread's buffer: valid until the thread's next message.</summary>
    internal static ReadOnlySpan<byte> Frame(IMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        int length = message.CalculateSize();
        byte[] frame = t_frame ??= new byte[FirstBuffer];
        if (frame.Length < LengthOctets + length)
            t_frame = frame = new byte[Math.Max(LengthOctets + length, frame.Length * 2)];
        BinaryPrimitives.WriteInt32BigEndian(frame, length);
        message.WriteTo(frame.AsSpan(LengthOctets, length));
        return frame.AsSpan(0, LengthOctets + length);
    }

    private async Task ReceiveCoreAsync<T>(MessageParser<T> parser, Action<T> receiver, Action? before, Action? after) where T : IMessage<T>
    {
        PipeReader input = pipe.Input;
        try
        {
            while (true)
            {
                ReadResult read = await input.ReadAsync().ConfigureAwait(false);
                ReadOnlySequence<byte> buffer = read.Buffer;
                bool usable = Take(ref buffer, parser, receiver, before, after);
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

    private static bool Take<T>(ref ReadOnlySequence<byte> buffer, MessageParser<T> parser, Action<T> receiver, Action? before, Action? after) where T : IMessage<T>
    {
        using WriteBatch.Scope batch = WriteBatch.Begin();          // what they lead to is written with it
        before?.Invoke();
        bool usable = Take(ref buffer, parser, receiver);
        after?.Invoke();
        return usable;
    }

    private static bool Take<T>(ref ReadOnlySequence<byte> buffer, MessageParser<T> parser, Action<T> receiver) where T : IMessage<T>
    {
        Span<byte> octets = stackalloc byte[LengthOctets];
        while (buffer.Length >= LengthOctets)
        {
            buffer.Slice(0, LengthOctets).CopyTo(octets);
            int length = BinaryPrimitives.ReadInt32BigEndian(octets);
            if (length is < 0 or > LongestMessage)
                return false;
            if (buffer.Length < LengthOctets + length)
                return true;
            T message;
            try
            {
                message = parser.ParseFrom(buffer.Slice(LengthOctets, length));
            }
            catch (InvalidProtocolBufferException)
            {
                return false;
            }
            buffer = buffer.Slice(LengthOctets + length);
            receiver(message);
        }
        return true;
    }
}
