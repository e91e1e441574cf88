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
    public static double Of(ReadOnlySpan<short> samples)
    {
        double sum = 0;
        foreach (short sample in samples)
            sum += (double)sample * sample;
        return samples.IsEmpty ? Floor : FromMeanSquare(sum / samples.Length);
    }
}
