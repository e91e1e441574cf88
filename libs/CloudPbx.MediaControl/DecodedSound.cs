namespace CloudPbx.MediaControl;

/// <summary>What became of an uploaded sound.</summary>
/// <param name="Fault">Why it was refused, or <see cref="DecodeFault.None"/>.</param>
/// <param name="SampleRate">Samples per second.</param>
/// <param name="Samples">One channel of 16-bit samples, little-endian; empty where it was refused.</param>
public sealed record DecodedSound(DecodeFault Fault, int SampleRate, ReadOnlyMemory<byte> Samples)
{
    /// <summary>A refusal.</summary>
    /// <param name="fault">Why.</param>
    public static DecodedSound Refused(DecodeFault fault) => new(fault, 0, default);
}
