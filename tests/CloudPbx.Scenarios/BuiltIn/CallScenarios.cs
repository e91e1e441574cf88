using System.Text.Json;
using CloudPbx.Audio.Tones;
using CloudPbx.Sdp;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;
using CloudPbx.Sip.UserAgents;
using CloudPbx.Softphone;

namespace CloudPbx.Scenarios.BuiltIn;

[Collection(BuiltInPhonesGroup.Name)]
public sealed class CallScenarios(ProductFixture fixture)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(SipTransport.Tls, SrtpPolicy.Required, SipTransport.Tls, SrtpPolicy.Required)]
    [InlineData(SipTransport.Udp, SrtpPolicy.Off, SipTransport.Udp, SrtpPolicy.Off)]
    [InlineData(SipTransport.Tcp, SrtpPolicy.Off, SipTransport.Tls, SrtpPolicy.Required)]
    [InlineData(SipTransport.Tls, SrtpPolicy.Optional, SipTransport.Udp, SrtpPolicy.Off)]
    public async Task Two_extensions_talk_and_the_callee_hangs_up(SipTransport callerTransport, SrtpPolicy callerSrtp, SipTransport calleeTransport, SrtpPolicy calleeSrtp)
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        Phone alice = await company.RegisterAsync("100", callerTransport, callerSrtp);
        Phone bob = await company.RegisterAsync("101", calleeTransport, calleeSrtp);

        (PhoneCall atAlice, PhoneCall atBob) = await TalkAsync(alice, bob, "101");
        Assert.Equal("100", atBob.Peer.Uri.User);
        Assert.Equal($"{company.Name} 100", atBob.Peer.DisplayName);
        Assert.Contains(180, atAlice.Progress);
        await HearEachOtherAsync(atAlice, atBob);
        Assert.Equal(callerSrtp != SrtpPolicy.Off, atAlice.Audio.Encrypted);
        Assert.Equal(calleeSrtp != SrtpPolicy.Off, atBob.Audio.Encrypted);

        await atBob.HangUpAsync();
        Assert.Equal(CallEndedBy.Peer, (await atAlice.Ended.WaitAsync(Deadlines.Signalling)).By);       // BYE crossed both legs
        JsonElement record = await company.RecordAsync(1, Cancel);
        Assert.Equal("answered", record.GetProperty("disposition").GetString());
        Assert.Equal("callee", record.GetProperty("releasedBy").GetString());
        Assert.Equal("100", record.GetProperty("callerNumber").GetString());
        Assert.Equal("101", record.GetProperty("calledNumber").GetString());
        Assert.All(record.GetProperty("media").EnumerateArray(), leg => Assert.True(leg.GetProperty("packetsReceived").GetInt64() > 5));
    }

    /// <summary>Each phone has one suite and the other phone another: keys and tags of different lengths meet in one call.</summary>
    [Theory]
    [InlineData(CryptoAttribute.AeadAes128Gcm, CryptoAttribute.AesCm128HmacSha1Tag80)]
    [InlineData(CryptoAttribute.AeadAes256Gcm, CryptoAttribute.AeadAes128Gcm)]
    [InlineData(CryptoAttribute.AesCm256HmacSha1Tag80, CryptoAttribute.AeadAes256Gcm)]      // never offered by us, taken where the phone offers it
    [InlineData(CryptoAttribute.AesCm256HmacSha1Tag32, CryptoAttribute.AesCm128HmacSha1Tag32)]
    public async Task Phones_of_every_SRTP_suite_talk(string callers, string callees)
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        Phone alice = await company.RegisterAsync(company.Account("100", SipTransport.Tls, SrtpPolicy.Required) with { SrtpSuites = [callers] });
        Phone bob = await company.RegisterAsync(company.Account("101", SipTransport.Tls, SrtpPolicy.Required) with { SrtpSuites = [callees] });
        (PhoneCall atAlice, PhoneCall atBob) = await TalkAsync(alice, bob, "101");
        await HearEachOtherAsync(atAlice, atBob);
        Assert.Equal((callers, callees), (atAlice.Audio.Media!.RemoteKey!.Suite, atBob.Audio.Media!.RemoteKey!.Suite));

        Assert.True(await atAlice.HoldAsync(true));
        Assert.True(await atAlice.HoldAsync(false));
        await HearEachOtherAsync(atAlice, atBob);
        Assert.Equal(callers, atAlice.Audio.Media!.RemoteKey!.Suite);
    }

    [Fact]
    public async Task S15_A_clear_offer_of_a_phone_that_must_encrypt_is_488()
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel, encryption: "required");
        Phone alice = await company.RegisterAsync("100", SipTransport.Tls, SrtpPolicy.Off);
        PhoneCall refused = await alice.DialAsync("*43");
        Assert.Equal(488, (await refused.Ended.WaitAsync(Deadlines.Signalling)).StatusCode);
        Assert.StartsWith("302 ", await WarningAsync(refused), StringComparison.Ordinal);      // incompatible transport protocol
        Phone bob = await company.RegisterAsync("101", SipTransport.Tls, SrtpPolicy.Required);
        PhoneCall served = await bob.DialAsync("*43");
        Assert.True((await served.Answered.WaitAsync(Deadlines.Signalling)).Accepted);
        Assert.True(served.Audio.Encrypted);
    }

    [Fact]
    public async Task The_caller_hangs_up()
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        (PhoneCall atAlice, PhoneCall atBob) = await TalkAsync(await company.RegisterAsync("100"), await company.RegisterAsync("101"), "101");
        await atAlice.HangUpAsync();
        Assert.Equal(CallEndedBy.Peer, (await atBob.Ended.WaitAsync(Deadlines.Signalling)).By);
        Assert.Equal("caller", (await company.RecordAsync(1, Cancel)).GetProperty("releasedBy").GetString());
    }

    [Theory]
    [InlineData(486, 486, "busy")]
    [InlineData(603, 603, "rejected")]
    public async Task A_refusal_reaches_the_caller_and_the_record(int refusal, int heard, string disposition)
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        Phone alice = await company.RegisterAsync("100"), bob = await company.RegisterAsync("101");
        PhoneCall atAlice = await alice.DialAsync("101");
        await (await bob.IncomingAsync(Cancel)).RejectAsync(refusal);
        Assert.Equal(heard, (await atAlice.Ended.WaitAsync(Deadlines.Signalling)).StatusCode);
        Assert.Equal(disposition, (await company.RecordAsync(1, Cancel)).GetProperty("disposition").GetString());
    }

    [Fact]
    public async Task Nobody_answers_within_the_ring_time()
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel, ringSeconds: 5);
        Phone alice = await company.RegisterAsync("100"), bob = await company.RegisterAsync("101");
        PhoneCall atAlice = await alice.DialAsync("101");
        PhoneCall atBob = await bob.IncomingAsync(Cancel);
        Assert.Equal(CallEndedBy.Peer, (await atBob.Ended.WaitAsync(Deadlines.Signalling)).By);         // CANCEL
        Assert.Equal(480, (await atAlice.Ended.WaitAsync(Deadlines.Signalling)).StatusCode);
        Assert.Equal("noAnswer", (await company.RecordAsync(1, Cancel)).GetProperty("disposition").GetString());
    }

    [Fact]
    public async Task The_caller_gives_up_while_it_rings()
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        Phone alice = await company.RegisterAsync("100"), bob = await company.RegisterAsync("101");
        PhoneCall atAlice = await alice.DialAsync("101");
        PhoneCall atBob = await bob.IncomingAsync(Cancel);
        await atAlice.Ringing.WaitAsync(Deadlines.Signalling);
        await atAlice.HangUpAsync();
        Assert.Equal(487, (await atBob.Ended.WaitAsync(Deadlines.Signalling)).StatusCode);
        Assert.Equal(487, (await atAlice.Ended.WaitAsync(Deadlines.Signalling)).StatusCode);
        Assert.Equal("cancelled", (await company.RecordAsync(1, Cancel)).GetProperty("disposition").GetString());
    }

    [Theory]
    [InlineData("999", 404)]
    [InlineData("102", 480)]
    public async Task A_number_that_nobody_has_is_404_and_one_without_a_phone_480(string number, int status)
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        Phone alice = await company.RegisterAsync("100");
        PhoneCall call = await alice.DialAsync(number);
        Assert.Equal(status, (await call.Ended.WaitAsync(Deadlines.Signalling)).StatusCode);
    }

    [Fact]
    public async Task The_own_number_rings_at_the_other_phones_and_is_busy_where_there_is_none()
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        Phone desk = await company.RegisterAsync("100");
        PhoneCall alone = await desk.DialAsync("100");
        Assert.Equal(486, (await alone.Ended.WaitAsync(Deadlines.Signalling)).StatusCode);

        Phone mobile = await company.RegisterAsync("100");
        PhoneCall atDesk = await desk.DialAsync("100");
        PhoneCall atMobile = await mobile.IncomingAsync(Cancel);
        Assert.True((await atMobile.AnswerAsync()).Accepted);
        Assert.True((await atDesk.Answered.WaitAsync(Deadlines.Signalling)).Accepted);
        await atDesk.HangUpAsync();
    }

    [Fact]
    public async Task All_phones_of_an_extension_ring_and_the_first_answer_wins()
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        Phone alice = await company.RegisterAsync("100");
        Phone desk = await company.RegisterAsync("101", SipTransport.Tls), mobile = await company.RegisterAsync("101", SipTransport.Udp, SrtpPolicy.Off);
        PhoneCall atAlice = await alice.DialAsync("101");
        PhoneCall atDesk = await desk.IncomingAsync(Cancel), atMobile = await mobile.IncomingAsync(Cancel);

        Assert.True((await atMobile.AnswerAsync()).Accepted);
        CallEnd lost = await atDesk.Ended.WaitAsync(Deadlines.Signalling);
        Assert.Equal(487, lost.StatusCode);
        Assert.Contains("cause=200", lost.Reason, StringComparison.Ordinal);        // RFC 3326 §2: completed elsewhere, no missed call is shown
        Assert.True((await atAlice.Answered.WaitAsync(Deadlines.Signalling)).Accepted);
        await HearEachOtherAsync(atAlice, atMobile);
    }

    [Fact]
    public async Task Hold_silences_the_held_party_and_resume_brings_both_back()
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        (PhoneCall atAlice, PhoneCall atBob) = await TalkAsync(await company.RegisterAsync("100"), await company.RegisterAsync("101"), "101");
        await HearEachOtherAsync(atAlice, atBob);
        int port = atBob.Audio.Media!.RemotePort;

        Assert.True(await atAlice.HoldAsync(true));
        Assert.Equal(MediaDirection.SendOnly, atAlice.Audio.Media!.Direction);
        Assert.True(await atAlice.HoldAsync(false));
        await HearEachOtherAsync(atAlice, atBob);
        Assert.Equal(port, atBob.Audio.Media!.RemotePort);                          // the other leg keeps its address

        Assert.True(await atBob.HoldAsync(true));
        Assert.True(await atBob.HoldAsync(false));
        await HearEachOtherAsync(atAlice, atBob);
    }

    [Fact]
    public async Task Digits_pass_both_ways_once_each()
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        (PhoneCall atAlice, PhoneCall atBob) = await TalkAsync(await company.RegisterAsync("100"), await company.RegisterAsync("101", SipTransport.Udp, SrtpPolicy.Off), "101");
        await HearEachOtherAsync(atAlice, atBob);
        atAlice.Press('5');
        await atBob.Audio.WaitForDigitsAsync("5", Deadlines.Media);
        atBob.Press('#');
        await atAlice.Audio.WaitForDigitsAsync("#", Deadlines.Media);
        atAlice.Press('5');
        await atBob.Audio.WaitForDigitsAsync("55", Deadlines.Media);
    }

    [Fact]
    public async Task The_echo_test_returns_what_it_hears()
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        Phone alice = await company.RegisterAsync("100");
        PhoneCall call = await alice.DialAsync("*43");
        Assert.True((await call.Answered.WaitAsync(Deadlines.Signalling)).Accepted);
        call.Play(new Tone(523));
        await call.Audio.WaitForToneAsync(523, Deadlines.Media);
        await call.HangUpAsync();
        Assert.Equal("answered", (await company.RecordAsync(1, Cancel)).GetProperty("disposition").GetString());
    }

    [Fact]
    public async Task Keep_alives_in_a_call_are_answered_with_200()
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        (PhoneCall atAlice, _) = await TalkAsync(await company.RegisterAsync("100"), await company.RegisterAsync("101"), "101");
        foreach (SipMethod method in new[] { SipMethod.Update, SipMethod.Info, SipMethod.Message, SipMethod.Options })
            Assert.Equal(200, (await atAlice.RequestAsync(method).WaitAsync(Deadlines.Signalling)).StatusCode);
    }

    [Fact]
    public async Task An_offer_that_cannot_be_served_is_488()
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        Phone bob = await company.RegisterAsync("101", SipTransport.Udp, SrtpPolicy.Off);
        Phone alice = await company.RegisterAsync(company.Account("100", SipTransport.Udp, SrtpPolicy.Off) with { Codecs = [new AudioCodec("unheard-of", 8000)] });
        PhoneCall call = await alice.DialAsync("101");
        // The PBX passes on a codec that only phones know; it is the callee that has none in common.
        Assert.False((await (await bob.IncomingAsync(Cancel)).AnswerAsync()).Accepted);
        Assert.False((await (await bob.IncomingAsync(Cancel)).AnswerAsync()).Accepted);        // tried once more with the other form of encryption
        Assert.Equal(488, (await call.Ended.WaitAsync(Deadlines.Signalling)).StatusCode);
    }

    [Fact]
    public async Task A_phone_that_offers_none_of_its_extensions_codecs_is_488_and_told_why()      // RFC 3261 §20.43: 305 incompatible media format
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        await fixture.Pbx.Api.PutAsync($"tenants/{company.Name}/extensions/100", """{"number":"100","codecs":["G722"]}""", Cancel);
        Phone alice = await company.RegisterAsync(company.Account("100", SipTransport.Udp, SrtpPolicy.Off) with { Codecs = [AudioCodec.Pcma] });
        PhoneCall call = await alice.DialAsync("*43");
        Assert.Equal(488, (await call.Ended.WaitAsync(Deadlines.Signalling)).StatusCode);
        Assert.StartsWith("305 ", await WarningAsync(call), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Equal_numbers_in_two_companies_never_meet()
    {
        await using Company one = await Company.FoundAsync(fixture.Pbx, Cancel), other = await Company.FoundAsync(fixture.Pbx, Cancel);
        Phone alice = await one.RegisterAsync("100"), bob = await one.RegisterAsync("101");
        Phone stranger = await other.RegisterAsync("101");
        (PhoneCall atAlice, PhoneCall atBob) = await TalkAsync(alice, bob, "101");
        await HearEachOtherAsync(atAlice, atBob);

        // A call to the other company's domain is not relayed with one's own account.
        PhoneCall foreign = await alice.DialAsync($"sips:101@{other.Domain}");
        CallEnd refused = await foreign.Ended.WaitAsync(Deadlines.Signalling);
        Assert.InRange(refused.StatusCode, 400, 499);
        Assert.Single(await one.RegistrationsAsync(Cancel), r => r.GetProperty("extension").GetString() == "101");
        Assert.Single(await other.RegistrationsAsync(Cancel));
        Assert.NotNull(stranger);
    }

    private static async Task<string?> WarningAsync(PhoneCall call) => (await call.Answered.WaitAsync(Deadlines.Signalling)).Response?.Headers.Get(SipHeaderName.Warning);

    internal static async Task<(PhoneCall Caller, PhoneCall Callee)> TalkAsync(Phone caller, Phone callee, string number)
    {
        PhoneCall atCaller = await caller.DialAsync(number);
        PhoneCall atCallee = await callee.IncomingAsync(Cancel).AsTask().WaitAsync(Deadlines.Signalling);
        await atCaller.Ringing.WaitAsync(Deadlines.Signalling);
        Assert.True((await atCallee.AnswerAsync()).Accepted);
        CallAnswer answer = await atCaller.Answered.WaitAsync(Deadlines.Signalling);
        Assert.True(answer.Accepted, $"{answer.StatusCode} {answer.Response?.ReasonPhrase}");
        return (atCaller, atCallee);
    }

    /// <summary>Each side plays a tone and hears the other's. Another time in one call it takes other tones: what was heard already does not count.</summary>
    internal static async Task HearEachOtherAsync(PhoneCall caller, PhoneCall callee, int callersHertz = 440, int calleesHertz = 620)
    {
        caller.Play(new Tone(callersHertz));
        callee.Play(new Tone(calleesHertz));
        await Task.WhenAll(callee.Audio.WaitForToneAsync(callersHertz, Deadlines.Media), caller.Audio.WaitForToneAsync(calleesHertz, Deadlines.Media));
    }
}
