namespace CloudPbx.Net.Sockets;

/// <summary>How far a thread goes before others of its machine.</summary>
public enum Urgency
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>By niceness -10 and short turns. It may still wait some milliseconds for a thread that it has kept waiting before: Linux gives to each its share.</summary>
    Ahead,

    /// <summary>Before every ordinary thread (SCHED_RR), for as long as it comes to rest in between.</summary>
    First,
}
