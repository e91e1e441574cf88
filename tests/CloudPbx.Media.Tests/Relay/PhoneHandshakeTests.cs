using System.Net;
using System.Net.Sockets;
using CloudPbx.Media.Relay;
using CloudPbx.MediaControl;
using CloudPbx.Rtp.Security.Dtls;
using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.Media.Tests.Relay;

/// <summary>DTLS-SRTP without ICE (RFC 5763): phones and carriers. SECURITY.md S16 (CVE-2023-49786): who is first with a ClientHello does not keep the peer out.</summary>
public sealed class PhoneHandshakeTests
{
    private const string Inside = "10.11.12.13";            // the phone's address behind its NAT

    public PhoneHandshakeTests()
    {
        if (!DtlsCertificate.IsAvailable)
            Assert.Skip(DtlsCertificate.Missing);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("active")]
    [InlineData("passive")]
    public async Task A_phone_without_ICE_shakes_hands_at_its_described_address(string setup)
    {
        await using TestNode node = await TestNode.StartAsync();
        using var phone = new FakeBrowser { UsesIce = false };
        LegId leg = new(TestNode.NewCall(), 1);
        LegDescription offer = await node.Client.OfferAsync(leg, TestCall.Policy() with { WebRtc = true }, null, Cancel);
        string sdp = setup == "passive" ? offer.LocalSdp!.Replace("setup:actpass", "setup:active", StringComparison.Ordinal) : offer.LocalSdp!;
        phone.Learn(sdp);
        LegDescription agreed = await node.Client.ReceiveAnswerAsync(leg, phone.PhoneSdp(setup: setup), Cancel);
        Assert.True(agreed.Accepted, agreed.Fault);
        await node.Client.EchoAsync(leg, Cancel);
        await phone.ShakeHandsAsync();
        Assert.Equal(phone.Send(8, 7), await phone.HearAsync());
    }

    [Theory]
    [InlineData(ClientHello.Dtls12, ClientHello.NullCipher)]
    [InlineData(0xFEFF, 0xC02B)]                            // DTLS 1.0
    public async Task S16_a_handshake_that_fails_at_the_described_address_gives_its_place_to_the_next(int version, int cipher)
    {
        await using TestNode node = await TestNode.StartAsync();
        using var phone = new FakeBrowser { UsesIce = false };
        LegId leg = await EchoAsync(node, phone);
        for (int i = 0; i < 5; i++)
            await FailAsync(phone.Socket, phone.Node, version, cipher);
        await TalksAsync(phone);
        Assert.Equal((5L, 0L), await RefusedAsync(node, leg));
    }

    [Fact]
    public async Task S16_another_port_of_the_described_host_is_a_strangers()
    {
        await using TestNode node = await TestNode.StartAsync();
        using var phone = new FakeBrowser { UsesIce = false };
        using Socket stranger = NewSocket();
        LegId leg = await EchoAsync(node, phone);
        for (int i = 0; i < 50; i++)
            stranger.SendTo(ClientHello.Of(), phone.Node);
        await TalksAsync(phone);
        Assert.Equal(0, stranger.Available);
        Assert.Equal((0L, 50L), await RefusedAsync(node, leg));
    }

    [Fact]
    public async Task S16_behind_a_NAT_whoever_shares_its_address_does_not_disturb_the_phone()
    {
        await using TestNode node = await TestNode.StartAsync();
        using var phone = new FakeBrowser { UsesIce = false };
        using var rival = new FakeBrowser { UsesIce = false };
        using Socket stranger = NewSocket();
        (LegId leg, string answer) = await AnswerAsync(node, phone, Inside);
        await FailAsync(stranger, phone.Node);              // one that fails,
        rival.Learn(answer);
        await rival.ShakeHandsAsync();                      // one with another certificate,
        using var silent = new DtlsAssociation(new DtlsCertificate(DateTimeOffset.UtcNow), true, "sha-256", new string('A', 64));
        byte[] hello = HelloOf(silent);
        using Socket third = NewSocket();
        third.SendTo(hello, phone.Node);                    // and one that does not go on
        await phone.ShakeHandsAsync();
        Assert.Equal(DtlsState.Established, phone.State);
        for (int i = 1; i < SourceFilter.LikelyRun; i++)
            phone.Send(8, 1);                               // until that run is whole it is heard, and nothing is sent to where it seems to be
        Assert.Equal(phone.Send(8, 7), await phone.HearAsync());
        third.SendTo(hello, phone.Node);                    // there are keys: nobody else is spoken with
        Assert.Equal(phone.Send(8, 9), await phone.HearAsync());
        Assert.Equal((2L, 1L), await RefusedAsync(node, leg));
    }

