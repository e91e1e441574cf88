using System.Numerics;

namespace CloudPbx.Audio.Mixing;

/// <summary>Adds linear samples in 32 bits, and gives each party the sum without its own voice.</summary>
/// <remarks>Allocation-free. Vectors of whatever width the processor has; the scalar remainder gives the same samples.</remarks>
public static class LinearMix
{
    /// <summary>Adds one party's samples to the sum.</summary>
    /// <param name="sum">The sum so far; at least as long as <paramref name="samples"/>.</param>
    /// <param name="samples">The party's samples.</param>
    public static void Add(Span<int> sum, ReadOnlySpan<short> samples)
    {
        int i = 0;
        if (Vector.IsHardwareAccelerated)
        {
            for (; i <= samples.Length - Vector<short>.Count; i += Vector<short>.Count)
            {
                Vector.Widen(new Vector<short>(samples[i..]), out Vector<int> low, out Vector<int> high);
                (new Vector<int>(sum[i..]) + low).CopyTo(sum[i..]);
                (new Vector<int>(sum[(i + Vector<int>.Count)..]) + high).CopyTo(sum[(i + Vector<int>.Count)..]);
            }
        }
        AddScalar(sum[i..], samples[i..]);
    }

    /// <summary>The sum less one's own voice, held to what 16 bits can say.</summary>
    /// <param name="sum">The sum of all.</param>
    /// <param name="own">What the hearer said; empty where it said nothing.</param>
    /// <param name="output">What it hears; as long as <paramref name="sum"/>.</param>
    public static void Minus(ReadOnlySpan<int> sum, ReadOnlySpan<short> own, Span<short> output)
    {
        int i = 0;
        if (Vector.IsHardwareAccelerated)
        {
            int vectorised = own.IsEmpty ? sum.Length : Math.Min(sum.Length, own.Length);
            for (; i <= vectorised - Vector<short>.Count; i += Vector<short>.Count)
            {
                Vector<int> low = new(sum[i..]), high = new(sum[(i + Vector<int>.Count)..]);
                if (!own.IsEmpty)
                {
                    Vector.Widen(new Vector<short>(own[i..]), out Vector<int> ownLow, out Vector<int> ownHigh);
                    low -= ownLow;
                    high -= ownHigh;
                }
                Vector.NarrowWithSaturation(low, high).CopyTo(output[i..]);
            }
        }
        MinusScalar(sum[i..], own.IsEmpty ? own : own[i..], output[i..]);
    }

    /// <summary><see cref="Add"/>, one by one.</summary>
    internal static void AddScalar(Span<int> sum, ReadOnlySpan<short> samples)
    {
        for (int i = 0; i < samples.Length; i++)
            sum[i] += samples[i];
    }

    /// <summary><see cref="Minus"/>, one by one.</summary>
    internal static void MinusScalar(ReadOnlySpan<int> sum, ReadOnlySpan<short> own, Span<short> output)
    {
        for (int i = 0; i < sum.Length; i++)
            output[i] = (short)Math.Clamp(sum[i] - (i < own.Length ? own[i] : 0), short.MinValue, short.MaxValue);
    }
}
