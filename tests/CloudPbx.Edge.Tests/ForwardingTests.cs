using System.Net;
using CloudPbx.Edge.Dispatch;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;
using CloudPbx.Sip.Transport;
using Microsoft.Extensions.DependencyInjection;
using static CloudPbx.Edge.Tests.TestEdge;

namespace CloudPbx.Edge.Tests;

public class ForwardingTests
{
    [Fact]
    public async Task A_phone_on_UDP_registers_and_is_called()
    {
        await using TestEdge edge = await StartAsync();
        using var phone = new UdpPeer(edge.Udp);
        await phone.SendAsync(Request("REGISTER"));
        SipRequest register = await edge.Worker.RequestAsync();
        Assert.Equal(Acme.Value, TenantOf(register));
        Assert.True(FlowToken.TryParse(FlowOf(register), edge.Key, out FlowToken flow));
        Assert.Equal((SipTransport.Udp, phone.Port, "127.0.0.1", edge.Udp.Port, edge.Worker.EdgeId),
            (flow.Transport, flow.Remote.Port, flow.AdvertisedHost, flow.AdvertisedPort, flow.EdgeId));

        edge.Worker.Send(SipResponse.For(register, 200));
        string ok = await phone.ReceiveAsync();
        Assert.StartsWith("SIP/2.0 200 ", ok, StringComparison.Ordinal);
        Assert.Contains($"received=127.0.0.1;rport={phone.Port}", ok, StringComparison.Ordinal);
        Assert.DoesNotContain("invalid", ok, StringComparison.Ordinal);

        edge.Worker.Send(Outward(FlowOf(register), edge.Worker.EdgeId));
        string invite = await phone.ReceiveAsync();
        Assert.StartsWith("INVITE sip:100@10.9.9.9 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:" + edge.Udp.Port, invite, StringComparison.Ordinal);
        Assert.DoesNotContain("Route:", invite, StringComparison.Ordinal);

        await phone.SendAsync(ResponseTo(invite, "180 Ringing"));
        SipResponse ringing = await edge.Worker.ResponseAsync();
        Assert.Equal(180, ringing.StatusCode);
        Assert.Equal($"{Acme.Value:N}.invalid", Assert.Single(ringing.Vias).Host);
    }

    [Fact]
    public async Task A_phone_on_TCP_registers_and_is_called()
    {
        await using TestEdge edge = await StartAsync();
        using StreamPeer phone = await StreamPeer.ConnectAsync(edge.Tcp);
        await phone.SendAsync(Request("REGISTER", "TCP"));
        SipRequest register = await edge.Worker.RequestAsync();
        Assert.True(FlowToken.TryParse(FlowOf(register), edge.Key, out FlowToken flow));
        Assert.Equal((SipTransport.Tcp, phone.Port, edge.Tcp.Port), (flow.Transport, flow.Remote.Port, flow.AdvertisedPort));
        edge.Worker.Send(SipResponse.For(register, 200));
        Assert.StartsWith("SIP/2.0 200 ", await phone.ReceiveAsync(), StringComparison.Ordinal);

        edge.Worker.Send(Outward(FlowOf(register), edge.Worker.EdgeId));
        string invite = await phone.ReceiveAsync();
        Assert.Contains("Via: SIP/2.0/TCP 127.0.0.1:" + edge.Tcp.Port, invite, StringComparison.Ordinal);
        await phone.SendAsync(ResponseTo(invite, "200 OK"));
        Assert.Equal(200, (await edge.Worker.ResponseAsync()).StatusCode);
    }

    [Fact]
    public async Task A_flow_dies_with_its_connection()      // RFC 5626 §11.5
    {
        await using TestEdge edge = await StartAsync();
        string token;
        using (StreamPeer phone = await StreamPeer.ConnectAsync(edge.Tcp))
        {
            await phone.SendAsync(Request("REGISTER", "TCP"));
            token = FlowOf(await edge.Worker.RequestAsync());
        }
        await Eventually(() => edge.Flows.Connections.Count == 0);
        edge.Worker.Send(Outward(token, edge.Worker.EdgeId));
        SipResponse failed = await edge.Worker.ResponseAsync();
        Assert.Equal((430, "Flow Failed"), (failed.StatusCode, failed.ReasonPhrase));
        Assert.Equal("z9hG4bKw1", failed.TopVia!.Branch);
        Assert.NotNull(failed.To!.Tag);

        edge.Worker.Send(Outward(token, edge.Worker.EdgeId, "ACK"));         // no answer to ACK
        edge.Worker.Send(Outward(token, edge.Worker.EdgeId, "BYE", "z9hG4bKw2"));
        Assert.Equal("z9hG4bKw2", (await edge.Worker.ResponseAsync()).TopVia!.Branch);
    }

