namespace CloudPbx.Audio.Tones;

/// <summary>Finds the strongest frequency and the level in the last window of a stream, by FFT; and the power at one frequency (Goertzel).</summary>
/// <remarks>Adding and measuring allocate nothing. Not thread-safe.</remarks>
public sealed class ToneDetector
{
    private const double SilenceDbm0 = -60;
    private const int PeakBins = 3;             // a Hann window spreads a tone over this many bins to either side

    private readonly short[] _ring;
    private readonly double[] _real, _imaginary, _window;
    private readonly int _sampleRate;
    private int _at;
    private long _added;

    /// <summary>Makes a detector.</summary>
    /// <param name="sampleRate">Samples per second.</param>
    /// <param name="windowSamples">The window, a power of two from 64; 2048 samples at 8 kHz tell frequencies to about 1 Hz.</param>
    public ToneDetector(int sampleRate, int windowSamples = 2048)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sampleRate, 1000);
        if (windowSamples < 64 || !int.IsPow2(windowSamples))
            throw new ArgumentException("The window is a power of two from 64.", nameof(windowSamples));
        _sampleRate = sampleRate;
        _ring = new short[windowSamples];
        _real = new double[windowSamples];
        _imaginary = new double[windowSamples];
        _window = new double[windowSamples];
        for (int i = 0; i < windowSamples; i++)
            _window[i] = 0.5 - (0.5 * Math.Cos(2 * Math.PI * i / windowSamples));
    }

    /// <summary>Samples in a window.</summary>
    public int WindowSamples => _ring.Length;

    /// <summary>True once a whole window was heard.</summary>
    public bool IsFull => _added >= _ring.Length;

    /// <summary>Hears samples.</summary>
    /// <param name="samples">Any number.</param>
    public void Add(ReadOnlySpan<short> samples)
    {
        foreach (short sample in samples)
        {
            _ring[_at] = sample;
            _at = (_at + 1) & (_ring.Length - 1);
        }
        _added += samples.Length;
    }

    /// <summary>Measures the last window; what was not heard yet counts as silence.</summary>
    /// <returns>The strongest frequency, the level and how clean the tone is.</returns>
    public ToneMeasurement Measure()
    {
        int length = _ring.Length;
        double square = 0;
        for (int i = 0; i < length; i++)
        {
            double sample = _ring[(_at + i) & (length - 1)];
            square += sample * sample;
            _real[i] = sample * _window[i];
        }
        double level = AudioLevel.FromMeanSquare(square / length);
        if (level < SilenceDbm0)
            return new ToneMeasurement(0, level, 0);
        Array.Clear(_imaginary);
        FourierTransform.Forward(_real, _imaginary);
        int half = length / 2, peak = 1;
        double total = 0;
        for (int bin = 1; bin < half; bin++)
        {
            total += Power(bin);
            if (Power(bin) > Power(peak))
                peak = bin;
        }
        double around = 0;
        for (int bin = Math.Max(1, peak - PeakBins); bin <= Math.Min(half - 1, peak + PeakBins); bin++)
            around += Power(bin);
        return new ToneMeasurement((peak + Offset(peak)) * _sampleRate / length, level, total > 0 ? around / total : 0);
    }

    /// <summary>Measures one block at once.</summary>
    /// <param name="samples">At least 64 samples; the last power of two of them count.</param>
    /// <param name="sampleRate">Samples per second.</param>
    /// <returns>What it sounds like.</returns>
    public static ToneMeasurement Measure(ReadOnlySpan<short> samples, int sampleRate)
    {
        int window = Math.Clamp(1 << int.Log2(Math.Max(64, samples.Length)), 64, 16384);
        var detector = new ToneDetector(sampleRate, window);
        detector.Add(samples);
        return detector.Measure();
    }

    /// <summary>The level of one frequency in a block (Goertzel).</summary>
    /// <param name="samples">The block; the longer, the narrower: bandwidth is about the sample rate divided by its length.</param>
    /// <param name="sampleRate">Samples per second.</param>
    /// <param name="hertz">The frequency.</param>
    /// <returns>The level of a sine that would give this result, in dBm0.</returns>
    public static double LevelAt(ReadOnlySpan<short> samples, int sampleRate, double hertz)
    {
        if (samples.IsEmpty)
            return AudioLevel.Floor;
        double coefficient = 2 * Math.Cos(2 * Math.PI * hertz / sampleRate), s1 = 0, s2 = 0;
        foreach (short sample in samples)
            (s1, s2) = (sample + (coefficient * s1) - s2, s1);
        double power = (s1 * s1) + (s2 * s2) - (coefficient * s1 * s2);
        return AudioLevel.FromMeanSquare(2 * power / ((double)samples.Length * samples.Length));
    }

    private double Power(int bin) => (_real[bin] * _real[bin]) + (_imaginary[bin] * _imaginary[bin]);

    /// <summary>Where between the bins the peak lies: exact for a Hann window and one sine.</summary>
    private double Offset(int peak)
    {
        double left = Math.Sqrt(Power(peak - 1)), middle = Math.Sqrt(Power(peak)), right = Math.Sqrt(Power(peak + 1));
        double ratio = right > left ? right / middle : left / middle;
        double offset = ((2 * ratio) - 1) / (ratio + 1);
        return right > left ? offset : -offset;
    }
}
