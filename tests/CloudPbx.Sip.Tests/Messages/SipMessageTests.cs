using System.Text;
using CloudPbx.Sip.Messages;
using CloudPbx.TestKit;
using CsCheck;

namespace CloudPbx.Sip.Tests.Messages;

public class SipMessageTests
{
    private const string Start = "OPTIONS sip:b@example.com SIP/2.0\r\n";

    private const string Rest =
        "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nFrom: <sip:a@example.com>;tag=1\r\nTo: <sip:b@example.com>\r\n" +
        "Call-ID: x@y\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n";

    [Fact]
    public void A_short_tortuous_INVITE_is_understood()                      // RFC 4475 §3.1.1.1 wsinv
    {
        SipRequest invite = Request(Corpus.Load("rfc4475/wsinv.dat"));
        Assert.Equal("sip:vivekg@chair-dnrc.example.com;unknownparam", invite.RequestUri.ToString());
        Assert.Equal("sip:vivekg@chair-dnrc.example.com", invite.To.Uri.ToString());
        Assert.Equal("1918181833n", invite.To.Tag);
        Assert.Equal("J Rosenberg \\\"", invite.From.DisplayName);
        Assert.Equal(68, invite.MaxForwards);
        Assert.Equal(new CSeq(9, SipMethod.Invite), invite.CSeq);
        Assert.Equal(["192.0.2.2", "spindle.example.com", "192.168.255.111"], invite.Vias.Select(via => via.Host));
        Assert.Equal("", invite.Headers.Get(SipHeaderName.Subject));
        Assert.Equal(";;,,;;,;", invite.Headers.Get("UnknownHeaderWithUnusualValue"));
        Assert.Equal("newfangled value continued newfangled value", invite.Headers.Get("newfangledheader"));
        Assert.Equal("Quoted string \"\"", invite.Contacts[0].DisplayName);
        Assert.Equal(("newvalue", "0.33"), (invite.Contacts[0].Parameters["newparam"], invite.Contacts[0].Parameters["q"]));
        Assert.Equal(150, invite.Body.Length);
    }

    [Fact]
    public void Escaped_nulls_make_distinct_contacts()                       // RFC 4475 §3.1.1.4 escnull
    {
        SipRequest register = Request(Corpus.Load("rfc4475/escnull.dat"));
        Assert.Equal("null-\0-null", register.To.Uri.User);
        Assert.Equal(2, register.Contacts.Select(contact => contact.Uri).Distinct().Count());
    }

    [Fact]
    public void An_escape_in_a_header_name_makes_another_name()              // RFC 4475 §3.1.1.5 esc02
    {
        SipRequest request = Request(Corpus.Load("rfc4475/esc02.dat"));
        Assert.False(request.Method.IsKnown);
        Assert.Equal(2, request.Contacts.Count);
    }

    [Fact]
    public void A_long_request_is_kept_whole()                               // RFC 4475 §3.1.1.7 longreq
    {
        SipRequest invite = Request(Corpus.Load("rfc4475/longreq.dat"));
        Assert.Equal(34, invite.Vias.Count);
        Assert.True(invite.CallId.Length > 100);
    }