    [Fact]
    public async Task S16_ClientHellos_without_end_cost_some_handshakes_a_second_and_the_phone_comes_through_once_they_stop()
    {
        var time = new FakeTimeProvider();
        await using TestNode node = await TestNode.StartAsync(time);
        using var phone = new FakeBrowser { UsesIce = false };
        LegId leg = await EchoAsync(node, phone);
        for (int i = 0; i < 200; i++)
            phone.Socket.SendTo(ClientHello.Of(), phone.Node);
        LoopCounters counters = node.Node.Loops.Single().Counters;
        while (counters.SrtpFailures + counters.Strangers < 200)
        {
            Cancel.ThrowIfCancellationRequested();
            await Task.Yield();
        }
        while (phone.Socket.Available > 0)
            _ = phone.Socket.Receive(new byte[256]);
        time.Advance(TimeSpan.FromSeconds(1));
        await TalksAsync(phone);
        Assert.Equal((9L, 191L), await RefusedAsync(node, leg));        // the first, and eight at once
    }

    [Fact]
    public async Task S16_who_begins_and_does_not_go_on_gives_its_place_to_the_next()
    {
        var time = new FakeTimeProvider();
        await using TestNode node = await TestNode.StartAsync(time);
        using var phone = new FakeBrowser { UsesIce = false };
        LegId leg = await EchoAsync(node, phone);
        using var silent = new DtlsAssociation(new DtlsCertificate(DateTimeOffset.UtcNow), true, "sha-256", new string('A', 64));
        phone.Socket.SendTo(HelloOf(silent), phone.Node);
        await phone.Socket.ReceiveAsync(new byte[2048], Cancel);        // our side of that handshake
        time.Advance(TimeSpan.FromSeconds(11));
        while (phone.Socket.Available > 0)
            _ = phone.Socket.Receive(new byte[2048]);
        await TalksAsync(phone);
        Assert.Equal((0L, 0L), await RefusedAsync(node, leg));
    }

    private static async Task<LegId> EchoAsync(TestNode node, FakeBrowser phone) => (await AnswerAsync(node, phone)).Leg;

    private static async Task<(LegId Leg, string Answer)> AnswerAsync(TestNode node, FakeBrowser phone, string? address = null)
    {
        LegId leg = new(TestNode.NewCall(), 1);
        LegDescription offer = await node.Client.ReceiveOfferAsync(leg, TestCall.Policy(), phone.PhoneSdp(address), Cancel);
        Assert.True(offer.Accepted, offer.Fault);
        LegDescription answer = await node.Client.AnswerAsync(leg, null, Cancel);
        Assert.True(answer is { Accepted: true, Encrypted: true }, answer.Fault);
        phone.Learn(answer.LocalSdp!);
        Assert.True(phone.IsClient);
        await node.Client.EchoAsync(leg, Cancel);
        return (leg, answer.LocalSdp!);
    }

    private static async Task TalksAsync(FakeBrowser phone)
    {
        await phone.ShakeHandsAsync();
        Assert.Equal(DtlsState.Established, phone.State);
        Assert.Equal(phone.Send(8, 7), await phone.HearAsync());
    }

    /// <summary>A handshake that cannot succeed; its alert is awaited (RFC 5246 §7.2).</summary>
    private static async Task FailAsync(Socket from, IPEndPoint node, int version = ClientHello.Dtls12, int cipher = ClientHello.NullCipher)
    {
        from.SendTo(ClientHello.Of(version, cipher), node);
        byte[] alert = new byte[256];
        await from.ReceiveAsync(alert, Cancel);
        Assert.Equal(21, alert[0]);
    }

    private static async Task<(long Failures, long Strangers)> RefusedAsync(TestNode node, LegId leg)
    {
        LegStatistics figures = await node.Client.RemoveAsync(leg, Cancel);
        return (figures.SrtpFailures, figures.StrangersDropped);
    }

    private static byte[] HelloOf(DtlsAssociation client)
    {
        client.Start();
        Assert.True(client.TryTake(out ReadOnlySpan<byte> hello));
        return hello.ToArray();
    }

    private static Socket NewSocket()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }
}
