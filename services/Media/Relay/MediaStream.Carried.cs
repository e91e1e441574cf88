using System.Buffers.Binary;
using CloudPbx.Net.Sockets;
using CloudPbx.Rtp.Packets;
using CloudPbx.Rtp.Security;

namespace CloudPbx.Media.Relay;

/// <summary>A video that shares the transport (RFC 9143), as browsers have it: keys, addresses and sockets are the audio's, numbers and SSRCs the parties' own.</summary>
internal sealed partial class MediaStream
{
    private PassingStream? _carried;

    /// <summary>From now on hands over what belongs to a video; null: to none.</summary>
    public void Carry(PassingStream? video)
    {
        LeaveShortWay();
        _carried = video;
    }

    /// <summary>A video is over.</summary>
    public void LetGo(PassingStream video)
    {
        if (_carried == video)
            Carry(null);
    }

    /// <summary>Sends a packet of the video.</summary>
    /// <param name="buffer">The packet, followed by room for the protection.</param>
    /// <param name="length">Octets of the packet.</param>
    /// <param name="isRtcp">Whether it is a compound of RTCP.</param>
    /// <returns>Whether it was sent.</returns>
    public bool SendCarried(Span<byte> buffer, int length, bool isRtcp)
    {
        if (_settings is not { Media.Encrypted: true } || _sendCrypto is not { } crypto || RtpDestination is not { IsNone: false } to)
            return false;
        // The party chose its SSRC without knowing ours; one key stream for both would open both.
        if (BinaryPrimitives.ReadUInt32BigEndian(buffer[(isRtcp ? 4 : 8)..]) == State.Outgoing.Ssrc)
            return false;
        SrtpError error = isRtcp ? crypto.ProtectRtcp(buffer, length, out length) : crypto.ProtectRtp(buffer, length, out length);
        return error == SrtpError.None && _loop.TrySend(_rtp, buffer[..length], to);
    }

    /// <summary>Whether a report is the video's: it is of no audio of the peer's, and about none of ours.</summary>
    private bool IsOfCarried(in RtcpCompound compound)
    {
        foreach (RtcpPacket packet in compound)
        {
            if (State.HasSource && packet.Ssrc == State.Received.Ssrc)
                return false;
            for (int i = 0; i < packet.ReportCount; i++)
            {
                if (packet.Report(i).Ssrc == State.Outgoing.Ssrc)
                    return false;
            }
        }
        return true;
    }
}
