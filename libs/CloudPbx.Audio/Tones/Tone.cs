namespace CloudPbx.Audio.Tones;

/// <summary>A tone of one or two frequencies, continuous or in a cadence; or of several one after the other.</summary>
/// <param name="Hertz">The (first) frequency.</param>
/// <param name="SecondHertz">The second frequency, or 0 for none.</param>
/// <param name="LevelDbm0">The level of each frequency in dBm0; a full-scale sine has +3.14.</param>
public sealed record Tone(double Hertz, double SecondHertz = 0, double LevelDbm0 = -13)
{
    /// <summary>With what frequency the tone's strength rises and falls, from nothing to all (ITU-T E.180 supplement 2 writes 400×25); 0 for a steady tone. Its power is the same.</summary>
    public double ModulationHertz { get; init; }

    /// <summary>Milliseconds on, off, on, off …, repeated; empty for a continuous tone.</summary>
    public IReadOnlyList<int> CadenceMilliseconds { get; init; } = [];

    /// <summary>The frequencies of the cadence's second "on", its third …, in place of <see cref="Hertz"/>; empty where all sound alike. With an "off" of 0 between them one follows the other without a gap.</summary>
    public IReadOnlyList<double> NextHertz { get; init; } = [];

    /// <summary>Silence.</summary>
    public static Tone Silence { get; } = new(0);
}
