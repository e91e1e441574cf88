using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace CloudPbx.Sip.Resolution;

/// <summary>Places that did not answer or asked for patience (RFC 3263 §4.3, RFC 3261 §20.33): they are tried last until their time is over.</summary>
/// <remarks>Thread-safe. One that is down says nothing of others, not even of those of its own name (I27).</remarks>
public sealed class DownTargets(TimeProvider time)
{
    private const int Capacity = 10_000;

    /// <summary>How long a place that said nothing of its own is left in peace.</summary>
    public static readonly TimeSpan Default = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan s_longest = TimeSpan.FromDays(1);      // a maintenance lasts hours; what asks for more is a mistake

    private readonly ConcurrentDictionary<NextHop, DownMark> _marks = new();

    /// <summary>Notes that a place is down.</summary>
    /// <param name="hop">The place.</param>
    /// <param name="retryAfter">What its Retry-After said, or for how long it need not be tried; <see langword="null"/> for nothing.</param>
    /// <param name="why">Why, in words; <see langword="null"/> for nothing worth telling.</param>
    public void Mark(NextHop hop, TimeSpan? retryAfter = null, string? why = null)
    {
        TimeSpan life = retryAfter is { } asked && asked > Default ? asked : Default;     // I28: at least that long
        if (_marks.Count >= Capacity)
            Sweep();
        _marks[hop] = new DownMark(time.GetUtcNow() + (life < s_longest ? life : s_longest), why);
    }

    /// <summary>Notes that a place answers.</summary>
    public void Clear(NextHop hop) => _marks.TryRemove(hop, out _);

    /// <summary>Whether a place is down still.</summary>
    public bool IsDown(NextHop hop) => TryFind(hop, out _);

    /// <summary>Finds what was noted of a place that is down still.</summary>
    /// <param name="hop">The place.</param>
    /// <param name="mark">Until when, and why.</param>
    public bool TryFind(NextHop hop, [NotNullWhen(true)] out DownMark? mark)
    {
        if (!_marks.TryGetValue(hop, out mark))
            return false;
        if (mark.Until > time.GetUtcNow())
            return true;
        _marks.TryRemove(KeyValuePair.Create(hop, mark));
        mark = null;
        return false;
    }

    private void Sweep()
    {
        foreach ((NextHop hop, DownMark mark) in _marks)
            if (mark.Until <= time.GetUtcNow())
                _marks.TryRemove(KeyValuePair.Create(hop, mark));
        if (_marks.Count >= Capacity)
            _marks.Clear();
    }
}
