using System.Text;
using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Grains;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.Carriers;

/// <summary>A PBX behind a trunk that consulted one of ours and gives it to another of ours (RFC 3891, RFC 5589 §7; INTEROP I67, I68): alice is 100, bob 101.</summary>
public sealed class TrunkAttendedTransferTests : IDisposable
{
    private readonly CarrierFixture _fixture = new();
    private StubPhone _peer = null!;
    private StubPhone _alice = null!;
    private StubPhone _bob = null!;

    private TestTenant Pbx => _fixture.Pbx;

    /// <summary>How transferors write the dialog into the URI: all that is special escaped, as RFC 3261 §25.1 has it; in small letters; the equals signs left as they are; with other header fields around.</summary>
    [Theory]
    [InlineData("Replaces={0}%3Bto-tag%3D{1}%3Bfrom-tag%3D{2}")]
    [InlineData("replaces={0}%3bto-tag%3d{1}%3bfrom-tag%3d{2}")]
    [InlineData("Replaces={0}%3Bto-tag={1}%3Bfrom-tag={2}")]
    [InlineData("Replaces={0};to-tag={1};from-tag={2}")]                                 // wrong, and written all the same
    [InlineData("Require=replaces&Replaces={0}%3Bfrom-tag%3D{2}%3Bto-tag%3D{1}&Call-Info=x")]
    [InlineData("Replaces={0}%3Bto-tag%3D{2}%3Bfrom-tag%3D{1}")]                         // the tags the wrong way round
    public async Task I68_two_of_ours_talk_after_a_peer_has_called_both_and_put_them_in_touch(string header)
    {
        await ReadyAsync();
        (_, SipResponse toAlice, SipRequest atAlice, SipRequest first) = await TakeAsync(_alice, "+49301000");
        (SipRequest second, SipResponse toBob, SipRequest atBob, _) = await TakeAsync(_bob, "+49301001");
        string target = Escaped(header, second.CallId, toBob.To.Tag!, second.From.Tag!);
        await ReferAsync(_peer.InDialog(SipMethod.Refer, first, toAlice), $"<{toBob.Contacts[0].Uri}?{target}>");
        SipRequest over = await _bob.RequestAsync(SipMethod.Invite);
        Assert.Equal(atBob.CallId, over.CallId);                                         // its dialog with us goes on
        _bob.Answer(over, 200, "v=0 answer");
        await _bob.RequestAsync(SipMethod.Ack);
        SipRequest[] said = [await NextRequestAsync(), await NextRequestAsync(), await NextRequestAsync()];
        Assert.Equal("SIP/2.0 200 OK\r\n", Encoding.ASCII.GetString(said.Single(request => request.Method == SipMethod.Notify).Body.Span));
        Assert.Equal([first.CallId, second.CallId], said.Where(request => request.Method == SipMethod.Bye).Select(bye => bye.CallId).Order(Comparer<string>.Create((a, _) => a == first.CallId ? -1 : 1)));
        await Pbx.SettleAsync();
        Assert.Equal(0, Assert.Single(await Pbx.Runtime.TrunksAsync()).Calls);           // both channels are free
        Assert.True(_alice.HasNothing);                                                  // she hears another voice, and nothing else
        Assert.Equal("Transferred", Assert.Single(Pbx.Records).Reason);
        Assert.Single(await Pbx.Runtime.CallsAsync());
        _bob.Send(_bob.InDialogAsCallee(SipMethod.Bye, atBob));
        Assert.Equal(200, (await _bob.ResponseAsync()).StatusCode);
        Assert.Equal(atAlice.CallId, (await _alice.RequestAsync(SipMethod.Bye)).CallId);
    }

