using System.Collections.Concurrent;

namespace CloudPbx.Sip.Resolution;

/// <summary>Places that did not answer or asked for patience (RFC 3263 §4.3, RFC 3261 §20.33): they are tried last until their time is over.</summary>
/// <remarks>Thread-safe. One that is down says nothing of others, not even of those of its own name (I27).</remarks>
public sealed class DownTargets(TimeProvider time)
{
    private const int Capacity = 10_000;

    /// <summary>How long a place that said nothing of its own is left in peace.</summary>
    public static readonly TimeSpan Default = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan s_longest = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<NextHop, DateTimeOffset> _until = new();

    /// <summary>Notes that a place is down.</summary>
    /// <param name="hop">The place.</param>
    /// <param name="retryAfter">What its Retry-After said; <see langword="null"/> for nothing.</param>
    public void Mark(NextHop hop, TimeSpan? retryAfter = null)
    {
        TimeSpan life = retryAfter is { } asked && asked > Default ? asked : Default;     // I28: at least that long
        if (_until.Count >= Capacity)
            Sweep();
        _until[hop] = time.GetUtcNow() + (life < s_longest ? life : s_longest);
    }

    /// <summary>Notes that a place answers.</summary>
    public void Clear(NextHop hop) => _until.TryRemove(hop, out _);

    /// <summary>Whether a place is down still.</summary>
    public bool IsDown(NextHop hop)
    {
        if (!_until.TryGetValue(hop, out DateTimeOffset until))
            return false;
        if (until > time.GetUtcNow())
            return true;
        _until.TryRemove(KeyValuePair.Create(hop, until));
        return false;
    }

    private void Sweep()
    {
        foreach ((NextHop hop, DateTimeOffset until) in _until)
            if (until <= time.GetUtcNow())
                _until.TryRemove(KeyValuePair.Create(hop, until));
        if (_until.Count >= Capacity)
            _until.Clear();
    }
}
