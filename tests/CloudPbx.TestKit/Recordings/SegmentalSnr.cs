namespace CloudPbx.TestKit.Recordings;

/// <summary>How close what is heard is to what it should be, segment by segment: a short fault does not drown in a long talk.</summary>
public static class SegmentalSnr
{
    // The usual limits: beyond them nobody hears a difference any more, and one perfect or silent segment would rule the mean.
    private const double Least = -10, Most = 35;
    private const double Quiet = 100 * 100;             // mean square below which a segment says nothing

    /// <summary>Measures it.</summary>
    /// <param name="wanted">What it should be.</param>
    /// <param name="heard">What it is, sample for sample at the same time.</param>
    /// <param name="segment">Samples of a segment; 20 ms are usual.</param>
    /// <returns>The ratio of signal to difference of each segment that is not quiet, in dB, −10 to 35.</returns>
    public static IReadOnlyList<double> Of(ReadOnlySpan<short> wanted, ReadOnlySpan<short> heard, int segment)
    {
        List<double> ratios = [];
        for (int at = 0; at + segment <= Math.Min(wanted.Length, heard.Length); at += segment)
        {
            double signal = 0, noise = 0;
            for (int i = at; i < at + segment; i++)
            {
                signal += (double)wanted[i] * wanted[i];
                noise += Math.Pow(wanted[i] - heard[i], 2);
            }
            if (signal >= Quiet * segment)
                ratios.Add(noise == 0 ? Most : Math.Clamp(10 * Math.Log10(signal / noise), Least, Most));
        }
        return ratios;
    }
}
