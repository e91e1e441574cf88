using CloudPbx.Net.Timers;

namespace CloudPbx.Sip.Transactions;

/// <summary>
/// Ends transactions that only wait for repetitions (timers D, I, J, K, L, M of RFC 3261 table 4 and RFC 6026 §8): those of one length end in the order in which they
/// began to wait, so one timer serves them all, and a second late harms nobody. A busy tenant would wake up for each of them else.
/// </summary>
/// <remarks>Used on the owner's thread.</remarks>
internal sealed class Lingering(ITimers timers)
{
    private static readonly TimeSpan s_late = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_soon = TimeSpan.FromMilliseconds(50);

    private readonly List<Line> _lines = [];                      // one for each length, of which there are three

    /// <summary>Calls back after a time, or somewhat later.</summary>
    /// <param name="delay">The timer's value; zero on reliable transports.</param>
    /// <param name="end">What to call.</param>
    /// <param name="transaction">Handed to it.</param>
    /// <returns>The wait.</returns>
    public Wait Add(TimeSpan delay, Action<object?> end, object transaction)
    {
        Line? line = _lines.Find(known => known.Delay == delay);
        if (line is null)
            _lines.Add(line = new Line(timers, delay));
        Wait wait = new(timers.TimeProvider.GetTimestamp(), end, transaction);
        line.Add(wait);
        return wait;
    }

    /// <summary>A transaction that waits for its end.</summary>
    internal sealed class Wait(long began, Action<object?> end, object transaction)
    {
        private object? _transaction = transaction;

        /// <summary>When it began, in the clock's ticks.</summary>
        public long Began => began;

        /// <summary>Has it end otherwise: from now on nothing here keeps the transaction.</summary>
        public void Forget() => _transaction = null;

        /// <summary>Its time is over.</summary>
        public void End()
        {
            if (_transaction is { } known)
                end(known);
        }
    }

    private sealed class Line(ITimers timers, TimeSpan delay)
    {
        private readonly Queue<Wait> _waiting = new();

        private bool _scheduled;

        public TimeSpan Delay => delay;

        public void Add(Wait wait)
        {
            _waiting.Enqueue(wait);
            if (!_scheduled)
                Schedule(delay);
        }

        private void Schedule(TimeSpan after)
        {
            _scheduled = true;
            timers.Schedule(after, static line => ((Line)line!).Look(), this);
        }

        private void Look()
        {
            while (_waiting.TryPeek(out Wait? first))
            {
                TimeSpan left = delay - timers.TimeProvider.GetElapsedTime(first.Began);
                if (left > TimeSpan.Zero)
                {
                    TimeSpan pause = delay > TimeSpan.Zero ? s_late : s_soon;
                    Schedule(left > pause ? left : pause);
                    return;
                }
                _waiting.Dequeue();
                first.End();
            }
            _scheduled = false;
        }
    }
}
