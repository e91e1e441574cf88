using CloudPbx.CallControl.Calls;
using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Tenants;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.Calls;

/// <summary>Phones that send a call on by a 3xx; alice (100) calls bob (101), carol is 102.</summary>
public sealed class ForwardTests : IDisposable
{
    private readonly TestTenant _tenant = new();
    private StubPhone _alice = null!;
    private StubPhone _bob = null!;
    private StubPhone _carol = null!;

    [Fact]
    public async Task The_number_that_a_phone_names_is_called_and_everybody_is_told()
    {
        Task<(SipResponse Response, SipRequest Invite)> dialling = await DialAsync();
        SipRequest atBob = await _bob.RequestAsync(SipMethod.Invite);
        Assert.False(atBob.Headers.Has(SipHeaderName.Diversion));
        Redirect(_bob, atBob, "<sip:102@acme.test>");
        (SipResponse forwarded, SipRequest invite) = await dialling;
        Assert.Equal(181, forwarded.StatusCode);
        Assert.Equal("<sip:102@acme.test>;purpose=forwarding;username=\"101\";contact=\"102\"", forwarded.Headers.Get(SipHeaderName.CallInfo));
        SipRequest atCarol = await _carol.RequestAsync(SipMethod.Invite);
        Assert.Equal(("100", "102"), (atCarol.From.Uri.User, atCarol.To.Uri.User));
        Assert.Equal("<sip:101@acme.test>;reason=deflection;counter=1", atCarol.Headers.Get(SipHeaderName.Diversion));               // RFC 5806
        Assert.Equal(
            ["<sip:101@acme.test?Reason=SIP%3Bcause%3D302>;index=1", "<sip:102@acme.test>;index=1.1;mp=1"], atCarol.Headers.GetAll(SipHeaderName.HistoryInfo));      // RFC 7044 §5
        Assert.Equal(atBob.MaxForwards - 1, atCarol.MaxForwards);
        _carol.Answer(atCarol, 180);
        Assert.Equal(180, (await _alice.ResponseAsync()).StatusCode);
        _carol.Answer(atCarol, 200, "v=0 carol's answer");
        await _carol.RequestAsync(SipMethod.Ack);
        SipResponse answer = await _alice.FinalAsync();
        Assert.Equal(200, answer.StatusCode);
        _alice.Ack(invite, answer);
        _carol.Send(_carol.InDialogAsCallee(SipMethod.Bye, atCarol));
        await _carol.ResponseAsync();
        Assert.Equal(("101", "102"), ((await _tenant.RecordAsync()).CalledNumber, Assert.Single(_tenant.Records).AnsweredBy));
    }

    [Fact]
    public async Task A_conference_room_takes_the_caller_at_once()
    {
        ConfiguredConference room = new(ConferenceId.New(), "800", "Standup", null, null, EntryTones: false, Locked: false);
        _tenant.Shape = content => content with { Conferences = [room] };
        _tenant.Runtime.Replace(_tenant.Configure(2));
        Task<(SipResponse Response, SipRequest Invite)> dialling = await DialAsync();
        Redirect(_bob, await _bob.RequestAsync(SipMethod.Invite), "<sip:800@acme.test>");
        (SipResponse answer, SipRequest invite) = await dialling;
        if (answer.IsProvisional)
            answer = await _alice.FinalAsync();
        Assert.Equal(200, answer.StatusCode);
        _alice.Ack(invite, answer);
        await _tenant.SettleAsync();
        Assert.Contains($"join 0 {room.Id}", _tenant.Media.Commands);
        Assert.Equal("800", Assert.Single(await _tenant.Runtime.CallsAsync()).AnsweredBy);
        Assert.True(_carol.HasNothing);
    }

    [Fact]
    public async Task A_call_that_goes_in_circles_gets_482()                  // RFC 5393
    {
        Task<(SipResponse Response, SipRequest Invite)> dialling = await DialAsync();
        Redirect(_bob, await _bob.RequestAsync(SipMethod.Invite), "<sip:102@acme.test>");
        Redirect(_carol, await _carol.RequestAsync(SipMethod.Invite), "<sip:101@acme.test>");
        await dialling;
        Assert.Equal(482, (await _alice.FinalAsync()).StatusCode);
        Assert.Equal(CallDisposition.Failed, (await _tenant.RecordAsync()).Disposition);
    }

