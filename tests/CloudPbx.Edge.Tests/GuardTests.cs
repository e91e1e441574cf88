using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using CloudPbx.Edge.Guard;
using CloudPbx.Edge.Listeners;
using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Messages;
using Microsoft.Extensions.Time.Testing;
using static CloudPbx.Edge.Tests.TestEdge;

namespace CloudPbx.Edge.Tests;

public class GuardTests
{
    private static readonly InternetEndPoint s_one = InternetEndPoint.From(IPEndPoint.Parse("198.51.100.1:5060"));
    private static readonly InternetEndPoint s_two = InternetEndPoint.From(IPEndPoint.Parse("198.51.100.2:5060"));

    [Fact]
    public void A_source_may_burst_and_then_send_at_its_rate()
    {
        var time = new FakeTimeProvider();
        var limiter = new SourceLimiter(perSecond: 10, burst: 5, time);
        Assert.Equal(5, Taken(limiter, s_one, 100));
        time.Advance(TimeSpan.FromSeconds(0.35));
        Assert.Equal(3, Taken(limiter, s_one, 100));
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(5, Taken(limiter, s_one, 100));
    }

    [Fact]
    public void One_source_does_not_empty_anothers_bucket()
    {
        var limiter = new SourceLimiter(perSecond: 10, burst: 5, new FakeTimeProvider());
        Taken(limiter, s_one, 1000);
        Assert.Equal(5, Taken(limiter, s_two, 100));
    }

    [Fact]
    public void The_ports_of_a_source_and_the_hosts_of_an_IPv6_network_count_together()
    {
        var limiter = new SourceLimiter(perSecond: 10, burst: 5, new FakeTimeProvider());
        Assert.Equal(5, Taken(limiter, InternetEndPoint.From(IPEndPoint.Parse("198.51.100.1:1")), 5));
        Assert.Equal(0, Taken(limiter, s_one, 5));
        Assert.Equal(5, Taken(limiter, InternetEndPoint.From(IPEndPoint.Parse("[2001:db8::1]:1")), 5));
        Assert.Equal(0, Taken(limiter, InternetEndPoint.From(IPEndPoint.Parse("[2001:db8::ffff]:2")), 5));
        Assert.Equal(5, Taken(limiter, InternetEndPoint.From(IPEndPoint.Parse("[2001:db8:0:1::1]:1")), 5));
    }

    [Fact]
    public void A_flood_from_many_sources_leaves_a_steady_one_its_tokens()
    {
        var time = new FakeTimeProvider();
        var limiter = new SourceLimiter(perSecond: 10, burst: 20, time);
        var random = new Random(1);
        for (int i = 0; i < 200_000; i++)
        {
            limiter.TryTake(new InternetEndPoint(BitConverter.GetBytes(random.Next()), 5060));
            if (i % 2000 == 0)
            {
                time.Advance(TimeSpan.FromMilliseconds(100));
                Assert.True(limiter.TryTake(s_one));
            }
        }
    }

    [Fact]
    public void Connections_are_counted_in_all_and_for_each_source()
    {
        var limiter = new ConnectionLimiter(limit: 3, limitPerSource: 2);
        Assert.True(limiter.TryEnter(s_one));
        Assert.True(limiter.TryEnter(s_one));
        Assert.False(limiter.TryEnter(s_one));
        Assert.True(limiter.TryEnter(s_two));
        Assert.False(limiter.TryEnter(s_two));
        limiter.Leave(s_one);
        Assert.True(limiter.TryEnter(s_one));
        Assert.Equal(3, limiter.Count);
    }

