using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using CloudPbx.Net.Memory;

namespace CloudPbx.Net.Sockets;

/// <summary>One thread that waits for many sockets, runs what others post to it, and ticks while it is asked to. How it waits and sends is its back-end's affair.</summary>
/// <remarks>
/// The thread allocates nothing by itself: allocations per packet are those of the handlers. <see cref="Add"/>, <see cref="Remove"/>, <see cref="Hand"/>, <see cref="TrySend(UdpSocket, ReadOnlySpan{byte}, in UdpAddress)"/>
/// and <see cref="SetTick"/> are for the loop's own thread; <see cref="Post"/> and <see cref="PostSoon"/> are for any.
/// </remarks>
public abstract unsafe class PacketLoop : IDisposable
{
    /// <summary>The longest datagram; the rest of a longer one is cut off.</summary>
    public const int MaxDatagram = 2048;

    /// <summary>Octets of room that a received datagram has behind it, for what a protocol appends before it is sent on.</summary>
    public const int Room = 64;

    /// <summary>How many turns ahead a handler is told that it is about to be called.</summary>
    public const int Foresight = 5;

    /// <summary>How long at most <see cref="PostSoon"/> lets an action wait.</summary>
    public static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(10);

    /// <summary>How many turns ahead the loop itself begins: with the handler's place, then with the handler, which must be there to be called at all.</summary>
    private protected const int Farthest = Foresight + 2;

    private protected const ulong WakeKey = ulong.MaxValue, TickKey = ulong.MaxValue - 1, FirstOwnKey = ulong.MaxValue - 15;

    private readonly Thread _thread;
    private readonly Action<Exception> _onFault;
    private readonly ConcurrentQueue<Action> _posted = new();
    private Slot[] _slots = new Slot[64];
    private int _firstFree = -1;
    private int _usedSlots;
    private Action? _tick;
    private TimeSpan _tickPeriod;
    private volatile bool _stopping;
    private int _wakePending;
    private volatile bool _ticksSoon;
    private long _allocatedBytes, _failedSends;
    private readonly ThreadUrgency _urgency = new(Urgency.None);
    private TimeSpan _moderation;

    /// <summary>Makes the loop; <see cref="Start"/> begins it.</summary>
    /// <param name="name">The thread's name.</param>
    /// <param name="onFault">Told of what a handler or a posted action threw (a bug of ours); the loop goes on.</param>
    /// <param name="moderation">See <see cref="Moderation"/>.</param>
    /// <param name="descriptorFlags">Of eventfd and timerfd.</param>
    private protected PacketLoop(string name, Action<Exception> onFault, TimeSpan moderation, int descriptorFlags)
    {
        (_onFault, _moderation) = (onFault, moderation);
        WakeDescriptor = Checked(Libc.eventfd(0, descriptorFlags));
        TickDescriptor = Checked(Libc.timerfd_create(Libc.ClockMonotonic, descriptorFlags));
        _thread = new Thread(Run) { Name = name, IsBackground = true };
    }

    /// <summary>Octets that the loop's thread has allocated, as of its last round; for tests of the packet path.</summary>
    public long AllocatedBytes => Interlocked.Read(ref _allocatedBytes);

    /// <summary>Called when a round begins, and again after what may have taken long: reads a clock once for all that came together. Set it before <see cref="Start"/>.</summary>
    public Action? Woken { get; set; }

    /// <summary>What the loop's thread asks the scheduler for; set it before <see cref="Start"/>.</summary>
    public Urgency Urgency { init => _urgency = new ThreadUrgency(value); }

    /// <summary>Whether it got that; also before it has begun.</summary>
    public bool IsUrgent => _urgency.IsGranted;

    /// <summary>How long what comes to an idle loop right after a round waits for others to join it: a wake-up costs as much as a packet does. Zero: nothing waits. Set it on the loop's thread.</summary>
    public TimeSpan Moderation
    {
        get => _moderation;
        set
        {
            if (_moderation == value)
                return;
            _moderation = value;
            Moderate(value);
        }
    }

    /// <summary>Whether the caller is on the loop's thread.</summary>
    public bool IsCurrent => Thread.CurrentThread == _thread;

    private protected int WakeDescriptor { get; }

    private protected int TickDescriptor { get; }

    private protected bool IsStopping => _stopping;

    /// <summary>Datagrams that the kernel refused to send, also after <see cref="TrySend(UdpSocket, ReadOnlySpan{byte}, in UdpAddress)"/> had taken them. For any thread.</summary>
    public long FailedSends => Interlocked.Read(ref _failedSends);

    /// <summary>What it stands on, for the log.</summary>
    public abstract string BackEnd { get; }

