using System.Text;
using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;
using CloudPbx.Sip.Transport;
using static CloudPbx.Sip.Tests.Proxying.Forwarding;

namespace CloudPbx.Sip.Tests.Proxying;

public class OutwardTests
{
    private static string ToPhone(string method = "INVITE", string more = "", FlowToken? flow = null) =>
        $"{method} sip:101@198.51.100.7:40000 SIP/2.0\r\nVia: SIP/2.0/TCP {Tenant:N}.invalid;branch=z9hG4bKworker\r\n"
        + $"Route: {InnerNames.EgressRoute(Edge, (flow ?? Udp).ToString(Key))}{more}\r\nMax-Forwards: 70\r\nFrom: <sip:100@acme.example>;tag=1\r\nTo: <sip:101@acme.example>\r\n"
        + $"Call-ID: c1\r\nCSeq: 1 {method}\r\nContent-Length: 0\r\n\r\n";

    [Fact]
    public void The_phone_sees_the_edges_address_and_no_egress_Route()
    {
        SipRequest request = ParseRequest(Outward(ToPhone()));
        Assert.Null(request.Headers.Get(SipHeaderName.Route));
        Assert.Equal(("192.0.2.1", 5060), (request.TopVia!.Host, request.TopVia.Port));
        Assert.True(request.TopVia.HasRPort);
        Assert.Equal("UDP", request.TopVia.Transport);
        Assert.Equal($"{Tenant:N}.invalid", request.Vias[1].Host);
        Assert.Equal(70, request.MaxForwards);
    }

    [Theory]
    [InlineData(", <sip:carrier.example;lr>")]
    [InlineData("\r\nRoute: <sip:carrier.example;lr>")]
    public void The_peers_own_route_set_stays(string more) =>
        Assert.Equal("<sip:carrier.example;lr>", ParseRequest(Outward(ToPhone(more: more))).Headers.Get(SipHeaderName.Route));

    [Fact]
    public void CANCEL_and_ACK_get_their_INVITEs_branch()
    {
        Assert.Equal(Branch(Outward(ToPhone())), Branch(Outward(ToPhone("CANCEL"))));
        Assert.Equal(Branch(Outward(ToPhone())), Branch(Outward(ToPhone("ACK"))));
    }

    [Fact]
    public void An_IPv6_address_stands_in_brackets()
    {
        FlowToken flow = Udp with { AdvertisedHost = "2001:db8::1", Transport = SipTransport.Tls, ConnectionId = 7, AdvertisedPort = 5061 };
        Via via = ParseRequest(Outward(ToPhone(flow: flow))).TopVia!;
        Assert.Equal(("TLS", "[2001:db8::1]", 5061), (via.Transport, via.Host.StartsWith('[') ? via.Host : $"[{via.Host}]", via.Port));
    }

    [Theory]
    [InlineData("\r\nVia: ")]
    [InlineData(", ")]              // a phone may join the values into one line
    public void The_phones_answer_finds_its_tenant(string between)
    {
        SipRequest request = ParseRequest(Outward(ToPhone()));
        string response = $"SIP/2.0 200 OK\r\nVia: {request.TopVia}{between}{request.Vias[1]}\r\nFrom: <sip:100@acme.example>;tag=1\r\n"
            + "To: <sip:101@acme.example>;tag=2\r\nCall-ID: c1\r\nCSeq: 1 INVITE\r\nP-Asserted-Identity: <sip:bank@acme.example>\r\nContent-Length: 0\r\n\r\n";
        byte[] octets = Encoding.ASCII.GetBytes(response);
        Assert.Equal(SipParseError.None, SipMessageView.Parse(octets, out SipMessageView view));
        Assert.True(StatelessForwarder.TryReadPeerResponse(view, Key, out Guid tenant));
        Assert.Equal(Tenant, tenant);
        byte[] buffer = new byte[octets.Length + StatelessForwarder.Room];
        string inward = Encoding.ASCII.GetString(buffer, 0, StatelessForwarder.WriteResponseInward(view, buffer));
        SipMessage message = Parse(inward);
        Assert.Equal($"{Tenant:N}.invalid", Assert.Single(message.Vias).Host);
        Assert.DoesNotContain("bank", inward, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKo00000000000000000000000;rport")]      // guessed
    [InlineData("SIP/2.0/UDP 192.0.2.1:5060")]
    public void A_response_to_nothing_that_we_sent_is_known(string via)
    {
        string response = $"SIP/2.0 200 OK\r\nVia: {via}\r\nVia: SIP/2.0/TCP {Tenant:N}.invalid;branch=z9hG4bKworker\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\n"
            + "Call-ID: c1\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n";
        Assert.Equal(SipParseError.None, SipMessageView.Parse(Encoding.ASCII.GetBytes(response), out SipMessageView view));
        Assert.False(StatelessForwarder.TryReadPeerResponse(view, Key, out _));
    }

    [Fact]
    public void A_workers_response_leads_to_the_flow()
    {
        SipRequest inward = ParseRequest(Inward(Invite(method: "REGISTER")));
        string response = SipResponse.For(inward, 200).ToText();
        byte[] octets = Encoding.ASCII.GetBytes(response);
        Assert.Equal(SipParseError.None, SipMessageView.Parse(octets, out SipMessageView view));
        Assert.True(StatelessForwarder.TryReadWorkerResponse(view, out ReadOnlySpan<byte> token, out Guid? tenant));
        Assert.True(FlowToken.TryParse(token, Key, out FlowToken flow));
        Assert.Equal(Udp, flow);
        Assert.Equal(Tenant, tenant);
        byte[] buffer = new byte[octets.Length];
        SipMessage outward = Parse(Encoding.ASCII.GetString(buffer, 0, StatelessForwarder.WriteResponseOutward(view, buffer)));
        Assert.Equal("10.0.0.5", Assert.Single(outward.Vias).Host);
    }

    [Fact]
    public void A_moved_notice_is_read_as_it_was()
    {
        foreach (string host in (string[])["10.1.2.3:7000", "[2001:db8::5]:7000", "worker-1.callcontrol:0"])
        {
            Assert.True(WorkerAddress.TryParse(host, out WorkerAddress worker));
            Assert.Equal(SipParseError.None, SipMessageView.Parse(new MovedNotice(Tenant, worker, 1_795_000_000_000).ToBytes(), out SipMessageView view));
            Assert.Equal(SipParseError.None, view.FindFault());
            Assert.True(MovedNotice.TryRead(view, out MovedNotice notice));
            Assert.Equal(new MovedNotice(Tenant, worker, 1_795_000_000_000), notice);
        }
    }

    [Fact]
    public void A_hello_is_known_by_its_From()
    {
        SipRequest hello = ParseRequest(Encoding.ASCII.GetString(InnerHello.Create(Edge, 1)));
        Assert.True(InnerHello.TryRead(hello, out uint edge));
        Assert.Equal(Edge, edge);
        Assert.False(InnerHello.TryRead(ParseRequest(Inward(Invite(method: "OPTIONS").Replace("<sip:100@acme.example>", "<sip:ed6e0001@edge.invalid>", StringComparison.Ordinal))), out _));
    }
}

file static class Texts
{
    public static string ToText(this SipMessage message) => Encoding.UTF8.GetString(message.ToBytes());
}
