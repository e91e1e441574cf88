namespace CloudPbx.Audio.Tones;

/// <summary>What a <see cref="ToneDetector"/> heard.</summary>
/// <param name="Hertz">The strongest frequency; 0 in silence.</param>
/// <param name="LevelDbm0">The level of everything heard.</param>
/// <param name="Purity">The share of the power that lies around <see cref="Hertz"/>, 0 to 1; above 0.9 it is a clean tone.</param>
public readonly record struct ToneMeasurement(double Hertz, double LevelDbm0, double Purity);
