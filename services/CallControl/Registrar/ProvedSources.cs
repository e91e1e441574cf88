using System.Collections.Concurrent;
using CloudPbx.State.Bans;

namespace CloudPbx.CallControl.Registrar;

/// <summary>The sources that have proved themselves to an account under attack, until when.</summary>
/// <remarks>Thread-safe. Only who knows a password gets in; when full, the one that was not seen for longest is forgotten.</remarks>
internal sealed class ProvedSources(int capacity)
{
    private readonly ConcurrentDictionary<BanSubject, DateTime> _ends = new();
    private readonly Queue<(BanSubject Subject, DateTime End)> _order = new();
    private readonly Lock _gate = new();                          // taken only for a right password in an attack, for a few instructions

    /// <summary>How many are remembered.</summary>
    public int Count => _ends.Count;

    /// <summary>Whether a source has proved itself, and that holds still.</summary>
    public bool Covers(in BanSubject subject, DateTime now) => _ends.TryGetValue(subject, out DateTime end) && end > now;

    /// <summary>A source has proved itself.</summary>
    /// <param name="subject">Source and account.</param>
    /// <param name="now">Now, UTC.</param>
    /// <param name="end">Until when that holds, UTC; never sooner than those of before.</param>
    public void Add(in BanSubject subject, DateTime now, DateTime end)
    {
        lock (_gate)
        {
            bool isNew = !_ends.ContainsKey(subject);
            _ends[subject] = end;
            if (isNew)
                _order.Enqueue((subject, end));
            while (_order.TryPeek(out (BanSubject Subject, DateTime End) oldest) && (oldest.End <= now || _ends.Count > capacity))
            {
                _order.Dequeue();
                if (_ends[oldest.Subject] is var longer && longer > oldest.End)
                    _order.Enqueue((oldest.Subject, longer));     // it was seen since
                else
                    _ends.TryRemove(oldest.Subject, out _);
            }
        }
    }
}
