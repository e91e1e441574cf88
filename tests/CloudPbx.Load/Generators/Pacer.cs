using System.Diagnostics;

namespace CloudPbx.Load.Generators;

/// <summary>Says when the next unit of an open-loop load is due. A generator that falls behind by more than <see cref="Patience"/> does not make up for it: the rest would be a burst, not the load.</summary>
internal struct Pacer(double perSecond, long start)
{
    /// <summary>How much is made up for, in nanoseconds.</summary>
    private const long Patience = 50_000_000;

    private readonly double _interval = 1e9 / perSecond;
    private double _next = start;

    /// <summary>How much was left out, in units.</summary>
    public long LeftOut { get; private set; }

    /// <summary>Nanoseconds of a monotonic clock.</summary>
    public static long Now => (long)(Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency));

    /// <summary>Takes one unit if it is due.</summary>
    public bool TryTake(long now)
    {
        if (now < _next)
            return false;
        if (now - _next > Patience)
        {
            long skipped = (long)((now - _next) / _interval);
            LeftOut += skipped;
            _next += skipped * _interval;
        }
        _next += _interval;
        return true;
    }

    /// <summary>Nanoseconds until the next unit.</summary>
    public readonly long Until(long now) => Math.Max(0, (long)_next - now);
}
