using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Live;
using CloudPbx.Grains.Live;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.Presence;

/// <summary>What watchers of a tenant are told.</summary>
public sealed class LiveViewTests : IDisposable
{
    private static readonly TimeSpan s_gather = TimeSpan.FromMilliseconds(60);

    private readonly TestTenant _tenant = new();

    [Fact]
    public async Task The_first_answer_is_everything()
    {
        await _tenant.RegisteredAsync("101", userAgent: "Bob's phone");
        LiveChange everything = (await _tenant.Runtime.WatchAsync(0, 0))!;
        Assert.Equal(_tenant.Epoch, everything.Epoch);
        Assert.Equal(
            [("100", "Alice", ExtensionState.Offline), ("101", "Bob", ExtensionState.Idle), ("102", "Carol", ExtensionState.Offline)],
            everything.Extensions.Select(extension => (extension.Number, extension.Name, extension.State)));
        LivePhone phone = Assert.Single(everything.Extensions[1].Phones);
        Assert.Equal(("tls", "Bob's phone"), (phone.Transport, phone.UserAgent));
        Assert.Equal(0, phone.LatencyMilliseconds);                        // it answered its challenge, and the clock stood still
        Assert.Empty(everything.Calls);
        Assert.Null(await _tenant.Runtime.WatchAsync(everything.Epoch, everything.Sequence));
    }

    [Fact]
    public async Task A_call_is_told_as_it_goes_each_change_once_and_numbered()
    {
        StubPhone bob = await _tenant.RegisteredAsync("101");
        StubPhone alice = await _tenant.RegisteredAsync("100");
        LiveChange everything = (await _tenant.Runtime.WatchAsync(0, 0))!;
        _tenant.Live.Told();
        Task<(SipResponse Response, SipRequest Invite)> dialling = alice.DialAsync("101");
        SipRequest atBob = await bob.RequestAsync(SipMethod.Invite);
        bob.Answer(atBob, 180);
        (_, SipRequest invite) = await dialling;
        Assert.Equal([("100", ExtensionState.Calling), ("101", ExtensionState.Ringing)], await ToldAsync());
        bob.Answer(atBob, 200, "v=0 bob's answer savp");
        await bob.RequestAsync(SipMethod.Ack);
        SipResponse answer = await alice.ResponseAsync();
        alice.Ack(invite, answer);
        Assert.Equal([("100", ExtensionState.Talking), ("101", ExtensionState.Talking)], await ToldAsync());
        alice.Send(alice.InDialog(SipMethod.Bye, invite, answer));
        await alice.ResponseAsync();
        bob.Answer(await bob.RequestAsync(SipMethod.Bye), 200);
        LiveChange[] told = [.. await ChangesAsync()];
        Assert.Equal([("100", ExtensionState.Idle), ("101", ExtensionState.Idle)], States(told));
        Assert.Single(told.SelectMany(change => change.Ended));
        Assert.Equal(everything.Sequence + 3, told[^1].Sequence);
    }

    [Fact]
    public async Task Live_calls_say_who_rings_and_who_answered()
    {
        StubPhone bob = await _tenant.RegisteredAsync("101");
        StubPhone alice = _tenant.Phone("100");
        await _tenant.Runtime.WatchAsync(0, 0);
        _ = alice.DialAsync("101");
        SipRequest atBob = await bob.RequestAsync(SipMethod.Invite);
        LiveChange ringing = (await ChangesAsync())[^1];
        Assert.Equal(("100", "101", null), (ringing.Calls[^1].CallerNumber, ringing.Calls[^1].CalledNumber, ringing.Calls[^1].AnsweredBy));
        bob.Answer(atBob, 486);
        LiveChange over = (await ChangesAsync())[^1];
        Assert.Equal([ringing.Calls[^1].CallId], over.Ended);
    }

