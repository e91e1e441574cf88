using System.Net;
using System.Net.Sockets;
using CloudPbx.Edge.Guard;
using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Messages;
using CloudPbx.State.Bans;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using static CloudPbx.Edge.Tests.TestEdge;

namespace CloudPbx.Edge.Tests;

/// <summary>S36 at the edge: who calls for help is heard whatever the edge forbids, and nobody gets in by dialling 112.</summary>
public class EmergencyTests
{
    private static readonly BanSource s_here = BanSource.From(IPAddress.Loopback);

    [Fact]
    public async Task S36_a_banned_phone_calls_for_help_and_is_heard_from_its_ringing_on()
    {
        await using TestEdge edge = await StartWithBanAsync();
        using var phone = new UdpPeer(edge.Udp);
        await phone.SendAsync(Invite("sip:112@acme.example", branch: "z9hG4bK1"));
        SipRequest invite = await edge.Worker.RequestAsync();
        Assert.Equal("sip:112@acme.example", invite.RequestUri.ToString());
        edge.Worker.Send(SipResponse.For(invite, 407));
        Assert.StartsWith("SIP/2.0 407 ", await phone.ReceiveAsync(), StringComparison.Ordinal);
        await phone.SendAsync(Request("ACK", uri: "sip:112@acme.example", to: "<sip:112@acme.example>;tag=w", branch: "z9hG4bK1"));
        Assert.Equal("ACK", (await edge.Worker.RequestAsync()).Method.Name);
        await phone.SendAsync(Request("PRACK", to: "<sip:112@acme.example>;tag=w", branch: "z9hG4bK2"));
        Assert.True(await phone.IsSilentAsync());                               // nobody has authenticated yet

        await phone.SendAsync(Invite("sip:112@acme.example", branch: "z9hG4bK3"));
        edge.Worker.Send(SipResponse.For(await edge.Worker.RequestAsync(), 180));
        Assert.StartsWith("SIP/2.0 180 ", await phone.ReceiveAsync(), StringComparison.Ordinal);
        await phone.SendAsync(Request("PRACK", to: "<sip:112@acme.example>;tag=w", branch: "z9hG4bK4"));
        Assert.Equal("PRACK", (await edge.Worker.RequestAsync()).Method.Name);
        await phone.SendAsync(Request("CANCEL", uri: "sip:112@acme.example", to: "<sip:112@acme.example>", branch: "z9hG4bK3"));
        Assert.Equal("CANCEL", (await edge.Worker.RequestAsync()).Method.Name);
    }

    [Fact]
    public async Task S36_a_banned_source_gets_silence_for_everything_else()
    {
        await using TestEdge edge = await StartWithBanAsync();
        using var phone = new UdpPeer(edge.Udp);
        await phone.SendAsync(Invite("sip:101@acme.example"));
        await phone.SendAsync(Invite("sip:110@acme.example"));                  // the other tenant's number
        await phone.SendAsync(Invite("urn:service:counseling"));
        await phone.SendAsync(Invite("sip:112@elsewhere.example", from: "<sip:100@elsewhere.example>;tag=f"));
        await phone.SendAsync(Request("REGISTER", uri: "sip:112@acme.example", more: Authorized));
        await phone.SendAsync(Request("OPTIONS", uri: "sip:112@acme.example"));
        await phone.SendAsync(Request("MESSAGE", uri: "sip:112@acme.example"));
        await phone.SendAsync(Request("INVITE", uri: "sip:112@acme.example", to: "<sip:112@acme.example>;tag=x"));     // in no dialog
        await phone.SendAsync(Request("BYE", uri: "sip:112@acme.example", to: "<sip:112@acme.example>;tag=x"));
        await phone.SendAsync(Invite("sip:112@acme.example").Replace("Max-Forwards: 70", "Max-Forwards: x", StringComparison.Ordinal));        // no answer that names a fault either
        Assert.True(await phone.IsSilentAsync());
        Assert.False(edge.Worker.HasMore);
    }

    [Theory]
    [InlineData("sip:112@acme.example", "acme.example")]
    [InlineData("sip:9112@acme.example", "acme.example")]                       // behind the outside prefix
    [InlineData("sips:112;phone-context=acme.example@acme.example;user=phone", "acme.example")]
    [InlineData("sip:1-1-2@127.0.0.1", "acme.example")]                         // RFC 3966 §5.1.1
    [InlineData("sip:%31%312@127.0.0.1", "acme.example")]                       // RFC 3261 §19.1.4
    [InlineData("tel:112;phone-context=acme.example", "acme.example")]
    [InlineData("sip:110@globex.example", "globex.example")]
    [InlineData("urn:service:sos", "globex.example")]                           // RFC 5031
    [InlineData("URN:service:SOS.fire", "acme.example")]
    public async Task S36_help_is_what_the_tenants_phones_dial_for_it(string uri, string domain)
    {
        await using TestEdge edge = await StartWithBanAsync();
        using var phone = new UdpPeer(edge.Udp);
        await phone.SendAsync(Invite(uri, from: $"<sip:100@{domain}>;tag=f"));
        SipRequest invite = await edge.Worker.RequestAsync();
        Assert.Equal(domain == "acme.example" ? Acme.Value : Globex.Value, TenantOf(invite));
    }

    [Fact]
    public async Task S36_a_banned_account_calls_for_help_with_its_credentials()
    {
        await using TestEdge edge = await StartAsync();
        edge.Sources.Bans!.Add(new BanSubject(s_here, Acme, "100"), DateTime.UtcNow.AddMinutes(10));
        using var phone = new UdpPeer(edge.Udp);
        await phone.SendAsync(Invite("sip:101@acme.example", more: Authorized));
        Assert.True(await phone.IsSilentAsync());
        await phone.SendAsync(Invite("sip:112@acme.example", more: Authorized));
        Assert.Equal("112", (await edge.Worker.RequestAsync()).RequestUri.User);
    }

