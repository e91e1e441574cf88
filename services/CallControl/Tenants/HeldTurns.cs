namespace CloudPbx.CallControl.Tenants;

/// <summary>
/// The turns of the tenants that one thread woke while it read: the thread takes the last of them itself, since handing a turn to the pool costs two
/// thread switches, more than most turns do. The others go to the pool, where the other cores are; with one core there is nobody to hand them to.
/// </summary>
/// <remarks>All of it belongs to the thread that calls.</remarks>
internal static class HeldTurns
{
    [ThreadStatic] private static List<TenantScheduler>? t_held;
    [ThreadStatic] private static bool t_open;

    /// <summary>From now on turns that this thread would hand to the pool are held.</summary>
    public static void Open() => t_open = true;

    /// <summary>Holds a turn, if this thread holds turns.</summary>
    public static bool TryHold(TenantScheduler tenant)
    {
        if (!t_open)
            return false;
        (t_held ??= []).Add(tenant);
        return true;
    }

    /// <summary>Gives out what is held and takes its own share. Turns that these wake go to the pool.</summary>
    public static void Run()
    {
        t_open = false;
        if (t_held is not { Count: > 0 } held)
            return;
        t_held = null;                                            // a turn may write to a pipe whose reader comes by here on this thread
        int mine = Environment.ProcessorCount == 1 ? 0 : held.Count - 1;
        for (int i = 0; i < mine; i++)
            ThreadPool.UnsafeQueueUserWorkItem(held[i], preferLocal: false);
        for (int i = mine; i < held.Count; i++)
            ((IThreadPoolWorkItem)held[i]).Execute();
        held.Clear();
        t_held = held;
    }
}
