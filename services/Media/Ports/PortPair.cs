using CloudPbx.Net.Sockets;

namespace CloudPbx.Media.Ports;

/// <summary>An even port for RTP and the odd one after it for RTCP (RFC 3550 §11), both open.</summary>
internal sealed class PortPair(UdpSocket rtp, UdpSocket rtcp) : IDisposable
{
    public UdpSocket Rtp { get; } = rtp;

    public UdpSocket Rtcp { get; } = rtcp;

    public int RtpPort => Rtp.Local.Port;

    public int RtcpPort => Rtcp.Local.Port;

    public void Dispose()
    {
        Rtp.Dispose();
        Rtcp.Dispose();
    }
}
