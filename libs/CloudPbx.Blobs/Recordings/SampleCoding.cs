namespace CloudPbx.Blobs.Recordings;

/// <summary>What a recording's samples are on disk. What players get is the same for both.</summary>
public enum SampleCoding
{
    /// <summary>16 bits, channels interleaved.</summary>
    Linear,

    /// <summary>The octets of G.711, as <see cref="CompandedBlock"/> has them.</summary>
    Companded,
}
