namespace CloudPbx.CallControl.Tenants;

/// <summary>How long messages wait in this worker before their tenant's thread takes them: the shortest wait of each tenth of a second, since a queue that is empty
/// now and then is no overload (as in CoDel, RFC 8289 §3.2).</summary>
/// <remarks>Thread-safe, without locks: a measurement that falls between two intervals may be lost.</remarks>
internal sealed class QueueDelay(TimeProvider time)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(100);

    private long _began = time.GetTimestamp();
    private long _shortest = long.MaxValue;
    private long _last;

    /// <summary>Notes one wait.</summary>
    /// <param name="ticks">In the clock's timestamps.</param>
    public void Observe(long ticks)
    {
        Turn();
        long shortest = Volatile.Read(ref _shortest);
        while (ticks < shortest)
        {
            long seen = Interlocked.CompareExchange(ref _shortest, ticks, shortest);
            if (seen == shortest)
                return;
            shortest = seen;
        }
    }

    /// <summary>The wait of the last interval; zero where nothing came.</summary>
    public TimeSpan Current
    {
        get
        {
            Turn();
            return time.GetElapsedTime(0, Volatile.Read(ref _last));
        }
    }

    private void Turn()
    {
        long now = time.GetTimestamp();
        long began = Volatile.Read(ref _began);
        TimeSpan passed = time.GetElapsedTime(began, now);
        if (passed < s_interval || Interlocked.CompareExchange(ref _began, now, began) != began)
            return;
        long shortest = Interlocked.Exchange(ref _shortest, long.MaxValue);
        Volatile.Write(ref _last, shortest == long.MaxValue || passed > 10 * s_interval ? 0 : shortest);
    }
}