    [Fact]
    public async Task A_fast_sender_on_UDP_is_dropped_and_one_on_TCP_made_to_wait()
    {
        await using TestEdge edge = await StartAsync(o => (o.MessagesPerSecond, o.MessageBurst) = (50, 10));
        using var phone = new UdpPeer(edge.Udp);
        for (int i = 0; i < 200; i++)
            await phone.SendAsync(Request("OPTIONS", branch: $"z9hG4bK{i}"));
        await Task.Delay(300, TestContext.Current.CancellationToken);     // a dropped datagram leaves no sign to wait for
        int came = 0;
        for (; edge.Worker.HasMore; came++)
            await edge.Worker.NextAsync();
        Assert.InRange(came, 10, 100);

        using StreamPeer stream = await StreamPeer.ConnectAsync(edge.Tcp);
        for (int i = 0; i < 30; i++)
            await stream.SendAsync(Request("OPTIONS", "TCP", branch: $"z9hG4bK{i}"));
        for (int i = 0; i < 30; i++)
            await edge.Worker.RequestAsync();                       // nothing is lost
    }

    [Fact]
    public async Task A_source_with_too_many_connections_gets_no_more()
    {
        await using TestEdge edge = await StartAsync(o => o.MaxConnectionsPerSource = 2);
        using StreamPeer one = await StreamPeer.ConnectAsync(edge.Tcp);
        using StreamPeer two = await StreamPeer.ConnectAsync(edge.Tcp);
        await one.SendAsync("\r\n\r\n");
        await two.SendAsync("\r\n\r\n");
        Assert.Equal("\r\n", await one.ReceiveOctetsAsync(2));
        Assert.Equal("\r\n", await two.ReceiveOctetsAsync(2));
        Assert.True(await IsRefusedAsync(edge.Tcp));
    }

