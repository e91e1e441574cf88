using CloudPbx.CallControl.Carriers;
using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Ids;
using CloudPbx.Grains;
using CloudPbx.Sip.Messages;
using CloudPbx.State.SharedTrunks;

namespace CloudPbx.CallControl.Tests.Carriers;

/// <summary>A trunk that two tenants of one worker share: its channels are counted for both together.</summary>
public sealed class SharedTrunkTests : IDisposable
{
    private readonly SharedChannels _channels = new();
    private readonly TrunkId _shared = TrunkId.New();
    private readonly CarrierFixture _acme, _other;

    public SharedTrunkTests() => (_acme, _other) = (new CarrierFixture(channels: _channels), new CarrierFixture("other.test", _channels));

    [Fact]
    public async Task What_one_tenant_uses_the_other_has_not_until_it_is_free_again()
    {
        (StubPhone carrier, StubPhone alice) = await ReadyAsync(_acme);
        (StubPhone othersCarrier, StubPhone bob) = await ReadyAsync(_other);
        (SipRequest dialled, SipResponse answer) = await TalkAsync(_acme, alice, carrier);
        Assert.Equal(503, await RefusedAsync(bob, "other.test"));
        Assert.Equal("trunk-full", (await _other.Pbx.Runtime.TryRouteAsync("100", "9+4989222", null))!.Steps[^2].Rule);
        Assert.Equal(("trunk-full", 503), await InboundAsync(_other));
        Assert.Equal(1, Assert.Single(await UsesAsync(_acme)).Channels);
        Assert.Equal(0, Assert.Single(await UsesAsync(_other)).Channels);

        alice.Send(alice.InDialog(SipMethod.Bye, dialled, answer));
        await alice.ResponseAsync();
        await _acme.Pbx.SettleAsync();
        await TalkAsync(_other, bob, othersCarrier, "other.test");
        Assert.Equal(503, await RefusedAsync(alice, "acme.test"));
    }

    [Fact]
    public async Task The_owner_is_told_of_the_last_call_that_the_carrier_did_not_take()
    {
        (StubPhone carrier, StubPhone alice) = await ReadyAsync(_acme);
        await ReadyAsync(_other);
        await DialAsync(alice, "9+4989222", "acme.test");
        carrier.Answer(await carrier.RequestAsync(SipMethod.Invite), 403);
        await carrier.RequestAsync(SipMethod.Ack);
        await alice.FinalAsync();
        SharedTrunkUse use = Assert.Single(await UsesAsync(_acme));
        Assert.Equal((_acme.Pbx.Time.GetUtcNow().UtcDateTime, 403, "Forbidden", null), (use.CallFailedAt, use.CallFailureStatus, use.CallFailureReason, use.CallsAgainSince));
        Assert.Null(Assert.Single(await UsesAsync(_other)).CallFailedAt);
        await TalkAsync(_acme, alice, carrier);
        Assert.Equal(_acme.Pbx.Time.GetUtcNow().UtcDateTime, Assert.Single(await UsesAsync(_acme)).CallsAgainSince);
    }

    [Fact]
    public async Task Other_workers_calls_count_as_long_as_they_live()
    {
        (StubPhone carrier, StubPhone alice) = await ReadyAsync(_acme);
        _channels.Hear(new Dictionary<TrunkId, int> { [_shared] = 1 });
        Assert.Equal(503, await RefusedAsync(alice, "acme.test"));
        _channels.Hear(new Dictionary<TrunkId, int>());
        await TalkAsync(_acme, alice, carrier);
    }

    [Fact]
    public async Task A_tenant_that_goes_to_another_worker_frees_what_it_used_here()
    {
        (StubPhone carrier, StubPhone alice) = await ReadyAsync(_acme);
        await TalkAsync(_acme, alice, carrier);
        Assert.Equal(1, _channels.OthersOf(_shared, _other.Pbx.Tenant));
        _channels.Left(_acme.Pbx.Tenant);
        Assert.Equal(0, _channels.OthersOf(_shared, _other.Pbx.Tenant));
    }

    [Fact]
    public async Task S36_a_call_for_help_goes_out_over_a_full_trunk()
    {
        (StubPhone carrier, StubPhone alice) = await ReadyAsync(_acme);
        _channels.Hear(new Dictionary<TrunkId, int> { [_shared] = 1 });
        await TalkAsync(_acme, alice, carrier, number: "112");
    }

    [Fact]
    public void Only_one_of_two_takes_the_last_channel()
    {
        TenantId a = TenantId.New(), b = TenantId.New();
        Assert.True(_channels.TryTake(_shared, a, 0, 2));
        Assert.True(_channels.TryTake(_shared, b, 0, 2));
        Assert.False(_channels.TryTake(_shared, a, 1, 2));
        Assert.False(_channels.TryTake(_shared, b, 1, 2));
        _channels.Set(_shared, b, 0);
        Assert.True(_channels.TryTake(_shared, a, 1, 2));
        Assert.True(_channels.TryTake(TrunkId.New(), b, 0, 1));
    }

    public void Dispose()
    {
        _acme.Dispose();
        _other.Dispose();
    }

    private async Task<(StubPhone Carrier, StubPhone Phone)> ReadyAsync(CarrierFixture fixture)
    {
        StubPhone carrier = fixture.Carrier("carrier", "198.51.100.1", maxChannels: 1, shared: _shared);
        await fixture.ApplyAsync();
        return (carrier, await fixture.Pbx.RegisteredAsync("100"));
    }

    private static async Task<(string Rule, int Status)> InboundAsync(CarrierFixture fixture)
    {
        RouteAnswer answer = (await fixture.Pbx.Runtime.TryRouteAsync("+4989333", "+49301000", "carrier"))!;
        return (answer.Steps[^1].Rule, answer.Status);
    }

    private static Task<IReadOnlyList<SharedTrunkUse>> UsesAsync(CarrierFixture fixture) => fixture.Pbx.Runtime.Scheduler.RunAsync(() => SharedTrunkReporter.UsesOf(fixture.Pbx.Runtime));

    private static async Task<int> RefusedAsync(StubPhone phone, string domain)
    {
        await DialAsync(phone, "9+4989222", domain);
        return (await phone.FinalAsync()).StatusCode;
    }

    private static async Task<(SipRequest Dialled, SipResponse Answer)> TalkAsync(CarrierFixture fixture, StubPhone phone, StubPhone carrier, string domain = "acme.test", string number = "9+4989222")
    {
        SipRequest dialled = await DialAsync(phone, number, domain);
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        carrier.Answer(invite, 200, "v=0 answer");
        SipResponse answer = await phone.FinalAsync();
        Assert.Equal(200, answer.StatusCode);
        phone.Ack(dialled, answer);
        await carrier.RequestAsync(SipMethod.Ack);
        await fixture.Pbx.SettleAsync();
        return (dialled, answer);
    }

    private static async Task<SipRequest> DialAsync(StubPhone phone, string number, string domain)
    {
        SipRequest invite = phone.Request(SipMethod.Invite, $"sip:{number}@{domain}", "v=0 phone's offer");
        phone.Send(invite);
        SipResponse challenge;
        do
            challenge = await phone.ResponseAsync();
        while (challenge.CallId != invite.CallId);
        phone.Ack(invite, challenge);
        SipRequest again = phone.Again(invite, challenge);
        phone.Send(again);
        return again;
    }
}