    [Fact]
    public void Octets_after_the_body_of_a_datagram_are_dropped()            // RFC 4475 §3.1.1.8 dblreq
    {
        SipRequest register = Request(Corpus.Load("rfc4475/dblreq.dat"));
        Assert.Equal(SipMethod.Register, register.Method);
        Assert.True(register.Body.IsEmpty);
        Assert.DoesNotContain("INVITE", register.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_body_is_octets()                                           // RFC 4475 §3.1.1.11 mpart01
    {
        SipRequest message = Request(Corpus.Load("rfc4475/mpart01.dat"));
        Assert.Equal(553, message.Body.Length);
        Assert.Contains((byte)0, message.Body.ToArray());
    }

    [Fact]
    public void A_reason_phrase_may_be_any_text_or_none()                    // RFC 4475 §3.1.1.12, §3.1.1.13
    {
        Assert.Equal(SipParseError.None, SipMessage.TryParse(Corpus.Load("rfc4475/unreason.dat"), out SipMessage? unreason));
        Assert.StartsWith("= 2**3 * 5**2", Assert.IsType<SipResponse>(unreason).ReasonPhrase, StringComparison.Ordinal);
        Assert.Equal(SipParseError.None, SipMessage.TryParse(Corpus.Load("rfc4475/noreason.dat"), out SipMessage? noreason));
        Assert.Equal("", Assert.IsType<SipResponse>(noreason).ReasonPhrase);
    }

    [Fact]
    public void A_request_without_Content_Length_has_the_rest_of_its_datagram() =>     // RFC 4475 §3.4.1 inv2543
        Assert.Equal(105, Request(Corpus.Load("rfc4475/inv2543.dat")).Body.Length);

    [Fact]
    public void The_probe_of_Gnome_Calls_is_understood()
    {
        SipRequest probe = Request(Corpus.Load("captured/options-probe.sip"));
        Assert.Null(probe.MaxForwards);
        Assert.Empty(probe.Contacts);
        Assert.Equal("ey4aZQZyB4pFQ", probe.From.Tag);
        Assert.Equal("w5yC4JhDo7yLiN1fq8vheK", probe.CallId);
    }

    [Fact]
    public void I38_compact_names_values_without_a_space_and_padded_numbers_are_read()       // FreeSWITCH, Bria
    {
        SipRequest request = Request(Encoding.ASCII.GetBytes(
            "MESSAGE sip:b@example.com SIP/2.0\r\nv:SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nf:<sip:a@example.com>;tag=1\r\nt:<sip:b@example.com>\r\ni:x@y\r\nCSeq:1 MESSAGE\r\n"
            + "m:<sip:a@192.0.2.1>\r\nC%6Fntact:<sip:evil@192.0.2.2>\r\nMax-Forwards:70\r\nc:text/plain\r\nContent-Length:   5\r\n\r\nhello and more"));
        Assert.Equal(("z9hG4bK1", "1", "x@y", 70), (request.TopVia.Branch, request.From.Tag, request.CallId, request.MaxForwards));
        Assert.Equal("sip:a@192.0.2.1", Assert.Single(request.Contacts).Uri.ToString());     // RFC 4475 §3.1.1.5: an escape makes another name
        Assert.Equal("hello", Encoding.ASCII.GetString(request.Body.Span));
    }

    [Theory]
    [InlineData("X-Tenant : evil", SipParseError.None)]                      // HCOLON allows SP and HTAB
    [InlineData("X-Tenant\t: evil", SipParseError.None)]
    [InlineData("X-Tenant\v: evil", SipParseError.HeaderName)]               // SECURITY S9, AST-2016-009
    [InlineData("X-Tenant\0: evil", SipParseError.HeaderName)]
    [InlineData("X Tenant: evil", SipParseError.HeaderName)]
    [InlineData(": evil", SipParseError.HeaderName)]
    [InlineData("X-Tenant evil", SipParseError.HeaderLine)]
    [InlineData("X-Tenant: a\nb", SipParseError.BareLineBreak)]              // SECURITY S10
    [InlineData("X-Tenant: a\rb", SipParseError.BareLineBreak)]
    [InlineData("X-Tenant: a\r\r\nb: c", SipParseError.BareLineBreak)]
    [InlineData("From: <sip:c@d>;tag=2", SipParseError.DuplicateFrom)]       // RFC 4475 §3.3.8 multi01
    [InlineData("t: <sip:c@d>", SipParseError.DuplicateTo)]
    [InlineData("i: z", SipParseError.DuplicateCallId)]
    [InlineData("CSEQ: 1 OPTIONS", SipParseError.DuplicateCSeq)]
    [InlineData("Max-forwards : 70", SipParseError.DuplicateMaxForwards)]
    [InlineData("Expires: 1\r\nExpires: 2", SipParseError.DuplicateHeader)]
    [InlineData("Content-Length: 0\r\nl: 0", SipParseError.DuplicateContentLength)]
    [InlineData("Content-Length: 0, 0", SipParseError.ContentLength)]
    [InlineData("Content-Length: +0", SipParseError.ContentLength)]
    [InlineData("Content-Length: 0x0", SipParseError.ContentLength)]
    [InlineData("Content-Length: ", SipParseError.ContentLength)]
    [InlineData("Content-Length: 1", SipParseError.ContentLengthTooLarge)]
    [InlineData("Content-Length: 18446744073709551616", SipParseError.ContentLengthTooLarge)]
    [InlineData("Contact: *", SipParseError.None)]
    [InlineData("Contact: *, <sip:a@b>", SipParseError.Contact)]
    [InlineData("Contact: <sip:a@b>,", SipParseError.Contact)]
    [InlineData("Route: sip:a@b c", SipParseError.Route)]
    [InlineData("Record-Route: <a>", SipParseError.RecordRoute)]
    [InlineData("Via: SIP/2.0/UDP h:x", SipParseError.Via)]
    [InlineData("Date: yesterday\r\nWarning: 1812 x\r\nRetry-After: 949302838503028349304023988", SipParseError.None)]      // nobody asked for them
    public void One_more_field_gets_its_verdict(string field, SipParseError expected) => Assert.Equal(expected, Parse(Start + Rest + field + "\r\n\r\n"));

    [Theory]
    [InlineData("Via", SipParseError.MissingVia)]
    [InlineData("From", SipParseError.MissingFrom)]
    [InlineData("To", SipParseError.MissingTo)]
    [InlineData("Call-ID", SipParseError.MissingCallId)]
    [InlineData("CSeq", SipParseError.MissingCSeq)]
    [InlineData("Max-Forwards", SipParseError.None)]
    public void A_missing_field_is_named(string name, SipParseError expected)
    {
        IEnumerable<string> others = Rest.Split("\r\n").Where(line => !line.StartsWith(name + ":", StringComparison.Ordinal));
        Assert.Equal(expected, Parse(Start + string.Join("\r\n", others) + "\r\n"));
    }

    [Theory]
    [InlineData("OPTIONS sip:b@example.com SIP/2.0", SipParseError.None)]
    [InlineData("OPTIONS sip:b@example.com sip/2.0", SipParseError.None)]
    [InlineData("OPTIONS sip:b@example.com SIP/3.0", SipParseError.Version)]
    [InlineData("OPTIONS sip:b@example.com HTTP/1.1", SipParseError.StartLine)]
    [InlineData("OPTIONS sip:b@example.com", SipParseError.StartLine)]
    [InlineData("OPTIONS SIP/2.0", SipParseError.RequestUri)]
    [InlineData("OPTIONS  SIP/2.0", SipParseError.RequestUri)]
    [InlineData("OPTIONS", SipParseError.StartLine)]
    [InlineData("OPT@ONS sip:b@example.com SIP/2.0", SipParseError.Method)]
    [InlineData(" OPTIONS sip:b@example.com SIP/2.0", SipParseError.StartLine)]
    [InlineData("OPTIONS sip:b@example.com?Route=x SIP/2.0", SipParseError.RequestUriHeaders)]
    [InlineData("INVITE sip:b@example.com SIP/2.0", SipParseError.CSeqMismatch)]
    [InlineData("SIP/2.0 200 OK", SipParseError.None)]
    [InlineData("SIP/2.0 200", SipParseError.None)]
    [InlineData("SIP/2.0 099 OK", SipParseError.StatusCode)]
    [InlineData("SIP/2.0 700 OK", SipParseError.StatusCode)]
    [InlineData("SIP/2.0 4294967301 OK", SipParseError.StatusCode)]          // RFC 4475 §3.1.2.19 bigcode
    [InlineData("SIP/2.0 2x0 OK", SipParseError.StatusCode)]
    [InlineData("SIP/3.0 200 OK", SipParseError.Version)]
    [InlineData("SIP/2.0", SipParseError.Version)]
    public void A_start_line_gets_its_verdict(string line, SipParseError expected) => Assert.Equal(expected, Parse(line + "\r\n" + Rest + "\r\n"));

    [Fact]
    public void Line_breaks_before_the_message_are_ignored() => Assert.Equal(SipParseError.None, Parse("\r\n\r\n" + Start + Rest + "\r\n"));   // §7.5

    [Theory]
    [InlineData("")]
    [InlineData("\r\n\r\n")]
    [InlineData("\0\0\0\0")]
    public void Keep_alives_are_no_messages(string datagram) => Assert.Equal(SipParseError.Empty, Parse(datagram));

    [Fact]
    public void Nothing_is_answered_that_could_be_cut_in_two()
    {
        SipMessage.TryParse(Encoding.ASCII.GetBytes(Start + Rest.Replace("tag=1", "tag=1\n", StringComparison.Ordinal) + "\r\n"), out SipMessage? message);
        Assert.Null(message);
    }

    [Fact]
    public void A_malformed_ACK_or_response_is_not_answered()
    {
        SipMessage.TryParse(Encoding.ASCII.GetBytes("ACK sip:b@c SIP/2.0\r\n" + Rest + "\r\n"), out SipMessage? ack);
        SipMessage.TryParse(Encoding.ASCII.GetBytes("SIP/2.0 200 OK\r\n" + Rest.Replace("CSeq: 1", "CSeq: x", StringComparison.Ordinal) + "\r\n"), out SipMessage? response);
        Assert.Equal((null, null), (ack, response));
    }

    [Theory]
    [InlineData(250, SipParseError.None)]                                    // and the six of every message
    [InlineData(251, SipParseError.TooManyHeaders)]
    public void A_message_has_at_most_256_fields(int more, SipParseError expected) =>
        Assert.Equal(expected, Parse(Start + Rest + string.Concat(Enumerable.Repeat("X-A: y\r\n", more)) + "\r\n"));

    [Theory]
    [InlineData(0, SipParseError.None)]
    [InlineData(1, SipParseError.HeaderSectionTooLarge)]
    public void A_header_section_has_at_most_65535_octets(int more, SipParseError expected)
    {
        int fill = 65535 - (Start + Rest + "X: \r\n\r\n").Length + more;
        Assert.Equal(expected, Parse(Start + Rest + "X: " + new string('x', fill) + "\r\n\r\n"));
    }

    [Theory]
    [InlineData(255, SipParseError.None)]
    [InlineData(256, SipParseError.HeaderName)]
    public void A_name_has_at_most_255_octets(int length, SipParseError expected) => Assert.Equal(expected, Parse(Start + Rest + new string('X', length) + ": y\r\n\r\n"));

    [Theory]
    [InlineData(1024, SipParseError.None)]
    [InlineData(1025, SipParseError.CallId)]
    public void A_Call_ID_has_at_most_1024_octets(int length, SipParseError expected) =>
        Assert.Equal(expected, Parse(Start + Rest.Replace("x@y", new string('x', length), StringComparison.Ordinal) + "\r\n"));

    [Theory]                                                                 // CVE-2018-8828: off by one on lengths of tag and branch
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(1023)]
    [InlineData(1024)]
    [InlineData(4096)]
    public void Tags_and_branches_are_kept_whole(int length)
    {
        string value = new('x', length);
        string fields = Rest.Replace("tag=1", "tag=" + value, StringComparison.Ordinal).Replace("z9hG4bK1", value, StringComparison.Ordinal);
        SipRequest request = Request(Encoding.ASCII.GetBytes(Start + fields + "\r\n"));
        Assert.Equal((value, value), (request.From.Tag, request.TopVia.Branch));
    }

    [Fact]
    public void Scalars_do_not_wrap()                                        // RFC 4475 §3.1.2.4
    {
        SipRequest request = Request(Encoding.ASCII.GetBytes(Start + Rest.Replace("70", "99999999999", StringComparison.Ordinal) + "Expires: 10000000000000\r\n\r\n"));
        Assert.Equal((int.MaxValue, uint.MaxValue), (request.MaxForwards, request.Expires));
    }

    [Fact]
    public void Views_follow_the_fields()
    {
        SipRequest request = Request(Encoding.ASCII.GetBytes(Start + Rest + "\r\n"));
        Assert.Equal("1", request.From.Tag);
        request.Headers.Set(SipHeaderName.From, "<sip:a@example.com>;tag=2");
        Assert.Equal("2", request.From.Tag);
        Assert.Single(request.Vias);
        request.Headers.AddFirst(SipHeaderName.Via, new Via("TCP", "edge.invalid", null, "z9hG4bK2").ToString());
        Assert.Equal(["edge.invalid", "192.0.2.1"], request.Vias.Select(via => via.Host));
        Assert.Throws<InvalidOperationException>(() => new SipRequest(SipMethod.Bye, SipUri.Parse("sip:a@b")).From);
    }

    [Fact]
    public void Options_are_found_in_lists()
    {
        SipRequest request = Request(Encoding.ASCII.GetBytes(Start + Rest + "Supported: timer, 100REL\r\nk: replaces\r\nRequire:\r\n\r\n"));
        Assert.True(request.Supports("100rel"));
        Assert.True(request.Supports("replaces"));
        Assert.False(request.Supports("outbound"));
        Assert.False(request.Requires("100rel"));
    }

    [Fact]
    public void A_request_is_built()
    {
        SipRequest invite = new(SipMethod.Invite, SipUri.Parse("sip:b@example.com"));
        invite.Headers.Add(SipHeaderName.Via, "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1");
        invite.Headers.Add("X-Name", "grün");
        invite.SetBody("v=0\r\n"u8.ToArray(), "application/sdp");
        Assert.Equal(
            "INVITE sip:b@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nX-Name: grün\r\nContent-Type: application/sdp\r\nContent-Length: 5\r\n\r\nv=0\r\n",
            invite.ToString());
        invite.SetBody(default, "");
        Assert.EndsWith("X-Name: grün\r\nContent-Length: 0\r\n\r\n", invite.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_built_can_be_read_again()
    {
        Gen<string> name = Gen.String[Gen.Char.AlphaNumeric, 1, 12].Select(text => "X-" + text);
        Gen<string> value = Gen.String[0, 40].Where(text => !text.Any(c => char.IsSurrogate(c) || c is '\r' or '\n')).Select(text => text.Trim(' ', '\t'));
        Gen.Select(Gen.Select(name, value).Array[0, 20], Gen.Byte.Array[0, 200]).Sample((fields, body) =>
        {
            SipRequest request = Request(Encoding.ASCII.GetBytes(Start + Rest + "\r\n"));
            foreach ((string field, string text) in fields)
                request.Headers.Add(field, text);
            request.SetBody(body, "application/octet-stream");
            SipRequest again = Request(request.ToBytes());
            Assert.Equal(body, again.Body.ToArray());
            Assert.Equal(request.Headers.Select(field => field.Key), again.Headers.Select(field => field.Key).SkipLast(1));
            Assert.Equal(fields.Select(field => field.Item2), again.Headers.Skip(6).Take(fields.Length).Select(field => field.Value));
            Assert.Equal(request.ToBytes(), again.ToBytes());
        }, iter: 1000);
    }

    [Fact]
    public void Content_Length_follows_the_body_at_its_old_place()
    {
        SipRequest request = Request(Encoding.ASCII.GetBytes(Start + "l : 0\r\n" + Rest + "\r\n"));
        Assert.StartsWith(Start + "l : 0\r\nVia", request.ToString(), StringComparison.Ordinal);
        request.SetBody("abc"u8.ToArray(), "text/plain");
        Assert.StartsWith(Start + "Content-Length: 3\r\nVia", request.ToString(), StringComparison.Ordinal);
    }

    private static SipParseError Parse(string text) => SipMessage.TryParse(Encoding.UTF8.GetBytes(text), out _);

    private static SipRequest Request(byte[] octets)
    {
        Assert.Equal(SipParseError.None, SipMessage.TryParse(octets, out SipMessage? message));
        return Assert.IsType<SipRequest>(message);
    }
}