    [Fact]
    public async Task A_phone_that_comes_and_goes_is_told_and_one_that_only_refreshes_is_not()
    {
        await _tenant.Runtime.WatchAsync(0, 0);
        _tenant.Live.Told();
        StubPhone bob = await _tenant.RegisteredAsync("101");
        Assert.Equal([("101", ExtensionState.Idle)], await ToldAsync());
        await bob.RegisterAsync();
        Assert.Empty(await ToldAsync());
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(30));
        await _tenant.Runtime.WatchAsync(_tenant.Epoch, 0);
        await bob.RegisterAsync("0");
        Assert.Equal([("101", ExtensionState.Offline)], await ToldAsync());
    }

    [Fact]
    public async Task Without_watchers_nothing_is_told_and_who_comes_back_gets_everything()
    {
        LiveChange everything = (await _tenant.Runtime.WatchAsync(0, 0))!;
        _tenant.Live.Told();
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(61));
        await _tenant.RegisteredAsync("101");
        await _tenant.AdvanceAsync(s_gather);
        Assert.Empty(_tenant.Live.Told());
        LiveChange again = (await _tenant.Runtime.WatchAsync(everything.Epoch, everything.Sequence))!;
        Assert.Equal(ExtensionState.Idle, again.Extensions[1].State);
        Assert.True(again.Sequence > everything.Sequence);
    }

    [Fact]
    public async Task A_second_watcher_hides_nothing_from_the_first()
    {
        LiveChange first = (await _tenant.Runtime.WatchAsync(0, 0))!;
        _tenant.Live.Told();
        await _tenant.RegisteredAsync("101");                     // not told yet
        LiveChange second = (await _tenant.Runtime.WatchAsync(0, 0))!;
        Assert.Equal(ExtensionState.Idle, second.Extensions[1].State);
        LiveChange told = Assert.Single(await ChangesAsync());
        Assert.Equal([("101", ExtensionState.Idle)], States([told]));
        Assert.Equal((first.Sequence + 1, told.Sequence), (told.Sequence, second.Sequence));
    }

    [Fact]
    public async Task A_new_configuration_makes_watchers_ask_again()
    {
        LiveChange everything = (await _tenant.Runtime.WatchAsync(0, 0))!;
        _tenant.Live.Told();
        _tenant.Runtime.Replace(_tenant.Configure(2, without: "102"));
        await _tenant.SettleAsync();
        Assert.True(Assert.Single(_tenant.Live.Told()).Sequence > everything.Sequence + 1);
        LiveChange again = (await _tenant.Runtime.WatchAsync(everything.Epoch, everything.Sequence))!;
        Assert.Equal(["100", "101"], again.Extensions.Select(extension => extension.Number));
    }

    [Fact]
    public async Task Two_tenants_with_the_same_numbers_are_told_of_their_own()
    {
        using TestTenant other = new("other.test");
        await _tenant.Runtime.WatchAsync(0, 0);
        await other.Runtime.WatchAsync(0, 0);
        other.Live.Told();
        await _tenant.RegisteredAsync("101");
        await ToldAsync();
        await other.AdvanceAsync(s_gather);
        Assert.Empty(other.Live.Told());
    }

    [Fact]
    public void A_change_survives_the_channel_and_what_is_none_is_none()
    {
        LiveChange change = new() { Epoch = 3, Sequence = 4, Extensions = [new LiveExtension { Number = "100", Name = "Ä", State = ExtensionState.Ringing }] };
        LiveChange read = LiveChange.Read(change.ToBytes())!;
        Assert.Equal((3, 4, "Ä", ExtensionState.Ringing), (read.Epoch, read.Sequence, read.Extensions[0].Name, read.Extensions[0].State));
        Assert.Null(LiveChange.Read("{}"u8));
        Assert.Null(LiveChange.Read("nonsense"u8));
    }

    public void Dispose() => _tenant.Dispose();

    private async Task<IReadOnlyList<LiveChange>> ChangesAsync()
    {
        await _tenant.AdvanceAsync(s_gather);
        return _tenant.Live.Told();
    }

    private async Task<IReadOnlyList<(string, ExtensionState)>> ToldAsync() => States(await ChangesAsync());

    private static IReadOnlyList<(string, ExtensionState)> States(IEnumerable<LiveChange> told) =>
        [.. told.SelectMany(change => change.Extensions).GroupBy(extension => extension.Number).Select(group => (group.Key, group.Last().State)).Order()];
}
