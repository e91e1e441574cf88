using System.Net;
using System.Net.Sockets;
using System.Text;
using CloudPbx.Contracts.Ids;
using CloudPbx.MediaControl;
using CloudPbx.Rtp.Security.Dtls;
using CloudPbx.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.Media.Tests.Relay;

/// <summary>Browsers: DTLS-SRTP (RFC 5763, RFC 5764), ICE-lite (RFC 8445), one port for all (RFC 5761, RFC 7983).</summary>
public sealed class BrowserTests
{
    public BrowserTests()
    {
        if (!DtlsCertificate.IsAvailable)
            Assert.Skip(DtlsCertificate.Missing);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_browser_calls_a_phone_and_both_hear_each_other(bool securePhone)
    {
        await using TestNode node = await TestNode.StartAsync();
        using var browser = new FakeBrowser();
        using var phone = new FakePeer();
        (LegId a, LegId b) = await CallAsync(node, browser, phone, securePhone);
        Assert.True(await browser.CheckAsync());
        await browser.ShakeHandsAsync();
        Assert.Equal(DtlsState.Established, browser.State);
        for (byte i = 1; i <= 10; i++)
        {
            byte[] said = browser.Send(8, i);
            Assert.Equal(said, (await phone.HearAsync())!.Payload);
            Assert.Equal(phone.Send(8, (byte)(i + 50)), await browser.HearAsync());
        }
        LegStatistics figures = await node.Client.RemoveAsync(a, Cancel);
        Assert.Equal((true, 10, 10, "PCMA"), (figures.Encrypted, figures.PacketsReceived, figures.PacketsSent, figures.Codec));
        await node.Client.RemoveAsync(b, Cancel);
    }

    [Fact]
    public async Task A_browser_goes_on_at_another_node_by_an_ICE_restart_and_a_new_handshake()      // RFC 8839 §4.4.1.1.1, RFC 8842 §4
    {
        await using TestNode one = await TestNode.StartAsync();
        await using TestNode other = await TestNode.StartAsync(null, null, ("FirstPort", "32000"), ("LastPort", "32999"));
        LegId leg = new(TestNode.NewCall(), 1);
        using var browser = new FakeBrowser();
        LegPolicy policy = TestCall.Policy() with { WebRtc = true };
        Assert.True((await one.Client.ReceiveOfferAsync(leg, policy, browser.Sdp(), Cancel)).Accepted);
        LegDescription answer = await one.Client.AnswerAsync(leg, null, Cancel);
        browser.Learn(answer.LocalSdp!);
        Assert.True(await browser.CheckAsync());
        await browser.ShakeHandsAsync();
        Assert.DoesNotContain("ice-pwd", answer.State, StringComparison.Ordinal);

        Assert.True(await other.Client.RestoreAsync(leg, policy, answer.State!, Cancel));
        string offer = (await other.Client.OfferAsync(leg, policy, null, Cancel)).LocalSdp!;
        foreach (string changes in new[] { "a=fingerprint:", "a=ice-ufrag:", "a=ice-pwd:" })
            Assert.NotEqual(Line(answer.LocalSdp!, changes), Line(offer, changes));
        Assert.Equal(Line(answer.LocalSdp!, "o=").Split(' ')[1], Line(offer, "o=").Split(' ')[1]);
        using var again = new FakeBrowser();                                                    // the same one, as far as a new transport goes
        again.Learn(offer);
        Assert.True((await other.Client.ReceiveAnswerAsync(leg, again.Sdp("active", "8 126"), Cancel)).Accepted);
        await other.Client.EchoAsync(leg, Cancel);
        Assert.True(await again.CheckAsync());
        await again.ShakeHandsAsync();
        Assert.Equal(again.Send(8, 7), await again.HearAsync());
    }

    private static string Line(string sdp, string begins) => sdp.Split("\r\n").First(line => line.StartsWith(begins, StringComparison.Ordinal));

    [Fact]
    public async Task The_answer_is_one_that_a_browser_takes()
    {
        await using TestNode node = await TestNode.StartAsync();
        using var browser = new FakeBrowser();
        LegId leg = new(TestNode.NewCall(), 1);
        Assert.True((await node.Client.ReceiveOfferAsync(leg, TestCall.Policy(), browser.Sdp(), Cancel)).Accepted);
        LegDescription answer = await node.Client.AnswerAsync(leg, null, Cancel);
        Assert.True(answer is { Accepted: true, Encrypted: true, RemoteHeld: false, Direction: Direction.SendRecv }, answer.Fault);
        string sdp = answer.LocalSdp!;
        foreach (string line in new[] { "a=ice-lite", "a=group:BUNDLE 0", "a=mid:0", "a=rtcp-mux", "a=setup:passive", "a=end-of-candidates", "a=sendrecv" })
            Assert.Contains($"\r\n{line}\r\n", sdp, StringComparison.Ordinal);
        Assert.Matches("\r\nm=audio [0-9]+ UDP/TLS/RTP/SAVPF ", sdp);
        Assert.Matches("\r\na=candidate:1 1 UDP 2130706431 127.0.0.1 [0-9]+ typ host\r\n", sdp);
        Assert.Matches("\r\na=fingerprint:sha-256 ([0-9A-F]{2}:){31}[0-9A-F]{2}\r\n", sdp);
        Assert.DoesNotContain("a=crypto", sdp, StringComparison.Ordinal);
        Assert.Equal(answer.LocalSdp, (await node.Client.AnswerAsync(leg, null, Cancel)).LocalSdp);
    }

    [Theory]
    [InlineData("active")]
    [InlineData("passive")]
    public async Task A_browser_is_called_and_either_may_begin_the_handshake(string setup)
    {
        await using TestNode node = await TestNode.StartAsync();
        using var browser = new FakeBrowser();
        LegId leg = new(TestNode.NewCall(), 1);
        LegDescription offer = await node.Client.OfferAsync(leg, TestCall.Policy() with { WebRtc = true }, null, Cancel);
        Assert.Contains("a=setup:actpass\r\n", offer.LocalSdp!, StringComparison.Ordinal);
        Assert.Contains("UDP/TLS/RTP/SAVPF", offer.LocalSdp!, StringComparison.Ordinal);
        browser.Learn(setup == "passive" ? offer.LocalSdp!.Replace("setup:actpass", "setup:active", StringComparison.Ordinal) : offer.LocalSdp!);
        LegDescription agreed = await node.Client.ReceiveAnswerAsync(leg, browser.Sdp(setup, "8 126"), Cancel);
        Assert.True(agreed.Accepted, agreed.Fault);
        await node.Client.EchoAsync(leg, Cancel);
        Assert.True(await browser.CheckAsync());
        await browser.ShakeHandsAsync();
        byte[] said = browser.Send(8, 7);
        Assert.Equal(said, await browser.HearAsync());
    }

    [Fact]
    public async Task A_re_INVITE_keeps_credentials_keys_and_association()
    {
        await using TestNode node = await TestNode.StartAsync();
        using var browser = new FakeBrowser();
        using var phone = new FakePeer();
        (LegId a, LegId b) = await CallAsync(node, browser, phone, false);
        await browser.CheckAsync();
        await browser.ShakeHandsAsync();
        await node.Client.ReceiveOfferAsync(a, TestCall.Policy(), browser.Sdp().Replace("o=- 1 2", "o=- 1 3", StringComparison.Ordinal), Cancel);
        LegDescription again = await node.Client.AnswerAsync(a, b, Cancel);
        browser.Learn(again.LocalSdp!);
        Assert.Equal(browser.Send(8, 9), (await phone.HearAsync())!.Payload);
        LegDescription ours = await node.Client.OfferAsync(a, TestCall.Policy(), b, Cancel);
        Assert.Contains("UDP/TLS/RTP/SAVPF", ours.LocalSdp!, StringComparison.Ordinal);
    }

    [Theory]                                                                    // RFC 8445 §9, RFC 8839 §4.4.1.1.1
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_ICE_restart_pauses_nothing_the_former_pair_serves_until_another_is_nominated(bool moves)
    {
        var time = new FakeTimeProvider();
        await using TestNode node = await TestNode.StartAsync(time);
        using var browser = new FakeBrowser();
        using var phone = new FakePeer();
        (LegId a, LegId b) = await CallAsync(node, browser, phone, false);
        Assert.True(await browser.CheckAsync());
        await browser.ShakeHandsAsync();
        await TalkAsync(browser, phone);

        browser.Ufrag = "BrwT";
        Assert.True((await node.Client.ReceiveOfferAsync(a, TestCall.Policy(), browser.Sdp().Replace("o=- 1 2", "o=- 1 3", StringComparison.Ordinal), Cancel)).Accepted);
        LegDescription answer = await node.Client.AnswerAsync(a, b, Cancel);
        Assert.True(answer.Accepted, answer.Fault);
        await TalkAsync(browser, phone);                                        // our answer has not come yet
        Assert.True(await browser.CheckAsync());                                // consent, as before
        string fingerprint = Line(answer.LocalSdp!, "a=fingerprint:");
        Assert.Equal(answer.LocalSdp, (await node.Client.AnswerAsync(a, b, Cancel)).LocalSdp);
        browser.Learn(answer.LocalSdp!);
        await TalkAsync(browser, phone);
        Assert.True(await browser.CheckAsBeforeAsync());                        // the credentials are new on our side, too
        Socket former = moves ? browser.Move() : browser.Socket;
        Assert.True(await browser.CheckAsync(nominate: false));
        Assert.Equal(phone.Send(8, 71), await browser.HearAsync(former));
        Assert.Equal(browser.Send(8, 72, former), (await phone.HearAsync())!.Payload);

        Assert.True(await browser.CheckAsync());
        Assert.Equal(browser.Send(8, 73, former), (await phone.HearAsync())!.Payload);       // was on its way
        await TalkAsync(browser, phone);
        Assert.False(await browser.CheckAsBeforeAsync());
        for (int i = 0; i < 3; i++)                                             // RFC 7675 §5.1, on the new pair
        {
            time.Advance(TimeSpan.FromSeconds(29));
            Assert.True(await browser.CheckAsync());
            await TalkAsync(browser, phone);
        }
        Assert.False(node.HasReport);
        time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal("silent leg 1", await node.ReportAsync());

        LegDescription ours = await node.Client.OfferAsync(a, TestCall.Policy(), b, Cancel);
        Assert.Equal(fingerprint, Line(ours.LocalSdp!, "a=fingerprint:"));
        Assert.Equal(Line(answer.LocalSdp!, "a=ice-pwd:"), Line(ours.LocalSdp!, "a=ice-pwd:"));
        LegStatistics figures = await node.Client.RemoveAsync(a, Cancel);
        Assert.Equal((0L, 1L), (figures.SrtpFailures, figures.StrangersDropped));           // the check under credentials that are over
        if (moves)
            former.Dispose();
    }

    [Fact]
    public async Task A_new_DTLS_agent_takes_over_without_a_gap()               // RFC 8842 §4, RFC 8445 §9
    {
        await using TestNode node = await TestNode.StartAsync();
        using FakeBrowser before = new(), after = new() { Ufrag = "BrwT", Ssrc = 4343 };
        using var phone = new FakePeer();
        (LegId a, LegId b) = await CallAsync(node, before, phone, false);
        Assert.True(await before.CheckAsync());
        await before.ShakeHandsAsync();
        await TalkAsync(before, phone);
        Assert.True((await node.Client.ReceiveOfferAsync(a, TestCall.Policy(), after.Sdp().Replace("o=- 1 2", "o=- 1 3", StringComparison.Ordinal), Cancel)).Accepted);
        LegDescription answer = await node.Client.AnswerAsync(a, b, Cancel);
        Assert.True(answer.Accepted, answer.Fault);
        await TalkAsync(before, phone);
        after.Learn(answer.LocalSdp!);
        Assert.True(await after.CheckAsync());
        await TalkAsync(before, phone);                                         // nominated, and no keys yet
        Assert.True(await before.CheckAsync());
        await after.ShakeHandsAsync();
        Assert.Equal(DtlsState.Established, after.State);
        Assert.Equal(before.Send(8, 90), (await phone.HearAsync())!.Payload);   // was on its way
        await TalkAsync(after, phone);
        Assert.False(await before.CheckAsync());
        Assert.Equal(0, (await node.Client.RemoveAsync(a, Cancel)).SrtpFailures);
    }

    private static async Task TalkAsync(FakeBrowser browser, FakePeer phone)
    {
        for (byte i = 1; i <= 5; i++)
        {
            Assert.Equal(browser.Send(8, i), (await phone.HearAsync())!.Payload);
            Assert.Equal(phone.Send(8, (byte)(i + 50)), await browser.HearAsync());
        }
    }

    [Fact]
    public async Task A_leg_may_go_from_DTLS_to_SDES_and_back()      // INTEROP I63: a re-INVITE, or a carrier behind which another end answers
    {
        await using TestNode node = await TestNode.StartAsync();
        using FakeBrowser browser = new(), again = new();
        using FakePeer phone = new(), desk = new();
        (LegId a, LegId b) = await CallAsync(node, browser, phone, false);
        await browser.CheckAsync();
        await browser.ShakeHandsAsync();
        Assert.Equal(browser.Send(8, 9), (await phone.HearAsync())!.Payload);

        Assert.True((await node.Client.ReceiveOfferAsync(a, TestCall.Policy(), desk.Sdp("8 101", secure: true, version: 3), Cancel)).Accepted);
        LegDescription answer = await node.Client.AnswerAsync(a, b, Cancel);
        Assert.True(answer is { Accepted: true, Encrypted: true }, answer.Fault);
        Assert.DoesNotContain("a=fingerprint", answer.LocalSdp!, StringComparison.Ordinal);
        desk.Learn(answer.LocalSdp);
        await TestCall.PassesAsync(desk, phone);
        await TestCall.PassesAsync(phone, desk);

        Assert.True((await node.Client.ReceiveOfferAsync(a, TestCall.Policy(), again.Sdp().Replace("o=- 1 2", "o=- 1 4", StringComparison.Ordinal), Cancel)).Accepted);
        LegDescription back = await node.Client.AnswerAsync(a, b, Cancel);
        Assert.True(back is { Accepted: true, Encrypted: true }, back.Fault);
        again.Learn(back.LocalSdp!);
        Assert.True(await again.CheckAsync());
        await again.ShakeHandsAsync();
        Assert.Equal(again.Send(8, 11), (await phone.HearAsync())!.Payload);
        Assert.Equal(phone.Send(8, 12), await again.HearAsync());
    }

    [Fact]
    public async Task S16_a_strangers_ClientHello_is_not_looked_at()
    {
        await using TestNode node = await TestNode.StartAsync();
        using var browser = new FakeBrowser();
        using var phone = new FakePeer();
        (LegId a, _) = await CallAsync(node, browser, phone, false);
        using var stranger = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        stranger.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using (var attacker = new DtlsAssociation(new DtlsCertificate(DateTimeOffset.UtcNow), true, "sha-256", new string('A', 64)))
        {
            attacker.Start();
            Assert.True(attacker.TryTake(out ReadOnlySpan<byte> hello));
            for (int i = 0; i < 50; i++)
                stranger.SendTo(hello, browser.Node);
        }
        Assert.True(await browser.CheckAsync());
        await browser.ShakeHandsAsync();
        Assert.Equal(DtlsState.Established, browser.State);
        Assert.Equal(browser.Send(8, 3), (await phone.HearAsync())!.Payload);
        Assert.Equal(0, stranger.Available);
        Assert.True((await node.Client.RemoveAsync(a, Cancel)).StrangersDropped >= 50);
    }

    [Fact]
    public async Task A_check_with_the_wrong_password_opens_nothing()
    {
        await using TestNode node = await TestNode.StartAsync();
        using var browser = new FakeBrowser();
        using var phone = new FakePeer();
        await CallAsync(node, browser, phone, false);
        Assert.False(await browser.CheckAsync(password: "wrongwrongwrongwrong1234"));
        phone.Send(8, 5);
        Assert.Equal(0, browser.Socket.Available);
    }

    [Fact]
    public async Task A_certificate_that_was_not_described_carries_no_media()
    {
        await using TestNode node = await TestNode.StartAsync();
        using var browser = new FakeBrowser { Fingerprint = "sha-256 " + string.Join(':', Enumerable.Repeat("AB", 32)) };
        using var phone = new FakePeer();
        (LegId a, _) = await CallAsync(node, browser, phone, false);
        await browser.CheckAsync();
        await browser.ShakeHandsAsync();
        if (browser.State == DtlsState.Established)
            browser.Send(8, 1);
        Assert.Null(await phone.HearAsync(300));
        Assert.Equal(0, (await node.Client.RemoveAsync(a, Cancel)).PacketsReceived);
    }

    [Theory]                                                                    // RFC 9143 §7.3: what is refused leaves the bundle, its section stays in place
    [InlineData("browsers/chromium-156.sdp", "111 126")]
    [InlineData("browsers/firefox-form.sdp", "109 101")]
    public async Task A_real_browsers_offer_is_answered_audio_taken_and_video_refused(string file, string formats)
    {
        await using TestNode node = await TestNode.StartAsync();
        LegId leg = new(TestNode.NewCall(), 1);
        string offer = Encoding.ASCII.GetString(Corpus.Load(file));
        LegPolicy policy = TestCall.Policy() with { Codecs = ["opus", "PCMA"], Srtp = SrtpPolicy.Required };
        LegDescription taken = await node.Client.ReceiveOfferAsync(leg, policy, offer, Cancel);
        Assert.True(taken is { Accepted: true, Encrypted: true, RemoteHeld: false }, taken.Fault);
        LegDescription answer = await node.Client.AnswerAsync(leg, null, Cancel);
        Assert.True(answer is { Accepted: true, Encrypted: true }, answer.Fault);
        string[] sections = answer.LocalSdp!.Split("\r\nm=");
        Assert.Equal(3, sections.Length);
        Assert.Contains("\r\na=group:BUNDLE 0\r\n", sections[0] + "\r\n", StringComparison.Ordinal);
        Assert.Matches($"^audio [1-9][0-9]* UDP/TLS/RTP/SAVPF {formats.Split(' ')[0]} ", sections[1]);
        Assert.Contains("\r\na=mid:0\r\n", sections[1], StringComparison.Ordinal);
        Assert.StartsWith("video 0 UDP/TLS/RTP/SAVPF ", sections[2], StringComparison.Ordinal);
        Assert.Contains("\r\na=mid:1\r\n", sections[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_browser_that_stops_checking_is_reported_on_hold_too()      // RFC 7675 §5.1
    {
        var time = new FakeTimeProvider();
        await using TestNode node = await TestNode.StartAsync(time);
        using var browser = new FakeBrowser();
        using var phone = new FakePeer();
        (LegId a, LegId b) = await CallAsync(node, browser, phone, false);
        Assert.True(await browser.CheckAsync());
        await browser.ShakeHandsAsync();
        await node.Client.ReceiveOfferAsync(a, TestCall.Policy(), browser.Sdp().Replace("a=sendrecv", "a=sendonly", StringComparison.Ordinal), Cancel);
        await node.Client.AnswerAsync(a, b, Cancel);
        time.Advance(TimeSpan.FromSeconds(29));
        Assert.True(await browser.CheckAsync());
        time.Advance(TimeSpan.FromSeconds(29));
        Assert.True(await browser.CheckAsync());
        Assert.False(node.HasReport);
        time.Advance(TimeSpan.FromSeconds(31));
        // The phone has said nothing for longer than a minute by now, and which of the two is found first is the loop's affair.
        Assert.Equal(["silent leg 1", "silent leg 2"], new[] { await node.ReportAsync(), await node.ReportAsync() }.Order());
    }

    [Fact]
    public async Task A_browser_that_stops_checking_is_reported_in_a_conference_too()      // RFC 7675 §5.1
    {
        var time = new FakeTimeProvider();
        await using TestNode node = await TestNode.StartAsync(time);
        using var browser = new FakeBrowser();
        using var phone = new FakePeer();
        (LegId a, LegId b) = await CallAsync(node, browser, phone, false);
        Assert.True(await browser.CheckAsync());
        await browser.ShakeHandsAsync();
        await node.Client.ReceiveOfferAsync(a, TestCall.Policy(), browser.Sdp().Replace("a=sendrecv", "a=recvonly", StringComparison.Ordinal), Cancel);
        await node.Client.AnswerAsync(a, b, Cancel);
        Assert.True(await node.Client.JoinAsync(a, new ConferencePlace { Conference = ConferenceId.New() }, Cancel));
        time.Advance(TimeSpan.FromSeconds(29));
        Assert.True(await browser.CheckAsync());
        Assert.False(node.HasReport);
        time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal("silent leg 1", await node.ReportAsync());
    }

    [Theory]
    [InlineData("a=fingerprint", "a=fingerprint:md5 AB\r\na=x-fingerprint")]      // RFC 8122 §5: no weak hash
    [InlineData("a=rtcp-mux", "a=x-rtcp-mux")]
    public async Task An_offer_that_cannot_be_served_is_refused(string line, string instead)
    {
        await using TestNode node = await TestNode.StartAsync();
        using var browser = new FakeBrowser();
        LegDescription refused = await node.Client.ReceiveOfferAsync(
            new LegId(TestNode.NewCall(), 1), TestCall.Policy(), browser.Sdp().Replace(line, instead, StringComparison.Ordinal), Cancel);
        Assert.Equal(LegFaults.EncryptionMismatch, refused.Fault);
    }

    private static async Task<(LegId Browser, LegId Phone)> CallAsync(TestNode node, FakeBrowser browser, FakePeer phone, bool securePhone)
    {
        LegId a = new(TestNode.NewCall(), 1), b = new(default, 2);
        b = new LegId(a.Session, 2);
        LegDescription offer = await node.Client.ReceiveOfferAsync(a, TestCall.Policy(), browser.Sdp(), Cancel);
        Assert.True(offer.Accepted, offer.Fault);
        phone.Learn((await node.Client.OfferAsync(b, TestCall.Policy(offerSecure: securePhone), a, Cancel)).LocalSdp);
        LegDescription answered = await node.Client.ReceiveAnswerAsync(b, phone.Sdp("8 101", securePhone), Cancel);
        Assert.True(answered.Accepted, answered.Fault);
        LegDescription answer = await node.Client.AnswerAsync(a, b, Cancel);
        Assert.True(answer.Accepted, answer.Fault);
        browser.Learn(answer.LocalSdp!);
        await node.Client.BridgeAsync(a, b, Cancel);
        return (a, b);
    }
}
