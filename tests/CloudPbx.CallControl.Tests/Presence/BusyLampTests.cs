using System.Text;
using CloudPbx.CallControl.Presence;
using CloudPbx.CallControl.Tests.Carriers;
using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.Presence;

/// <summary>What a key shows that watches a colleague (RFC 4235): carol (102) watches, alice is 100, bob 101.</summary>
public sealed class BusyLampTests : IDisposable
{
    private readonly TestTenant _tenant = new();
    private StubPhone _alice = null!;
    private StubPhone _bob = null!;
    private Watcher _carol = null!;

    [Fact]
    public async Task A_key_shows_that_a_colleague_is_idle_rings_talks_and_is_idle_again()
    {
        await BeginAsync();
        Assert.Equal(("terminated", "active;expires=600", 0u), (_carol.Lamp, _carol.State, _carol.Version));
        Assert.Equal("sip:101@acme.test", _carol.Document.Attribute("entity")!.Value);
        (SipRequest invite, SipRequest atBob) = await RingAsync();
        Assert.Equal(("early/recipient", "sip:100@acme.test"), (await _carol.ToldAsync(), _carol.Remote));
        SipResponse answer = await AnswerAsync(invite, atBob);
        Assert.Equal(("confirmed/recipient", "sip:100@acme.test"), (await _carol.ToldAsync(), _carol.Remote));
        _alice.Send(_alice.InDialog(SipMethod.Bye, invite, answer));
        await _alice.ResponseAsync();
        _bob.Answer(await _bob.RequestAsync(SipMethod.Bye), 200);
        Assert.Equal(("terminated", 3u), (await _carol.ToldAsync(), _carol.Version));
        Assert.Equal(4u, _carol.Notify!.CSeq.Number);
    }

    [Fact]
    public async Task Who_calls_out_is_busy_and_does_not_ring()
    {
        await BeginAsync(watched: "100");
        (SipRequest invite, SipRequest atBob) = await RingAsync();
        Assert.Equal(("proceeding/initiator", "sip:101@acme.test"), (await _carol.ToldAsync(), _carol.Remote));
        await AnswerAsync(invite, atBob);
        Assert.Equal("confirmed/initiator", await _carol.ToldAsync());
    }

    [Theory]                                                                     // never stuck (I69: kamailio#1489)
    [InlineData(486)]
    [InlineData(603)]
    [InlineData(480)]
    [InlineData(500)]
    [InlineData(302)]
    public async Task A_refusal_puts_the_lamp_out(int status)
    {
        await BeginAsync();
        (_, SipRequest atBob) = await RingAsync();
        Assert.Equal("early/recipient", await _carol.ToldAsync());
        _bob.Answer(atBob, status, null, status == 302 ? [("Contact", "<sip:999@acme.test>")] : []);
        Assert.Equal("terminated", await _carol.ToldAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]                                                          // a phone that says nothing any more
    public async Task A_caller_that_gives_up_puts_the_lamp_out(bool phoneAnswers)
    {
        await BeginAsync();
        (SipRequest invite, SipRequest atBob) = await RingAsync();
        Assert.Equal("early/recipient", await _carol.ToldAsync());
        _alice.Cancel(invite);
        SipRequest cancel = await _bob.RequestAsync(SipMethod.Cancel);
        if (phoneAnswers)
        {
            _bob.Answer(cancel, 200);
            _bob.Answer(atBob, 487);
        }
        Assert.Equal("terminated", await _carol.ToldAsync());
    }

    [Theory]
    [InlineData(true, 32)]                                                       // the ring time
    [InlineData(false, 9)]                                                       // not even a 100: nobody is there
    public async Task A_phone_that_does_not_answer_rings_no_longer_than_it_rings(bool rings, int seconds)
    {
        await BeginAsync();
        await RingAsync(rings);
        Assert.Equal("early/recipient", await _carol.ToldAsync());
        for (int i = 0; i < seconds; i++)
            await _carol.ToldAsync();
        Assert.Equal("terminated", _carol.Lamp);
    }

    [Fact]
    public async Task A_connection_that_is_gone_puts_the_lamp_out()
    {
        await BeginAsync();
        _tenant.Edge.Remove(_bob);
        _ = _alice.DialAsync("101");
        Assert.Equal("terminated", await _carol.ToldAsync());
    }

    [Fact]
    public async Task A_forward_moves_the_light_from_one_key_to_the_other()
    {
        await BeginAsync();
        StubPhone other = await _tenant.RegisteredAsync("102");
        Watcher watcher = await new Watcher(_tenant, other, "102").BeginAsync();
        (_, SipRequest atBob) = await RingAsync();
        Assert.Equal("early/recipient", await _carol.ToldAsync());
        _bob.Answer(atBob, 302, null, ("Contact", "<sip:102@acme.test>"));
        await _bob.RequestAsync(SipMethod.Ack);
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(2));
        Assert.Equal("terminated", await _carol.ToldAsync());
        await other.RequestAsync(SipMethod.Invite);
        Assert.Equal("early/recipient", await watcher.ToldAsync());
    }

