using System.Text;
using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Events;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.Calls;

/// <summary>Attended transfers (RFC 3891, RFC 5589 §7): alice (100) has called bob (101), bob has called carol (102) to ask, and puts them in touch.</summary>
public sealed class AttendedTransferTests : IDisposable
{
    private readonly TestTenant _tenant = new();
    private StubPhone _alice = null!;
    private StubPhone _bob = null!;
    private StubPhone _carol = null!;
    private (SipRequest AtCaller, SipResponse Answer, SipRequest AtCallee) _first;
    private (SipRequest AtCaller, SipResponse Answer, SipRequest AtCallee) _second;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_party_that_was_consulted_comes(bool tagsTheWrongWayRound)
    {
        await ConsultAsync();
        await ReferAsync(ReplacesOf(tagsTheWrongWayRound));
        SipRequest over = await _carol.RequestAsync(SipMethod.Invite);                    // new media, as the calls may be on two nodes
        Assert.Equal(_second.AtCallee.From.Tag, over.From.Tag);
        _carol.Answer(over, 200, "v=0 carol's answer");
        await _carol.RequestAsync(SipMethod.Ack);
        Assert.Equal("SIP/2.0 200 OK\r\n", await NotifiedAsync());
        string[] ended = [(await _bob.RequestAsync(SipMethod.Bye)).CallId, (await _bob.RequestAsync(SipMethod.Bye)).CallId];
        Assert.Equal(new[] { _first.AtCallee.CallId, _second.AtCaller.CallId }.Order(), ended.Order());
        await _tenant.SettleAsync();
        string[] media = [.. _tenant.Media.Commands];
        Assert.True(Array.IndexOf(media, "restore 2 as agreed") is >= 0 and int kept && kept < Array.IndexOf(media, "offer 2 avp like 0"));       // RFC 3264 §8: her session goes on, with its key
        Assert.Contains("bridge 0 2", _tenant.Media.Commands);
        Assert.True(_alice.HasNothing && _carol.HasNothing);
        CallEnded consultation = Assert.Single(_tenant.Records);
        Assert.Equal(("101", "102", "Transferred", 16), (consultation.CallerNumber, consultation.CalledNumber, consultation.Reason, consultation.Q850Cause));

        await _tenant.KillAsync();                                                        // the next owner knows them as one call
        _carol.Send(_carol.InDialogAsCallee(SipMethod.Bye, _second.AtCallee));
        Assert.Equal(200, (await _carol.ResponseAsync()).StatusCode);
        await _alice.RequestAsync(SipMethod.Bye);
        await _tenant.SettleAsync();
        CallEnded record = Assert.Single(_tenant.Records, record => record.CallerNumber == "100");
        Assert.Equal((CallDisposition.Answered, CallParty.Callee), (record.Disposition, record.ReleasedBy));
    }

    [Fact]
    public async Task A_party_that_does_not_agree_stays_where_it_is()
    {
        await ConsultAsync();
        await ReferAsync(ReplacesOf());
        _carol.Answer(await _carol.RequestAsync(SipMethod.Invite), 488);
        await _carol.RequestAsync(SipMethod.Ack);
        Assert.Equal("SIP/2.0 488 Not Acceptable Here\r\n", await NotifiedAsync());
        Assert.Equal(2, (await _tenant.Runtime.CallsAsync()).Count);
        Assert.True(_alice.HasNothing && _bob.HasNothing);
    }

    [Fact]
    public async Task A_party_whose_answer_is_of_no_use_talks_as_before()
    {
        await ConsultAsync();
        await ReferAsync(ReplacesOf());
        _carol.Answer(await _carol.RequestAsync(SipMethod.Invite), 200, "v=0 unacceptable");
        await _carol.RequestAsync(SipMethod.Ack);
        Assert.Equal("SIP/2.0 488 Not Acceptable Here\r\n", await NotifiedAsync());
        Assert.Equal(2, (await _tenant.Runtime.CallsAsync()).Count);
    }

