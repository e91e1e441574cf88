using System.Numerics;

namespace CloudPbx.Audio.Tones;

/// <summary>Levels of 16-bit samples in dBm0: a sine that just reaches full scale has +3.14 dBm0 (ITU-T G.711 §4, A-law).</summary>
public static class AudioLevel
{
    /// <summary>The level of a full-scale sine.</summary>
    public const double FullScaleDbm0 = 3.14;

    /// <summary>What silence is reported as.</summary>
    public const double Floor = -120;

    private const double FullScale = 32768;

    /// <summary>The peak amplitude of a sine of a level.</summary>
    /// <param name="dbm0">The level.</param>
    /// <returns>Amplitude in steps of a 16-bit sample.</returns>
    public static double SineAmplitude(double dbm0) => FullScale * Math.Pow(10, (dbm0 - FullScaleDbm0) / 20);

    /// <summary>The level of a mean power, for example of a block of samples.</summary>
    /// <param name="meanSquare">The mean of the squared samples.</param>
    /// <returns>The level, not below <see cref="Floor"/>.</returns>
    public static double FromMeanSquare(double meanSquare) =>
        meanSquare <= 0 ? Floor : Math.Max(Floor, (10 * Math.Log10(2 * meanSquare / (FullScale * FullScale))) + FullScaleDbm0);

    /// <summary>The level of a block of samples.</summary>
    /// <param name="samples">The samples.</param>
    /// <returns>The level, not below <see cref="Floor"/>.</returns>
    public static double Of(ReadOnlySpan<short> samples) => samples.IsEmpty ? Floor : FromMeanSquare((double)SumOfSquares(samples) / samples.Length);

    /// <summary>The mean power of a level: the other way of <see cref="FromMeanSquare"/>, for comparing without a logarithm.</summary>
    /// <param name="dbm0">The level.</param>
    /// <returns>The mean of the squared samples.</returns>
    public static double MeanSquareOf(double dbm0) => SineAmplitude(dbm0) * SineAmplitude(dbm0) / 2;

    /// <summary>Whether a block of samples has more than a mean power.</summary>
    /// <param name="samples">The samples.</param>
    /// <param name="meanSquare">As <see cref="MeanSquareOf"/> gives it.</param>
    public static bool IsAbove(ReadOnlySpan<short> samples, double meanSquare) => SumOfSquares(samples) > meanSquare * samples.Length;

    /// <summary>The sum of the squared samples; exact, by vectors as by numbers.</summary>
    internal static long SumOfSquares(ReadOnlySpan<short> samples)
    {
        long sum = 0;
        int i = 0;
        if (Vector.IsHardwareAccelerated)
        {
            Vector<long> sums = Vector<long>.Zero;
            for (; i <= samples.Length - Vector<short>.Count; i += Vector<short>.Count)
            {
                Vector.Widen(new Vector<short>(samples[i..]), out Vector<int> low, out Vector<int> high);
                // Two squares are 2³¹ at most: they fit without a sign.
                Vector.Widen(Vector.AsVectorUInt32(low * low) + Vector.AsVectorUInt32(high * high), out Vector<ulong> lower, out Vector<ulong> upper);
                sums += Vector.AsVectorInt64(lower + upper);
            }
            sum = Vector.Sum(sums);
        }
        return sum + SumOfProductsScalar(samples[i..], samples[i..]);
    }

    /// <summary>The sum of the products of samples at the same place; exact, by vectors as by numbers.</summary>
    /// <param name="left">The one.</param>
    /// <param name="right">The other, as long.</param>
    internal static long SumOfProducts(ReadOnlySpan<short> left, ReadOnlySpan<short> right)
    {
        long sum = 0;
        int i = 0;
        if (Vector.IsHardwareAccelerated)
        {
            Vector<long> sums = Vector<long>.Zero;
            for (; i <= left.Length - Vector<short>.Count; i += Vector<short>.Count)
            {
                Vector.Widen(new Vector<short>(left[i..]), out Vector<int> low, out Vector<int> high);
                Vector.Widen(new Vector<short>(right[i..]), out Vector<int> otherLow, out Vector<int> otherHigh);
                // Two products need 32 bits and a sign: each is widened by itself.
                Vector.Widen(low * otherLow, out Vector<long> first, out Vector<long> second);
                Vector.Widen(high * otherHigh, out Vector<long> third, out Vector<long> fourth);
                sums += first + second + third + fourth;
            }
            sum = Vector.Sum(sums);
        }
        return sum + SumOfProductsScalar(left[i..], right[i..]);
    }

    /// <summary><see cref="SumOfProducts"/>, one by one.</summary>
    internal static long SumOfProductsScalar(ReadOnlySpan<short> left, ReadOnlySpan<short> right)
    {
        long sum = 0;
        for (int i = 0; i < left.Length; i++)
            sum += left[i] * right[i];
        return sum;
    }
}
