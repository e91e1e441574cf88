using CloudPbx.Edge.Dispatch;
using CloudPbx.Sip.Messages;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using static CloudPbx.Edge.Tests.TestEdge;

namespace CloudPbx.Edge.Tests;

public class HoldTests
{
    private const string InDialog = "<sip:1@acme.example>;tag=2";

    [Fact]
    public async Task Without_a_worker_a_REGISTER_waits_and_a_new_call_is_told_to_come_back()
    {
        await using TestEdge edge = await StartAsync(workerUp: false);
        using StreamPeer phone = await StreamPeer.ConnectAsync(edge.Tcp);
        await phone.SendAsync(Request("REGISTER", "TCP"));
        await phone.SendAsync(Request("BYE", "TCP", to: InDialog, branch: "z9hG4bK2"));
        await phone.SendAsync(Request("INVITE", "TCP", branch: "z9hG4bK3"));
        string answer = await phone.ReceiveAsync();
        Assert.StartsWith("SIP/2.0 503 ", answer, StringComparison.Ordinal);
        Assert.Matches(@"\r\nRetry-After: ([5-9]|10)\r\n", answer);
        Assert.Contains("z9hG4bK3", answer, StringComparison.Ordinal);

        edge.Worker.IsReachable = true;
        Assert.Equal(SipMethod.Register, (await edge.Worker.RequestAsync()).Method);
        Assert.Equal(SipMethod.Bye, (await edge.Worker.RequestAsync()).Method);
    }

    [Theory]
    [InlineData("REGISTER", "<sip:1@acme.example>")]
    [InlineData("BYE", InDialog)]
    [InlineData("INVITE", InDialog)]
    [InlineData("CANCEL", "<sip:1@acme.example>")]
    public async Task On_UDP_what_must_not_be_refused_is_dropped_for_the_phone_to_repeat(string method, string to)
    {
        await using TestEdge edge = await StartAsync(workerUp: false);
        using var phone = new UdpPeer(edge.Udp);
        await phone.SendAsync(Request(method, to: to));
        Assert.True(await phone.IsSilentAsync());
    }

    [Fact]
    public async Task A_worker_that_does_not_answer_hello_gets_nothing()
    {
        await using TestEdge edge = await StartAsync(workerUp: false);
        edge.Worker.AnswersHello = false;
        edge.Worker.IsReachable = true;
        await Eventually(() => edge.Worker.EdgeId != 0);
        Assert.False(edge.Services.GetRequiredService<WorkerLinks>().IsAnyUp);
    }

    [Fact]
    public void What_waited_too_long_is_forgotten_and_no_more_waits_than_fits()
    {
        var time = new FakeTimeProvider();
        var held = new HeldMessages(time, TimeSpan.FromSeconds(10), capacity: 2);
        Assert.True(held.TryHold(Acme.Value, "1"u8));
        time.Advance(TimeSpan.FromSeconds(6));
        Assert.True(held.TryHold(Acme.Value, "2"u8));
        Assert.False(held.TryHold(Acme.Value, "3"u8));
        time.Advance(TimeSpan.FromSeconds(6));
        Assert.True(held.TryTake(out Guid tenant, out byte[] message));
        Assert.Equal((Acme.Value, "2"), (tenant, System.Text.Encoding.ASCII.GetString(message)));
        Assert.False(held.TryTake(out _, out _));
        Assert.Equal(0, held.Count);
    }
}
