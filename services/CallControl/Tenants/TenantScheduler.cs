using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace CloudPbx.CallControl.Tenants;

/// <summary>One tenant's thread: what is posted runs one item at a time, in order, on the pool. Call features therefore need no locks.</summary>
/// <remarks>
/// Posting is thread-safe. Code that runs here must not use <c>ConfigureAwait(false)</c>, and what completes a task that it awaits
/// must run continuations asynchronously: then every continuation comes back here.
/// </remarks>
public sealed class TenantScheduler
{
    // Without the limit a busy tenant keeps its pool thread, and the others wait: 3 s against 84 ms measured.
    private const int MaximumItemsPerTask = 16;

    private readonly TaskScheduler _scheduler =
        new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, 1, MaximumItemsPerTask).ExclusiveScheduler;
    private readonly Action<Exception> _onFault;
    private readonly Histogram<double>? _queueDelay;

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
    public bool IsCurrent => ReferenceEquals(TaskScheduler.Current, _scheduler);

    /// <summary>Queues a short item.</summary>
    public void Post(Action item)
    {
        ArgumentNullException.ThrowIfNull(item);
        long posted = _queueDelay is { Enabled: true } ? Stopwatch.GetTimestamp() : 0;
        // The poster's ambient values (a web request's activity, a grain's request context) must not follow into the tenant.
        bool restore = !ExecutionContext.IsFlowSuppressed();
        AsyncFlowControl flow = restore ? ExecutionContext.SuppressFlow() : default;
        try
        {
            _ = Task.Factory.StartNew(() => Run(item, posted), CancellationToken.None, TaskCreationOptions.DenyChildAttach, _scheduler);
        }
        finally
        {
            if (restore)
                flow.Undo();
        }
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
                CancellationToken.None, TaskContinuationOptions.DenyChildAttach, _scheduler);
        return first.Task;
    }

    /// <summary>In debug builds stops the process where code of the tenant runs anywhere else.</summary>
    [System.Diagnostics.Conditional("DEBUG")]
    public void AssertCurrent()
    {
        if (!IsCurrent)
            throw new InvalidOperationException("A tenant's state was touched outside its thread.");
    }

    private void Run(Action item, long posted)
    {
        if (posted != 0)
            _queueDelay!.Record(Stopwatch.GetElapsedTime(posted).TotalSeconds);
        try
        {
            item();
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
}
