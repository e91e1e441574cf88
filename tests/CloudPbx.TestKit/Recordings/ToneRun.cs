namespace CloudPbx.TestKit.Recordings;

/// <summary>One of the tones that a recording consists of, one after the other.</summary>
/// <param name="Hertz">Its frequency; 0 for a pause.</param>
/// <param name="Length">How long it lasted, to some 20 ms.</param>
public readonly record struct ToneRun(double Hertz, TimeSpan Length);
