using CloudPbx.Contracts.Ids;
using CloudPbx.Edge.Dispatch;
using CloudPbx.Sip.Messages;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using static CloudPbx.Edge.Tests.TestEdge;

namespace CloudPbx.Edge.Tests;

/// <summary>An edge that the operator drains: who is there stays served, nobody new is taken.</summary>
public class DrainTests
{
    [Fact]
    public async Task It_announces_itself_with_its_connections()
    {
        await using TestEdge edge = await StartAsync();
        using StreamPeer phone = await StreamPeer.ConnectAsync(edge.Tcp);
        await Eventually(() => edge.Sources.Announced is { IsDraining: false, Address.Length: > 0, EdgeId.Length: 8 });
    }

    [Fact]
    public async Task Connections_that_are_there_stay_new_ones_are_closed_and_it_is_not_ready()
    {
        await using TestEdge edge = await StartAsync();
        using StreamPeer there = await StreamPeer.ConnectAsync(edge.Tcp);
        await there.SendAsync(Request("REGISTER", "TCP"));
        edge.Worker.Send(SipResponse.For(await edge.Worker.RequestAsync(), 200));
        await there.ReceiveAsync();
        HealthCheckService health = edge.Services.GetRequiredService<HealthCheckService>();
        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync(check => check.Name == "edge", TestContext.Current.CancellationToken)).Status);

        edge.Drain(true);
        Assert.Equal(HealthStatus.Unhealthy, (await health.CheckHealthAsync(check => check.Name == "edge", TestContext.Current.CancellationToken)).Status);
        Assert.True(await IsTurnedAwayAsync(edge));
        await there.SendAsync(Request("INVITE", "TCP", more: Authorized, branch: "z9hG4bKb2"));
        Assert.Equal(SipMethod.Invite, (await edge.Worker.RequestAsync()).Method);

        edge.Drain(false);
        using StreamPeer after = await StreamPeer.ConnectAsync(edge.Tcp);
        await after.SendAsync(Request("REGISTER", "TCP", more: Authorized, branch: "z9hG4bKb3"));
        Assert.Equal(SipMethod.Register, (await edge.Worker.RequestAsync()).Method);
    }

    [Theory]
    [InlineData("REGISTER")]
    [InlineData("INVITE")]
    public async Task A_datagram_of_somebody_new_is_sent_elsewhere_by_503(string method)           // RFC 3261 §21.5.4
    {
        await using TestEdge edge = await StartAsync();
        edge.Drain(true);
        using var phone = new UdpPeer(edge.Udp);
        await phone.SendAsync(Request(method));
        string answer = await phone.ReceiveAsync();
        Assert.StartsWith("SIP/2.0 503 ", answer, StringComparison.Ordinal);
        Assert.Contains("Retry-After: ", answer, StringComparison.Ordinal);
        // What belongs to a dialog comes through all the same.
        await phone.SendAsync(Request("BYE", to: "<sip:100@acme.example>;tag=t1", branch: "z9hG4bKb2"));
        Assert.Equal(SipMethod.Bye, (await edge.Worker.RequestAsync()).Method);
    }

    // The reset may come before the connecting is done, or when something is read.
    private static async Task<bool> IsTurnedAwayAsync(TestEdge edge)
    {
        try
        {
            using StreamPeer late = await StreamPeer.ConnectAsync(edge.Tcp);
            return (await late.ReceiveRestAsync()).Length == 0;
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            return true;
        }
    }
}