    [Fact]
    public async Task Who_called_the_peer_is_put_in_touch_with_whom_the_peer_called()
    {
        await ReadyAsync();
        SipRequest dialled = await DialAsync(_alice, "9+4989222"), atPeer = await _peer.RequestAsync(SipMethod.Invite);
        _peer.Answer(atPeer, 200, "v=0 answer");
        await _peer.RequestAsync(SipMethod.Ack);
        _alice.Ack(dialled, await _alice.FinalAsync());
        (SipRequest second, SipResponse toBob, _, _) = await TakeAsync(_bob, "+49301001");
        await ReferAsync(_peer.InDialogAsCallee(SipMethod.Refer, atPeer), Replacing(toBob, second.CallId, toBob.To.Tag!, second.From.Tag!));
        _bob.Answer(await _bob.RequestAsync(SipMethod.Invite), 200, "v=0 answer");
        await _bob.RequestAsync(SipMethod.Ack);
        SipRequest[] said = [await NextRequestAsync(), await NextRequestAsync(), await NextRequestAsync()];
        Assert.Equal([atPeer.CallId, second.CallId], said.Where(request => request.Method == SipMethod.Bye).Select(bye => bye.CallId).Order(Comparer<string>.Create((a, _) => a == atPeer.CallId ? -1 : 1)));
        LiveCall call = Assert.Single(await Pbx.Runtime.CallsAsync());
        Assert.Equal("100", call.CallerNumber);
    }

    [Fact]
    public async Task One_of_ours_who_still_rings_is_called_for_the_other_one()              // semi-attended, RFC 5589 §7.2
    {
        await ReadyAsync();
        (_, SipResponse toAlice, _, SipRequest first) = await TakeAsync(_alice, "+49301000");
        SipRequest second = Call("+49301001");
        _peer.Send(second);
        SipRequest rings = await _bob.RequestAsync(SipMethod.Invite);
        _bob.Answer(rings, 180);
        SipResponse ringing = await RingingAsync();
        await ReferAsync(_peer.InDialog(SipMethod.Refer, first, toAlice), Replacing(ringing, second.CallId, ringing.To.Tag!, second.From.Tag!));
        await _bob.RequestAsync(SipMethod.Cancel);
        _bob.Answer(rings, 487);
        SipRequest[] next = [(SipRequest)await _bob.ReceiveAsync(), (SipRequest)await _bob.ReceiveAsync()];      // with the ACK of that, in any order
        SipRequest again = next.Single(request => request.Method == SipMethod.Invite);
        Assert.Equal("100", again.From.Uri.User);                                        // it is alice who calls now
        _bob.Answer(again, 200, "v=0 answer");
        await _bob.RequestAsync(SipMethod.Ack);
        await Pbx.SettleAsync();
        Assert.Equal("Transferred", Assert.Single(Pbx.Records).Reason);
    }

    [Theory]
    [InlineData(false, "481")]
    [InlineData(true, "481")]                                                            // early-only, and it is answered (RFC 3891 §3)
    public async Task S1_a_dialog_that_is_not_the_peers_own_is_not_given_away_and_the_talk_goes_on(bool own, string outcome)
    {
        await ReadyAsync();
        StubPhone other = _fixture.Carrier("other", "198.51.100.2", profile: "peer");
        await _fixture.ApplyAsync();
        (_, SipResponse toAlice, _, SipRequest first) = await TakeAsync(_alice, "+49301000");
        (SipRequest second, SipResponse toBob, _, _) = await TakeAsync(_bob, "+49301001", by: own ? _peer : other);
        string flag = own ? ";early-only" : "";
        await ReferAsync(_peer.InDialog(SipMethod.Refer, first, toAlice), Replacing(toBob, second.CallId, toBob.To.Tag!, second.From.Tag! + flag));
        Assert.StartsWith($"SIP/2.0 {outcome}", await NotifiedAsync(), StringComparison.Ordinal);
        await Pbx.SettleAsync();
        Assert.Equal(2, (await Pbx.Runtime.CallsAsync()).Count);
        Assert.True(_alice.HasNothing && _bob.HasNothing && other.HasNothing);
    }

