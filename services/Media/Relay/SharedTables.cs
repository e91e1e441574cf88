namespace CloudPbx.Media.Relay;

/// <summary>Equal tables are one: most calls speak the same codecs, and a table that they share stays in the processor's cache, where each packet looks into it.</summary>
/// <typeparam name="T">An entry.</typeparam>
/// <remarks>Thread-safe by a lock: for offers and answers, never per packet. A shared table must not be changed any more.</remarks>
internal sealed class SharedTables<T>
    where T : struct, IEquatable<T>
{
    private const int Most = 64;                            // what strangers offer must not be kept for ever: a table beyond stays its owner's

    private readonly Lock _gate = new();
    private readonly List<T[]> _known = [];

    /// <summary>The table that all share.</summary>
    /// <param name="entries">The wanted entries; a table is made of them where there is none yet.</param>
    public T[] Share(ReadOnlySpan<T> entries)
    {
        lock (_gate)
        {
            foreach (T[] known in _known)
            {
                if (entries.SequenceEqual(known))
                    return known;
            }
            T[] table = entries.ToArray();
            if (_known.Count < Most)
                _known.Add(table);
            return table;
        }
    }
}
