using System.Text;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;
using CloudPbx.TestKit;
using static CloudPbx.Sip.Tests.Proxying.Forwarding;

namespace CloudPbx.Sip.Tests.Proxying;

public class InwardTests
{
    [Fact]
    public void A_request_gets_the_tenants_Route_and_the_edges_Via()
    {
        SipRequest request = ParseRequest(Inward(Invite()));
        Assert.Equal($"<sip:{Tenant:N}@worker;lr>", request.Headers.Get(SipHeaderName.Route));
        Via top = request.TopVia!;
        Assert.Equal("ed6e0001.invalid", top.Host);
        Assert.True(FlowToken.TryParse(top.Parameters["flow"]!, Key, out FlowToken token));
        Assert.Equal(Udp, token);
        Assert.Equal(69, request.MaxForwards);
        Assert.Equal("body", Encoding.ASCII.GetString(request.Body.Span));
    }

    [Theory]            // RFC 3261 §18.2.1, RFC 3581 §4; what the sender claims about received and rport is not believed
    [InlineData("Via: SIP/2.0/UDP 10.0.0.5:5060;branch=z9hG4bKabc;rport")]
    [InlineData("Via: SIP/2.0/UDP 10.0.0.5:5060;branch=z9hG4bKabc")]
    [InlineData("Via: SIP/2.0/UDP 10.0.0.5:5060;received=203.0.113.9;branch=z9hG4bKabc;rport=1")]
    [InlineData("v:SIP / 2.0 / UDP\r\n 10.0.0.5:5060 ; RPORT=1;Received=203.0.113.9 ; branch=z9hG4bKabc")]
    public void The_received_Via_tells_where_the_request_came_from(string via)
    {
        SipRequest request = ParseRequest(Inward(Invite(via)));
        Via phone = request.Vias[1];
        Assert.Equal("10.0.0.5", phone.Host);
        Assert.Equal("z9hG4bKabc", phone.Branch);
        Assert.Equal("198.51.100.7", phone.Received);
        Assert.Equal(40000, phone.RPort);
        Assert.Single(phone.Parameters, p => p.Name.Equals("rport", StringComparison.OrdinalIgnoreCase));
        Assert.Single(phone.Parameters, p => p.Name.Equals("received", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void Further_Vias_of_the_same_line_stay()
    {
        SipRequest request = ParseRequest(Inward(Invite("Via: SIP/2.0/UDP a;branch=z9hG4bK1, SIP/2.0/TCP b;x=\"q,;\" ,SIP/2.0/TLS c\r\nVia: SIP/2.0/UDP d")));
        Assert.Equal(["ed6e0001.invalid", "a", "b", "c", "d"], request.Vias.Select(v => v.Host));
    }

    [Theory]            // removed by the parsed name
    [InlineData("Route: <sip:evil.example;lr>")]
    [InlineData("route : <sip:evil.example;lr>")]
    [InlineData("ROUTE\t:\r\n <sip:evil.example;lr>,\r\n\t<sip:two.example;lr>")]
    [InlineData("Route: <sip:a>\r\nRoute: <sip:b>\r\nrOuTe: <sip:c>")]
    [InlineData("P-Asserted-Identity: <sip:bank@acme.example>")]
    [InlineData("p-asserted-identity  :\r\n <sip:bank@acme.example>")]
    [InlineData("Remote-Party-ID: <sip:bank@acme.example>")]
    [InlineData("Path: <sip:evil.example;lr>")]
    [InlineData("X-Tenant : evil")]
    [InlineData("x-cloudpbx-anything: evil")]
    public void S8_S9_what_a_stranger_may_not_send_does_not_reach_a_worker(string line)
    {
        string forwarded = Inward(Invite(more: line + "\r\nX-Kept: 1\r\n"));
        SipRequest request = ParseRequest(forwarded);
        Assert.Single(request.Headers.GetAll(SipHeaderName.Route));
        Assert.DoesNotContain("evil", forwarded, StringComparison.Ordinal);
        Assert.DoesNotContain("bank", forwarded, StringComparison.Ordinal);
        Assert.DoesNotContain("two.example", forwarded, StringComparison.Ordinal);
        Assert.Equal("1", request.Headers.Get("X-Kept"));
    }

    [Fact]
    public void A_trusted_carriers_word_about_identity_is_left_in() =>
        Assert.Contains("P-Asserted-Identity: <sip:bank@acme.example>", Inward(Invite(more: "P-Asserted-Identity: <sip:bank@acme.example>\r\n"), trusted: true), StringComparison.Ordinal);

    [Theory]            // only SP and HTAB may stand before a colon (AST-2016-009)
    [InlineData("X-Tenant\v: evil")]
    [InlineData("X-Tenant\f: evil")]
    [InlineData("X Tenant: evil")]
    [InlineData("X-Tenant\u00a0: evil")]
    public void S9_a_name_that_another_parser_might_read_otherwise_is_refused(string line) =>
        Assert.NotEqual(SipParseError.None, SipMessageView.Parse(Encoding.UTF8.GetBytes(Invite(more: line + "\r\n")), out _));

    [Fact]
    public void A_request_without_Max_Forwards_gets_one()       // GNOME Calls' probe; §16.6 step 3
    {
        string probe = Invite().Replace("Max-Forwards: 70\r\n", "", StringComparison.Ordinal);
        Assert.Equal(70, ParseRequest(Inward(probe)).MaxForwards);
    }

    [Fact]
    public void A_datagram_without_Content_Length_gets_one()
    {
        SipRequest request = ParseRequest(Inward(Invite().Replace("Content-Length: 4\r\n", "", StringComparison.Ordinal)));
        Assert.Equal("4", request.Headers.Get(SipHeaderName.ContentLength));
        Assert.Equal(4, request.Body.Length);
    }

    [Fact]
    public void Octets_after_the_body_stay_outside()            // RFC 4475 §3.1.1.8 dblreq
    {
        string forwarded = Inward(Invite() + Invite());
        Assert.EndsWith("\r\n\r\nbody", forwarded, StringComparison.Ordinal);
    }

    [Fact]
    public void A_phones_Via_parameters_do_not_pass_for_the_edges_own()
    {
        SipRequest request = ParseRequest(Inward(Invite("Via: SIP/2.0/UDP ed6e0001.invalid;branch=z9hG4bKabc;flow=AAAA;tenant=ffffffffffffffffffffffffffffffff")));
        Assert.True(FlowToken.TryParse(request.TopVia!.Parameters["flow"]!, Key, out _));
        Assert.Equal(Tenant.ToString("N"), request.TopVia.Parameters["tenant"]);
    }

    [Fact]
    public void S10_what_the_edge_forwards_is_what_the_worker_reads()       // one parser, one message; over the RFCs' own messages
    {
        int forwarded = 0;
        foreach (TortureMessage torture in Corpus.Rfc4475.Concat(Corpus.Rfc5118))
        {
            if (SipMessageView.Parse(torture.Octets, out SipMessageView view) != SipParseError.None || view.FindFault() != SipParseError.None || !view.IsRequest
                || (view.TryFind(SipHeaderName.MaxForwards, out SipHeaderView hops) && hops.Value.SequenceEqual("0"u8)))
                continue;
            string text = Encoding.Latin1.GetString(view.Octets);
            var context = new InwardRequest { Tenant = Tenant, EdgeId = Edge, Key = Key, FlowToken = "AAAA"u8, Source = Source };
            byte[] buffer = new byte[view.Octets.Length + StatelessForwarder.Room];
            int length = StatelessForwarder.WriteRequestInward(view, context, buffer);
            Assert.True(length > 0, torture.Name);
            Assert.Equal(SipParseError.None, SipMessage.TryParse(buffer.AsSpan(0, length), out SipMessage? message));
            var request = Assert.IsType<SipRequest>(message);
            Assert.Equal(view.MethodText, Encoding.UTF8.GetBytes(request.Method.Name));
            Assert.Equal(view.Body, request.Body.Span);
            Assert.Equal($"<sip:{Tenant:N}@worker;lr>", Assert.Single(request.Headers.GetAll(SipHeaderName.Route)));
            forwarded++;
        }
        Assert.InRange(forwarded, 20, 61);
    }
}
