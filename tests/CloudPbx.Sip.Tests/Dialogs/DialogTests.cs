using System.Text;
using System.Text.Json;
using CloudPbx.Sip.Dialogs;
using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.Tests.Dialogs;

public class DialogTests
{
    [Fact]
    public void The_callers_route_set_is_the_record_route_of_the_response_reversed()      // §12.1.2
    {
        Dialog dialog = Dialog.FromResponse(Invite(), Response(200, "Record-Route: <sip:p3.test;lr>, <sip:p2.test;lr>\r\nRecord-Route: <sip:p1.test;lr>\r\n"));
        Assert.Equal(["<sip:p1.test;lr>", "<sip:p2.test;lr>", "<sip:p3.test;lr>"], dialog.State.RouteSet);
        SipRequest bye = dialog.CreateRequest(SipMethod.Bye);
        Assert.Equal("sip:bob@192.0.2.4", bye.RequestUri.ToString());
        Assert.Equal(["sip:p1.test;lr", "sip:p2.test;lr", "sip:p3.test;lr"], bye.Routes.Select(route => route.Uri.ToString()));
        Assert.Equal(("from-tag", "to-tag", 314160u), (bye.From.Tag, bye.To.Tag, bye.CSeq.Number));
        Assert.False(bye.Headers.Has(SipHeaderName.Contact));
    }

    [Fact]
    public void The_callees_route_set_is_the_record_route_of_the_request_in_order()       // §12.1.1
    {
        SipRequest invite = Invite("Record-Route: <sip:p3.test;lr>\r\nRecord-Route: <sip:p2.test;lr>\r\n");
        Dialog dialog = Dialog.FromRequest(invite, "our-tag", Address("<sip:token@192.0.2.9>"), secureFlow: false);
        SipRequest bye = dialog.CreateRequest(SipMethod.Bye);
        Assert.Equal("sip:alice@192.0.2.3", bye.RequestUri.ToString());
        Assert.Equal(["sip:p3.test;lr", "sip:p2.test;lr"], bye.Routes.Select(route => route.Uri.ToString()));
        Assert.Equal(("our-tag", "from-tag", 1u), (bye.From.Tag, bye.To.Tag, bye.CSeq.Number));
        Assert.Equal("sip:bob@biloxi.test", bye.From.Uri.ToString());
    }

    [Fact]
    public void A_strict_router_becomes_the_request_uri()                                 // §12.2.1.1, I23
    {
        Dialog dialog = Dialog.FromResponse(Invite(), Response(200, "Record-Route: <sip:p2.test;lr>\r\nRecord-Route: <sip:p1.test;method=BYE?x=y>\r\n"));
        SipRequest bye = dialog.CreateRequest(SipMethod.Bye);
        Assert.Equal("sip:p1.test", bye.RequestUri.ToString());
        Assert.Equal(["sip:p2.test;lr", "sip:bob@192.0.2.4"], bye.Routes.Select(route => route.Uri.ToString()));
    }

    [Theory]
    [InlineData("lr")]
    [InlineData("lr=on")]
    [InlineData("lr=true")]
    [InlineData("r2=on;lr=on;ftag=x")]
    public void Any_lr_is_loose_routing_and_double_record_routes_keep_their_order(string parameters)        // I22
    {
        Dialog dialog = Dialog.FromResponse(Invite(), Response(200, $"Record-Route: <sip:10.0.0.1;{parameters}>\r\nRecord-Route: <sip:203.0.113.1;{parameters}>\r\n"));
        SipRequest ack = dialog.CreateAck(314159);
        Assert.Equal("sip:bob@192.0.2.4", ack.RequestUri.ToString());
        Assert.Equal([$"sip:203.0.113.1;{parameters}", $"sip:10.0.0.1;{parameters}"], ack.Routes.Select(route => route.Uri.ToString()));
        Assert.Equal(314159u, ack.CSeq.Number);
    }

    [Fact]
    public void The_2xx_replaces_route_set_and_target_of_the_early_dialog()               // §13.2.2.4
    {
        Dialog dialog = Dialog.FromResponse(Invite(), Response(183, "Record-Route: <sip:early.test;lr>\r\n"));
        Assert.False(dialog.State.IsConfirmed);
        dialog.Confirm(Response(200, "Record-Route: <sip:final.test;lr>\r\n", contact: "<sip:bob@192.0.2.77>"));
        Assert.True(dialog.State.IsConfirmed);
        Assert.Equal(["<sip:final.test;lr>"], dialog.State.RouteSet);
        Assert.Equal("sip:bob@192.0.2.77", dialog.State.RemoteTarget);
    }

    [Fact]
    public void CSeq_numbers_rise_by_one_and_lower_ones_are_refused()
    {
        Dialog dialog = Dialog.FromRequest(Invite(), "our-tag", Address("<sip:token@192.0.2.9>"), secureFlow: false);
        Assert.Equal([1u, 2u, 3u], Enumerable.Range(0, 3).Select(_ => dialog.CreateRequest(SipMethod.Info).CSeq.Number));
        Assert.True(dialog.TryAdvance(InDialog(314161)));
        Assert.True(dialog.TryAdvance(InDialog(314161)));
        Assert.False(dialog.TryAdvance(InDialog(314160)));
        Assert.Equal(314161u, dialog.State.RemoteCSeq);
    }

