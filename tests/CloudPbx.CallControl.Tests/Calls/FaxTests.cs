using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.Calls;

/// <summary>Fax (ITU-T T.38 Annex D) and video come and go in a call: alice (100) has called bob (101), carol is 102.</summary>
public sealed class FaxTests : IDisposable
{
    private readonly TestTenant _tenant = new();
    private StubPhone _alice = null!;
    private StubPhone _bob = null!;
    private SipRequest _invite = null!;
    private SipResponse _answer = null!;
    private SipRequest _atBob = null!;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task I64_a_party_that_begins_a_fax_is_answered_as_the_other_one_answers(bool byCaller)
    {
        await TalkAsync();
        await FaxAsync(byCaller);
        int leg = byCaller ? 0 : 1;
        Assert.Equal([$"receive-offer {leg}", $"offer {1 - leg} {(byCaller ? "savp" : "avp")} like {leg}", $"receive-answer {1 - leg}", $"answer {leg} like {1 - leg}"], _tenant.Media.Commands.TakeLast(4));

        (StubPhone asking, StubPhone asked) = byCaller ? (_alice, _bob) : (_bob, _alice);
        SipRequest back = Reinvite(byCaller, "v=0 voice");
        asking.Send(back);
        SipRequest there = await asked.RequestAsync(SipMethod.Invite);
        asked.Answer(there, 200, "v=0 voice");
        await asked.RequestAsync(SipMethod.Ack);
        Assert.Equal((200, "v=0 our answer"), Said(await asking.FinalAsync()));
    }

    [Theory]
    [InlineData(488)]
    [InlineData(415)]
    [InlineData(606)]
    public async Task I64_a_fax_that_the_other_party_refuses_is_refused_end_to_end_and_the_call_goes_on(int status)
    {
        await TalkAsync();
        _alice.Send(Reinvite(byCaller: true, "v=0 fax"));
        _bob.Answer(await _bob.RequestAsync(SipMethod.Invite), status);
        await _bob.RequestAsync(SipMethod.Ack);
        Assert.Equal(488, (await _alice.FinalAsync()).StatusCode);
        SipRequest voice = Reinvite(byCaller: true, "v=0 voice");                 // freeswitch PR#66: then the audio gets its SDP
        _alice.Send(voice);
        SipResponse response = await _alice.FinalAsync();
        Assert.Equal((200, "v=0 our answer"), Said(response));
        Assert.True(_bob.HasNothing);
        Assert.Single(await _tenant.Runtime.CallsAsync());
    }

    [Fact]
    public async Task I64_a_refresh_during_a_fax_asks_nobody_else()
    {
        await TalkAsync();
        await FaxAsync(byCaller: true);
        SipRequest refresh = Reinvite(byCaller: true, "v=0 fax");
        _alice.Send(refresh);
        SipResponse response = await _alice.FinalAsync();
        Assert.Equal((200, "v=0 our fax answer"), Said(response));
        _alice.Ack(refresh, response);
        Assert.True(_bob.HasNothing);
    }

    [Fact]
    public async Task Two_parties_that_begin_at_once_do_not_wait_for_each_other() // RFC 3261 §14.1
    {
        await TalkAsync();
        _alice.Send(Reinvite(byCaller: true, "v=0 fax"));
        SipRequest atBob = await _bob.RequestAsync(SipMethod.Invite);
        _bob.Send(Reinvite(byCaller: false, "v=0 fax"));
        Assert.Equal(491, (await _bob.FinalAsync()).StatusCode);
        _bob.Answer(atBob, 200, "v=0 fax");
        await _bob.RequestAsync(SipMethod.Ack);
        Assert.Equal((200, "v=0 our fax answer"), Said(await _alice.FinalAsync()));
    }

    [Fact]
    public async Task A_fax_towards_ourselves_is_refused_and_asks_nobody()
    {
        _alice = _tenant.Phone("100");
        Assert.Equal(488, (await _alice.DialAsync("*43", "v=0 fax")).Response.StatusCode);
    }

