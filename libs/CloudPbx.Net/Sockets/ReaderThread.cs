namespace CloudPbx.Net.Sockets;

/// <summary>Threads for what blocks while it reads (<see cref="ThreadPipe"/>).</summary>
/// <remarks>The starter's ambient values stay behind: a connection outlives who made it, and every task that its thread makes would carry them, at the cost of an object each.</remarks>
public static class ReaderThread
{
    /// <summary>Begins work on a thread of its own; once it has awaited what was not there yet, the pool goes on with it.</summary>
    /// <param name="work">The work.</param>
    /// <returns>The work's task.</returns>
    public static Task RunAsync(Func<Task> work) => Start(work).Unwrap();

    /// <inheritdoc cref="RunAsync(Func{Task})"/>
    public static Task<T> RunAsync<T>(Func<Task<T>> work) => Start(work).Unwrap();

    private static Task<T> Start<T>(Func<T> work)
    {
        using AsyncFlowControl? alone = ExecutionContext.IsFlowSuppressed() ? null : ExecutionContext.SuppressFlow();
        return Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }
}
