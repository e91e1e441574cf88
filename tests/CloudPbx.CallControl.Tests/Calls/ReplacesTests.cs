using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.Calls;

/// <summary>INVITE with Replaces (RFC 3891): alice (100) and bob (101) talk, or bob's phone rings; bob has a second phone, carol is 102.</summary>
public sealed class ReplacesTests : IDisposable
{
    private readonly TestTenant _tenant = new();
    private StubPhone _alice = null!;
    private StubPhone _bob = null!;
    private StubPhone _second = null!;
    private SipRequest _dialled = null!;
    private SipRequest _atBob = null!;

    [Theory]
    [InlineData("v=0 offer")]
    [InlineData(null)]                                                        // the newcomer wants our offer
    public async Task A_party_goes_on_with_its_call_at_its_other_phone(string? offer)        // §3
    {
        SipResponse answer = await TalkAsync();
        (SipResponse taken, SipRequest invite) = await TakeAsync(_second, Talking(), offer);
        Assert.Equal(200, taken.StatusCode);
        _second.Ack(invite, taken, offer is null ? "v=0 late answer" : null);
        await _bob.RequestAsync(SipMethod.Bye);
        await _tenant.SettleAsync();
        Assert.Contains(_tenant.Media.Commands, command => command.StartsWith("bridge 0 ", StringComparison.Ordinal) && command != "bridge 0 1");
        Assert.True(_alice.HasNothing);                                       // she hears another phone of his, and nothing else
        _alice.Send(_alice.InDialog(SipMethod.Bye, _dialled, answer));
        await _alice.ResponseAsync();
        await _second.RequestAsync(SipMethod.Bye);
        Assert.Equal(CallDisposition.Answered, (await _tenant.RecordAsync()).Disposition);
    }

    [Fact]
    public async Task A_call_that_rings_at_one_phone_is_taken_at_another_of_the_same_extension()      // §3: an early dialog that we began
    {
        await RingAsync();
        (SipResponse taken, SipRequest invite) = await TakeAsync(_second, Ringing(), "v=0 offer");
        Assert.Equal(200, taken.StatusCode);
        _second.Ack(invite, taken);
        SipRequest cancel = await _bob.RequestAsync(SipMethod.Cancel);
        Assert.Contains("cause=200", cancel.Headers.Get(SipHeaderName.Reason), StringComparison.Ordinal);
        SipResponse answer = await _alice.FinalAsync();
        Assert.Equal(200, answer.StatusCode);
        _alice.Ack(_dialled, answer);
        await _tenant.SettleAsync();
        Assert.Equal("101", Assert.Single(await _tenant.Runtime.CallsAsync()).AnsweredBy);
        _second.Send(_second.InDialog(SipMethod.Bye, invite, taken));
        await _second.ResponseAsync();
        await _alice.RequestAsync(SipMethod.Bye);
    }

