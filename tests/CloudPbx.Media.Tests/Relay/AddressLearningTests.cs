using System.Net;
using System.Net.Sockets;
using CloudPbx.MediaControl;

namespace CloudPbx.Media.Tests.Relay;

/// <summary>SECURITY.md S14 on real sockets: who is heard, and who is sent to.</summary>
public class AddressLearningTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, "127.0.0.66")]
    [InlineData(false, "127.0.0.1")]
    [InlineData(true, "127.0.0.66")]
    [InlineData(true, "127.0.0.1")]
    public async Task A_sprayer_is_neither_heard_nor_sent_to(bool secure, string attackersAddress)
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, secureA: secure, secureB: secure);
        using var attacker = new FakePeer(attackersAddress);
        await TestCall.PassesAsync(call.A, call.B);
        await TestCall.PassesAsync(call.B, call.A);
        for (byte i = 0; i < 50; i++)
        {
            attacker.Send(8, 0xEE, to: call.A.Node);
            attacker.Send(8, 0xEE, to: call.B.Node);
            attacker.Rtcp.SendTo(new byte[] { 0x80, 201, 0, 1, 0, 0, 0, 1 }, new IPEndPoint(call.A.Node.Address, call.A.Node.Port + 1));
            await TestCall.PassesAsync(call.A, call.B, i); // would fail on an injected packet
            await TestCall.PassesAsync(call.B, call.A, i);
        }
        Assert.Null(await attacker.HearAsync(100));
        LegStatistics figures = await node.Client.RemoveAsync(call.LegA, Cancel);
        Assert.Equal(51, figures.PacketsReceived);
        Assert.InRange(figures.StrangersDropped, 50, 100);
    }

    [Fact]
    public async Task A_sprayer_that_was_first_gives_way_to_the_described_address()
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node);
        using var attacker = new FakePeer("127.0.0.66");
        for (int i = 0; i < 20; i++)
            attacker.Send(8, 0xEE, to: call.A.Node);
        Assert.Null(await call.B.HearAsync(100));
        await TestCall.PassesAsync(call.A, call.B);
        await TestCall.PassesAsync(call.B, call.A);
        Assert.Null(await attacker.HearAsync(50));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_phone_behind_a_NAT_is_learned_from_its_packets(bool secure)
    {
        await using TestNode node = await TestNode.StartAsync();
        using var phone = new FakePeer();
        using TestCall call = await TestCall.ConnectAsync(
            node, sdpA: phone.Sdp(secure: secure, address: "192.168.77.5", port: 4000), a: phone);
        call.B.Send(8, 0x22); // nobody knows yet where to
        for (byte i = 0; i < 10; i++)
            await TestCall.PassesAsync(phone, call.B, i);
        await TestCall.PassesAsync(call.B, phone);

        using var attacker = new FakePeer();
        for (int i = 0; i < 20; i++)
            attacker.Send(8, 0xEE, to: phone.Node);
        await TestCall.PassesAsync(phone, call.B);
        Assert.Null(await attacker.HearAsync(50));
    }

    [Fact]
    public async Task The_signalling_host_is_preferred_behind_a_NAT()
    {
        await using TestNode node = await TestNode.StartAsync();
        using var phone = new FakePeer();
        using TestCall call = await TestCall.ConnectAsync(node, sdpA: phone.Sdp(address: "192.168.77.5", port: 4000), a: phone);
        using var attacker = new FakePeer("127.0.0.66");
        for (int i = 0; i < 20; i++)
            attacker.Send(8, 0xEE, to: phone.Node);
        for (byte i = 0; i < 5; i++)
            await TestCall.PassesAsync(phone, call.B, i);
        await TestCall.PassesAsync(call.B, phone);
        Assert.Null(await attacker.HearAsync(50));
    }

    [Fact]
    public async Task A_sprayer_is_not_learned_while_a_NATed_phone_is_silent()
    {
        await using TestNode node = await TestNode.StartAsync();
        using var phone = new FakePeer();
        using TestCall call = await TestCall.ConnectAsync(node, sdpA: phone.Sdp(address: "192.168.77.5", port: 4000), a: phone);
        using var attacker = new FakePeer("127.7.7.7");
        for (int i = 0; i < 200; i++)
            attacker.Send(8, 0xEE, to: phone.Node);
        call.B.Send(8, 0x10);
        Assert.Null(await attacker.HearAsync(100));
        Assert.Null(await call.B.HearAsync(50));
        for (byte i = 0; i < 6; i++)
            await TestCall.PassesAsync(phone, call.B, i);
        await TestCall.PassesAsync(call.B, phone);
    }

    [Fact]
    public async Task Packets_go_to_the_described_address_until_one_comes_from_elsewhere() // INTEROP I66
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node);
        await TestCall.PassesAsync(call.B, call.A);
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // A sends from another port than it described
        for (int i = 0; i < 6; i++)
        {
            call.A.Send(8, 0x33, from: other);
            Assert.NotNull(await call.B.HearAsync());
        }
        call.B.Send(8, 0x44);
        Assert.Null(await call.A.HearAsync(100));
        Assert.True(other.Poll(1_000_000, SelectMode.SelectRead));
    }

    [Fact]
    public async Task A_moved_phone_is_learned_anew_only_after_a_new_offer()
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node);
        await TestCall.PassesAsync(call.A, call.B);
        call.A.Rebind();
        for (int i = 0; i < 10; i++)
            call.A.Send(8, 0x55);
        Assert.Null(await call.B.HearAsync(100));

        Assert.True((await node.Client.ReceiveOfferAsync(call.LegA, TestCall.Policy(), call.A.Sdp(version: 2), Cancel)).Accepted);
        LegDescription answer = await node.Client.AnswerAsync(call.LegA, call.LegB, Cancel);
        Assert.Equal(call.A.NodeSdp, answer.LocalSdp); // the same address, port and version: nothing of ours changed (INTEROP I60)
        await TestCall.PassesAsync(call.A, call.B);
        await TestCall.PassesAsync(call.B, call.A);
    }

    [Theory]
    [InlineData("224.0.0.5")]
    [InlineData("255.255.255.255")]
    [InlineData("0.0.0.0")]
    [InlineData("169.254.169.254")]
    public async Task An_address_that_nobody_may_name_is_never_sent_to(string address) // SECURITY.md S17
    {
        await using TestNode node = await TestNode.StartAsync();
        using var phone = new FakePeer();
        using TestCall call = await TestCall.ConnectAsync(node, sdpA: phone.Sdp(address: address, port: 9999), a: phone);
        for (int i = 0; i < 5; i++)
            call.B.Send(8, 0x66);
        Assert.Equal(0, (await node.Client.RemoveAsync(call.LegA, Cancel)).PacketsSent);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Rubbish_from_the_right_address_ends_nothing(bool secure)
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, secureA: secure);
        await TestCall.PassesAsync(call.A, call.B);
        var random = new Random(4711);
        var rtcp = new IPEndPoint(call.A.Node.Address, call.A.Node.Port + 1);
        for (int i = 0; i < 500; i++)
        {
            byte[] rubbish = new byte[random.Next(0, 60)];
            random.NextBytes(rubbish);
            if (rubbish.Length > 1)
                rubbish[0] = (byte)(0x80 | (rubbish[0] & 0x3F)); // gets past the version
            if (rubbish.Length > 1 && i % 2 == 0)
                rubbish[1] = (byte)random.Next(192, 224);
            if (rubbish.Length > 1)
                rubbish[1] = i % 2 == 0 ? rubbish[1] : (byte)127; // an unknown payload type: not passed on
            (i % 2 == 0 ? call.A.Rtcp : call.A.Rtp).SendTo(rubbish, i % 2 == 0 ? rtcp : call.A.Node);
        }
        Assert.Null(await call.B.HearAsync(100));
        call.A.Ssrc++;
        call.A.Sequence = 5;
        await TestCall.PassesAsync(call.A, call.B);
        await TestCall.PassesAsync(call.B, call.A);
    }

    [Fact]
    public async Task A_wrong_tag_is_counted_and_ends_nothing() // SECURITY.md S15
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, secureA: true);
        await TestCall.PassesAsync(call.A, call.B);
        using var liar = new FakePeer();
        for (int i = 0; i < 200; i++)
            liar.Send(8, 0xEE, to: call.A.Node, from: call.A.Rtp); // from the right address, without the key
        await TestCall.PassesAsync(call.A, call.B);
        Assert.Equal(200, (await node.Client.RemoveAsync(call.LegA, Cancel)).SrtpFailures);
    }
}
