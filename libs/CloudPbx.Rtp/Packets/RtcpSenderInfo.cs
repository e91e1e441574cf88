namespace CloudPbx.Rtp.Packets;

/// <summary>The sender information of a sender report (RFC 3550 §6.4.1).</summary>
/// <param name="NtpTime">Wall clock as 32.32 fixed-point seconds since 1900.</param>
/// <param name="RtpTimestamp">The same instant in RTP ticks.</param>
/// <param name="PacketCount">Packets sent since the start; wraps at 2³².</param>
/// <param name="OctetCount">Payload octets sent since the start; wraps at 2³².</param>
public readonly record struct RtcpSenderInfo(ulong NtpTime, uint RtpTimestamp, uint PacketCount, uint OctetCount)
{
    /// <summary>The middle 32 bits of <see cref="NtpTime"/>: what a report block sends back as LSR.</summary>
    public uint MiddleNtp => (uint)(NtpTime >> 16);
}
