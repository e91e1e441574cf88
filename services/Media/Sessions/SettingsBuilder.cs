using System.Net;
using System.Net.Sockets;
using System.Text;
using CloudPbx.Media.Relay;
using CloudPbx.MediaControl;
using CloudPbx.Net.Sockets;
using CloudPbx.Rtp.Security.Dtls;
using CloudPbx.Sdp;

namespace CloudPbx.Media.Sessions;

/// <summary>Turns what was negotiated into what the packet path needs: addresses that may be sent to, sources that may be heard.</summary>
internal sealed class SettingsBuilder(DestinationPolicy destinations, AddressFamily family, DtlsCertificate? certificate)
{
    /// <summary>Builds the settings of a stream.</summary>
    /// <param name="media">What was agreed on.</param>
    /// <param name="policy">The leg's policy.</param>
    /// <param name="previous">The settings in force, or null.</param>
    /// <param name="local">What we brought for DTLS and ICE, or null.</param>
    public StreamSettings Build(NegotiatedMedia media, LegPolicy policy, StreamSettings? previous, LocalDtls? local)
    {
        IPAddress? signalling = policy.PeerSignallingAddress is { } from ? AddressPlan.Normalise(from) : null;
        IPAddress? described = media.RemoteConnection.Address is { } address ? AddressPlan.Normalise(address) : null;
        UdpAddress rtp = Target(described, media.RemotePort, signalling);
        IPAddress? report = media.RemoteRtcpConnection.Address is { } rtcpAddress ? AddressPlan.Normalise(rtcpAddress) : null;
        SourceRules sources = media.RemoteConnection.IsUnspecified && previous is not null
            ? previous.Sources // an old way of holding (RFC 2543): nobody moved
            : new SourceRules(rtp, signalling?.AddressFamily == family ? new UdpAddress(signalling, 0) : default, Learns(policy.Nat), policy.Nat == NatMode.Off);
        return new StreamSettings
        {
            Media = media,
            RtpTarget = rtp,
            RtcpTarget = Target(report, media.RemoteRtcpPort, signalling),
            Sources = sources,
            HearsInbandDigits = policy.InbandDigits,
            FrameMilliseconds = AudioFormats.FrameTime(media, policy.PtimeMilliseconds),
            Handshake = media.Dtls is { } peer && local is not null && certificate is not null
                ? new HandshakeSettings(certificate, peer, Encoding.ASCII.GetBytes(local.Ufrag), Encoding.ASCII.GetBytes(local.Password))
                : null,
        };

        bool Learns(NatMode nat) => nat == NatMode.On || (nat == NatMode.Auto && (rtp.IsNone || (signalling is not null && !signalling.Equals(described))));
    }

    private UdpAddress Target(IPAddress? address, int port, IPAddress? signalling) =>
        address is not null && address.AddressFamily == family && destinations.Allows(address, port, signalling) ? new UdpAddress(address, port) : default;
}
