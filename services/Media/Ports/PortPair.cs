using System.Net.Sockets;
using CloudPbx.Net.Sockets;

namespace CloudPbx.Media.Ports;

/// <summary>An even port for RTP and the odd one after it for RTCP (RFC 3550 §11), both open. Once a loop watches them it does so until they are closed, for whoever has them.</summary>
internal sealed class PortPair(AddressFamily family, UdpSocket rtp, UdpSocket rtcp) : IDisposable
{
    private const int Unwatched = -1;

    private int _rtpKey = Unwatched, _rtcpKey = Unwatched;      // of the loop

    public AddressFamily Family => family;

    public UdpSocket Rtp { get; } = rtp;

    public UdpSocket Rtcp { get; } = rtcp;

    public int RtpPort => Rtp.Local.Port;

    public int RtcpPort => Rtcp.Local.Port;

    /// <summary>Has a loop deliver what comes here to a handler, until it is given to another. On the loop, always the same.</summary>
    /// <param name="loop">The loop.</param>
    /// <param name="handler">Whose it is now.</param>
    /// <param name="rtpTag">Handed over with what comes to the RTP socket.</param>
    /// <param name="rtcpTag">With what comes to the other one.</param>
    public void Give(PacketLoop loop, IPacketHandler handler, int rtpTag, int rtcpTag)
    {
        if (_rtpKey == Unwatched)
        {
            _rtpKey = loop.Add(Rtp, handler, rtpTag);
            _rtcpKey = loop.Add(Rtcp, handler, rtcpTag);
            return;
        }
        loop.Hand(_rtpKey, handler, rtpTag);
        loop.Hand(_rtcpKey, handler, rtcpTag);
    }

    /// <summary>Ends the watching: before it is closed. On the loop.</summary>
    public void Leave(PacketLoop loop)
    {
        loop.Remove(Rtp, _rtpKey);
        loop.Remove(Rtcp, _rtcpKey);
        _rtpKey = Unwatched;
    }

    public void Dispose()
    {
        Rtp.Dispose();
        Rtcp.Dispose();
    }
}
