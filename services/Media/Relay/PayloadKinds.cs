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
}

/// <summary>Tables of <see cref="PayloadKind"/> and clock rate by payload type.</summary>
internal sealed class PayloadKinds
{
    private readonly (PayloadKind Kind, int ClockRate)[] _entries = new (PayloadKind, int)[128];

    /// <summary>The table of what a leg may receive.</summary>
    public static PayloadKinds Of(NegotiatedMedia media)
    {
        var kinds = new PayloadKinds();
        foreach (PayloadFormat format in media.Receive)
            kinds._entries[format.PayloadType & 0x7F] = (format.Codec.IsTelephoneEvent ? PayloadKind.Event : PayloadKind.Audio, format.Codec.ClockRate);
        return kinds;
    }

    public PayloadKind Find(byte payloadType, out int clockRate)
    {
        (PayloadKind kind, clockRate) = _entries[payloadType & 0x7F];
        return kind;
    }
}
