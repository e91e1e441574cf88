namespace CloudPbx.Rtp.Packets;

/// <summary>Why a datagram is no RTCP compound packet (RFC 3550 §6.1 and A.2).</summary>
public enum RtcpParseError
{
    /// <summary>It is one.</summary>
    None,

    /// <summary>Shorter than one header.</summary>
    TooShort,

    /// <summary>A packet's version is not 2.</summary>
    Version,

    /// <summary>A packet's length goes beyond the end.</summary>
    Length,

    /// <summary>The first packet type is not in 192 to 223.</summary>
    PacketType,

    /// <summary>The padding is empty or longer than its packet, or not in the last packet.</summary>
    Padding,
}
