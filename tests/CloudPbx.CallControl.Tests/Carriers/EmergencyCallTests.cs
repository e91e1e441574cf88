using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.Carriers;

/// <summary>Calls for help, message by message (SECURITY.md S36): never refused by us.</summary>
public sealed class EmergencyCallTests : IDisposable
{
    private readonly CarrierFixture _fixture = new();

    private TestTenant Pbx => _fixture.Pbx;

    [Theory]
    [InlineData("sip:112@acme.test", "112")]
    [InlineData("sip:112@elsewhere.example", "112")]                                     // another's domain is no reason
    [InlineData("tel:112;phone-context=elsewhere.example", "112")]                       // RFC 3966
    [InlineData("urn:service:sos", "112")]                                               // RFC 5031, RFC 6881
    [InlineData("urn:service:SOS.police", "110")]
    public async Task S36_whatever_names_help_goes_out_to_the_number_for_it(string uri, string number)
    {
        _fixture.Outside = _fixture.Outside with { Country = "DE", EmergencyNumbers = ["112", "110"] };
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await ReadyAsync();
        SipRequest dialled = await SendAsync(alice, uri);
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        Assert.Equal(($"sip:{number}@carrier.example:{carrier.Remote.Port}", "+49301000"), (invite.RequestUri.ToString(), invite.From.Uri.User));
        carrier.Answer(invite, 200, "v=0 carrier's answer");
        SipResponse answer = await alice.FinalAsync();
        Assert.Equal((200, uri), (answer.StatusCode, answer.To.Uri.ToString()));
        alice.Ack(dialled, answer);
        await carrier.RequestAsync(SipMethod.Ack);
        alice.Send(alice.InDialog(SipMethod.Bye, dialled, answer));
        Assert.Equal(200, (await alice.ResponseAsync()).StatusCode);
        carrier.Answer(await carrier.RequestAsync(SipMethod.Bye), 200);
        CallEnded record = await Pbx.RecordAsync();
        Assert.Equal(("carrier", number), (record.TrunkName, record.TrunkNumber));
    }

    [Fact]
    public async Task S36_a_service_without_a_number_is_what_the_carrier_is_asked_for()      // RFC 5031
    {
        _fixture.Outside = _fixture.Outside with { EmergencyNumbers = [] };
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1", changes: new TrunkProfileChanges { RequestUriParameters = "user=phone" });
        StubPhone alice = await ReadyAsync();
        await SendAsync(alice, "urn:service:sos.Fire");
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        Assert.Equal(("urn:service:sos.fire", "urn:service:sos.fire"), (invite.RequestUri.ToString(), invite.To.Uri.ToString()));
        carrier.Answer(invite, 200, "v=0 carrier's answer");
        Assert.Equal(200, (await alice.FinalAsync()).StatusCode);
        Assert.Equal(SipMethod.Ack, (await carrier.RequestAsync(SipMethod.Ack)).Method);
    }

    [Fact]
    public async Task Another_URN_gets_416()                                                 // RFC 3261 §8.2.2.1
    {
        _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await ReadyAsync();
        alice.Send(alice.Request(SipMethod.Invite, "urn:service:counseling", "v=0 phone's offer"));
        Assert.Equal(416, (await alice.FinalAsync()).StatusCode);
    }

    [Fact]
    public async Task A_telephone_number_belongs_to_nobodys_domain()                         // RFC 3966 §3
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await ReadyAsync();
        await SendAsync(alice, "tel:+49-89-222");
        Assert.Equal("+4989222", (await carrier.RequestAsync(SipMethod.Invite)).RequestUri.User);
    }

    [Fact]
    public async Task A_carrier_that_calls_for_help_is_not_led_out_again()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        await ReadyAsync();
        carrier.Send(carrier.Request(SipMethod.Invite, "urn:service:sos", "v=0 offer", ("From", "<sip:+4930555@carrier.example>;tag=c")));
        Assert.Equal(404, (await carrier.FinalAsync()).StatusCode);
    }

    public void Dispose() => _fixture.Dispose();

    private async Task<StubPhone> ReadyAsync()
    {
        _fixture.Number("+49301000", "100");
        await _fixture.ApplyAsync();
        return await Pbx.RegisteredAsync("100");
    }

    // Nobody answers before the carrier does.
    private static async Task<SipRequest> SendAsync(StubPhone phone, string uri)
    {
        SipRequest invite = phone.Request(SipMethod.Invite, uri, "v=0 phone's offer");
        phone.Send(invite);
        SipResponse challenge = await phone.ResponseAsync();
        Assert.Equal(407, challenge.StatusCode);
        phone.Ack(invite, challenge);
        SipRequest again = phone.Again(invite, challenge);
        phone.Send(again);
        return again;
    }
}
