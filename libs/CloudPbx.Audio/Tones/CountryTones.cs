using System.Collections.Frozen;

namespace CloudPbx.Audio.Tones;

/// <summary>The progress tones of countries, after ITU-T E.180 supplement 2 ("Various tones used in national networks") and, where they are newer, the national specifications.</summary>
public static class CountryTones
{
    private static readonly NationalTones s_europe = new(On(425), On(425, 1000, 4000), On(425, 500, 500), On(425, 250, 250), On(425, 200, 600, 200, 3000));

    private static readonly NationalTones s_northAmerica = new(Two(350, 440), Two(440, 480, 2000, 4000), Two(480, 620, 500, 500), Two(480, 620, 250, 250), On(440, 300, 9700));

    // ITU-T E.180: one for all countries, so that who calls abroad knows it; gaps of up to 30 ms between its three sounds are allowed. Countries that vary it stay within its limits.
    private static readonly Tone s_specialInformation = On(950, 330, 0, 330, 0, 330, 1000) with { NextHertz = [1400, 1800] };

    private static readonly FrozenDictionary<string, NationalTones> s_tones = new Dictionary<string, NationalTones>
    {
        //         dial                    ringback                                 busy                       congestion                                   call waiting
        ["AT"] = new(On(420),              On(420, 1000, 5000),                     On(420, 400, 400),         On(420, 200, 200),                           On(420, 40, 1960)),
        ["AU"] = new(Two(413, 438),        Two(413, 438, 400, 200, 400, 2000),      On(425, 375, 375),         On(425, 375, 375),                           On(425, 200, 200, 200, 4400)),     // AS/ACIF S002
        ["BE"] = new(On(425),              On(425, 1000, 3000),                     On(425, 500, 500),         On(425, 167, 167),                           On(1400, 175, 175, 175, 3500)),
        ["BR"] = new(On(425),              On(425, 1000, 4000),                     On(425, 250, 250),         On(425, 250, 250, 750, 250),                 On(425, 50, 1000)),
        ["CA"] = s_northAmerica,
        ["CH"] = new(On(425),              On(425, 1000, 4000),                     On(425, 500, 500),         On(425, 200, 200),                           On(425, 200, 200, 200, 4000)),
        ["CN"] = new(On(450),              On(450, 1000, 4000),                     On(450, 350, 350),         On(450, 700, 700),                           On(450, 400, 4000)),
        ["CZ"] = new(On(425, 330, 330, 660, 660), On(425, 1000, 4000),              On(425, 330, 330),         On(425, 165, 165),                           On(425, 330, 9000)),
        ["DE"] = new(On(425),              On(425, 1000, 4000),                     On(425, 480, 480),         On(425, 240, 240),                           On(425, 200, 200, 200, 5000)),
        ["ES"] = new(On(425),              On(425, 1500, 3000),                     On(425, 200, 200),         On(425, 200, 200, 200, 200, 200, 600),       On(425, 175, 175, 175, 3500)),
        ["EU"] = s_europe,
        ["FR"] = new(On(440),              On(440, 1500, 3500),                     On(440, 500, 500),         On(440, 250, 250),                           On(440, 300, 10_000)),
        ["GB"] = new(Two(350, 440),        Two(400, 450, 400, 200, 400, 2000),      On(400, 375, 375),         On(400, 400, 350, 225, 525),                 On(400, 100, 4000)),               // BT SIN 350
        ["HK"] = new(Two(350, 440),        Two(440, 480, 400, 200, 400, 3000),      Two(480, 620, 500, 500),   Two(480, 620, 250, 250),                     On(440, 300, 10_000)),
        ["HU"] = new(On(425),              On(425, 1250, 3750),                     On(425, 300, 300),         On(425, 300, 300),                           On(425, 40, 1960)),
        ["IN"] = new(Beating(400, 25),     Beating(400, 25, 400, 200, 400, 2000),   On(400, 750, 750),         On(400, 250, 250),                           On(400, 200, 100, 200, 7500)),
        ["IT"] = new(On(425, 200, 200, 600, 1000), On(425, 1000, 4000),             On(425, 500, 500),         On(425, 200, 200),                           On(425, 400, 100, 250, 100, 150, 14_000)),
        ["JP"] = new(On(400),              Beating(400, 16, 1000, 2000),            On(400, 500, 500),         On(400, 500, 500),                           Beating(400, 16, 500, 8000)),
        ["KR"] = new(Two(350, 440),        Two(440, 480, 1000, 2000),               Two(480, 620, 500, 500),   Two(480, 620, 300, 200),                     Two(350, 440, 250, 250, 250, 3250)),
        ["MX"] = new(On(425),              On(425, 1000, 4000),                     On(425, 250, 250),         On(425, 250, 250),                           On(425, 200, 600, 200, 10_000)),
        ["NL"] = new(On(425),              On(425, 1000, 4000),                     On(425, 500, 500),         On(425, 250, 250),                           On(425, 500, 9500)),
        ["NO"] = new(On(425),              On(425, 1000, 4000),                     On(425, 500, 500),         On(425, 200, 200),                           On(425, 200, 600, 200, 10_000)),
        ["NZ"] = new(On(400),              Two(400, 450, 400, 200, 400, 2000),      On(400, 500, 500),         On(400, 250, 250),                           On(400, 200, 3000)),               // TNA 102
        ["PL"] = new(On(425),              On(425, 1000, 4000),                     On(425, 500, 500),         On(425, 500, 500),                           On(425, 150, 150, 150, 4000)),
        ["RU"] = new(On(425),              On(425, 1000, 4000),                     On(425, 350, 350),         On(425, 175, 175),                           On(425, 200, 5000)),
        ["SE"] = new(On(425),              On(425, 1000, 5000),                     On(425, 250, 250),         On(425, 250, 750),                           On(425, 200, 500, 200, 9100)),
        ["SG"] = new(On(425),              Beating(425, 24, 400, 200, 400, 2000),   On(425, 750, 750),         On(425, 250, 250),                           Beating(425, 24, 300, 200, 300, 3200)),     // IDA TS PSTN 1
        ["TW"] = new(Two(350, 440),        Two(440, 480, 1000, 2000),               Two(480, 620, 500, 500),   Two(480, 620, 250, 250),                     Two(350, 440, 250, 250, 250, 3250)),
        ["US"] = s_northAmerica,
        ["ZA"] = new(Beating(400, 33),     Beating(400, 33, 400, 200, 400, 2000),   On(400, 500, 500),         On(400, 250, 250),                           Beating(400, 33, 400, 4000)),
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The countries that have tones of their own, in any case, and <c>EU</c> for the recommendation.</summary>
    public static IReadOnlySet<string> Countries { get; } = s_tones.Keys.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>A country's tone.</summary>
    /// <param name="country">Two letters (ISO 3166), any case; <c>EU</c> and unknown ones get the European recommendation.</param>
    /// <param name="tone">Which tone.</param>
    /// <returns>The tone.</returns>
    public static Tone Get(string country, ProgressTone tone)
    {
        ArgumentNullException.ThrowIfNull(country);
        NationalTones tones = s_tones.GetValueOrDefault(country, s_europe);
        return tone switch
        {
            ProgressTone.Dial => tones.Dial,
            ProgressTone.Ringback => tones.Ringback,
            ProgressTone.Busy => tones.Busy,
            ProgressTone.Congestion => tones.Congestion,
            ProgressTone.SpecialInformation => s_specialInformation,
            _ => tones.CallWaiting,
        };
    }

    private static Tone On(double hertz, params int[] cadence) => new(hertz) { CadenceMilliseconds = cadence };

    private static Tone Two(double hertz, double second, params int[] cadence) => new(hertz, second, LevelDbm0: -16) { CadenceMilliseconds = cadence };

    private static Tone Beating(double hertz, double modulation, params int[] cadence) => new(hertz) { ModulationHertz = modulation, CadenceMilliseconds = cadence };

    private sealed record NationalTones(Tone Dial, Tone Ringback, Tone Busy, Tone Congestion, Tone CallWaiting);
}
