using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace CloudPbx.Net.Sockets;

/// <summary>The writing half of a <see cref="ThreadPipe"/>: what the kernel takes at once is sent at once; only a peer that reads too slowly makes a write wait.</summary>
internal sealed class ThreadPipeWriter(Socket socket, Action completed) : PipeWriter
{
    private const int WaitMilliseconds = 200;

    private readonly ArrayBufferWriter<byte> _unflushed = new();
    private bool _completed;

    public override void Advance(int bytes) => _unflushed.Advance(bytes);

    public override Memory<byte> GetMemory(int sizeHint = 0) => _unflushed.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _unflushed.GetSpan(sizeHint);

    /// <inheritdoc/>
    /// <exception cref="IOException">The connection ended.</exception>
    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_unflushed.WrittenCount > 0)
            await WriteAsync(_unflushed.WrittenMemory.ToArray(), cancellationToken).ConfigureAwait(false);
        _unflushed.ResetWrittenCount();
        return default;
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">The connection ended.</exception>
    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        int sent = Send(source.Span);
        return sent == source.Length ? default : WriteRestAsync(source[sent..], cancellationToken);
    }

    public override void CancelPendingFlush()
    {
    }

    public override void Complete(Exception? exception = null)
    {
        if (_completed)
            return;
        _completed = true;
        completed();
    }

    // A thread of its own waits, so that a worker that hangs keeps none of the pool's.
    private async ValueTask<FlushResult> WriteRestAsync(ReadOnlyMemory<byte> rest, CancellationToken cancel)
    {
        await Task.Factory.StartNew(
            () =>
            {
                while (!rest.IsEmpty)
                {
                    cancel.ThrowIfCancellationRequested();
                    WaitWritable();
                    rest = rest[Send(rest.Span)..];
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
        return default;
    }

    /// <summary>Gives the kernel what it takes now.</summary>
    /// <returns>How many octets it took.</returns>
    private unsafe int Send(ReadOnlySpan<byte> octets)
    {
        int sent = 0;
        try
        {
            fixed (byte* first = octets)
            {
                while (sent < octets.Length)
                {
                    nint taken = Libc.send(socket.SafeHandle, first + sent, (nuint)(octets.Length - sent), Libc.MsgDontWait | Libc.MsgNoSignal);
                    if (taken >= 0)
                        sent += (int)taken;
                    else if (Marshal.GetLastPInvokeError() is int error && error == Libc.EAgain)
                        break;
                    else if (error != Libc.EIntr)
                        throw new IOException("The connection ended.", new SocketException(error));
                }
            }
        }
        catch (ObjectDisposedException e)
        {
            throw new IOException("The connection was closed.", e);
        }
        return sent;
    }

    private void WaitWritable()
    {
        try
        {
            Libc.WaitFor(socket.SafeHandle, Libc.PollOut, WaitMilliseconds);
        }
        catch (ObjectDisposedException e)
        {
            throw new IOException("The connection was closed.", e);
        }
    }
}
