using System.Numerics;
using CloudPbx.Audio.Tones;

namespace CloudPbx.Audio.Resampling;

/// <summary>Multiplies or divides a sample rate by a whole number: 8, 16 and 48 kHz into each other. State belongs to one stream.</summary>
/// <remarks>
/// Allocation-free per call. Not thread-safe. A windowed sinc in polyphase form. Whole numbers inside, so that the vector and the scalar path give the same samples.
/// Upwards the last of each input's samples is an input sample itself, unchanged (a Nyquist filter: the sinc is zero at all others): nothing is lost, and who takes each
/// such sample has the input again. It delays by <see cref="Delay"/>.
/// </remarks>
public sealed class Resampler
{
    private const int TapsPerPhase = 32;        // at the lower rate
    private const int UnityBits = 14;           // a tap of 1.0
    private const int MaxFactor = 6;            // 8 to 48 kHz
    private static readonly short[]?[] s_up = new short[]?[MaxFactor + 1], s_down = new short[]?[MaxFactor + 1];

    private readonly int _from, _to, _factor;
    private readonly short[] _filter;           // up: phase after phase; down: one row
    private readonly short[] _history;          // written twice, so that a window is always in one piece
    private readonly int _window;
    private int _at, _phase;

    /// <summary>Makes a resampler.</summary>
    /// <param name="fromRate">Samples per second in.</param>
    /// <param name="toRate">Samples per second out: <paramref name="fromRate"/>, a multiple of it, or a whole fraction, up to six times.</param>
    public Resampler(int fromRate, int toRate)
    {
        int low = Math.Min(fromRate, toRate), high = Math.Max(fromRate, toRate);
        if (low < 1000 || high % low != 0 || high / low > MaxFactor)
            throw new ArgumentException("Only the same rate, a multiple of it or a whole fraction of it.", nameof(toRate));
        (_from, _to, _factor) = (fromRate, toRate, high / low);
        _window = toRate > fromRate ? TapsPerPhase : TapsPerPhase * _factor;
        _history = new short[_window * 2];
        _filter = toRate > fromRate ? s_up[_factor] ??= Phases(Design(_factor, _window * _factor / 2.0), _factor) : s_down[_factor] ??= Design(_factor, (_window - 1) / 2.0);
    }

    /// <summary>Input samples that it keeps back, upwards: so many more have to go in before the last one comes out.</summary>
    public int Delay => _to > _from ? (TapsPerPhase / 2) - 1 : 0;

    /// <summary>Input samples, zeros for example, after which nothing of those before comes out any more.</summary>
    public int Memory => _to == _from ? 0 : _window - 1;

    /// <summary>The most samples that come out.</summary>
    /// <param name="inputSamples">Samples that go in.</param>
    /// <returns>An upper bound for the result of <see cref="Process"/>.</returns>
    public int OutputSamples(int inputSamples) => _to > _from ? inputSamples * _factor : _to < _from ? (inputSamples + _factor - 1) / _factor : inputSamples;

    /// <summary>Converts the next samples of the stream.</summary>
    /// <param name="input">Samples at the first rate.</param>
    /// <param name="output">Room for <see cref="OutputSamples"/> samples.</param>
    /// <returns>Samples written.</returns>
    public int Process(ReadOnlySpan<short> input, Span<short> output)
    {
        if (_from == _to)
        {
            input.CopyTo(output);
            return input.Length;
        }
        int written = 0;
        foreach (short sample in input)
        {
            Push(sample);
            if (_to > _from)
            {
                for (int phase = 0; phase < _factor; phase++)
                    output[written++] = Narrow(Dot(Window, _filter.AsSpan(phase * TapsPerPhase, TapsPerPhase)), 1);
            }
            else if (++_phase == _factor)
            {
                _phase = 0;
                output[written++] = Narrow(Dot(Window, _filter), _factor);
            }
        }
        return written;
    }

    /// <summary><see cref="AudioLevel.SumOfProducts"/> in half the steps: the taps are small enough for lanes of 32 bits.</summary>
    internal static long Dot(ReadOnlySpan<short> samples, ReadOnlySpan<short> taps)
    {
        int i = 0;
        long sum = 0;
        if (Vector.IsHardwareAccelerated)
        {
            Vector<int> sums = Vector<int>.Zero;
            for (; i <= taps.Length - Vector<short>.Count; i += Vector<short>.Count)
            {
                Vector.Widen(new Vector<short>(samples[i..]), out Vector<int> low, out Vector<int> high);
                Vector.Widen(new Vector<short>(taps[i..]), out Vector<int> lowTaps, out Vector<int> highTaps);
                sums += (low * lowTaps) + (high * highTaps);    // no lane overflows: the taps of one stay below 2.5 together
            }
            for (int lane = 0; lane < Vector<int>.Count; lane++)
                sum += sums[lane];
        }
        return sum + AudioLevel.SumOfProductsScalar(samples.Slice(i, taps.Length - i), taps[i..]);
    }

    private ReadOnlySpan<short> Window => _history.AsSpan(_at, _window);

    private static short Narrow(long sum, int divisor)
    {
        long unity = (long)divisor << UnityBits, rounded = sum + (unity / 2);
        long quotient = rounded / unity;
        if (rounded < 0 && quotient * unity != rounded)
            quotient--;                             // a half below zero is rounded as one above
        return (short)Math.Clamp(quotient, short.MinValue, short.MaxValue);
    }

    private void Push(short sample)
    {
        _history[_at] = sample;
        _history[_at + _window] = sample;
        _at = _at + 1 == _window ? 0 : _at + 1;
    }

    /// <summary>A sinc that ends at the lower rate's half (Blackman window), each phase with the sum one.</summary>
    /// <param name="factor">Between the rates.</param>
    /// <param name="centre">Where its middle is: on a tap, one phase of it is that tap alone.</param>
    private static short[] Design(int factor, double centre)
    {
        int length = TapsPerPhase * factor;
        var taps = new double[length];
        for (int i = 0; i < length; i++)
        {
            double x = (i - centre) / factor;
            double place = (i - centre) / (length - centre);            // -1 to 1
            double window = 0.42 + (0.5 * Math.Cos(Math.PI * place)) + (0.08 * Math.Cos(2 * Math.PI * place));
            taps[i] = (x == 0 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x)) * window;
        }
        for (int phase = 0; phase < factor; phase++)
        {
            double sum = 0;
            for (int i = phase; i < length; i += factor)
                sum += taps[i];
            for (int i = phase; i < length; i += factor)
                taps[i] /= sum;
        }
        return [.. taps.Select(t => (short)Math.Round(t * (1 << UnityBits)))];
    }

    /// <summary>The taps in the order in which outputs need them: a phase sees each <paramref name="factor"/>th tap, the last one first sample's.</summary>
    private static short[] Phases(short[] row, int factor)
    {
        short[] phases = new short[row.Length];
        for (int phase = 0; phase < factor; phase++)
        {
            for (int i = 0; i < TapsPerPhase; i++)
                phases[(phase * TapsPerPhase) + i] = row[(i * factor) + (factor - 1 - phase)];
        }
        return phases;
    }
}
