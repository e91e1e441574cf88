using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.Carriers;

/// <summary>Phones that send calls on to numbers outside (302): with their own rights, and with the way told to the carrier (I12).</summary>
public sealed class TrunkForwardTests : IDisposable
{
    private readonly CarrierFixture _fixture = new();

    private TestTenant Pbx => _fixture.Pbx;

    [Theory]
    [InlineData("<sip:9+4989222@acme.test>")]
    [InlineData("<sip:+4989222@acme.test>")]
    [InlineData("<tel:+49-89-222>")]
    public async Task A_call_from_inside_is_sent_on_to_a_number_outside(string contact)
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1", changes: new TrunkProfileChanges { HistoryInfo = true });
        (StubPhone alice, StubPhone bob) = await ReadyAsync();
        SipRequest dialled = await DialAsync(alice, "101");
        bob.Answer(await bob.RequestAsync(SipMethod.Invite), 302, null, ("Contact", contact));
        Assert.Equal(181, (await alice.ResponseAsync()).StatusCode);
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        Assert.Equal(("+4989222", "+49301001"), (invite.RequestUri.User, invite.From.Uri.User));            // shown is who sends it on: it has the right to call
        Assert.Equal("<sip:+49301001@carrier.example>;reason=deflection;counter=1", invite.Headers.Get(SipHeaderName.Diversion));
        Assert.Equal(2, invite.Headers.GetAll(SipHeaderName.HistoryInfo).Count());
        Assert.DoesNotContain("acme.test", string.Join(' ', invite.Headers.GetAll(SipHeaderName.HistoryInfo)), StringComparison.Ordinal);   // extensions are no carrier's business
        Assert.True(invite.MaxForwards < dialled.MaxForwards - 1);                                           // S13
        carrier.Answer(invite, 180);
        Assert.Equal(180, (await alice.ResponseAsync()).StatusCode);
        carrier.Answer(invite, 200, "v=0 carrier's answer");
        SipResponse answer = await alice.FinalAsync();
        Assert.Equal(200, answer.StatusCode);
        alice.Ack(dialled, answer);
        await bob.RequestAsync(SipMethod.Ack);
        await carrier.RequestAsync(SipMethod.Ack);
        carrier.Send(carrier.InDialogAsCallee(SipMethod.Bye, invite));
        await carrier.ResponseAsync();
        CallEnded record = await Pbx.RecordAsync();
        Assert.Equal((CallDirection.Outbound, "carrier", "+4989222", "101"), (record.Direction, record.TrunkName, record.TrunkNumber, record.CalledNumber));
    }

    [Fact]
    public async Task A_call_from_outside_is_sent_on_outside_with_the_called_number_and_the_carriers_own_words()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        (_, StubPhone bob) = await ReadyAsync();
        SipRequest incoming = Call(carrier, "+49301001", ("Diversion", "<sip:+4930777@carrier.example>;reason=unconditional"));
        carrier.Send(incoming);
        bob.Answer(await bob.RequestAsync(SipMethod.Invite), 302, null, ("Contact", "<sip:9+4989222@acme.test>"));
        SipRequest invite = Assert.IsType<SipRequest>(await SkipAsync(carrier, SipMethod.Invite));
        Assert.Equal(
            ["<sip:+49301001@carrier.example>;reason=deflection;counter=1", "<sip:+4930777@carrier.example>;reason=unconditional"], invite.Headers.GetAll(SipHeaderName.Diversion));
        carrier.Answer(invite, 183, "v=0 announcement");                                 // its early media goes back the same way
        Assert.Equal(183, (await SkipToAsync(carrier, 183)).StatusCode);
        carrier.Answer(invite, 200, "v=0 answer");
        SipResponse answer = await SkipToAsync(carrier, 200);
        carrier.Ack(incoming, answer);
        Assert.Single(await Pbx.Runtime.CallsAsync());
        Assert.Equal(2, Assert.Single(await Pbx.Runtime.TrunksAsync()).Calls);           // two channels of the one trunk
        carrier.Send(carrier.InDialog(SipMethod.Bye, incoming, answer));
        await Pbx.SettleAsync();
        CallEnded record = await Pbx.RecordAsync();
        Assert.Equal((CallDirection.Inbound, "+49301001", "+4989222"), (record.Direction, record.TrunkNumber, record.AnsweredBy));
    }

    [Fact]
    public async Task I12_History_Info_of_a_carrier_is_kept_and_ours_goes_on_from_its_last_index()          // RFC 7044 §9.1, §10.2, §10.3
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1", changes: new TrunkProfileChanges { HistoryInfo = true });
        (_, StubPhone bob) = await ReadyAsync();
        SipRequest incoming = Call(carrier, "+49301001", ("History-Info", "<sip:+4930777@carrier.example?Reason=SIP%3Bcause%3D486>;index=1"));
        incoming.Headers.Add("History-Info", "<sip:+4930778@carrier.example?Reason=SIP%3Bcause%3D302>;index=1.1;mp=1, <sip:+49301001@acme.test>;index=1.1.1;mp=1.1");
        carrier.Send(incoming);
        bob.Answer(await bob.RequestAsync(SipMethod.Invite), 302, null, ("Contact", "<sip:9+4989222@acme.test>"));
        SipRequest invite = Assert.IsType<SipRequest>(await SkipAsync(carrier, SipMethod.Invite));
        Assert.Equal(
            [
                "<sip:+4930777@carrier.example?Reason=SIP%3Bcause%3D486>;index=1",
                "<sip:+4930778@carrier.example?Reason=SIP%3Bcause%3D302>;index=1.1;mp=1",
                "<sip:+49301001@carrier.example?Reason=SIP%3Bcause%3D302>;index=1.1.1;mp=1.1",
                $"<sip:+4989222@carrier.example:{carrier.Remote.Port}>;index=1.1.1.1;mp=1.1.1",
            ],
            invite.Headers.GetAll(SipHeaderName.HistoryInfo));
    }

    [Theory]
    [InlineData("History-Info", "<sip:+4989222@carrier.example>;index=1, <sip:+49301001@acme.test>;index=1.1;mp=1", 482)]
    [InlineData("Diversion", "<sip:4989222@carrier.example>;reason=user-busy", 482)]
    [InlineData("History-Info", "<sip:1@c>;index=1, <sip:2@c>;index=1.1;mp=1, <sip:3@c>;index=1.1.1;mp=1.1, <sip:4@c>;index=1.1.1.1;mp=1.1.1, <sip:5@c>;index=1.1.1.1.1;mp=1.1.1.1, <sip:6@c>;index=1.1.1.1.1.1;mp=1.1.1.1.1", 483)]
    [InlineData("Diversion", "<sip:1@c>, <sip:2@c>, <sip:3@c>, <sip:4@c>, <sip:5@c>", 483)]
    public async Task S13_where_a_call_was_before_it_came_here_is_part_of_its_way(string field, string value, int status)
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        (_, StubPhone bob) = await ReadyAsync();
        carrier.Send(Call(carrier, "+49301001", (field, value)));
        bob.Answer(await bob.RequestAsync(SipMethod.Invite), 302, null, ("Contact", "<sip:9+4989222@acme.test>"));
        Assert.Equal(status, (await FinalToAsync(carrier)).StatusCode);
    }

    [Fact]
    public async Task S8_a_phones_own_word_about_the_way_is_not_passed_on()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1", changes: new TrunkProfileChanges { HistoryInfo = true });
        (StubPhone alice, StubPhone bob) = await ReadyAsync();
        await DialAsync(alice, "101", ("History-Info", "<sip:+4930777@bank.example>;index=1"), ("Diversion", "<sip:+4930777@bank.example>"));
        bob.Answer(await bob.RequestAsync(SipMethod.Invite), 302, null, ("Contact", "<sip:9+4989222@acme.test>"));
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        Assert.DoesNotContain("4930777", string.Join(' ', invite.Headers.GetAll(SipHeaderName.HistoryInfo).Concat(invite.Headers.GetAll(SipHeaderName.Diversion))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "id", false)]                              // who hides its number hides it from who is called instead, too (RFC 3323 §4)
    [InlineData(true, "none", true)]
    [InlineData(false, "none", false)]
    public async Task I12_S8_the_callers_own_number_and_what_vouches_for_it_are_passed_on_where_the_carrier_wants_them(bool wanted, string privacy, bool passed)
    {
        const string Voucher = "eyJhbGciOiJFUzI1NiJ9.eyJhdHRlc3QiOiJBIn0.c2lnbmF0dXJl;info=<https://carrier.example/1.pem>;alg=ES256;ppt=shaken";      // RFC 8224 §4.1
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1", changes: new TrunkProfileChanges { PassCaller = wanted, AssertedIdentity = "{caller}" });
        (_, StubPhone bob) = await ReadyAsync();
        carrier.Send(Call(carrier, "+49301001", ("Identity", Voucher), ("Privacy", privacy)));
        bob.Answer(await bob.RequestAsync(SipMethod.Invite), 302, null, ("Contact", "<sip:9+4989222@acme.test>"));
        SipRequest invite = Assert.IsType<SipRequest>(await SkipAsync(carrier, SipMethod.Invite));
        string shown = passed ? "+4989444" : "+49301001";
        Assert.Equal(shown, invite.From.Uri.User);
        Assert.Contains($"<sip:{shown}@", invite.Headers.Get(SipHeaderName.PAssertedIdentity), StringComparison.Ordinal);
        Assert.Equal(passed ? [Voucher] : [], invite.Headers.GetAll(SipHeaderName.Identity));
        Assert.Equal("<sip:+49301001@carrier.example>;reason=deflection;counter=1", invite.Headers.Get(SipHeaderName.Diversion));        // why it is none of ours
    }

    [Fact]
    public async Task I12_who_is_called_by_an_extension_itself_never_sees_anothers_number()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1", changes: new TrunkProfileChanges { PassCaller = true });
        (StubPhone alice, StubPhone bob) = await ReadyAsync();
        await DialAsync(alice, "101");
        bob.Answer(await bob.RequestAsync(SipMethod.Invite), 302, null, ("Contact", "<sip:9+4989222@acme.test>"));
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        Assert.Equal("+49301001", invite.From.Uri.User);
    }

    [Fact]
    public async Task A_forward_fails_over_to_the_next_trunk_and_the_carriers_refusal_ends_it()
    {
        StubPhone first = _fixture.Carrier("first", "198.51.100.1");
        StubPhone second = _fixture.Carrier("second", "198.51.100.2");
        (StubPhone alice, StubPhone bob) = await ReadyAsync();
        await DialAsync(alice, "101");
        bob.Answer(await bob.RequestAsync(SipMethod.Invite), 302, null, ("Contact", "<sip:9+4989222@acme.test>"));
        first.Answer(await first.RequestAsync(SipMethod.Invite), 503);
        second.Answer(await second.RequestAsync(SipMethod.Invite), 486);
        Assert.Equal(486, (await alice.FinalAsync()).StatusCode);
        CallEnded record = await Pbx.RecordAsync();
        Assert.Equal(("second", 486), (record.TrunkName, record.TrunkStatus));
    }

    [Theory]
    [InlineData(486, 17)]
    [InlineData(603, 21)]
    public async Task The_reason_that_a_carrier_gives_for_a_forwards_refusal_reaches_the_caller(int status, int cause)      // RFC 3326
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        (StubPhone alice, StubPhone bob) = await ReadyAsync();
        await DialAsync(alice, "101");
        bob.Answer(await bob.RequestAsync(SipMethod.Invite), 302, null, ("Contact", "<sip:9+4989222@acme.test>"), ("Reason", "SIP;cause=302"));
        carrier.Answer(await carrier.RequestAsync(SipMethod.Invite), status, null, ("Reason", $"SIP;cause={status}, Q.850;cause={cause}"));
        SipResponse final = await alice.FinalAsync();
        Assert.Equal((status, $"Q.850;cause={cause}, SIP;cause={status}"), (final.StatusCode, final.Headers.Get(SipHeaderName.Reason)));
        Assert.Equal(cause, (await Pbx.RecordAsync()).Q850Cause);
    }

    [Fact]
    public async Task Another_phone_that_answers_stops_the_call_to_the_outside()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        (StubPhone alice, StubPhone bob) = await ReadyAsync();
        StubPhone second = await Pbx.RegisteredAsync("101b");
        await DialAsync(alice, "101");
        bob.Answer(await bob.RequestAsync(SipMethod.Invite), 302, null, ("Contact", "<sip:9+4989222@acme.test>"));
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        carrier.Answer(invite, 180);
        second.Answer(await second.RequestAsync(SipMethod.Invite), 200, "v=0 answer");
        Assert.Equal(200, (await alice.FinalAsync()).StatusCode);
        await carrier.RequestAsync(SipMethod.Cancel);
    }

    [Fact]
    public async Task S1_a_forward_counts_against_the_limits_of_who_sends_it_on()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        _fixture.Outside = _fixture.Outside with { Limits = new CallLimits { MaxOutsideCallsPerExtension = 1 } };
        (StubPhone alice, StubPhone bob) = await ReadyAsync();
        await DialAsync(alice, "101");
        bob.Answer(await bob.RequestAsync(SipMethod.Invite), 302, null, ("Contact", "<sip:9+4989222@acme.test>"));
        await carrier.RequestAsync(SipMethod.Invite);
        StubPhone carol = await Pbx.RegisteredAsync("102");
        await DialAsync(carol, "101");
        await bob.RequestAsync(SipMethod.Ack);
        bob.Answer(await bob.RequestAsync(SipMethod.Invite), 302, null, ("Contact", "<sip:9+4989333@acme.test>"));
        Assert.NotEqual(200, (await carol.FinalAsync()).StatusCode);                     // bob's one call is in use, carol's own does not matter
        Assert.True(carrier.HasNothing);
    }

    [Fact]
    public async Task S13_a_number_outside_that_sends_everything_back_ends_in_482()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        (_, StubPhone bob) = await ReadyAsync();
        for (int round = 0; round < 5; round++)
        {
            carrier.Send(Call(carrier, "+49301001"));
            bob.Answer(await InviteAsync(bob), 302, null, ("Contact", "<sip:9+4989222@acme.test>"));
            await SkipAsync(carrier, SipMethod.Invite);
        }
        carrier.Send(Call(carrier, "+49301001"));
        bob.Answer(await InviteAsync(bob), 302, null, ("Contact", "<sip:9+4989222@acme.test>"));
        Assert.Equal(482, (await SkipToAsync(carrier, 482)).StatusCode);
    }

    public void Dispose() => _fixture.Dispose();

    private async Task<(StubPhone Alice, StubPhone Bob)> ReadyAsync()
    {
        _fixture.Number("+49301000", "100");
        _fixture.Number("+49301001", "101");
        await _fixture.ApplyAsync();
        return (await Pbx.RegisteredAsync("100"), await Pbx.RegisteredAsync("101"));
    }

    private SipRequest Call(StubPhone carrier, string number, params (string Name, string Value)[] fields) =>
        carrier.Request(SipMethod.Invite, $"sip:{number}@{Pbx.Domain}", "v=0 carrier's offer", [("From", "<sip:+4989444@carrier.example>;tag=c" + Guid.NewGuid().ToString("N")), .. fields]);

    // A carrier is both sides of a call here.
    private static async Task<SipMessage> SkipAsync(StubPhone carrier, SipMethod method)
    {
        while (true)
        {
            if (await carrier.ReceiveAsync() is SipRequest request && request.Method == method)
                return request;
        }
    }

    private static async Task<SipResponse> SkipToAsync(StubPhone carrier, int status)
    {
        while (true)
        {
            if (await carrier.ReceiveAsync() is SipResponse response && response.StatusCode == status)
                return response;
        }
    }

    private static async Task<SipResponse> FinalToAsync(StubPhone carrier)
    {
        while (true)
        {
            switch (await carrier.ReceiveAsync())
            {
                case SipResponse { StatusCode: >= 200 } response:
                    return response;
                case SipRequest request:
                    Assert.NotEqual(SipMethod.Invite, request.Method);
                    break;
                default:
                    break;
            }
        }
    }

    private static async Task<SipRequest> InviteAsync(StubPhone phone) => (SipRequest)await SkipAsync(phone, SipMethod.Invite);

    private async Task<SipRequest> DialAsync(StubPhone phone, string number, params (string Name, string Value)[] fields)
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
