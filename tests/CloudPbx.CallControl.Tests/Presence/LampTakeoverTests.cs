using CloudPbx.CallControl.Presence;
using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Sip.Messages;
using CloudPbx.State.Presence;

namespace CloudPbx.CallControl.Tests.Presence;

/// <summary>The next owner of a tenant goes on with its busy lamps (I69): carol (102) watches bob (101).</summary>
public sealed class LampTakeoverTests : IDisposable
{
    private readonly TestTenant _tenant = new();
    private StubPhone _alice = null!;
    private StubPhone _bob = null!;
    private Watcher _carol = null!;
    private SipRequest _invite = null!;
    private SipRequest _atBob = null!;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Numbers_rise_and_the_phone_is_told_anew(bool killed)
    {
        await BeginAsync();
        (uint version, uint cseq) = (_carol.Version, _carol.Notify!.CSeq.Number);
        await GoOnAsync(killed);
        Assert.Equal("terminated", await _carol.ToldAsync());
        Assert.Equal((version + 101, cseq + 101), (_carol.Version, _carol.Notify!.CSeq.Number));
        Assert.Equal(200, (await _carol.RefreshAsync()).StatusCode);             // in the dialog of before
        Assert.Equal(1, await _tenant.LampsAsync());
    }

    [Fact]
    public async Task A_call_that_rang_when_the_worker_died_lights_nothing_any_more()
    {
        await BeginAsync();
        await RingAsync();
        Assert.Equal("early/recipient", await _carol.ToldAsync());
        await GoOnAsync(killed: true);
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(2));
        Assert.Equal("terminated", await _carol.ToldAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_call_that_talks_goes_on_being_shown_until_it_ends(bool killed)
    {
        await BeginAsync();
        await RingAsync();
        _bob.Answer(_atBob, 200, "v=0 bob's answer savp");
        await _bob.RequestAsync(SipMethod.Ack);
        SipResponse answer = await _alice.FinalAsync();
        _alice.Ack(_invite, answer);
        Assert.Equal("confirmed/recipient", await _carol.ToldAsync());
        await GoOnAsync(killed);
        Assert.Equal("confirmed/recipient", await _carol.ToldAsync());
        _alice.Send(_alice.InDialog(SipMethod.Bye, _invite, answer));
        await _alice.ResponseAsync();
        Assert.Equal("terminated", await _carol.ToldAsync());
    }

    [Fact]
    public async Task A_call_that_rings_on_after_a_planned_move_goes_on_being_shown()
    {
        await BeginAsync();
        await RingAsync();
        Assert.Equal("early/recipient", await _carol.ToldAsync());
        await GoOnAsync(killed: false);
        Assert.Equal("early/recipient", await _carol.ToldAsync());
        _bob.Answer(_atBob, 486);
        Assert.Equal("terminated", await _carol.ToldAsync());
    }

    [Fact]
    public async Task What_was_over_is_not_taken_up_again()
    {
        await BeginAsync("60");
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(1));
        StoredSubscription stored = Assert.Single(_tenant.LampStore.List());
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(61));
        await _carol.NotifiedAsync();
        _tenant.LampStore.Put(stored);                                           // its removal came too late
        _tenant.LampStore.Put(new StoredSubscription("7", DateTime.MaxValue, "{\"version\":99}"u8.ToArray()));
        _tenant.LampStore.Put(new StoredSubscription("8", DateTime.MaxValue, "nonsense"u8.ToArray()));
        await GoOnAsync(killed: true);
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(2));
        Assert.Equal(0, await _tenant.LampsAsync());
        Assert.True(_carol.Phone.HasNothing);
        Assert.Empty(_tenant.LampStore.List());
    }

    [Fact]
    public async Task A_store_that_comes_back_empty_is_filled_again()
    {
        await BeginAsync();
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(1));
        _tenant.LampStore.Clear();
        _tenant.Runtime.Reseed();
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Single(_tenant.LampStore.List());
    }

    [Fact]
    public async Task While_the_store_is_away_lamps_work_and_are_written_when_it_is_back()
    {
        _tenant.LampStore.IsAway = true;
        await BeginAsync();
        await RingAsync();
        Assert.Equal("early/recipient", await _carol.ToldAsync());
        _tenant.LampStore.IsAway = false;
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(6));
        Assert.Single(_tenant.LampStore.List());
    }

    [Fact]
    public async Task A_snapshot_comes_back_as_it_was()
    {
        await BeginAsync();
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(1));
        StoredSubscription stored = Assert.Single(_tenant.LampStore.List());
        LampSnapshot snapshot = LampSnapshot.TryRead(stored.Content.Span)!;
        Assert.Equal(("101", "sip:101@acme.test", _carol.Phone.FlowToken), (snapshot.Extension, snapshot.Entity, snapshot.FlowToken));
        Assert.Equal(("dialog", _carol.Response!.To.Tag, _carol.Phone.Contact), (snapshot.Subscription.Event, snapshot.Subscription.Dialog.LocalTag, snapshot.Subscription.Dialog.RemoteTarget));
        Assert.Equal(snapshot.ToOctets(), LampSnapshot.TryRead(snapshot.ToOctets())!.ToOctets());
    }

    [Fact]
    public async Task The_former_owner_is_silent()
    {
        await BeginAsync();
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(1));
        _tenant.Runtime.Scheduler.Post(_tenant.Runtime.Superseded);
        await _tenant.SettleAsync();
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(700));
        Assert.True(_carol.Phone.HasNothing);
        Assert.Single(_tenant.LampStore.List());                                 // they are the next owner's now
    }

    public void Dispose() => _tenant.Dispose();

    private async Task BeginAsync(string expires = "600")
    {
        _bob = await _tenant.RegisteredAsync("101");
        _alice = await _tenant.RegisteredAsync("100");
        _carol = await new Watcher(_tenant, await _tenant.RegisteredAsync("102"), "101").BeginAsync(expires);
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(2));
    }

    private async Task RingAsync()
    {
        Task<(SipResponse Response, SipRequest Invite)> dialling = _alice.DialAsync("101");
        _atBob = await _bob.RequestAsync(SipMethod.Invite);
        _bob.Answer(_atBob, 180);
        _invite = (await dialling).Invite;
    }

    private Task GoOnAsync(bool killed) => killed ? _tenant.KillAsync() : _tenant.MoveAsync();
}