    [Fact]
    public async Task S36_calls_for_help_are_let_through_by_the_handful()
    {
        await using TestEdge edge = await StartWithBanAsync();
        using var phone = new UdpPeer(edge.Udp);
        for (int i = 0; i < 100; i++)
            await phone.SendAsync(Invite("sip:112@acme.example", branch: $"z9hG4bK{i}"));
        Assert.True(await phone.IsSilentAsync());
        await edge.Worker.RequestAsync();
        int came = 1;
        for (; edge.Worker.HasMore; came++)
            await edge.Worker.RequestAsync();
        Assert.InRange(came, 1, EmergencyBrake.Burst + 5 * EmergencyBrake.PerSecond);
    }

    [Fact]
    public async Task S36_a_banned_source_may_connect_to_call_for_help_and_is_let_go_when_it_does_not()
    {
        await using TestEdge edge = await StartWithBanAsync(o => o.FirstMessageTimeout = TimeSpan.FromSeconds(2));
        using StreamPeer caller = await StreamPeer.ConnectAsync(edge.Tcp), other = await StreamPeer.ConnectAsync(edge.Tcp);
        await other.SendAsync(Request("REGISTER", "TCP", more: Authorized));
        await caller.SendAsync(Invite("sip:112@acme.example", "TCP"));
        edge.Worker.Send(SipResponse.For(await edge.Worker.RequestAsync(), 407));
        Assert.StartsWith("SIP/2.0 407 ", await caller.ReceiveAsync(), StringComparison.Ordinal);
        Assert.Equal("", await other.ReceiveRestAsync());                       // not a word, and closed in the end
        await caller.SendAsync(Invite("sip:112@acme.example", "TCP", branch: "z9hG4bK2", more: Authorized));
        Assert.Equal("112", (await edge.Worker.RequestAsync()).RequestUri.User);
        Assert.False(edge.Worker.HasMore);
    }

    [Fact]
    public async Task S36_a_banned_source_gets_few_connections()
    {
        await using TestEdge edge = await StartWithBanAsync();
        List<StreamPeer> peers = [];
        try
        {
            for (int i = 0; i < 3 * EmergencyBrake.ConnectionBurst; i++)
            {
                try
                {
                    peers.Add(await StreamPeer.ConnectAsync(edge.Tcp));
                }
                catch (SocketException)
                {
                    // It was reset before it was quite there.
                }
            }
            Task<string>[] ends = [.. peers.Select(peer => peer.ReceiveRestAsync())];
            await Eventually(() => ends.Count(end => end.IsCompleted) + edge.Flows.Connections.Count >= peers.Count);
            Assert.InRange(edge.Flows.Connections.Count, 1, EmergencyBrake.ConnectionBurst + 5 * EmergencyBrake.ConnectionsPerSecond);
        }
        finally
        {
            peers.ForEach(peer => peer.Dispose());
        }
    }

    [Fact]
    public async Task S36_a_drain_refuses_no_call_for_help()
    {
        await using TestEdge edge = await StartAsync();
        edge.Drain(true);
        using var phone = new UdpPeer(edge.Udp);
        await phone.SendAsync(Invite("sip:101@acme.example", branch: "z9hG4bK1"));
        Assert.StartsWith("SIP/2.0 503 ", await phone.ReceiveAsync(), StringComparison.Ordinal);
        await phone.SendAsync(Invite("sip:112@acme.example", branch: "z9hG4bK2"));
        Assert.Equal("112", (await edge.Worker.RequestAsync()).RequestUri.User);
    }

    [Fact]
    public void S36_the_brake_counts_each_source_and_all_together()
    {
        FakeTimeProvider time = new();
        EmergencyBrake brake = new(time);
        InternetEndPoint one = Source(1), two = Source(2);
        Assert.Equal(EmergencyBrake.Burst, Taken(brake, one, 100));
        Assert.Equal(EmergencyBrake.Burst, Taken(brake, two, 100));
        Assert.Equal(EmergencyBrake.ConnectionBurst, Enumerable.Range(0, 100).Count(_ => brake.TryConnect(one)));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(EmergencyBrake.PerSecond, Taken(brake, one, 100));
        time.Advance(TimeSpan.FromMinutes(1));
        int inAll = Enumerable.Range(10, 1000).Sum(i => Taken(brake, Source(i), 1));
        Assert.Equal(EmergencyBrake.BurstInAll, inAll);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(EmergencyBrake.PerSecondInAll, Enumerable.Range(2000, 1000).Sum(i => Taken(brake, Source(i), 1)));
    }

    private static InternetEndPoint Source(int i) => new([203, 0, (byte)(i >> 8), (byte)i], 5060);

    private static int Taken(EmergencyBrake brake, in InternetEndPoint source, int tries)
    {
        int taken = 0;
        for (int i = 0; i < tries; i++)
            taken += brake.TryTake(source) ? 1 : 0;
        return taken;
    }

    private static string Invite(string uri, string transport = "UDP", string from = "<sip:100@acme.example>;tag=f1", string more = "", string branch = "z9hG4bKb1") =>
        Request("INVITE", transport, to: $"<{uri}>", uri: uri, from: from, more: more, branch: branch);

    private static async Task<TestEdge> StartWithBanAsync(Action<EdgeOptions>? configure = null)
    {
        TestEdge edge = await StartAsync(configure);
        edge.Sources.Bans!.Add(new BanSubject(s_here), DateTime.UtcNow.AddMinutes(10));
        return edge;
    }
}
