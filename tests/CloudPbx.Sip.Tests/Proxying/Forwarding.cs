using System.Net;
using System.Text;
using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.Tests.Proxying;

/// <summary>Runs the stateless forwarder on text.</summary>
internal static class Forwarding
{
    public static readonly EdgeKey Key = new(new byte[32]);
    public static readonly Guid Tenant = new("01234567-89ab-cdef-0123-456789abcdef");
    public static readonly InternetEndPoint Source = InternetEndPoint.From(IPEndPoint.Parse("198.51.100.7:40000"));
    public const uint Edge = 0xED6E0001;

    public static readonly FlowToken Udp = new()
    {
        EdgeId = Edge,
        Transport = SipTransport.Udp,
        Remote = Source,
        AdvertisedHost = "192.0.2.1",
        AdvertisedPort = 5060,
    };

    public static string Invite(string via = "Via: SIP/2.0/UDP 10.0.0.5:5060;branch=z9hG4bKabc;rport", string more = "", string method = "INVITE", string to = "<sip:101@acme.example>") =>
        $"{method} sip:101@acme.example SIP/2.0\r\n{via}\r\nMax-Forwards: 70\r\nFrom: \"A\" <sip:100@acme.example>;tag=1\r\nTo: {to}\r\n"
        + $"Call-ID: c1\r\nCSeq: 1 {method}\r\n{more}Content-Length: 4\r\n\r\nbody";

    public static string Inward(string request, bool trusted = false)
    {
        byte[] octets = Encoding.UTF8.GetBytes(request);
        Assert.Equal(SipParseError.None, SipMessageView.Parse(octets, out SipMessageView view));
        byte[] token = Encoding.ASCII.GetBytes(Udp.ToString(Key));
        var context = new InwardRequest { Tenant = Tenant, EdgeId = Edge, Key = Key, FlowToken = token, Source = Source, IsTrusted = trusted };
        byte[] buffer = new byte[octets.Length + StatelessForwarder.Room];
        return Encoding.UTF8.GetString(buffer, 0, StatelessForwarder.WriteRequestInward(view, context, buffer));
    }

    public static string Outward(string request)
    {
        byte[] octets = Encoding.UTF8.GetBytes(request);
        Assert.Equal(SipParseError.None, SipMessageView.Parse(octets, out SipMessageView view));
        Assert.True(EgressRoute.TryRead(view, out ReadOnlySpan<byte> text, out uint edge));
        Assert.Equal(Edge, edge);
        Assert.True(FlowTokenView.TryRead(text, Key, new byte[256], out FlowTokenView flow));
        byte[] buffer = new byte[octets.Length + StatelessForwarder.Room];
        return Encoding.UTF8.GetString(buffer, 0, StatelessForwarder.WriteRequestOutward(view, flow, Key, buffer));
    }

    public static SipRequest ParseRequest(string text) => Assert.IsType<SipRequest>(Parse(text));

    public static SipMessage Parse(string text)
    {
        Assert.Equal(SipParseError.None, SipMessage.TryParse(Encoding.UTF8.GetBytes(text), out SipMessage? message));
        return message!;
    }

    public static string Branch(string forwarded) => ParseRequest(forwarded).TopVia!.Branch!;
}
