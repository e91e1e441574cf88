using System.Buffers.Binary;

namespace CloudPbx.Rtp.Packets;

/// <summary>A report block (RFC 3550 §6.4.1): what a receiver says about one source.</summary>
/// <param name="Ssrc">The source reported on.</param>
/// <param name="FractionLost">Lost since the last report, in 1/256.</param>
/// <param name="CumulativeLost">Lost since the start, −2²³ to 2²³ − 1; negative with duplicates.</param>
/// <param name="HighestSequence">The extended highest sequence number received.</param>
/// <param name="Jitter">Interarrival jitter in RTP ticks.</param>
/// <param name="LastSenderReport">The middle 32 bits of the last sender report's NTP time; 0 if none came.</param>
/// <param name="DelaySinceLastSenderReport">Since that report came, in 1/65536 s; 0 if none came.</param>
public readonly record struct RtcpReportBlock(
    uint Ssrc, byte FractionLost, int CumulativeLost, uint HighestSequence, uint Jitter, uint LastSenderReport, uint DelaySinceLastSenderReport)
{
    /// <summary>Octets of a block on the wire.</summary>
    public const int Length = 24;

    /// <summary>The round trip (RFC 3550 §6.4.1): arrival − LSR − DLSR.</summary>
    /// <param name="arrivalMiddleNtp">The middle 32 bits of the NTP time at which the block arrived.</param>
    /// <returns>The time, or <see langword="null"/> if the peer has no sender report of ours yet or its numbers make no sense.</returns>
    public TimeSpan? RoundTrip(uint arrivalMiddleNtp)
    {
        int units = unchecked((int)(arrivalMiddleNtp - LastSenderReport - DelaySinceLastSenderReport));
        return LastSenderReport == 0 || units < 0 ? null : TimeSpan.FromSeconds(units / 65536.0);
    }

    internal static RtcpReportBlock Read(ReadOnlySpan<byte> block) => new(
        BinaryPrimitives.ReadUInt32BigEndian(block),
        block[4],
        BinaryPrimitives.ReadInt32BigEndian(block[4..]) << 8 >> 8,
        BinaryPrimitives.ReadUInt32BigEndian(block[8..]),
        BinaryPrimitives.ReadUInt32BigEndian(block[12..]),
        BinaryPrimitives.ReadUInt32BigEndian(block[16..]),
        BinaryPrimitives.ReadUInt32BigEndian(block[20..]));

    internal void Write(Span<byte> block)
    {
        BinaryPrimitives.WriteUInt32BigEndian(block, Ssrc);
        BinaryPrimitives.WriteInt32BigEndian(block[4..], Math.Clamp(CumulativeLost, -0x80_0000, 0x7F_FFFF));
        block[4] = FractionLost;
        BinaryPrimitives.WriteUInt32BigEndian(block[8..], HighestSequence);
        BinaryPrimitives.WriteUInt32BigEndian(block[12..], Jitter);
        BinaryPrimitives.WriteUInt32BigEndian(block[16..], LastSenderReport);
        BinaryPrimitives.WriteUInt32BigEndian(block[20..], DelaySinceLastSenderReport);
    }
}
