using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Transport;

namespace CloudPbx.CallControl.Tenants;

/// <summary>One tenant's thread: what is posted runs one item at a time, in order, on the pool (or on a link's reader, see <see cref="HeldTurns"/>). Call features therefore need no locks.</summary>
/// <remarks>
/// Posting is thread-safe. Code that runs here must not use <c>ConfigureAwait(false)</c>, and what completes a task that it awaits
/// must run continuations asynchronously: then every continuation comes back here. What the items of one turn send is one <see cref="WriteBatch"/>.
/// </remarks>
public sealed class TenantScheduler : TaskScheduler, IThreadPoolWorkItem
{
    // Without the limit a busy tenant keeps its pool thread, and the others wait: 3 s against 84 ms measured.
    private const int MaximumItemsPerTurn = 16;
    private const int MaximumLaterItemsPerTurn = 4;               // of what may wait, where nothing else does; one where something does

    private readonly ConcurrentQueue<Item> _items = new();
    private readonly ConcurrentQueue<Item> _later = new();
    private readonly Action<Exception> _onFault;
    private readonly Histogram<double>? _queueDelay;
    private int _busy;                                            // 1 from the first item's posting until the queue was found empty
    private volatile int _thread;                                 // the thread that is this tenant's now

    /// <summary>Makes a scheduler.</summary>
    /// <param name="onFault">Told of what a posted item threw (a bug of ours); must not throw. Called on this scheduler.</param>
    /// <param name="queueDelay">Takes the seconds that each item waited.</param>
    public TenantScheduler(Action<Exception> onFault, Histogram<double>? queueDelay = null)
    {
        ArgumentNullException.ThrowIfNull(onFault);
        _onFault = onFault;
        _queueDelay = queueDelay;
    }

    /// <summary>Whether the calling code runs on this tenant's thread.</summary>
    public bool IsCurrent => ReferenceEquals(Current, this);

    /// <inheritdoc/>
    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Queues a short item. The poster's ambient values (a web request's activity, a grain's request context) do not follow it.</summary>
    public void Post(Action item)
    {
        ArgumentNullException.ThrowIfNull(item);
        Post(static action => ((Action)action!)(), item);
    }

    /// <summary>Queues a short item.</summary>
    /// <param name="item">What to run.</param>
    /// <param name="state">Handed to it.</param>
    public void Post(Action<object?> item, object? state)
    {
        ArgumentNullException.ThrowIfNull(item);
        Enqueue(_items, new Item(item, state, _queueDelay is { Enabled: true } ? Stopwatch.GetTimestamp() : 0));
    }

    /// <summary>Queues a short item that may wait for what is posted after it: it runs where nothing else does, and however much there is one of its kind in each turn.</summary>
    /// <param name="item">What to run.</param>
    /// <param name="state">Handed to it.</param>
    public void PostLater(Action<object?> item, object? state)
    {
        ArgumentNullException.ThrowIfNull(item);
        Enqueue(_later, new Item(item, state, 0));
    }

    /// <summary>Queues a sequential piece of asynchronous work; every part of it runs here.</summary>
    public void Post(Func<Task> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        Post(() => Start(work));
    }

    /// <summary>Starts asynchronous work at once; the caller is on this thread. A fault is reported, never lost.</summary>
    public void Start(Func<Task> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        AssertCurrent();
        _ = Watch(work);
    }

    /// <summary>Reports a fault of work that nobody waits for; the caller is on this thread.</summary>
    public void Report(Exception fault) => _onFault(fault);

