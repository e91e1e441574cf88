using System.Diagnostics;
using CloudPbx.Net.Sockets;

namespace CloudPbx.Net.Timers;

/// <summary>A hashed timer wheel: many timers on one system timer, schedule and cancel in constant time, resolution 10 ms.</summary>
/// <remarks>
/// One wheel serves a worker; each single-threaded owner gets its own <see cref="ITimers"/> by <see cref="For(TaskScheduler)"/>, whose callbacks are
/// posted to that owner. No timer fires early, none is lost; one fires at most one tick and the owner's queue late. All members may be called from any thread.
/// The wheel sleeps while it is empty.
/// </remarks>
public sealed class TimerWheel : IDisposable
{
    /// <summary>The resolution of the wheel.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    // 4096 slots of 10 ms are 41 s: timers B, F, H, J, L and M (32 s) lie within one turn, so each is looked at once.
    private const int SlotCount = 4096;

    // A lock, because timers are scheduled and cancelled by many tenants' threads while the tick runs on another; each holds it for a few list operations,
    // and no callback runs inside it. A queue per owner would need the same fence and make cancelling linear.
    private readonly Lock _gate = new();
    private readonly Entry?[] _slots = new Entry?[SlotCount];
    private readonly TimeProvider _timeProvider;
    private readonly ITimer? _ticker;       // of a fake clock; null where the wheel has a thread
    private readonly Action? _turning;
    private readonly Action? _turned;
    private readonly AutoResetEvent _wake = new(false);        // ends the sleep of an empty wheel's thread
    private readonly long _origin;
    private long _turnedTo;                 // the last tick whose slot was emptied
    private int _count;
    private bool _ticking;
    private bool _disposed;

    /// <summary>Creates an empty wheel.</summary>
    /// <param name="timeProvider">The clock; tests give a fake one. With the system's the wheel turns on a thread of its own: the system's timers would cost
    /// two thread switches more for each tick.</param>
    /// <param name="turning">Called on the wheel's thread before the due timers are posted; must not throw.</param>
    /// <param name="turned">Called on the wheel's thread after they were; must not throw.</param>
    public TimerWheel(TimeProvider timeProvider, Action? turning = null, Action? turned = null)
    {
        ArgumentNullException.ThrowIfNull(timeProvider);
        _timeProvider = timeProvider;
        _turning = turning;
        _turned = turned;
        _origin = timeProvider.GetTimestamp();
        using (ExecutionContext.SuppressFlow())
        {
            if (timeProvider == TimeProvider.System)
                new Thread(TickByThread) { IsBackground = true, Name = "SIP timers" }.Start();
            else
                _ticker = timeProvider.CreateTimer(static wheel => ((TimerWheel)wheel!).Turn(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Gets the number of timers that wait.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _count;
        }
    }

    /// <summary>The timers of an owner whose code runs on <paramref name="scheduler"/>.</summary>
    /// <param name="scheduler">The owner's exclusive scheduler: it runs one task at a time.</param>
    /// <returns>Timers whose callbacks are tasks of that scheduler.</returns>
    public ITimers For(TaskScheduler scheduler)
    {
        TaskFactory tasks = new(CancellationToken.None, TaskCreationOptions.DenyChildAttach, TaskContinuationOptions.None, scheduler);
        return For((callback, state) => tasks.StartNew(callback, state));
    }

    /// <summary>The timers of an owner who receives callbacks through <paramref name="post"/>.</summary>
    /// <param name="post">Queues a callback with its state to the owner's thread. It must not run it at once, throw or block.</param>
    /// <returns>Timers whose callbacks go through <paramref name="post"/>.</returns>
    public ITimers For(Action<Action<object?>, object?> post)
    {
        ArgumentNullException.ThrowIfNull(post);
        return new OwnerTimers(this, post);
    }

    /// <summary>Stops the wheel: what waits never comes, what is scheduled later is ignored.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            _disposed = true;
            _count = 0;
            Array.Clear(_slots);
        }
        _wake.Set();
        _ticker?.Dispose();
    }

    private Entry Add(Action<Action<object?>, object?> post, TimeSpan delay, Action<object?> callback, object? state)
    {
        ArgumentNullException.ThrowIfNull(callback);
        Entry entry = new(this, post, callback, state);
        lock (_gate)
        {
            if (_disposed)
                return entry;
            // Rounded up, so that nothing fires early.
            TimeSpan due = _timeProvider.GetElapsedTime(_origin) + (delay > TimeSpan.Zero ? delay : TimeSpan.Zero);
            entry.DueTick = Math.Max((due.Ticks + Tick.Ticks - 1) / Tick.Ticks, _turnedTo + 1);
            Link(entry);
            if (_count++ == 0)
                StartTicking();
        }
        return entry;
    }

