using CloudPbx.Load.Sip;
using CloudPbx.Load.Sockets;
using CloudPbx.Net.Sockets;

namespace CloudPbx.Load.Generators;

/// <summary>
/// An open-loop load over UDP by one thread: begins units at a steady rate, reads answers, leads each unit on. It repeats nothing: a lost
/// datagram is a failed unit.
/// </summary>
internal abstract unsafe class DatagramLoad : IDisposable
{
    private const int MaximumBurst = 64;
    private const uint Slots = 1 << 17;
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(2);

    private readonly Slot[] _slots = new Slot[Slots];
    private uint _next = (uint)(Pacer.Now / 1_000_000);         // what an earlier load named is not named again
    private long _started, _completed;
    private int _lastFault;
    private Latencies _latencies = new();

    protected DatagramLoad(in UdpAddress target) => Target = target;

    /// <summary>The socket that begins units.</summary>
    protected BatchSocket Caller { get; } = new();

    /// <summary>A second socket, read by the same thread; null where there is none.</summary>
    protected BatchSocket? Called { get; init; }

    /// <summary>Where requests go.</summary>
    protected UdpAddress Target { get; }

    /// <summary>Runs the load on a thread of its own.</summary>
    /// <param name="perSecond">Units begun per second.</param>
    /// <param name="time">How long units are begun.</param>
    public Task<LoadOutcome> RunAsync(double perSecond, TimeSpan time) =>
        Task.Factory.StartNew(() => Run(perSecond, time), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <inheritdoc/>
    public void Dispose()
    {
        Caller.Dispose();
        Called?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Sends the first request of a unit.</summary>
    protected abstract void Begin(uint unit);

    /// <summary>Takes an answer that belongs to a unit; ends it by <see cref="End"/> or sends its next request.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="step">The step of the request that is answered.</param>
    /// <param name="state">The unit's own state, 0 at first.</param>
    /// <param name="status">The status code, 200 at least.</param>
    /// <param name="answer">The message.</param>
    protected abstract void TakeAnswer(uint unit, int step, ref byte state, int status, ReadOnlySpan<byte> answer);

    /// <summary>Takes a request that came to one of the sockets.</summary>
    protected virtual void TakeRequest(BatchSocket socket, ReadOnlySpan<byte> request, in UdpAddress from)
    {
    }

    /// <summary>What the processor time is divided by.</summary>
    protected virtual double UnitsOf(long completed) => completed;

    /// <summary>When a unit was begun, by <see cref="Pacer.Now"/>.</summary>
    protected long BeganAt(uint unit) => _slots[unit % Slots].Began;

    /// <summary>Called before each run.</summary>
    protected virtual void Reset()
    {
    }

    /// <summary>Ends a unit.</summary>
    protected void End(uint unit, bool well, int status)
    {
        ref Slot slot = ref _slots[unit % Slots];
        slot.Unit = 0;
        if (!well)
        {
            _lastFault = status;
            return;
        }
        _completed++;
        _latencies.Add((Pacer.Now - slot.Began) / 1000);
    }

    private LoadOutcome Run(double perSecond, TimeSpan time)
    {
        (_started, _completed, _lastFault, _latencies) = (0, 0, 0, new Latencies());
        Array.Clear(_slots);            // late answers of an earlier run are nobody's
        Reset();
        long now = Pacer.Now, end = now + (long)time.TotalNanoseconds, grace = end + (long)s_grace.TotalNanoseconds;
        Pacer pacer = new(perSecond, now);
        while ((now = Pacer.Now) < end)
        {
            for (int burst = 0; burst < MaximumBurst && pacer.TryTake(now); burst++)
            {
                uint unit = _next++;
                _slots[unit % Slots] = new Slot { Unit = unit, Began = now };
                _started++;
                Begin(unit);
            }
            Exchange();
            Wait(Math.Min(pacer.Until(Pacer.Now), end - now));
        }
        while (_completed < _started && (now = Pacer.Now) < grace && (_lastFault == 0 || now < end + 500_000_000))
        {
            Exchange();
            Wait(20_000_000);
        }
        return new LoadOutcome(
            _started, _completed, pacer.LeftOut, UnitsOf(_completed), _latencies.Percentile(50), _latencies.Percentile(99), _lastFault);
    }

    private void Exchange()
    {
        Flush();
        Take(Caller);
        if (Called is not null)
            Take(Called);
        Flush();
    }

    private void Flush()
    {
        Caller.Flush();
        Called?.Flush();
    }

    private void Take(BatchSocket socket)
    {
        int count = socket.Receive();
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> message = socket.Received(i, out UdpAddress from);
            int status = SipText.StatusOf(message);
            if (status == 0)
            {
                TakeRequest(socket, message, from);
                continue;
            }
            if (status < 200 || !UnitBranch.TryRead(message, out uint unit, out int step))
                continue;
            ref Slot slot = ref _slots[unit % Slots];
            if (unit != 0 && slot.Unit == unit)
                TakeAnswer(unit, step, ref slot.State, status, message);
        }
    }

    private void Wait(long nanoseconds)
    {
        Posix.PollEntry* entries = stackalloc Posix.PollEntry[2];
        entries[0] = new Posix.PollEntry { Descriptor = Caller.Descriptor, Wanted = Posix.PollIn };
        entries[1] = new Posix.PollEntry { Descriptor = Called?.Descriptor ?? -1, Wanted = Posix.PollIn };
        Posix.TimeSpec limit = Posix.TimeSpec.Of(Math.Max(0, nanoseconds));
        _ = Posix.ppoll(entries, 2, &limit, null);
    }

    private struct Slot
    {
        public uint Unit;
        public byte State;
        public long Began;
    }
}
