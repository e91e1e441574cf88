using CloudPbx.CallControl.Tests.Carriers;
using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Data.Tenants;
using CloudPbx.Grains;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.Calls;

/// <summary>Extensions that send their calls on; alice (100) calls bob (101), carol is 102.</summary>
public sealed class ExtensionForwardTests : IDisposable
{
    private readonly CarrierFixture _fixture = new();
    private readonly Dictionary<string, CallForwards> _forwards = [];
    private StubPhone _alice = null!;
    private StubPhone _bob = null!;
    private StubPhone _carol = null!;
    private Task<(SipResponse Response, SipRequest Invite)> _dialling = null!;

    private TestTenant Pbx => _fixture.Pbx;

    [Fact]
    public async Task All_calls_go_on_at_once_and_the_phones_do_not_ring()
    {
        await ForwardAsync("101", new CallForwards { Always = "102" });
        Task<(SipResponse Response, SipRequest Invite)> dialling = await DialAsync();
        (SipResponse forwarded, SipRequest invite) = await dialling;
        Assert.Equal(181, forwarded.StatusCode);                              // RFC 3261 §21.1.3
        Assert.Equal("<sip:102@acme.test>;purpose=forwarding;username=\"101\";contact=\"102\"", forwarded.Headers.Get(SipHeaderName.CallInfo));
        SipRequest atCarol = await _carol.RequestAsync(SipMethod.Invite);
        Assert.True(_bob.HasNothing);
        Assert.Equal("<sip:101@acme.test>;reason=unconditional;counter=1", atCarol.Headers.Get(SipHeaderName.Diversion));               // RFC 5806 §4
        Assert.Equal(
            ["<sip:101@acme.test?Reason=SIP%3Bcause%3D302>;index=1", "<sip:102@acme.test>;index=1.1;mp=1"], atCarol.Headers.GetAll(SipHeaderName.HistoryInfo));      // RFC 7044 §5
        CallEnded record = await TalkAsync(_carol, atCarol, invite);
        Assert.Equal(("101", "102"), (record.CalledNumber, record.AnsweredBy));
        Assert.Contains(new DecisionStep("forward-always", "101 → 102"), record.Steps);
        Assert.Equal(new DecisionStep("dialled", "101"), record.Steps[0]);
    }

