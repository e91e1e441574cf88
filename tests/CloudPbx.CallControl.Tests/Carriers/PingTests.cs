using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Grains;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.Carriers;

/// <summary>OPTIONS to carriers (RFC 3261 §11; INTEROP I28, I30, I31), and what of 100rel is learned of them (I1, I2).</summary>
public sealed class PingTests : IDisposable
{
    private static readonly TrunkProfileChanges s_asked = new() { OptionsKeepAlive = true, OptionsIntervalSeconds = 60 };

    private readonly CarrierFixture _fixture = new();

    private TestTenant Pbx => _fixture.Pbx;

    [Theory]
    [InlineData(200)]
    [InlineData(404)]                                                                    // I30: any final answer but 408 and 503 is a sign of life
    [InlineData(405)]
    [InlineData(501)]
    public async Task A_carrier_that_answers_is_up_and_is_asked_again_after_the_interval(int status)
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1", changes: s_asked with { ContactHost = "sbc.acme.test" });
        await _fixture.ApplyAsync();
        Assert.Equal(TrunkReach.Unknown, (await StatusAsync()).Reach);
        SipRequest options = await carrier.RequestAsync(SipMethod.Options);
        Assert.Equal(("sip:carrier.example:" + carrier.Remote.Port, "sbc.acme.test"), (options.RequestUri.ToString(), options.From.Uri.Host));       // I31
        Assert.NotEmpty(options.Contacts);
        Assert.True(options.HasToken(SipHeaderName.Allow, "REFER") && options.HasToken(SipHeaderName.Allow, "NOTIFY"));
        carrier.Answer(options, status);
        await Pbx.SettleAsync();
        TrunkStatus up = await StatusAsync();
        Assert.Equal((TrunkReach.Up, status), (up.Reach, up.OptionsStatus));
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(59));
        Assert.True(carrier.HasNothing);
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(1));
        await carrier.RequestAsync(SipMethod.Options);
    }

    [Fact]
    public async Task A_carrier_that_misses_five_is_down_and_passed_over_until_it_answers()
    {
        StubPhone silent = _fixture.Carrier("silent", "198.51.100.1", changes: s_asked);
        StubPhone other = _fixture.Carrier("other", "198.51.100.2");
        StubPhone alice = await ReadyAsync();
        await MissAsync(silent, 5);
        TrunkStatus down = await StatusAsync("silent");
        Assert.Equal((TrunkReach.Down, 408, "No answer"), (down.Reach, down.OptionsStatus, down.OptionsReason));
        SipRequest first = await DialAsync(alice);
        Assert.Equal(SipMethod.Invite, (await other.RequestAsync(SipMethod.Invite)).Method);
        RouteAnswer? dry = await Pbx.Runtime.TryRouteAsync("100", "9+4989222", null);
        Assert.Contains(dry!.Steps, step => step is { Rule: "trunk-down", Value: "silent" });
        Assert.Equal(["other"], dry.Trunks.Select(trunk => trunk.Name));
        alice.Cancel(first);

        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(60));
        silent.Answer(await LastAsync(silent), 200);                                     // it is back
        await Pbx.SettleAsync();
        Assert.Equal(TrunkReach.Up, (await StatusAsync("silent")).Reach);
        StubPhone carol = await Pbx.RegisteredAsync("102");
        await DialAsync(carol);
        Assert.NotNull(await InviteAsync(silent));
    }

    [Fact]
    public async Task The_only_trunk_is_tried_though_it_is_down_and_an_answered_call_brings_it_back()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1", changes: s_asked);
        StubPhone alice = await ReadyAsync();
        await MissAsync(carrier, 5);
        await DialAsync(alice);
        carrier.Answer(await InviteAsync(carrier), 486);
        Assert.Equal(486, (await alice.FinalAsync()).StatusCode);
        Assert.Equal(TrunkReach.Up, (await StatusAsync()).Reach);
    }

    [Fact]
    public async Task I28_a_503_is_down_at_once_and_its_Retry_After_is_waited_for()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1", changes: s_asked);
        await _fixture.ApplyAsync();
        carrier.Answer(await carrier.RequestAsync(SipMethod.Options), 503, null, ("Retry-After", "120"));
        await Pbx.SettleAsync();
        Assert.Equal(TrunkReach.Down, (await StatusAsync()).Reach);
        Assert.True(Pbx.Down.IsDown(new(carrier.Remote, Sip.Transport.SipTransport.Udp)));
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(119));
        Assert.True(carrier.HasNothing);
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(1));
        await carrier.RequestAsync(SipMethod.Options);
    }

    [Fact]
    public async Task I30_a_carrier_may_be_left_in_peace()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1", changes: new TrunkProfileChanges { OptionsKeepAlive = false });
        await _fixture.ApplyAsync();
        await Pbx.AdvanceAsync(TimeSpan.FromMinutes(10));
        Assert.True(carrier.HasNothing);
        Assert.Equal(TrunkReach.Off, (await StatusAsync()).Reach);
    }

    [Fact]
    public async Task A_trunk_that_is_taken_out_is_asked_no_more()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1", changes: s_asked);
        await _fixture.ApplyAsync();
        carrier.Answer(await carrier.RequestAsync(SipMethod.Options), 200);
        await Pbx.SettleAsync();
        _fixture.Clear();
        await _fixture.ApplyAsync();
        await Pbx.AdvanceAsync(TimeSpan.FromMinutes(10));
        Assert.True(carrier.HasNothing);
    }

    [Fact]
    public async Task S36_an_emergency_call_tries_a_trunk_that_is_down_too_but_last()
    {
        StubPhone silent = _fixture.Carrier("silent", "198.51.100.1", changes: s_asked);
        StubPhone other = _fixture.Carrier("other", "198.51.100.2");
        StubPhone alice = await ReadyAsync();
        await MissAsync(silent, 5);
        await DialAsync(alice, "112");
        other.Answer(await other.RequestAsync(SipMethod.Invite), 503);
        Assert.Equal("112", (await InviteAsync(silent)).RequestUri.User);
    }

    [Fact]
    public async Task I1_a_carrier_that_refuses_PRACK_is_called_without_100rel_from_then_on_and_the_status_says_why()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await ReadyAsync();
        await DialAsync(alice);
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        Assert.True(invite.Supports("100rel"));
        carrier.Answer(invite, 183, null, ("Require", "100rel"), ("RSeq", "1"));
        carrier.Answer(await carrier.RequestAsync(SipMethod.Prack), 405);
        carrier.Answer(invite, 200, "v=0 answer");
        Assert.Equal(200, (await alice.FinalAsync()).StatusCode);                        // the very call succeeds
        Assert.Equal("PRACK got 405 Method Not Allowed", (await StatusAsync()).Rel100Learned);
        await carrier.RequestAsync(SipMethod.Ack);
        StubPhone carol = await Pbx.RegisteredAsync("102");
        await DialAsync(carol);
        Assert.False((await carrier.RequestAsync(SipMethod.Invite)).Supports("100rel"));

        _fixture.Number("+49301009");
        await _fixture.ApplyAsync();
        Assert.NotNull((await StatusAsync()).Rel100Learned);                             // something else changed
        StubPhone next = Pbx.Phone("next", Sip.Transport.SipTransport.Udp, address: "198.51.100.2");
        _fixture.Move("carrier", new TrunkServer("198.51.100.2", next.Remote.Port, TrunkTransport.Udp));
        await _fixture.ApplyAsync();
        Assert.Null((await StatusAsync()).Rel100Learned);
        StubPhone bob = await Pbx.RegisteredAsync("101");
        await DialAsync(bob);
        Assert.True((await next.RequestAsync(SipMethod.Invite)).Supports("100rel"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task I1_what_a_carrier_taught_and_the_call_that_it_did_not_take_are_known_to_the_tenants_next_owner_and_to_no_other_tenant(bool isPlanned)      // S23
    {
        using CarrierFixture other = new("other.test");
        other.Pbx.TrunkNotes = Pbx.TrunkNotes;
        other.Carrier("carrier", "198.51.100.1");
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await ReadyAsync();
        await LearnAsync(alice, carrier);
        await DialAsync(alice);
        carrier.Answer(await carrier.RequestAsync(SipMethod.Invite), 503);
        await alice.FinalAsync();
        await carrier.RequestAsync(SipMethod.Ack);
        TrunkStatus before = await StatusAsync();
        Assert.Equal(503, before.CallFailure?.Status);

        await MoveAsync(Pbx, isPlanned);
        await MoveAsync(other.Pbx, isPlanned);
        TrunkStatus after = await StatusAsync(), theirs = Assert.Single(await other.Pbx.Runtime.TrunksAsync());
        Assert.Equal((before.Rel100Learned, before.CallFailure), (after.Rel100Learned, after.CallFailure));
        Assert.Equal((null, null), (theirs.Rel100Learned, theirs.CallFailure));
        await DialAsync(await Pbx.RegisteredAsync("102"));
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        Assert.False(invite.Supports("100rel"));
        carrier.Answer(invite, 486);
        await carrier.RequestAsync(SipMethod.Ack);
        await MoveAsync(Pbx, isPlanned);
        Assert.NotNull((await StatusAsync()).CallsAgainSince);

        StubPhone next = Pbx.Phone("next", Sip.Transport.SipTransport.Udp, address: "198.51.100.2");
        _fixture.Move("carrier", new TrunkServer("198.51.100.2", next.Remote.Port, TrunkTransport.Udp));
        await _fixture.ApplyAsync();
        Assert.Equal((null, null), ((await StatusAsync()).Rel100Learned, (await StatusAsync()).CallFailure));
        await MoveAsync(Pbx, isPlanned);
        Assert.Empty(Pbx.TrunkNotes.List(Pbx.Tenant));                                   // of another carrier
    }

    [Fact]
    public async Task I1_what_a_carrier_taught_a_week_ago_is_learned_anew_and_what_the_store_could_not_take_is_written_when_it_is_back()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await ReadyAsync();
        Pbx.TrunkNotes.IsAway = true;
        await LearnAsync(alice, carrier);
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(2));
        Pbx.TrunkNotes.IsAway = false;
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(11));
        Assert.Single(Pbx.TrunkNotes.List(Pbx.Tenant));
        Pbx.TrunkNotes.Clear();
        Pbx.Runtime.Reseed();
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(2));
        Assert.Single(Pbx.TrunkNotes.List(Pbx.Tenant));
        Pbx.Time.Advance(TimeSpan.FromDays(7));
        await Pbx.KillAsync();
        Assert.Null((await StatusAsync()).Rel100Learned);
    }

    [Fact]
    public async Task I1_a_carrier_that_requires_100rel_after_all_gets_it_in_the_same_call_and_what_was_learned_of_it_is_forgotten()      // RFC 3261 §21.4.16
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await ReadyAsync();
        await LearnAsync(alice, carrier);
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(2));
        Assert.Single(Pbx.TrunkNotes.List(Pbx.Tenant));
        await DialAsync(alice);
        SipRequest without = await carrier.RequestAsync(SipMethod.Invite);
        Assert.False(without.Supports("100rel"));
        carrier.Answer(without, 421, null, ("Require", "100rel"));
        await carrier.RequestAsync(SipMethod.Ack);
        SipRequest again = await carrier.RequestAsync(SipMethod.Invite);
        Assert.Equal((without.CallId, true, true), (again.CallId, again.Supports("100rel"), again.Requires("100rel")));
        Assert.Null((await StatusAsync()).Rel100Learned);
        carrier.Answer(again, 486);
        await carrier.RequestAsync(SipMethod.Ack);
        Assert.Equal(486, (await alice.FinalAsync()).StatusCode);
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(2));
        await Pbx.KillAsync();
        Assert.Null((await StatusAsync()).Rel100Learned);                                // nor does the next owner know of it
        await DialAsync(await Pbx.RegisteredAsync("102"));
        Assert.True((await carrier.RequestAsync(SipMethod.Invite)).Supports("100rel"));
    }

    [Fact]
    public async Task A_421_under_a_profile_that_says_off_is_the_calls()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1", changes: new TrunkProfileChanges { Rel100 = Rel100Policy.Off });
        StubPhone alice = await ReadyAsync();
        await DialAsync(alice);
        carrier.Answer(await carrier.RequestAsync(SipMethod.Invite), 421, null, ("Require", "100rel"));
        await carrier.RequestAsync(SipMethod.Ack);
        Assert.Equal(421, (await alice.FinalAsync()).StatusCode);
        Assert.True(carrier.HasNothing);
    }

    private static Task MoveAsync(TestTenant pbx, bool isPlanned) => isPlanned ? pbx.MoveAsync() : DieAsync(pbx);

    private static async Task DieAsync(TestTenant pbx)
    {
        await pbx.AdvanceAsync(TimeSpan.FromSeconds(2));                                 // what was on its way to the store is there
        await pbx.KillAsync();
    }

    /// <summary>A call whose PRACK the carrier refuses.</summary>
    private async Task LearnAsync(StubPhone alice, StubPhone carrier)
    {
        SipRequest dialled = await DialAsync(alice);
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        carrier.Answer(invite, 183, null, ("Require", "100rel"), ("RSeq", "1"));
        carrier.Answer(await carrier.RequestAsync(SipMethod.Prack), 405);
        carrier.Answer(invite, 486);
        await alice.FinalAsync();
        await carrier.RequestAsync(SipMethod.Ack);
        Assert.NotNull((await StatusAsync()).Rel100Learned);
    }

    [Fact]
    public async Task What_one_tenant_learned_of_a_carrier_is_nothing_to_another()
    {
        using CarrierFixture other = new("other.test");
        StubPhone theirs = other.Carrier("carrier", "198.51.100.1", changes: s_asked);
        StubPhone ours = _fixture.Carrier("carrier", "198.51.100.1", changes: s_asked);
        await other.ApplyAsync();
        await _fixture.ApplyAsync();
        ours.Answer(await ours.RequestAsync(SipMethod.Options), 503);
        theirs.Answer(await theirs.RequestAsync(SipMethod.Options), 200);
        await Pbx.SettleAsync();
        await other.Pbx.SettleAsync();
        Assert.Equal(TrunkReach.Down, (await StatusAsync()).Reach);
        Assert.Equal(TrunkReach.Up, Assert.Single(await other.Pbx.Runtime.TrunksAsync()).Reach);
    }

    public void Dispose() => _fixture.Dispose();

    private async Task<TrunkStatus> StatusAsync(string name = "carrier") => (await Pbx.Runtime.TrunksAsync()).Single(trunk => trunk.Name == name);

    private async Task MissAsync(StubPhone carrier, int times)
    {
        for (int miss = 0; miss < times; miss++)
        {
            await LastAsync(carrier);
            await Pbx.AdvanceAsync(TimeSpan.FromSeconds(8));
            if (miss < times - 1)
                await Pbx.AdvanceAsync(TimeSpan.FromSeconds(5));
        }
    }

    // Behind its retransmissions.
    private async Task<SipRequest> LastAsync(StubPhone carrier)
    {
        await Pbx.SettleAsync();
        SipRequest last = await carrier.RequestAsync(SipMethod.Options);
        while (!carrier.HasNothing)
            last = await carrier.RequestAsync(SipMethod.Options);
        return last;
    }

    private static async Task<SipRequest> InviteAsync(StubPhone carrier)
    {
        while (true)
        {
            if (await carrier.ReceiveAsync() is SipRequest request && request.Method == SipMethod.Invite)
                return request;
        }
    }

    private async Task<StubPhone> ReadyAsync()
    {
        _fixture.Number("+49301000", "100");
        await _fixture.ApplyAsync();
        return await Pbx.RegisteredAsync("100");
    }

    private async Task<SipRequest> DialAsync(StubPhone phone, string number = "9+4989222")
    {
        SipRequest invite = phone.Request(SipMethod.Invite, $"sip:{number}@{Pbx.Domain}", "v=0 phone's offer");
        phone.Send(invite);
        SipResponse challenge = await phone.ResponseAsync();
        phone.Ack(invite, challenge);
        SipRequest again = phone.Again(invite, challenge);
        phone.Send(again);
        return again;
    }
}
