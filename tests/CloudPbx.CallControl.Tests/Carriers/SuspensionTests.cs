using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Events;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.Carriers;

/// <summary>The kill-switch (SECURITY.md S1): what goes on in a tenant ends when it is suspended, but for calls for help (S36).</summary>
public sealed class SuspensionTests : IDisposable
{
    private readonly CarrierFixture _stopped = new("acme.test"), _other = new("other.test");

    [Fact]
    public async Task S1_a_suspended_tenants_calls_end_and_the_records_say_why_and_another_tenants_calls_go_on()
    {
        StubPhone carrier = await ReadyAsync(_stopped), others = await ReadyAsync(_other);
        StubPhone alice = await _stopped.Pbx.RegisteredAsync("100"), bob = await _stopped.Pbx.RegisteredAsync("101"), carol = await _stopped.Pbx.RegisteredAsync("102");
        StubPhone victim = await _other.Pbx.RegisteredAsync("100");
        await TalkAsync(_stopped, alice, carrier, "9+4989222");
        await TalkAsync(_other, victim, others, "9+4989222");
        await DialAsync(_stopped, carol, "9+4989333");
        carrier.Answer(await carrier.RequestAsync(SipMethod.Invite), 180);               // one rings still
        SipRequest inbound = carrier.Request(SipMethod.Invite, "sip:+49301001@acme.test", "v=0 offer", ("From", "<sip:+4989444@carrier.example>;tag=c1"));
        carrier.Send(inbound);
        SipRequest atBob = await bob.RequestAsync(SipMethod.Invite);
        bob.Answer(atBob, 200, "v=0 answer");
        await bob.RequestAsync(SipMethod.Ack);
        carrier.Ack(inbound, await carrier.FinalAsync());
        await _stopped.Pbx.SettleAsync();
        Assert.Equal(3, (await _stopped.Pbx.Runtime.CallsAsync()).Count);

        _stopped.Suspended = true;
        await _stopped.ApplyAsync();
        await _other.ApplyAsync();
        Assert.Contains("Suspended", (await alice.RequestAsync(SipMethod.Bye)).Headers.Get(SipHeaderName.Reason), StringComparison.Ordinal);
        await bob.RequestAsync(SipMethod.Bye);
        Assert.InRange((await carol.FinalAsync()).StatusCode, 400, 699);
        SipMethod[] atCarrier = [await NextAsync(carrier), await NextAsync(carrier), await NextAsync(carrier)];
        Assert.Equal((2, 1), (atCarrier.Count(method => method == SipMethod.Bye), atCarrier.Count(method => method == SipMethod.Cancel)));
        await _stopped.Pbx.SettleAsync();
        Assert.Empty(await _stopped.Pbx.Runtime.CallsAsync());
        Assert.All(_stopped.Pbx.Records, record => Assert.Equal(("Suspended", CallParty.System), (record.Reason, record.ReleasedBy)));
        Assert.Equal(3, _stopped.Pbx.Records.Count);

        Assert.Single(await _other.Pbx.Runtime.CallsAsync());
        Assert.True(victim.HasNothing && others.HasNothing);
    }

    [Fact]
    public async Task S36_a_call_for_help_goes_on_and_another_one_begins()
    {
        StubPhone carrier = await ReadyAsync(_stopped), alice = await _stopped.Pbx.RegisteredAsync("100"), carol = await _stopped.Pbx.RegisteredAsync("102");
        await TalkAsync(_stopped, alice, carrier, "112");
        _stopped.Suspended = true;
        await _stopped.ApplyAsync();
        Assert.True(alice.HasNothing && carrier.HasNothing);
        await TalkAsync(_stopped, carol, carrier, "112");
        await _stopped.Pbx.KillAsync();
        Assert.Equal(2, (await _stopped.Pbx.Runtime.CallsAsync()).Count);                // the next owner knows what they are
        Assert.True(alice.HasNothing && carol.HasNothing && carrier.HasNothing);
    }

    [Fact]
    public async Task S1_who_takes_over_a_suspended_tenant_ends_its_calls()
    {
        StubPhone carrier = await ReadyAsync(_stopped), alice = await _stopped.Pbx.RegisteredAsync("100");
        await TalkAsync(_stopped, alice, carrier, "9+4989222");
        _stopped.Suspended = true;                                                       // its worker died before it heard of that
        await _stopped.Pbx.KillAsync();
        await _stopped.Pbx.SettleAsync();
        await alice.RequestAsync(SipMethod.Bye);
        await carrier.RequestAsync(SipMethod.Bye);
        await _stopped.Pbx.SettleAsync();
        Assert.Equal("Suspended", Assert.Single(_stopped.Pbx.Records).Reason);
    }

    public void Dispose()
    {
        _stopped.Dispose();
        _other.Dispose();
    }

    private static async Task<StubPhone> ReadyAsync(CarrierFixture fixture)
    {
        StubPhone carrier = fixture.Carrier("carrier", "198.51.100.1");
        fixture.Number("+49301001", "101");
        await fixture.ApplyAsync();
        return carrier;
    }

    private static async Task<SipMethod> NextAsync(StubPhone carrier)
    {
        while (true)
        {
            if (await carrier.ReceiveAsync() is SipRequest request)
                return request.Method;
        }
    }

    private static async Task TalkAsync(CarrierFixture fixture, StubPhone phone, StubPhone carrier, string number)
    {
        SipRequest dialled = await DialAsync(fixture, phone, number);
        carrier.Answer(await carrier.RequestAsync(SipMethod.Invite), 200, "v=0 answer");
        SipResponse answer = await phone.FinalAsync();
        Assert.Equal(200, answer.StatusCode);
        phone.Ack(dialled, answer);
        await carrier.RequestAsync(SipMethod.Ack);
        await fixture.Pbx.SettleAsync();
    }

    private static async Task<SipRequest> DialAsync(CarrierFixture fixture, StubPhone phone, string number)
    {
        SipRequest invite = phone.Request(SipMethod.Invite, $"sip:{number}@{fixture.Pbx.Domain}", "v=0 phone's offer");
        phone.Send(invite);
        SipResponse challenge = await phone.ResponseAsync();
        phone.Ack(invite, challenge);
        SipRequest again = phone.Again(invite, challenge);
        phone.Send(again);
        return again;
    }
}
