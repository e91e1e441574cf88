using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace CloudPbx.Net.Sockets;

/// <summary>The reading half of a <see cref="ThreadPipe"/>: every read blocks its thread and completes at once. What is unread lies in one piece.</summary>
internal sealed class ThreadPipeReader(Socket socket, int several, Action completed) : PipeReader
{
    private const int FirstSize = 64 * 1024;
    private const int LeastRoom = 16 * 1024;

    // Who waits for a Unix socket in recv is woken for nothing each time the peer has read what we wrote; poll tells room from octets.
    private readonly bool _polls = socket.AddressFamily == AddressFamily.Unix;
    private byte[] _buffer = GC.AllocateUninitializedArray<byte>(FirstSize);
    private ReadPacer _pacer = ReadPacer.Signalling;
    private int _start;             // of what was read and not consumed
    private int _end;
    private int _examined;          // what the consumer has looked at: without more it would only come back
    private ReadOnlySequence<byte> _given;
    private volatile bool _cancelled;
    private bool _ended;
    private bool _completed;

    public override bool TryRead(out ReadResult result)
    {
        bool any = _examined < _end || _ended || _cancelled;
        result = any ? Give() : default;
        return any;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_examined >= _end && !_ended && !_cancelled)
        {
            using CancellationTokenRegistration cancelled = cancellationToken.UnsafeRegister(static reader => ((ThreadPipeReader)reader!).CancelPendingRead(), this);
            Receive();
        }
        cancellationToken.ThrowIfCancellationRequested();
        return new ValueTask<ReadResult>(Give());
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        int taken = (int)_given.Slice(0, consumed).Length;
        _examined = _start + (int)_given.Slice(0, examined).Length;
        _start += taken;
        _given = default;
        if (_start == _end)
            (_start, _end, _examined) = (0, 0, 0);
    }

    /// <summary>Ends the connection: a thread that waits in the kernel is woken in no other way.</summary>
    public override void CancelPendingRead()
    {
        _cancelled = true;
        try
        {
            _ = Libc.shutdown(socket.SafeHandle, Libc.ShutBoth);
        }
        catch (ObjectDisposedException)
        {
            // It has ended.
        }
    }

    public override void Complete(Exception? exception = null)
    {
        if (_completed)
            return;
        _completed = true;
        completed();
    }

    private ReadResult Give()
    {
        _given = new ReadOnlySequence<byte>(_buffer, _start, _end - _start);
        return new ReadResult(_given, _cancelled, _ended);
    }

    private unsafe void Receive()
    {
        MakeRoom();
        _pacer.Wait();
        nint received;
        try
        {
            fixed (byte* free = _buffer.AsSpan(_end))
            {
                do
                    received = Libc.recv(socket.SafeHandle, free, (nuint)(_buffer.Length - _end), _polls ? Libc.MsgDontWait : 0);
                while (received < 0 && MayComeYet(Marshal.GetLastPInvokeError()));
            }
        }
        catch (ObjectDisposedException)
        {
            received = 0;
        }
        _pacer.Took(wasFull: received == _buffer.Length - _end, hadSeveral: received > several);
        if (received <= 0)
            _ended = true;
        else
            _end += (int)received;
    }

    private bool MayComeYet(int error) =>
        error == Libc.EIntr || (_polls && error == Libc.EAgain && Libc.WaitFor(socket.SafeHandle, Libc.PollIn, socket.ReceiveTimeout > 0 ? socket.ReceiveTimeout : -1));

    private void MakeRoom()
    {
        if (_buffer.Length - _end >= LeastRoom)
            return;
        int unread = _end - _start;
        byte[] target = _buffer.Length - unread >= LeastRoom ? _buffer : GC.AllocateUninitializedArray<byte>(_buffer.Length * 2);
        _buffer.AsSpan(_start, unread).CopyTo(target);
        _buffer = target;
        _examined -= _start;
        (_start, _end) = (0, unread);
    }
}
