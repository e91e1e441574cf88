using CloudPbx.Sdp;

namespace CloudPbx.Media.Relay;

/// <summary>What a listener inside the node (recorder, jitter buffer) has to do with a packet.</summary>
internal enum AudioFormat : byte
{
    /// <summary>No speech, or a codec that we cannot decode.</summary>
    None,

    Pcmu,

    Pcma,

    G722,

    Opus,
}

/// <summary>Between codecs as they are negotiated and as listeners know them.</summary>
internal static class AudioFormats
{
    public static AudioFormat Of(AudioCodec codec) => codec.Name.ToUpperInvariant() switch
    {
        "PCMU" when codec.ClockRate == 8000 => AudioFormat.Pcmu,
        "PCMA" when codec.ClockRate == 8000 => AudioFormat.Pcma,
        "G722" => AudioFormat.G722,
        "OPUS" => AudioFormat.Opus,
        _ => AudioFormat.None,
    };

    /// <summary>A codec for one stream; null where we cannot decode it (Opus without libopus).</summary>
    public static Audio.Codecs.IAudioCodec? Create(AudioFormat format) => format switch
    {
        AudioFormat.Pcmu => Audio.Codecs.AudioCodecs.Create("PCMU", 8000),
        AudioFormat.Pcma => Audio.Codecs.AudioCodecs.Create("PCMA", 8000),
        AudioFormat.G722 => Audio.Codecs.AudioCodecs.Create("G722", 8000),
        AudioFormat.Opus => Audio.Codecs.AudioCodecs.Create("OPUS", 48000),
        _ => null,
    };
}
