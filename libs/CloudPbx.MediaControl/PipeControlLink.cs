using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using CloudPbx.Net.Sockets;
using Google.Protobuf;

namespace CloudPbx.MediaControl;

/// <summary>
/// Media control by a connection of our own, either end: each message behind its length in four octets, the highest first. Meant for a <see cref="ThreadPipe"/>: a command and
/// its answer are one read and one write on each side, done by the thread that reads (infra/decisions/0017).
/// </summary>
/// <remarks>What a thread sends within a <see cref="WriteBatch"/> is written together.</remarks>
/// <param name="pipe">The connection; owned.</param>
public sealed class PipeControlLink(IDuplexPipe pipe) : ControlLink
{
    /// <summary>Octets of a usual message: most hold a description of a phone, or nothing but a leg's name.</summary>
    public const int UsualMessage = 320;

    private const int LengthOctets = 4;
    private const int FirstBuffer = 4 * 1024;

    [ThreadStatic] private static byte[]? t_frame;

    private readonly StreamWriteQueue _queue = new(pipe.Output, QueueLimit);

    /// <inheritdoc/>
    public override bool IsOpen => _queue.IsOpen;

    /// <inheritdoc/>
    public override bool TrySend(IMessage message) => _queue.TryWrite(Frame(message));

    /// <inheritdoc/>
    internal override bool TrySend(IMessage message, ReadOnlySpan<byte> frame) => _queue.TryWrite(frame);

    /// <inheritdoc/>
    public override async ValueTask SendAsync(IMessage message, CancellationToken cancel) => await pipe.Output.WriteAsync(Frame(message).ToArray(), cancel).ConfigureAwait(false);

    /// <inheritdoc/>
    public override Task<bool> ReceiveAsync<T>(MessageParser<T> parser, Action<T> receiver, Action? before = null, Action? after = null)
    {
        ArgumentNullException.ThrowIfNull(parser);
        ArgumentNullException.ThrowIfNull(receiver);
        return ReaderThread.RunAsync(() => ReceiveCoreAsync(parser, receiver, before, after));
    }

    /// <inheritdoc/>
    public override ValueTask FlushAsync() => default;

    /// <inheritdoc/>
    public override void Close()
    {
        _queue.Close();
        pipe.Input.CancelPendingRead();
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
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

    private async Task<bool> ReceiveCoreAsync<T>(MessageParser<T> parser, Action<T> receiver, Action? before, Action? after) where T : IMessage<T>
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
                    return false;
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException or ObjectDisposedException)
        {
            return false;       // the connection broke or was disposed: that is how a link ends
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
