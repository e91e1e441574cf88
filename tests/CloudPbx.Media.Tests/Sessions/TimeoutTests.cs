using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using CloudPbx.Contracts.Ids;
using CloudPbx.MediaControl;
using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.Media.Tests.Sessions;

/// <summary>What happens by the clock: the node's clock is turned by hand, its loop looks at it every 10 ms.</summary>
public class TimeoutTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_leg_without_packets_is_reported_silent_once()
    {
        var time = new FakeTimeProvider();
        await using TestNode node = await TestNode.StartAsync(time);
        using TestCall call = await TestCall.ConnectAsync(node);
        await TestCall.PassesAsync(call.A, call.B);
        time.Advance(TimeSpan.FromSeconds(50));
        await TestCall.PassesAsync(call.A, call.B);
        await TestCall.PassesAsync(call.B, call.A);
        Assert.False(node.HasReport);
        time.Advance(TimeSpan.FromSeconds(45));
        await TestCall.PassesAsync(call.A, call.B);
        time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal("silent leg 2", await node.ReportAsync());
        await Task.Delay(50, Cancel);
        Assert.False(node.HasReport);
    }

    [Fact]
    public async Task A_held_leg_may_be_silent_and_RTCP_keeps_a_leg_alive() // INTEROP I58
    {
        var time = new FakeTimeProvider();
        await using TestNode node = await TestNode.StartAsync(time);
        using TestCall call = await TestCall.ConnectAsync(node);
        await TestCall.PassesAsync(call.A, call.B);
        await node.Client.ReceiveOfferAsync(call.LegA, TestCall.Policy(), call.A.Sdp(direction: "sendonly", version: 2), Cancel);
        await node.Client.AnswerAsync(call.LegA, call.LegB, Cancel);
        for (int i = 0; i < 4; i++)
        {
            time.Advance(TimeSpan.FromSeconds(40));
            call.B.SendRtcp([0x80, 201, 0, 1, 1, 2, 3, 4]);
            await Task.Delay(50, Cancel);
        }
        Assert.False(node.HasReport);
    }

    [Fact]
    public async Task A_freed_port_is_used_again_only_after_it_has_been_quiet() // SECURITY.md S18
    {
        var time = new FakeTimeProvider();
        await using TestNode node = await TestNode.StartAsync(time, null, ("FirstPort", "29100"), ("LastPort", "29101"));
        using var peer = new FakePeer();
        var first = new LegId(TestNode.NewCall(), 1);
        var second = new LegId(TestNode.NewCall(), 1);
        LegDescription offer = await node.Client.OfferAsync(first, TestCall.Policy(), null, Cancel);
        Assert.True(offer.Accepted, offer.Fault);
        await node.Client.RemoveAsync(first, Cancel);
        LegDescription refused = await node.Client.OfferAsync(second, TestCall.Policy(), null, Cancel);
        Assert.Equal((LegFaults.NoFreePort, true), (refused.Fault, refused.Unavailable));

        time.Advance(TimeSpan.FromSeconds(25));
        peer.Send(8, 1, to: new IPEndPoint(IPAddress.Loopback, 29100)); // a peer that did not hear of the end
        await Task.Delay(300, Cancel);
        time.Advance(TimeSpan.FromSeconds(10));
        await Task.Delay(300, Cancel);
        Assert.False((await node.Client.OfferAsync(second, TestCall.Policy(), null, Cancel)).Accepted);
        time.Advance(TimeSpan.FromSeconds(21));
        LegDescription again = offer;
        for (int i = 0; i < 50 && (again = await node.Client.OfferAsync(second, TestCall.Policy(), null, Cancel)) is { Accepted: false }; i++)
            await Task.Delay(50, Cancel);
        Assert.Contains("m=audio 29100 ", again.LocalSdp, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ports_that_have_drained_stay_open_for_the_next_call_which_hears_nobody_of_the_former() // SECURITY.md S18
    {
        var time = new FakeTimeProvider();
        await using TestNode node = await TestNode.StartAsync(time, null, ("FirstPort", "29200"), ("LastPort", "29399"));
        using TestCall former = await TestCall.ConnectAsync(node, address: "127.0.0.66");
        await former.EndAndDrainAsync(time);
        int[] ports = former.Ports;
        Assert.Subset(IPGlobalProperties.GetIPGlobalProperties().GetActiveUdpListeners().Select(l => l.Port).ToHashSet(), ports.Concat(ports.Select(p => p + 1)).ToHashSet());

        using TestCall next = await TestCall.ConnectAsync(node);
        Assert.Equal(ports, next.Ports);
        Assert.Equal(2, node.Node.PortPairsTaken);
        for (byte i = 0; i < 10; i++)
        {
            former.A.Send(8, 0xEE);
            former.B.Send(8, 0xEE);
            await TestCall.PassesAsync(next.A, next.B, i);
            await TestCall.PassesAsync(next.B, next.A, i);
        }

        await next.EndAndDrainAsync(time);
        former.A.Send(8, 0xEE);                                     // to a port that nobody has now
        using TestCall last = await TestCall.ConnectAsync(node);
        Assert.DoesNotContain(former.A.Node.Port, last.Ports);
        Assert.Contains(former.B.Node.Port, last.Ports);
    }

    [Fact]
    public async Task Ports_that_one_loop_keeps_do_not_run_out_for_another()
    {
        const int Pairs = 16;
        var time = new FakeTimeProvider();
        await using TestNode node = await TestNode.StartAsync(time, null, ("FirstPort", "29400"), ("LastPort", "29431"), ("Loops", "4"), ("PairsForHelp", "0"));
        using TestCall former = await TestCall.ConnectAsync(node);
        await former.EndAndDrainAsync(time);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        int keeper = node.Node.GetOrAdd(former.LegA.Session).Loop.Number;
        for (int taken = 0; taken < Pairs; taken++)
        {
            CallId call = TestNode.NewCall();
            while (node.Node.GetOrAdd(call).Loop.Number == keeper)
                call = TestNode.NewCall();                                  // none of the loop that keeps a pair
            while (!(await node.Client.OfferAsync(new LegId(call, 1), TestCall.Policy(), null, Cancel)).Accepted)
                patience.Token.ThrowIfCancellationRequested();
        }
        Assert.Equal(Pairs, node.Node.PortPairsTaken);
    }

    [Fact]
    public async Task Reports_are_sent_about_every_five_seconds_and_the_peers_are_read() // RFC 3550 §6.2
    {
        var time = new FakeTimeProvider();
        await using TestNode node = await TestNode.StartAsync(time);
        using TestCall call = await TestCall.ConnectAsync(node, secureB: true);
        await TestCall.PassesAsync(call.A, call.B);
        await TestCall.PassesAsync(call.A, call.B);
        await TestCall.PassesAsync(call.B, call.A);
        time.Advance(TimeSpan.FromSeconds(8));
        byte[]? report = await call.B.HearRtcpAsync();
        Assert.Equal(200, report![1]); // a sender report: B was sent to
        Assert.Equal(2, report[23]);   // two packets
        Assert.Equal(1, report[0] & 0x1F);
        Assert.Equal(202, report[53]); // then its CNAME
        Assert.Equal(call.B.Ssrc, System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(report.AsSpan(28)));

        uint ours = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(report.AsSpan(4));
        byte[] answer = new byte[32];
        new byte[] { 0x81, 201, 0, 7, 1, 2, 3, 4 }.CopyTo(answer, 0);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(answer.AsSpan(8), ours);
        answer[15] = 7; // seven lost
        report.AsSpan(10, 4).CopyTo(answer.AsSpan(24)); // LSR: the middle of the NTP timestamp
        time.Advance(TimeSpan.FromMilliseconds(50));
        call.B.SendRtcp(answer);
        await Task.Delay(100, Cancel);
        LegStatistics figures = await node.Client.RemoveAsync(call.LegB, Cancel);
        Assert.Equal(7, figures.LostByPeer);
        Assert.InRange(figures.RoundTripMilliseconds!.Value, 45, 55);
        byte[]? goodbye = null;
        while (await call.B.HearRtcpAsync(500) is { } compound)
            goodbye = compound;
        Assert.Equal(203, goodbye![^7]); // BYE ends the last compound
    }

    [Fact]
    public async Task Who_never_sent_a_packet_does_not_say_that_it_leaves() // RFC 3550 §6.3.7
    {
        await using TestNode node = await TestNode.StartAsync(new FakeTimeProvider());
        using TestCall call = await TestCall.ConnectAsync(node);
        await node.Client.RemoveAsync(call.LegB, Cancel);
        Assert.Null(await call.B.HearRtcpAsync(200));
    }

    [Fact]
    public async Task Multiplexed_RTCP_comes_and_goes_on_the_RTP_port() // RFC 5761
    {
        var time = new FakeTimeProvider();
        await using TestNode node = await TestNode.StartAsync(time);
        using var phone = new FakePeer();
        using TestCall call = await TestCall.ConnectAsync(node, sdpA: phone.Sdp(extra: "a=rtcp-mux\r\n"), a: phone);
        Assert.Contains("a=rtcp-mux\r\n", phone.NodeSdp, StringComparison.Ordinal);
        await TestCall.PassesAsync(phone, call.B);
        await TestCall.PassesAsync(call.B, phone);
        byte[] report = new byte[32];
        new byte[] { 0x81, 201, 0, 7, 1, 2, 3, 4 }.CopyTo(report, 0);
        time.Advance(TimeSpan.FromSeconds(8));
        byte[] buffer = new byte[500];
        int length = await phone.Rtp.ReceiveAsync(buffer.AsMemory(), Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(5), Cancel);
        Assert.Equal(200, buffer[1]);
        buffer.AsSpan(4, 4).CopyTo(report.AsSpan(8));
        report[15] = 3;
        phone.Rtp.SendTo(report, phone.Node);
        await TestCall.PassesAsync(phone, call.B); // the report was not passed on
        Assert.Equal(3, (await node.Client.RemoveAsync(call.LegA, Cancel)).LostByPeer);
        Assert.True(length >= 28);
    }

    [Theory]
    [InlineData(Carriage.Own)]
    [InlineData(Carriage.Grpc)]
    public async Task A_controller_that_does_not_come_back_loses_its_sessions(Carriage carriage)
    {
        var time = new FakeTimeProvider();
        await using TestNode node = await TestNode.StartAsync(carriage, time);
        MediaControlClient other = node.NewClient(node);
        other.Start();
        await other.WaitForConnectionAsync(Cancel);
        var leg = new LegId(TestNode.NewCall(), 1);
        Assert.True((await other.OfferAsync(leg, TestCall.Policy(), null, Cancel)).Accepted);
        await other.DisposeAsync();
        await Task.Delay(200, Cancel);
        time.Advance(TimeSpan.FromSeconds(60));
        await Task.Delay(50, Cancel);
        Assert.Equal(1, node.Node.SessionCount);
        time.Advance(TimeSpan.FromSeconds(40));
        for (int i = 0; i < 100 && node.Node.SessionCount > 0; i++)
            await Task.Delay(20, Cancel);
        Assert.Equal(0, node.Node.SessionCount);
    }
}