    [Fact]
    public async Task A_party_whose_partner_in_a_fax_was_transferred_is_asked_to_talk_again()
    {
        await TalkAsync();
        await FaxAsync(byCaller: true);
        StubPhone carol = await _tenant.RegisteredAsync("102");
        SipRequest refer = _bob.InDialogAsCallee(SipMethod.Refer, _atBob);
        refer.Headers.Add(SipHeaderName.ReferTo, $"<sip:102@{_tenant.Domain}>");
        _bob.Send(refer);
        Assert.Equal(202, (await _bob.ResponseAsync()).StatusCode);
        SipRequest atCarol = await carol.RequestAsync(SipMethod.Invite);
        carol.Answer(atCarol, 200, "v=0 carol's answer");
        await carol.RequestAsync(SipMethod.Ack);
        SipRequest repair = await _alice.RequestAsync(SipMethod.Invite);
        _alice.Answer(repair, 200, "v=0 voice");
        await _alice.RequestAsync(SipMethod.Ack);
        await _tenant.SettleAsync();
        Assert.Equal("receive-answer 0", _tenant.Media.Commands.Last(c => c.StartsWith("receive-answer", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_phone_that_refuses_a_call_with_video_altogether_is_asked_for_its_voice_alone()
    {
        _bob = await _tenant.RegisteredAsync("101");
        _alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest Invite)> dialling = _alice.DialAsync("101", "v=0 voice and video");
        SipRequest first = await _bob.RequestAsync(SipMethod.Invite);
        Assert.EndsWith(" video", Text(first), StringComparison.Ordinal);
        _bob.Answer(first, 488);
        await _bob.RequestAsync(SipMethod.Ack);
        SipRequest second = await _bob.RequestAsync(SipMethod.Invite);
        Assert.Equal("v=0 our offer savp", Text(second));
        _bob.Answer(second, 200, "v=0 bob's answer");
        await _bob.RequestAsync(SipMethod.Ack);
        Assert.Equal(200, (await dialling).Response.StatusCode);
        Assert.False(Assert.Single(await _tenant.Runtime.CallsAsync()).CallerHolds);
    }

    public void Dispose() => _tenant.Dispose();

    private static string Text(SipMessage message) => System.Text.Encoding.UTF8.GetString(message.Body.Span);

    private static (int, string) Said(SipResponse response) => (response.StatusCode, Text(response));

    private SipRequest Reinvite(bool byCaller, string sdp) =>
        byCaller ? _alice.InDialog(SipMethod.Invite, _invite, _answer, sdp) : _bob.InDialogAsCallee(SipMethod.Invite, _atBob, sdp);

    private async Task FaxAsync(bool byCaller)
    {
        (StubPhone asking, StubPhone asked) = byCaller ? (_alice, _bob) : (_bob, _alice);
        SipRequest fax = Reinvite(byCaller, "v=0 fax");
        asking.Send(fax);
        SipRequest there = await asked.RequestAsync(SipMethod.Invite);
        Assert.EndsWith(" fax", Text(there), StringComparison.Ordinal);
        asked.Answer(there, 200, "v=0 fax");
        await asked.RequestAsync(SipMethod.Ack);
        SipResponse response = await asking.FinalAsync();
        Assert.Equal((200, "v=0 our fax answer"), Said(response));
        asking.Ack(fax, response);
        await _tenant.SettleAsync();
    }

    private async Task TalkAsync()
    {
        _bob = await _tenant.RegisteredAsync("101");
        _alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest Invite)> dialling = _alice.DialAsync("101");
        _atBob = await _bob.RequestAsync(SipMethod.Invite);
        _bob.Answer(_atBob, 200, "v=0 bob's answer");
        await _bob.RequestAsync(SipMethod.Ack);
        (_answer, _invite) = await dialling;
        _alice.Ack(_invite, _answer);
        await _tenant.SettleAsync();
    }
}
