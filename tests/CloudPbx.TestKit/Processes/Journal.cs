namespace CloudPbx.TestKit.Processes;

/// <summary>Everything that happened, in order; a test waits for an entry with a deadline instead of sleeping.</summary>
/// <typeparam name="T">An entry: a line of output, an event of a phone.</typeparam>
/// <remarks>Thread-safe.</remarks>
public sealed class Journal<T>
{
    private readonly Lock _gate = new();
    private readonly List<T> _entries = [];
    private TaskCompletionSource _changed = NewSignal();
    private bool _closed;

    /// <summary>How many entries there are now: a mark for "after this".</summary>
    public int Count
    {
        get { lock (_gate) return _entries.Count; }
    }

    /// <summary>What happened so far.</summary>
    public IReadOnlyList<T> Snapshot()
    {
        lock (_gate) return [.. _entries];
    }

    /// <summary>Appends an entry and wakes those who wait.</summary>
    public void Add(T entry)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            _entries.Add(entry);
            changed = _changed;
            _changed = NewSignal();
        }
        changed.SetResult();
    }

    /// <summary>Nothing more will come: who waits in vain learns it at once.</summary>
    public void Close()
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            if (_closed) return;
            _closed = true;
            changed = _changed;
            _changed = NewSignal();
        }
        changed.SetResult();
    }

    /// <summary>Waits for the first entry from <paramref name="from"/> on that fits.</summary>
    /// <param name="wanted">Which entry.</param>
    /// <param name="from">The mark to look from (<see cref="Count"/> of an earlier moment).</param>
    /// <param name="deadline">How long to wait at most.</param>
    /// <param name="cancel">Ends the wait with an exception.</param>
    /// <returns>The entry and its index, or null when the deadline passed or nothing more will come.</returns>
    public async Task<(T Entry, int Index)?> WaitAsync(Func<T, bool> wanted, int from, TimeSpan deadline, CancellationToken cancel)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(deadline);
        int next = from;
        while (true)
        {
            Task changed;
            bool closed;
            lock (_gate)
            {
                for (; next < _entries.Count; next++)
                {
                    if (wanted(_entries[next])) return (_entries[next], next);
                }
                changed = _changed.Task;
                closed = _closed;
            }
            if (closed) return null;
            try
            {
                await changed.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                return null;
            }
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
