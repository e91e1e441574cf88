using CloudPbx.Audio.Codecs;
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

    /// <summary>No speech, but how loud its pause is (RFC 3389).</summary>
    Noise,
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

    private const int OctetsPerMillisecond = 8;             // of those of a fixed rate
    private const int LongestUsual = 60;                    // milliseconds of a packet

    /// <summary>Codecs of the enumeration, for tables by format.</summary>
    public const int Count = (int)AudioFormat.Noise + 1;

    /// <summary>Whether a packet is one that Opus sends now and then in a pause, instead of speech (DTX, RFC 7587 §3.1.3): its decoder makes noise of it.</summary>
    public static bool IsPause(AudioFormat format, ReadOnlySpan<byte> payload) => format == AudioFormat.Opus && payload.Length <= 2;

    /// <summary>Whether one codec's packets can be made into another's: equal codecs as they are, others by decoding and encoding.</summary>
    public static bool CanConvert(AudioCodec from, AudioCodec to) => from.Equals(to) || (CanDecode(from) && CanDecode(to));

    /// <summary>Whether a codec's packets can be more than passed on: recorded, mixed, made by us.</summary>
    public static bool CanDecode(AudioCodec codec) => CanDecode(Of(codec));

    private static bool CanDecode(AudioFormat format) => format is not (AudioFormat.None or AudioFormat.Noise) && (format != AudioFormat.Opus || OpusCodec.IsAvailable);

    /// <summary>The packet time that a party is sent.</summary>
    /// <param name="to">What was agreed on with it.</param>
    /// <param name="ptimeMilliseconds">The only one that it takes; null: what it asked for.</param>
    /// <returns>One that its codec has.</returns>
    public static int FrameTime(NegotiatedMedia to, int? ptimeMilliseconds)
    {
        int wanted = ptimeMilliseconds ?? Math.Min(to.PtimeMilliseconds, to.MaxPtimeMilliseconds ?? int.MaxValue);
        bool fits = wanted is 10 or 20 or 40 or 60 || (wanted == 30 && Of(to.Codec) != AudioFormat.Opus);     // RFC 6716 §2.1.4: Opus has no 30 ms
        return fits ? wanted : 20;
    }

    /// <summary>
    /// Octets of the packets that a party has asked for with <c>a=ptime</c>, or has to get because it takes none as long as they may be (<c>a=maxptime</c>); 0 where it says nothing, or
    /// where the length of its codec's packets tells no time.
    /// </summary>
    public static int StatedLength(NegotiatedMedia to)
    {
        int wanted = Math.Min(to.PtimeMilliseconds, to.MaxPtimeMilliseconds ?? int.MaxValue);
        bool asks = to.StatesPtime || to.MaxPtimeMilliseconds < LongestUsual;
        return asks && HasFixedRate(Of(to.Codec)) && FrameTime(to, null) == wanted ? OctetsPerMillisecond * wanted : 0;
    }

    /// <summary>Whether it is PCMU or PCMA.</summary>
    public static bool IsG711(AudioFormat format) => format is AudioFormat.Pcmu or AudioFormat.Pcma;

    /// <summary>Whether a packet's length tells its packet time: these have 64 kbit/s.</summary>
    public static bool HasFixedRate(AudioFormat format) => format is AudioFormat.Pcmu or AudioFormat.Pcma or AudioFormat.G722;

    /// <summary>Whether what a leg may be sent has more in it than a telephone's 8 kHz.</summary>
    public static bool IsWide(NegotiatedMedia from) => from.Receive.Any(format => Of(format.Codec) is AudioFormat.G722 or AudioFormat.Opus);

    /// <summary>A codec for one stream; null where we cannot decode it (Opus without libopus).</summary>
    /// <param name="format">The codec.</param>
    /// <param name="sampleRate">The samples per second that are wanted of a codec that has several rates, Opus; the others have their own.</param>
    public static IAudioCodec? Create(AudioFormat format, int sampleRate = OpusCodec.WideRate) => format switch
    {
        AudioFormat.Pcmu => AudioCodecs.Create("PCMU", 8000),
        AudioFormat.Pcma => AudioCodecs.Create("PCMA", 8000),
        AudioFormat.G722 => AudioCodecs.Create("G722", 8000),
        AudioFormat.Opus when OpusCodec.IsAvailable => new OpusCodec(sampleRate),
        _ => null,
    };
}