    [Fact]
    public async Task S1_a_carrier_whose_profile_does_not_say_so_gives_nobody_away()
    {
        await ReadyAsync("generic");
        (_, SipResponse toAlice, _, SipRequest first) = await TakeAsync(_alice, "+49301000");
        (SipRequest second, SipResponse toBob, _, _) = await TakeAsync(_bob, "+49301001");
        SipRequest refer = _peer.InDialog(SipMethod.Refer, first, toAlice);
        refer.Headers.Add(SipHeaderName.ReferTo, Replacing(toBob, second.CallId, toBob.To.Tag!, second.From.Tag!));
        _peer.Send(refer);
        Assert.Equal(403, (await _peer.ResponseAsync()).StatusCode);
        await Pbx.SettleAsync();
        Assert.Equal(2, (await Pbx.Runtime.CallsAsync()).Count);
    }

    public void Dispose() => _fixture.Dispose();

    private static string Replacing(SipResponse at, string callId, string to, string from) =>
        $"<{at.Contacts[0].Uri}?Replaces={Uri.EscapeDataString($"{callId};to-tag={to};from-tag={from}")}>";

    private static string Escaped(string format, params string[] parts)
    {
        for (int i = 0; i < parts.Length; i++)
            format = format.Replace($"{{{i}}}", Uri.EscapeDataString(parts[i]), StringComparison.Ordinal);
        return format;
    }

    private async Task ReadyAsync(string profile = "peer")
    {
        _peer = _fixture.Carrier("peer", "198.51.100.1", profile: profile);
        _fixture.Number("+49301000", "100");
        _fixture.Number("+49301001", "101");
        await _fixture.ApplyAsync();
        (_alice, _bob) = (await Pbx.RegisteredAsync("100"), await Pbx.RegisteredAsync("101"));
    }

    private SipRequest Call(string number) =>
        _peer.Request(SipMethod.Invite, $"sip:{number}@{Pbx.Domain}", "v=0 peer's offer", ("From", $"<sip:+4989444@peer.example>;tag={Guid.NewGuid():N}"), ("Call-ID", $"{Guid.NewGuid():N}@198.51.100.1"));

    // A call of the peer's that one of ours answers.
    private async Task<(SipRequest Invite, SipResponse Answer, SipRequest AtPhone, SipRequest Dialog)> TakeAsync(StubPhone phone, string number, StubPhone? by = null)
    {
        StubPhone caller = by ?? _peer;
        SipRequest invite = Call(number);
        caller.Send(invite);
        SipRequest at = await phone.RequestAsync(SipMethod.Invite);
        phone.Answer(at, 200, "v=0 answer");
        await phone.RequestAsync(SipMethod.Ack);
        SipResponse answer = await caller.FinalAsync();
        Assert.Equal(200, answer.StatusCode);
        caller.Ack(invite, answer);
        await Pbx.SettleAsync();
        return (invite, answer, at, invite);
    }

    private async Task<SipResponse> RingingAsync()
    {
        SipResponse response;
        do
            response = await _peer.ResponseAsync();
        while (response.StatusCode != 180);
        return response;
    }

    private async Task ReferAsync(SipRequest refer, string target)
    {
        refer.Headers.Add(SipHeaderName.ReferTo, target);
        _peer.Send(refer);
        Assert.Equal(202, (await _peer.ResponseAsync()).StatusCode);
        Assert.Equal("SIP/2.0 100 Trying\r\n", await NotifiedAsync());
    }

    private async Task<string> NotifiedAsync()
    {
        SipRequest notify = await _peer.RequestAsync(SipMethod.Notify);
        _peer.Answer(notify, 200);
        return Encoding.ASCII.GetString(notify.Body.Span);
    }

    // Answered with 200; the responses to what the peer sent itself are not looked at.
    private async Task<SipRequest> NextRequestAsync()
    {
        while (true)
        {
            if (await _peer.ReceiveAsync() is not SipRequest request)
                continue;
            _peer.Answer(request, 200);
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
}
