using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.Carriers;

/// <summary>Calls from the outside, message by message.</summary>
public sealed class InboundCallTests : IDisposable
{
    private readonly CarrierFixture _fixture = new();

    private TestTenant Pbx => _fixture.Pbx;

    [Fact]
    public async Task A_carriers_call_reaches_the_extension_of_the_called_number()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone bob = await ReadyAsync();
        SipRequest invite = Call(carrier, "+49301000", ("From", "\"Eve\" <sip:+4989222@carrier.example>;tag=c1"));
        carrier.Send(invite);
        SipRequest atBob = await bob.RequestAsync(SipMethod.Invite);
        Assert.Equal(("+4989222", "Eve"), (atBob.From.Uri.User, atBob.From.DisplayName));
        bob.Answer(atBob, 180);
        Assert.Equal(180, (await carrier.ResponseAsync()).StatusCode);
        bob.Answer(atBob, 200, "v=0 phone's answer");
        SipResponse answer = await carrier.FinalAsync();
        Assert.Equal(200, answer.StatusCode);
        carrier.Ack(invite, answer);
        await bob.RequestAsync(SipMethod.Ack);
        carrier.Send(carrier.InDialog(SipMethod.Bye, invite, answer));
        Assert.Equal(200, (await carrier.ResponseAsync()).StatusCode);
        bob.Answer(await bob.RequestAsync(SipMethod.Bye), 200);
        CallEnded record = await Pbx.RecordAsync();
        Assert.Equal((CallDirection.Inbound, "carrier", "+49301000", "101"), (record.Direction, record.TrunkName, record.TrunkNumber, record.AnsweredBy));
        Assert.Equal("+4989222", record.CallerNumber);
    }

    [Fact]
    public async Task A_carrier_by_IPv6_calls_and_is_called()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "2001:db8:5::1", sources: ["2001:db8:5::/48"]);
        StubPhone bob = await ReadyAsync();
        SipRequest invite = Call(carrier, "+49301000", ("From", "<sip:+4989222@[2001:db8:5::1]>;tag=c1"));
        carrier.Send(invite);
        SipRequest atBob = await bob.RequestAsync(SipMethod.Invite);
        Assert.Equal("+4989222", atBob.From.Uri.User);
        bob.Answer(atBob, 486);
        Assert.Equal(486, (await carrier.FinalAsync()).StatusCode);
        await bob.RequestAsync(SipMethod.Ack);
        Task dialled = bob.DialAsync("9+4989222");
        SipRequest outward = await carrier.RequestAsync(SipMethod.Invite);
        Assert.Equal("carrier.example", outward.RequestUri.Host);                        // I8
        carrier.Answer(outward, 180);
        await dialled;
        StubPhone stranger = Pbx.Phone("stranger", Sip.Transport.SipTransport.Udp, address: "2001:db8:6::1");
        stranger.Send(Call(stranger, "+49301000"));
        Assert.Equal(407, (await stranger.FinalAsync()).StatusCode);
    }

    [Fact]
    public async Task A_carrier_hears_that_a_phone_sends_its_call_on_but_not_to_whom()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone bob = await ReadyAsync();
        StubPhone carol = await Pbx.RegisteredAsync("102");
        carrier.Send(Call(carrier, "+49301000"));
        bob.Answer(await bob.RequestAsync(SipMethod.Invite), 302, null, [("Contact", "<sip:102@acme.test>")]);
        SipRequest atCarol = await carol.RequestAsync(SipMethod.Invite);
        SipResponse forwarded = await carrier.ResponseAsync();
        Assert.Equal((181, false), (forwarded.StatusCode, forwarded.Headers.Has(SipHeaderName.CallInfo)));
        carol.Answer(atCarol, 486);
        Assert.Equal(486, (await carrier.FinalAsync()).StatusCode);
    }

    [Theory]
    [InlineData("tls:sbc.carrier.example", true)]
    [InlineData("tls:other.carrier.example", false)]
    [InlineData(null, false)]
    public async Task A_carrier_that_proved_itself_by_its_certificate_calls_from_any_address(string? proves, bool isCarrier)
    {
        _fixture.Carrier("carrier", "198.51.100.1", sources: ["tls:sbc.carrier.example"]);
        StubPhone bob = await ReadyAsync();
        StubPhone caller = Pbx.Phone("caller", Sip.Transport.SipTransport.Tls, address: "203.0.113.9");
        if (proves is not null)
            caller.Prove(proves);
        SipRequest invite = Call(caller, "+49301000");
        caller.Send(invite);
        if (!isCarrier)
        {
            Assert.Equal(407, (await caller.FinalAsync()).StatusCode);
            return;
        }
        bob.Answer(await bob.RequestAsync(SipMethod.Invite), 200, "v=0 phone's answer");
        SipResponse answer = await caller.FinalAsync();
        Assert.Equal(200, answer.StatusCode);
        caller.Ack(invite, answer);
        await bob.RequestAsync(SipMethod.Ack);
        Pbx.Edge.Break(caller);                                                          // the dialog goes on on another connection of the same carrier
        caller.Send(caller.InDialog(SipMethod.Bye, invite, answer));
        Assert.Equal(200, (await caller.ResponseAsync()).StatusCode);
    }

    [Fact]
    public async Task An_address_that_is_no_carriers_is_asked_for_a_password()
    {
        _fixture.Carrier("carrier", "198.51.100.1");                                     // CVE-2024-35190
        await ReadyAsync();
        StubPhone stranger = Pbx.Phone("stranger", Sip.Transport.SipTransport.Udp, address: "198.51.100.2");
        stranger.Send(Call(stranger, "+49301000", ("P-Asserted-Identity", "<sip:+4989222@carrier.example>")));
        Assert.Equal(407, (await stranger.ResponseAsync()).StatusCode);
    }

    [Fact]
    public async Task A_phone_behind_its_gateways_address_is_asked_for_its_password_and_calls()
    {
        _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone bob = await ReadyAsync();
        StubPhone alice = Pbx.Phone("100", Sip.Transport.SipTransport.Udp, address: "198.51.100.1");
        SipRequest invite = Call(alice, "101", ("From", "<sip:100@acme.test>;tag=a1"));
        alice.Send(invite);
        SipResponse challenge = await alice.ResponseAsync();
        Assert.Equal(407, challenge.StatusCode);
        alice.Send(alice.Again(invite, challenge));
        Assert.Equal("100", (await bob.RequestAsync(SipMethod.Invite)).From.Uri.User);
    }

    [Fact]
    public async Task Without_any_trunk_nobody_is_a_carrier()
    {
        StubPhone stranger = Pbx.Phone("stranger", Sip.Transport.SipTransport.Udp, address: "198.51.100.1");
        stranger.Send(Call(stranger, "101"));
        Assert.Equal(407, (await stranger.ResponseAsync()).StatusCode);
    }

    [Theory]
    [InlineData("+49301999")]                                                            // not listed
    [InlineData("101")]                                                                  // an extension is no number outside
    [InlineData("9+4989222")]                                                            // no way out again
    public async Task A_number_that_is_not_listed_is_not_found(string called)
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        await ReadyAsync();
        carrier.Send(Call(carrier, called));
        Assert.Equal(404, (await carrier.FinalAsync()).StatusCode);
    }

    [Theory]
    [InlineData(CalledNumberSource.To, "To", "<sip:+49301000@x.example>")]
    [InlineData(CalledNumberSource.PCalledPartyId, "P-Called-Party-ID", "<tel:+49-30-1000>")]
    [InlineData(CalledNumberSource.Diversion, "Diversion", "<sip:+49301000@x.example>;reason=unconditional")]
    public async Task The_called_number_is_read_from_where_the_profile_says(CalledNumberSource source, string field, string value)
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1", changes: new TrunkProfileChanges { CalledNumberFrom = source });
        StubPhone bob = await ReadyAsync();
        carrier.Send(Call(carrier, "account", (field, value)));
        await bob.RequestAsync(SipMethod.Invite);
    }

    [Theory]
    [InlineData("Privacy", "id")]                                                        // RFC 3325 §9.3
    [InlineData("From", "\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=c1")]       // RFC 3323 §4.1.1.3
    public async Task A_caller_that_hides_is_shown_to_nobody(string field, string value)
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone bob = await ReadyAsync();
        carrier.Send(Call(carrier, "+49301000", ("P-Asserted-Identity", "\"Eve\" <sip:+4989222@carrier.example>"), (field, value)));
        SipRequest invite = await bob.RequestAsync(SipMethod.Invite);
        Assert.Equal("anonymous", invite.From.Uri.User);
        Assert.DoesNotContain("4989222", invite.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task S11_a_request_in_the_dialog_is_believed_from_the_carriers_addresses_only()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1", sources: ["198.51.100.0/30"]);
        StubPhone bob = await ReadyAsync();
        SipRequest invite = Call(carrier, "+49301000");
        carrier.Send(invite);
        SipRequest atBob = await bob.RequestAsync(SipMethod.Invite);
        bob.Answer(atBob, 200, "v=0 phone's answer");
        SipResponse answer = await carrier.FinalAsync();
        carrier.Ack(invite, answer);
        await bob.RequestAsync(SipMethod.Ack);

        SipRequest bye = carrier.InDialog(SipMethod.Bye, invite, answer);
        StubPhone stranger = Pbx.Phone("stranger", Sip.Transport.SipTransport.Udp, address: "203.0.113.1");
        stranger.Send(bye);
        Assert.Equal(403, (await stranger.ResponseAsync()).StatusCode);
        StubPhone other = Pbx.Phone("other", Sip.Transport.SipTransport.Udp, address: "198.51.100.2");
        other.Send(carrier.InDialog(SipMethod.Bye, invite, answer));
        Assert.Equal(200, (await other.ResponseAsync()).StatusCode);
        await bob.RequestAsync(SipMethod.Bye);
    }

    [Fact]
    public async Task Two_tenants_with_the_same_carrier_and_the_same_extensions_get_their_own_calls()
    {
        using CarrierFixture other = new("globex.test");
        StubPhone here = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone there = other.Carrier("carrier", "198.51.100.1");
        StubPhone bob = await ReadyAsync();
        other.Number("+49302000", "101");
        await other.ApplyAsync();
        StubPhone greta = await other.Pbx.RegisteredAsync("101");

        here.Send(Call(here, "+49302000"));
        Assert.Equal(404, (await here.FinalAsync()).StatusCode);                         // the other tenant's number means nothing here
        there.Send(Call(there, "+49302000"));
        await greta.RequestAsync(SipMethod.Invite);
        Assert.True(bob.HasNothing);
    }

    public void Dispose() => _fixture.Dispose();

    private static SipRequest Call(StubPhone carrier, string number, params (string Name, string Value)[] fields) =>
        carrier.Request(SipMethod.Invite, $"sip:{number}@pbx.test", "v=0 carrier's offer", fields);

    private async Task<StubPhone> ReadyAsync()
    {
        _fixture.Number("+49301000", "101");
        await _fixture.ApplyAsync();
        return await Pbx.RegisteredAsync("101");
    }
}