    private bool Remove(Entry entry)
    {
        lock (_gate)
        {
            if (!entry.Linked)
                return false;
            Unlink(entry);
            _count--;                        // the next tick stops the ticker if nothing is left
            return true;
        }
    }

    private void StartTicking()
    {
        if (_ticking)
            return;
        _ticking = true;
        _turnedTo = Math.Max(_turnedTo, CurrentTick() - 1);      // the wheel slept: the slots between are empty
        if (_ticker is null)
            _wake.Set();
        else
            _ticker.Change(Tick, Tick);
    }

    private void TickByThread()
    {
        while (!Volatile.Read(ref _disposed))
        {
            _wake.WaitOne();
            while (Volatile.Read(ref _ticking))
            {
                Libc.SleepUntil(_origin + ((CurrentTick() + 1) * Tick.Ticks * (Stopwatch.Frequency / TimeSpan.TicksPerSecond)));
                Turn();
            }
        }
        _wake.Dispose();
    }

    private long CurrentTick() => _timeProvider.GetElapsedTime(_origin).Ticks / Tick.Ticks;

    private void Turn()
    {
        Entry? due = null;                   // a list in due order, linked by Next; posted outside the lock
        Entry? last = null;
        lock (_gate)
        {
            if (_disposed)
            {
                _ticking = false;
                return;
            }
            long now = CurrentTick();
            // After a pause longer than one turn every slot is visited once; entries are compared by their own tick.
            long from = Math.Max(_turnedTo + 1, now - SlotCount + 1);
            for (long tick = from; tick <= now; tick++)
            {
                Entry? next;
                for (Entry? entry = _slots[tick % SlotCount]; entry is not null; entry = next)
                {
                    next = entry.Next;
                    if (entry.DueTick > now)
                        continue;            // another turn of the wheel
                    Unlink(entry);
                    _count--;
                    entry.Next = null;
                    if (last is null)
                        due = entry;
                    else
                        last.Next = entry;
                    last = entry;
                }
            }
            _turnedTo = Math.Max(_turnedTo, now);
            if (_count == 0 && _ticking)
            {
                _ticking = false;
                _ticker?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }
        if (due is null)
            return;
        _turning?.Invoke();
        while (due is not null)
        {
            Entry? next = due.Next;
            due.Next = null;
            due.Post();
            due = next;
        }
        _turned?.Invoke();
    }

    private void Link(Entry entry)
    {
        // Appended at the slot's end would need a tail per slot; timers of one tick have no order among themselves.
        ref Entry? head = ref _slots[entry.DueTick % SlotCount];
        entry.Next = head;
        entry.Previous = null;
        if (head is not null)
            head.Previous = entry;
        head = entry;
        entry.Linked = true;
    }

    private void Unlink(Entry entry)
    {
        if (entry.Previous is null)
            _slots[entry.DueTick % SlotCount] = entry.Next;
        else
            entry.Previous.Next = entry.Next;
        if (entry.Next is not null)
            entry.Next.Previous = entry.Previous;
        entry.Previous = null;
        entry.Linked = false;
    }

    private sealed class OwnerTimers(TimerWheel wheel, Action<Action<object?>, object?> post) : ITimers
    {
        public TimeProvider TimeProvider => wheel._timeProvider;

        public TimerHandle Schedule(TimeSpan delay, Action<object?> callback, object? state) => new(wheel.Add(post, delay, callback, state));
    }

    private sealed class Entry(TimerWheel wheel, Action<Action<object?>, object?> post, Action<object?> callback, object? state) : ICancellableTimer
    {
        private const int Pending = 0;
        private const int Done = 1;          // ran, or was cancelled
        private int _phase = Pending;

        public Entry? Next;                  // guarded by the wheel's lock; after Unlink it is the list of due entries
        public Entry? Previous;
        public long DueTick;
        public bool Linked;

        public bool IsPending => Volatile.Read(ref _phase) == Pending;

        public bool Cancel()
        {
            if (Interlocked.Exchange(ref _phase, Done) == Done)
                return false;
            wheel.Remove(this);              // false if it is on its way to the owner already: Run will see the phase
            return true;
        }

        public void Post() => post(static entry => ((Entry)entry!).Run(), this);

        private void Run()
        {
            if (Interlocked.Exchange(ref _phase, Done) == Pending)
                callback(state);
        }
    }
}
