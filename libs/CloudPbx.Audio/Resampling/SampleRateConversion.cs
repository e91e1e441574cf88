namespace CloudPbx.Audio.Resampling;

/// <summary>Brings a whole piece of audio to another rate, whatever the two are: for files that are loaded, not for streams.</summary>
public static class SampleRateConversion
{
    private const int HalfWidth = 24;           // zero crossings to either side

    /// <summary>Converts samples.</summary>
    /// <param name="samples">At <paramref name="fromRate"/>.</param>
    /// <param name="fromRate">Samples per second in.</param>
    /// <param name="toRate">Samples per second out.</param>
    /// <returns>The same audio; <paramref name="samples"/> itself where the rates are equal.</returns>
    public static short[] Convert(short[] samples, int fromRate, int toRate)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentOutOfRangeException.ThrowIfLessThan(fromRate, 1000);
        ArgumentOutOfRangeException.ThrowIfLessThan(toRate, 1000);
        if (fromRate == toRate)
            return samples;
        double step = (double)fromRate / toRate;
        double cutoff = Math.Min(1, 1 / step);  // of the input's own half rate
        double reach = HalfWidth / cutoff;
        short[] output = new short[(long)samples.Length * toRate / fromRate];
        for (int i = 0; i < output.Length; i++)
        {
            double centre = i * step;
            int first = Math.Max(0, (int)Math.Ceiling(centre - reach)), last = Math.Min(samples.Length - 1, (int)Math.Floor(centre + reach));
            double sum = 0, weight = 0;
            for (int k = first; k <= last; k++)
            {
                double tap = Tap((k - centre) * cutoff, (k - centre) / reach);
                sum += tap * samples[k];
                weight += tap;
            }
            output[i] = (short)Math.Clamp(Math.Round(weight == 0 ? 0 : sum / weight), short.MinValue, short.MaxValue);
        }
        return output;
    }

    private static double Tap(double x, double place)
    {
        double sinc = x == 0 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x);
        return sinc * (0.42 + (0.5 * Math.Cos(Math.PI * place)) + (0.08 * Math.Cos(2 * Math.PI * place)));
    }
}
