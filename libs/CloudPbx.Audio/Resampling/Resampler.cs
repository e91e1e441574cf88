namespace CloudPbx.Audio.Resampling;

/// <summary>Doubles or halves a sample rate with a half-band filter: 8 kHz to 16 kHz and back. State belongs to one stream.</summary>
/// <remarks>Allocation-free per call. Not thread-safe. Delays by 31.5 samples of the higher rate; stops aliases by about 60 dB above 4.6 kHz.</remarks>
public sealed class Resampler
{
    private const int Taps = 64;                // at the higher rate
    private static readonly float[] s_filter = Design();
    private readonly float[] _history = new float[Taps * 2];    // written twice, so that a window is always in one piece
    private readonly int _from, _to;
    private int _at;
    private bool _odd;

    /// <summary>Makes a resampler.</summary>
    /// <param name="fromRate">Samples per second in.</param>
    /// <param name="toRate">Samples per second out: the same, twice or half of <paramref name="fromRate"/>.</param>
    public Resampler(int fromRate, int toRate)
    {
        if (fromRate < 1000 || (toRate != fromRate && toRate != 2 * fromRate && 2 * toRate != fromRate))
            throw new ArgumentException("Only the same rate, its double or its half.", nameof(toRate));
        (_from, _to) = (fromRate, toRate);
    }

    /// <summary>The most samples that come out.</summary>
    /// <param name="inputSamples">Samples that go in.</param>
    /// <returns>An upper bound for the result of <see cref="Process"/>.</returns>
    public int OutputSamples(int inputSamples) => _to > _from ? inputSamples * 2 : _to < _from ? (inputSamples + 1) / 2 : inputSamples;

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
            if (_to > _from)
            {
                Push(sample * 2f);              // half of the energy goes into the zeros
                output[written++] = Filter();
                Push(0);
                output[written++] = Filter();
                continue;
            }
            Push(sample);
            _odd = !_odd;
            if (!_odd)
                output[written++] = Filter();
        }
        return written;
    }

    private void Push(float sample)
    {
        _history[_at] = sample;
        _history[_at + Taps] = sample;
        _at = (_at + 1) % Taps;
    }

    private short Filter()
    {
        ReadOnlySpan<float> window = _history.AsSpan(_at, Taps);
        float sum = 0;
        for (int i = 0; i < Taps; i++)
            sum += window[i] * s_filter[i];
        return (short)Math.Clamp(MathF.Round(sum), short.MinValue, short.MaxValue);
    }

    /// <summary>A windowed sinc at a quarter of the higher rate (Blackman), its sum one.</summary>
    private static float[] Design()
    {
        var taps = new double[Taps];
        for (int i = 0; i < Taps; i++)
        {
            double x = (i - ((Taps - 1) / 2.0)) / 2;
            double place = (double)(i + 1) / (Taps + 1);
            double window = 0.42 - (0.5 * Math.Cos(2 * Math.PI * place)) + (0.08 * Math.Cos(4 * Math.PI * place));
            taps[i] = Math.Sin(Math.PI * x) / (Math.PI * x) * window;
        }
        double sum = taps.Sum();
        return [.. taps.Select(t => (float)(t / sum))];
    }
}