    [Fact]
    public void Only_target_refresh_requests_change_the_target()                          // §12.2
    {
        Dialog dialog = Dialog.FromRequest(Invite(), "our-tag", Address("<sip:token@192.0.2.9>"), secureFlow: false);
        Assert.False(dialog.RefreshTarget(InDialog(2, "INFO", "<sip:evil@198.51.100.1>")));
        Assert.True(dialog.RefreshTarget(InDialog(3, "UPDATE", "<sip:alice@192.0.2.33>")));
        Assert.False(dialog.RefreshTarget(InDialog(4, "INVITE", null)));
        Assert.Equal("sip:alice@192.0.2.33", dialog.State.RemoteTarget);
        Assert.Equal("<sip:token@192.0.2.9>", dialog.CreateRequest(SipMethod.Invite).Headers.Get(SipHeaderName.Contact));
    }

    [Theory]
    [InlineData("sips:bob@biloxi.test", true, true)]
    [InlineData("sips:bob@biloxi.test", false, false)]
    [InlineData("sip:bob@biloxi.test", true, false)]
    public void The_callees_dialog_is_secure_by_sips_over_TLS(string uri, bool tls, bool secure)   // §12.1.1
    {
        SipRequest invite = Invite();
        invite.RequestUri = SipUri.Parse(uri);
        Assert.Equal(secure, Dialog.FromRequest(invite, "t", Address("<sip:x@y>"), tls).State.IsSecure);
    }

    [Fact]
    public void Parts_that_do_not_belong_into_a_Request_URI_are_left_out()                // §19.1.1
    {
        Dialog dialog = Dialog.FromResponse(Invite(), Response(200, "", contact: "<sip:bob@192.0.2.4;transport=tcp;method=INVITE?Replaces=x>"));
        Assert.Equal("sip:bob@192.0.2.4;transport=tcp", dialog.State.RemoteTarget);
    }

    [Fact]
    public void The_state_survives_storage()
    {
        Dialog dialog = Dialog.FromResponse(Invite(), Response(200, "Record-Route: <sip:p1.test;lr>\r\n"));
        dialog.TryAdvance(InDialog(77));
        string json = JsonSerializer.Serialize(dialog.State);
        DialogState restored = JsonSerializer.Deserialize<DialogState>(json)!;
        Assert.Equal(json, JsonSerializer.Serialize(restored));
        Assert.Equal(dialog.Id, new Dialog(restored).Id);
        Assert.Equal(
            Encoding.ASCII.GetString(dialog.CreateRequest(SipMethod.Invite).ToBytes()), Encoding.ASCII.GetString(new Dialog(restored).CreateRequest(SipMethod.Invite).ToBytes()));
    }

    [Fact]
    public void A_damaged_state_is_refused_at_once()
    {
        DialogState state = Dialog.FromResponse(Invite(), Response(200, "")).State;
        Assert.Throws<ArgumentException>(() => new Dialog(state with { RemoteTarget = "no uri" }));
        Assert.Throws<ArgumentException>(() => new Dialog(state with { RouteSet = ["<<>"] }));
    }

    [Fact]
    public void A_flood_of_record_routes_is_cut()
    {
        string many = string.Concat(Enumerable.Range(0, 100).Select(i => $"Record-Route: <sip:p{i}.test;lr>\r\n"));
        Assert.InRange(Dialog.FromResponse(Invite(), Response(200, many)).State.RouteSet.Count, 1, 32);
    }

    private static NameAddress Address(string text) => NameAddress.TryParse(text, out NameAddress? address) ? address : throw new ArgumentException(text);

    private static SipRequest Invite(string more = "") => (SipRequest)Parse(
        "INVITE sip:bob@biloxi.test SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.3;branch=z9hG4bKx\r\nMax-Forwards: 70\r\n" + more
        + "From: Alice <sip:alice@atlanta.test>;tag=from-tag\r\nTo: Bob <sip:bob@biloxi.test>\r\nCall-ID: call\r\nCSeq: 314159 INVITE\r\n"
        + "Contact: <sip:alice@192.0.2.3>\r\nContent-Length: 0\r\n\r\n");

    private static SipResponse Response(int status, string more, string contact = "<sip:bob@192.0.2.4>") => (SipResponse)Parse(
        $"SIP/2.0 {status} X\r\nVia: SIP/2.0/UDP 192.0.2.3;branch=z9hG4bKx\r\n" + more
        + "From: Alice <sip:alice@atlanta.test>;tag=from-tag\r\nTo: Bob <sip:bob@biloxi.test>;tag=to-tag\r\nCall-ID: call\r\nCSeq: 314159 INVITE\r\n"
        + $"Contact: {contact}\r\nContent-Length: 0\r\n\r\n");

    private static SipRequest InDialog(uint cseq, string method = "INFO", string? contact = null) => (SipRequest)Parse(
        $"{method} sip:token@192.0.2.9 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.3;branch=z9hG4bKy{cseq}\r\nMax-Forwards: 70\r\n"
        + $"From: <sip:alice@atlanta.test>;tag=from-tag\r\nTo: <sip:bob@biloxi.test>;tag=our-tag\r\nCall-ID: call\r\nCSeq: {cseq} {method}\r\n"
        + (contact is null ? "" : $"Contact: {contact}\r\n") + "Content-Length: 0\r\n\r\n");

    private static SipMessage Parse(string text)
    {
        Assert.Equal(SipParseError.None, SipMessage.TryParse(Encoding.UTF8.GetBytes(text), out SipMessage? message));
        return message!;
    }
}
