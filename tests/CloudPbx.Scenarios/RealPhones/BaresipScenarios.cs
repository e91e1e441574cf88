using CloudPbx.Sip.Transport;
using CloudPbx.TestKit.Phones;

namespace CloudPbx.Scenarios.RealPhones;

[Collection(RealPhonesGroup.Name)]
public sealed class BaresipScenarios(ProductFixture fixture)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(SipTransport.Udp, PhoneEncryption.Never, "PCMA")]
    [InlineData(SipTransport.Tcp, PhoneEncryption.Never, "G722")]
    [InlineData(SipTransport.Tls, PhoneEncryption.Preferred, "PCMU")]
    [InlineData(SipTransport.Tls, PhoneEncryption.Required, "opus")]
    public async Task Two_phones_talk_and_the_callee_hangs_up(SipTransport transport, PhoneEncryption encryption, string codec)
    {
        await using Baresip alice = await StartAsync("100", transport, encryption, 440, codec);
        await using Baresip bob = await StartAsync("101", transport, encryption, 620, codec);
        BaresipCall atAlice = (BaresipCall)await alice.DialAsync("101", Cancel);
        IRealCall atBob = await bob.IncomingAsync(Cancel);
        await atAlice.RingingAsync(Cancel);
        await atBob.AnswerAsync(Cancel);
        await atAlice.AnsweredAsync(Cancel);
        await Talk.HearEachOtherAsync(atAlice, 440, atBob, 620, Cancel);
        Assert.Equal(encryption != PhoneEncryption.Never, alice.MediaEncrypted && bob.MediaEncrypted);
        await atBob.HangUpAsync(Cancel);
        await atAlice.EndedAsync(Cancel);
    }

    [Fact]
    public async Task Each_side_has_its_own_encryption()
    {
        await using Baresip alice = await StartAsync("100", SipTransport.Udp, PhoneEncryption.Never, 440);
        await using Baresip bob = await StartAsync("101", SipTransport.Tls, PhoneEncryption.Required, 620);
        IRealCall atBob = await bob.DialAsync("100", Cancel);
        IRealCall atAlice = await alice.IncomingAsync(Cancel);
        await atAlice.AnswerAsync(Cancel);
        await atBob.AnsweredAsync(Cancel);
        await Talk.HearEachOtherAsync(atAlice, 440, atBob, 620, Cancel);
        Assert.True(bob.MediaEncrypted);
        Assert.False(alice.MediaEncrypted);
        await atBob.HangUpAsync(Cancel);
        await atAlice.EndedAsync(Cancel);
    }

    /// <summary>It takes our first choice, which we offer with authenticated encryption before all else.</summary>
    [Fact]
    public async Task A_called_phone_takes_authenticated_encryption()
    {
        await using Baresip alice = await StartAsync("100", SipTransport.Udp, PhoneEncryption.Never, 440);
        await using Baresip bob = await StartAsync("101", SipTransport.Tls, PhoneEncryption.Required, 620);
        BaresipCall atAlice = (BaresipCall)await alice.DialAsync("101", Cancel);
        IRealCall atBob = await bob.IncomingAsync(Cancel);
        await atBob.AnswerAsync(Cancel);
        await atAlice.AnsweredAsync(Cancel);
        await Talk.HearEachOtherAsync(atAlice, 440, atBob, 620, Cancel);
        Assert.Equal("AEAD_AES_128_GCM", bob.SrtpSuite);
        await atBob.HangUpAsync(Cancel);
        await atAlice.EndedAsync(Cancel);
    }

    [Fact]
    public async Task The_callee_transfers_the_caller_to_a_third_phone()       // RFC 3515
    {
        await using Baresip alice = await StartAsync("100", SipTransport.Tls, PhoneEncryption.Required, 440);
        await using Baresip bob = await StartAsync("101", SipTransport.Tls, PhoneEncryption.Required, 620);
        await using Baresip carol = await StartAsync("102", SipTransport.Udp, PhoneEncryption.Never, 520);
        BaresipCall atAlice = (BaresipCall)await alice.DialAsync("101", Cancel);
        BaresipCall atBob = (BaresipCall)await bob.IncomingAsync(Cancel);
        await atBob.AnswerAsync(Cancel);
        await atAlice.AnsweredAsync(Cancel);
        await Talk.HearEachOtherAsync(atAlice, 440, atBob, 620, Cancel);
        await atBob.TransferAsync("102", Cancel);
        IRealCall atCarol = await carol.IncomingAsync(Cancel);
        Assert.Contains("100", atCarol.Peer, StringComparison.Ordinal);
        await atCarol.AnswerAsync(Cancel);
        await atBob.EndedAsync(Cancel);
        await Talk.HearEachOtherAsync(atAlice, 440, atCarol, 520, Cancel);
        await atCarol.HangUpAsync(Cancel);
        await atAlice.EndedAsync(Cancel);
    }

    [Fact]
    public async Task A_held_party_hears_nothing_until_the_call_is_taken_back()
    {
        await using Baresip alice = await StartAsync("100", SipTransport.Tls, PhoneEncryption.Required, 440);
        await using Baresip bob = await StartAsync("101", SipTransport.Tls, PhoneEncryption.Required, 620);
        BaresipCall atAlice = (BaresipCall)await alice.DialAsync("101", Cancel);
        IRealCall atBob = await bob.IncomingAsync(Cancel);
        await atBob.AnswerAsync(Cancel);
        await atAlice.AnsweredAsync(Cancel);
        await Talk.HearsAsync(atBob, 440, Cancel);
        await atAlice.HoldAsync(Cancel);
        Assert.True(await bob.Recording.QuietAsync(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10), Cancel), alice.Logs());
        await atAlice.ResumeAsync(Cancel);
        await Talk.HearsAsync(atBob, 440, Cancel);
        await atAlice.HangUpAsync(Cancel);
        await atBob.EndedAsync(Cancel);
    }

    [Fact]
    public async Task The_echo_test_gives_the_voice_back()
    {
        await using Baresip alice = await StartAsync("100", SipTransport.Tls, PhoneEncryption.Required, 530);
        IRealCall call = await alice.DialAsync("*43", Cancel);
        await call.AnsweredAsync(Cancel);
        await Talk.HearsAsync(call, 530, Cancel);
        await call.HangUpAsync(Cancel);
        await call.EndedAsync(Cancel);
    }

    [Fact]
    public async Task Digits_arrive_at_the_other_party()
    {
        await using Baresip alice = await StartAsync("100", SipTransport.Tls, PhoneEncryption.Required, 0);
        await using Baresip bob = await StartAsync("101", SipTransport.Udp, PhoneEncryption.Never, 0);
        IRealCall atAlice = await alice.DialAsync("101", Cancel);
        IRealCall atBob = await bob.IncomingAsync(Cancel);
        await atBob.AnswerAsync(Cancel);
        await atAlice.AnsweredAsync(Cancel);
        foreach (char digit in "4#")
        {
            int mark = bob.Events.Count;
            await alice.PressAsync($"{digit}", Cancel);
            Assert.NotNull(await bob.Events.WaitAsync(e => e.Type == "CALL_DTMF_START" && e.Parameter == $"{digit}", mark, TimeSpan.FromSeconds(5), Cancel));
            await alice.PressAsync($"{Baresip.KeyReleased}", Cancel);
            Assert.NotNull(await bob.Events.WaitAsync(e => e.Type == "CALL_DTMF_END", mark, TimeSpan.FromSeconds(5), Cancel));
        }
        await atAlice.HangUpAsync(Cancel);
        await atBob.EndedAsync(Cancel);
    }

    [Theory]
    [InlineData("999", "404")]       // no such number
    [InlineData("105", "480")]       // no phone registered
    public async Task A_call_that_cannot_be_placed_says_why(string number, string status)
    {
        await using Baresip alice = await StartAsync("100", SipTransport.Udp, PhoneEncryption.Never, 440);
        IRealCall call = await alice.DialAsync(number, Cancel);
        Assert.StartsWith(status, await call.EndedAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_is_declined()
    {
        await using Baresip alice = await StartAsync("100", SipTransport.Tcp, PhoneEncryption.Never, 440);
        await using Baresip bob = await StartAsync("101", SipTransport.Tls, PhoneEncryption.Preferred, 620);
        IRealCall atAlice = await alice.DialAsync("101", Cancel);
        IRealCall atBob = await bob.IncomingAsync(Cancel);
        await atBob.HangUpAsync(Cancel);
        Assert.Matches("^(486|603|480)", await atAlice.EndedAsync(Cancel));
    }

    [Fact]
    public async Task The_caller_gives_up_while_it_rings()
    {
        await using Baresip alice = await StartAsync("100", SipTransport.Tls, PhoneEncryption.Required, 440);
        await using Baresip bob = await StartAsync("101", SipTransport.Udp, PhoneEncryption.Never, 620);
        BaresipCall atAlice = (BaresipCall)await alice.DialAsync("101", Cancel);
        IRealCall atBob = await bob.IncomingAsync(Cancel);
        await atAlice.RingingAsync(Cancel);
        await atAlice.HangUpAsync(Cancel);
        await atBob.EndedAsync(Cancel);
        await atAlice.EndedAsync(Cancel);
    }

    [Fact]
    public async Task All_phones_of_an_extension_ring_and_the_first_answer_wins()
    {
        await using Baresip alice = await StartAsync("100", SipTransport.Tls, PhoneEncryption.Preferred, 440);
        await using Baresip desk = await StartAsync("101", SipTransport.Udp, PhoneEncryption.Never, 620);
        await using Baresip mobile = await StartAsync("101", SipTransport.Tls, PhoneEncryption.Required, 700);
        IRealCall atAlice = await alice.DialAsync("101", Cancel);
        IRealCall atDesk = await desk.IncomingAsync(Cancel);
        IRealCall atMobile = await mobile.IncomingAsync(Cancel);
        await atMobile.AnswerAsync(Cancel);
        await atAlice.AnsweredAsync(Cancel);
        await atDesk.EndedAsync(Cancel);
        await Talk.HearEachOtherAsync(atAlice, 440, atMobile, 700, Cancel);
        await atAlice.HangUpAsync(Cancel);
        await atMobile.EndedAsync(Cancel);
    }

    [Fact]
    public async Task A_wrong_password_is_refused()
    {
        PhoneAccount account = fixture.Phones.Account("104", SipTransport.Tls) with { Password = "wrong" };
        await using Baresip stranger = await Baresip.StartAsync(account, cancel: Cancel);
        Assert.StartsWith("40", await stranger.RefusedAsync(Cancel), StringComparison.Ordinal);
    }

    private async Task<Baresip> StartAsync(string extension, SipTransport transport, PhoneEncryption encryption, int tone, string? codec = null)
    {
        PhoneAccount account = fixture.Phones.Account(extension, transport, encryption) with { ToneHertz = tone, Codecs = codec is null ? [] : [codec] };
        Baresip phone = await Baresip.StartAsync(account, cancel: Cancel);
        await phone.RegisteredAsync(Cancel);
        return phone;
    }
}
