using CloudPbx.Edge.Guard;
using CloudPbx.Sip.Messages;
using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.Edge.Tests;

/// <summary>S12: which requests were let in already.</summary>
public class AdmittedRequestsTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void S12_an_admitted_request_is_known_while_it_can_be_repeated()       // RFC 3261 §17.1.1.2: 64 times T1
    {
        AdmittedRequests admitted = new(_time);
        Assert.False(admitted.Contains(0x1234_5678_9ABC_DEF0));
        admitted.Add(0x1234_5678_9ABC_DEF0);
        _time.Advance(TimeSpan.FromSeconds(32));
        Assert.True(admitted.Contains(0x1234_5678_9ABC_DEF0));
        Assert.False(admitted.Contains(0x1234_5678_9ABD_DEF0));                   // of the same place in the table
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(admitted.Contains(0x1234_5678_9ABC_DEF0));
    }

    [Fact]
    public void S12_a_thousand_a_second_are_remembered_and_the_oldest_make_room()
    {
        AdmittedRequests admitted = new(_time);
        Random random = new(7);
        List<ulong> names = [];
        for (int second = 0; second < 100; second++)
        {
            for (int i = 0; i < 500; i++)
            {
                names.Add((ulong)random.NextInt64());
                admitted.Add(names[^1]);
            }
            _time.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.All(names[^500..], name => Assert.True(admitted.Contains(name)));
        Assert.InRange(names[^15_500..].Count(admitted.Contains), 14_800, 15_500);      // of the last 31 s: some places are more crowded than others
        Assert.Equal(0, names[..^16_500].Count(admitted.Contains));
    }

    [Fact]
    public async Task S12_under_overload_what_was_let_in_and_what_belongs_to_a_dialog_and_a_call_for_help_passes()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        using var phone = new UdpPeer(edge.Udp);
        await phone.SendAsync(Invite(0));
        Assert.Equal("call-0", (await edge.Worker.RequestAsync()).CallId);
        edge.Worker.Delay = TimeSpan.FromSeconds(5);
        long began = Environment.TickCount64;
        int call = 0;
        do
        {
            await phone.SendAsync(Invite(++call));
            Assert.InRange(Environment.TickCount64 - began, 0, 10_000);
        }
        while (await phone.IsSilentAsync());
        Assert.True(await phone.IsSilentAsync());                                 // what the refusal came before

        await phone.SendAsync(Invite(0));
        await phone.SendAsync(TestEdge.Request("INVITE", branch: "z9hG4bKchallenged", callId: "challenged", more: "Proxy-Authorization: Digest username=\"100\"\r\n"));
        await phone.SendAsync(TestEdge.Request("INVITE", branch: "z9hG4bKagain", callId: "again", to: "<sip:100@acme.example>;tag=2"));
        for (int i = 0; i < 2; i++)                                               // S36: a call for help, and its retransmission
            await phone.SendAsync(TestEdge.Request("INVITE", uri: "sip:112@acme.example", branch: "z9hG4bKhelp", callId: "help"));
        await phone.SendAsync(TestEdge.Request("REGISTER", branch: "z9hG4bKregister", callId: "register"));
        Assert.True(await phone.IsSilentAsync());
        List<string> passed = [];
        while (passed is not [.., "register"])
        {
            SipRequest request = await edge.Worker.RequestAsync();
            if (!request.CallId.StartsWith("call-", StringComparison.Ordinal) || request.CallId == "call-0")
                passed.Add(request.CallId);
        }
        Assert.Equal(["call-0", "challenged", "again", "help", "help", "register"], passed);
    }

    private static string Invite(int call) => TestEdge.Request("INVITE", branch: $"z9hG4bKcall{call}", callId: $"call-{call}");
}
