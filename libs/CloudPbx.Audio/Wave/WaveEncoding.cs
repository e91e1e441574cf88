namespace CloudPbx.Audio.Wave;

/// <summary>How a wave file holds its samples.</summary>
public enum WaveEncoding
{
    /// <summary>16-bit linear, little endian.</summary>
    Pcm16,

    /// <summary>8-bit linear, unsigned.</summary>
    Pcm8,

    /// <summary>G.711 A-law.</summary>
    ALaw,

    /// <summary>G.711 µ-law.</summary>
    MuLaw,
}
