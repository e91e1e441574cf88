using CloudPbx.Contracts.Trunks;
using CloudPbx.Sip.Proxying;
using CloudPbx.Sip.Resolution;
using CloudPbx.Sip.Transport;

namespace CloudPbx.CallControl.Carriers;

/// <summary>Turns a trunk's settings into questions for DNS and targets for the edge.</summary>
internal static class CarrierTargets
{
    /// <summary>Where the trunk's requests go.</summary>
    public static NextHopQuery QueryOf(TrunkSettings trunk)
    {
        TrunkServer server = trunk.OutboundProxy ?? trunk.Server;
        return new NextHopQuery(server.Host, server.Port, server.Transport switch
        {
            TrunkTransport.Udp => SipTransport.Udp,
            TrunkTransport.Tcp => SipTransport.Tcp,
            TrunkTransport.Tls => SipTransport.Tls,
            _ => null,
        });
    }

    /// <summary>How the edge is to reach one of the places.</summary>
    public static FlowTarget TargetOf(TrunkSettings trunk, NextHop hop)
    {
        bool tls = hop.Transport == SipTransport.Tls;
        // RFC 5922 §7: the name that was configured, not one that DNS gave.
        return new FlowTarget(hop.EndPoint, hop.Transport)
        {
            ServerName = tls ? trunk.Profile.TlsServerName ?? (trunk.OutboundProxy ?? trunk.Server).Host : null,
            Verify = !tls || trunk.Profile.VerifyServerName,
            Certificate = tls ? trunk.Profile.ClientCertificate : null,
            AdvertisedHost = trunk.Profile.ContactHost,
        };
    }
}
