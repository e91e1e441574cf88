using System.Buffers.Binary;
using System.Text;

namespace CloudPbx.Rtp.Packets;

/// <summary>Writes an RTCP compound into the caller's octets: a report first, then SDES with CNAME (RFC 3550 §6.1).</summary>
/// <remarks>Allocation-free. What does not fit is not written: look at the result.</remarks>
public ref struct RtcpWriter
{
    private readonly Span<byte> _destination;

    /// <summary>Begins a compound.</summary>
    /// <param name="destination">Where it goes; 512 octets are ample for a call. For SRTCP leave room for its trailer.</param>
    public RtcpWriter(Span<byte> destination)
    {
        _destination = destination;
        Length = 0;
    }

    /// <summary>Octets written so far.</summary>
    public int Length { get; private set; }

    /// <summary>Adds a sender report (§6.4.1).</summary>
    /// <param name="ssrc">Our source.</param>
    /// <param name="info">What we sent.</param>
    /// <param name="reports">At most 31 blocks.</param>
    /// <returns>False if it does not fit.</returns>
    public bool TryWriteSenderReport(uint ssrc, scoped in RtcpSenderInfo info, scoped ReadOnlySpan<RtcpReportBlock> reports)
    {
        if (!TryBegin(RtcpPacketType.SenderReport, reports.Length, 28 + (reports.Length * RtcpReportBlock.Length), out Span<byte> packet))
            return false;
        BinaryPrimitives.WriteUInt32BigEndian(packet[4..], ssrc);
        BinaryPrimitives.WriteUInt64BigEndian(packet[8..], info.NtpTime);
        BinaryPrimitives.WriteUInt32BigEndian(packet[16..], info.RtpTimestamp);
        BinaryPrimitives.WriteUInt32BigEndian(packet[20..], info.PacketCount);
        BinaryPrimitives.WriteUInt32BigEndian(packet[24..], info.OctetCount);
        WriteReports(packet[28..], reports);
        return true;
    }

    /// <summary>Adds a receiver report (§6.4.2).</summary>
    /// <param name="ssrc">Our source.</param>
    /// <param name="reports">At most 31 blocks.</param>
    /// <returns>False if it does not fit.</returns>
    public bool TryWriteReceiverReport(uint ssrc, scoped ReadOnlySpan<RtcpReportBlock> reports)
    {
        if (!TryBegin(RtcpPacketType.ReceiverReport, reports.Length, 8 + (reports.Length * RtcpReportBlock.Length), out Span<byte> packet))
            return false;
        BinaryPrimitives.WriteUInt32BigEndian(packet[4..], ssrc);
        WriteReports(packet[8..], reports);
        return true;
    }

    /// <summary>Adds a source description with a canonical name (§6.5.1).</summary>
    /// <param name="ssrc">Our source.</param>
    /// <param name="name">At most 255 octets of ASCII; a random one keeps it private (RFC 7022).</param>
    /// <returns>False if it does not fit.</returns>
    public bool TryWriteCanonicalName(uint ssrc, scoped ReadOnlySpan<char> name)
    {
        int chunk = (4 + 2 + name.Length + 4) & ~3;
        if (name.Length > 255 || !TryBegin(RtcpPacketType.SourceDescription, 1, 4 + chunk, out Span<byte> packet))
            return false;
        packet[4..].Clear();
        BinaryPrimitives.WriteUInt32BigEndian(packet[4..], ssrc);
        packet[8] = 1;
        packet[9] = (byte)name.Length;
        Encoding.Latin1.GetBytes(name, packet[10..]);
        return true;
    }

    /// <summary>Adds a BYE of one source without reason (§6.6).</summary>
    /// <param name="ssrc">Our source.</param>
    /// <returns>False if it does not fit.</returns>
    public bool TryWriteBye(uint ssrc)
    {
        if (!TryBegin(RtcpPacketType.Bye, 1, 8, out Span<byte> packet))
            return false;
        BinaryPrimitives.WriteUInt32BigEndian(packet[4..], ssrc);
        return true;
    }

    private bool TryBegin(RtcpPacketType type, int count, int length, out Span<byte> packet)
    {
        packet = default;
        if (count > 31 || length > _destination.Length - Length)
            return false;
        packet = _destination.Slice(Length, length);
        packet[0] = (byte)(0x80 | count);
        packet[1] = (byte)type;
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)((length / 4) - 1));
        Length += length;
        return true;
    }

    private static void WriteReports(Span<byte> destination, scoped ReadOnlySpan<RtcpReportBlock> reports)
    {
        for (int i = 0; i < reports.Length; i++)
            reports[i].Write(destination[(i * RtcpReportBlock.Length)..]);
    }
}