    [Fact]
    public async Task A_request_that_the_system_does_not_send_is_a_failed_flow()          // RFC 3261 §18.4
    {
        await using TestEdge edge = await StartAsync();
        using UdpPeer phone = new(edge.Udp);
        await phone.SendAsync(Request("REGISTER"));
        FlowToken.TryRead(FlowOf(await edge.Worker.RequestAsync()), out FlowToken token);
        // To everybody nothing is sent without having been asked for (SO_BROADCAST).
        string nowhere = (token with { Remote = CloudPbx.Net.Sockets.InternetEndPoint.From(new IPEndPoint(IPAddress.Broadcast, 9)) }).ToString(edge.Key);
        edge.Worker.Send(Outward(nowhere, edge.Worker.EdgeId, "ACK"));       // no answer to ACK
        edge.Worker.Send(Outward(nowhere, edge.Worker.EdgeId));
        SipResponse failed = await edge.Worker.ResponseAsync();
        Assert.Equal((430, "Flow Failed", "z9hG4bKw1"), (failed.StatusCode, failed.ReasonPhrase, failed.TopVia.Branch));
    }

    [Fact]
    public async Task A_token_of_another_key_is_a_failed_flow()
    {
        await using TestEdge edge = await StartAsync();
        var forged = new FlowToken
        {
            EdgeId = edge.Worker.EdgeId,
            Transport = SipTransport.Udp,
            Remote = CloudPbx.Net.Sockets.InternetEndPoint.From(new IPEndPoint(IPAddress.Loopback, 9)),
            AdvertisedHost = "a",
            AdvertisedPort = 5060,
        };
        edge.Worker.Send(Outward(forged.ToString(EdgeKey.CreateRandom()), edge.Worker.EdgeId));
        Assert.Equal(430, (await edge.Worker.ResponseAsync()).StatusCode);
    }

    [Fact]
    public async Task CANCEL_and_ACK_reach_the_phone_with_their_INVITEs_branch()
    {
        await using TestEdge edge = await StartAsync();
        using var phone = new UdpPeer(edge.Udp);
        await phone.SendAsync(Request("REGISTER"));
        string token = FlowOf(await edge.Worker.RequestAsync());
        var branches = new HashSet<string>();
        foreach (string method in (string[])["INVITE", "INVITE", "CANCEL", "ACK"])
        {
            edge.Worker.Send(Outward(token, edge.Worker.EdgeId, method));
            branches.Add(TopBranch(await phone.ReceiveAsync()));
        }
        Assert.Single(branches);
    }

    [Fact]
    public async Task Retransmissions_CANCEL_and_ACK_reach_the_worker_with_one_branch()
    {
        await using TestEdge edge = await StartAsync();
        using var phone = new UdpPeer(edge.Udp);
        var branches = new HashSet<string?>();
        foreach (string method in (string[])["INVITE", "INVITE", "CANCEL", "ACK"])
        {
            await phone.SendAsync(Request(method, uri: "sip:101@acme.example"));
            branches.Add((await edge.Worker.RequestAsync()).TopVia!.Branch);
        }
        Assert.Single(branches);
    }

    [Fact]
    public async Task A_response_to_nothing_that_we_sent_is_dropped()        // RFC 3261 §18.1.2; RFC 4475 §3.3.11 bcast
    {
        await using TestEdge edge = await StartAsync();
        using var phone = new UdpPeer(edge.Udp);
        await phone.SendAsync($"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1:{edge.Udp.Port};branch=z9hG4bKo1\r\nVia: SIP/2.0/TCP {Acme.Value:N}.invalid;branch=z9hG4bKw1\r\n"
            + "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n");
        Assert.True(await phone.IsSilentAsync());
        Assert.False(edge.Worker.HasMore);
    }

    [Fact]
    public async Task Moved_tenants_go_to_their_worker()
    {
        await using TestEdge edge = await StartAsync();
        edge.Worker.Send(System.Text.Encoding.ASCII.GetString(new MovedNotice(Acme.Value, new WorkerAddress("worker-2", 7000), 1).ToBytes()));
        await Eventually(() => { lock (edge.Worker.Dialled) return edge.Worker.Dialled.Contains(new WorkerAddress("worker-2", 7000)); });
        using var phone = new UdpPeer(edge.Udp);
        await phone.SendAsync(Request("OPTIONS"));
        Assert.Equal(SipMethod.Options, (await edge.Worker.RequestAsync()).Method);
    }

    [Fact]
    public async Task A_broken_link_is_dialled_again()
    {
        await using TestEdge edge = await StartAsync();
        await edge.Worker.BreakAsync();
        WorkerLinks links = edge.Services.GetRequiredService<WorkerLinks>();
        await Eventually(() => { lock (edge.Worker.Dialled) return edge.Worker.Dialled.Count > 1; });
        await Eventually(() => links.IsAnyUp);
        using var phone = new UdpPeer(edge.Udp);
        await phone.SendAsync(Request("OPTIONS"));
        await edge.Worker.RequestAsync();
    }

    internal static string TopBranch(string message) =>
        Assert.IsType<SipRequest>(Parse(message)).TopVia!.Branch!;

    internal static string ResponseTo(string request, string status)
    {
        var parsed = Assert.IsType<SipRequest>(Parse(request));
        return System.Text.Encoding.UTF8.GetString(SipResponse.For(parsed, int.Parse(status[..3], System.Globalization.CultureInfo.InvariantCulture), status[4..], "p1").ToBytes());
    }

    private static SipMessage Parse(string text)
    {
        Assert.Equal(SipParseError.None, SipMessage.TryParse(System.Text.Encoding.UTF8.GetBytes(text), out SipMessage? message));
        return message!;
    }
}
