using System.Buffers.Binary;

namespace CloudPbx.Rtp.Packets;

/// <summary>A view of one packet inside an RTCP compound (RFC 3550 §6.4 to §6.7). Copies nothing.</summary>
/// <remarks>Allocation-free. Every accessor is safe for any body that a peer can send.</remarks>
public readonly ref struct RtcpPacket
{
    private readonly ReadOnlySpan<byte> _packet;

    internal RtcpPacket(ReadOnlySpan<byte> packet) => _packet = packet;

    /// <summary>The packet type; values without a name are possible.</summary>
    public RtcpPacketType Type => (RtcpPacketType)_packet[1];

    /// <summary>The five bits before the type: report blocks, chunks, sources, subtype or format.</summary>
    public int Count => _packet[0] & 0x1F;

    /// <summary>What follows the four-octet head, padding removed.</summary>
    public ReadOnlySpan<byte> Body => _packet[4..];

    /// <summary>The first word of the body: the sender's SSRC in all types but SDES; 0 if the body is empty.</summary>
    public uint Ssrc => _packet.Length >= 8 ? BinaryPrimitives.ReadUInt32BigEndian(_packet[4..]) : 0;

    /// <summary>The sender information of a sender report.</summary>
    /// <param name="info">The information.</param>
    /// <returns>False if this is no sender report or too short for one.</returns>
    public bool TryGetSenderInfo(out RtcpSenderInfo info)
    {
        info = default;
        if (Type != RtcpPacketType.SenderReport || _packet.Length < 28)
            return false;
        info = new RtcpSenderInfo(
            BinaryPrimitives.ReadUInt64BigEndian(_packet[8..]),
            BinaryPrimitives.ReadUInt32BigEndian(_packet[16..]),
            BinaryPrimitives.ReadUInt32BigEndian(_packet[20..]),
            BinaryPrimitives.ReadUInt32BigEndian(_packet[24..]));
        return true;
    }

    /// <summary>How many report blocks are there in full; 0 for other types.</summary>
    public int ReportCount
    {
        get
        {
            int first = FirstReport;
            return first == 0 ? 0 : Math.Min(Count, Math.Max(0, (_packet.Length - first) / RtcpReportBlock.Length));
        }
    }

    /// <summary>One report block of a sender or receiver report.</summary>
    /// <param name="index">0 to <see cref="ReportCount"/> − 1.</param>
    /// <returns>The block.</returns>
    public RtcpReportBlock Report(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)ReportCount, nameof(index));
        return RtcpReportBlock.Read(_packet[(FirstReport + (index * RtcpReportBlock.Length))..]);
    }

    /// <summary>The first CNAME of a source description (RFC 3550 §6.5.1).</summary>
    /// <param name="ssrc">The source that it names.</param>
    /// <param name="name">Its octets, UTF-8.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryGetCanonicalName(out uint ssrc, out ReadOnlySpan<byte> name)
    {
        ssrc = 0;
        name = default;
        if (Type != RtcpPacketType.SourceDescription)
            return false;
        ReadOnlySpan<byte> rest = Body;
        for (int chunk = 0; chunk < Count && rest.Length >= 4; chunk++)
        {
            ssrc = BinaryPrimitives.ReadUInt32BigEndian(rest);
            int at = 4;
            while (at < rest.Length && rest[at] != 0)
            {
                if (at + 2 > rest.Length || at + 2 + rest[at + 1] > rest.Length)
                    return false;
                if (rest[at] == 1)
                {
                    name = rest.Slice(at + 2, rest[at + 1]);
                    return true;
                }
                at += 2 + rest[at + 1];
            }
            at = (at + 4) & ~3;                              // at least one zero octet, then up to the next word
            rest = at < rest.Length ? rest[at..] : default;
        }
        return false;
    }

    /// <summary>How many sources a BYE names in full; 0 for other types.</summary>
    public int LeavingSourceCount => Type == RtcpPacketType.Bye ? Math.Min(Count, Body.Length / 4) : 0;

    /// <summary>One source of a BYE.</summary>
    /// <param name="index">0 to <see cref="LeavingSourceCount"/> − 1.</param>
    /// <returns>Its SSRC.</returns>
    public uint LeavingSource(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)LeavingSourceCount, nameof(index));
        return BinaryPrimitives.ReadUInt32BigEndian(Body[(4 * index)..]);
    }

    private int FirstReport => Type switch
    {
        RtcpPacketType.SenderReport => 28,
        RtcpPacketType.ReceiverReport => 8,
        _ => 0,
    };
}