    [Theory]
    [InlineData("<sip:102@elsewhere.example>", 480)]                          // S17: no relay
    [InlineData("<tel:+4930123>", 404)]                                       // no way outside
    [InlineData("<sip:999@acme.test>", 404)]
    [InlineData("<sip:*43@acme.test>", 480)]
    [InlineData(null, 480)]
    public async Task A_redirection_that_leads_nowhere_is_a_refusal(string? contact, int status)
    {
        Task<(SipResponse Response, SipRequest Invite)> dialling = await DialAsync();
        Redirect(_bob, await _bob.RequestAsync(SipMethod.Invite), contact);
        Assert.Equal(status, (await dialling).Response.StatusCode);
        Assert.True(_carol.HasNothing);
    }

    [Fact]
    public async Task A_forward_back_to_the_caller_does_not_ring_the_phone_that_calls()
    {
        _alice = await _tenant.RegisteredAsync("100");
        Task<(SipResponse Response, SipRequest Invite)> dialling = await DialAsync(_alice);
        Redirect(_bob, await _bob.RequestAsync(SipMethod.Invite), "<sip:100@acme.test>");
        Assert.Equal(480, (await dialling).Response.StatusCode);
        Assert.True(_alice.HasNothing);
    }

    [Fact]
    public async Task Two_phones_that_send_a_call_on_to_the_same_number_let_it_ring_once()          // RFC 3261 §16.5
    {
        StubPhone second = await _tenant.RegisteredAsync("101b");
        Task<(SipResponse Response, SipRequest Invite)> dialling = await DialAsync();
        Redirect(_bob, await _bob.RequestAsync(SipMethod.Invite), "<sip:102@acme.test>");
        SipRequest atCarol = await _carol.RequestAsync(SipMethod.Invite);
        Redirect(second, await second.RequestAsync(SipMethod.Invite), "<sip:102@acme.test>");
        await _tenant.SettleAsync();
        Assert.True(_carol.HasNothing);
        _carol.Answer(atCarol, 486);
        await dialling;
        Assert.Equal(486, (await _alice.FinalAsync()).StatusCode);
    }

    [Fact]
    public async Task A_forward_stays_in_its_tenant()
    {
        using TestTenant other = new("other.test");
        StubPhone theirs = await other.RegisteredAsync("102");
        await DialAsync();
        Redirect(_bob, await _bob.RequestAsync(SipMethod.Invite), "<sip:102@other.test>, <sip:102@acme.test>");
        await _carol.RequestAsync(SipMethod.Invite);
        await other.SettleAsync();
        Assert.True(theirs.HasNothing);
    }

    [Fact]
    public async Task A_transferred_call_may_be_sent_on_too()
    {
        Task<(SipResponse Response, SipRequest Invite)> dialling = await DialAsync();
        SipRequest atBob = await _bob.RequestAsync(SipMethod.Invite);
        _bob.Answer(atBob, 200, "v=0 bob's answer");
        await _bob.RequestAsync(SipMethod.Ack);
        (SipResponse answer, SipRequest invite) = await dialling;
        _alice.Ack(invite, answer);
        StubPhone second = await _tenant.RegisteredAsync("101b");
        SipRequest refer = _bob.InDialogAsCallee(SipMethod.Refer, atBob);
        refer.Headers.Add(SipHeaderName.ReferTo, "<sip:102@acme.test>");
        _bob.Send(refer);
        Redirect(_carol, await _carol.RequestAsync(SipMethod.Invite), "<sip:101@acme.test>");
        SipRequest sentOn = await second.RequestAsync(SipMethod.Invite);
        Assert.Equal("<sip:102@acme.test>;reason=deflection;counter=1", sentOn.Headers.Get(SipHeaderName.Diversion));
        second.Answer(sentOn, 200, "v=0 answer");
        await second.RequestAsync(SipMethod.Ack);
        await _tenant.SettleAsync();
        Assert.Contains("bridge 0 3", _tenant.Media.Commands);
    }

    [Fact]
    public async Task The_next_owner_lets_it_ring_on()
    {
        Task<(SipResponse Response, SipRequest Invite)> dialling = await DialAsync();
        Redirect(_bob, await _bob.RequestAsync(SipMethod.Invite), "<sip:102@acme.test>");
        SipRequest atCarol = await _carol.RequestAsync(SipMethod.Invite);
        _carol.Answer(atCarol, 180);
        await dialling;
        await _tenant.MoveAsync();
        _carol.Answer(atCarol, 200, "v=0 carol's answer");
        await _carol.RequestAsync(SipMethod.Ack);
        Assert.Equal(200, (await _alice.FinalAsync()).StatusCode);
    }

