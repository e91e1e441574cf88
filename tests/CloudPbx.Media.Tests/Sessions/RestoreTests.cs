using System.Net;
using CloudPbx.MediaControl;

namespace CloudPbx.Media.Tests.Sessions;

/// <summary>A leg that another node had goes on here (DESIGN: legs move between nodes).</summary>
public sealed class RestoreTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, Carriage.Own)]
    [InlineData(true, Carriage.Own)]
    [InlineData(true, Carriage.Grpc)]
    public async Task A_call_goes_on_at_another_node_with_its_codecs_and_its_form_of_encryption(bool secure, Carriage carriage)
    {
        await using TestNode one = await TestNode.StartAsync(carriage);
        await using TestNode other = await TestNode.StartAsync(carriage, null, null, ("FirstPort", "31000"), ("LastPort", "31999"));
        using TestCall call = await TestCall.ConnectAsync(one, formatsA: "0 8 101", formatsB: "0 101", secureA: secure, secureB: secure);
        await TestCall.PassesAsync(call.A, call.B, payloadType: 0);
        (string sdpA, string sdpB) = (call.A.NodeSdp, call.B.NodeSdp);
        (string stateA, string stateB) = await StatesAsync(call, secure);

        await other.Client.RestoreAsync(call.LegA, TestCall.Policy(), stateA, Cancel);
        await other.Client.RestoreAsync(call.LegB, TestCall.Policy(), stateB, Cancel);
        await AgreeAsync(other, call.LegA, call.LegB, call.A, secure);
        await AgreeAsync(other, call.LegB, call.LegA, call.B, secure);
        await other.Client.BridgeAsync(call.LegA, call.LegB, Cancel);
        Assert.InRange(call.A.Node.Port, 31000, 31999);
        Assert.Contains(" 0 ", Line(call.A.NodeSdp, "m=audio"), StringComparison.Ordinal);
        AssertGoesOn(sdpA, call.A.NodeSdp);
        AssertGoesOn(sdpB, call.B.NodeSdp);
        if (secure)
            Assert.Equal(KeyOf(sdpA, call.A.Suite), KeyOf(call.A.NodeSdp, call.A.Suite));

        // A phone keeps its key and its counter over a re-INVITE (INTEROP I62), and may have turned over meanwhile.
        await TestCall.PassesAsync(call.A, call.B, payloadType: 0);
        await TestCall.PassesAsync(call.B, call.A, payloadType: 0);
        Assert.Equal("PCMU", (await other.Client.RemoveAsync(call.LegA, Cancel)).Codec);
    }

    [Fact]
    public async Task A_peer_whose_counter_turned_over_is_understood_at_another_node()
    {
        await using TestNode one = await TestNode.StartAsync();
        await using TestNode other = await TestNode.StartAsync(null, null, ("FirstPort", "31000"), ("LastPort", "31999"));
        using TestCall call = await TestCall.ConnectAsync(one, secureA: true);
        for (int turn = 0; turn < 3; turn++)
        {
            foreach (ushort sequence in (ushort[])[20_000, 45_000, 65_000])       // so that its own side counts the turns
            {
                call.A.Sequence = sequence;
                call.A.Send(8, 1);                                          // RFC 3550 §A.1: a jump is believed with the second packet
                call.A.Send(8, 2);
                while ((await call.B.HearAsync())!.Payload[0] != 2)
                {
                }
            }
        }
        (string stateA, string stateB) = await StatesAsync(call, true);
        await other.Client.RestoreAsync(call.LegA, TestCall.Policy(), stateA, Cancel);
        await other.Client.RestoreAsync(call.LegB, TestCall.Policy(), stateB, Cancel);
        await AgreeAsync(other, call.LegA, call.LegB, call.A, true);
        await AgreeAsync(other, call.LegB, call.LegA, call.B, false);
        await other.Client.BridgeAsync(call.LegA, call.LegB, Cancel);
        await TestCall.PassesAsync(call.A, call.B);
        await TestCall.PassesAsync(call.A, call.B);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_leg_that_comes_back_counts_its_descriptions_on_from_the_other_nodes(bool secure)      // RFC 3264 §8
    {
        await using TestNode one = await TestNode.StartAsync();
        await using TestNode other = await TestNode.StartAsync(null, null, ("FirstPort", "31000"), ("LastPort", "31999"));
        using TestCall call = await TestCall.ConnectAsync(one, secureA: secure);
        string before = call.A.NodeSdp;
        (string state, _) = await StatesAsync(call, secure);
        await other.Client.RestoreAsync(call.LegA, TestCall.Policy(), state, Cancel);
        LegDescription there = await other.Client.OfferAsync(call.LegA, TestCall.Policy(), null, Cancel);
        AssertGoesOn(before, there.LocalSdp!);
        call.A.Learn(there.LocalSdp!, keepKeys: true);
        LegDescription agreed = await other.Client.ReceiveAnswerAsync(call.LegA, call.A.Sdp("0 8 101", secure, version: 2), Cancel);

        // The other party has refused: the leg is back on its own node.
        Assert.True(await one.Client.RestoreAsync(call.LegA, TestCall.Policy(), agreed.State!, Cancel));
        LegDescription back = await one.Client.OfferAsync(call.LegA, TestCall.Policy(), call.LegB, Cancel);
        AssertGoesOn(there.LocalSdp!, back.LocalSdp!);
        Assert.Equal(Line(before, "c="), Line(back.LocalSdp!, "c="));
        Assert.Equal(Line(before, "m=audio").Split(' ')[1], Line(back.LocalSdp!, "m=audio").Split(' ')[1]);
        if (secure)
            Assert.Equal(KeyOf(before, call.A.Suite), KeyOf(back.LocalSdp!, call.A.Suite));
        call.A.Learn(back.LocalSdp!, keepKeys: true);
        Assert.True((await one.Client.ReceiveAnswerAsync(call.LegA, call.A.Sdp("0 8 101", secure, version: 3), Cancel)).Accepted);
        await TestCall.PassesAsync(call.B, call.A);

        // A state that is not later than ours changes nothing.
        Assert.True(await one.Client.RestoreAsync(call.LegA, TestCall.Policy(), agreed.State!, Cancel));
        Assert.Equal(Line(back.LocalSdp!, "o="), Line((await one.Client.OfferAsync(call.LegA, TestCall.Policy(), call.LegB, Cancel)).LocalSdp!, "o="));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("{\"Local\":\"nonsense\",\"Formats\":[]}")]
    public async Task A_state_that_none_of_ours_wrote_makes_a_new_leg(string state)
    {
        await using TestNode node = await TestNode.StartAsync();
        var leg = new LegId(TestNode.NewCall(), 1);
        Assert.True(await node.Client.RestoreAsync(leg, TestCall.Policy(), state, Cancel));
        Assert.True((await node.Client.OfferAsync(leg, TestCall.Policy(), null, Cancel)).Accepted);
    }

    /// <summary>What the node wrote of both legs: the same as with its answers, given again.</summary>
    private static async Task<(string A, string B)> StatesAsync(TestCall call, bool secure)
    {
        LegDescription a = await call.Node.Client.AnswerAsync(call.LegA, call.LegB, Cancel);
        bool secureB = secure && call.B.NodeSdp.Contains("SAVP", StringComparison.Ordinal);
        LegDescription b = await call.Node.Client.ReceiveAnswerAsync(call.LegB, call.B.Sdp("0 8 101", secureB), Cancel);
        return (a.State!, b.State!);
    }

    private static async Task AgreeAsync(TestNode node, LegId leg, LegId like, FakePeer peer, bool secure)
    {
        LegDescription offer = await node.Client.OfferAsync(leg, TestCall.Policy(), like, Cancel);
        Assert.True(offer.Accepted, offer.Fault);
        Assert.Equal(secure, offer.LocalSdp!.Contains("RTP/SAVP", StringComparison.Ordinal));
        peer.Learn(offer.LocalSdp, keepKeys: true);                         // as baresip does it, which takes no other key from a re-INVITE
        LegDescription agreed = await node.Client.ReceiveAnswerAsync(leg, peer.Sdp("0 8 101", secure, version: 2), Cancel);
        Assert.True(agreed.Accepted, agreed.Fault);
    }

    /// <summary>RFC 3264 §8: the same origin but for its version, which rises by one.</summary>
    private static void AssertGoesOn(string before, string now)
    {
        string[] old = Line(before, "o=").Split(' '), later = Line(now, "o=").Split(' ');
        Assert.Equal(int.Parse(old[2], System.Globalization.CultureInfo.InvariantCulture) + 1, int.Parse(later[2], System.Globalization.CultureInfo.InvariantCulture));
        (old[2], later[2]) = ("", "");
        Assert.Equal(old, later);
    }

    private static string KeyOf(string sdp, string suite) => sdp.Split("\r\n").First(line => line.StartsWith("a=crypto:", StringComparison.Ordinal) && line.Contains(suite, StringComparison.Ordinal)).Split("inline:")[1];

    private static string Line(string sdp, string begins) => sdp.Split("\r\n").First(line => line.StartsWith(begins, StringComparison.Ordinal));
}
