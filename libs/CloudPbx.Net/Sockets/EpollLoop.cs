using System.Runtime.InteropServices;

namespace CloudPbx.Net.Sockets;

/// <summary>A loop that waits with epoll; a packet in or out is one system call. Runs on every Linux.</summary>
public sealed unsafe class EpollLoop : PacketLoop
{
    private const int MaxEvents = 128;
    private const int Stride = MaxDatagram + Room + 64;        // no power of two: buffers spread over the cache

    private readonly int _epoll;
    private bool _isModerated;
    private ReadPacer _pacer;
    private readonly byte* _events = (byte*)NativeMemory.AllocZeroed(MaxEvents * 16);
    private readonly byte* _received = (byte*)NativeMemory.AlignedAlloc(MaxEvents * Stride, 4096);      // a buffer for each event
    private readonly int[] _lengths = new int[MaxEvents];                                               // of what it holds; -1 for nothing
    private readonly UdpAddress[] _senders = new UdpAddress[MaxEvents];

    /// <summary>Makes the loop; <see cref="PacketLoop.Start"/> begins it.</summary>
    /// <param name="name">The thread's name.</param>
    /// <param name="onFault">Told of what a handler or a posted action threw (a bug of ours); the loop goes on.</param>
    /// <param name="moderation">See <see cref="PacketLoop.Moderation"/>.</param>
    /// <exception cref="InvalidOperationException">The kernel has no descriptor left.</exception>
    public EpollLoop(string name, Action<Exception> onFault, TimeSpan moderation = default)
        : base(name, onFault, moderation, Libc.EfdFlags)
    {
        Moderate(moderation);
        _epoll = Checked(Libc.epoll_create1(Libc.EpollCloExec));
        Register(WakeDescriptor, WakeKey);
        Register(TickDescriptor, TickKey);
    }

    /// <inheritdoc/>
    public override string BackEnd => "epoll";

    /// <inheritdoc/>
    public override bool TrySend(int handle, ReadOnlySpan<byte> datagram, in UdpAddress to)
    {
        if (UdpSocket.TrySend(~handle, datagram, to))
            return true;
        CountFailedSend();
        return false;
    }

    private protected override void Moderate(TimeSpan moderation) => (_isModerated, _pacer) = (moderation > TimeSpan.Zero, new ReadPacer(moderation));

    private protected override void Watch(UdpSocket socket, ulong key) => Register(socket.Descriptor, key);

    private protected override void Unwatch(UdpSocket socket, ulong key) => _ = Libc.epoll_ctl(_epoll, Libc.EpollCtlDel, socket.Descriptor, null);

    private protected override void Close()
    {
        _ = Libc.close(_epoll);
        NativeMemory.Free(_events);
        NativeMemory.AlignedFree(_received);
    }

    private protected override void Round()
    {
        int count = Wait();
        BeginRound();
        // All is received before the first is handled: the kernel's code and ours do not push each other out of the caches for every packet.
        for (int i = 0; i < count && !IsStopping; i++)
            Receive(i);
        for (int i = 0; i < count && !IsStopping; i++)
        {
            for (int turns = Math.Min(Farthest, count - i - 1); turns > 0; turns--)
                LookAhead(EpollEvent.KeyAt(_events, i + turns), turns);
            Dispatch(i);
        }
    }

    private int Wait()
    {
        // What is there already does not wait: a socket that has more than one datagram shows up again.
        int count = Libc.epoll_wait(_epoll, _events, MaxEvents, 0);
        if (count <= 0)
        {
            Rest();
            if (_isModerated)
                _pacer.Wait();
            count = Libc.epoll_wait(_epoll, _events, MaxEvents, -1);
        }
        _pacer.Took(wasFull: false);
        return count;
    }

    // One datagram a round: a stream's packets come one by one, and asking whether another waits costs as much as epoll's telling.
    private void Receive(int index)
    {
        ulong key = EpollEvent.KeyAt(_events, index);
        _lengths[index] = key < FirstOwnKey && SocketOf(key, out _, out _) is { } socket
            ? socket.TryReceive(new Span<byte>(_received + (index * Stride), MaxDatagram), out _senders[index])
            : -1;
    }

    private void Dispatch(int index)
    {
        ulong key = EpollEvent.KeyAt(_events, index);
        ulong number;
        if (key == WakeKey)
        {
            _ = Libc.read(WakeDescriptor, &number, sizeof(ulong));
            Roused();
        }
        else if (key == TickKey)
        {
            _ = Libc.read(TickDescriptor, &number, sizeof(ulong));
            Ticked();
        }
        else if (_lengths[index] >= 0 && SocketOf(key, out int tag, out IPacketHandler? handler) is not null)     // unless another's turn ended it
            Deliver(handler!, tag, new Span<byte>(_received + (index * Stride), MaxDatagram + Room), _lengths[index], _senders[index]);
    }

    private void Register(int descriptor, ulong key)
    {
        byte* registration = stackalloc byte[16];
        EpollEvent.Write(registration, Libc.EpollIn, key);
        Checked(Libc.epoll_ctl(_epoll, Libc.EpollCtlAdd, descriptor, registration));
    }

    /// <summary>struct epoll_event: packed to 12 octets on x86-64 only, 16 elsewhere.</summary>
    private static class EpollEvent
    {
        private static readonly bool s_packed = RuntimeInformation.ProcessArchitecture == Architecture.X64;

        public static void Write(byte* at, uint events, ulong key)
        {
            *(uint*)at = events;
            *(ulong*)(at + (s_packed ? 4 : 8)) = key; // unaligned on x86-64, where that is allowed
        }

        public static ulong KeyAt(byte* events, int index) => *(ulong*)(events + (s_packed ? (index * 12) + 4 : (index * 16) + 8));
    }
}
