namespace CloudPbx.Audio.Codecs;

/// <summary>
/// One sub-band of G.722: quantiser scale and predictor, in the integer arithmetic of ITU-T G.722 §6.2. Names in capitals are the
/// Recommendation's blocks. Encoder and decoder of one stream have their own.
/// </summary>
internal sealed class G722Band
{
    private const int MaxLowScale = 18432, MaxHighScale = 22528;
    private const int MaxSecondPole = 12288;

    // Tables 16, 17 and 19 of G.722: inverse quantisers (scaled by 8) and the logarithms' steps.
    private static readonly short[] s_inverseLow4 =
        [0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584, 1200, 0];
    private static readonly short[] s_inverseLow6 =
    [
        -136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232, -9360, -8576, -7856,
        -7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776, -2400, -2032, -1688, -1360, -1040, -728,
        24808, 21904, 19008, 16704, 14984, 13512, 12280, 11192, 10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456,
        4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728, 432, 136, -432, -136,
    ];
    private static readonly short[] s_inverseHigh = [-7408, -1616, 7408, 1616];
    private static readonly short[] s_stepLow = [-60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60];
    private static readonly short[] s_stepHigh = [798, -214, 798, -214];

    // Table 18: 2048 · 2^(i/32).
    private static readonly short[] s_antilog =
    [
        2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834,
        2896, 2960, 3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008,
    ];

    // Table 14: decision levels of the 6-bit quantiser.
    private static readonly short[] s_levels =
    [
        0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714,
        786, 858, 940, 1023, 1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919,
    ];

    private readonly int[] _difference = new int[7];        // d(n), quantised, newest first
    private readonly int[] _zeros = new int[7];             // b1 to b6
    private int _signal1, _signal2;                         // r(n−1), r(n−2)
    private int _partial1, _partial2;                       // p(n−1), p(n−2)
    private int _pole1, _pole2;                             // a1, a2
    private int _zeroPart;                                  // sz
    private int _log;                                       // nabla: the scale's logarithm
    private int _scale;                                     // det

    /// <param name="initialScale">32 for the lower band, 8 for the upper (§6.2.1.3).</param>
    public G722Band(int initialScale) => _scale = initialScale;

    /// <summary>The predicted signal s for the next sample.</summary>
    public int Predicted { get; private set; }

    /// <summary>QUANTL: six bits for a difference.</summary>
    public int QuantiseLow(int input)
    {
        int error = Saturate(input - Predicted);
        int magnitude = error >= 0 ? error : -(error + 1);
        // The levels rise: halves, not one by one.
        int level = 1, end = s_levels.Length;
        while (level < end)
        {
            int middle = (level + end) >> 1;
            if (magnitude >= (s_levels[middle] * _scale) >> 12)
                level = middle + 1;
            else
                end = middle;
        }
        // Table 15: the codes count down from 61 for positive, from 31 for negative ones; the two innermost negative ones are 63 and 62.
        return error >= 0 ? 62 - level : level < 3 ? 64 - level : 34 - level;
    }

    /// <summary>QUANTH: two bits for a difference.</summary>
    public int QuantiseHigh(int input)
    {
        int error = Saturate(input - Predicted);
        int magnitude = error >= 0 ? error : -(error + 1);
        bool outer = magnitude >= (564 * _scale) >> 12;
        return (error >= 0, outer) switch { (true, true) => 2, (true, false) => 3, (false, true) => 0, _ => 1 };
    }

    /// <summary>INVQBL and LIMIT: the lower band's output for a six-bit code.</summary>
    public int ReconstructLow(int code) => Limit(Predicted + ((_scale * s_inverseLow6[code]) >> 15));

    /// <summary>INVQAH, RECONS and LIMIT: the upper band's output for a two-bit code.</summary>
    public int ReconstructHigh(int code) => Limit(Predicted + ((_scale * s_inverseHigh[code]) >> 15));

    /// <summary>INVQAL, LOGSCL, SCALEL, then the predictor: adapts by the code's four upper bits alone.</summary>
    public void AdaptLow(int code)
    {
        int code4 = code >> 2;
        int difference = (_scale * s_inverseLow4[code4]) >> 15;
        _log = Math.Clamp(((_log * 127) >> 7) + s_stepLow[code4], 0, MaxLowScale);
        _scale = Antilog(8);
        Predict(difference);
    }

    /// <summary>INVQAH, LOGSCH, SCALEH, then the predictor.</summary>
    public void AdaptHigh(int code)
    {
        int difference = (_scale * s_inverseHigh[code]) >> 15;
        _log = Math.Clamp(((_log * 127) >> 7) + s_stepHigh[code], 0, MaxHighScale);
        _scale = Antilog(10);
        Predict(difference);
    }

    private int Antilog(int shift)
    {
        int mantissa = s_antilog[(_log >> 6) & 31];
        shift -= _log >> 11;
        return (shift < 0 ? mantissa << -shift : mantissa >> shift) << 2;
    }

    private void Predict(int difference)
    {
        int signal = Saturate(Predicted + difference);              // RECONS
        int partial = Saturate(_zeroPart + difference);             // PARREC
        bool sameAsLast = (partial ^ _partial1) >= 0, sameAsBefore = (partial ^ _partial2) >= 0;

        // UPPOL2, UPPOL1: the poles move by the signs of the partial signal, leak, and stay in the stable triangle.
        int turn = Saturate(_pole1 << 2);
        turn = Math.Min(sameAsLast ? -turn : turn, short.MaxValue);
        int pole2 = Math.Clamp((sameAsBefore ? 128 : -128) + (turn >> 7) + ((_pole2 * 32512) >> 15), -MaxSecondPole, MaxSecondPole);
        int limit = Saturate(15360 - pole2);
        int pole1 = Math.Clamp(Saturate((sameAsLast ? 192 : -192) + ((_pole1 * 32640) >> 15)), -limit, limit);

        // UPZERO, FILTEZ: the zeros likewise; then the delay line moves on.
        int step = difference == 0 ? 0 : 128;
        int zeroPart = 0;
        Span<int> line = _difference, zeros = _zeros;
        line[0] = difference;
        for (int i = 6; i > 0; i--)
        {
            zeros[i] = Saturate(((line[i] ^ difference) >= 0 ? step : -step) + ((zeros[i] * 32640) >> 15));
            line[i] = line[i - 1];
            zeroPart += (zeros[i] * Saturate(2 * line[i])) >> 15;
        }
        (_signal2, _signal1) = (_signal1, signal);
        (_partial2, _partial1) = (_partial1, partial);
        (_pole1, _pole2) = (pole1, pole2);
        _zeroPart = Saturate(zeroPart);

        // FILTEP, PREDIC
        int polePart = Saturate(((_pole1 * Saturate(2 * _signal1)) >> 15) + ((_pole2 * Saturate(2 * _signal2)) >> 15));
        Predicted = Saturate(polePart + _zeroPart);
    }

    private static int Saturate(int value) => Math.Clamp(value, short.MinValue, short.MaxValue);

    private static int Limit(int value) => Math.Clamp(value, -16384, 16383);
}
