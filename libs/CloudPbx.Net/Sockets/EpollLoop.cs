using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace CloudPbx.Net.Sockets;

/// <summary>
/// One thread that waits for many sockets with epoll, runs what others post to it, and ticks by a timerfd while it is asked to.
/// </summary>
/// <remarks>
/// The thread allocates nothing by itself: allocations per packet are those of the handlers. <see cref="Add"/>, <see cref="Remove"/>
/// and <see cref="SetTick"/> are for the loop's own thread; <see cref="Post"/> is for any.
/// </remarks>
public sealed unsafe class EpollLoop : IDisposable
{
    private const int MaxEvents = 128;
    private const ulong WakeKey = ulong.MaxValue, TickKey = ulong.MaxValue - 1;

    private readonly int _epoll;
    private readonly int _wake;
    private readonly int _timer;
    private readonly Thread _thread;
    private readonly Action<Exception> _onFault;
    private readonly bool _isModerated;
    private ReadPacer _pacer;
    private readonly ConcurrentQueue<Action> _posted = new();
    private readonly byte* _events = (byte*)NativeMemory.AllocZeroed(MaxEvents * 16);
    private Slot[] _slots = new Slot[64];
    private int _firstFree = -1;
    private int _usedSlots;
    private Action? _tick;
    private TimeSpan _tickPeriod;
    private volatile bool _stopping;
    private int _wakePending;

    /// <summary>Makes the loop; <see cref="Start"/> begins it.</summary>
    /// <param name="name">The thread's name.</param>
    /// <param name="onFault">Told of what a handler or a posted action threw (a bug of ours); the loop goes on.</param>
    /// <param name="moderation">How long what comes to an idle loop right after a round waits for others to join it: a wake-up costs as much as a packet does. Zero: nothing waits.</param>
    /// <exception cref="InvalidOperationException">The kernel has no descriptor left.</exception>
    public EpollLoop(string name, Action<Exception> onFault, TimeSpan moderation = default)
    {
        _onFault = onFault;
        _isModerated = moderation > TimeSpan.Zero;
        _pacer = new ReadPacer(moderation);
        _epoll = Checked(Libc.epoll_create1(Libc.EpollCloExec));
        _wake = Checked(Libc.eventfd(0, Libc.EfdFlags));
        _timer = Checked(Libc.timerfd_create(Libc.ClockMonotonic, Libc.EfdFlags));
        Register(_wake, WakeKey);
        Register(_timer, TickKey);
        _thread = new Thread(Run) { Name = name, IsBackground = true, Priority = ThreadPriority.Highest };
    }

    /// <summary>Octets that the loop's thread has allocated, as of its last round; for tests of the packet path.</summary>
    public long AllocatedBytes => Interlocked.Read(ref _allocatedBytes);

    /// <summary>Whether the caller is on the loop's thread.</summary>
    public bool IsCurrent => Thread.CurrentThread == _thread;

    private long _allocatedBytes;

    /// <summary>Starts the thread.</summary>
    public void Start() => _thread.Start();

    /// <summary>Has an action run on the loop's thread, in the order of posting, before further packets are read.</summary>
    public void Post(Action action)
    {
        if (_stopping)
            return; // the descriptors are closed, or will be at once: their numbers may be others' by now
        _posted.Enqueue(action);
        if (Interlocked.Exchange(ref _wakePending, 1) != 0)
            return;
        ulong one = 1;
        _ = Libc.write(_wake, &one, sizeof(ulong));
    }

    /// <summary>Watches a socket.</summary>
    /// <param name="socket">Not yet watched by a loop.</param>
    /// <param name="handler">Called when a datagram waits.</param>
    /// <param name="tag">Handed to the handler.</param>
    /// <returns>A key for <see cref="Remove"/>.</returns>
    /// <exception cref="InvalidOperationException">The kernel refused (limits).</exception>
    public int Add(UdpSocket socket, IEpollHandler handler, int tag)
    {
        int index = _firstFree;
        if (index >= 0)
            _firstFree = _slots[index].NextFree;
        else
        {
            index = _usedSlots++;
            if (index == _slots.Length)
                Array.Resize(ref _slots, _slots.Length * 2);
        }
        ref Slot slot = ref _slots[index];
        slot.Handler = handler;
        slot.Tag = tag;
        Register(socket.Descriptor, ((ulong)slot.Generation << 32) | (uint)index);
        return index;
    }

