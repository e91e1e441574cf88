namespace CloudPbx.Sdp;

/// <summary>What a codec is: its encoding name, RTP clock rate and channels (RFC 8866 §6.6). Names compare without regard to case.</summary>
/// <param name="Name">The encoding name, for example <c>PCMA</c>.</param>
/// <param name="ClockRate">RTP timestamp ticks per second; 8000 for G722 too (RFC 3551 §4.5.2).</param>
/// <param name="Channels">Channels as signalled; 2 for opus always (RFC 7587 §4.1).</param>
public sealed record AudioCodec(string Name, int ClockRate, int Channels = 1)
{
    /// <summary>G.711 µ-law, static payload type 0.</summary>
    public static AudioCodec Pcmu { get; } = new("PCMU", 8000);

    /// <summary>G.711 A-law, static payload type 8.</summary>
    public static AudioCodec Pcma { get; } = new("PCMA", 8000);

    /// <summary>G.722, static payload type 9; its clock rate says 8000 though it samples at 16 kHz.</summary>
    public static AudioCodec G722 { get; } = new("G722", 8000);

    /// <summary>Opus (RFC 7587).</summary>
    public static AudioCodec Opus { get; } = new("opus", 48000, 2);

    /// <summary>GSM full rate, static payload type 3.</summary>
    public static AudioCodec Gsm { get; } = new("GSM", 8000);

    /// <summary>G.729, static payload type 18.</summary>
    public static AudioCodec G729 { get; } = new("G729", 8000);

    /// <summary>Comfort noise at 8 kHz, static payload type 13 (RFC 3389 §4).</summary>
    public static AudioCodec ComfortNoise { get; } = new("CN", 8000);

    /// <summary>Telephone events at a clock rate (RFC 4733 §2.4.1).</summary>
    /// <param name="clockRate">The clock rate of the audio they go with.</param>
    /// <returns>The format's identity.</returns>
    public static AudioCodec TelephoneEvent(int clockRate) => new("telephone-event", clockRate);

    /// <summary>True for comfort noise at any clock rate.</summary>
    public bool IsComfortNoise => Name.Equals("CN", StringComparison.OrdinalIgnoreCase);

    private static readonly AudioCodec?[] s_statics = Statics();

    private static readonly AudioCodec[] s_common = [Pcma, Pcmu, G722, Opus, new("telephone-event", 8000), new("telephone-event", 48000), ComfortNoise, Gsm, G729];

    /// <summary>True for telephone-event at any clock rate.</summary>
    public bool IsTelephoneEvent => Name.Equals("telephone-event", StringComparison.OrdinalIgnoreCase);

    /// <summary>True if this carries the talk itself, not events, comfort noise, redundancy or repair.</summary>
    public bool IsSpeech => !IsTelephoneEvent && Name.ToUpperInvariant() is not ("CN" or "RED" or "ULPFEC" or "FLEXFEC" or "RTX" or "TONE" or "NO-OP" or "PARITYFEC");

    /// <summary>The static payload type of RFC 3551 table 4, or <see langword="null"/> if it needs a dynamic one.</summary>
    public int? StaticPayloadType
    {
        get
        {
            for (int type = 0; type < s_statics.Length; type++)
            {
                if (Equals(s_statics[type]))
                    return type;
            }
            return null;
        }
    }

    /// <summary>The codec that a static payload type means without an rtpmap (RFC 3551 table 4).</summary>
    /// <param name="payloadType">0 to 127.</param>
    /// <returns>The codec, or <see langword="null"/> for an unassigned or dynamic type.</returns>
    public static AudioCodec? FromStatic(int payloadType) => (uint)payloadType < (uint)s_statics.Length ? s_statics[payloadType] : null;

    /// <inheritdoc/>
    public bool Equals(AudioCodec? other) =>
        other is not null && ClockRate == other.ClockRate && Channels == other.Channels && Name.Equals(other.Name, StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(StringComparer.OrdinalIgnoreCase.GetHashCode(Name), ClockRate, Channels);

    /// <summary>The rtpmap form, for example <c>opus/48000/2</c>.</summary>
    public override string ToString() => Channels == 1 ? $"{Name}/{ClockRate}" : $"{Name}/{ClockRate}/{Channels}";

    internal static AudioCodec? Parse(ReadOnlySpan<char> text)
    {
        int first = text.IndexOf('/');
        if (first <= 0)
            return null;
        ReadOnlySpan<char> rest = text[(first + 1)..];
        int second = rest.IndexOf('/');
        ReadOnlySpan<char> rate = second < 0 ? rest : rest[..second];
        if (!int.TryParse(rate, System.Globalization.NumberStyles.None, null, out int clockRate) || clockRate is < 1 or > 384_000)
            return null;
        int channels = 1;
        // Video and oddities put something else there; one channel is what is meant then.
        if (second >= 0 && (!int.TryParse(rest[(second + 1)..], System.Globalization.NumberStyles.None, null, out channels) || channels is < 1 or > 255))
            channels = 1;
        ReadOnlySpan<char> name = text[..first];
        foreach (AudioCodec known in s_common)
        {
            if (known.ClockRate == clockRate && known.Channels == channels && name.SequenceEqual(known.Name))
                return known;
        }
        return new AudioCodec(name.ToString(), clockRate, channels);
    }

    private static AudioCodec?[] Statics()
    {
        var table = new AudioCodec?[19];
        table[0] = Pcmu;
        table[3] = Gsm;
        table[4] = new("G723", 8000);
        table[5] = new("DVI4", 8000);
        table[6] = new("DVI4", 16000);
        table[7] = new("LPC", 8000);
        table[8] = Pcma;
        table[9] = G722;
        table[10] = new("L16", 44100, 2);
        table[11] = new("L16", 44100);
        table[12] = new("QCELP", 8000);
        table[13] = new("CN", 8000);
        table[14] = new("MPA", 90000);
        table[15] = new("G728", 8000);
        table[16] = new("DVI4", 11025);
        table[17] = new("DVI4", 22050);
        table[18] = G729;
        return table;
    }
}
