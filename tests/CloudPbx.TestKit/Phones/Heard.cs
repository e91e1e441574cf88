namespace CloudPbx.TestKit.Phones;

/// <summary>What a phone heard.</summary>
/// <param name="Hertz">The dominant frequency, the median of blocks of 100 ms; 0 when nothing was loud.</param>
/// <param name="Purity">The share of the power around that frequency, 0 to 1: above 0.9 it is a clean tone.</param>
/// <param name="Loud">How much of the recording was loud.</param>
public readonly record struct Heard(double Hertz, double Purity, TimeSpan Loud);
