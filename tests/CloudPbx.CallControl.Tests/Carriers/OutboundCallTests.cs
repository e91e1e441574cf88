using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;

namespace CloudPbx.CallControl.Tests.Carriers;

/// <summary>Calls to the outside, message by message.</summary>
public sealed class OutboundCallTests : IDisposable
{
    private readonly CarrierFixture _fixture = new();

    private TestTenant Pbx => _fixture.Pbx;

    [Fact]
    public async Task A_call_leaves_by_the_trunk_answers_the_carriers_challenge_and_is_recorded()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1", account: "acct");
        (StubPhone alice, SipRequest dialled) = await DialAsync("9+4989222");
        SipRequest first = await carrier.RequestAsync(SipMethod.Invite);
        Assert.Equal($"sip:+4989222@carrier.example:{carrier.Remote.Port}", first.RequestUri.ToString());    // I8: the name, not the address
        Assert.Equal("+49301000", first.From.Uri.User);
        Assert.Equal("carrier.example", first.From.Uri.Host);
        Assert.Equal("pbx.test", first.Contacts[0].Uri.Host);
        carrier.Answer(first, 100);
        carrier.Answer(first, 407, null, ("Proxy-Authenticate", "Digest realm=\"carrier.example\", nonce=\"n1\", qop=\"auth\""));
        Assert.Equal(SipMethod.Ack, (await carrier.RequestAsync(SipMethod.Ack)).Method);
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        Assert.Contains("username=\"acct\"", invite.Headers.Get(SipHeaderName.ProxyAuthorization), StringComparison.Ordinal);
        Assert.Equal((first.CallId, first.CSeq.Number + 1), (invite.CallId, invite.CSeq.Number));            // §22.2
        carrier.Answer(invite, 180);
        Assert.Equal(180, (await alice.ResponseAsync()).StatusCode);
        carrier.Answer(invite, 200, "v=0 carrier's answer");
        SipResponse answer = await alice.FinalAsync();
        Assert.Equal(200, answer.StatusCode);
        alice.Ack(dialled, answer);
        await carrier.RequestAsync(SipMethod.Ack);
        alice.Send(alice.InDialog(SipMethod.Bye, dialled, answer));
        await alice.ResponseAsync();
        carrier.Answer(await carrier.RequestAsync(SipMethod.Bye), 200);

