namespace CloudPbx.Audio.Wave;

/// <summary>Why a file is no wave file that we can play.</summary>
public enum WaveParseError
{
    /// <summary>It is one.</summary>
    None,

    /// <summary>No RIFF/WAVE head.</summary>
    NotWave,

    /// <summary>No usable <c>fmt</c> chunk before the samples.</summary>
    NoFormat,

    /// <summary>An encoding other than PCM 8/16 bit, A-law, µ-law, or more than eight channels, or a rate out of 1000 to 384000.</summary>
    Unsupported,

    /// <summary>No samples.</summary>
    NoData,
}
