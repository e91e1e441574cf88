namespace CloudPbx.Audio.Tones;

/// <summary>A tone of one or two frequencies, continuous or in a cadence.</summary>
/// <param name="Hertz">The (first) frequency.</param>
/// <param name="SecondHertz">The second frequency, or 0 for none.</param>
/// <param name="LevelDbm0">The level of each frequency in dBm0; a full-scale sine has +3.14.</param>
public sealed record Tone(double Hertz, double SecondHertz = 0, double LevelDbm0 = -13)
{
    /// <summary>Milliseconds on, off, on, off …, repeated; empty for a continuous tone.</summary>
    public IReadOnlyList<int> CadenceMilliseconds { get; init; } = [];

    /// <summary>Silence.</summary>
    public static Tone Silence { get; } = new(0);
}
