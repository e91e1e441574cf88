namespace CloudPbx.Audio.Codecs;

/// <summary>The codecs that this lib can encode and decode.</summary>
public static class AudioCodecs
{
    /// <summary>Makes a codec by its SDP name.</summary>
    /// <param name="encodingName">For example <c>PCMA</c>, any case.</param>
    /// <param name="clockRate">The RTP clock rate.</param>
    /// <returns>A fresh instance for one stream, or <see langword="null"/> if we cannot decode it; <see cref="OpusCodec.Missing"/> says why for Opus.</returns>
    public static IAudioCodec? Create(string encodingName, int clockRate)
    {
        ArgumentNullException.ThrowIfNull(encodingName);
        return (encodingName.ToUpperInvariant(), clockRate) switch
        {
            ("PCMA", 8000) => new ALawCodec(),
            ("PCMU", 8000) => new MuLawCodec(),
            ("G722", 8000) => new G722Codec(),
            ("OPUS", 48000) when OpusCodec.IsAvailable => new OpusCodec(),
            _ => null,
        };
    }

    /// <summary>The samples per second of a codec's PCM side.</summary>
    /// <param name="encodingName">For example <c>G722</c>, any case.</param>
    /// <returns>16000 for wideband codecs, else 8000.</returns>
    public static int SampleRateOf(string encodingName)
    {
        ArgumentNullException.ThrowIfNull(encodingName);
        return encodingName.ToUpperInvariant() is "G722" or "OPUS" ? 16000 : 8000;
    }
}
