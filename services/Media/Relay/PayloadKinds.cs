using CloudPbx.Sdp;

namespace CloudPbx.Media.Relay;

/// <summary>What an incoming payload type means on one leg.</summary>
internal enum PayloadKind : byte
{
    /// <summary>Not agreed on.</summary>
    Unknown,

    /// <summary>Speech.</summary>
    Audio,

    /// <summary>RFC 4733 telephone-event.</summary>
    Event,

    /// <summary>RFC 3389 comfort noise.</summary>
    Noise,
}

/// <summary>Tables of <see cref="PayloadKind"/>, clock rate and format by payload type.</summary>
internal readonly struct PayloadKinds
{
    private static readonly SharedTables<(PayloadKind, int, AudioFormat)> s_tables = new();

    private readonly (PayloadKind Kind, int ClockRate, AudioFormat Format)[] _entries;

    private PayloadKinds((PayloadKind, int, AudioFormat)[] entries) => _entries = entries;

    /// <summary>Comfort noise without having been agreed on: its static number, and the one that it had before (INTEROP I58).</summary>
    public static ReadOnlySpan<byte> NoiseTypes => [13, 19];

    /// <summary>The table of what a leg may receive.</summary>
    public static PayloadKinds Of(NegotiatedMedia media)
    {
        Span<(PayloadKind, int, AudioFormat)> entries = stackalloc (PayloadKind, int, AudioFormat)[128];
        entries.Clear();
        foreach (byte type in NoiseTypes)
            entries[type] = (PayloadKind.Noise, AudioCodec.ComfortNoise.ClockRate, AudioFormat.Noise);
        foreach (PayloadFormat format in media.Receive)
        {
            entries[format.PayloadType & 0x7F] = format.Codec.IsComfortNoise ? (PayloadKind.Noise, format.Codec.ClockRate, AudioFormat.Noise)
                : (format.Codec.IsTelephoneEvent ? PayloadKind.Event : PayloadKind.Audio, format.Codec.ClockRate, AudioFormats.Of(format.Codec));
        }
        return new PayloadKinds(s_tables.Share(entries));
    }

    public PayloadKind Find(byte payloadType, out int clockRate, out AudioFormat format)
    {
        (PayloadKind kind, clockRate, format) = _entries[payloadType & 0x7F];
        return kind;
    }
}
