namespace CloudPbx.Audio.Tones;

/// <summary>The progress tones of countries, after ITU-T E.180 supplement 2 ("Various tones used in national networks").</summary>
public static class CountryTones
{
    /// <summary>The countries that have tones of their own, and <c>EU</c> for the recommendation.</summary>
    public static IReadOnlySet<string> Countries { get; } = new HashSet<string>(StringComparer.Ordinal) { "CN", "US", "CA", "GB", "DE", "FR", "EU" };

    /// <summary>A country's tone.</summary>
    /// <param name="country">Two letters (ISO 3166), any case; <c>EU</c> and unknown ones get the European recommendation.</param>
    /// <param name="tone">Which tone.</param>
    /// <returns>The tone.</returns>
    public static Tone Get(string country, ProgressTone tone)
    {
        ArgumentNullException.ThrowIfNull(country);
        return country.ToUpperInvariant() switch
        {
            "CN" => tone switch
            {
                ProgressTone.Dial => On(450),
                ProgressTone.Ringback => On(450, 1000, 4000),
                ProgressTone.Busy => On(450, 350, 350),
                ProgressTone.Congestion => On(450, 700, 700),
                _ => On(450, 400, 4000),
            },
            "US" or "CA" => tone switch
            {
                ProgressTone.Dial => Two(350, 440),
                ProgressTone.Ringback => Two(440, 480, 2000, 4000),
                ProgressTone.Busy => Two(480, 620, 500, 500),
                ProgressTone.Congestion => Two(480, 620, 250, 250),
                _ => On(440, 300, 9700),
            },
            "GB" => tone switch
            {
                ProgressTone.Dial => Two(350, 440),
                ProgressTone.Ringback => Two(400, 450, 400, 200, 400, 2000),
                ProgressTone.Busy => On(400, 375, 375),
                ProgressTone.Congestion => On(400, 400, 350, 225, 525),
                _ => On(400, 100, 4000),
            },
            "DE" => tone switch
            {
                ProgressTone.Dial => On(425),
                ProgressTone.Ringback => On(425, 1000, 4000),
                ProgressTone.Busy => On(425, 480, 480),
                ProgressTone.Congestion => On(425, 240, 240),
                _ => On(425, 200, 200, 200, 5000),
            },
            "FR" => tone switch
            {
                ProgressTone.Dial => On(440),
                ProgressTone.Ringback => On(440, 1500, 3500),
                ProgressTone.Busy => On(440, 500, 500),
                ProgressTone.Congestion => On(440, 250, 250),
                _ => On(440, 300, 10_000),
            },
            _ => tone switch
            {
                ProgressTone.Dial => On(425),
                ProgressTone.Ringback => On(425, 1000, 4000),
                ProgressTone.Busy => On(425, 500, 500),
                ProgressTone.Congestion => On(425, 250, 250),
                _ => On(425, 200, 600, 200, 3000),
            },
        };
    }

    private static Tone On(double hertz, params int[] cadence) => new(hertz) { CadenceMilliseconds = cadence };

    private static Tone Two(double hertz, double second, params int[] cadence) => new(hertz, second, LevelDbm0: -16) { CadenceMilliseconds = cadence };
}
