using System.Collections.Concurrent;

namespace CloudPbx.Edge.Dispatch;

/// <summary>Values that are known for a time. A cache: when it is full of what still counts, nothing more is taken.</summary>
/// <remarks>Thread-safe. Looking up allocates nothing.</remarks>
/// <typeparam name="TKey">What is looked up.</typeparam>
/// <typeparam name="TValue">What is known of it.</typeparam>
internal sealed class ExpiringTable<TKey, TValue>(TimeProvider time)
    where TKey : struct, IEquatable<TKey>
    where TValue : struct
{
    private const int Capacity = 100_000;

    private readonly ConcurrentDictionary<TKey, Entry> _entries = new();
    private long _nextSweep;

    /// <summary>Learns a value, in place of what was known.</summary>
    /// <param name="key">Of what.</param>
    /// <param name="value">The value.</param>
    /// <param name="life">For how long it counts.</param>
    public void Learn(in TKey key, TValue value, TimeSpan life)
    {
        long now = time.GetTimestamp();
        if (_entries.Count >= Capacity && !_entries.ContainsKey(key))
        {
            Sweep(now);
            if (_entries.Count >= Capacity)
                return;
        }
        _entries[key] = new Entry(value, now + (long)(life.TotalSeconds * time.TimestampFrequency));
    }

    /// <summary>Looks a value up.</summary>
    public bool TryFind(in TKey key, out TValue value)
    {
        bool isKnown = _entries.TryGetValue(key, out Entry entry) && time.GetTimestamp() < entry.Until;
        value = isKnown ? entry.Value : default;
        return isKnown;
    }

    private void Sweep(long now)
    {
        long next = Interlocked.Read(ref _nextSweep);
        if (now < next || Interlocked.CompareExchange(ref _nextSweep, now + time.TimestampFrequency, next) != next)
            return;
        foreach ((TKey key, Entry entry) in _entries)
        {
            if (now >= entry.Until)
                _entries.TryRemove(key, out _);
        }
    }

    private readonly record struct Entry(TValue Value, long Until);
}
