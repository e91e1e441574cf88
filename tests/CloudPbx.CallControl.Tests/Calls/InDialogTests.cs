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

    [Fact]
    public async Task A_reINVITE_without_offer_gets_ours_and_its_ACK_the_answer()
    {
        await TalkAsync();
        SipRequest refresh = _alice.InDialog(SipMethod.Invite, _invite, _answer);
        _alice.Send(refresh);
        SipResponse response = await _alice.FinalAsync();                  // I16
        Assert.StartsWith("v=0 our offer", Text(response), StringComparison.Ordinal);
        _alice.Ack(refresh, response, "v=0 alice's answer");
        await _tenant.SettleAsync();
        Assert.Contains("receive-answer 0", _tenant.Media.Commands);
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
    public async Task Keep_alives_and_digits_by_INFO_get_200(string method)
    {
        await TalkAsync();
        SipRequest request = _alice.InDialog(SipMethod.From(method), _invite, _answer);
        if (method == "INFO")
            request.SetBody("Signal=5\r\nDuration=160\r\n"u8.ToArray(), "application/dtmf-relay");
        _alice.Send(request);
        Assert.Equal(200, (await _alice.ResponseAsync()).StatusCode);
        Assert.True(_bob.HasNothing);
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
    public async Task A_phone_that_reconnected_proves_itself_and_the_call_follows_it()
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
    public async Task A_call_follows_a_phone_that_registers_from_a_new_connection()
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

    private static string Text(SipMessage message) => System.Text.Encoding.UTF8.GetString(message.Body.Span);

    private async Task TalkAsync()
    {
        _bob = await _tenant.RegisteredAsync("101");
        _alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest Invite)> dialling = _alice.DialAsync("101");
        _atBob = await _bob.RequestAsync(SipMethod.Invite);
        _bob.Answer(_atBob, 200, "v=0 bob's answer");
        await _bob.RequestAsync(SipMethod.Ack);
        (_answer, _invite) = await dialling;
        Assert.Equal(200, _answer.StatusCode);
        _alice.Ack(_invite, _answer);
        await _tenant.SettleAsync();
    }
}
