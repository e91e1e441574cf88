using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;
using static CloudPbx.Edge.Tests.TestEdge;

namespace CloudPbx.Edge.Tests;

/// <summary>A tenant that moved: its former owner is not listened to any more, and what reached it goes on to the new one.</summary>
public sealed class EpochTests
{
    private static readonly WorkerAddress s_first = new("worker-1", 0);
    private static readonly WorkerAddress s_second = new("worker-2", 7000);

    [Fact]
    public async Task Requests_and_responses_of_a_former_owner_are_dropped()
    {
        await using TestEdge edge = await StartAsync();
        using var phone = new UdpPeer(edge.Udp);
        await phone.SendAsync(Request("REGISTER"));
        SipRequest register = await edge.Worker.RequestAsync();
        await MoveAsync(edge, phone, register, epoch: 5);
        edge.Worker.SendAs(s_first, Outward(FlowOf(register), edge.Worker.EdgeId, "OPTIONS"));
        edge.Worker.SendAs(s_first, System.Text.Encoding.UTF8.GetString(SipResponse.For(register, 200, null, "late").ToBytes()));
        edge.Worker.SendAs(s_second, Outward(FlowOf(register), edge.Worker.EdgeId, "INFO"));
        Assert.StartsWith("INFO ", await phone.ReceiveAsync(), StringComparison.Ordinal);
        Assert.True(await phone.IsSilentAsync());
    }

    [Fact]
    public async Task A_lower_epoch_takes_nothing_over()
    {
        await using TestEdge edge = await StartAsync();
        using var phone = new UdpPeer(edge.Udp);
        await phone.SendAsync(Request("REGISTER"));
        await MoveAsync(edge, phone, await edge.Worker.RequestAsync(), epoch: 5);
        edge.Worker.SendAs(s_first, Notice(s_first, epoch: 4));
        edge.Worker.SendAs(s_first, "SIP/2.0 180 Ringing\r\nVia: SIP/2.0/TCP " + $"{Globex.Value:N}.invalid;branch=z9hG4bKw1\r\n"
            + "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n");
        await edge.Worker.NextAsync();                                        // it came back, so the notice before it was read
        await phone.SendAsync(Request("OPTIONS"));
        (SipMessage _, WorkerAddress worker) = await edge.Worker.NextFromAsync();
        Assert.Equal(s_second, worker);
    }

    [Fact]
    public async Task A_tenants_owner_whose_link_is_down_keeps_nobody_from_speaking()
    {
        await using TestEdge edge = await StartAsync();
        using var phone = new UdpPeer(edge.Udp);
        await phone.SendAsync(Request("REGISTER"));
        SipRequest register = await edge.Worker.RequestAsync();
        await MoveAsync(edge, phone, register, epoch: 5);
        edge.Worker.IsReachable = false;
        await edge.Worker.BreakAsync(s_second);
        Task<string> received = phone.ReceiveAsync();
        await Eventually(() =>
        {
            edge.Worker.SendAs(s_first, Outward(FlowOf(register), edge.Worker.EdgeId, "OPTIONS"));
            return received.IsCompleted;
        });
        Assert.StartsWith("OPTIONS ", await received, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_worker_gives_back_goes_to_the_tenants_new_owner_as_it_was()
    {
        await using TestEdge edge = await StartAsync();
        using var phone = new UdpPeer(edge.Udp);
        await phone.SendAsync(Request("INVITE"));
        (SipMessage request, string invite) = await edge.Worker.NextAsync();
        await MoveAsync(edge, phone, (SipRequest)request, epoch: 5);
        edge.Worker.SendAs(s_first, invite);
        (SipMessage message, WorkerAddress worker) = await edge.Worker.NextFromAsync();
        Assert.Equal(s_second, worker);
        Assert.Equal(invite, System.Text.Encoding.UTF8.GetString(message.ToBytes()));

        string response = $"SIP/2.0 180 Ringing\r\nVia: SIP/2.0/TCP {Acme.Value:N}.invalid;branch=z9hG4bKw1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n";
        edge.Worker.SendAs(s_first, response);
        (message, worker) = await edge.Worker.NextFromAsync();
        Assert.Equal((s_second, 180), (worker, ((SipResponse)message).StatusCode));
        Assert.True(await phone.IsSilentAsync());
    }

    private static string Notice(WorkerAddress owner, long epoch) =>
        System.Text.Encoding.ASCII.GetString(new MovedNotice(Acme.Value, owner, epoch).ToBytes());

    /// <summary>The second worker takes the tenant over, and the edge has understood.</summary>
    private static async Task MoveAsync(TestEdge edge, UdpPeer phone, SipRequest request, long epoch)
    {
        edge.Sources.Workers = [s_first, s_second];
        await edge.Worker.GreetedAsync(s_second);
        edge.Worker.SendAs(s_second, Notice(s_second, epoch));
        edge.Worker.SendAs(s_second, Outward(FlowOf(request), edge.Worker.EdgeId, "MESSAGE"));
        Assert.StartsWith("MESSAGE ", await phone.ReceiveAsync(), StringComparison.Ordinal);
    }
}
