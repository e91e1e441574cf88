using System.Buffers.Binary;

namespace CloudPbx.Rtp.Packets;

/// <summary>A view of one RTP packet (RFC 3550 §5.1) over the caller's octets. It copies nothing and is valid as long as they are.</summary>
/// <remarks>Allocation-free. Made by <see cref="Parse"/> only, which has checked every length.</remarks>
public readonly ref struct RtpPacket
{
    /// <summary>Octets of the header without contributing sources and extension.</summary>
    public const int FixedHeaderLength = 12;

    private const int OneByteExtensionProfile = 0xBEDE;     // RFC 8285 §4.2

    private readonly ReadOnlySpan<byte> _packet;

    private RtpPacket(ReadOnlySpan<byte> packet, int headerLength, int paddingLength)
    {
        _packet = packet;
        HeaderLength = headerLength;
        PaddingLength = paddingLength;
    }

    /// <summary>Checks a datagram and gives a view of it.</summary>
    /// <param name="datagram">The whole datagram, after decryption if there is any.</param>
    /// <param name="packet">The view; empty unless the result is <see cref="RtpParseError.None"/>.</param>
    /// <returns>Why it is no RTP packet, or <see cref="RtpParseError.None"/>. Never throws.</returns>
    public static RtpParseError Parse(ReadOnlySpan<byte> datagram, out RtpPacket packet)
    {
        packet = default;
        RtpParseError error = RtpHeader.Measure(datagram, out int headerLength);
        if (error != RtpParseError.None)
            return error;
        int padding = 0;
        if ((datagram[0] & 0x20) != 0)
        {
            padding = datagram[^1];
            if (padding == 0 || padding > datagram.Length - headerLength)
                return RtpParseError.Padding;
        }
        packet = new RtpPacket(datagram, headerLength, padding);
        return RtpParseError.None;
    }

    /// <summary>The whole packet.</summary>
    public ReadOnlySpan<byte> Octets => _packet;

    /// <summary>The marker bit: for audio the first packet after silence.</summary>
    public bool Marker => (_packet[1] & 0x80) != 0;

    /// <summary>The payload type, 0 to 127.</summary>
    public byte PayloadType => (byte)(_packet[1] & 0x7F);

    /// <summary>The sequence number; wraps at 2¹⁶.</summary>
    public ushort SequenceNumber => BinaryPrimitives.ReadUInt16BigEndian(_packet[2..]);

    /// <summary>The timestamp in ticks of the payload's clock rate; wraps at 2³².</summary>
    public uint Timestamp => BinaryPrimitives.ReadUInt32BigEndian(_packet[4..]);

    /// <summary>The synchronisation source.</summary>
    public uint Ssrc => BinaryPrimitives.ReadUInt32BigEndian(_packet[8..]);

    /// <summary>The number of contributing sources, 0 to 15.</summary>
    public int ContributingSourceCount => _packet[0] & 0x0F;

    /// <summary>One contributing source.</summary>
    /// <param name="index">0 to <see cref="ContributingSourceCount"/> − 1.</param>
    /// <returns>Its SSRC.</returns>
    public uint ContributingSource(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)ContributingSourceCount, nameof(index));
        return BinaryPrimitives.ReadUInt32BigEndian(_packet[(FixedHeaderLength + (4 * index))..]);
    }

    /// <summary>True if there is a header extension.</summary>
    public bool HasExtension => (_packet[0] & 0x10) != 0;

    /// <summary>The extension's profile word, or 0 if there is none.</summary>
    public ushort ExtensionProfile => HasExtension ? BinaryPrimitives.ReadUInt16BigEndian(_packet[(FixedHeaderLength + (4 * ContributingSourceCount))..]) : (ushort)0;

    /// <summary>The extension's data, without its four-octet head; empty if there is none.</summary>
    public ReadOnlySpan<byte> Extension => HasExtension ? _packet[(FixedHeaderLength + (4 * ContributingSourceCount) + 4)..HeaderLength] : default;

    /// <summary>Finds one element of a one-byte-header extension (RFC 8285 §4.2).</summary>
    /// <param name="id">The element's number, 1 to 14.</param>
    /// <param name="data">Its octets.</param>
    /// <returns>Whether it is there.</returns>
    public bool TryGetExtensionElement(int id, out ReadOnlySpan<byte> data)
    {
        data = default;
        if (ExtensionProfile != OneByteExtensionProfile)
            return false;
        ReadOnlySpan<byte> rest = Extension;
        while (!rest.IsEmpty)
        {
            int found = rest[0] >> 4;
            if (found == 15)
                return false;
            int length = rest[0] == 0 ? 0 : (rest[0] & 0x0F) + 1;       // a zero octet is padding
            if (1 + length > rest.Length)
                return false;
            if (found == id && length > 0)
            {
                data = rest.Slice(1, length);
                return true;
            }
            rest = rest[(1 + length)..];
        }
        return false;
    }

    /// <summary>Octets before the payload.</summary>
    public int HeaderLength { get; }

    /// <summary>Octets of padding at the end, its counting octet included.</summary>
    public int PaddingLength { get; }

    /// <summary>The payload without padding.</summary>
    public ReadOnlySpan<byte> Payload => _packet[HeaderLength..^PaddingLength];
}
