namespace CloudPbx.Audio.Tones;

/// <summary>
/// Hears digits in speech (ITU-T Q.23, receivers as in Q.24): eight Goertzel filters over blocks of 12.75 ms. A digit counts once both tones stand out of
/// their groups, agree in level, and hold nearly all of the power for two blocks, so that speech and music are none (talk-off).
/// </summary>
/// <remarks>Allocation-free per call. Not thread-safe: one for each stream. Telephone rate; wider streams are brought to it first.</remarks>
public sealed class DtmfDetector
{
    /// <summary>The rate of the samples that it takes.</summary>
    public const int SampleRate = 8000;

    private const int Block = 102;                          // a filter is about 78 Hz wide: passes 1.5 % off, stops 3.5 % off (Q.24 table A-1)
    private const int BlocksToBegin = 2;                    // 25 ms; a digit of 40 ms always fills two blocks
    private const int BlocksToEnd = 2;                      // a drop-out of 10 ms does not make two digits of one
    private const double ThresholdDbm0 = -38;               // of each tone
    private const double ForwardTwist = 6.31, ReverseTwist = 2.51;      // the column 8 dB, the row 4 dB stronger than the other (Q.24)
    private const double Standing = 6.31;                   // a tone over the others of its group
    private const double Share = 0.82;                      // of all power
    private const string Digits = "123A456B789C*0#D";

    private static readonly double[] s_coefficients = [.. Coefficients()];
    private static readonly double s_threshold = Threshold();

    private readonly double[] _first = new double[8], _second = new double[8];
    private double _energy;
    private int _inBlock, _hits, _misses, _blocks;
    private char _candidate, _current;

    /// <summary>The digit that sounds now; <c>'\0'</c> where none does.</summary>
    public char Current => _current;

    /// <summary>How long the last digit sounded, in milliseconds.</summary>
    public int DurationMilliseconds => _blocks * Block * 1000 / SampleRate;

    /// <summary>Hears samples up to the next event.</summary>
    /// <param name="samples">At 8000 a second; what was heard is cut off its front. Call again until nothing is left.</param>
    /// <param name="began">A digit began: <see cref="Current"/>.</param>
    /// <returns>A digit that ended, or <c>'\0'</c>.</returns>
    public char Hear(ref ReadOnlySpan<short> samples, out bool began)
    {
        began = false;
        while (!samples.IsEmpty)
        {
            int take = Math.Min(Block - _inBlock, samples.Length);
            Filter(samples[..take]);
            samples = samples[take..];
            _inBlock += take;
            if (_inBlock < Block)
                return '\0';
            char digit = Judge();
            Clear();
            if (Step(digit, out began) is var ended && (ended != '\0' || began))
                return ended;
        }
        return '\0';
    }

    private char Step(char digit, out bool began)
    {
        began = false;
        if (_current != '\0')
        {
            _misses = digit == _current ? 0 : _misses + 1;
            _blocks++;
            if (_misses < BlocksToEnd)
                return '\0';
            char ended = _current;
            _blocks -= _misses;
            (_current, _candidate, _hits) = ('\0', digit, digit == '\0' ? 0 : 1);
            return ended;
        }
        _hits = digit != '\0' && digit == _candidate ? _hits + 1 : digit == '\0' ? 0 : 1;
        _candidate = digit;
        if (_hits < BlocksToBegin)
            return '\0';
        (_current, _misses, _blocks, began) = (digit, 0, _hits, true);
        return '\0';
    }

    private void Filter(ReadOnlySpan<short> samples)
    {
        for (int f = 0; f < 8; f++)
        {
            double coefficient = s_coefficients[f], s1 = _first[f], s2 = _second[f];
            foreach (short sample in samples)
                (s1, s2) = (sample + (coefficient * s1) - s2, s1);
            (_first[f], _second[f]) = (s1, s2);
        }
        foreach (short sample in samples)
            _energy += (double)sample * sample;
    }

    /// <summary>The digit that fills the block, or none.</summary>
    private char Judge()
    {
        int row = Strongest(0, out double rowPower), column = Strongest(4, out double columnPower);
        bool loud = rowPower >= s_threshold && columnPower >= s_threshold;
        bool alike = columnPower <= rowPower * ForwardTwist && rowPower <= columnPower * ReverseTwist;
        // Of a pure pair the two filters hold N/2 times the block's energy.
        bool pure = rowPower + columnPower >= Share * _energy * Block / 2;
        return loud && alike && pure && StandsOut(0, row, rowPower) && StandsOut(4, column, columnPower) ? Digits[(row * 4) + column] : '\0';
    }

    private int Strongest(int group, out double power)
    {
        int best = 0;
        power = Power(group);
        for (int i = 1; i < 4; i++)
        {
            if (Power(group + i) > power)
                (best, power) = (i, Power(group + i));
        }
        return best;
    }

    private bool StandsOut(int group, int tone, double power)
    {
        for (int i = 0; i < 4; i++)
        {
            if (i != tone && Power(group + i) * Standing > power)
                return false;
        }
        return true;
    }

    private double Power(int f) => (_first[f] * _first[f]) + (_second[f] * _second[f]) - (s_coefficients[f] * _first[f] * _second[f]);

    private void Clear()
    {
        _first.AsSpan().Clear();
        _second.AsSpan().Clear();
        (_energy, _inBlock) = (0, 0);
    }

    private static IEnumerable<double> Coefficients()
    {
        foreach (double hertz in (double[])[.. Dtmf.Rows, .. Dtmf.Columns])
            yield return 2 * Math.Cos(2 * Math.PI * hertz / SampleRate);
    }

    private static double Threshold()
    {
        double amplitude = AudioLevel.SineAmplitude(ThresholdDbm0) * Block / 2;
        return amplitude * amplitude;
    }
}
