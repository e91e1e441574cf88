using CloudPbx.Net.Sockets;
using CloudPbx.Sdp;

namespace CloudPbx.Media.Relay;

/// <summary>What offer and answer agreed on, as the packet path wants it. Immutable: replaced whole by each offer/answer.</summary>
internal sealed record StreamSettings
{
    public required NegotiatedMedia Media { get; init; }

    /// <summary>Where RTP goes until a source is learned; none when the described address may not be sent to.</summary>
    public required UdpAddress RtpTarget { get; init; }

    /// <summary>Where RTCP goes until a source is learned.</summary>
    public required UdpAddress RtcpTarget { get; init; }

    /// <summary>Whose packets are accepted.</summary>
    public required SourceRules Sources { get; init; }

    // Not by HasFlag, which allocates until the code is optimised.
    public bool CanSend => (Media.Direction & MediaDirection.SendOnly) != 0;

    public bool CanReceive => (Media.Direction & MediaDirection.RecvOnly) != 0;

    /// <summary>The peer should be heard: it holds neither us nor itself.</summary>
    public bool ExpectsMedia => Media.Direction == MediaDirection.SendRecv;

    public int ClockRate => Media.Send.Codec.ClockRate;
}