    [Theory]
    [InlineData(486, "user-busy", 486)]
    [InlineData(600, "user-busy", 486)]
    [InlineData(480, "do-not-disturb", 603)]
    [InlineData(603, "do-not-disturb", 603)]
    public async Task What_a_phone_answers_decides_which_forward_is_followed(int status, string reason, int cause)
    {
        await ForwardAsync("101", new CallForwards { Busy = "102", Declined = "102" });
        Task<(SipResponse Response, SipRequest Invite)> dialling = await DialAsync();
        SipRequest atBob = await _bob.RequestAsync(SipMethod.Invite);
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(3));                     // a prompt 480 would be the wrong form of encryption (GNOME Calls)
        _bob.Answer(atBob, status);
        (_, SipRequest invite) = await dialling;
        SipRequest atCarol = await _carol.RequestAsync(SipMethod.Invite);
        Assert.Equal($"<sip:101@acme.test>;reason={reason};counter=1", atCarol.Headers.Get(SipHeaderName.Diversion));
        Assert.Contains($"cause%3D{cause}", atCarol.Headers.Get(SipHeaderName.HistoryInfo), StringComparison.Ordinal);
        await TalkAsync(_carol, atCarol, invite);
    }

    [Fact]
    public async Task Nobody_is_called_on_while_another_phone_of_the_extension_rings()
    {
        await ForwardAsync("101", new CallForwards { Busy = "102" });
        StubPhone second = await Pbx.RegisteredAsync("101b");
        Task<(SipResponse Response, SipRequest Invite)> dialling = await DialAsync();
        SipRequest atSecond = await second.RequestAsync(SipMethod.Invite);
        _bob.Answer(await _bob.RequestAsync(SipMethod.Invite), 486);
        await Pbx.SettleAsync();
        Assert.True(_carol.HasNothing);
        await _bob.RequestAsync(SipMethod.Ack);
        second.Answer(atSecond, 486);
        await dialling;
        await _carol.RequestAsync(SipMethod.Invite);
    }

    [Fact]
    public async Task A_phone_that_declines_for_everybody_stops_the_others_and_the_call_goes_on()           // RFC 3261 §16.7 step 5
    {
        await ForwardAsync("101", new CallForwards { Declined = "102" });
        StubPhone second = await Pbx.RegisteredAsync("101b");
        await DialAsync();
        SipRequest atSecond = await second.RequestAsync(SipMethod.Invite);
        second.Answer(atSecond, 180);
        await Pbx.SettleAsync();
        _bob.Answer(await _bob.RequestAsync(SipMethod.Invite), 603);
        await second.RequestAsync(SipMethod.Cancel);
        await _carol.RequestAsync(SipMethod.Invite);
    }

    [Fact]
    public async Task After_the_ring_time_the_call_goes_on_and_rings_as_long_as_the_next_one_does()
    {
        await ForwardAsync("101", new CallForwards { NoAnswer = "102" });
        await DialAsync();
        SipRequest atBob = await _bob.RequestAsync(SipMethod.Invite);
        _bob.Answer(atBob, 180);
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(29));
        Assert.True(_carol.HasNothing);
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(1));
        SipRequest cancel = await _bob.RequestAsync(SipMethod.Cancel);
        Assert.Contains("cause=19", cancel.Headers.Get(SipHeaderName.Reason), StringComparison.Ordinal);
        SipRequest atCarol = await _carol.RequestAsync(SipMethod.Invite);
        Assert.Equal("<sip:101@acme.test>;reason=no-answer;counter=1", atCarol.Headers.Get(SipHeaderName.Diversion));
        Assert.Contains("cause%3D408", atCarol.Headers.Get(SipHeaderName.HistoryInfo), StringComparison.Ordinal);
        _carol.Answer(atCarol, 180);
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(29));
        Assert.Empty(Pbx.Records);
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(480, await StatusAsync());
        CallEnded record = await Pbx.RecordAsync();
        Assert.Equal(["dialled", "extension", "forward-no-answer", "extension"], record.Steps.Select(step => step.Rule));
    }

    [Fact]
    public async Task An_extension_without_a_phone_sends_the_call_on()
    {
        await ForwardAsync("101", new CallForwards { Unreachable = "102" });
        _carol = await Pbx.RegisteredAsync("102");
        _alice = Pbx.Phone("100");
        Task<(SipResponse Response, SipRequest Invite)> dialling = _alice.DialAsync("101");
        SipRequest atCarol = await _carol.RequestAsync(SipMethod.Invite);
        Assert.Equal("<sip:101@acme.test>;reason=unavailable;counter=1", atCarol.Headers.Get(SipHeaderName.Diversion));
        await TalkAsync(_carol, atCarol, (await dialling).Invite);
    }

    [Fact]
    public async Task A_phone_that_does_not_stir_is_not_there()
    {
        await ForwardAsync("101", new CallForwards { Unreachable = "102" });
        await DialAsync();
        await _bob.RequestAsync(SipMethod.Invite);
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(8));
        await _carol.RequestAsync(SipMethod.Invite);
    }

    [Fact]
    public async Task A_conference_room_and_the_echo_test_take_the_caller_at_once()
    {
        ConfiguredConference room = new(ConferenceId.New(), "800", "Standup", null, null, EntryTones: false, Locked: false);
        Func<TenantConfigurationContent, TenantConfigurationContent> shape = Pbx.Shape;
        Pbx.Shape = content => shape(content) with { Conferences = [room] };
        await ForwardAsync("101", new CallForwards { Unreachable = "800" });
        await ForwardAsync("102", new CallForwards { Always = "*43" });
        _alice = Pbx.Phone("100");
        (SipResponse answer, SipRequest invite) = await _alice.DialAsync("101");
        Assert.Equal(200, answer.StatusCode);
        _alice.Ack(invite, answer);
        await Pbx.SettleAsync();
        Assert.Contains($"join 0 {room.Id}", Pbx.Media.Commands);
        (answer, invite) = await _alice.DialAsync("102");
        Assert.Equal(200, answer.StatusCode);
        _alice.Ack(invite, answer);
        Assert.Contains("echo 0", Pbx.Media.Commands);
        Assert.Equal(["*43", "800"], (await Pbx.Runtime.CallsAsync()).Select(call => call.AnsweredBy).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_number_outside_is_called_by_the_rights_of_who_sends_the_call_on()                  // S1
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        _fixture.Number("+49301000", "100");
        _fixture.Outside = _fixture.Outside with { Limits = new CallLimits { MaxOutsideCallsPerExtension = 1, AllowForwardAbroad = true } };
        await ForwardAsync("101", new CallForwards { Busy = "9+4989222" });
        Task<(SipResponse Response, SipRequest Invite)> dialling = await DialAsync();
        _bob.Answer(await _bob.RequestAsync(SipMethod.Invite), 486);
        SipRequest atCarrier = await carrier.RequestAsync(SipMethod.Invite);
        Assert.Equal(("+4989222", "+49301000"), (atCarrier.RequestUri.User, atCarrier.From.Uri.User));
        Assert.Equal("<sip:+49301000@carrier.example>;reason=user-busy;counter=1", atCarrier.Headers.Get(SipHeaderName.Diversion));
        await dialling;
        await _bob.RequestAsync(SipMethod.Ack);
        // Bob's one call is in use: the limit is the forwarder's, whoever calls.
        Task<(SipResponse Response, SipRequest Invite)> again = _carol.DialAsync("101");
        _bob.Answer(await _bob.RequestAsync(SipMethod.Invite), 486);
        Assert.Equal(500, (await again).Response.StatusCode);              // RFC 3261 §16.7: no 503 goes to the caller
        Assert.True(carrier.HasNothing);
        await Pbx.SettleAsync();
        Assert.Equal("limit-extension-calls", Assert.Single(Pbx.Records).Steps[^1].Rule);
    }

    [Fact]
    public async Task Nobodys_calls_go_to_an_emergency_number()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        await ForwardAsync("101", new CallForwards { Always = "112" });
        _alice = Pbx.Phone("100");
        Assert.Equal(403, (await _alice.DialAsync("101")).Response.StatusCode);
        Assert.True(carrier.HasNothing);
        Assert.Equal(new DecisionStep("forward-emergency", "112"), (await Pbx.RecordAsync()).Steps[^1]);
    }

    [Fact]
    public async Task The_one_who_gets_the_calls_may_call_who_sends_them_on()
    {
        await ForwardAsync("101", new CallForwards { Always = "102" });
        _bob = await Pbx.RegisteredAsync("101");
        _carol = await Pbx.RegisteredAsync("102");
        Task<(SipResponse Response, SipRequest Invite)> dialling = _carol.DialAsync("101");
        await _bob.RequestAsync(SipMethod.Invite);
        Assert.False(dialling.IsCompleted);
    }

    [Fact]
    public async Task Forwards_in_circles_get_482_and_long_ones_end()          // RFC 5393 §5, S13
    {
        await ForwardAsync("101", new CallForwards { Always = "102" });
        await ForwardAsync("102", new CallForwards { Always = "101" });
        await DialAsync();
        Assert.Equal(482, await StatusAsync());
        Assert.True(_bob.HasNothing && _carol.HasNothing);
        Assert.Equal(["forward-always", "forward-always", "forward-loop"], (await Pbx.RecordAsync()).Steps.Select(step => step.Rule).Where(rule => rule.StartsWith("forward", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_last_one_called_has_the_last_word()
    {
        await ForwardAsync("101", new CallForwards { Busy = "102" });
        await DialAsync();
        _bob.Answer(await _bob.RequestAsync(SipMethod.Invite), 486);
        SipRequest atCarol = await _carol.RequestAsync(SipMethod.Invite);
        _carol.Answer(atCarol, 180);
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(480, await StatusAsync());
    }

    [Fact]
    public async Task The_next_owner_knows_what_was_sent_on_and_until_when_it_rings()
    {
        await ForwardAsync("101", new CallForwards { NoAnswer = "102" });
        await DialAsync();
        SipRequest atBob = await _bob.RequestAsync(SipMethod.Invite);
        _bob.Answer(atBob, 180);
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(30));
        _bob.Answer(await _bob.RequestAsync(SipMethod.Cancel), 200);
        _bob.Answer(atBob, 487);
        SipRequest atCarol = await _carol.RequestAsync(SipMethod.Invite);
        _carol.Answer(atCarol, 180);
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(10));
        await Pbx.MoveAsync();
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(15));
        Assert.Empty(Pbx.Records);
        _carol.Answer(atCarol, 200, "v=0 carol's answer");
        await _carol.RequestAsync(SipMethod.Ack);
        Assert.Equal(200, await StatusAsync());
    }

    [Fact]
    public async Task A_transferred_party_follows_the_forward_too()
    {
        await ForwardAsync("102", new CallForwards { Busy = "101" });
        Task<(SipResponse Response, SipRequest Invite)> dialling = await DialAsync();
        SipRequest atBob = await _bob.RequestAsync(SipMethod.Invite);
        _bob.Answer(atBob, 200, "v=0 bob's answer");
        await _bob.RequestAsync(SipMethod.Ack);
        (SipResponse answer, SipRequest invite) = await dialling;
        _alice.Ack(invite, answer);
        StubPhone second = await Pbx.RegisteredAsync("101b");
        SipRequest refer = _bob.InDialogAsCallee(SipMethod.Refer, atBob);
        refer.Headers.Add(SipHeaderName.ReferTo, "<sip:102@acme.test>");
        _bob.Send(refer);
        _carol.Answer(await _carol.RequestAsync(SipMethod.Invite), 486);
        SipRequest sentOn = await second.RequestAsync(SipMethod.Invite);
        Assert.Equal("<sip:102@acme.test>;reason=user-busy;counter=1", sentOn.Headers.Get(SipHeaderName.Diversion));
        second.Answer(sentOn, 200, "v=0 answer");
        await second.RequestAsync(SipMethod.Ack);
    }

    [Fact]
    public async Task A_forward_stays_in_its_tenant()
    {
        using TestTenant other = new("other.test");
        StubPhone theirs = await other.RegisteredAsync("102");
        await ForwardAsync("101", new CallForwards { Always = "102" });
        await DialAsync();
        await _carol.RequestAsync(SipMethod.Invite);
        await other.SettleAsync();
        Assert.True(theirs.HasNothing);
    }

    [Fact]
    public async Task A_dry_run_follows_what_is_certain_and_tells_what_depends_on_the_phones()
    {
        await ForwardAsync("101", new CallForwards { Always = "102" });
        await ForwardAsync("102", new CallForwards { Busy = "*43", NoAnswer = "999" });
        RouteAnswer answer = (await Pbx.Runtime.TryRouteAsync("100", "101", null))!;
        Assert.Equal(("102", 0), (answer.Extension, answer.Status));
        Assert.Equal(
            ["dialled 101", "extension 101", "forward-always 101 → 102", "extension 102", "if-busy 102 → *43", "if-no-answer 102 → 999", "unknown-number 999"],
            answer.Steps.Select(step => $"{step.Rule} {step.Value}"));
        await ForwardAsync("102", new CallForwards { Always = "101" });
        answer = (await Pbx.Runtime.TryRouteAsync("100", "101", null))!;
        Assert.Equal((null, 482, "forward-loop"), (answer.Extension, answer.Status, answer.Steps[^1].Rule));
    }

    public void Dispose() => _fixture.Dispose();

    private async Task ForwardAsync(string extension, CallForwards forwards)
    {
        if (_forwards.Count == 0)
        {
            Func<TenantConfigurationContent, TenantConfigurationContent> shape = Pbx.Shape;
            Pbx.Shape = content => shape(content) is var shaped ? shaped with { Extensions = [.. shaped.Extensions.Select(e => e with { Forwards = _forwards.GetValueOrDefault(e.Number) })] } : content;
        }
        _forwards[extension] = forwards;
        await _fixture.ApplyAsync();
    }

    /// <summary>Alice dials 101; bob and carol are registered.</summary>
    private async Task<Task<(SipResponse Response, SipRequest Invite)>> DialAsync()
    {
        _bob = await Pbx.RegisteredAsync("101");
        _carol = await Pbx.RegisteredAsync("102");
        _alice = Pbx.Phone("100");
        return _dialling = _alice.DialAsync("101");
    }

    /// <summary>What alice got in the end.</summary>
    private async Task<int> StatusAsync() => (await _dialling).Response is { IsProvisional: false } final ? final.StatusCode : (await _alice.FinalAsync()).StatusCode;

    /// <summary>A phone answers, the caller hears of it, the phone hangs up.</summary>
    private async Task<CallEnded> TalkAsync(StubPhone callee, SipRequest rings, SipRequest invite)
    {
        callee.Answer(rings, 200, "v=0 answer");
        await callee.RequestAsync(SipMethod.Ack);
        SipResponse answer = await _alice.FinalAsync();
        Assert.Equal(200, answer.StatusCode);
        _alice.Ack(invite, answer);
        callee.Send(callee.InDialogAsCallee(SipMethod.Bye, rings));
        await callee.ResponseAsync();
        return await Pbx.RecordAsync();
    }
}