    [Fact]
    public async Task A_call_that_is_taken_while_it_rings_is_recorded_before_the_first_word()
    {
        _tenant.Shape = content => content with { Extensions = [.. content.Extensions.Select(e => e with { Recording = RecordingPolicy.Always })] };
        _tenant.Runtime.Replace(_tenant.Configure(2));
        await RingAsync();
        (SipResponse taken, SipRequest invite) = await TakeAsync(_second, Ringing(), "v=0 offer");
        _second.Ack(invite, taken);
        _alice.Ack(_dialled, await _alice.FinalAsync());
        await _tenant.SettleAsync();
        Assert.Equal(["record 0 2", "bridge 0 2"], _tenant.Media.Commands.TakeLast(2));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Another_extensions_call_is_not_to_be_taken(bool talking)               // §8
    {
        if (talking)
            await TalkAsync();
        else
            await RingAsync();
        StubPhone carol = await _tenant.RegisteredAsync("102");
        Assert.Equal(403, (await TakeAsync(carol, talking ? Talking() : Ringing(), "v=0 offer")).Response.StatusCode);
        Assert.Single(await _tenant.Runtime.CallsAsync());
        Assert.True(_bob.HasNothing);
    }

    [Theory]
    [InlineData("nonsense", 400)]
    [InlineData("unknown@call;to-tag=a;from-tag=b", 481)]
    public async Task What_names_no_dialog_is_refused(string replaces, int status)           // §3
    {
        await TalkAsync();
        Assert.Equal(status, (await TakeAsync(_second, replaces, "v=0 offer")).Response.StatusCode);
    }

    [Fact]
    public async Task Early_only_is_not_for_a_call_that_was_answered()                       // §3
    {
        await TalkAsync();
        Assert.Equal(486, (await TakeAsync(_second, Talking() + ";early-only", "v=0 offer")).Response.StatusCode);
    }

    [Fact]
    public async Task What_cannot_be_served_leaves_the_call_where_it_is()
    {
        await TalkAsync();
        Assert.Equal(488, (await TakeAsync(_second, Talking(), "v=0 unacceptable")).Response.StatusCode);
        Assert.Single(await _tenant.Runtime.CallsAsync());
        Assert.True(_bob.HasNothing && _alice.HasNothing);
    }

    [Fact]
    public async Task A_stranger_is_asked_for_a_password_first()                             // S7
    {
        await TalkAsync();
        StubPhone stranger = _tenant.Phone("101", password: "wrong");
        stranger.Send(stranger.Request(SipMethod.Invite, $"sip:101@{_tenant.Domain}", "v=0 offer", ("Replaces", Talking())));
        Assert.Equal(407, (await stranger.ResponseAsync()).StatusCode);
    }

    [Fact]
    public async Task Another_tenants_call_with_the_same_names_is_not_found()
    {
        using TestTenant other = new("other.test");
        StubPhone theirs = await other.RegisteredAsync("101b");
        await TalkAsync();
        Assert.Equal(481, (await TakeAsync(theirs, Talking(), "v=0 offer", "other.test")).Response.StatusCode);
    }

    public void Dispose() => _tenant.Dispose();

    // The tags as our peer, the replaced phone, would name its dialog to somebody else: to-tag is ours.
    private string Talking() => $"{_atBob.CallId};to-tag={_atBob.From.Tag};from-tag=t101{_bob.Remote.Port}";

    private string Ringing() => Talking();

    private static async Task<(SipResponse Response, SipRequest Request)> TakeAsync(StubPhone phone, string replaces, string? offer, string domain = "acme.test")
    {
        SipRequest invite = phone.Request(SipMethod.Invite, $"sip:100@{domain}", offer, ("Replaces", replaces), ("Require", "replaces"));
        (SipResponse response, SipRequest sent) = await phone.TryAsync(invite);
        return (response.IsProvisional ? await phone.FinalAsync() : response, sent);
    }

    private async Task RingAsync()
    {
        (_alice, _bob) = (await _tenant.RegisteredAsync("100"), await _tenant.RegisteredAsync("101"));
        _second = _tenant.Phone("101b");
        SipRequest invite = _alice.Request(SipMethod.Invite, $"sip:101@{_tenant.Domain}", "v=0 phone's offer");
        Task<(SipResponse Response, SipRequest Invite)> dialling = _alice.TryAsync(invite);
        _atBob = await _bob.RequestAsync(SipMethod.Invite);
        _bob.Answer(_atBob, 180);
        (SipResponse ringing, _dialled) = await dialling;
        Assert.Equal(180, ringing.StatusCode);
    }

    private async Task<SipResponse> TalkAsync()
    {
        await RingAsync();
        _bob.Answer(_atBob, 200, "v=0 answer");
        await _bob.RequestAsync(SipMethod.Ack);
        SipResponse answer = await _alice.FinalAsync();
        _alice.Ack(_dialled, answer);
        await _tenant.SettleAsync();
        return answer;
    }
}