    [Fact]
    public async Task A_breadth_that_is_used_up_gets_440()                    // RFC 5393 §5.3.3.1
    {
        _bob = await _tenant.RegisteredAsync("101");
        _alice = _tenant.Phone("100");
        SipRequest request = _alice.Request(SipMethod.Invite, "sip:101@acme.test", "v=0", ("Max-Breadth", "0"));
        Assert.Equal(440, (await _alice.TryAsync(request)).Response.StatusCode);
        Assert.True(_bob.HasNothing);
    }

    [Fact]
    public async Task No_more_phones_ring_than_the_breadth_allows()
    {
        _bob = await _tenant.RegisteredAsync("101");
        StubPhone second = await _tenant.RegisteredAsync("101b");
        _alice = _tenant.Phone("100");
        SipRequest request = _alice.Request(SipMethod.Invite, "sip:101@acme.test", "v=0", ("Max-Breadth", "1"));
        Task<(SipResponse Response, SipRequest Request)> dialling = _alice.TryAsync(request);
        await Patience.UntilAsync(() => !_bob.HasNothing || !second.HasNothing);
        await _tenant.SettleAsync();
        Assert.True(_bob.HasNothing || second.HasNothing);
        StubPhone rings = _bob.HasNothing ? second : _bob;
        rings.Answer(await rings.RequestAsync(SipMethod.Invite), 486);
        Assert.Equal(486, (await dialling).Response.StatusCode);
    }

    [Theory]
    [InlineData("7", 4, 3)]
    [InlineData("60", 30, 30)]
    [InlineData("2", 1, 1)]
    public async Task The_breadth_that_is_left_is_shared_by_all_that_ring_at_once(string received, int more, int less)      // RFC 5393 §5.3.3
    {
        _bob = await _tenant.RegisteredAsync("101");
        StubPhone second = await _tenant.RegisteredAsync("101b");
        _carol = await _tenant.RegisteredAsync("102");
        _alice = _tenant.Phone("100");
        Task dialling = _alice.TryAsync(_alice.Request(SipMethod.Invite, "sip:101@acme.test", "v=0", ("Max-Breadth", received)));
        SipRequest atBob = await _bob.RequestAsync(SipMethod.Invite), atSecond = await second.RequestAsync(SipMethod.Invite);
        Assert.Equal([(uint)less, (uint)more], new[] { atBob.MaxBreadth!.Value, atSecond.MaxBreadth!.Value }.Order());
        Redirect(_bob, atBob, "<sip:102@acme.test>");                        // who comes after it has its part
        Assert.Equal(atBob.MaxBreadth, (await _carol.RequestAsync(SipMethod.Invite)).MaxBreadth);
        Assert.False(dialling.IsFaulted);
    }

    [Fact]
    public async Task Who_says_nothing_of_breadth_is_called_on_without()
    {
        await DialAsync();
        Assert.Null((await _bob.RequestAsync(SipMethod.Invite)).MaxBreadth);
    }

    [Theory]
    [InlineData("", "101", 0)]
    [InlineData("101", "102", 0)]
    [InlineData("101 102", "101", 482)]
    [InlineData("1 2 3 4 5", "6", 0)]
    [InlineData("1 2 3 4 5 6", "7", 483)]
    public void A_way_has_neither_circles_nor_more_than_five_hops(string trail, string number, int expected) =>
        Assert.Equal(expected, ForwardTrail.Refusal(trail.Split(' ', StringSplitOptions.RemoveEmptyEntries), number));

    [Fact]
    public void A_longer_way_is_told_from_both_ends() => Assert.Equal(
        [
            "Diversion: <sip:2@d>;reason=deflection;counter=1", "Diversion: <sip:1@d>;reason=deflection;counter=1",
            "History-Info: <sip:1@d?Reason=SIP%3Bcause%3D302>;index=1", "History-Info: <sip:2@d?Reason=SIP%3Bcause%3D302>;index=1.1;mp=1",
            "History-Info: <sip:3@d>;index=1.1.1;mp=1.1",
        ],
        ForwardTrail.Describe([new ForwardHop("1", default), new ForwardHop("2", default)], "3", "d").Select(field => $"{field.Name}: {field.Value}"));

    public void Dispose() => _tenant.Dispose();

    private static void Redirect(StubPhone phone, SipRequest invite, string? contact) =>
        phone.Answer(invite, 302, null, contact is null ? [] : [("Contact", contact)]);

    /// <summary>Alice dials 101; bob and carol are registered.</summary>
    private async Task<Task<(SipResponse Response, SipRequest Invite)>> DialAsync(StubPhone? from = null)
    {
        _bob = await _tenant.RegisteredAsync("101");
        _carol = await _tenant.RegisteredAsync("102");
        _alice = from ?? _tenant.Phone("100");
        return _alice.DialAsync("101");
    }
}
