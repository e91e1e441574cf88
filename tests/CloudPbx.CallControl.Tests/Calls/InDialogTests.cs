using CloudPbx.CallControl.Calls;
using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.Calls;

/// <summary>What parties send while they talk.</summary>
public sealed class InDialogTests : IDisposable
{
    private readonly TestTenant _tenant = new();
    private StubPhone _alice = null!;
    private StubPhone _bob = null!;
    private SipRequest _invite = null!;
    private SipResponse _answer = null!;
    private SipRequest _atBob = null!;
    private SipRequest _ackAtBob = null!;

    [Fact]
    public async Task Hold_and_resume_end_at_the_leg_of_the_party_that_holds()
    {
        await TalkAsync();
        foreach (string sdp in new[] { "v=0 sendonly", "v=0 sendrecv" })
        {
            SipRequest hold = _alice.InDialog(SipMethod.Invite, _invite, _answer, sdp);
            _alice.Send(hold);
            SipResponse response = await _alice.FinalAsync();
            Assert.Equal((200, "v=0 our answer"), (response.StatusCode, Text(response)));
            _alice.Ack(hold, response);
        }
        Assert.True(_bob.HasNothing);
        Assert.Equal(2, _tenant.Media.Commands.Count(command => command == "answer 0 like 1") - 1);
    }

