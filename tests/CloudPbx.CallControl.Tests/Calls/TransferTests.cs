using System.Text;
using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Grains;
using CloudPbx.MediaControl;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.Calls;

/// <summary>Blind transfers by REFER (RFC 3515, RFC 5589 §6); alice (100) has called bob (101), carol is 102.</summary>
public sealed class TransferTests : IDisposable
{
    private readonly TestTenant _tenant = new();
    private StubPhone _alice = null!;
    private StubPhone _bob = null!;
    private StubPhone _carol = null!;
    private SipRequest _invite = null!;
    private SipResponse _answer = null!;
    private SipRequest _atBob = null!;
    private SipRequest _atCarol = null!;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_party_puts_another_number_in_its_place(bool byCaller)
    {
        await TalkAsync();
        StubPhone leaving = byCaller ? _alice : _bob;
        await ReferAsync(byCaller);
        Assert.Equal("SIP/2.0 100 Trying\r\n", await NotifiedAsync(leaving, "active;expires=180"));          // RFC 3515 §2.4.4, I67
        _atCarol = await _carol.RequestAsync(SipMethod.Invite);
        (string number, string name) = byCaller ? ("101", "Bob") : ("100", "Alice");
        Assert.Equal((number, name), (_atCarol.From.Uri.User, _atCarol.From.DisplayName));
        Assert.Equal($"<sip:{(byCaller ? "100" : "101")}@{_tenant.Domain}>", _atCarol.Headers.Get(SipHeaderName.ReferredBy));     // RFC 3892
        _carol.Answer(_atCarol, 180);
        Assert.Equal("SIP/2.0 180 Ringing\r\n", await NotifiedAsync(leaving, "active;expires=180"));
        _carol.Answer(_atCarol, 200, "v=0 carol's answer");
        await _carol.RequestAsync(SipMethod.Ack);
        Assert.Equal("SIP/2.0 200 OK\r\n", await NotifiedAsync(leaving, "terminated;reason=noresource"));
        leaving.Answer(await leaving.RequestAsync(SipMethod.Bye), 200);
        await _tenant.SettleAsync();
        int stays = byCaller ? 1 : 0;
        Assert.Contains($"offer 2 savp like {stays}", _tenant.Media.Commands);
        Assert.Contains($"bridge {stays} 2", _tenant.Media.Commands);
        Assert.Contains($"remove {1 - stays}", _tenant.Media.Commands);
        StubPhone staying = byCaller ? _bob : _alice;
        Assert.True(staying.HasNothing);                                     // it hears another voice, and nothing else

        _carol.Send(_carol.InDialogAsCallee(SipMethod.Bye, _atCarol));
        await _carol.ResponseAsync();
        staying.Answer(await staying.RequestAsync(SipMethod.Bye), 200);
        CallEnded record = await _tenant.RecordAsync();
        Assert.Equal((CallDisposition.Answered, byCaller ? CallParty.Caller : CallParty.Callee), (record.Disposition, record.ReleasedBy));
        Assert.Equal(("100", "101", "101"), (record.CallerNumber, record.CalledNumber, record.AnsweredBy));
        Assert.Equal(3, record.Media.Count);
    }

    [Theory]
    [InlineData(CallParty.Caller)]
    [InlineData(CallParty.Callee)]
    [InlineData(null)]
    public async Task Somebody_who_leads_the_call_from_outside_puts_another_number_in_a_partys_place(CallParty? party)
    {
        await TalkAsync();
        CallId call = Assert.Single(await _tenant.Runtime.CallsAsync()).CallId;
        (StubPhone leaving, int stays) = party == CallParty.Caller ? (_alice, 1) : (_bob, 0);
        Assert.Equal(TransferAnswer.NoCall, await _tenant.Runtime.TransferAsync(CallId.New(), party, "102"));
        Assert.Equal(TransferAnswer.Refused, await _tenant.Runtime.TransferAsync(call, party, "199"));
        Assert.Equal(TransferAnswer.Begun, await _tenant.Runtime.TransferAsync(call, party, "102"));
        Assert.Equal(TransferAnswer.UnderWay, await _tenant.Runtime.TransferAsync(call, party, "102"));
        _atCarol = await _carol.RequestAsync(SipMethod.Invite);
        _carol.Answer(_atCarol, 200, "v=0 carol's answer");
        await _carol.RequestAsync(SipMethod.Ack);
        leaving.Answer(await leaving.RequestAsync(SipMethod.Bye), 200);
        await _tenant.SettleAsync();
        Assert.Contains($"bridge {stays} 2", _tenant.Media.Commands);
        Assert.Single(await _tenant.Runtime.CallsAsync());
    }