    /// <summary>Makes a loop.</summary>
    /// <param name="backEnd">What it shall stand on.</param>
    /// <param name="name">The thread's name.</param>
    /// <param name="onFault">Told of what a handler or a posted action threw (a bug of ours); the loop goes on.</param>
    /// <param name="moderation">See <see cref="Moderation"/>.</param>
    /// <param name="urgency">What its thread asks the scheduler for.</param>
    /// <param name="declined">Why it does not stand on io_uring although it might; else null.</param>
    /// <exception cref="InvalidOperationException">io_uring is demanded, and not to be had; or the kernel has no descriptor left.</exception>
    public static PacketLoop Create(PacketBackEnd backEnd, string name, Action<Exception> onFault, TimeSpan moderation, Urgency urgency, out string? declined)
    {
        declined = null;
        if (backEnd != PacketBackEnd.Epoll && UringLoop.TryCreate(name, onFault, moderation, urgency, out UringLoop? loop, out declined))
            return loop;
        if (backEnd == PacketBackEnd.IoUring)
            throw new InvalidOperationException($"io_uring is not to be had: {declined}. Choose Auto or Epoll.");
        return new EpollLoop(name, onFault, moderation) { Urgency = urgency };
    }

    /// <summary>Starts the thread.</summary>
    public void Start() => _thread.Start();

    /// <summary>Has an action run on the loop's thread at once, in the order of posting, before further packets are read.</summary>
    public void Post(Action action)
    {
        if (_stopping)
            return; // the descriptors are closed, or will be at once: their numbers may be others' by now
        _posted.Enqueue(action);
        Wake();
    }

    /// <summary>The same, but a loop that ticks every <see cref="Soon"/> is not woken for it: the action runs in its next round, still before the packets of that, and costs no thread switch.</summary>
    public void PostSoon(Action action)
    {
        if (_stopping)
            return;
        _posted.Enqueue(action);
        Interlocked.MemoryBarrier();            // a loop that ceases to tick looks at the queue after it has said so, see SetTick
        if (!_ticksSoon)
            Wake();
    }

