using CloudPbx.Net.Sockets;
using CloudPbx.Rtp.Security.Dtls;
using CloudPbx.Sdp;

namespace CloudPbx.Media.Relay;

/// <summary>What offer and answer agreed on, as the packet path wants it. Immutable: replaced whole by each offer/answer.</summary>
internal sealed record StreamSettings
{
    public required NegotiatedMedia Media
    {
        get;
        init
        {
            field = value;
            // Looked at for each packet. Where they come from are four objects of each leg, so four cache lines.
            // Not by HasFlag, which allocates until the code is optimised.
            CanSend = (value.Direction & MediaDirection.SendOnly) != 0;
            CanReceive = (value.Direction & MediaDirection.RecvOnly) != 0;
            Encrypted = value.Encrypted;
            RtcpMux = value.RtcpMux;
            ClockRate = value.Send.Codec.ClockRate;
        }
    }

    /// <summary>Where RTP goes until a source is learned; none when the described address may not be sent to.</summary>
    public required UdpAddress RtpTarget { get; init; }

    /// <summary>Where RTCP goes until a source is learned.</summary>
    public required UdpAddress RtcpTarget { get; init; }

    /// <summary>Whose packets are accepted.</summary>
    public required SourceRules Sources { get; init; }

    /// <summary>What the handshake in the media path needs; null where the keys came in the SDP, or there are none.</summary>
    public HandshakeSettings? Handshake { get; init; }

    /// <summary>The peer presses keys as tones in its speech.</summary>
    public bool HearsInbandDigits { get; init; }

    /// <summary>The packet time of what is made for the peer here.</summary>
    public int FrameMilliseconds { get; init; } = 20;

    /// <summary>What is asked for each packet.</summary>
    public StreamFlags Flags => StreamFlags.Agreed | (CanSend ? StreamFlags.CanSend : 0) | (CanReceive ? StreamFlags.CanReceive : 0)
        | (Encrypted ? StreamFlags.Encrypted : 0) | (RtcpMux ? StreamFlags.RtcpMux : 0) | (Handshake is not null ? StreamFlags.ShakesHands : 0);

    public bool CanSend { get; private init; }

    public bool CanReceive { get; private init; }

    /// <summary>Both directions are.</summary>
    public bool Encrypted { get; private init; }

    /// <summary>RTCP shares the RTP port.</summary>
    public bool RtcpMux { get; private init; }

    /// <summary>The peer should be heard: it holds neither us nor itself.</summary>
    public bool ExpectsMedia => Media.Direction == MediaDirection.SendRecv;

    /// <summary>Of what is sent, in ticks per second.</summary>
    public int ClockRate { get; private init; }
}

/// <summary>What DTLS and ICE need on the packet path.</summary>
/// <param name="Certificate">Ours.</param>
/// <param name="Peer">What the peer brought.</param>
/// <param name="Ufrag">Our ICE user name fragment, ASCII.</param>
/// <param name="Password">Our ICE password, ASCII.</param>
internal sealed record HandshakeSettings(DtlsCertificate Certificate, RemoteDtls Peer, byte[] Ufrag, byte[] Password);