    [Fact]
    public async Task S20_a_silent_connection_is_closed_and_one_that_spoke_is_not()
    {
        await using TestEdge edge = await StartAsync(o => o.FirstMessageTimeout = TimeSpan.FromMilliseconds(500));
        using StreamPeer silent = await StreamPeer.ConnectAsync(edge.Tcp);
        using StreamPeer pinging = await StreamPeer.ConnectAsync(edge.Tcp);
        using StreamPeer phone = await StreamPeer.ConnectAsync(edge.Tcp);
        await pinging.SendAsync("\r\n\r\n");
        await phone.SendAsync(Request("REGISTER", "TCP"));
        SipRequest register = await edge.Worker.RequestAsync();
        Assert.Equal("", await silent.ReceiveRestAsync());
        Assert.Equal("\r\n", await pinging.ReceiveRestAsync());
        edge.Worker.Send(SipResponse.For(register, 200));
        Assert.StartsWith("SIP/2.0 200 ", await phone.ReceiveAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task S20_silent_connections_make_room_before_all_places_are_taken()
    {
        await using TestEdge edge = await StartAsync(o => (o.MaxConnections, o.CrowdedPercent) = (10, 50));
        using StreamPeer phone = await StreamPeer.ConnectAsync(edge.Tcp);
        await phone.SendAsync(Request("REGISTER", "TCP"));
        SipRequest register = await edge.Worker.RequestAsync();
        edge.Worker.Send(SipResponse.For(register, 200));
        await phone.ReceiveAsync();
        List<StreamPeer> silent = [];
        for (int i = 0; i < 9; i++)
            silent.Add(await StreamPeer.ConnectAsync(edge.Tcp));
        List<Task<string>> waiting = [.. silent.Select(peer => peer.ReceiveRestAsync())];
        for (int i = 0; i < 5; i++)                                  // the oldest ones, as the edge took them in
        {
            Task<string> ended = await Task.WhenAny(waiting);
            Assert.Equal("", await ended);
            waiting.Remove(ended);
        }
        // A place is free a moment after its peer saw the end: who comes before that is turned away, and comes again.
        Task<SipRequest> heard = edge.Worker.RequestAsync();
        while (!heard.IsCompleted)
        {
            StreamPeer newcomer = await StreamPeer.ConnectAsync(edge.Tcp);
            silent.Add(newcomer);
            try
            {
                await newcomer.SendAsync(Request("OPTIONS", "TCP"));
                await Task.WhenAny(heard, newcomer.ReceiveRestAsync());
            }
            catch (IOException)
            {
                // turned away before it spoke
            }
        }
        await heard;
        edge.Worker.Send(Outward(FlowOf(register), edge.Worker.EdgeId));
        Assert.StartsWith("INVITE ", await phone.ReceiveAsync(), StringComparison.Ordinal);
        silent.ForEach(peer => peer.Dispose());
    }

    [Fact]
    public async Task S20_peers_that_do_not_begin_their_handshake_make_room_before_those_that_speak()
    {
        using var files = new CertificateFiles();
        files.Write("acme.example");
        await using TestEdge edge = await StartAsync(o =>
        {
            (o.CertificatePath, o.KeyPath) = (files.CertificatePath, files.KeyPath);
            (o.MaxConnections, o.CrowdedPercent, o.HandshakeTimeout) = (10, 50, TimeSpan.FromMinutes(1));
        });
        using StreamPeer stranger = await StreamPeer.ConnectAsync(edge.Tcp);
        await stranger.SendAsync(Request("OPTIONS", "TCP"));
        await edge.Worker.RequestAsync();
        List<StreamPeer> silent = [];
        for (int i = 0; i < 9; i++)
            silent.Add(await StreamPeer.ConnectAsync(edge.Tls));
        List<Task<string>> waiting = [.. silent.Select(peer => peer.ReceiveRestAsync())];
        for (int i = 0; i < 5; i++)
        {
            Task<string> ended = await Task.WhenAny(waiting);
            Assert.Equal("", await ended);
            waiting.Remove(ended);
        }
        await stranger.SendAsync(Request("OPTIONS", "TCP", branch: "z9hG4bKb2", callId: "c2"));
        await edge.Worker.RequestAsync();
        silent.ForEach(peer => peer.Dispose());
    }

    // The threat's 20,000 take two descriptors each in this process: as many as it may open.
    [Theory]
    [InlineData(2_000, false)]
    [InlineData(2_000, true)]                                        // at the TLS port, where they do not even begin their handshakes
    [InlineData(20_000, false, Explicit = true)]
    [InlineData(20_000, true, Explicit = true)]
    public async Task S20_thousands_of_silent_connections_do_not_keep_a_phone_out(int wanted, bool byTls)
    {
        int count = Math.Min(wanted, (DescriptorLimit() - 1000) / 2);
        using var files = new CertificateFiles();
        files.Write("acme.example");
        await using TestEdge edge = await StartAsync(o =>
        {
            o.MaxConnections = count;
            (o.CertificatePath, o.KeyPath) = (files.CertificatePath, files.KeyPath);
            o.HandshakeTimeout = TimeSpan.FromMinutes(1);            // room is to be made, not to come by itself
            o.FirstMessageTimeout = TimeSpan.FromMinutes(1);
        });
        IPEndPoint port = byTls ? edge.Tls : edge.Tcp;
        List<Socket> silent = [];
        try
        {
            for (int i = 0; i < count; i++)
            {
                // One source may not take all the places, so the attacker has some hundred.
                Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                silent.Add(socket);
                socket.Bind(new IPEndPoint(new IPAddress([127, 0, 2, (byte)(i % 200)]), 0));
                await socket.ConnectAsync(port, TestContext.Current.CancellationToken);
            }
            TestContext.Current.TestOutputHelper?.WriteLine($"{count} silent connections");
            Task<SipRequest> came = edge.Worker.RequestAsync();
            for (int i = 0; i < 200 && !came.IsCompleted; i++)
            {
                // Where the last place went a moment ago, a phone tries again: the sweep makes room each second.
                await Task.Delay(i == 0 ? 0 : 50, TestContext.Current.CancellationToken);
                try
                {
                    using StreamPeer phone = await StreamPeer.ConnectAsync(port, byTls ? files.Client("acme.example") : null);
                    await phone.SendAsync(Request("REGISTER", byTls ? "TLS" : "TCP"));
                    await Task.WhenAny(came, phone.ReceiveRestAsync());
                }
                catch (Exception e) when (e is IOException or SocketException or AuthenticationException)
                {
                    // refused
                }
            }
            Assert.Equal("REGISTER", (await came).Method.Name);
        }
        finally
        {
            silent.ForEach(socket => socket.Dispose());
        }
    }

    [Fact]
    public async Task A_connection_on_which_nobody_authenticated_does_not_stay_idle()
    {
        await using TestEdge edge = await StartAsync(o => o.IdleTimeout = TimeSpan.FromMilliseconds(500));
        using StreamPeer stranger = await StreamPeer.ConnectAsync(edge.Tcp);
        using StreamPeer phone = await StreamPeer.ConnectAsync(edge.Tcp);
        await phone.SendAsync(Request("REGISTER", "TCP"));
        SipRequest register = await edge.Worker.RequestAsync();
        edge.Worker.Send(SipResponse.For(register, 200));
        await phone.ReceiveAsync();
        await stranger.SendAsync(Request("OPTIONS", "TCP"));
        await edge.Worker.RequestAsync();
        Assert.Equal("", await stranger.ReceiveRestAsync());
        edge.Worker.Send(Outward(FlowOf(register), edge.Worker.EdgeId));
        Assert.StartsWith("INVITE ", await phone.ReceiveAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_beyond_the_limits_is_refused()
    {
        await using TestEdge edge = await StartAsync(o => (o.MaxHeaderSection, o.MaxBody) = (2048, 2048));
        using var phone = new UdpPeer(edge.Udp);
        await phone.SendAsync(Request("OPTIONS", more: $"X: {new string('x', 3000)}\r\n"));
        Assert.StartsWith("SIP/2.0 513 ", await phone.ReceiveAsync(), StringComparison.Ordinal);
        await phone.SendAsync(Request("OPTIONS", more: string.Concat(Enumerable.Repeat("A:b\r\n", 300))));
        Assert.StartsWith("SIP/2.0 513 ", await phone.ReceiveAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_taken_port_is_told_in_one_sentence()
    {
        await using TestEdge first = await StartAsync();
        EdgePortException tcp = await Assert.ThrowsAsync<EdgePortException>(() => StartAsync(o => (o.TcpPort, o.UdpPort) = (first.Tcp.Port, 0)));
        Assert.Contains($"TCP port {first.Tcp.Port}", tcp.Message, StringComparison.Ordinal);
        EdgePortException udp = await Assert.ThrowsAsync<EdgePortException>(() => StartAsync(o => o.UdpPort = first.Udp.Port));
        Assert.Contains($"UDP port {first.Udp.Port}", udp.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_IPv6_port_serves_IPv6_peers()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "This machine has no IPv6.");
        await using TestEdge edge = await StartAsync(o => o.Addresses = ["::1"]);
        using StreamPeer phone = await StreamPeer.ConnectAsync(edge.Tcp);
        await phone.SendAsync(Request("REGISTER", "TCP"));
        SipRequest register = await edge.Worker.RequestAsync();
        Assert.Equal("::1", register.Vias[1].Received);
        edge.Worker.Send(Outward(FlowOf(register), edge.Worker.EdgeId));
        Assert.Contains($"Via: SIP/2.0/TCP [::1]:{edge.Tcp.Port}", await phone.ReceiveAsync(), StringComparison.Ordinal);
    }

    private static int DescriptorLimit()
    {
        string line = File.ReadLines("/proc/self/limits").First(l => l.StartsWith("Max open files", StringComparison.Ordinal));
        return int.TryParse(line[26..].Trim().Split(' ')[0], out int limit) ? limit : 100_000;
    }

    // The reset may come before the connection is seen as open.
    private static async Task<bool> IsRefusedAsync(IPEndPoint edge)
    {
        try
        {
            using StreamPeer peer = await StreamPeer.ConnectAsync(edge);
            return await peer.ReceiveRestAsync() == "";
        }
        catch (SocketException)
        {
            return true;
        }
    }

    private static int Taken(SourceLimiter limiter, InternetEndPoint source, int tries) => Enumerable.Range(0, tries).Count(_ => limiter.TryTake(source));
}