    /// <summary>Runs a function on the tenant's thread and gives its result to a caller elsewhere (a grain, a test).</summary>
    public Task<T> RunAsync<T>(Func<T> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        TaskCompletionSource<T> result = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() =>
        {
            try
            {
                result.SetResult(function());
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                result.SetException(e);
            }
        });
        return result.Task;
    }

    /// <summary>Runs asynchronous work on the tenant's thread and gives its result to a caller elsewhere.</summary>
    public Task<T> RunAsync<T>(Func<Task<T>> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        TaskCompletionSource<T> result = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(async () =>
        {
            try
            {
                result.SetResult(await work());
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                result.SetException(e);
            }
        });
        return result.Task;
    }

    /// <summary>Completes with the first of these tasks that ends. Called on this thread, and everything in between runs here, too.</summary>
    /// <remarks><see cref="Task.WhenAny(Task[])"/> passes through the pool's queue on its way: a detour for every call, and work of the tenant's that lies outside its own queue.</remarks>
    public Task<Task> FirstOf(params ReadOnlySpan<Task> tasks)
    {
        AssertCurrent();
        TaskCompletionSource<Task> first = new(TaskCreationOptions.RunContinuationsAsynchronously);
        foreach (Task task in tasks)
            _ = task.ContinueWith(static (ended, first) => ((TaskCompletionSource<Task>)first!).TrySetResult(ended), first,
                CancellationToken.None, TaskContinuationOptions.DenyChildAttach, this);
        return first.Task;
    }

    /// <summary>In debug builds stops the process where code of the tenant runs anywhere else.</summary>
    [System.Diagnostics.Conditional("DEBUG")]
    public void AssertCurrent()
    {
        if (!IsCurrent)
            throw new InvalidOperationException("A tenant's state was touched outside its thread.");
    }

    /// <inheritdoc/>
    void IThreadPoolWorkItem.Execute()
    {
        _thread = Environment.CurrentManagedThreadId;
        // Inside a task of this scheduler, so that what items await comes back here.
        new Task(static scheduler => ((TenantScheduler)scheduler!).RunItems(), this, TaskCreationOptions.DenyChildAttach).RunSynchronously(this);
        _thread = 0;
        if (_items.IsEmpty && _later.IsEmpty)
        {
            Interlocked.Exchange(ref _busy, 0);                   // a fence, too: who enqueued before it may have relied on us
            if ((_items.IsEmpty && _later.IsEmpty) || Interlocked.Exchange(ref _busy, 1) != 0)
                return;
        }
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <inheritdoc/>
    protected override void QueueTask(Task task) => Enqueue(_items, new Item(null, task, 0));

    /// <inheritdoc/>
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && Environment.CurrentManagedThreadId == _thread && TryExecuteTask(task);

    /// <inheritdoc/>
    protected override IEnumerable<Task> GetScheduledTasks() => _items.Select(item => item.State).OfType<Task>();

    private void Enqueue(ConcurrentQueue<Item> queue, Item item)
    {
        queue.Enqueue(item);
        if (Interlocked.Exchange(ref _busy, 1) == 0 && !HeldTurns.TryHold(this))
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private void RunItems()
    {
        using WriteBatch.Scope batch = WriteBatch.Begin();
        ExecutionContext? clean = ExecutionContext.Capture();
        int later = 0;
        for (int i = 0; i < MaximumItemsPerTurn; i++)
        {
            bool last = i == MaximumItemsPerTurn - 1 && later == 0;
            if (!(last && _later.TryDequeue(out Item item)) && !_items.TryDequeue(out item))
            {
                if (later == MaximumLaterItemsPerTurn || !_later.TryDequeue(out item))
                    return;
                later++;
            }
            Run(item);
            if (clean is not null && !ReferenceEquals(ExecutionContext.Capture(), clean))
                ExecutionContext.Restore(clean);                  // nor do an item's ambient values follow into the next
        }
    }

    private void Run(in Item item)
    {
        if (item.Callback is null)
        {
            TryExecuteTask((Task)item.State!);
            return;
        }
        if (item.Posted != 0)
            _queueDelay!.Record(Stopwatch.GetElapsedTime(item.Posted).TotalSeconds);
        try
        {
            item.Callback(item.State);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            _onFault(e);
        }
    }

    private async Task Watch(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            _onFault(e);
        }
    }

    /// <summary>A callback with its state, and when it was posted if anybody wants to know; without a callback the state is a task: the rest of something that awaited.</summary>
    private readonly record struct Item(Action<object?>? Callback, object? State, long Posted);
}
