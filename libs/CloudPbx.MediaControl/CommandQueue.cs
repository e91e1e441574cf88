using CloudPbx.MediaControl.Wire;

namespace CloudPbx.MediaControl;

/// <summary>The commands under way: written once per connection, kept until they are answered, given up, too late or refused.</summary>
/// <remarks>Thread-safe by one short lock: commands come from every tenant, answers from the reader. Whoever waits goes on outside it.</remarks>
/// <param name="continuations">How those go on that wait for an answer: on the thread that brings it, or <see cref="TaskCreationOptions.RunContinuationsAsynchronously"/>.</param>
/// <param name="timeout">How long a command may take.</param>
/// <param name="time">The clock of that.</param>
internal sealed class CommandQueue(TaskCreationOptions continuations, TimeSpan timeout, TimeProvider time) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<ulong, UnderWay> _underWay = [];     // by age: all have the same time
    private ControlLink? _link;
    private ITimer? _timer;
    private bool _isTimed;
    private bool _isClosed;
    private ulong _last;

    /// <summary>Numbers the command and has it written as soon as a connection stands.</summary>
    /// <returns>Its answer; null if it is refused, or too late.</returns>
    public Task<Event?> Add(Command command)
    {
        var answer = new TaskCompletionSource<Event?>(continuations);
        command.Correlation = Interlocked.Increment(ref _last);
        ReadOnlySpan<byte> frame = PipeControlLink.Frame(command);            // before the lock: the others need not wait for it
        lock (_gate)
        {
            if (_isClosed)
                return Task.FromResult<Event?>(null);
            _underWay.Add(command.Correlation, new UnderWay(command, answer, time.GetTimestamp()));
            _link?.TrySend(command, frame);
            if (!_isTimed)
                Time(timeout);
        }
        return answer.Task;
    }

    /// <summary>Hands an answer to whoever waits for it.</summary>
    public void Answer(Event report) => Remove(report.Correlation)?.Answer.TrySetResult(report);

    /// <summary>Nobody waits for the command any more.</summary>
    public void Cancel(ulong correlation, CancellationToken cancel) => Remove(correlation)?.Answer.TrySetCanceled(cancel);

    /// <summary>Answers everything under way with null.</summary>
    public void RefuseAll()
    {
        UnderWay[] refused;
        lock (_gate)
        {
            refused = [.. _underWay.Values];
            _underWay.Clear();
        }
        foreach (UnderWay waiting in refused)
            waiting.Answer.TrySetResult(null);
    }

    /// <summary>A connection stands: writes what is under way, again, in the order in which it was given, and then what comes.</summary>
    public void Resume(ControlLink link)
    {
        lock (_gate)
        {
            foreach (UnderWay waiting in _underWay.Values)
                link.TrySend(waiting.Command);
            _link = link;
        }
    }

    /// <summary>The connection broke: commands wait for the next one.</summary>
    public void Pause()
    {
        lock (_gate)
            _link = null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _isClosed = true;
            _timer?.Dispose();
        }
        RefuseAll();
    }

    private UnderWay? Remove(ulong correlation)
    {
        lock (_gate)
            return _underWay.Remove(correlation, out UnderWay? waiting) ? waiting : null;
    }

    // One timer for all: most commands are answered in a millisecond.
    private void Time(TimeSpan due)
    {
        _isTimed = true;
        _timer ??= time.CreateTimer(static queue => ((CommandQueue)queue!).GiveUp(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(due, Timeout.InfiniteTimeSpan);
    }

    private void GiveUp()
    {
        List<UnderWay> late = [];
        lock (_gate)
        {
            if (_isClosed)
                return;
            _isTimed = false;
            foreach (UnderWay waiting in _underWay.Values)
            {
                TimeSpan left = timeout - time.GetElapsedTime(waiting.Since);
                if (left > TimeSpan.Zero)
                {
                    Time(left);
                    break;
                }
                late.Add(waiting);
            }
            foreach (UnderWay waiting in late)
                _underWay.Remove(waiting.Command.Correlation);
        }
        foreach (UnderWay waiting in late)
            waiting.Answer.TrySetResult(null);
    }

    /// <summary>One command.</summary>
    private sealed record UnderWay(Command Command, TaskCompletionSource<Event?> Answer, long Since);
}