    [Fact]
    public async Task A_transfer_moves_the_light_from_one_key_to_the_other()
    {
        await BeginAsync();
        StubPhone other = await _tenant.RegisteredAsync("102");
        Watcher watcher = await new Watcher(_tenant, _carol.Phone, "102").BeginAsync();
        (SipRequest invite, SipRequest atBob) = await RingAsync();
        await AnswerAsync(invite, atBob);
        await ReadAllAsync(_carol, watcher);
        SipRequest refer = _bob.InDialogAsCallee(SipMethod.Refer, atBob);
        refer.Headers.Add(SipHeaderName.ReferTo, "<sip:102@acme.test>");
        _bob.Send(refer);
        Assert.Equal(202, (await _bob.ResponseAsync()).StatusCode);
        SipRequest atOther = await other.RequestAsync(SipMethod.Invite);
        other.Answer(atOther, 180);
        await ReadAllAsync(_carol, watcher);
        Assert.Equal(("confirmed/recipient", "early/recipient", "sip:100@acme.test"), (_carol.Lamp, watcher.Lamp, watcher.Remote));
        other.Answer(atOther, 200, "v=0 carol's answer");
        await other.RequestAsync(SipMethod.Ack);
        await ReadAllAsync(_carol, watcher);
        Assert.Equal(("terminated", "confirmed/recipient"), (_carol.Lamp, watcher.Lamp));
    }

    [Fact]
    public async Task Two_phones_ring_and_the_one_that_is_late_keeps_nothing_lit()
    {
        await BeginAsync();
        StubPhone second = await _tenant.RegisteredAsync("101b");
        (SipRequest invite, SipRequest atBob) = await RingAsync();
        SipRequest atSecond = await second.RequestAsync(SipMethod.Invite);
        second.Answer(atSecond, 180);
        Assert.Equal("early/recipient early/recipient", await _carol.ToldAsync());
        await AnswerAsync(invite, atBob);
        await second.RequestAsync(SipMethod.Cancel);                             // never answered
        Assert.Equal("confirmed/recipient", await _carol.ToldAsync());
    }

    [Fact]
    public async Task A_busy_colleague_that_is_called_rings_and_talks()
    {
        await BeginAsync();
        (SipRequest invite, SipRequest atBob) = await RingAsync();
        await AnswerAsync(invite, atBob);
        Assert.Equal("confirmed/recipient", await _carol.ToldAsync());
        StubPhone dave = _tenant.Phone("102");
        _ = dave.DialAsync("101");
        SipRequest second = await _bob.RequestAsync(SipMethod.Invite);
        _bob.Answer(second, 180);
        Assert.Equal("confirmed/recipient early/recipient", await _carol.ToldAsync());
        _bob.Answer(second, 486);
        Assert.Equal("confirmed/recipient", await _carol.ToldAsync());
    }