    [Fact]
    public async Task A_number_that_refuses_is_told_and_the_call_goes_on()
    {
        await TalkAsync();
        await ReferAsync();
        await NotifiedAsync(_bob);
        _carol.Answer(await _carol.RequestAsync(SipMethod.Invite), 486);
        Assert.Equal("SIP/2.0 486 Busy Here\r\n", await NotifiedAsync(_bob, "terminated;reason=noresource"));
        Assert.Single(await _tenant.Runtime.CallsAsync());
        Assert.True(_alice.HasNothing);
        await ReferAsync();                                                   // and may be asked again
        SipRequest notify = await _bob.RequestAsync(SipMethod.Notify);
        Assert.StartsWith("refer;id=", notify.Headers.Get(SipHeaderName.Event), StringComparison.Ordinal);      // §2.4.6
        _alice.Send(_alice.InDialog(SipMethod.Bye, _invite, _answer));
        await _bob.RequestAsync(SipMethod.Bye);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_party_may_hang_up_at_once_and_the_other_hears_it_ring(bool answered)
    {
        await TalkAsync();
        await ReferAsync();
        await NotifiedAsync(_bob);
        _atCarol = await _carol.RequestAsync(SipMethod.Invite);
        _bob.Send(_bob.InDialogAsCallee(SipMethod.Bye, _atBob));
        Assert.Equal(200, (await _bob.ResponseAsync()).StatusCode);
        await _tenant.SettleAsync();
        Assert.Contains("play 0 Ringback", _tenant.Media.Commands);
        Assert.Contains("remove 1", _tenant.Media.Commands);
        _tenant.Sessions.LegSilent(new LegId(Assert.Single(await _tenant.Runtime.CallsAsync()).CallId, 1));      // who left says nothing more
        await _tenant.SettleAsync();
        if (answered)
        {
            _carol.Answer(_atCarol, 200, "v=0 carol's answer");
            await _carol.RequestAsync(SipMethod.Ack);
            await _tenant.SettleAsync();
            Assert.Contains("bridge 0 2", _tenant.Media.Commands);
            Assert.Single(await _tenant.Runtime.CallsAsync());
            Assert.True(_alice.HasNothing);
        }
        else
        {
            _carol.Answer(_atCarol, 603);
            await _alice.RequestAsync(SipMethod.Bye);
            Assert.Equal(CallParty.Callee, (await _tenant.RecordAsync()).ReleasedBy);
        }
        Assert.True(_bob.HasNothing);                                        // I68: no NOTIFY after its BYE
    }

    [Fact]
    public async Task A_phone_that_was_configured_after_the_call_began_rings()
    {
        _tenant.Runtime.Replace(_tenant.Configure(2, "102"));
        await TalkAsync(async () =>
        {
            _tenant.Runtime.Replace(_tenant.Configure(3));
            _carol = await _tenant.RegisteredAsync("102");
        });
        await ReferAsync();
        await NotifiedAsync(_bob);
        _carol.Answer(await _carol.RequestAsync(SipMethod.Invite), 486);
        Assert.Equal("SIP/2.0 486 Busy Here\r\n", await NotifiedAsync(_bob));
    }

    [Fact]
    public async Task The_party_that_stays_may_hang_up_and_the_ringing_stops()
    {
        await TalkAsync();
        await ReferAsync();
        await NotifiedAsync(_bob);
        _atCarol = await _carol.RequestAsync(SipMethod.Invite);
        _carol.Answer(_atCarol, 180);
        await NotifiedAsync(_bob);
        _alice.Send(_alice.InDialog(SipMethod.Bye, _invite, _answer));
        await _carol.RequestAsync(SipMethod.Cancel);
        _carol.Answer(_atCarol, 487);
        await _tenant.SettleAsync();
        Assert.Empty(await _tenant.Runtime.CallsAsync());
    }

    [Fact]
    public async Task Nobody_answers_and_the_party_that_asked_has_the_call_back()
    {
        await TalkAsync();
        await ReferAsync();
        await NotifiedAsync(_bob);
        _atCarol = await _carol.RequestAsync(SipMethod.Invite);
        _carol.Answer(_atCarol, 180);
        await NotifiedAsync(_bob);
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(30));
        Assert.Equal("SIP/2.0 480 Temporarily Unavailable\r\n", await NotifiedAsync(_bob));
        await _carol.RequestAsync(SipMethod.Cancel);
        Assert.Single(await _tenant.Runtime.CallsAsync());
    }

