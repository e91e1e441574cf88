using CloudPbx.Sip.Transport;
using CloudPbx.TestKit.Phones;

namespace CloudPbx.Scenarios.RealPhones;

[Collection(RealPhonesGroup.Name)]
public sealed class SippScenarios(ProductFixture fixture)
{
    private static readonly TimeSpan s_talk = TimeSpan.FromSeconds(3);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(SipTransport.Udp)]
    [InlineData(SipTransport.Tcp)]
    public async Task Literal_messages_register_and_unregister(SipTransport transport)
    {
        PhoneAccount account = fixture.Phones.Account("103", transport);
        SippOutcome registered = await Sipp.RegisterAsync(account, cancel: Cancel);
        Assert.True(registered is { ExitCode: 0, Successful: 1, Failed: 0 }, registered.Log);
        SippOutcome removed = await Sipp.RegisterAsync(account with { ExpiresSeconds = 0 }, cancel: Cancel);
        Assert.True(removed is { ExitCode: 0, Failed: 0 }, removed.Log);
        SippOutcome refused = await Sipp.RegisterAsync(account with { Password = "wrong" }, cancel: Cancel);
        Assert.True(refused is { Successful: 0, Failed: 1 }, refused.Log);
    }

    [Theory]
    [InlineData(SipTransport.Udp)]
    [InlineData(SipTransport.Tcp)]
    public async Task Literal_messages_call_and_their_tone_is_heard(SipTransport transport)
    {
        await using Baresip bob = await StartBobAsync();
        await using Sipp alice = await Sipp.CallAsync(fixture.Phones.Account("103", transport) with { ToneHertz = 520 }, "101", s_talk, cancel: Cancel);
        IRealCall atBob = await bob.IncomingAsync(Cancel);
        await atBob.AnswerAsync(Cancel);
        await alice.AnsweredAsync(Cancel);
        await Talk.HearsAsync(atBob, 520, Cancel);
        await atBob.EndedAsync(Cancel);
        SippOutcome outcome = await alice.FinishedAsync(s_talk, Cancel);
        Assert.True(outcome is { ExitCode: 0, Successful: 1, Failed: 0 }, outcome.Log);
    }

    [Theory]
    [InlineData(SipTransport.Udp)]
    [InlineData(SipTransport.Tcp)]
    public async Task A_caller_that_requires_100rel_gets_its_ringing_reliably(SipTransport transport)      // RFC 3262
    {
        await using Baresip bob = await StartBobAsync();
        await using Sipp alice = await Sipp.CallReliablyAsync(fixture.Phones.Account("103", transport) with { ToneHertz = 520 }, "101", s_talk, Cancel);
        IRealCall atBob = await bob.IncomingAsync(Cancel);
        await alice.AcknowledgedAsync(Cancel);
        await atBob.AnswerAsync(Cancel);
        await alice.AnsweredAsync(Cancel);
        await Talk.HearsAsync(atBob, 520, Cancel);
        await atBob.EndedAsync(Cancel);
        SippOutcome outcome = await alice.FinishedAsync(s_talk, Cancel);
        Assert.True(outcome is { ExitCode: 0, Successful: 1, Failed: 0 }, outcome.Log);
    }

    [Fact]
    public async Task A_caller_with_a_session_timer_gets_it_and_its_refresh_is_answered()      // RFC 4028
    {
        await using Baresip bob = await StartBobAsync();
        await using Sipp alice = await Sipp.CallTimedAsync(fixture.Phones.Account("103", SipTransport.Udp) with { ToneHertz = 520 }, "101", s_talk, Cancel);
        IRealCall atBob = await bob.IncomingAsync(Cancel);
        await atBob.AnswerAsync(Cancel);
        await alice.AnsweredAsync(Cancel);
        await atBob.EndedAsync(Cancel);
        SippOutcome outcome = await alice.FinishedAsync(s_talk, Cancel);
        Assert.True(outcome is { ExitCode: 0, Successful: 1, Failed: 0 }, outcome.Log);
    }

    [Theory]
    [InlineData(SipTransport.Udp)]
    [InlineData(SipTransport.Tcp)]
    public async Task Literal_messages_answer_and_give_the_voice_back(SipTransport transport)
    {
        await using Sipp alice = await Sipp.AnswerAsync(fixture.Phones.Account("103", transport), cancel: Cancel);
        await using Baresip bob = await StartBobAsync();
        IRealCall atBob = await bob.DialAsync("103", Cancel);
        await alice.AnsweredAsync(Cancel);
        await atBob.AnsweredAsync(Cancel);
        await Talk.HearsAsync(atBob, 620, Cancel);
        await atBob.HangUpAsync(Cancel);
        await alice.EndedAsync(Cancel);
    }

    [Fact]
    public async Task I64_a_fax_takes_the_audios_place_between_two_gateways_and_gives_it_back()      // ITU-T T.38 Annex D
    {
        await using Sipp machine = await Sipp.AnswerFaxAsync(fixture.Phones.Account("103", SipTransport.Tcp), Cancel);
        await using Sipp caller = await Sipp.CallFaxAsync(fixture.Phones.Account("100", SipTransport.Udp), "103", s_talk, Cancel);
        await caller.FaxingAsync(Cancel);
        SippOutcome outcome = await caller.FinishedAsync(s_talk, Cancel);
        Assert.True(outcome is { ExitCode: 0, Successful: 1, Failed: 0 }, outcome.Log);
        await machine.EndedAsync(Cancel);
    }

    private async Task<Baresip> StartBobAsync()
    {
        Baresip bob = await Baresip.StartAsync(fixture.Phones.Account("101", SipTransport.Tls, PhoneEncryption.Required) with { ToneHertz = 620 }, cancel: Cancel);
        await bob.RegisteredAsync(Cancel);
        return bob;
    }
}
