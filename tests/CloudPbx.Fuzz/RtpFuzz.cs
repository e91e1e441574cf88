using CloudPbx.Rtp.Events;
using CloudPbx.Rtp.Packets;

namespace CloudPbx.Fuzz;

/// <summary>Touches everything that a view offers, as a reader of hostile packets might.</summary>
internal static class RtpFuzz
{
    public static void RtpPacket(ReadOnlySpan<byte> datagram)
    {
        RtpHeader.IsRtcp(datagram);
        if (CloudPbx.Rtp.Packets.RtpPacket.Parse(datagram, out RtpPacket packet) != RtpParseError.None)
            return;
        int length = packet.HeaderLength + packet.Payload.Length + packet.PaddingLength;
        if (length != datagram.Length)
            throw new InvalidOperationException("The parts are not the whole.");
        for (int i = 0; i < packet.ContributingSourceCount; i++)
            packet.ContributingSource(i);
        for (int id = 1; id < 15; id++)
            packet.TryGetExtensionElement(id, out _);
        _ = TelephoneEvent.TryParse(packet.Payload, out _);
    }

    public static void Rtcp(ReadOnlySpan<byte> datagram)
    {
        if (RtcpCompound.Parse(datagram, out RtcpCompound compound) != RtcpParseError.None)
            return;
        foreach (RtcpPacket packet in compound)
        {
            _ = packet.Ssrc;
            packet.TryGetSenderInfo(out _);
            for (int i = 0; i < packet.ReportCount; i++)
                packet.Report(i).RoundTrip(0);
            packet.TryGetCanonicalName(out _, out _);
            for (int i = 0; i < packet.LeavingSourceCount; i++)
                packet.LeavingSource(i);
        }
    }
}
