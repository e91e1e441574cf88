namespace CloudPbx.TestKit.Recordings;

/// <summary>Finds what was heard in what was said: the measure of a delay, in samples, whatever codecs lie between.</summary>
public static class CrossCorrelation
{
    /// <summary>Finds the place that is most like a piece.</summary>
    /// <param name="said">All that was said.</param>
    /// <param name="heard">A piece of what was heard, at the same rate; shorter than <paramref name="said"/>.</param>
    /// <returns>Where in <paramref name="said"/> it lies, and how like the two are: 1 is the same but for loudness, 0 is nothing in common.</returns>
    public static (int Place, double Likeness) Find(ReadOnlySpan<short> said, ReadOnlySpan<short> heard)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(heard.Length, said.Length);
        double energy = 0, power = 0;
        for (int i = 0; i < heard.Length; i++)
        {
            energy += heard[i] * heard[i];
            power += said[i] * said[i];
        }
        (int place, double best) = (0, 0);
        for (int lag = 0; ; lag++)
        {
            double likeness = energy > 0 && power > 0 ? Product(said.Slice(lag, heard.Length), heard) / Math.Sqrt(energy * power) : 0;
            if (likeness > best)
                (place, best) = (lag, likeness);
            if (lag + heard.Length == said.Length)
                return (place, best);
            power += ((double)said[lag + heard.Length] * said[lag + heard.Length]) - ((double)said[lag] * said[lag]);
        }
    }

    private static double Product(ReadOnlySpan<short> a, ReadOnlySpan<short> b)
    {
        long sum = 0;
        for (int i = 0; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }
}
