using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Grains;
using CloudPbx.Sip.Messages;
using SupervisionMode = CloudPbx.Contracts.Live.SupervisionMode;

namespace CloudPbx.CallControl.Tests.Calls;

/// <summary>Somebody hears a call: alice (100) has called bob (101), carol (102) supervises.</summary>
public sealed class SupervisionTests : IDisposable
{
    private readonly TestTenant _tenant = new();
    private StubPhone _alice = null!;
    private StubPhone _bob = null!;
    private StubPhone _carol = null!;
    private SipRequest _invite = null!;
    private SipResponse _answer = null!;
    private CallId _call;

    private IEnumerable<string> Supervised => _tenant.Media.Commands.Where(command => command.StartsWith("supervise ", StringComparison.Ordinal));

    [Fact]
    public async Task A_supervisor_is_rung_hears_the_call_and_changes_who_hears_them()
    {
        Permit();
        await TalkAsync();
        CallId supervision = await SuperviseAsync();
        Assert.Equal(["supervise 1 1 Listen"], Supervised);                                         // leg 1 of its own call, beside leg 1 of the other
        Assert.Contains("place-beside", _tenant.Media.Commands);
        Assert.Equal(CallActionAnswer.Done, await _tenant.Runtime.ChangeSupervisionAsync(_call, supervision, SupervisionMode.Whisper));
        Assert.Equal(CallActionAnswer.Done, await _tenant.Runtime.ChangeSupervisionAsync(_call, supervision, SupervisionMode.Barge));
        Assert.Equal(["supervise 1 1 Listen", "supervise 1 1 Whisper", "supervise 1 1 Barge"], Supervised);
        LiveCall live = (await _tenant.Runtime.CallsAsync()).Single(call => call.CallId == supervision);
        Assert.Equal((_call, SupervisionMode.Barge, "102"), (live.Supervises, live.Supervision, live.CallerNumber));
        Assert.True(_alice.HasNothing && _bob.HasNothing);                                          // their phones know nothing

        Assert.Equal(CallActionAnswer.Done, await _tenant.Runtime.ChangeSupervisionAsync(_call, supervision, null));
        _carol.Answer(await _carol.RequestAsync(SipMethod.Bye), 200);
        await _tenant.SettleAsync();
        Assert.Equal(_call, Assert.Single(await _tenant.Runtime.CallsAsync()).CallId);
        CallEnded record = await _tenant.RecordAsync();
        Assert.Equal(("102", "supervision"), (record.CallerNumber, record.CalledNumber));           // no word of whom it heard
    }

    [Fact]
    public async Task It_ends_with_the_call()
    {
        Permit();
        await TalkAsync();
        await SuperviseAsync();
        _alice.Send(_alice.InDialog(SipMethod.Bye, _invite, _answer));
        _bob.Answer(await _bob.RequestAsync(SipMethod.Bye), 200);
        _carol.Answer(await _carol.RequestAsync(SipMethod.Bye), 200);
        await _tenant.SettleAsync();
        Assert.Empty(await _tenant.Runtime.CallsAsync());
        Assert.Equal(2, _tenant.Records.Count);
    }

    [Fact]
    public async Task A_call_that_ends_while_the_supervisor_is_rung_leaves_nobody_listening()
    {
        Permit();
        await TalkAsync();
        Assert.NotNull((await _tenant.Runtime.SuperviseAsync(Order())).Call);
        SipRequest atCarol = await _carol.RequestAsync(SipMethod.Invite);
        _carol.Answer(atCarol, 180);
        _alice.Send(_alice.InDialog(SipMethod.Bye, _invite, _answer));
        _bob.Answer(await _bob.RequestAsync(SipMethod.Bye), 200);
        _carol.Answer(await _carol.RequestAsync(SipMethod.Cancel), 200);
        _carol.Answer(atCarol, 487);
        await _tenant.SettleAsync();
        Assert.Empty(Supervised);
        Assert.Empty(await _tenant.Runtime.CallsAsync());
    }

    [Fact]
    public async Task The_next_owner_has_it_still_and_ends_it_with_the_call()
    {
        Permit();
        await TalkAsync();
        CallId supervision = await SuperviseAsync();
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(1));
        await _tenant.KillAsync();
        await _tenant.SettleAsync();
        Assert.Equal(_call, (await _tenant.Runtime.CallsAsync()).Single(call => call.CallId == supervision).Supervises);
        _alice.Send(_alice.InDialog(SipMethod.Bye, _invite, _answer));
        _bob.Answer(await _bob.RequestAsync(SipMethod.Bye), 200);
        _carol.Answer(await _carol.RequestAsync(SipMethod.Bye), 200);
        await _tenant.SettleAsync();
        Assert.Empty(await _tenant.Runtime.CallsAsync());
    }

    [Fact]
    public async Task Nobody_listens_where_it_is_not_permitted_or_makes_no_sense()
    {
        await TalkAsync();
        Assert.Equal(OriginateFault.NotPermitted, (await _tenant.Runtime.SuperviseAsync(Order())).Fault);
        Permit();
        await _tenant.SettleAsync();
        Assert.Equal(OriginateFault.NoCall, (await _tenant.Runtime.SuperviseAsync(Order() with { Call = CallId.New() })).Fault);
        Assert.Equal(OriginateFault.UnknownExtension, (await _tenant.Runtime.SuperviseAsync(Order() with { Supervisor = "199" })).Fault);
        Assert.Equal(OriginateFault.InTheCall, (await _tenant.Runtime.SuperviseAsync(Order() with { Supervisor = "101" })).Fault);
        CallId supervision = await SuperviseAsync();
        Assert.Equal(OriginateFault.InTheCall, (await _tenant.Runtime.SuperviseAsync(Order())).Fault);
        Assert.Equal(OriginateFault.NoCall, (await _tenant.Runtime.SuperviseAsync(Order() with { Call = supervision })).Fault);
        Assert.Equal(CallActionAnswer.NoCall, await _tenant.Runtime.ChangeSupervisionAsync(CallId.New(), supervision, SupervisionMode.Barge));
        Assert.Equal(CallActionAnswer.NoCall, await _tenant.Runtime.ChangeSupervisionAsync(supervision, _call, SupervisionMode.Barge));
    }

    public void Dispose() => _tenant.Dispose();

    private SuperviseOrder Order() => new() { Call = _call, Supervisor = "102" };

    private void Permit()
    {
        _tenant.Shape = content => content with { AllowSupervision = true };
        _tenant.Runtime.Replace(_tenant.Configure(2));
    }

    private async Task<CallId> SuperviseAsync()
    {
        OriginateAnswer answer = await _tenant.Runtime.SuperviseAsync(Order());
        Assert.Equal(OriginateFault.None, answer.Fault);
        _carol.Answer(await _carol.RequestAsync(SipMethod.Invite), 200, "v=0 carol's answer");
        await _carol.RequestAsync(SipMethod.Ack);
        await _tenant.SettleAsync();
        return answer.Call!.CallId;
    }

    private async Task TalkAsync()
    {
        _bob = await _tenant.RegisteredAsync("101");
        _carol = await _tenant.RegisteredAsync("102");
        _alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest Invite)> dialling = _alice.DialAsync("101");
        SipRequest atBob = await _bob.RequestAsync(SipMethod.Invite);
        _bob.Answer(atBob, 200, "v=0 bob's answer");
        await _bob.RequestAsync(SipMethod.Ack);
        (_answer, _invite) = await dialling;
        _alice.Ack(_invite, _answer);
        await _tenant.SettleAsync();
        _call = Assert.Single(await _tenant.Runtime.CallsAsync()).CallId;
    }
}
