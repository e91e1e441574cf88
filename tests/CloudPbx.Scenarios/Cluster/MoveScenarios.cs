using System.Text.Json;
using CloudPbx.Audio.Tones;
using CloudPbx.Scenarios.BuiltIn;
using CloudPbx.Sdp;
using CloudPbx.Sip.Transport;
using CloudPbx.Sip.UserAgents;
using CloudPbx.Softphone;

namespace CloudPbx.Scenarios.Cluster;

/// <summary>A tenant's worker drains or dies while its phones ring, talk or hold; another one goes on.</summary>
[Collection(ClusterGroup.Name)]
public sealed class MoveScenarios(ClusterFixture fixture)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Who does what comes after the move.</summary>
    public enum Side
    {
        Caller,
        Callee,
    }

    [Theory]
    [InlineData(WorkerEnd.Drained, Side.Caller)]
    [InlineData(WorkerEnd.Drained, Side.Callee)]
    [InlineData(WorkerEnd.Killed, Side.Caller)]
    [InlineData(WorkerEnd.Killed, Side.Callee)]
    public async Task An_answered_call_goes_on_and_is_held_resumed_and_hung_up(WorkerEnd end, Side side)
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        (PhoneCall atAlice, PhoneCall atBob) = await TalkAsync(company);
        PacketFlow flow = PacketFlow.Between(atAlice, atBob);

        string left = await LeaveAsync(company, end);
        await GoesOnAsync(company);
        await HearEachOtherAsync(atAlice, atBob);
        flow.AssertUnbroken();

        (PhoneCall actor, PhoneCall other) = side == Side.Caller ? (atAlice, atBob) : (atBob, atAlice);
        await HoldAndResumeAsync(actor, other);
        await HearEachOtherAsync(atAlice, atBob);
        await actor.HangUpAsync();
        Assert.Equal(CallEndedBy.Peer, (await other.Ended.WaitAsync(Deadlines.Signalling)).By);
        Assert.Equal("answered", (await OnlyRecordAsync(company)).GetProperty("disposition").GetString());
        await fixture.Pbx.RunsAgainAsync(left, Cancel);
    }

    [Theory]
    [InlineData(WorkerEnd.Drained)]
    [InlineData(WorkerEnd.Killed)]
    public async Task A_held_call_is_taken_back_held_by_the_other_side_and_hung_up(WorkerEnd end)
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        (PhoneCall atAlice, PhoneCall atBob) = await TalkAsync(company);
        Assert.True(await atAlice.HoldAsync(true));

        string left = await LeaveAsync(company, end);
        await GoesOnAsync(company);

        Assert.True(await atAlice.HoldAsync(false));
        await HearEachOtherAsync(atAlice, atBob);
        await HoldAndResumeAsync(atBob, atAlice);
        await atBob.HangUpAsync();
        Assert.Equal(CallEndedBy.Peer, (await atAlice.Ended.WaitAsync(Deadlines.Signalling)).By);
        Assert.Equal("answered", (await OnlyRecordAsync(company)).GetProperty("disposition").GetString());
        await fixture.Pbx.RunsAgainAsync(left, Cancel);
    }

    /// <summary>The operator empties a worker that goes on running: <c>./pbx drain</c>.</summary>
    [Fact]
    public async Task A_worker_that_is_drained_by_command_gives_its_calls_away_and_none_comes_until_it_is_let_in_again()
    {
        // What is announced may be seconds old: neither the calls of other scenarios nor the workers that they killed, which nobody took leave for, are any of ours.
        await fixture.Pbx.EventuallyAsync(
            async _ => await WorkersAsync() is { Length: 2 } live && live.All(worker => worker.GetProperty("calls").GetInt32() == 0), "two workers are announced, and none leads a call", Cancel);
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        (PhoneCall atAlice, PhoneCall atBob) = await TalkAsync(company);
        PacketFlow flow = PacketFlow.Between(atAlice, atBob);
        string process = await fixture.Pbx.WorkerOfAsync(company.Name, Cancel);
        // Who leads the call says so; both workers announce their load every three seconds.
        JsonElement busy = default;
        await fixture.Pbx.EventuallyAsync(
            async _ => (busy = (await WorkersAsync()).SingleOrDefault(worker => worker.GetProperty("calls").GetInt32() == 1)).ValueKind == JsonValueKind.Object, "a worker says that it leads the call", Cancel);
        string drained = busy.GetProperty("id").GetString()!;
        Assert.True(busy.GetProperty("tenants").GetInt32() > 0);

        await fixture.Pbx.Api.PostAsync($"nodes/{drained}/drain", "{}", Cancel);
        await fixture.Pbx.EventuallyAsync(async _ => (await WorkersAsync()).Single(worker => worker.GetProperty("id").GetString() == drained) is var now
            && now.GetProperty("draining").GetBoolean() && now.GetProperty("tenants").GetInt32() == 0, "all tenants left the worker", Cancel);
        await GoesOnAsync(company);
        await HearEachOtherAsync(atAlice, atBob);
        flow.AssertUnbroken();
        Assert.NotEqual(process, await fixture.Pbx.WorkerOfAsync(company.Name, Cancel));
        await HoldAndResumeAsync(atAlice, atBob);
        await HearEachOtherAsync(atAlice, atBob);

        // A tenant that begins now begins elsewhere, though nobody is less busy than who is drained.
        await using Company other = await Company.FoundAsync(fixture.Pbx, Cancel);
        await other.RegisterAsync("100");
        Assert.NotEqual(process, await fixture.Pbx.WorkerOfAsync(other.Name, Cancel));

        await fixture.Pbx.Api.DeleteAsync($"nodes/{drained}/drain", Cancel);
        await fixture.Pbx.EventuallyAsync(async _ => (await WorkersAsync()).All(worker => !worker.GetProperty("draining").GetBoolean()), "the worker takes tenants again", Cancel);
        await atBob.HangUpAsync();
        Assert.Equal(CallEndedBy.Peer, (await atAlice.Ended.WaitAsync(Deadlines.Signalling)).By);
        Assert.Equal("answered", (await OnlyRecordAsync(company)).GetProperty("disposition").GetString());
    }

    private async Task<JsonElement[]> WorkersAsync() =>
        [.. (await fixture.Pbx.Api.GetAsync("nodes", Cancel)).GetProperty("items").EnumerateArray().Where(node => node.GetProperty("kind").GetString() == "worker")];

    [Fact]
    public async Task After_a_drain_ringing_goes_on_and_is_answered()
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        (PhoneCall atAlice, PhoneCall atBob) = await RingAsync(company);

        string left = await LeaveAsync(company, WorkerEnd.Drained);
        await GoesOnAsync(company);

        Assert.False(atBob.Ended.IsCompleted, atBob.Ended.IsCompleted ? $"{await atBob.Ended}" : "");
        Assert.True((await atBob.AnswerAsync()).Accepted);
        Assert.True((await atAlice.Answered.WaitAsync(Deadlines.Signalling)).Accepted);
        await HearEachOtherAsync(atAlice, atBob);
        await atAlice.HangUpAsync();
        Assert.Equal(CallEndedBy.Peer, (await atBob.Ended.WaitAsync(Deadlines.Signalling)).By);
        Assert.Equal("answered", (await OnlyRecordAsync(company)).GetProperty("disposition").GetString());
        await fixture.Pbx.RunsAgainAsync(left, Cancel);
    }

    [Fact]
    public async Task After_a_kill_a_ringing_call_ends_with_a_final_response()
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        (PhoneCall atAlice, PhoneCall atBob) = await RingAsync(company);

        string left = await LeaveAsync(company, WorkerEnd.Killed);

        Assert.InRange((await atAlice.Ended.WaitAsync(Deadlines.Takeover)).StatusCode, 500, 599);
        Assert.Equal(CallEndedBy.Peer, (await atBob.Ended.WaitAsync(Deadlines.Takeover)).By);
        Assert.NotEqual("answered", (await OnlyRecordAsync(company)).GetProperty("disposition").GetString());
        await fixture.Pbx.RunsAgainAsync(left, Cancel);
    }

    /// <summary>Ends the company's worker.</summary>
    /// <returns>Which it was.</returns>
    private async Task<string> LeaveAsync(Company company, WorkerEnd end)
    {
        string worker = await fixture.Pbx.WorkerOfAsync(company.Name, Cancel);
        fixture.Pbx.Signal(worker, (int)end);
        await fixture.Pbx.EndedAsync(worker, Cancel);
        return worker;
    }

    /// <summary>Waits until another worker leads the company's call.</summary>
    private async Task GoesOnAsync(Company company) => await fixture.Pbx.EventuallyAsync(
        async cancel => (await fixture.Pbx.Api.GetAsync($"tenants/{company.Name}/calls/live", cancel)).GetProperty("items").GetArrayLength() == 1,
        "the call is led by another worker", Cancel);

    /// <summary>The company's record; a second copy of it would have come before that of a later call.</summary>
    private static async Task<JsonElement> OnlyRecordAsync(Company company)
    {
        JsonElement record = await company.RecordAsync(1, Cancel);
        Phone carol = await company.RegisterAsync("102");
        PhoneCall echo = await carol.DialAsync("*43");
        Assert.True((await echo.Answered.WaitAsync(Deadlines.Signalling)).Accepted);
        await echo.HangUpAsync();
        await company.RecordAsync(2, Cancel);
        Assert.Equal(2, await company.RecordCountAsync(Cancel));
        return record;
    }

    private static async Task<(PhoneCall Caller, PhoneCall Callee)> RingAsync(Company company)
    {
        Phone alice = await company.RegisterAsync("100", SipTransport.Tls), bob = await company.RegisterAsync("101", SipTransport.Udp, SrtpPolicy.Off);
        PhoneCall atAlice = await alice.DialAsync("101");
        PhoneCall atBob = await bob.IncomingAsync(Cancel).AsTask().WaitAsync(Deadlines.Signalling);
        await atAlice.Ringing.WaitAsync(Deadlines.Signalling);
        return (atAlice, atBob);
    }

    private static async Task<(PhoneCall Caller, PhoneCall Callee)> TalkAsync(Company company)
    {
        (PhoneCall atAlice, PhoneCall atBob) = await RingAsync(company);
        Assert.True((await atBob.AnswerAsync()).Accepted);
        Assert.True((await atAlice.Answered.WaitAsync(Deadlines.Signalling)).Accepted);
        await HearEachOtherAsync(atAlice, atBob);
        return (atAlice, atBob);
    }

    private static async Task HearEachOtherAsync(PhoneCall caller, PhoneCall callee)
    {
        caller.Play(new Tone(440));
        callee.Play(new Tone(620));
        await Task.WhenAll(callee.Audio.WaitForToneAsync(440, Deadlines.Media), caller.Audio.WaitForToneAsync(620, Deadlines.Media));
    }

    private static async Task HoldAndResumeAsync(PhoneCall actor, PhoneCall other)
    {
        Assert.True(await actor.HoldAsync(true));
        Assert.Equal(MediaDirection.SendOnly, actor.Audio.Media!.Direction);
        Assert.True(await actor.HoldAsync(false));
        Assert.Equal(MediaDirection.SendRecv, actor.Audio.Media!.Direction);
        Assert.False(other.Ended.IsCompleted);
    }
}