    [Theory]
    [InlineData(null, 400)]                                                   // RFC 3515 §2.4.2
    [InlineData("nonsense", 400)]
    [InlineData("<sip:102@elsewhere.example>", 404)]                          // S17: no relay
    [InlineData("<http://acme.test/102>", 416)]
    [InlineData("<sip:102@acme.test;method=BYE>", 501)]
    public async Task What_cannot_be_asked_for_is_refused(string? target, int status)
    {
        await TalkAsync();
        SipRequest refer = _bob.InDialogAsCallee(SipMethod.Refer, _atBob);
        if (target is not null)
            refer.Headers.Add(SipHeaderName.ReferTo, target);
        _bob.Send(refer);
        Assert.Equal(status, (await _bob.ResponseAsync()).StatusCode);
        Assert.True(_carol.HasNothing);
        Assert.Single(await _tenant.Runtime.CallsAsync());
    }

    [Theory]
    [InlineData("<tel:102>")]
    [InlineData("<tel:1-0.2;phone-context=acme.test>")]                       // RFC 3966 §5.1.1, §5.1.5
    [InlineData("tel:102")]
    public async Task A_telephone_number_is_dialled_as_the_party_itself_would(string target)
    {
        await TalkAsync();
        SipRequest refer = _bob.InDialogAsCallee(SipMethod.Refer, _atBob);
        refer.Headers.Add(SipHeaderName.ReferTo, target);
        _bob.Send(refer);
        Assert.Equal(202, (await _bob.ResponseAsync()).StatusCode);
        Assert.Equal("102", (await _carol.RequestAsync(SipMethod.Invite)).To.Uri.User);
    }

    [Theory]
    [InlineData("999", "404 Not Found")]
    [InlineData("*43", "404 Not Found")]
    public async Task What_is_no_phone_is_told(string number, string outcome)
    {
        await TalkAsync();
        await ReferAsync(number: number);
        await NotifiedAsync(_bob);
        Assert.Equal($"SIP/2.0 {outcome}\r\n", await NotifiedAsync(_bob));
        Assert.Single(await _tenant.Runtime.CallsAsync());
    }

    [Fact]
    public async Task The_phones_that_a_decline_stops_learn_of_it()           // RFC 3326 §2
    {
        StubPhone alice = _tenant.Phone("100"), carol = await _tenant.RegisteredAsync("102"), desk = await _tenant.RegisteredAsync("101"), mobile = await _tenant.RegisteredAsync("101b");
        Task<(SipResponse Response, SipRequest Invite)> dialling = alice.DialAsync("102");
        SipRequest atCarol = await carol.RequestAsync(SipMethod.Invite);
        carol.Answer(atCarol, 200, "v=0 carol's answer");
        (SipResponse answer, SipRequest invite) = await dialling;
        alice.Ack(invite, answer);
        await carol.RequestAsync(SipMethod.Ack);
        SipRequest refer = carol.InDialogAsCallee(SipMethod.Refer, atCarol);
        refer.Headers.Add(SipHeaderName.ReferTo, $"<sip:101@{_tenant.Domain}>");
        carol.Send(refer);
        SipRequest atDesk = await desk.RequestAsync(SipMethod.Invite);
        desk.Answer(atDesk, 180);
        mobile.Answer(await mobile.RequestAsync(SipMethod.Invite), 603);
        Assert.Equal("SIP;cause=603;text=\"Decline\"", (await desk.RequestAsync(SipMethod.Cancel)).Headers.Get(SipHeaderName.Reason));
        desk.Answer(atDesk, 487);
    }

    [Fact]
    public async Task I68_a_second_transfer_waits_for_the_first_and_who_wants_no_NOTIFY_gets_none()       // RFC 4488
    {
        await TalkAsync();
        SipResponse accepted = await ReferAsync(subscribe: false);
        Assert.Equal("false", accepted.Headers.Get(SipHeaderName.ReferSub));
        SipRequest second = _alice.InDialog(SipMethod.Refer, _invite, _answer);
        second.Headers.Add(SipHeaderName.ReferTo, $"<sip:102@{_tenant.Domain}>");
        _alice.Send(second);
        Assert.Equal(491, (await _alice.ResponseAsync()).StatusCode);
        await _carol.RequestAsync(SipMethod.Invite);
        Assert.True(_bob.HasNothing);
    }

    [Fact]
    public async Task A_NOTIFY_that_gets_481_does_not_end_the_call()          // RFC 5057 §5.1
    {
        await TalkAsync();
        await ReferAsync();
        _bob.Answer(await _bob.RequestAsync(SipMethod.Notify), 481);
        await _tenant.SettleAsync();
        Assert.True(_bob.HasNothing);
        Assert.Single(await _tenant.Runtime.CallsAsync());
    }