    /// <summary>Watches a socket.</summary>
    /// <param name="socket">Not yet watched by a loop.</param>
    /// <param name="handler">Called for each datagram.</param>
    /// <param name="tag">Handed to the handler.</param>
    /// <returns>A key for <see cref="Remove"/>.</returns>
    /// <exception cref="InvalidOperationException">The kernel refused (limits).</exception>
    public int Add(UdpSocket socket, IPacketHandler handler, int tag)
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
        (slot.Handler, slot.Socket, slot.Tag) = (handler, socket, tag);
        Watch(socket, KeyOf(index));
        return index;
    }

    /// <summary>Stops watching a socket; what was already received of it is not delivered, what was sent is on its way.</summary>
    /// <param name="socket">The socket, still open.</param>
    /// <param name="key">What <see cref="Add"/> returned.</param>
    public void Remove(UdpSocket socket, int key)
    {
        Unwatch(socket, KeyOf(key));
        ref Slot slot = ref _slots[key];
        (slot.Handler, slot.Socket) = (null, null);
        slot.Generation = (slot.Generation + 1) & (uint.MaxValue >> 2);
        slot.NextFree = _firstFree;
        _firstFree = key;
    }

    /// <summary>Gives a watched socket to another handler: what of it is not delivered yet goes there. Costs nothing in the kernel, unlike <see cref="Remove"/> and <see cref="Add"/>.</summary>
    /// <param name="key">What <see cref="Add"/> returned; it stays.</param>
    /// <param name="handler">Called for each datagram from now on.</param>
    /// <param name="tag">Handed to that handler.</param>
    public void Hand(int key, IPacketHandler handler, int tag) => (_slots[key].Handler, _slots[key].Tag) = (handler, tag);

    /// <summary>Sends one datagram, at the latest when the present round ends.</summary>
    /// <param name="socket">Where it leaves.</param>
    /// <param name="datagram">The caller's again when this returns; but what lies in the buffer that a handler was given may not be changed any more.</param>
    /// <param name="to">The receiver.</param>
    /// <returns>False when the kernel is known not to take it (full queue, no route): the packet is lost, as packets may be.</returns>
    public bool TrySend(UdpSocket socket, ReadOnlySpan<byte> datagram, in UdpAddress to) => TrySend(HandleOf(socket), datagram, to);

    /// <summary>Sends one datagram by a socket's handle: who sends many asks for it once.</summary>
    /// <param name="handle">Of <see cref="HandleOf"/>, while the socket is watched.</param>
    /// <param name="datagram">As above.</param>
    /// <param name="to">The receiver.</param>
    /// <returns>As above.</returns>
    public abstract bool TrySend(int handle, ReadOnlySpan<byte> datagram, in UdpAddress to);

    /// <summary>What the loop itself calls a socket: the place at which the kernel has it registered, or the complement of its descriptor. For as long as it is watched.</summary>
    public virtual int HandleOf(UdpSocket socket) => ~socket.Descriptor;

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
        Checked(Libc.timerfd_settime(TickDescriptor, 0, &value, null));
        _ticksSoon = period > TimeSpan.Zero && period <= Soon;
        Interlocked.MemoryBarrier();
        if (!_ticksSoon && !_posted.IsEmpty)
            Wake();
    }

    /// <summary>Ends the thread after what is posted so far, and closes the loop's descriptors.</summary>
    public void Dispose()
    {
        if (_stopping)
            return;
        Post(() => _stopping = true);
        if (_thread.IsAlive)
            _thread.Join();
        Close();
        _ = Libc.close(TickDescriptor);
        _ = Libc.close(WakeDescriptor);
        GC.SuppressFinalize(this);
    }

    /// <summary>On the loop's thread, before the first round.</summary>
    private protected virtual void Begin()
    {
    }

    /// <summary><see cref="Moderation"/> is another one from now on.</summary>
    private protected abstract void Moderate(TimeSpan moderation);

    /// <summary>Waits, runs what was posted, and deals with what came.</summary>
    private protected abstract void Round();

    private protected abstract void Watch(UdpSocket socket, ulong key);

    private protected abstract void Unwatch(UdpSocket socket, ulong key);

    /// <summary>Frees what the back-end owns; the thread has ended.</summary>
    private protected abstract void Close();

    /// <summary>Nothing is there to do: the thread is about to wait.</summary>
    private protected void Rest() => _urgency.Rests(Stopwatch.GetTimestamp());

    /// <summary>A round begins: what was posted runs first.</summary>
    private protected void BeginRound()
    {
        RunPosted();
        Woken?.Invoke();
    }

    /// <summary>The socket of a key, or null when it is watched no more.</summary>
    private protected UdpSocket? SocketOf(ulong key, out int tag, out IPacketHandler? handler)
    {
        ref Slot slot = ref _slots[(int)(uint)key];
        (tag, handler) = (slot.Tag, slot.Handler);
        return slot.Generation == (uint)(key >> 32) ? slot.Socket : null;
    }

    /// <summary>Each of many streams is touched again only when all others have been: nothing of it is in the nearer caches by then.</summary>
    /// <param name="key">Whose turn comes.</param>
    /// <param name="turns">After how many others.</param>
    private protected void LookAhead(ulong key, int turns)
    {
        if (key >= FirstOwnKey)
            return;
        if (turns == Farthest)
            CacheLines.Fetch(ref _slots[(int)(uint)key]);
        else if (turns > Foresight)
            CacheLines.Fetch(_slots[(int)(uint)key].Handler, 1);
        else
        {
            ref Slot slot = ref _slots[(int)(uint)key];
            slot.Handler?.Approaching(slot.Tag, turns);
        }
    }

    private protected void Deliver(IPacketHandler handler, int tag, Span<byte> buffer, int length, in UdpAddress from)
    {
        try
        {
            handler.Received(tag, buffer, length, from);
        }
#pragma warning disable CA1031 // a bug in one stream must not end every call of this loop
        catch (Exception fault)
        {
            _onFault(fault);
        }
#pragma warning restore CA1031
    }

    /// <summary>A post has woken the loop, and its mark is read.</summary>
    private protected void Roused() => BeginRound(); // a wake that was read has left its mark in _wakePending

    private protected void CountFailedSend() => Interlocked.Increment(ref _failedSends);

    private protected void Ticked()
    {
        try
        {
            _tick?.Invoke();
        }
#pragma warning disable CA1031 // see Deliver
        catch (Exception fault)
        {
            _onFault(fault);
        }
#pragma warning restore CA1031
        Woken?.Invoke();
    }

    private protected static int Checked(int result) =>
        result >= 0 ? result : throw new InvalidOperationException($"The kernel refused an event descriptor: errno {Marshal.GetLastPInvokeError()}.");

    private void Run()
    {
        _urgency.Begin(Stopwatch.GetTimestamp());
        Begin();
        while (!_stopping)
        {
            Round();
            _urgency.GoesOn(Stopwatch.GetTimestamp());
            Interlocked.Exchange(ref _allocatedBytes, GC.GetAllocatedBytesForCurrentThread());
        }
    }

    private void Wake()
    {
        if (Interlocked.Exchange(ref _wakePending, 1) != 0)
            return;
        ulong one = 1;
        _ = Libc.write(WakeDescriptor, &one, sizeof(ulong));
    }

    private ulong KeyOf(int index) => ((ulong)_slots[index].Generation << 32) | (uint)index;

    private void RunPosted()
    {
        Interlocked.Exchange(ref _wakePending, 0);              // before the queue is emptied: who posts now wakes us again
        while (_posted.TryDequeue(out Action? action))
        {
            try
            {
                action();
            }
#pragma warning disable CA1031 // see Deliver
            catch (Exception fault)
            {
                _onFault(fault);
            }
#pragma warning restore CA1031
        }
    }

    private struct Slot
    {
        public IPacketHandler? Handler;
        public UdpSocket? Socket;
        public int Tag;
        public uint Generation;
        public int NextFree;
    }
}
