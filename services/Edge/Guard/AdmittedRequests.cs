namespace CloudPbx.Edge.Guard;

/// <summary>The requests that were admitted within the last 32 s, by a hash of their branches: who repeats one over UDP (RFC 3261 §17.1.1.2: for 64 times T1) is not asked for
/// it again. Were the repetition refused, its sender would take that for the answer, while the call goes on without him.</summary>
/// <remarks>A table of fixed size, in which the oldest make room. Thread-safe without locks: two that come at the same instant may overwrite each other.</remarks>
internal sealed class AdmittedRequests(TimeProvider time)
{
    private const int Sets = 1 << 13, Ways = 4;                   // 32,768: a thousand a second
    private const int Life = 32;                                  // seconds
    private const ulong Stamp = 0xFFFF;                           // the lowest bits are when: seconds, which go round after 18 hours

    private readonly ulong[] _entries = new ulong[Sets * Ways];   // 256 KiB

    /// <summary>Remembers one.</summary>
    /// <param name="name">Its hash.</param>
    public void Add(ulong name)
    {
        Span<ulong> set = SetOf(name);
        ushort now = Now;
        int oldest = 0;
        for (int way = 1; way < Ways; way++)
        {
            if (AgeOf(set[way], now) > AgeOf(set[oldest], now))
                oldest = way;
        }
        Volatile.Write(ref set[oldest], (name & ~Stamp) | now);
    }

    /// <summary>Whether one was remembered.</summary>
    /// <param name="name">Its hash.</param>
    public bool Contains(ulong name)
    {
        ushort now = Now;
        foreach (ref ulong entry in SetOf(name))
        {
            ulong known = Volatile.Read(ref entry);
            if ((known & ~Stamp) == (name & ~Stamp) && AgeOf(known, now) <= Life)
                return true;
        }
        return false;
    }

    private ushort Now => unchecked((ushort)(time.GetTimestamp() / time.TimestampFrequency));

    // By its lowest bits, which the stamp takes the place of.
    private Span<ulong> SetOf(ulong name) => _entries.AsSpan((int)(name % Sets) * Ways, Ways);

    private static int AgeOf(ulong entry, ushort now) => entry == 0 ? int.MaxValue : unchecked((ushort)(now - (ushort)(entry & Stamp)));
}
