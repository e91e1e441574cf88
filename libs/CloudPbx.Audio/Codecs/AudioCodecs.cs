namespace CloudPbx.Audio.Codecs;

/// <summary>The codecs that this lib can encode and decode.</summary>
public static class AudioCodecs
{
    /// <summary>Makes a codec by its SDP name.</summary>
    /// <param name="encodingName">For example <c>PCMA</c>, any case.</param>
    /// <param name="clockRate">The RTP clock rate.</param>
    /// <returns>A fresh instance for one stream, or <see langword="null"/> if we cannot decode it.</returns>
    public static IAudioCodec? Create(string encodingName, int clockRate)
    {
        ArgumentNullException.ThrowIfNull(encodingName);
        return (encodingName.ToUpperInvariant(), clockRate) switch
        {
            ("PCMA", 8000) => new ALawCodec(),
            ("PCMU", 8000) => new MuLawCodec(),
            ("G722", 8000) => new G722Codec(),
            _ => null,
        };
    }
}