    [Fact]
    public async Task The_callee_can_hold_too_and_an_UPDATE_does_as_well()
    {
        await TalkAsync();
        SipRequest update = _bob.InDialogAsCallee(SipMethod.Update, _atBob, "v=0 sendonly");
        _bob.Send(update);
        SipResponse response = await _bob.FinalAsync();
        Assert.Equal((200, "v=0 our answer"), (response.StatusCode, Text(response)));
        Assert.Contains("answer 1 like 0", _tenant.Media.Commands);
        Assert.True(_alice.HasNothing);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_reINVITE_without_offer_gets_ours_and_its_ACK_the_answer(bool byCallee)      // I16, RFC 3261 §14.1
    {
        await TalkAsync();
        int before = _tenant.Media.Commands.Count;
        await ReofferAsync(byCallee, "v=0 the answer");
        Assert.Equal([$"receive-answer {(byCallee ? 1 : 0)}"], _tenant.Media.Commands.Skip(before).Where(command => command.StartsWith("receive", StringComparison.Ordinal)));
        Assert.True((byCallee ? _alice : _bob).HasNothing);
        before = _tenant.Media.Commands.Count;
        await ReofferAsync(byCallee, null);                                // without an answer the old media stay
        Assert.DoesNotContain(_tenant.Media.Commands.Skip(before), command => command.StartsWith("receive", StringComparison.Ordinal));
        Assert.Single(await _tenant.Runtime.CallsAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_party_that_holds_in_the_ACK_of_our_offer_holds(bool byCallee)               // RFC 3264 §8.4: an answer may say it, too
    {
        await TalkAsync();
        string[] heard = [byCallee ? "prompt 0 music/default" : "prompt 1 music/default", byCallee ? "stop 0" : "stop 1"];
        await ReofferAsync(byCallee, "v=0 sendonly");
        Assert.Contains(heard[0], _tenant.Media.Commands);
        Assert.DoesNotContain(heard[1], _tenant.Media.Commands);
        await ReofferAsync(byCallee, null);
        Assert.DoesNotContain(heard[1], _tenant.Media.Commands);
        await ReofferAsync(byCallee, "v=0 sendrecv");
        Assert.Contains(heard[1], _tenant.Media.Commands);
    }

    [Fact]
    public async Task An_offer_on_the_heels_of_the_ACK_that_answered_ours_waits_for_its_turn()      // I25: one after the other
    {
        await TalkAsync();
        SipRequest refresh = _alice.InDialog(SipMethod.Invite, _invite, _answer);
        _alice.Send(refresh);
        SipResponse response = await _alice.FinalAsync();
        await _tenant.SettleAsync();
        int before = _tenant.Media.Commands.Count;
        SipRequest next = _alice.InDialog(SipMethod.Invite, _invite, _answer, "v=0 alice's next offer");
        using ManualResetEventSlim both = new();
        _tenant.Runtime.Scheduler.Post(() => both.Wait(Patience.Limit));                  // the thread finds both at one time
        _alice.Ack(refresh, response, "v=0 alice's answer");
        _alice.Send(next);
        both.Set();
        Assert.Equal(200, (await _alice.FinalAsync()).StatusCode);
        Assert.Equal(["receive-answer 0", "receive-offer 0"], _tenant.Media.Commands.Skip(before).Where(command => command.StartsWith("receive", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_offer_that_cannot_be_served_gets_488_and_the_call_goes_on()
    {
        await TalkAsync();
        _alice.Send(_alice.InDialog(SipMethod.Invite, _invite, _answer, "v=0 unacceptable"));
        Assert.Equal(488, (await _alice.FinalAsync()).StatusCode);
        Assert.Single(await _tenant.Runtime.CallsAsync());
    }

    [Theory]
    [InlineData("INFO")]
    [InlineData("MESSAGE")]
    [InlineData("OPTIONS")]
    [InlineData("UPDATE")]
    [InlineData("PRACK")]
    public async Task Keep_alives_get_200(string method)
    {
        await TalkAsync();
        _alice.Send(_alice.InDialog(SipMethod.From(method), _invite, _answer));
        Assert.Equal(200, (await _alice.ResponseAsync()).StatusCode);
        Assert.True(_bob.HasNothing);
    }

    [Theory]
    [InlineData("talk")]
    [InlineData("refer")]
    public async Task A_NOTIFY_of_what_nobody_subscribed_to_gets_481_and_the_call_goes_on(string package)      // RFC 6665 §4.1.3
    {
        await TalkAsync();
        SipRequest notify = _alice.InDialog(SipMethod.Notify, _invite, _answer);
        notify.Headers.Add("Event", package);
        notify.Headers.Add("Subscription-State", "active");
        _alice.Send(notify);
        Assert.Equal(481, (await _alice.ResponseAsync()).StatusCode);
        Assert.True(_bob.HasNothing);
        Assert.Single(await _tenant.Runtime.CallsAsync());
    }

    [Theory]
    [InlineData("INFO", "application/dtmf-relay", "Signal=5\r\nDuration=160\r\n")]
    [InlineData("MESSAGE", "text/plain;charset=UTF-8", "\u4f60\u597d")]
    public async Task What_a_party_says_beside_the_session_reaches_the_other(string method, string type, string text)      // RFC 6086, RFC 3428
    {
        await TalkAsync();
        SipRequest request = _bob.InDialogAsCallee(SipMethod.From(method), _atBob);
        request.SetBody(System.Text.Encoding.UTF8.GetBytes(text), type);
        request.Headers.Add("Info-Package", "digits");
        _bob.Send(request);
        SipRequest passed = await _alice.RequestAsync(SipMethod.From(method));
        Assert.Equal((type, text, "digits"), (passed.ContentType, Text(passed), passed.Headers.Get("Info-Package")));
        Assert.Equal(_alice.Contact, passed.RequestUri.ToString());
        Assert.True(_bob.HasNothing);
        _alice.Answer(passed, 200);
        Assert.Equal(200, (await _bob.ResponseAsync()).StatusCode);
    }

    [Theory]
    [InlineData(405, 415)]
    [InlineData(415, 415)]
    [InlineData(469, 469)]
    [InlineData(503, 500)]
    public async Task What_the_other_party_does_not_take_is_refused(int theirs, int ours)
    {
        await TalkAsync();
        SipRequest request = _alice.InDialog(SipMethod.Info, _invite, _answer);
        request.SetBody("x"u8.ToArray(), "application/x");
        _alice.Send(request);
        _bob.Answer(await _bob.RequestAsync(SipMethod.Info), theirs);
        Assert.Equal(ours, (await _alice.ResponseAsync()).StatusCode);
        Assert.Single(await _tenant.Runtime.CallsAsync());
    }

    [Theory]
    [InlineData(405)]
    [InlineData(415)]
    [InlineData(501)]
    public async Task A_phone_that_takes_no_keys_by_INFO_hears_them_in_the_media(int theirs)
    {
        await TalkAsync();
        SipRequest request = _alice.InDialog(SipMethod.Info, _invite, _answer);
        request.SetBody("Signal=5\r\n"u8.ToArray(), "application/dtmf-relay");
        _alice.Send(request);
        _bob.Answer(await _bob.RequestAsync(SipMethod.Info), theirs);
        Assert.Equal(200, (await _alice.ResponseAsync()).StatusCode);
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(["send-digits 1 5"], _tenant.Media.Commands.Where(command => command.StartsWith("send-digits", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_party_that_floods_the_other_has_to_wait()
    {
        await TalkAsync();
        for (int i = 0; i < 17; i++)
        {
            SipRequest request = _alice.InDialog(SipMethod.Message, _invite, _answer);
            request.SetBody("x"u8.ToArray(), "text/plain");
            _alice.Send(request);
        }
        SipResponse later = await _alice.ResponseAsync();
        Assert.Equal((500, 1u), (later.StatusCode, later.RetryAfter));
        for (int i = 0; i < 16; i++)
            _bob.Answer(await _bob.RequestAsync(SipMethod.Message), 200);
        for (int i = 0; i < 16; i++)
            Assert.Equal(200, (await _alice.ResponseAsync()).StatusCode);
    }

    [Fact]
    public async Task A_peer_that_wants_to_offer_itself_is_answered_in_the_ACK()          // RFC 3261 §13.2.1
    {
        _tenant.Runtime.PhoneTerms = LegTerms.Default with { Offerless = true };
        await TalkAsync();
        Assert.True(_atBob.Body.IsEmpty);
        Assert.Equal("v=0 our answer", Text(_ackAtBob));
        Assert.Equal(["receive-offer 0", "receive-offer 1", "answer 1 like 0", "answer 0 like 1", "bridge 0 1"], _tenant.Media.Commands);
    }

    [Fact]
    public async Task It_may_offer_before_it_answers_and_the_PRACK_agrees()               // RFC 3262 §5
    {
        _tenant.Runtime.PhoneTerms = LegTerms.Default with { Offerless = true };
        _bob = await _tenant.RegisteredAsync("101");
        _alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest Invite)> dialling = _alice.DialAsync("101");
        _atBob = await _bob.RequestAsync(SipMethod.Invite);
        _bob.Answer(_atBob, 183, "v=0 bob's offer", ("Require", "100rel"), ("RSeq", "1"));
        SipRequest prack = await _bob.RequestAsync(SipMethod.Prack);
        Assert.Equal("v=0 our answer", Text(prack));
        _bob.Answer(prack, 200);
        _bob.Answer(_atBob, 200);
        Assert.True((await _bob.RequestAsync(SipMethod.Ack)).Body.IsEmpty);
        Assert.Equal(180, (await dialling).Response.StatusCode);
        Assert.Equal(200, (await _alice.FinalAsync()).StatusCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_offer_of_its_own_that_cannot_be_served_ends_the_call(bool early)
    {
        _tenant.Runtime.PhoneTerms = LegTerms.Default with { Offerless = true };
        _bob = await _tenant.RegisteredAsync("101");
        _alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest Invite)> dialling = _alice.DialAsync("101");
        _atBob = await _bob.RequestAsync(SipMethod.Invite);
        if (early)
        {
            _bob.Answer(_atBob, 183, "v=0 unacceptable", ("Require", "100rel"), ("RSeq", "1"));
            await _bob.RequestAsync(SipMethod.Cancel);
            _bob.Answer(_atBob, 487);
            Assert.Equal(180, (await dialling).Response.StatusCode);
            Assert.Equal(480, (await _alice.FinalAsync()).StatusCode);
            return;
        }
        _bob.Answer(_atBob, 200, "v=0 unacceptable");
        await _bob.RequestAsync(SipMethod.Ack);
        await _bob.RequestAsync(SipMethod.Bye);
        Assert.Equal(488, (await dialling).Response.StatusCode);
    }

    [Fact]
    public async Task S11_a_BYE_by_a_strangers_flow_ends_nothing()
    {
        await TalkAsync();
        StubPhone stranger = _tenant.Phone("102");
        SipRequest forged = _alice.InDialog(SipMethod.Bye, _invite, _answer);
        stranger.Send(forged);
        Assert.Equal(407, (await stranger.ResponseAsync()).StatusCode);
        forged = _alice.InDialog(SipMethod.Bye, _invite, _answer);
        (SipResponse response, _) = await stranger.TryAsync(forged);       // a colleague with a password of its own
        Assert.Equal(403, response.StatusCode);
        Assert.Single(await _tenant.Runtime.CallsAsync());
    }

    [Fact]
    public async Task A_phone_that_reconnected_proves_itself_and_the_call_follows_it()      // I70
    {
        await TalkAsync();
        StubPhone reconnected = _tenant.Phone("100");
        (SipResponse response, _) = await reconnected.TryAsync(_alice.InDialog(SipMethod.Info, _invite, _answer));
        Assert.Equal(200, response.StatusCode);
        _bob.Send(_bob.InDialogAsCallee(SipMethod.Bye, _atBob));
        await reconnected.RequestAsync(SipMethod.Bye);
        Assert.True(_alice.HasNothing);
    }

    [Fact]
    public async Task A_call_follows_a_phone_that_registers_from_a_new_connection()         // I70
    {
        await TalkAsync();
        StubPhone after = _tenant.Phone("101");
        after.RegisterCallId = _bob.RegisterCallId;
        after.RegisterCSeq = _bob.RegisterCSeq;
        Assert.Equal(200, (await after.RegisterAsync()).StatusCode);
        _alice.Send(_alice.InDialog(SipMethod.Bye, _invite, _answer));
        await after.RequestAsync(SipMethod.Bye);
        Assert.True(_bob.HasNothing);
    }

    public void Dispose() => _tenant.Dispose();

    private async Task ReofferAsync(bool byCallee, string? answer)
    {
        StubPhone phone = byCallee ? _bob : _alice;
        SipRequest refresh = byCallee ? _bob.InDialogAsCallee(SipMethod.Invite, _atBob) : _alice.InDialog(SipMethod.Invite, _invite, _answer);
        phone.Send(refresh);
        SipResponse response = await phone.FinalAsync();
        Assert.StartsWith("v=0 our offer", Text(response), StringComparison.Ordinal);
        phone.Ack(refresh, response, answer);
        await _tenant.SettleAsync();
    }

    private static string Text(SipMessage message) => System.Text.Encoding.UTF8.GetString(message.Body.Span);

    private async Task TalkAsync()
    {
        _bob = await _tenant.RegisteredAsync("101");
        _alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest Invite)> dialling = _alice.DialAsync("101");
        _atBob = await _bob.RequestAsync(SipMethod.Invite);
        _bob.Answer(_atBob, 200, "v=0 bob's answer");
        _ackAtBob = await _bob.RequestAsync(SipMethod.Ack);
        (_answer, _invite) = await dialling;
        Assert.Equal(200, _answer.StatusCode);
        _alice.Ack(_invite, _answer);
        await _tenant.SettleAsync();
    }
}
