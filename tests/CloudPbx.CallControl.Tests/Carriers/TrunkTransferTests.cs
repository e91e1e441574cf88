using System.Text;
using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.Carriers;

/// <summary>Transfers to and from numbers outside (RFC 3515, RFC 3891, RFC 5589): alice is 100, bob 101, carol 102.</summary>
public sealed class TrunkTransferTests : IDisposable
{
    private readonly CarrierFixture _fixture = new();
    private StubPhone _alice = null!;
    private StubPhone _bob = null!;
    private StubPhone _carol = null!;

    private TestTenant Pbx => _fixture.Pbx;

    [Theory]
    [InlineData("<sip:9+4989222@acme.test>")]
    [InlineData("<tel:+49-89-222>")]                                     // RFC 3966
    public async Task A_party_puts_a_number_outside_in_its_place(string target)
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        await ReadyAsync();
        (SipRequest dialled, SipResponse answer, SipRequest atBob) = await ConnectAsync(_alice, _bob, "101");
        await ReferAsync(_bob, atBob, target);
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        Assert.Equal(("+4989222", "+49301001"), (invite.RequestUri.User, invite.From.Uri.User));             // with bob's rights, by bob's number
        carrier.Answer(invite, 180);
        Assert.Equal("SIP/2.0 180 Ringing\r\n", await NotifiedAsync(_bob));
        carrier.Answer(invite, 200, "v=0 carrier's answer");
        await carrier.RequestAsync(SipMethod.Ack);
        Assert.Equal("SIP/2.0 200 OK\r\n", await NotifiedAsync(_bob));
        await _bob.RequestAsync(SipMethod.Bye);
        await Pbx.SettleAsync();
        Assert.Contains("bridge 0 2", Pbx.Media.Commands);
        Assert.Equal(1, Assert.Single(await Pbx.Runtime.TrunksAsync()).Calls);
        Assert.True(_alice.HasNothing);
        _alice.Send(_alice.InDialog(SipMethod.Bye, dialled, answer));
        await _alice.ResponseAsync();
        await carrier.RequestAsync(SipMethod.Bye);
        CallEnded record = await Pbx.RecordAsync();
        Assert.Equal((CallDirection.Outbound, "carrier", "+4989222", 200), (record.Direction, record.TrunkName, record.TrunkNumber, record.TrunkStatus));
    }

    [Fact]
    public async Task Who_waits_for_a_number_outside_hears_its_announcement_as_soon_as_the_other_party_has_left()      // RFC 3960
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        await ReadyAsync();
        (_, _, SipRequest atBob) = await ConnectAsync(_alice, _bob, "101");
        await ReferAsync(_bob, atBob, "<sip:9+4989222@acme.test>");
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        carrier.Answer(invite, 183, "v=0 announcement");
        await Pbx.SettleAsync();
        Assert.Contains("receive-answer 2", Pbx.Media.Commands);
        Assert.DoesNotContain(Pbx.Media.Commands, command => command.StartsWith("bridge-early", StringComparison.Ordinal));      // they talk still
        _bob.Send(_bob.InDialogAsCallee(SipMethod.Bye, atBob));
        await Pbx.SettleAsync();
        Assert.Contains("bridge-early 0 2", Pbx.Media.Commands);
        Assert.DoesNotContain("play 0 Ringback", Pbx.Media.Commands);
        carrier.Answer(invite, 200, "v=0 carrier's answer");
        await carrier.RequestAsync(SipMethod.Ack);
        await Pbx.SettleAsync();
        Assert.Equal("bridge 0 2", Pbx.Media.Commands.Last(command => command.StartsWith("bridge", StringComparison.Ordinal)));
        Assert.True(_alice.HasNothing);
    }

    [Fact]
    public async Task A_number_outside_that_refuses_leaves_the_call_as_it_was()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        await ReadyAsync();
        (_, _, SipRequest atBob) = await ConnectAsync(_alice, _bob, "101");
        await ReferAsync(_bob, atBob, "<sip:9+4989222@acme.test>");
        carrier.Answer(await carrier.RequestAsync(SipMethod.Invite), 486);
        Assert.Equal("SIP/2.0 486 Busy Here\r\n", await NotifiedAsync(_bob));
        Assert.Single(await Pbx.Runtime.CallsAsync());
        Assert.Equal(0, Assert.Single(await Pbx.Runtime.TrunksAsync()).Calls);
    }

    [Fact]
    public async Task The_party_that_stays_hangs_up_and_the_carrier_is_told()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        await ReadyAsync();
        (SipRequest dialled, SipResponse answer, SipRequest atBob) = await ConnectAsync(_alice, _bob, "101");
        await ReferAsync(_bob, atBob, "<sip:9+4989222@acme.test>");
        carrier.Answer(await carrier.RequestAsync(SipMethod.Invite), 180);
        await NotifiedAsync(_bob);
        _alice.Send(_alice.InDialog(SipMethod.Bye, dialled, answer));
        await carrier.RequestAsync(SipMethod.Cancel);
        await Pbx.SettleAsync();
        Assert.Empty(await Pbx.Runtime.CallsAsync());
    }

    [Fact]
    public async Task A_caller_from_outside_is_put_in_touch_with_another_extension_after_a_consultation()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        await ReadyAsync();
        SipRequest incoming = Call(carrier, "+49301001");
        carrier.Send(incoming);
        SipRequest atBob = await _bob.RequestAsync(SipMethod.Invite);
        _bob.Answer(atBob, 200, "v=0 answer");
        await _bob.RequestAsync(SipMethod.Ack);
        carrier.Ack(incoming, await carrier.FinalAsync());
        (SipRequest consult, SipResponse answer, _) = await ConnectAsync(_bob, _carol, "102");
        await ReferAsync(_bob, atBob, Replacing("102", consult.CallId, answer.To.Tag!, consult.From.Tag!));
        SipRequest over = await _carol.RequestAsync(SipMethod.Invite);
        _carol.Answer(over, 200, "v=0 answer");
        await _carol.RequestAsync(SipMethod.Ack);
        Assert.Equal("SIP/2.0 200 OK\r\n", await NotifiedAsync(_bob));
        Assert.True(carrier.HasNothing);                                                 // it hears another voice, and nothing else
    }

    [Fact]
    public async Task A_number_outside_that_was_consulted_is_given_to_the_other_party_by_a_re_INVITE()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        await ReadyAsync();
        (_, _, SipRequest atBob) = await ConnectAsync(_alice, _bob, "101");
        (SipRequest consult, SipResponse answer, SipRequest invite) = await ConnectAsync(_bob, carrier, "9+4989222");
        await ReferAsync(_bob, atBob, Replacing("9+4989222", consult.CallId, answer.To.Tag!, consult.From.Tag!));
        SipRequest over = await carrier.RequestAsync(SipMethod.Invite);
        Assert.Equal(invite.CallId, over.CallId);
        carrier.Answer(over, 200, "v=0 answer");
        await carrier.RequestAsync(SipMethod.Ack);
        Assert.Equal("SIP/2.0 200 OK\r\n", await NotifiedAsync(_bob));
        await Pbx.SettleAsync();
        Assert.Equal(1, Assert.Single(await Pbx.Runtime.TrunksAsync()).Calls);           // the channel moved with the leg
        await Pbx.KillAsync();                                                           // and the next owner knows that it is a carrier's
        Assert.Equal(1, Assert.Single(await Pbx.Runtime.TrunksAsync()).Calls);
        carrier.Send(carrier.InDialogAsCallee(SipMethod.Bye, invite));
        Assert.Equal(200, (await carrier.ResponseAsync()).StatusCode);
    }

    [Fact]
    public async Task Who_was_called_to_ask_and_has_not_answered_yet_is_called_for_the_other_party()      // semi-attended, RFC 5589 §7.2
    {
        await ReadyAsync();
        (_, _, SipRequest atBob) = await ConnectAsync(_alice, _bob, "101");
        SipRequest consult = await DialAsync(_bob, "102");
        SipRequest first = await _carol.RequestAsync(SipMethod.Invite);
        _carol.Answer(first, 180);
        SipResponse ringing = await _bob.ResponseAsync();
        Assert.Equal(180, ringing.StatusCode);
        SipRequest refer = _bob.InDialogAsCallee(SipMethod.Refer, atBob);
        refer.Headers.Add(SipHeaderName.ReferTo, Replacing("102", consult.CallId, ringing.To.Tag!, consult.From.Tag!));
        _bob.Send(refer);
        await _carol.RequestAsync(SipMethod.Cancel);
        _carol.Answer(first, 487);
        SipRequest again = (SipRequest)await SkipAsync(_carol, SipMethod.Invite);
        Assert.Equal("100", again.From.Uri.User);                                        // it is alice who calls now
        _carol.Answer(again, 200, "v=0 answer");
        await Pbx.SettleAsync();
        Assert.Equal("100", Assert.Single(await Pbx.Runtime.CallsAsync()).CallerNumber);
        Assert.Equal("Transferred", Assert.Single(Pbx.Records).Reason);
    }

    [Theory]
    [InlineData("9+33155501234", "country-not-home", null)]
    [InlineData("9+33155501234", "country-not-allowed", "DE")]
    [InlineData("9+881612345678", "premium-number", null)]                               // a satellite's
    [InlineData("9+499001234567", "premium-number", null)]
    public async Task S1_a_transfer_to_where_its_party_may_not_call_is_refused_and_told_and_the_talk_goes_on(string number, string rule, string? allowed)
    {
        _fixture.Outside = _fixture.Outside with { Limits = new CallLimits { AllowedCountries = allowed is null ? null : [allowed] } };
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        await ReadyAsync();
        (_, _, SipRequest atBob) = await ConnectAsync(_alice, _bob, "101");
        await ReferAsync(_bob, atBob, $"<sip:{Uri.EscapeDataString(number)}@acme.test>");
        Assert.StartsWith("SIP/2.0 403", await NotifiedAsync(_bob), StringComparison.Ordinal);
        await Pbx.SettleAsync();
        Assert.True(carrier.HasNothing && _alice.HasNothing);
        Assert.Single(await Pbx.Runtime.CallsAsync());
        TenantEvent told = Assert.Single(Pbx.News, told => told.Type == EventTypes.LimitReached);
        Assert.Contains(rule, told.Data, StringComparison.Ordinal);
        Assert.Contains("101", told.Data, StringComparison.Ordinal);                     // bob's rights, and bob's alone
    }

    [Fact]
    public async Task S1_a_carrier_may_not_transfer_unless_its_profile_says_so()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        await ReadyAsync();
        (_, _, SipRequest invite) = await ConnectAsync(_bob, carrier, "9+4989222");
        SipRequest refer = carrier.InDialogAsCallee(SipMethod.Refer, invite);
        refer.Headers.Add(SipHeaderName.ReferTo, "<sip:+49301000@pbx.test>");
        carrier.Send(refer);
        Assert.Equal(403, (await carrier.ResponseAsync()).StatusCode);
    }

    [Theory]
    [InlineData("+49301000", 200)]
    [InlineData("9+4989333", 404)]                                                       // never outside at the tenant's expense
    public async Task A_peer_that_may_transfer_reaches_the_numbers_that_it_could_call_itself(string number, int outcome)
    {
        StubPhone peer = _fixture.Carrier("peer", "198.51.100.1", profile: "peer");
        await ReadyAsync();
        (_, _, SipRequest invite) = await ConnectAsync(_bob, peer, "9+4989222");
        SipRequest refer = peer.InDialogAsCallee(SipMethod.Refer, invite);
        refer.Headers.Add(SipHeaderName.ReferTo, $"<sip:{number}@pbx.test>");
        peer.Send(refer);
        Assert.Equal(202, (await peer.ResponseAsync()).StatusCode);
        Assert.Equal("SIP/2.0 100 Trying\r\n", await NotifiedAsync(peer));
        if (outcome == 200)
            _alice.Answer(await _alice.RequestAsync(SipMethod.Invite), 200, "v=0 answer");
        Assert.StartsWith($"SIP/2.0 {outcome}", await NotifiedAsync(peer), StringComparison.Ordinal);
    }

    public void Dispose() => _fixture.Dispose();

    private static string Replacing(string number, string callId, string to, string from) =>
        $"<sip:{Uri.EscapeDataString(number)}@acme.test?Replaces={Uri.EscapeDataString($"{callId};to-tag={to};from-tag={from}")}>";

    private async Task ReadyAsync()
    {
        _fixture.Number("+49301000", "100");
        _fixture.Number("+49301001", "101");
        await _fixture.ApplyAsync();
        (_alice, _bob, _carol) = (await Pbx.RegisteredAsync("100"), await Pbx.RegisteredAsync("101"), await Pbx.RegisteredAsync("102"));
    }

    private SipRequest Call(StubPhone carrier, string number) =>
        carrier.Request(SipMethod.Invite, $"sip:{number}@{Pbx.Domain}", "v=0 carrier's offer", ("From", "<sip:+4989444@carrier.example>;tag=c1"));

    private static async Task ReferAsync(StubPhone phone, SipRequest invite, string target)
    {
        SipRequest refer = phone.InDialogAsCallee(SipMethod.Refer, invite);
        refer.Headers.Add(SipHeaderName.ReferTo, target);
        phone.Send(refer);
        Assert.Equal(202, (await phone.ResponseAsync()).StatusCode);
        Assert.Equal("SIP/2.0 100 Trying\r\n", await NotifiedAsync(phone));
    }

    private static async Task<string> NotifiedAsync(StubPhone phone)
    {
        SipRequest notify = await phone.RequestAsync(SipMethod.Notify);
        phone.Answer(notify, 200);
        return Encoding.ASCII.GetString(notify.Body.Span);
    }

    private static async Task<SipMessage> SkipAsync(StubPhone phone, SipMethod method)
    {
        while (true)
        {
            if (await phone.ReceiveAsync() is SipRequest request && request.Method == method)
                return request;
        }
    }

    private async Task<SipRequest> DialAsync(StubPhone phone, string number)
    {
        SipRequest invite = phone.Request(SipMethod.Invite, $"sip:{number}@{Pbx.Domain}", "v=0 phone's offer");
        phone.Send(invite);
        SipResponse challenge = await phone.ResponseAsync();
        phone.Ack(invite, challenge);
        SipRequest again = phone.Again(invite, challenge);
        phone.Send(again);
        return again;
    }

    private async Task<(SipRequest AtCaller, SipResponse Answer, SipRequest AtCallee)> ConnectAsync(StubPhone from, StubPhone to, string number)
    {
        SipRequest invite = await DialAsync(from, number);
        SipRequest at = await to.RequestAsync(SipMethod.Invite);
        to.Answer(at, 200, "v=0 answer");
        await to.RequestAsync(SipMethod.Ack);
        SipResponse answer = await from.FinalAsync();
        Assert.Equal(200, answer.StatusCode);
        from.Ack(invite, answer);
        await Pbx.SettleAsync();
        return (invite, answer, at);
    }
}
