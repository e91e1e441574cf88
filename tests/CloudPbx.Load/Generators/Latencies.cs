namespace CloudPbx.Load.Generators;

/// <summary>Counts times in buckets of a sixteenth of their size: percentiles without keeping the values.</summary>
internal sealed class Latencies
{
    private const int Steps = 16;
    private readonly long[] _buckets = new long[Steps * 40];

    /// <summary>How many were added.</summary>
    public long Count { get; private set; }

    public void Add(long microseconds)
    {
        _buckets[Math.Min(IndexOf(Math.Max(0, microseconds)), _buckets.Length - 1)]++;
        Count++;
    }

    /// <summary>The value that this share of the values does not exceed, to a sixteenth; 0 where there is none.</summary>
    public double Percentile(double percent)
    {
        long wanted = (long)Math.Ceiling(Count * percent / 100), seen = 0;
        for (int i = 0; i < _buckets.Length && Count > 0; i++)
        {
            seen += _buckets[i];
            if (seen >= wanted)
                return UpperOf(i);
        }
        return 0;
    }

    // Below 16 one bucket for each value; above, 16 for each power of two.
    private static int IndexOf(long value)
    {
        if (value < Steps)
            return (int)value;
        int exponent = 63 - System.Numerics.BitOperations.LeadingZeroCount((ulong)value) - 4;
        return (Steps * (exponent + 1)) + (int)(value >> exponent) - Steps;
    }

    private static double UpperOf(int index)
    {
        if (index < Steps)
            return index;
        int exponent = (index / Steps) - 1;
        return ((long)(index % Steps + Steps + 1) << exponent) - 1;
    }
}
