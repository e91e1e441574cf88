namespace CloudPbx.MediaControl;

/// <summary>Why an uploaded sound was refused.</summary>
public enum DecodeFault
{
    /// <summary>It was not.</summary>
    None,

    /// <summary>No media node answers.</summary>
    Away,

    /// <summary>No WAV file.</summary>
    NotWave,

    /// <summary>It does not say how its samples are held.</summary>
    NoFormat,

    /// <summary>An encoding that is not taken, or an impossible rate or number of channels.</summary>
    Unsupported,

    /// <summary>No samples.</summary>
    NoData,

    /// <summary>It plays longer than <see cref="DecodeLimits.MostSeconds"/>.</summary>
    TooLong,

    /// <summary>It has more octets than <see cref="DecodeLimits.MostOctets"/>.</summary>
    TooLarge,
}