        CallEnded record = await Pbx.RecordAsync();
        Assert.Equal((CallDirection.Outbound, "carrier", "+4989222", 200), (record.Direction, record.TrunkName, record.TrunkNumber, record.TrunkStatus));
        Assert.Equal(CallDisposition.Answered, record.Disposition);
    }

    [Fact]
    public async Task S4_somebody_behind_the_carrier_who_challenges_our_BYE_in_another_realm_gets_no_credentials()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1", account: "acct");
        (StubPhone alice, SipRequest dialled) = await DialAsync("9+4989222");
        SipRequest first = await carrier.RequestAsync(SipMethod.Invite);
        carrier.Answer(first, 401, null, ("WWW-Authenticate", "Digest realm=\"carrier.example\", nonce=\"n1\""));
        await carrier.RequestAsync(SipMethod.Ack);
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        carrier.Answer(invite, 200, "v=0 carrier's answer");
        SipResponse answer = await alice.FinalAsync();
        alice.Ack(dialled, answer);
        await carrier.RequestAsync(SipMethod.Ack);
        alice.Send(alice.InDialog(SipMethod.Bye, dialled, answer));
        carrier.Answer(await carrier.RequestAsync(SipMethod.Bye), 407, null, ("Proxy-Authenticate", "Digest realm=\"stolen.example\", nonce=\"n2\""));
        await Pbx.RecordAsync();
        Assert.True(carrier.HasNothing);                                                 // CVE-2021-41158
    }

    [Theory]
    [InlineData(503)]
    [InlineData(500)]
    [InlineData(403)]
    [InlineData(401)]                                                                    // what it thinks of us, no callee says
    [InlineData(402)]
    [InlineData(407)]
    [InlineData(420)]
    [InlineData(421)]
    [InlineData(302)]                                                                    // not followed
    public async Task A_carrier_that_fails_is_followed_by_the_next(int status)
    {
        StubPhone first = _fixture.Carrier("first", "198.51.100.1");
        StubPhone second = _fixture.Carrier("second", "198.51.100.2");
        (StubPhone alice, _) = await DialAsync("9+4989222");
        first.Answer(await first.RequestAsync(SipMethod.Invite), status);                // I29
        await first.RequestAsync(SipMethod.Ack);
        SipRequest invite = await second.RequestAsync(SipMethod.Invite);
        second.Answer(invite, 200, "v=0 carrier's answer");
        Assert.Equal(200, (await alice.FinalAsync()).StatusCode);
    }

    [Theory]
    [InlineData(401, "WWW-Authenticate")]
    [InlineData(407, "Proxy-Authenticate")]
    public async Task A_carrier_that_does_not_take_our_password_is_followed_by_the_next(int status, string field)      // I29, RFC 3261 §22.2
    {
        (string, string)[] challenge = [(field, "Digest realm=\"first.example\", nonce=\"n1\", qop=\"auth\"")];
        StubPhone first = _fixture.Carrier("first", "198.51.100.1", account: "acct"), second = _fixture.Carrier("second", "198.51.100.2");
        (StubPhone alice, _) = await DialAsync("9+4989222");
        first.Answer(await first.RequestAsync(SipMethod.Invite), status, null, challenge);
        await first.RequestAsync(SipMethod.Ack);
        first.Answer(await first.RequestAsync(SipMethod.Invite), status, null, challenge);
        await first.RequestAsync(SipMethod.Ack);
        second.Answer(await second.RequestAsync(SipMethod.Invite), 200, "v=0 carrier's answer");
        Assert.Equal(200, (await alice.FinalAsync()).StatusCode);
    }

    [Theory]
    [InlineData("300", true)]
    [InlineData(null, false)]                                                            // of this call alone
    public async Task I28_a_carrier_that_asked_for_patience_is_left_in_peace_while_there_is_another(string? retryAfter, bool inPeace)      // RFC 3261 §21.5.4
    {
        StubPhone first = _fixture.Carrier("first", "198.51.100.1"), second = _fixture.Carrier("second", "198.51.100.2");
        (StubPhone alice, _) = await DialAsync("9+4989222");
        first.Answer(await first.RequestAsync(SipMethod.Invite), 503, null, retryAfter is null ? [] : [("Retry-After", retryAfter)]);
        await first.RequestAsync(SipMethod.Ack);
        second.Answer(await second.RequestAsync(SipMethod.Invite), 486);
        await second.RequestAsync(SipMethod.Ack);
        await alice.FinalAsync();
        await SendAsync(alice, "9+4989222");
        StubPhone next = inPeace ? second : first;
        next.Answer(await next.RequestAsync(SipMethod.Invite), 486);
        await next.RequestAsync(SipMethod.Ack);
        await alice.FinalAsync();
        Assert.True(first.HasNothing && second.HasNothing);

        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(301));
        await SendAsync(alice, "9+4989222");
        await first.RequestAsync(SipMethod.Invite);
    }

    [Theory]
    [InlineData(486, 486)]
    [InlineData(480, 480)]
    [InlineData(404, 404)]
    [InlineData(603, 603)]
    public async Task The_callees_own_answer_ends_the_hunting_and_reaches_the_caller(int status, int expected)
    {
        StubPhone first = _fixture.Carrier("first", "198.51.100.1");
        StubPhone second = _fixture.Carrier("second", "198.51.100.2");
        (StubPhone alice, _) = await DialAsync("9+4989222");
        first.Answer(await first.RequestAsync(SipMethod.Invite), status, null, ("Reason", "Q.850;cause=17;text=\"busy\""));
        SipResponse answer = await alice.FinalAsync();                                   // I29
        Assert.Equal(expected, answer.StatusCode);
        Assert.Equal("Q.850;cause=17;text=\"busy\"", answer.Headers.Get(SipHeaderName.Reason));
        CallEnded record = await Pbx.RecordAsync();
        Assert.Equal(("first", status, 17), (record.TrunkName, record.TrunkStatus, record.Q850Cause));
        Assert.True(second.HasNothing);
    }

    [Fact]
    public async Task I29_a_first_gateway_whose_name_leads_nowhere_does_not_stop_the_second()
    {
        _fixture.Carrier("first", "198.51.100.1");
        StubPhone second = _fixture.Carrier("second", "198.51.100.2");
        Pbx.Dns.Hosts.Remove("first.example");
        (StubPhone alice, _) = await DialAsync("9+4989222");
        second.Answer(await second.RequestAsync(SipMethod.Invite), 200, "v=0 carrier's answer");
        Assert.Equal(200, (await alice.FinalAsync()).StatusCode);
    }

    [Fact]
    public async Task A_carrier_that_refuses_the_connection_or_is_silent_is_followed_by_the_next_and_tried_last_from_then_on()
    {
        StubPhone gone = _fixture.Carrier("gone", "198.51.100.1", transport: SipTransport.Tcp);
        StubPhone silent = _fixture.Carrier("silent", "198.51.100.2");
        StubPhone good = _fixture.Carrier("good", "198.51.100.3");
        Pbx.Edge.Remove(gone);
        (StubPhone alice, _) = await DialAsync("9+4989222");
        await silent.RequestAsync(SipMethod.Invite);
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(8));
        SipRequest invite = await good.RequestAsync(SipMethod.Invite);
        good.Answer(invite, 200, "v=0 carrier's answer");
        Assert.Equal(200, (await alice.FinalAsync()).StatusCode);
        Assert.True(Pbx.Down.IsDown(new(silent.Remote, SipTransport.Udp)));              // RFC 3263 §4.3
    }

    /// <summary>Every tenant's calls would go around a server that is well.</summary>
    [Fact]
    public async Task A_carrier_that_was_not_asked_for_want_of_media_is_not_down()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        Pbx.Media.Room = 1;                                                              // the caller's
        (StubPhone alice, _) = await DialAsync("9+4989222");
        SipResponse refused = await alice.FinalAsync();
        Assert.Equal(500, refused.StatusCode);
        Assert.Contains("no free media port", refused.Headers.Get(SipHeaderName.Reason), StringComparison.Ordinal);
        Assert.False(Pbx.Down.IsDown(new(carrier.Remote, SipTransport.Udp)));
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]                                                            // the trunk says UDP
    public async Task I42_an_INVITE_that_is_too_long_for_UDP_goes_by_TCP_where_the_carrier_takes_that(bool isSaid, bool moves)      // RFC 3261 §18.1.1
    {
        StubPhone datagrams = _fixture.Carrier("carrier", "198.51.100.1", anyTransport: !isSaid);
        StubPhone stream = Pbx.Phone("stream", SipTransport.Tcp, address: "198.51.100.1", port: datagrams.Remote.Port);
        (StubPhone alice, _) = await DialAsync("9+4989222");
        datagrams.Answer(await datagrams.RequestAsync(SipMethod.Invite), 486);            // a short one stays
        await datagrams.RequestAsync(SipMethod.Ack);
        Assert.Equal(486, (await alice.FinalAsync()).StatusCode);

        Pbx.Media.Long = true;
        await SendAsync(alice, "9+4989222");
        SipRequest invite = await (moves ? stream : datagrams).RequestAsync(SipMethod.Invite);
        Assert.Equal(moves ? "tcp" : null, invite.Contacts[0].Uri.Parameters["transport"]);
        (moves ? stream : datagrams).Answer(invite, 486);
        Assert.Equal(486, (await alice.FinalAsync()).StatusCode);
    }

    [Fact]
    public async Task I42_a_carrier_without_TCP_is_asked_for_it_once_and_gets_the_long_INVITE_by_UDP()
    {
        StubPhone datagrams = _fixture.Carrier("carrier", "198.51.100.1", anyTransport: true);
        Pbx.Media.Long = true;
        (StubPhone alice, _) = await DialAsync("9+4989222");
        for (int call = 0; call < 2; call++)
        {
            if (call > 0)
                await SendAsync(alice, "9+4989222");
            datagrams.Answer(await datagrams.RequestAsync(SipMethod.Invite), 486);
            await datagrams.RequestAsync(SipMethod.Ack);
            Assert.Equal(486, (await alice.FinalAsync()).StatusCode);
        }
        Assert.Single(Pbx.Edge.Opened, target => target.Transport == SipTransport.Tcp);
    }

    [Fact]
    public async Task I42_a_long_INVITE_that_finds_TCP_silent_goes_back_to_UDP_in_the_same_attempt_and_UDP_is_not_down()      // RFC 3261 §18.1.1
    {
        StubPhone datagrams = _fixture.Carrier("carrier", "198.51.100.1", anyTransport: true);
        StubPhone stream = Pbx.Phone("stream", SipTransport.Tcp, address: "198.51.100.1", port: datagrams.Remote.Port);
        Pbx.Media.Long = true;
        (StubPhone alice, _) = await DialAsync("9+4989222");
        await stream.RequestAsync(SipMethod.Invite);
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(4));
        SipRequest invite = await datagrams.RequestAsync(SipMethod.Invite);
        Assert.Null(invite.Contacts[0].Uri.Parameters["transport"]);
        datagrams.Answer(invite, 486);
        await datagrams.RequestAsync(SipMethod.Ack);
        Assert.Equal(486, (await alice.FinalAsync()).StatusCode);
        Assert.False(Pbx.Down.IsDown(new(datagrams.Remote, SipTransport.Udp)));
        CloudPbx.Grains.TrunkStatus status = Assert.Single(await Pbx.Runtime.TrunksAsync());
        Assert.Equal("No answer", status.WithoutTcp);
        Assert.InRange(status.TcpAgainAt!.Value - Pbx.Time.GetUtcNow().UtcDateTime, TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(5));

        await SendAsync(alice, "9+4989222");                                             // the next one does not try TCP
        datagrams.Answer(await datagrams.RequestAsync(SipMethod.Invite), 486);
        await datagrams.RequestAsync(SipMethod.Ack);
        Assert.Equal(486, (await alice.FinalAsync()).StatusCode);
        Assert.True(stream.HasNothing);

        await Pbx.AdvanceAsync(TimeSpan.FromMinutes(5));
        Assert.Null(Assert.Single(await Pbx.Runtime.TrunksAsync()).WithoutTcp);
        await SendAsync(alice, "9+4989222");
        stream.Answer(await stream.RequestAsync(SipMethod.Invite), 486);
        Assert.Equal(486, (await alice.FinalAsync()).StatusCode);
    }

    [Fact]
    public async Task I42_a_carrier_that_is_silent_by_UDP_too_is_down()                     // RFC 3263 §4.3
    {
        StubPhone datagrams = _fixture.Carrier("carrier", "198.51.100.1", anyTransport: true);
        StubPhone stream = Pbx.Phone("stream", SipTransport.Tcp, address: "198.51.100.1", port: datagrams.Remote.Port);
        Pbx.Media.Long = true;
        (StubPhone alice, _) = await DialAsync("9+4989222");
        await stream.RequestAsync(SipMethod.Invite);
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(4));
        await datagrams.RequestAsync(SipMethod.Invite);
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(8));
        Assert.Equal(504, (await alice.FinalAsync()).StatusCode);
        Assert.True(Pbx.Down.IsDown(new(datagrams.Remote, SipTransport.Udp)));
    }

    [Theory]
    [InlineData(false, "Connection refused", 60)]
    [InlineData(true, "No connection in time", 5)]                                       // a firewall, or a fault that passes
    public async Task I42_why_a_carrier_has_no_TCP_is_remembered_and_a_silent_one_is_tried_sooner(bool drops, string why, int minutes)
    {
        StubPhone datagrams = _fixture.Carrier("carrier", "198.51.100.1", anyTransport: true);
        Pbx.Edge.DropsConnections = drops;
        Pbx.Media.Long = true;
        (StubPhone alice, _) = await DialAsync("9+4989222");
        datagrams.Answer(await datagrams.RequestAsync(SipMethod.Invite), 486);
        await alice.FinalAsync();
        CloudPbx.Grains.TrunkStatus status = Assert.Single(await Pbx.Runtime.TrunksAsync());
        Assert.Equal((why, Pbx.Time.GetUtcNow().UtcDateTime.AddMinutes(minutes)), (status.WithoutTcp, status.TcpAgainAt));
    }

    [Fact]
    public async Task I42_a_connection_that_had_ended_is_opened_once_more_for_the_long_INVITE()
    {
        StubPhone datagrams = _fixture.Carrier("carrier", "198.51.100.1", anyTransport: true);
        StubPhone stream = Pbx.Phone("stream", SipTransport.Tcp, address: "198.51.100.1", port: datagrams.Remote.Port);
        Pbx.Media.Long = true;
        (StubPhone alice, _) = await DialAsync("9+4989222");
        stream.Answer(await stream.RequestAsync(SipMethod.Invite), 486);
        Assert.Equal(486, (await alice.FinalAsync()).StatusCode);
        await stream.RequestAsync(SipMethod.Ack);
        Pbx.Edge.Break(stream);
        await SendAsync(alice, "9+4989222");
        stream.Answer(await stream.RequestAsync(SipMethod.Invite), 486);
        Assert.Equal(486, (await alice.FinalAsync()).StatusCode);
        Assert.True(datagrams.HasNothing);
        Assert.Null(Assert.Single(await Pbx.Runtime.TrunksAsync()).WithoutTcp);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]                                                                  // it does not answer there
    public async Task I42_a_long_re_INVITE_goes_by_TCP_and_back_to_UDP_where_nobody_answers(bool answers)      // RFC 3261 §18.1.1
    {
        StubPhone datagrams = _fixture.Carrier("carrier", "198.51.100.1", anyTransport: true);
        StubPhone stream = Pbx.Phone("stream", SipTransport.Tcp, address: "198.51.100.1", port: datagrams.Remote.Port);
        SipRequest first = await TalkAsync(datagrams);
        Pbx.Media.Long = true;
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(60));                                // half of the session's time
        SipRequest refresh = await stream.RequestAsync(SipMethod.Invite);
        Assert.Equal((first.CallId, first.CSeq.Number + 1), (refresh.CallId, refresh.CSeq.Number));
        Assert.Null(refresh.Contacts[0].Uri.Parameters["transport"]);                    // the carrier's requests come as before
        if (answers)
        {
            stream.Answer(refresh, 200, "v=0 carrier's answer", ("Session-Expires", "120;refresher=uac"));
        }
        else
        {
            await Pbx.AdvanceAsync(TimeSpan.FromSeconds(4));
            SipRequest again = await datagrams.RequestAsync(SipMethod.Invite);
            Assert.Equal(refresh.CSeq.Number + 1, again.CSeq.Number);
            datagrams.Answer(again, 200, "v=0 carrier's answer", ("Session-Expires", "120;refresher=uac"));
        }
        await datagrams.RequestAsync(SipMethod.Ack);                                     // short, and by the dialog's own way
        Assert.Equal(answers ? null : "No answer", Assert.Single(await Pbx.Runtime.TrunksAsync()).WithoutTcp);
        Assert.True(stream.HasNothing);
        datagrams.Send(datagrams.InDialogAsCallee(SipMethod.Bye, first));
        Assert.Equal(200, (await datagrams.ResponseAsync()).StatusCode);
    }

    [Theory]
    [InlineData(true, false)]                                                            // long, and the carrier refuses TCP
    [InlineData(false, true)]                                                            // short
    public async Task I42_a_re_INVITE_that_is_short_or_finds_no_TCP_stays_on_UDP(bool isLong, bool takesTcp)
    {
        StubPhone datagrams = _fixture.Carrier("carrier", "198.51.100.1", anyTransport: true);
        StubPhone? stream = takesTcp ? Pbx.Phone("stream", SipTransport.Tcp, address: "198.51.100.1", port: datagrams.Remote.Port) : null;
        SipRequest first = await TalkAsync(datagrams);
        Pbx.Media.Long = isLong;
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(60));
        SipRequest refresh = await datagrams.RequestAsync(SipMethod.Invite);
        Assert.Equal(first.CSeq.Number + 1, refresh.CSeq.Number);                        // to measure it takes no number
        Assert.Equal(takesTcp, stream is { HasNothing: true });
    }

    [Fact]
    public async Task The_breadth_that_is_left_goes_to_the_carrier_and_whole_to_the_next_one()      // RFC 5393 §5.3.3: one after the other
    {
        StubPhone first = _fixture.Carrier("first", "198.51.100.1"), second = _fixture.Carrier("second", "198.51.100.2");
        await DialAsync("9+4989222", ("Max-Breadth", "9"));
        SipRequest invite = await first.RequestAsync(SipMethod.Invite);
        Assert.Equal(9u, invite.MaxBreadth);
        first.Answer(invite, 503);
        Assert.Equal(9u, (await second.RequestAsync(SipMethod.Invite)).MaxBreadth);
    }

    [Theory]
    [InlineData("9+4989222", false)]
    [InlineData("112", true)]                                                            // S36
    public async Task A_breadth_that_is_used_up_gets_440_unless_it_is_a_call_for_help(string number, bool leaves)      // RFC 5393 §5.3.3.1
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        (StubPhone alice, _) = await DialAsync(number, ("Max-Breadth", "0"));
        if (leaves)
            Assert.Equal(1u, (await carrier.RequestAsync(SipMethod.Invite)).MaxBreadth);
        else
            Assert.Equal(440, (await alice.FinalAsync()).StatusCode);
        Assert.True(carrier.HasNothing);
    }

    [Fact]
    public async Task A_refused_account_is_not_the_callers_fault()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        (StubPhone alice, _) = await DialAsync("9+4989222");
        carrier.Answer(await carrier.RequestAsync(SipMethod.Invite), 401, null, ("WWW-Authenticate", "Digest realm=\"carrier.example\", nonce=\"n1\""));
        Assert.Equal(500, (await alice.FinalAsync()).StatusCode);
        Assert.Equal(401, (await Pbx.RecordAsync()).TrunkStatus);
    }

    [Fact]
    public async Task The_caller_gives_up_and_the_carrier_is_told()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        (StubPhone alice, SipRequest dialled) = await DialAsync("9+4989222");
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        carrier.Answer(invite, 183);
        await alice.ResponseAsync();
        alice.Cancel(dialled);
        SipRequest cancel = await carrier.RequestAsync(SipMethod.Cancel);
        Assert.Equal(invite.CallId, cancel.CallId);
    }

    [Fact]
    public async Task The_profile_says_how_numbers_and_identities_are_written()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1", account: "acct", changes: new TrunkProfileChanges
        {
            RequestUriParameters = "user=phone", ParametersInFromAndTo = true, FromUser = "{account}", FromDomain = "{domain}",
            AssertedIdentity = "{caller}", PreferredIdentity = "{account}", RemotePartyId = "{extension}",
        });
        await DialAsync("9+4989222");
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        Assert.Equal("phone", invite.RequestUri.Parameters["user"]);                     // I7
        Assert.Equal("sip:acct@acme.test;user=phone", invite.From.Uri.ToString());       // I11
        Assert.Equal("phone", invite.To.Uri.Parameters["user"]);
        Assert.Equal("<sip:+49301000@acme.test>", invite.Headers.Get(SipHeaderName.PAssertedIdentity));
        Assert.Equal("<sip:acct@acme.test>", invite.Headers.Get("P-Preferred-Identity"));
        Assert.Equal("<sip:100@acme.test>;party=calling;screen=yes;privacy=off", invite.Headers.Get(SipHeaderName.RemotePartyId));
    }

    [Theory]
    [InlineData("9+4989222", "", "tel:+4989222")]
    [InlineData("9+4989222", "user=phone", "tel:+4989222")]                              // RFC 3261 §19.1.1: of SIP URIs alone
    [InlineData("9+4989222", "user=phone;tgrp=7;npdi;phone-context=+49", "tel:+4989222;npdi;tgrp=7")]        // §3: in the order of their names
    [InlineData("989222", "", "tel:89222;phone-context=carrier.example")]                // §5.1.5
    [InlineData("989222", "a=1;phone-context=+49;ext=5", "tel:89222;ext=5;phone-context=+49;a=1")]
    public async Task A_number_may_be_a_tel_URI(string dialled, string parameters, string expected)          // RFC 3966
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1", changes: new TrunkProfileChanges { UriScheme = TrunkUriScheme.Tel, RequestUriParameters = parameters, ParametersInFromAndTo = true });
        await DialAsync(dialled);
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        Assert.Equal((expected, expected), (invite.RequestUri.ToString(), invite.To.Uri.ToString()));
    }

    [Theory]
    [InlineData(true, "<sip:+49301000@carrier.example>", "id")]
    [InlineData(false, null, null)]
    public async Task A_caller_that_hides_its_number_is_anonymous(bool privacy, string? asserted, string? sent)
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1", changes: new TrunkProfileChanges { AssertedIdentity = "{caller}", Privacy = privacy });
        await DialAsync("9+4989222", ("Privacy", "id"));
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        Assert.Equal("sip:anonymous@anonymous.invalid", invite.From.Uri.ToString());     // RFC 3323 §4.1.1.3
        Assert.Equal(asserted, invite.Headers.Get(SipHeaderName.PAssertedIdentity));     // RFC 3325 §9.3
        Assert.Equal(sent, invite.Headers.Get(SipHeaderName.Privacy));
    }

    [Fact]
    public async Task A_trunks_last_channel_is_given_once()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1", maxChannels: 1);
        await DialAsync("9+4989222");
        await carrier.RequestAsync(SipMethod.Invite);
        StubPhone carol = await Pbx.RegisteredAsync("102");
        (SipResponse answer, _) = await carol.DialAsync("9+4989333");
        Assert.Equal(503, (answer.IsProvisional ? await carol.FinalAsync() : answer).StatusCode);
        Assert.True(carrier.HasNothing);
    }

    [Fact]
    public async Task A_connection_that_had_ended_is_opened_once_more()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1", transport: SipTransport.Tcp);
        (StubPhone alice, _) = await DialAsync("9+4989222");
        carrier.Answer(await carrier.RequestAsync(SipMethod.Invite), 486);
        await alice.FinalAsync();
        Pbx.Edge.Break(carrier);
        StubPhone carol = await Pbx.RegisteredAsync("102");
        await carrier.RequestAsync(SipMethod.Ack);
        await SendAsync(carol, "9+4989222");
        await carrier.RequestAsync(SipMethod.Invite);
        Assert.Equal(2, Pbx.Edge.Opened.Count);
    }

    [Fact]
    public async Task A_call_that_rings_at_a_carrier_goes_on_with_the_tenants_next_owner()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1", account: "acct");
        (StubPhone alice, SipRequest dialled) = await DialAsync("9+4989222");
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        carrier.Answer(invite, 180);
        Assert.Equal(180, (await alice.ResponseAsync()).StatusCode);
        await Pbx.MoveAsync();
        carrier.Answer(invite, 200, "v=0 carrier's answer");
        SipResponse answer = await alice.FinalAsync();
        Assert.Equal(200, answer.StatusCode);
        alice.Ack(dialled, answer);
        await carrier.RequestAsync(SipMethod.Ack);
        carrier.Send(carrier.InDialogAsCallee(SipMethod.Bye, invite));
        Assert.Equal(200, (await carrier.ResponseAsync()).StatusCode);
        alice.Answer(await alice.RequestAsync(SipMethod.Bye), 200);
        Assert.Equal("carrier", (await Pbx.RecordAsync()).TrunkName);
    }

    public void Dispose() => _fixture.Dispose();

    private async Task<(StubPhone Alice, SipRequest Invite)> DialAsync(string number, params (string Name, string Value)[] fields)
    {
        _fixture.Number("+49301000", "100");
        await _fixture.ApplyAsync();
        StubPhone alice = await Pbx.RegisteredAsync("100");
        return (alice, await SendAsync(alice, number, fields));
    }

    // A call with a session timer of two minutes, refreshed by us, and by re-INVITE.
    private async Task<SipRequest> TalkAsync(StubPhone carrier)
    {
        (StubPhone alice, SipRequest dialled) = await DialAsync("9+4989222");
        SipRequest first = await carrier.RequestAsync(SipMethod.Invite);
        carrier.Answer(first, 200, "v=0 carrier's answer", ("Session-Expires", "120;refresher=uac"), ("Allow", "INVITE, ACK, BYE, CANCEL"));
        alice.Ack(dialled, await alice.FinalAsync());
        await carrier.RequestAsync(SipMethod.Ack);
        await Pbx.SettleAsync();
        return first;
    }

    // Nobody answers before the carrier does.
    private async Task<SipRequest> SendAsync(StubPhone phone, string number, params (string Name, string Value)[] fields)
    {
        SipRequest invite = phone.Request(SipMethod.Invite, $"sip:{number}@{Pbx.Domain}", "v=0 phone's offer", fields);
        phone.Send(invite);
        SipResponse challenge = await phone.ResponseAsync();
        phone.Ack(invite, challenge);
        SipRequest again = phone.Again(invite, challenge);
        phone.Send(again);
        return again;
    }
}
