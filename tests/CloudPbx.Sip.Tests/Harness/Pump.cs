using CloudPbx.Net.Timers;
using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.Sip.Tests.Harness;

/// <summary>One thread for everything in a test: timers, continuations and deliveries run from one queue, on a fake clock that moves in steps of 10 ms.</summary>
internal sealed class Pump : TaskScheduler, IDisposable
{
    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(10);
    private readonly Queue<Action> _queue = new();
    private readonly Queue<Task> _posted = new();
    private readonly List<(TimeSpan Due, Action Action)> _later = [];
    private readonly TimerWheel _wheel;

    public Pump()
    {
        _wheel = new TimerWheel(Time);
        Timers = _wheel.For((callback, state) => Post(() => callback(state)));
    }

    public FakeTimeProvider Time { get; } = new();

    public ITimers Timers { get; }

    public TimeSpan Now { get; private set; }

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Runs an action after a while; those of one instant keep their order.</summary>
    public void After(TimeSpan delay, Action action) => _later.Add((Now + delay, action));

    public Task Delay(TimeSpan delay)
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        After(delay, done.SetResult);
        return done.Task;
    }

    /// <summary>Runs a scenario to its end, turning the clock as far as it needs.</summary>
    public void Run(Func<Task> scenario, TimeSpan limit)
    {
        SynchronizationContext? before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);      // awaits shall see this scheduler
        try
        {
            Task task = Task.Factory.StartNew(scenario, CancellationToken.None, TaskCreationOptions.None, this).Unwrap();
            TimeSpan end = Now + limit;
            Drain();
            while (!task.IsCompleted)
            {
                if (Now >= end)
                    throw new TimeoutException($"The scenario did not end within {limit}.");
                Step();
            }
            task.GetAwaiter().GetResult();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    /// <summary>Turns the clock.</summary>
    public void Advance(TimeSpan by)
    {
        SynchronizationContext? before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        Drain();
        for (TimeSpan end = Now + by; Now < end;)
            Step();
        SynchronizationContext.SetSynchronizationContext(before);
    }

    public void Dispose() => _wheel.Dispose();

    protected override void QueueTask(Task task) => _queue.Enqueue(() => TryExecuteTask(task));

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => [];

    private void Step()
    {
        Now += s_step;
        Time.Advance(s_step);
        Drain();
        List<Action> due = [.. _later.Where(later => later.Due <= Now).Select(later => later.Action)];
        _later.RemoveAll(later => later.Due <= Now);
        foreach (Action action in due)
        {
            Post(action);
            Drain();
        }
    }

    /// <summary>Everything runs as a task of this scheduler, so that an await in a callback comes back here too.</summary>
    private void Post(Action action)
    {
        Task task = new(action);
        task.Start(this);
        _posted.Enqueue(task);
    }

    private void Drain()
    {
        while (_queue.TryDequeue(out Action? next))
            next();
        while (_posted.TryDequeue(out Task? done))
            done.GetAwaiter().GetResult();           // rethrows what a callback threw
    }
}