    /// <summary>Stops watching a socket; events of it that were already fetched are not delivered.</summary>
    /// <param name="socket">The socket, still open.</param>
    /// <param name="key">What <see cref="Add"/> returned.</param>
    public void Remove(UdpSocket socket, int key)
    {
        _ = Libc.epoll_ctl(_epoll, Libc.EpollCtlDel, socket.Descriptor, null);
        ref Slot slot = ref _slots[key];
        slot.Handler = null;
        slot.Generation++;
        slot.NextFree = _firstFree;
        _firstFree = key;
    }

    /// <summary>Has an action run periodically on the loop's thread, or stops that.</summary>
    /// <param name="period">Time between two ticks; zero stops.</param>
    /// <param name="tick">The action; ticks that were missed are not made up for.</param>
    public void SetTick(TimeSpan period, Action? tick)
    {
        _tick = tick;
        if (_tickPeriod == period)
            return;
        _tickPeriod = period;
        (long seconds, long nanoseconds) = (period.Ticks / TimeSpan.TicksPerSecond, period.Ticks % TimeSpan.TicksPerSecond * 100);
        var value = new Libc.TimerSpec
        {
            IntervalSeconds = seconds, IntervalNanoseconds = nanoseconds, ValueSeconds = seconds, ValueNanoseconds = nanoseconds,
        };
        Checked(Libc.timerfd_settime(_timer, 0, &value, null));
    }

    /// <summary>Ends the thread after what is posted so far, and closes the loop's descriptors.</summary>
    public void Dispose()
    {
        if (_stopping)
            return;
        Post(() => _stopping = true);
        if (_thread.IsAlive)
            _thread.Join();
        _ = Libc.close(_timer);
        _ = Libc.close(_wake);
        _ = Libc.close(_epoll);
        NativeMemory.Free(_events);
    }

    private void Run()
    {
        while (!_stopping)
        {
            int count = Wait();
            RunPosted();
            for (int i = 0; i < count && !_stopping; i++)
                Dispatch(EpollEvent.KeyAt(_events, i));
            Interlocked.Exchange(ref _allocatedBytes, GC.GetAllocatedBytesForCurrentThread());
        }
    }

    private int Wait()
    {
        if (!_isModerated)
            return Libc.epoll_wait(_epoll, _events, MaxEvents, -1);
        // What is there already does not wait: a handler leaves behind what it does not read in one turn.
        int count = Libc.epoll_wait(_epoll, _events, MaxEvents, 0);
        if (count <= 0)
        {
            _pacer.Wait();
            count = Libc.epoll_wait(_epoll, _events, MaxEvents, -1);
        }
        _pacer.Took(wasFull: false);
        return count;
    }

    private void Dispatch(ulong key)
    {
        try
        {
            if (key == WakeKey)
            {
                ulong wakes;
                _ = Libc.read(_wake, &wakes, sizeof(ulong));
                RunPosted(); // a wake that this read swallowed has left its mark in _wakePending
                return;
            }
            if (key == TickKey)
            {
                ulong expirations;
                _ = Libc.read(_timer, &expirations, sizeof(ulong));
                _tick?.Invoke();
                return;
            }
            ref Slot slot = ref _slots[(int)(uint)key];
            if (slot.Generation == (uint)(key >> 32))
                slot.Handler?.Readable(slot.Tag);
        }
#pragma warning disable CA1031 // a bug in one stream must not end every call of this loop
        catch (Exception fault)
        {
            _onFault(fault);
        }
#pragma warning restore CA1031
    }

    private void RunPosted()
    {
        if (Interlocked.Exchange(ref _wakePending, 0) == 0) // before the queue is emptied: who posts now wakes us again
            return;
        while (_posted.TryDequeue(out Action? action))
        {
            try
            {
                action();
            }
#pragma warning disable CA1031 // see Dispatch
            catch (Exception fault)
            {
                _onFault(fault);
            }
#pragma warning restore CA1031
        }
    }

    private void Register(int descriptor, ulong key)
    {
        byte* registration = stackalloc byte[16];
        EpollEvent.Write(registration, Libc.EpollIn, key);
        Checked(Libc.epoll_ctl(_epoll, Libc.EpollCtlAdd, descriptor, registration));
    }

    private static int Checked(int result) =>
        result >= 0 ? result : throw new InvalidOperationException($"The kernel refused an event descriptor: errno {Marshal.GetLastPInvokeError()}.");

    private struct Slot
    {
        public IEpollHandler? Handler;
        public int Tag;
        public uint Generation;
        public int NextFree;
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
