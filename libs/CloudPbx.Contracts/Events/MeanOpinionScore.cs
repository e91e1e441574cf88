namespace CloudPbx.Contracts.Events;

/// <summary>What a mean opinion score means.</summary>
public static class MeanOpinionScore
{
    /// <summary>Users are satisfied from here on (ITU-T G.107 Annex B).</summary>
    public const double Good = 4.0;

    /// <summary>Some users are dissatisfied.</summary>
    public const double Fair = 3.6;

    /// <summary>Many users are dissatisfied; below, nearly all.</summary>
    public const double Poor = 3.1;

    /// <summary>The class of a score.</summary>
    /// <param name="score">From 1 to 5.</param>
    public static SoundQuality ClassOf(double score) => score switch
    {
        >= Good => SoundQuality.Good,
        >= Fair => SoundQuality.Fair,
        >= Poor => SoundQuality.Poor,
        _ => SoundQuality.Bad,
    };
}
