using System.Net;
using System.Net.Sockets;
using CloudPbx.MediaControl;
using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.Media.Tests.Relay;

/// <summary>The tests that SECURITY.md names for media: S14, S15, S17 and S18, on real sockets.</summary>
public class HostileMediaTests
{
    private const int FirstPort = 30100, LastPort = 30131;
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>How addresses are learned, whether the phone is where its SDP says, and whether it encrypts.</summary>
    public static TheoryData<NatMode, bool, bool> Matrix
    {
        get
        {
            var data = new TheoryData<NatMode, bool, bool>();
            foreach (NatMode nat in Enum.GetValues<NatMode>())
                foreach (bool behindNat in new[] { false, true })
                    foreach (bool secure in new[] { false, true })
                        if (!behindNat || nat != NatMode.Off)       // strict: a phone must be where it says
                            data.Add(nat, behindNat, secure);
            return data;
        }
    }

    [Theory, MemberData(nameof(Matrix))]
    public async Task S14_A_sprayer_on_all_ports_gets_no_packet_and_injects_no_audio(NatMode nat, bool behindNat, bool secure)
    {
        await using TestNode node = await StartAsync();
        using var phone = new FakePeer();
        string? sdp = behindNat ? phone.Sdp(secure: secure, address: "192.168.77.5", port: 4000) : null;
        using TestCall call = await TestCall.ConnectAsync(node, secureA: secure, secureB: secure, a: phone, sdpA: sdp, policyA: TestCall.Policy(nat: nat));
        // Strangers of every nearness: the internet, the phone's own network, and a machine that shares the phone's address.
        using FakePeer far = new("127.99.0.1"), near = new("127.0.0.200"), same = new();
        // Before the phones have said a word. In clear, one that shares the phone's address cannot be told from it until the phone speaks.
        foreach (FakePeer stranger in secure ? (FakePeer[])[far, near, same] : [far, near])
            SprayAll(stranger, 3);
        await SettleAsync(call, phone, nat);
        for (byte round = 0; round < 8; round++)
        {
            foreach (FakePeer stranger in (FakePeer[])[far, near, same])
                SprayAll(stranger, 2);
            await TestCall.PassesAsync(phone, call.B, round);   // fails on any packet of a stranger's
            await TestCall.PassesAsync(call.B, phone, round);
        }
        Assert.Null(await far.HearAsync(50));
        Assert.Null(await near.HearAsync(50));
        Assert.Null(await same.HearAsync(50));
    }