    [Fact]
    public async Task Who_hangs_up_meanwhile_ends_nothing_but_its_own()
    {
        await ConsultAsync();
        await ReferAsync(ReplacesOf());
        SipRequest over = await _carol.RequestAsync(SipMethod.Invite);
        _alice.Send(_alice.InDialog(SipMethod.Bye, _first.AtCaller, _first.Answer));      // the one that was to be transferred
        await _alice.ResponseAsync();
        await _bob.RequestAsync(SipMethod.Bye);
        _carol.Answer(over, 200, "v=0 carol's answer");
        await _carol.RequestAsync(SipMethod.Ack);
        SipRequest back = await _carol.RequestAsync(SipMethod.Invite);                    // back to the media of the consultation
        Assert.Equal(over.CallId, back.CallId);
        Assert.Equal("101", Assert.Single(await _tenant.Runtime.CallsAsync()).CallerNumber);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("unknown@call;to-tag=a;from-tag=b")]
    public async Task What_is_no_dialog_of_ours_is_told(string replaces)      // RFC 3891 §3
    {
        await ConsultAsync();
        await ReferAsync(replaces);
        Assert.Equal("SIP/2.0 481 Call/Transaction Does Not Exist\r\n", await NotifiedAsync());
        Assert.Equal(2, (await _tenant.Runtime.CallsAsync()).Count);
        Assert.True(_carol.HasNothing);
    }

    [Fact]
    public async Task Another_ones_call_is_not_to_be_given_away()             // RFC 3891 §8: who may replace is for us to say
    {
        await ConsultAsync();
        await ReferAsync($"{_first.AtCaller.CallId};to-tag={_first.Answer.To.Tag};from-tag={_first.AtCaller.From.Tag}");      // alice's dialog, not bob's
        Assert.Equal("SIP/2.0 481 Call/Transaction Does Not Exist\r\n", await NotifiedAsync());
        Assert.Equal(2, (await _tenant.Runtime.CallsAsync()).Count);
    }

    [Fact]
    public async Task Another_tenants_call_with_the_same_names_is_not_found()
    {
        using TestTenant other = new("other.test");
        StubPhone theirs = await other.RegisteredAsync("102");
        StubPhone caller = other.Phone("101");
        SipRequest invite = caller.Request(SipMethod.Invite, "sip:102@other.test", "v=0");
        Task<(SipResponse Response, SipRequest Request)> dialling = caller.TryAsync(invite);
        SipRequest at = await theirs.RequestAsync(SipMethod.Invite);
        theirs.Answer(at, 200, "v=0");
        (SipResponse answer, invite) = await dialling;
        await ConsultAsync();
        await ReferAsync($"{invite.CallId};to-tag={answer.To.Tag};from-tag={invite.From.Tag}");
        Assert.Equal("SIP/2.0 481 Call/Transaction Does Not Exist\r\n", await NotifiedAsync());
        Assert.Single(await other.Runtime.CallsAsync());
    }

    public void Dispose() => _tenant.Dispose();

    private string ReplacesOf(bool swapped = false)
    {
        (string ours, string theirs) = (_second.Answer.To.Tag!, _second.AtCaller.From.Tag!);
        return $"{_second.AtCaller.CallId};to-tag={(swapped ? theirs : ours)};from-tag={(swapped ? ours : theirs)}";
    }

    private async Task ReferAsync(string replaces)
    {
        SipRequest refer = _bob.InDialogAsCallee(SipMethod.Refer, _first.AtCallee);
        refer.Headers.Add(SipHeaderName.ReferTo, $"<sip:102@{_tenant.Domain}?Replaces={Uri.EscapeDataString(replaces)}>");
        _bob.Send(refer);
        Assert.Equal(202, (await _bob.ResponseAsync()).StatusCode);
        Assert.Equal("SIP/2.0 100 Trying\r\n", await NotifiedAsync());
    }

    private async Task<string> NotifiedAsync()
    {
        SipRequest notify = await _bob.RequestAsync(SipMethod.Notify);
        _bob.Answer(notify, 200);
        return Encoding.ASCII.GetString(notify.Body.Span);
    }

    private async Task ConsultAsync()
    {
        _alice = _tenant.Phone("100");
        _bob = await _tenant.RegisteredAsync("101");
        _carol = await _tenant.RegisteredAsync("102");
        _first = await ConnectAsync(_alice, _bob, "101");
        _second = await ConnectAsync(_bob, _carol, "102");
    }

    private async Task<(SipRequest AtCaller, SipResponse Answer, SipRequest AtCallee)> ConnectAsync(StubPhone from, StubPhone to, string number)
    {
        Task<(SipResponse Response, SipRequest Invite)> dialling = from.DialAsync(number);
        SipRequest at = await to.RequestAsync(SipMethod.Invite);
        to.Answer(at, 200, "v=0 answer");
        await to.RequestAsync(SipMethod.Ack);
        (SipResponse answer, SipRequest invite) = await dialling;
        Assert.Equal(200, answer.StatusCode);
        from.Ack(invite, answer);
        await _tenant.SettleAsync();
        return (invite, answer, at);
    }
}
