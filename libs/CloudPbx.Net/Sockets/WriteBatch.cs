namespace CloudPbx.Net.Sockets;

/// <summary>
/// A piece of work in which one thread may send many messages: each connection that it wrote to is written once, at the end, by that thread itself, and so are its datagrams.
/// That saves a system call for each message and a thread switch for each connection.
/// </summary>
/// <remarks>Begin it around what is at hand (the datagrams that came, the messages of one read, the posts of a tenant) and never across an await.</remarks>
public static class WriteBatch
{
    [ThreadStatic] private static List<IBatchedWrite>? t_queues;
    [ThreadStatic] private static bool t_open;

    /// <summary>Begins a batch on this thread.</summary>
    /// <returns>Dispose of it on the same thread. Inside another batch it does nothing: the outer one's end counts.</returns>
    public static Scope Begin()
    {
        bool outermost = !t_open;
        t_open = true;
        return new Scope(outermost);
    }

    /// <summary>Whether this thread is inside a batch.</summary>
    internal static bool IsOpen => t_open;

    /// <summary>Has a queue written at the end of this thread's batch.</summary>
    internal static void Add(IBatchedWrite queue)
    {
        List<IBatchedWrite> queues = t_queues ??= [];
        if (!queues.Contains(queue))        // few: the connections that one read's messages go to
            queues.Add(queue);
    }

    private static void End()
    {
        while (t_queues is { Count: > 0 } queues)
        {
            IBatchedWrite queue = queues[^1];
            queues.RemoveAt(queues.Count - 1);          // before it is written: the write may run its reader on this thread, which may send in its turn
            queue.WriteNow();
        }
        t_open = false;
    }

    /// <summary>A batch under way.</summary>
    public readonly ref struct Scope
    {
        private readonly bool _outermost;

        internal Scope(bool outermost) => _outermost = outermost;

        /// <summary>Writes what was queued.</summary>
        public void Dispose()
        {
            if (_outermost)
                End();
        }
    }
}
