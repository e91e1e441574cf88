using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CloudPbx.Net.Sockets;

/// <summary>
/// A loop on io_uring: the kernel receives into a ring of buffers while nobody asks, and what a round sends is handed over by one system call. Where kernel, container or
/// administrator refuse it, there is <see cref="EpollLoop"/>.
/// </summary>
/// <remarks>
/// A send never waits (MSG_DONTWAIT), so the kernel has done with its buffer when the call that handed it over returns; what it refuses then is counted (<see cref="PacketLoop.FailedSends"/>).
/// Receiving ends where no buffer is left, and is begun again in the same round. Linux 6.1 or later; from 6.12 on moderation costs no call of its own. infra/decisions/0014-io-uring.md
/// </remarks>
public sealed unsafe class UringLoop : PacketLoop
{
    private const int Requests = 256, Completions = 1024, Received = 256, FirstLent = 64, Sent = 256, Files = 16384;
    private const int MaxEvents = 256, GatherEvents = 32;                   // small rounds: what is received is in the nearer caches still when it is sent
    private const ulong SendKey = FirstOwnKey, CancelKey = FirstOwnKey + 1;
    private const int ReceivedHeader = 16;                                  // struct io_uring_recvmsg_out
    private const int Taken = ReceivedHeader + 28 + MaxDatagram;            // with a sockaddr_in6 between
    private const int Stride = Taken + Room + 20;                           // whole cache lines, and no power of two: buffers spread over the cache

    private readonly IoUring _ring;
    private readonly bool _gathers;
    private int _moderationMicroseconds;
    private ReadPacer _pacer;
    private readonly byte* _received, _sent;
    private readonly Libc.MessageHeader* _wanted;
    private readonly UdpAddress* _targets;
    private readonly ulong* _marks;                                         // what eventfd and timerfd are read into
    private readonly byte* _receivedEnd;
    private int _unsent, _lent;
    private bool _registers = true;

    private UringLoop(IoUring ring, string name, Action<Exception> onFault, TimeSpan moderation)
        : base(name, onFault, moderation, Libc.SockCloExec)
    {
        _ring = ring;
        _gathers = ring.CanGather;
        Moderate(moderation);
        _received = (byte*)NativeMemory.AlignedAlloc((nuint)(Received * Stride), 4096);
        _sent = (byte*)NativeMemory.AlignedAlloc(Sent * Stride, 4096);
        _targets = (UdpAddress*)NativeMemory.AllocZeroed(Sent, (nuint)sizeof(UdpAddress));
        _wanted = (Libc.MessageHeader*)NativeMemory.AllocZeroed(1, (nuint)sizeof(Libc.MessageHeader));
        _marks = (ulong*)NativeMemory.AllocZeroed(2, sizeof(ulong));
        _wanted->NameLength = (uint)sizeof(UdpAddress);
        _receivedEnd = _received + (Received * Stride);
        Lend(FirstLent);
    }

    /// <inheritdoc/>
    public override string BackEnd => "io_uring";

    /// <summary>Makes the loop; <see cref="PacketLoop.Start"/> begins it.</summary>
    /// <param name="name">The thread's name.</param>
    /// <param name="onFault">Told of what a handler or a posted action threw (a bug of ours); the loop goes on.</param>
    /// <param name="moderation">See <see cref="PacketLoop.Moderation"/>.</param>
    /// <param name="urgency">What its thread asks the scheduler for.</param>
    /// <param name="loop">The loop, or null.</param>
    /// <param name="reason">Why there is none, in words for the log.</param>
    /// <returns>False where the kernel has no io_uring that will do, or does not let us.</returns>
    public static bool TryCreate(string name, Action<Exception> onFault, TimeSpan moderation, Urgency urgency, [NotNullWhen(true)] out UringLoop? loop, [NotNullWhen(false)] out string? reason)
    {
        loop = null;
        int error = IoUring.TryCreate(Requests, Completions, Received, Files, out IoUring? ring);
        reason = error switch
        {
            0 => null,
            Libc.ENoSys => "the kernel has no io_uring, or the container's seccomp profile hides it",
            Libc.EPerm => "it is not permitted (seccomp, or the sysctl kernel.io_uring_disabled)",
            Libc.EInval => "the kernel is older than 6.1",
            Libc.ENoMemory => "no memory may be locked for it (ulimit -l)",
            _ => $"errno {error}",
        };
        if (ring is null)
        {
            reason ??= "unknown";
            return false;
        }
        loop = new UringLoop(ring, name, onFault, moderation) { Urgency = urgency };
        reason = null;
        return true;
    }

