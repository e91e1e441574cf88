using System.Buffers.Binary;

namespace CloudPbx.Rtp.Packets;

/// <summary>Writes and rewrites RTP headers in place (RFC 3550 §5.1).</summary>
/// <remarks>Allocation-free. The spans are the caller's; a too short one is the caller's bug and throws.</remarks>
public static class RtpHeader
{
    /// <summary>Writes a fixed header without contributing sources, extension and padding.</summary>
    /// <param name="destination">At least <see cref="RtpPacket.FixedHeaderLength"/> octets.</param>
    /// <param name="payloadType">0 to 127.</param>
    /// <param name="marker">The marker bit.</param>
    /// <param name="sequenceNumber">The sequence number.</param>
    /// <param name="timestamp">In ticks of the payload's clock rate.</param>
    /// <param name="ssrc">The source.</param>
    /// <returns>The octets written: <see cref="RtpPacket.FixedHeaderLength"/>.</returns>
    public static int Write(Span<byte> destination, byte payloadType, bool marker, ushort sequenceNumber, uint timestamp, uint ssrc)
    {
        destination[0] = 0x80;
        Rewrite(destination, payloadType, marker, sequenceNumber, timestamp, ssrc);
        return RtpPacket.FixedHeaderLength;
    }

    /// <summary>Changes the fields that a relay changes; contributing sources, extension and padding stay.</summary>
    /// <param name="packet">A packet that <see cref="RtpPacket.Parse"/> has accepted.</param>
    /// <param name="payloadType">0 to 127.</param>
    /// <param name="marker">The marker bit.</param>
    /// <param name="sequenceNumber">The sequence number.</param>
    /// <param name="timestamp">In ticks of the payload's clock rate.</param>
    /// <param name="ssrc">The source.</param>
    public static void Rewrite(Span<byte> packet, byte payloadType, bool marker, ushort sequenceNumber, uint timestamp, uint ssrc)
    {
        packet[1] = (byte)((payloadType & 0x7F) | (marker ? 0x80 : 0));
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], sequenceNumber);
        BinaryPrimitives.WriteUInt32BigEndian(packet[4..], timestamp);
        BinaryPrimitives.WriteUInt32BigEndian(packet[8..], ssrc);
    }

    /// <summary>The length of a packet's header, which is all that SRTP leaves readable; padding is not looked at.</summary>
    /// <param name="packet">The datagram.</param>
    /// <param name="headerLength">Octets up to the payload.</param>
    /// <returns>Why it is no RTP packet, or <see cref="RtpParseError.None"/>. Never throws.</returns>
    public static RtpParseError Measure(ReadOnlySpan<byte> packet, out int headerLength)
    {
        headerLength = 0;
        if (packet.Length < RtpPacket.FixedHeaderLength)
            return RtpParseError.TooShort;
        if (packet[0] >> 6 != 2)
            return RtpParseError.Version;
        int length = RtpPacket.FixedHeaderLength + (4 * (packet[0] & 0x0F));
        if (length > packet.Length)
            return RtpParseError.ContributingSources;
        if ((packet[0] & 0x10) != 0)
        {
            if (length + 4 > packet.Length)
                return RtpParseError.Extension;
            length += 4 + (4 * BinaryPrimitives.ReadUInt16BigEndian(packet[(length + 2)..]));
            if (length > packet.Length)
                return RtpParseError.Extension;
        }
        headerLength = length;
        return RtpParseError.None;
    }

    /// <summary>Tells RTCP from RTP on a shared port by the second octet: packet types 192 to 223 (RFC 5761 §4).</summary>
    /// <param name="datagram">The datagram, encrypted or not.</param>
    /// <returns>True if it is RTCP; false for RTP and for anything else.</returns>
    public static bool IsRtcp(ReadOnlySpan<byte> datagram) => datagram.Length >= 2 && datagram[0] >> 6 == 2 && datagram[1] is >= 192 and <= 223;
}
