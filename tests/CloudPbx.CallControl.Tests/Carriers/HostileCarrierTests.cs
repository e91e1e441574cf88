using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Events;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.Carriers;

/// <summary>Carriers as they are: the signalling lines of INTEROP that have no better place, one test each.</summary>
public sealed class HostileCarrierTests : IDisposable
{
    private readonly CarrierFixture _fixture = new();

    private TestTenant Pbx => _fixture.Pbx;

    [Fact]
    public async Task I10_a_carrier_that_writes_the_number_and_not_the_account_is_known_by_its_address()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1", account: "acct");
        StubPhone alice = await ReadyAsync();
        carrier.Send(carrier.Request(SipMethod.Invite, "sip:+49301000@pbx.test:5060", "v=0 offer", ("From", "<sip:+4989222@carrier.example>;tag=c1"), ("To", "<sip:acct@carrier.example>")));
        Assert.Equal("+4989222", (await alice.RequestAsync(SipMethod.Invite)).From.Uri.User);
    }

    [Fact]
    public async Task I18_an_answer_that_crosses_our_CANCEL_is_acknowledged_and_hung_up()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await ReadyAsync();
        SipRequest dialled = await DialAsync(alice);
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        carrier.Answer(invite, 180);
        await alice.ResponseAsync();
        alice.Cancel(dialled);
        await carrier.RequestAsync(SipMethod.Cancel);
        carrier.Answer(invite, 200, "v=0 answer");
        await carrier.RequestAsync(SipMethod.Ack);
        await carrier.RequestAsync(SipMethod.Bye);
        Assert.Empty(await Pbx.Runtime.CallsAsync());                                    // no channel without a live dialog
        Assert.Equal(0, Assert.Single(await Pbx.Runtime.TrunksAsync()).Calls);
    }

    [Fact]
    public async Task I19_a_carrier_that_never_ends_a_cancelled_call_keeps_no_channel()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await ReadyAsync();
        SipRequest dialled = await DialAsync(alice);
        carrier.Answer(await carrier.RequestAsync(SipMethod.Invite), 180);
        await alice.ResponseAsync();
        alice.Cancel(dialled);
        carrier.Answer(await carrier.RequestAsync(SipMethod.Cancel), 200);               // and no 487
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(60));
        Assert.Empty(await Pbx.Runtime.CallsAsync());
        Assert.Equal(0, Assert.Single(await Pbx.Runtime.TrunksAsync()).Calls);
    }

    [Fact]
    public async Task I21_ACK_and_BYE_go_to_the_answers_Contact_by_its_route_as_it_stands()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await ReadyAsync();
        SipRequest dialled = await DialAsync(alice);
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        carrier.Contact = "sip:b2b@10.1.2.3:5070";                                       // private, behind the carrier's proxies
        carrier.Answer(invite, 200, "v=0 answer", ("Record-Route", "<sip:198.51.100.1;r2=on;lr=on>"), ("Record-Route", "<sip:10.0.0.1;r2=on;lr>"));      // I22
        SipResponse answer = await alice.FinalAsync();
        alice.Ack(dialled, answer);
        SipRequest ack = await carrier.RequestAsync(SipMethod.Ack);
        alice.Send(alice.InDialog(SipMethod.Bye, dialled, answer));
        SipRequest bye = await carrier.RequestAsync(SipMethod.Bye);
        foreach (SipRequest request in new[] { ack, bye })
        {
            Assert.Equal("sip:b2b@10.1.2.3:5070", request.RequestUri.ToString());
            Assert.Equal(["<sip:10.0.0.1;r2=on;lr>", "<sip:198.51.100.1;r2=on;lr=on>"], request.Headers.GetAll(SipHeaderName.Route).TakeLast(2));      // RFC 3261 §12.1.2: reversed
        }
    }

    [Fact]
    public async Task I24_a_carrier_without_To_tags_is_tolerated()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await ReadyAsync();
        await DialAsync(alice);
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        carrier.Answer(invite, 180, null, ("To", invite.To.ToString()));
        Assert.Equal(180, (await alice.ResponseAsync()).StatusCode);
        carrier.Answer(invite, 200, "v=0 answer", ("To", invite.To.ToString()));
        Assert.Equal(200, (await alice.FinalAsync()).StatusCode);
    }

    [Fact]
    public async Task I33_of_several_challenges_after_a_100_the_first_that_is_known_is_answered_and_a_stale_one_once_more()       // RFC 8760 §2.4
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1", account: "acct");
        StubPhone alice = await ReadyAsync();
        await DialAsync(alice);
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        carrier.Answer(invite, 100);
        carrier.Answer(invite, 401, null, ("WWW-Authenticate", "Digest realm=\"carrier.example\", nonce=\"n0\", algorithm=AKAv1-MD5, qop=\"auth\""),
            ("WWW-Authenticate", "Digest realm=\"carrier.example\", nonce=\"n1\", algorithm=SHA-256, qop=\"auth\""), ("WWW-Authenticate", "Digest realm=\"carrier.example\", nonce=\"n1\", algorithm=MD5, qop=\"auth\""));
        await carrier.RequestAsync(SipMethod.Ack);
        invite = await carrier.RequestAsync(SipMethod.Invite);
        Assert.Contains("algorithm=SHA-256", invite.Headers.Get(SipHeaderName.Authorization), StringComparison.Ordinal);
        carrier.Answer(invite, 401, null, ("WWW-Authenticate", "Digest realm=\"carrier.example\", nonce=\"n2\", stale=true, algorithm=SHA-256, qop=\"auth\""));
        await carrier.RequestAsync(SipMethod.Ack);
        invite = await carrier.RequestAsync(SipMethod.Invite);
        Assert.Contains("nonce=\"n2\"", invite.Headers.Get(SipHeaderName.Authorization), StringComparison.Ordinal);
        carrier.Answer(invite, 401, null, ("WWW-Authenticate", "Digest realm=\"carrier.example\", nonce=\"n3\", algorithm=SHA-256, qop=\"auth\""));      // the password is wrong, then
        await alice.FinalAsync();
        await carrier.RequestAsync(SipMethod.Ack);
        Assert.True(carrier.HasNothing);
    }

    [Fact]
    public async Task I36_fields_that_nobody_knows_do_no_harm_and_go_nowhere()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await ReadyAsync();
        carrier.Send(carrier.Request(
            SipMethod.Invite, $"sip:+49301000@{Pbx.Domain}", "v=0 offer", ("From", "<sip:+4989222@carrier.example>;tag=c1"), ("P-Charging-Vector", "icid-value=1;orig-ioi=x"), ("X-Whatever", "\u00e9")));
        SipRequest atAlice = await alice.RequestAsync(SipMethod.Invite);
        Assert.False(atAlice.Headers.Has("P-Charging-Vector") || atAlice.Headers.Has("X-Whatever"));
    }

    [Fact]
    public async Task I44_a_gateways_INVITE_with_ISUP_beside_its_session_description_is_taken()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await ReadyAsync();
        SipRequest invite = carrier.Request(SipMethod.Invite, $"sip:+49301000@{Pbx.Domain}", "--b\r\nContent-Type: application/sdp\r\n\r\nv=0 gateway's offer\r\n--b\r\nContent-Type: application/isup\r\n\r\nx\r\n--b--",
            ("From", "<sip:+4989222@carrier.example>;tag=c1"), ("Content-Type", "multipart/mixed;boundary=b"));
        carrier.Send(invite);
        alice.Answer(await alice.RequestAsync(SipMethod.Invite), 200, "v=0 answer");
        Assert.Equal(200, (await carrier.FinalAsync()).StatusCode);
    }

    [Fact]
    public async Task I44_a_refusal_whose_body_has_several_parts_is_a_refusal()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await ReadyAsync();
        await DialAsync(alice);
        SipResponse busy = SipResponse.For(await carrier.RequestAsync(SipMethod.Invite), 486, null, "t1");
        busy.SetBody("--b\r\nContent-Type: application/isup\r\n\r\nx\r\n--b\r\nContent-Type: text/plain\r\n\r\nbusy\r\n--b--"u8.ToArray(), "multipart/mixed;boundary=b");
        carrier.Send(busy);
        Assert.Equal(486, (await alice.FinalAsync()).StatusCode);
        await carrier.RequestAsync(SipMethod.Ack);
    }

    [Fact]
    public async Task A_carrier_that_answers_twice_is_led_in_one_dialog_and_the_other_is_hung_up()      // RFC 3261 §13.2.2.4
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await ReadyAsync();
        await DialAsync(alice);
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        carrier.Answer(invite, 200, "v=0 answer", ("To", invite.To.WithTag("one").ToString()));
        Assert.Equal(200, (await alice.FinalAsync()).StatusCode);
        await carrier.RequestAsync(SipMethod.Ack);
        carrier.Answer(invite, 200, "v=0 answer", ("To", invite.To.WithTag("two").ToString()));
        Assert.Equal("two", (await carrier.RequestAsync(SipMethod.Ack)).To.Tag);
        Assert.Equal("two", (await carrier.RequestAsync(SipMethod.Bye)).To.Tag);
        Assert.Single(await Pbx.Runtime.CallsAsync());
    }

    [Fact]
    public async Task A_redirection_by_a_carrier_is_not_followed()                        // a stranger would choose whom the tenant calls
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await ReadyAsync();
        await DialAsync(alice);
        carrier.Answer(await carrier.RequestAsync(SipMethod.Invite), 302, null, ("Contact", "<sip:+881612345678@elsewhere.example>"));
        Assert.Equal(480, (await alice.FinalAsync()).StatusCode);
        CallEnded record = await Pbx.RecordAsync();
        Assert.Equal(302, record.TrunkStatus);
    }

    public void Dispose() => _fixture.Dispose();

    private async Task<StubPhone> ReadyAsync()
    {
        _fixture.Number("+49301000", "100");
        await _fixture.ApplyAsync();
        return await Pbx.RegisteredAsync("100");
    }

    private async Task<SipRequest> DialAsync(StubPhone phone)
    {
        SipRequest invite = phone.Request(SipMethod.Invite, $"sip:9+4989222@{Pbx.Domain}", "v=0 phone's offer");
        phone.Send(invite);
        SipResponse challenge = await phone.ResponseAsync();
        phone.Ack(invite, challenge);
        SipRequest again = phone.Again(invite, challenge);
        phone.Send(again);
        return again;
    }
}