    [Theory]
    [InlineData("Privacy", "id")]
    [InlineData("From", "\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=c1")]
    public async Task A_caller_from_outside_that_hides_is_not_shown(string name, string value)
    {
        using CarrierFixture fixture = new();
        StubPhone carrier = fixture.Carrier("carrier", "198.51.100.1");
        fixture.Number("+49301000", "101");
        await fixture.ApplyAsync();
        StubPhone bob = await fixture.Pbx.RegisteredAsync("101");
        Watcher watcher = await new Watcher(fixture.Pbx, fixture.Pbx.Phone("100"), "101").BeginAsync();
        SipRequest invite = carrier.Request(SipMethod.Invite, "sip:+49301000@pbx.test", "v=0 carrier's offer", ("From", "\"Eve\" <sip:+4989222@carrier.example>;tag=c1"), (name, value));
        carrier.Send(invite);
        SipRequest atBob = await bob.RequestAsync(SipMethod.Invite);
        bob.Answer(atBob, 180);
        Assert.Equal(("early/recipient", null), (await watcher.ToldAsync(), watcher.Remote));
        bob.Answer(atBob, 200, "v=0 phone's answer");
        Assert.Equal(("confirmed/recipient", null), (await watcher.ToldAsync(), watcher.Remote));
        Assert.DoesNotContain("4989222", Encoding.UTF8.GetString(watcher.Notify!.Body.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_colleague_that_hides_is_not_shown_either()
    {
        await BeginAsync();
        _ = _alice.TryAsync(_alice.Request(SipMethod.Invite, "sip:101@acme.test", "v=0 phone's offer", ("Privacy", "id")));
        _bob.Answer(await _bob.RequestAsync(SipMethod.Invite), 180);
        Assert.Equal(("early/recipient", null), (await _carol.ToldAsync(), _carol.Remote));
    }

    [Fact]
    public async Task Several_keys_of_one_colleague_are_told_the_same_each_with_numbers_of_its_own()
    {
        await BeginAsync();
        Watcher other = await new Watcher(_tenant, _tenant.Phone("100", address: "192.0.2.20"), "101").BeginAsync();
        await _carol.RefreshAsync();
        await RingAsync();
        Assert.Equal(("early/recipient", 2u), (await _carol.ToldAsync(), _carol.Version));
        Assert.Equal(("early/recipient", 1u), (await other.ToldAsync(), other.Version));
    }

    [Fact]
    public async Task What_changes_and_changes_back_in_a_moment_is_not_told()
    {
        await BeginAsync();
        (_, SipRequest atBob) = await RingAsync(rings: false);
        _bob.Answer(atBob, 486);
        await _carol.ToldAsync();
        Assert.Equal(("terminated", 0u), (_carol.Lamp, _carol.Version));
    }

    [Fact]
    public async Task On_datagrams_a_NOTIFY_is_short_enough()                    // RFC 3261 §18.1.1, I42
    {
        _bob = await _tenant.RegisteredAsync("101");
        _alice = await _tenant.RegisteredAsync("100");
        _carol = await new Watcher(_tenant, _tenant.Phone("102", Sip.Transport.SipTransport.Udp), "101").BeginAsync(fields: ("Event", "dialog;id=" + new string('i', 40)));
        await RingAsync();
        Assert.Equal("early/recipient", await _carol.ToldAsync());
        Assert.InRange(_carol.Notify!.ToBytes().Length, 1, 1300 - 150);          // the edge's Via comes to it
    }

    [Fact]
    public async Task Two_tenants_with_the_same_numbers_see_nothing_of_each_other()          // S23
    {
        using TestTenant other = new("other.test");
        Watcher theirs = await new Watcher(other, other.Phone("102"), "101").BeginAsync();
        await BeginAsync();
        await RingAsync();
        Assert.Equal("early/recipient", await _carol.ToldAsync());
        Assert.Equal(("terminated", 0u), (await theirs.ToldAsync(), theirs.Version));
        Assert.Equal(1, other.Runtime.Lamps.Count);
    }

    public void Dispose() => _tenant.Dispose();

    private async Task BeginAsync(string watched = "101")
    {
        _bob = await _tenant.RegisteredAsync("101");
        _alice = await _tenant.RegisteredAsync("100");
        _carol = await new Watcher(_tenant, _tenant.Phone("102"), watched).BeginAsync();
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(2));                     // it has been quiet for a while
    }

    private async Task<(SipRequest Invite, SipRequest AtBob)> RingAsync(bool rings = true)
    {
        Task<(SipResponse Response, SipRequest Invite)> dialling = _alice.DialAsync("101");
        SipRequest atBob = await _bob.RequestAsync(SipMethod.Invite);
        if (rings)
            _bob.Answer(atBob, 180);
        return (rings ? (await dialling).Invite : null!, atBob);
    }

    private async Task<SipResponse> AnswerAsync(SipRequest invite, SipRequest atBob)
    {
        _bob.Answer(atBob, 200, "v=0 bob's answer savp");
        await _bob.RequestAsync(SipMethod.Ack);
        SipResponse answer = await _alice.FinalAsync();
        _alice.Ack(invite, answer);
        return answer;
    }

    // Of one phone with two keys.
    private async Task ReadAllAsync(Watcher one, Watcher other)
    {
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(1.2));
        while (!one.Phone.HasNothing)
        {
            SipRequest notify = await one.Phone.RequestAsync(SipMethod.Notify);
            (notify.CallId == one.Subscribe!.CallId ? one : other).Take(notify);
        }
    }
}
