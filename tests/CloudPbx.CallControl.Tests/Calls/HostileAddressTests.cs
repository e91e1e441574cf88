using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.Calls;

/// <summary>SECURITY.md S17: whatever addresses a phone names, what we send it goes back over its own flow, and to nobody else.</summary>
public sealed class HostileAddressTests : IDisposable
{
    private readonly TestTenant _tenant = new();

    [Theory]
    [InlineData("sip:user@example.com?Route=%3Csip:sip.example.com%3E")]        // RFC 4475 §3.1.2.14 regescrt
    [InlineData("sip:bob@192.0.2.7?Route=%3Csip:169.254.169.254%3Blr%3E&Record-Route=%3Csip:127.0.0.1%3E")]
    [InlineData("sip:bob@169.254.169.254")]
    [InlineData("sip:bob@127.0.0.1:6379")]
    [InlineData("sip:bob@[::ffff:127.0.0.1]")]
    [InlineData("sip:bob@0.0.0.0")]
    [InlineData("sip:bob@[::]")]
    [InlineData("sip:bob@255.255.255.255")]
    [InlineData("sip:bob@192.0.2.7;maddr=224.0.0.1;ttl=255")]
    [InlineData("sip:bob@metadata.internal;transport=udp")]
    public async Task S17_A_registered_contact_leads_back_to_its_own_flow_only(string contact)
    {
        StubPhone bob = _tenant.Phone("101");
        bob.Contact = contact;
        Assert.Equal(200, (await bob.RegisterAsync()).StatusCode);
        StubPhone alice = _tenant.Phone("100");
        _ = alice.DialAsync("101");
        SipRequest invite = await bob.RequestAsync(SipMethod.Invite);       // it came over bob's flow: the only one that the edge was told
        Assert.Empty(invite.Routes);
        Assert.Empty(invite.RecordRoutes);
        Assert.DoesNotContain("?", invite.RequestUri.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sip:bob@169.254.169.254", "<sip:127.0.0.1;lr>")]
    [InlineData("sip:bob@0.0.0.0", "<sip:10.0.0.1;lr>, <sip:[::1];lr;r2=on>")]
    [InlineData("sip:bob@[::ffff:127.0.0.1]:22", "<sip:224.0.0.1>")]            // a strict router
    public async Task S17_What_an_answer_names_does_not_lead_the_dialog_elsewhere(string contact, string recordRoute)
    {
        StubPhone bob = await _tenant.RegisteredAsync("101");
        StubPhone alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest Invite)> dialling = alice.DialAsync("101");
        SipRequest invite = await bob.RequestAsync(SipMethod.Invite);
        bob.Answer(invite, 180);
        (_, SipRequest request) = await dialling;
        bob.Contact = contact;
        bob.Answer(invite, 200, "v=0 phone's answer", ("Record-Route", recordRoute));
        await bob.RequestAsync(SipMethod.Ack);                                  // over bob's flow
        SipResponse answer = await alice.FinalAsync();
        alice.Ack(request, answer);
        alice.Send(alice.InDialog(SipMethod.Bye, request, answer));
        await bob.RequestAsync(SipMethod.Bye);
    }

    [Theory]
    [InlineData("Route", "<sip:169.254.169.254;lr>")]
    [InlineData("Record-Route", "<sip:169.254.169.254;lr>")]
    [InlineData("Path", "<sip:169.254.169.254;lr>")]
    [InlineData("Service-Route", "<sip:169.254.169.254;lr>")]
    public async Task S17_Routes_of_a_request_are_not_those_of_the_next_leg(string name, string value)
    {
        StubPhone bob = await _tenant.RegisteredAsync("101");
        StubPhone alice = _tenant.Phone("100");
        _ = alice.TryAsync(alice.Request(SipMethod.Invite, "sip:101@acme.test", "v=0", (name, value)));
        SipRequest invite = await bob.RequestAsync(SipMethod.Invite);
        Assert.DoesNotContain("169.254.169.254", invite.ToString(), StringComparison.Ordinal);
    }

    public void Dispose() => _tenant.Dispose();
}
