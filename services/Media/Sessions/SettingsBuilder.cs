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
internal sealed class SettingsBuilder(DestinationPolicy destinations, DtlsCertificate? certificate)
{
    /// <summary>Builds the settings of a stream.</summary>
    /// <param name="media">What was agreed on.</param>
    /// <param name="policy">The leg's policy.</param>
    /// <param name="previous">The settings in force, or null.</param>
    /// <param name="local">What we brought for DTLS and ICE, or null.</param>
    /// <param name="family">Of the leg's sockets: others cannot be reached from there.</param>
    public StreamSettings Build(NegotiatedMedia media, LegPolicy policy, StreamSettings? previous, LocalDtls? local, AddressFamily family)
    {
        Ends ends = EndsOf(family, policy, media.RemoteConnection, media.RemotePort, media.RemoteRtcpConnection, media.RemoteRtcpPort, previous?.Sources);
        return new StreamSettings
        {
            Media = media,
            RtpTarget = ends.Rtp,
            RtcpTarget = ends.Rtcp,
            Sources = ends.Sources,
            HearsInbandDigits = HearsInbandDigits(media, policy),
            FrameMilliseconds = AudioFormats.FrameTime(media, policy.PtimeMilliseconds),
            Handshake = media.Dtls is { } peer && local is not null && certificate is not null
                ? new HandshakeSettings(certificate, peer, Encoding.ASCII.GetBytes(local.Ufrag), Encoding.ASCII.GetBytes(local.Password))
                : null,
        };
    }

    /// <summary>Whether a peer's digits are tones: by its policy, or because it might have sent telephone events and took none.</summary>
    public static bool HearsInbandDigits(NegotiatedMedia media, LegPolicy policy) =>
        policy.InbandDigits || (policy is { TelephoneEvent: true, SignalledDigits: false } && !media.Receive.Any(static format => format.Codec.IsTelephoneEvent));

    /// <summary>Builds the settings of a stream that is passed on.</summary>
    /// <param name="agreed">What was agreed on.</param>
    /// <param name="policy">The leg's policy.</param>
    /// <param name="previous">The settings in force, or null.</param>
    /// <param name="family">Of the leg's sockets.</param>
    public PassingSettings Build(NegotiatedPassed agreed, LegPolicy policy, PassingSettings? previous, AddressFamily family)
    {
        Ends ends = EndsOf(family, policy, agreed.RemoteConnection, agreed.RemotePort, agreed.RemoteRtcpConnection, agreed.RemoteRtcpPort, previous?.Sources);
        return new PassingSettings { Agreed = agreed, Target = ends.Rtp, RtcpTarget = ends.Rtcp, Sources = ends.Sources };
    }

    /// <summary>Where an offer wants its media: that address's family is the one to answer in.</summary>
    /// <returns>Null where it says nothing of that: a name, the old way of holding, what may not be sent to (the inside of a NAT), or a browser's, which tries all it has (ICE).</returns>
    public IPAddress? Described(SessionDescription? offer, LegPolicy policy)
    {
        if (policy.WebRtc || offer?.Media.FirstOrDefault(m => m.Port != 0) is not { } media || offer.ConnectionOf(media)?.Address is not { } address)
            return null;
        IPAddress described = AddressPlan.Normalise(address);
        return destinations.Allows(described, media.Port, Signalling(policy)) ? described : null;
    }

    private static IPAddress? Signalling(LegPolicy policy) => policy.PeerSignallingAddress is { } from ? AddressPlan.Normalise(from) : null;

    private Ends EndsOf(AddressFamily family, LegPolicy policy, SdpConnection connection, int port, SdpConnection rtcpConnection, int rtcpPort, SourceRules? previous)
    {
        IPAddress? signalling = Signalling(policy);
        IPAddress? described = connection.Address is { } address ? AddressPlan.Normalise(address) : null;
        UdpAddress rtp = Target(family, described, port, signalling);
        IPAddress? report = rtcpConnection.Address is { } rtcpAddress ? AddressPlan.Normalise(rtcpAddress) : null;
        SourceRules sources = connection.IsUnspecified && previous is { } before
            ? before // an old way of holding (RFC 2543): nobody moved
            : new SourceRules(rtp, signalling?.AddressFamily == family ? new UdpAddress(signalling, 0) : default, Learns(policy.Nat), policy.Nat == NatMode.Off);
        return new Ends(rtp, Target(family, report, rtcpPort, signalling), sources);

        bool Learns(NatMode nat) => nat == NatMode.On || (nat == NatMode.Auto && (rtp.IsNone || (signalling is not null && !signalling.Equals(described))));
    }

    private UdpAddress Target(AddressFamily family, IPAddress? address, int port, IPAddress? signalling) =>
        address is not null && address.AddressFamily == family && destinations.Allows(address, port, signalling) ? new UdpAddress(address, port) : default;

    /// <summary>Where a stream's packets go, and whose come.</summary>
    private readonly record struct Ends(UdpAddress Rtp, UdpAddress Rtcp, SourceRules Sources);
}
