using CloudPbx.Net.Sockets;
using CloudPbx.Sdp;

namespace CloudPbx.Media.Relay;

/// <summary>What offer and answer agreed on for a stream that is passed on, as the packet path wants it. Immutable.</summary>
internal sealed record PassingSettings
{
    public required NegotiatedPassed Agreed { get; init; }

    /// <summary>Where packets go until a source is learned; none when the described address may not be sent to.</summary>
    public required UdpAddress Target { get; init; }

    /// <summary>Where RTCP goes until a source is learned.</summary>
    public required UdpAddress RtcpTarget { get; init; }

    /// <summary>Whose packets are accepted.</summary>
    public required SourceRules Sources { get; init; }

    public bool CanSend => (Agreed.Direction & MediaDirection.SendOnly) != 0;

    public bool CanReceive => (Agreed.Direction & MediaDirection.RecvOnly) != 0;
}