    /// <inheritdoc/>
    public override int HandleOf(UdpSocket socket) => socket.LoopPlace >= 0 ? socket.LoopPlace : ~socket.Descriptor;

    /// <inheritdoc/>
    public override bool TrySend(int handle, ReadOnlySpan<byte> datagram, in UdpAddress to)
    {
        if (datagram.Length > Stride || (_unsent == Sent && !Flush()))
        {
            CountFailedSend();
            return false;
        }
        int place = _unsent++;
        byte* octets = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(datagram));
        if (octets < _received || octets >= _receivedEnd)
        {
            octets = _sent + (place * Stride);
            datagram.CopyTo(new Span<byte>(octets, Stride));
        }
        // else it lies in a buffer of the kernel's, who gets that back only after what was sent
        _targets[place] = to;
        IoUring.Request* request = _ring.Next();
        request->Operation = Libc.IoUringSend;
        // By its place among the registered files: found without touching the file's reference count, a cache line that nothing else of a send needs.
        request->Flags = handle >= 0 ? (byte)(Libc.IoUringSilentSuccess | Libc.IoUringFixedFile) : Libc.IoUringSilentSuccess;
        request->Descriptor = handle >= 0 ? handle : ~handle;
        request->Address = (ulong)octets;
        request->Length = (uint)datagram.Length;
        request->OperationFlags = Libc.MsgDontWait | Libc.MsgNoSignal;
        request->SecondAddress = (ulong)(_targets + place);
        request->AddressLength = (ushort)to.Length;
        request->Key = SendKey;
        return true;
    }

    private protected override void Moderate(TimeSpan moderation) => (_moderationMicroseconds, _pacer) = ((int)moderation.TotalMicroseconds, new ReadPacer(moderation));

    private protected override void Begin()
    {
        _ring.Enable();
        _ring.PublishBuffers();
        Read(WakeDescriptor, WakeKey, _marks);
        Read(TickDescriptor, TickKey, _marks + 1);
    }

    private protected override void Watch(UdpSocket socket, ulong key)
    {
        socket.LoopPlace = _registers && _ring.TrySetFile((int)(uint)key, socket.Descriptor) ? (int)(uint)key : -1;
        IoUring.Request* request = _ring.Next();
        request->Operation = Libc.IoUringReceiveMessage;
        request->Flags = Libc.IoUringSelectBuffer;
        request->Priority = Libc.IoUringReceiveMany;
        request->Descriptor = socket.Descriptor;
        request->Address = (ulong)_wanted;
        request->Length = 1;
        request->Key = key;
    }

    // The caller may close the descriptor next: nothing may be left that names it, and the kernel lets go of the socket when the cancelled request is finished.
    private protected override void Unwatch(UdpSocket socket, ulong key)
    {
        IoUring.Request* request = _ring.Next();
        request->Operation = Libc.IoUringCancel;
        request->Descriptor = -1;
        request->Address = key;
        request->Key = CancelKey;
        if (!Flush())
            _registers = false;                             // what the kernel has not taken yet would leave by whichever socket has the place next
        _ = _ring.Enter(0);                                 // what was cancelled is finished there
        if (socket.LoopPlace < 0)
            return;
        _ = _ring.TrySetFile(socket.LoopPlace, -1);
        socket.LoopPlace = -1;
    }

    private protected override void Close()
    {
        _ring.Dispose();
        NativeMemory.AlignedFree(_received);
        NativeMemory.AlignedFree(_sent);
        NativeMemory.Free(_targets);
        NativeMemory.Free(_wanted);
        NativeMemory.Free(_marks);
    }

    private protected override void Round()
    {
        int count = Wait();
        BeginRound();
        for (int i = 0; i < count && !IsStopping; i++)
        {
            for (int turns = Math.Min(Farthest, count - i - 1); turns > 0; turns--)
                LookAhead(_ring.At(i + turns).Key, turns);
            Dispatch(_ring.At(i));
        }
        _ring.Advance(count);
    }

    private int Wait()
    {
        Flush();                                            // what the last round sent
        _ = _ring.Enter(0);                                 // what came meanwhile does not wait
        if (_ring.CompletionCount == 0)
        {
            Rest();
            if (_moderationMicroseconds > 0 && _gathers)
            {
                _ = _ring.Enter(GatherEvents, _moderationMicroseconds);
            }
            else
            {
                if (_moderationMicroseconds > 0)
                    _pacer.Wait();
                _ = _ring.Enter(1);
            }
        }
        _pacer.Took(wasFull: false);
        return Math.Min(_ring.CompletionCount, MaxEvents);
    }

    /// <summary>Hands over what was written.</summary>
    /// <returns>False when the kernel takes nothing now: the buffers of what was sent are its still.</returns>
    private bool Flush()
    {
        _ring.Submit();
        if (!_ring.IsHandedOver)
            return false;
        _unsent = 0;
        _ring.PublishBuffers();                             // not before: what was received may be what is sent
        return true;
    }

    private void Dispatch(in IoUring.Completion completion)
    {
        switch (completion.Key)
        {
            case WakeKey:
                Read(WakeDescriptor, WakeKey, _marks);
                Roused();
                break;
            case TickKey:
                Read(TickDescriptor, TickKey, _marks + 1);
                Ticked();
                break;
            case SendKey:
                CountFailedSend();
                break;
            case CancelKey:
                break;
            default:
                TakeDatagram(completion);
                break;
        }
    }

    private void TakeDatagram(in IoUring.Completion completion)
    {
        UdpSocket? socket = SocketOf(completion.Key, out int tag, out IPacketHandler? handler);
        if ((completion.Flags & Libc.IoUringHasBuffer) != 0)
        {
            var number = (ushort)(completion.Flags >> 16);
            byte* at = _received + (number * Stride);
            if (socket is not null && completion.Result >= ReceivedHeader)
            {
                var lengths = (uint*)at;                    // of the address, of control data, of the payload
                var from = (UdpAddress*)(at + ReceivedHeader);
                if (lengths[0] < UdpAddress.Shortest)
                    *from = default;
                Deliver(handler!, tag, new Span<byte>(at + ReceivedHeader + sizeof(UdpAddress), MaxDatagram + Room), (int)Math.Min(lengths[2], MaxDatagram), *from);
            }
            _ring.Give(at, Taken, number);
        }
        if (completion.Result == -Libc.ENoBuffers)
            Lend(_lent);
        if ((completion.Flags & Libc.IoUringMore) == 0 && SocketOf(completion.Key, out _, out _) is { } watched)
            Watch(watched, completion.Key);                 // no buffer was left, or an earlier send failed
    }

    // What is used again soon is in the nearer caches still: the kernel has no more buffers than it needs.
    private void Lend(int count)
    {
        for (; count > 0 && _lent < Received; count--, _lent++)
            _ring.Give(_received + (_lent * Stride), Taken, (ushort)_lent);
    }

    private void Read(int descriptor, ulong key, ulong* into)
    {
        IoUring.Request* request = _ring.Next();
        request->Operation = Libc.IoUringRead;
        request->Descriptor = descriptor;
        request->Address = (ulong)into;
        request->Length = sizeof(ulong);
        request->Key = key;
    }
}