    [Fact]
    public async Task The_next_owner_has_the_party_that_came()
    {
        await TalkAsync();
        await ReferAsync(byCaller: true);
        await NotifiedAsync(_alice);
        _atCarol = await _carol.RequestAsync(SipMethod.Invite);
        _carol.Answer(_atCarol, 200, "v=0 carol's answer");
        await _carol.RequestAsync(SipMethod.Ack);
        await NotifiedAsync(_alice);
        _alice.Answer(await _alice.RequestAsync(SipMethod.Bye), 200);
        await _tenant.KillAsync();
        _bob.Send(_bob.InDialogAsCallee(SipMethod.Bye, _atBob));
        Assert.Equal(200, (await _bob.ResponseAsync()).StatusCode);
        await _carol.RequestAsync(SipMethod.Bye);
        Assert.Equal(CallParty.Callee, (await _tenant.RecordAsync()).ReleasedBy);
    }

    [Fact]
    public async Task Who_dies_while_it_rings_leaves_the_call_as_it_was()
    {
        await TalkAsync();
        await ReferAsync();
        await NotifiedAsync(_bob);
        _atCarol = await _carol.RequestAsync(SipMethod.Invite);
        _carol.Answer(_atCarol, 180);
        await NotifiedAsync(_bob);
        await _tenant.KillAsync();
        await _carol.RequestAsync(SipMethod.Cancel);
        Assert.Single(await _tenant.Runtime.CallsAsync());
        Assert.True(_alice.HasNothing && _bob.HasNothing);
    }

    [Fact]
    public async Task A_transfer_stays_in_its_tenant()
    {
        using TestTenant other = new("other.test");
        StubPhone theirs = await other.RegisteredAsync("102");
        await TalkAsync();
        SipRequest refer = _bob.InDialogAsCallee(SipMethod.Refer, _atBob);
        refer.Headers.Add(SipHeaderName.ReferTo, "<sip:102@other.test>");
        _bob.Send(refer);
        Assert.Equal(404, (await _bob.ResponseAsync()).StatusCode);
        await ReferAsync();
        await _carol.RequestAsync(SipMethod.Invite);
        await other.SettleAsync();
        Assert.True(theirs.HasNothing);
    }

    public void Dispose() => _tenant.Dispose();

    private static async Task<string> NotifiedAsync(StubPhone phone, string? state = null)
    {
        SipRequest notify = await phone.RequestAsync(SipMethod.Notify);
        phone.Answer(notify, 200);
        Assert.StartsWith("refer", notify.Headers.Get(SipHeaderName.Event), StringComparison.Ordinal);
        Assert.Equal("message/sipfrag;version=2.0", notify.ContentType);
        if (state is not null)
            Assert.Equal(state, notify.Headers.Get(SipHeaderName.SubscriptionState));
        return Encoding.ASCII.GetString(notify.Body.Span);
    }

    private async Task<SipResponse> ReferAsync(bool byCaller = false, string number = "102", bool subscribe = true)
    {
        SipRequest refer = byCaller ? _alice.InDialog(SipMethod.Refer, _invite, _answer) : _bob.InDialogAsCallee(SipMethod.Refer, _atBob);
        refer.Headers.Add(SipHeaderName.ReferTo, $"<sip:{number}@{_tenant.Domain}>");
        if (!subscribe)
        {
            refer.Headers.Add(SipHeaderName.ReferSub, "false");
            refer.Headers.Add(SipHeaderName.Require, "norefersub");
        }
        StubPhone phone = byCaller ? _alice : _bob;
        phone.Send(refer);
        SipResponse accepted = await phone.ResponseAsync();
        Assert.Equal(202, accepted.StatusCode);
        Assert.Single(accepted.Contacts);
        return accepted;
    }

    private async Task TalkAsync(Func<Task>? meanwhile = null)
    {
        _bob = await _tenant.RegisteredAsync("101");
        if (meanwhile is null)
            _carol = await _tenant.RegisteredAsync("102");
        _alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest Invite)> dialling = _alice.DialAsync("101");
        _atBob = await _bob.RequestAsync(SipMethod.Invite);
        _bob.Answer(_atBob, 200, "v=0 bob's answer");
        await _bob.RequestAsync(SipMethod.Ack);
        (_answer, _invite) = await dialling;
        Assert.Equal(200, _answer.StatusCode);
        _alice.Ack(_invite, _answer);
        await _tenant.SettleAsync();
        if (meanwhile is not null)
            await meanwhile();
    }
}
