using System.Numerics;

namespace CloudPbx.Audio.Resampling;

/// <summary>Brings a whole piece of audio to another rate, whatever the two are: for files that are loaded, not for streams.</summary>
public static class SampleRateConversion
{
    private const int HalfWidth = 24;           // zero crossings to either side
    private const int MaxTaps = 1 << 20;

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
        // Output i lies at i * from / to of the input. Which fractions there are between two samples repeats: their taps are computed once.
        int divisor = (int)BigInteger.GreatestCommonDivisor(fromRate, toRate), from = fromRate / divisor, to = toRate / divisor;
        double cutoff = Math.Min(1, (double)to / from), reach = HalfWidth / cutoff;      // cutoff: of the input's own half rate
        int before = (int)reach, width = (2 * before) + 2;
        bool repeats = (long)to * width <= MaxTaps;         // odd rates have too many fractions to keep
        double[] taps = new double[(repeats ? to : 1) * width];
        for (int phase = 0; repeats && phase < to; phase++)
            FillTaps(taps.AsSpan(phase * width, width), before + ((double)phase / to), cutoff, reach);
        short[] output = new short[(long)samples.Length * toRate / fromRate];
        for (int i = 0; i < output.Length; i++)
        {
            (long whole, long phase) = Math.DivRem((long)i * from, to);
            Span<double> row = taps.AsSpan(repeats ? (int)phase * width : 0, width);
            if (!repeats)
                FillTaps(row, before + ((double)phase / to), cutoff, reach);
            int start = (int)whole - before;
            double sum = 0, weight = 0;
            for (int k = Math.Max(0, -start); k < Math.Min(width, samples.Length - start); k++)
            {
                sum += row[k] * samples[start + k];
                weight += row[k];
            }
            output[i] = (short)Math.Clamp(Math.Round(weight == 0 ? 0 : sum / weight), short.MinValue, short.MaxValue);
        }
        return output;
    }

    private static void FillTaps(Span<double> taps, double centre, double cutoff, double reach)
    {
        for (int i = 0; i < taps.Length; i++)
            taps[i] = Math.Abs(i - centre) <= reach ? Tap((i - centre) * cutoff, (i - centre) / reach) : 0;
    }

    private static double Tap(double x, double place)
    {
        double sinc = x == 0 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x);
        return sinc * (0.42 + (0.5 * Math.Cos(Math.PI * place)) + (0.08 * Math.Cos(2 * Math.PI * place)));
    }
}