    [Fact]
    public async Task S15_what_is_no_RTP_is_counted_and_ends_nothing()
    {
        await using TestNode node = await StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node);
        await TestCall.PassesAsync(call.A, call.B);
        byte[][] nonsense =
        [
            [], [0x80], [0x80, 8, 0, 1, 0, 0, 0, 1, 0, 0, 0],                   // shorter than a header (RFC 3550 §5.1)
            [0x40, 8, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 7],                         // version 1
            [0x8F, 8, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 7],                         // fifteen sources that are not there
            [0x90, 8, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0xFF, 0xFF],          // an extension beyond the end (§5.3.1)
            [0xA0, 8, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 200],                       // more padding than packet
        ];
        for (int i = 0; i < 50; i++)
        {
            foreach (byte[] datagram in nonsense)
                call.A.Rtp.SendTo(datagram, call.A.Node);
            await TestCall.PassesAsync(call.A, call.B, (byte)i);
            await TestCall.PassesAsync(call.B, call.A, (byte)i);
        }
        Assert.False(node.HasReport);
        LegStatistics figures = await node.Client.RemoveAsync(call.LegA, Cancel);
        Assert.Equal((51L, 0L), (figures.PacketsReceived, figures.Lost));
        Assert.InRange(figures.Malformed, 50 * (nonsense.Length - 1), 50 * nonsense.Length);      // an empty datagram may be nothing at all
    }

    [Theory]
    [InlineData("AES_CM_128_HMAC_SHA1_80")]
    [InlineData("AES_256_CM_HMAC_SHA1_32")]
    [InlineData("AEAD_AES_128_GCM")]
    [InlineData("AEAD_AES_256_GCM")]
    public async Task S15_Ten_thousand_packets_with_wrong_tags_leave_the_call_alone(string suite)
    {
        await using TestNode node = await StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, secureA: true, secureB: true, suiteA: suite);
        await TestCall.PassesAsync(call.A, call.B);
        await TestCall.PassesAsync(call.B, call.A);
        using var liar = new FakePeer();                        // it has no key, and sends from the phone's own socket
        for (int i = 0; i < 100; i++)
        {
            for (int n = 0; n < 100; n++)
            {
                liar.Send(8, 0xEE, to: call.A.Node, from: call.A.Rtp);
                if (n % 10 == 0)
                    call.A.Rtcp.SendTo(new byte[] { 0x80, 201, 0, 1, 0, 0, 0, 1, 0x80, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 },
                        new IPEndPoint(call.A.Node.Address, call.A.Node.Port + 1));
            }
            await TestCall.PassesAsync(call.A, call.B, (byte)i);    // and so it keeps pace: nothing waits in the socket's queue
            await TestCall.PassesAsync(call.B, call.A, (byte)i);
        }
        Assert.False(node.HasReport);
        LegStatistics figures = await node.Client.RemoveAsync(call.LegA, Cancel);
        Assert.InRange(figures.SrtpFailures, 10_000, 11_000);
        Assert.Equal(101, figures.PacketsReceived);
    }

    /// <summary>An address that an SDP may name, who names it, and whether anything may be sent there.</summary>
    [Theory]
    [InlineData("127.0.0.1", "203.0.113.1")]
    [InlineData("127.255.255.254", "203.0.113.1")]
    [InlineData("::ffff:127.0.0.1", "203.0.113.1")]
    [InlineData("0.0.0.0", "127.0.0.1")]
    [InlineData("0.0.0.1", "127.0.0.1")]
    [InlineData("::", "127.0.0.1")]
    [InlineData("::1", "203.0.113.1")]
    [InlineData("::ffff:0.0.0.0", "127.0.0.1")]
    [InlineData("::ffff:169.254.169.254", "203.0.113.1")]
    [InlineData("169.254.169.254", "203.0.113.1")]
    [InlineData("169.254.169.254", "127.0.0.1")]
    [InlineData("10.0.0.1", "203.0.113.1")]
    [InlineData("172.16.0.1", "203.0.113.1")]
    [InlineData("192.168.0.1", "203.0.113.1")]
    [InlineData("100.64.0.1", "203.0.113.1")]
    [InlineData("fd00::1", "203.0.113.1")]
    [InlineData("fe80::1", "203.0.113.1")]
    [InlineData("224.0.0.1", "127.0.0.1")]
    [InlineData("239.255.255.255", "127.0.0.1")]
    [InlineData("255.255.255.255", "127.0.0.1")]
    [InlineData("metadata.internal", "127.0.0.1")]              // a name is not resolved: the source is learned
    [InlineData("2130706433", "203.0.113.1")]                   // 127.0.0.1 as others write it
    [InlineData("0x7f.1", "203.0.113.1")]
    public async Task S17_Nothing_is_sent_to_an_address_that_an_SDP_may_not_name(string address, string signalling)
    {
        await using TestNode node = await StartAsync();
        using var phone = new FakePeer();
        using var bait = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        bait.Bind(new IPEndPoint(IPAddress.Any, 0));            // whatever of it is this machine would hear it here
        string sdp = phone.Sdp(address: address, port: ((IPEndPoint)bait.LocalEndPoint!).Port);
        var call = TestNode.NewCall();
        (LegId legA, LegId legB) = (new LegId(call, 1), new LegId(call, 2));
        LegDescription offer = await node.Client.ReceiveOfferAsync(legA, TestCall.Policy(signalling: signalling), sdp, Cancel);
        if (!offer.Accepted)
        {
            Assert.Equal(LegFaults.MalformedSdp, offer.Fault);  // it is no address at all
            return;
        }
        using var other = new FakePeer();
        other.Learn((await node.Client.OfferAsync(legB, TestCall.Policy(), legA, Cancel)).LocalSdp);
        Assert.True((await node.Client.ReceiveAnswerAsync(legB, other.Sdp(), Cancel)).Accepted);
        phone.Learn((await node.Client.AnswerAsync(legA, legB, Cancel)).LocalSdp);
        await node.Client.BridgeAsync(legA, legB, Cancel);
        for (byte i = 0; i < 10; i++)
            other.Send(8, i);
        // Anchored to its source, where the source may be learned: only a host that signals from here, and not while it holds (0.0.0.0, ::).
        bool anchored = signalling == "127.0.0.1" && !offer.RemoteHeld;
        if (anchored)
        {
            for (byte i = 0; i < 5; i++)
                await TestCall.PassesAsync(phone, other, i);
            await TestCall.PassesAsync(other, phone);
        }
        LegStatistics figures = await node.Client.RemoveAsync(legA, Cancel);
        Assert.Equal(anchored ? 1 : 0, figures.PacketsSent);
        Assert.Equal(0, bait.Available);
    }

    [Fact]
    public async Task S17_A_node_never_sends_to_its_own_media_ports()
    {
        await using TestNode node = await StartAsync();
        using TestCall victim = await TestCall.ConnectAsync(node);
        await TestCall.PassesAsync(victim.A, victim.B);
        using var phone = new FakePeer();
        string sdp = phone.Sdp(address: "127.0.0.1", port: victim.A.Node.Port);
        using TestCall loop = await TestCall.ConnectAsync(node, a: phone, sdpA: sdp);
        for (byte i = 0; i < 20; i++)
            loop.B.Send(8, i);
        await TestCall.PassesAsync(victim.A, victim.B, 0x77);   // and nothing else
        Assert.Equal(0, (await node.Client.RemoveAsync(loop.LegA, Cancel)).PacketsSent);
        Assert.Equal(0, (await node.Client.RemoveAsync(victim.LegA, Cancel)).StrangersDropped);
    }

    /// <summary>After the quiet time, and after the limit with a peer that never ends.</summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task S18_A_stale_peer_is_not_heard_in_the_ports_next_call(bool keepsSending, bool secure)
    {
        var time = new FakeTimeProvider();
        await using TestNode node = await TestNode.StartAsync(time, null, ("FirstPort", "30200"), ("LastPort", "30203"));
        using TestCall old = await TestCall.ConnectAsync(node, secureA: secure, secureB: secure, address: "127.0.0.66");
        await TestCall.PassesAsync(old.A, old.B);
        await TestCall.PassesAsync(old.B, old.A);
        int[] ports = [old.A.Node.Port, old.B.Node.Port];
        await node.Client.RemoveAsync(old.LegA, Cancel);
        await node.Client.RemoveAsync(old.LegB, Cancel);

        // 30 s of quiet, or ten minutes in all, and the ports serve again.
        using TestCall fresh = await TestCall.ConnectAsync(node, secureA: secure, secureB: secure, untilFree: () =>
        {
            time.Advance(TimeSpan.FromSeconds(5));
            if (keepsSending)
                Stale(old);
        });
        Assert.Equal(ports.Order(), new[] { fresh.A.Node.Port, fresh.B.Node.Port }.Order());
        for (byte i = 0; i < 20; i++)
        {
            Stale(old);
            await TestCall.PassesAsync(fresh.A, fresh.B, i);    // no foreign packet
            await TestCall.PassesAsync(fresh.B, fresh.A, i);
        }
        Assert.NotEqual(old.A.NodeSdp, fresh.A.NodeSdp);        // new keys, a new session
    }

    private static void Stale(TestCall call)
    {
        call.A.Send(8, 0xEE);
        call.B.Send(8, 0xEE);
    }

    private static Task<TestNode> StartAsync() => TestNode.StartAsync(null, null, ("FirstPort", $"{FirstPort}"), ("LastPort", $"{LastPort}"));

    private static void SprayAll(FakePeer stranger, int packets)
    {
        for (int port = FirstPort; port <= LastPort; port++)
            for (int i = 0; i < packets; i++)
                stranger.Send(8, 0xEE, to: new IPEndPoint(IPAddress.Loopback, port));
    }

    /// <summary>Both speak until each is known; what the other hears meanwhile must be theirs.</summary>
    private static async Task SettleAsync(TestCall call, FakePeer phone, NatMode nat)
    {
        for (byte i = 0; i < (nat == NatMode.Off ? 1 : 6); i++)
        {
            byte[] sent = phone.Send(8, i);
            if (await call.B.HearAsync(1000) is { } heard)
                Assert.Equal(sent, heard.Payload);
        }
        await TestCall.PassesAsync(call.B, phone);
    }
}
