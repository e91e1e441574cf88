using CloudPbx.Net.Timers;

namespace CloudPbx.Sip.Transactions;

/// <summary>
/// Ends transactions that only wait for repetitions (timers D, I, J, K, L, M of RFC 3261 table 4 and RFC 6026 §8): those of one length end in the order in which they
/// began to wait, so one timer serves them all, and a second late harms nobody. A busy tenant would wake up for each of them else.
/// </summary>
/// <remarks>Used on the owner's thread. What was added cannot be cancelled: the transaction's table says what its end means by then.</remarks>
internal sealed class Lingering(ITimers timers)
{
    private static readonly TimeSpan s_late = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_soon = TimeSpan.FromMilliseconds(50);

    private readonly List<Line> _lines = [];                      // one for each length, of which there are three

    /// <summary>Calls back after a time, or somewhat later.</summary>
    /// <param name="delay">The timer's value; zero on reliable transports.</param>
    /// <param name="end">What to call.</param>
    /// <param name="transaction">Handed to it.</param>
    public void Add(TimeSpan delay, Action<object?> end, object transaction)
    {
        foreach (Line line in _lines)
        {
            if (line.Delay != delay)
                continue;
            line.Add(end, transaction);
            return;
        }
        Line added = new(timers, delay);
        _lines.Add(added);
        added.Add(end, transaction);
    }

    private sealed class Line(ITimers timers, TimeSpan delay)
    {
        private readonly Queue<(long Began, Action<object?> End, object Transaction)> _waiting = new();

        private bool _scheduled;

        public TimeSpan Delay => delay;

        public void Add(Action<object?> end, object transaction)
        {
            _waiting.Enqueue((timers.TimeProvider.GetTimestamp(), end, transaction));
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
            while (_waiting.TryPeek(out (long Began, Action<object?> End, object Transaction) first))
            {
                TimeSpan left = delay - timers.TimeProvider.GetElapsedTime(first.Began);
                if (left > TimeSpan.Zero)
                {
                    TimeSpan pause = delay > TimeSpan.Zero ? s_late : s_soon;
                    Schedule(left > pause ? left : pause);
                    return;
                }
                _waiting.Dequeue();
                first.End(first.Transaction);
            }
            _scheduled = false;
        }
    }
}
