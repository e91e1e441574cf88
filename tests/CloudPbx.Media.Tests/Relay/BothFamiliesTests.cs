using System.Net;
using CloudPbx.MediaControl;
using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.Media.Tests.Relay;

/// <summary>One node has legs in IPv4 and in IPv6, and passes packets from one to the other (infra/decisions/0020-both-families.md).</summary>
public sealed class BothFamiliesTests
{
    private const string V4 = "127.0.0.1", V6 = "::1";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(V6, V4, false, false)]
    [InlineData(V4, V6, false, false)]
    [InlineData(V6, V4, true, false)]
    [InlineData(V4, V6, true, true)]
    public async Task Peers_of_two_families_hear_each_other(string a, string b, bool secureA, bool secureB)
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await ConnectAsync(node, a, b, secureA, secureB);
        Assert.Equal((Line(a), Line(b)), (Line(call.A), Line(call.B)));
        Assert.Equal((IPAddress.Parse(a), IPAddress.Parse(b)), (call.A.Node.Address, call.B.Node.Address));
        for (byte i = 0; i < 10; i++)
        {
            await TestCall.PassesAsync(call.A, call.B, i);
            await TestCall.PassesAsync(call.B, call.A, i);
        }
        Assert.Equal(2, node.Node.PortPairsTaken);                                              // one for each, whatever the family
        LegStatistics figures = await node.Client.RemoveAsync(call.LegA, Cancel);
        Assert.Equal((10L, 10L, 0L), (figures.PacketsReceived, figures.PacketsSent, figures.StrangersDropped));
    }

    [Theory]
    [InlineData(V6, V4)]
    [InlineData(V4, V6)]
    public async Task Who_offers_is_answered_in_the_family_of_its_media_whatever_its_signalling(string media, string signalling)
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, a: new FakePeer(media), policyA: TestCall.Policy(signalling: signalling));
        Assert.Equal(Line(media), Line(call.A));
        await TestCall.PassesAsync(call.B, call.A);
        await TestCall.PassesAsync(call.A, call.B);
    }

    [Theory]
    [InlineData("0.0.0.0")]             // the old way of holding, from a phone that begins with it
    [InlineData("phone.invalid")]
    [InlineData("224.0.0.1")]
    public async Task An_offer_that_names_nobody_is_answered_in_the_family_of_the_signalling(string described)
    {
        await using TestNode node = await TestNode.StartAsync();
        using FakePeer peer = new(V6);
        var leg = new LegId(TestNode.NewCall(), 1);
        string offer = peer.Sdp().Replace("c=IN IP6 ::1", "c=IN IP4 " + described, StringComparison.Ordinal);
        Assert.True((await node.Client.ReceiveOfferAsync(leg, TestCall.Policy(signalling: V6), offer, Cancel)).Accepted);
        Assert.Contains("\r\nc=IN IP6 ::1\r\n", (await node.Client.AnswerAsync(leg, null, Cancel)).LocalSdp, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_browser_gets_the_candidate_of_the_family_that_it_signals_in()         // RFC 8445 §6.1.2.2: pairs have one family
    {
        await using TestNode node = await TestNode.StartAsync();
        LegPolicy browser = TestCall.Policy(signalling: V6) with { WebRtc = true };
        LegDescription offer = await node.Client.OfferAsync(new LegId(TestNode.NewCall(), 1), browser, null, Cancel);
        if (offer.LocalSdp is not { } sdp || !sdp.Contains("a=candidate", StringComparison.Ordinal))
        {
            Assert.Skip("This machine has no OpenSSL.");
            return;
        }
        Assert.Contains("\r\nc=IN IP6 ::1\r\n", sdp, StringComparison.Ordinal);
        Assert.Contains(" ::1 ", sdp.Split("\r\n").Single(l => l.StartsWith("a=candidate", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(V4, V6)]
    [InlineData(V6, V4)]
    public async Task An_answer_in_the_other_family_is_heard_and_served_where_it_sends_from(string offered, string answered)
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, address: offered);
        using FakePeer late = new(offered);
        var leg = new LegId(call.LegA.Session, 3);
        late.Learn((await node.Client.OfferAsync(leg, TestCall.Policy(signalling: offered), call.LegA, Cancel)).LocalSdp);
        string answer = late.Sdp().Replace(Line(offered), Line(answered), StringComparison.Ordinal);
        Assert.True((await node.Client.ReceiveAnswerAsync(leg, answer, Cancel)).Accepted);
        await node.Client.BridgeAsync(leg, call.LegA, Cancel);
        for (byte i = 0; i < 4; i++)                                                            // a run of four, as behind a NAT
            await TestCall.PassesAsync(late, call.A, i);
        await TestCall.PassesAsync(call.A, late);
    }

    [Theory]
    [InlineData(V4, V6, false)]
    [InlineData(V6, V4, false)]
    [InlineData(V4, V6, true)]
    public async Task A_peer_that_moves_to_the_other_family_is_answered_there_and_nobody_else_notices(string before, string after, bool secure)        // RFC 3264 §8.3.1
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await ConnectAsync(node, before, V4, secure, false);
        uint ssrc = (await TestCall.PassesAsync(call.B, call.A)).Ssrc, heardAs = (await TestCall.PassesAsync(call.A, call.B)).Ssrc;
        await TestCall.PassesAsync(call.A, call.B);
        string former = call.A.NodeSdp;

        using FakePeer moved = new(after) { Ssrc = call.A.Ssrc };
        Assert.True((await node.Client.ReceiveOfferAsync(call.LegA, TestCall.Policy(signalling: after), moved.Sdp(secure: secure, version: 2), Cancel)).Accepted);
        await TestCall.PassesAsync(call.A, call.B);                                             // until it is answered all is as it was
        LegDescription answer = await node.Client.AnswerAsync(call.LegA, call.LegB, Cancel);
        Assert.Equal(answer.LocalSdp, (await node.Client.AnswerAsync(call.LegA, call.LegB, Cancel)).LocalSdp);
        moved.Learn(answer.LocalSdp);
        Assert.Equal(Line(after), Line(moved));
        Assert.NotEqual(call.A.Node.Port, moved.Node.Port);
        string[] origin = Origin(former), later = Origin(answer.LocalSdp!);
        Assert.Equal((origin[1], origin[5], int.Parse(origin[2], null) + 1), (later[1], later[5], int.Parse(later[2], null)));
        (moved.Sequence, moved.Timestamp) = (call.A.Sequence, call.A.Timestamp);
        Assert.Equal(ssrc, (await TestCall.PassesAsync(call.B, moved)).Ssrc);
        Assert.Equal(heardAs, (await TestCall.PassesAsync(moved, call.B)).Ssrc);
        for (byte i = 0; i < 10; i++)
            await TestCall.PassesAsync(moved, call.B, i);
        call.A.Send(8, 0xEE);                                                                   // to the former port: swallowed (S18)
        await TestCall.PassesAsync(moved, call.B, 0x55);
        Assert.Equal(3, node.Node.PortPairsTaken);                                              // the former pair drains
        Assert.Equal(Line(after), LineOf((await node.Client.OfferAsync(call.LegA, TestCall.Policy(signalling: after), call.LegB, Cancel)).LocalSdp!));
        await node.Client.RemoveAsync(call.LegA, Cancel);
    }

    [Fact]
    public async Task A_move_that_is_refused_leaves_the_leg_where_it_was()                      // RFC 3261 §14.2
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node);
        using FakePeer moved = new(V6);
        Assert.True((await node.Client.ReceiveOfferAsync(call.LegA, TestCall.Policy(signalling: V6), moved.Sdp("18 101", version: 2), Cancel)).Accepted);
        Assert.Equal(LegFaults.NoCommonCodec, (await node.Client.AnswerAsync(call.LegA, call.LegB, Cancel)).Fault);
        await TestCall.PassesAsync(call.A, call.B);
        await TestCall.PassesAsync(call.B, call.A);
        LegDescription again = await node.Client.OfferAsync(call.LegA, TestCall.Policy(), call.LegB, Cancel);
        Assert.Contains($"m=audio {call.A.Node.Port} ", again.LocalSdp, StringComparison.Ordinal);
        Assert.Equal(Line(V4), LineOf(again.LocalSdp!));
        Assert.True((await node.Client.ReceiveAnswerAsync(call.LegA, call.A.Sdp(version: 3), Cancel)).Accepted);
        await TestCall.PassesAsync(call.B, call.A);
    }

    [Fact]
    public async Task A_fax_takes_ports_of_its_legs_family()
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await ConnectAsync(node, V6, V4, false, false);
        using PassedPeer a = new(V6), b = new();
        string fax = call.A.Sdp(version: 2)[..call.A.Sdp(version: 2).IndexOf("m=audio", StringComparison.Ordinal)] + a.Fax();
        Assert.True((await node.Client.ReceiveOfferAsync(call.LegA, TestCall.Policy(signalling: V6), fax, Cancel)).AsksPartner);
        b.Learn((await node.Client.OfferAsync(call.LegB, TestCall.Policy(), call.LegA, Cancel)).LocalSdp, "image");
        string taken = call.B.Sdp(version: 2)[..call.B.Sdp(version: 2).IndexOf("m=audio", StringComparison.Ordinal)] + b.Fax();
        Assert.True((await node.Client.ReceiveAnswerAsync(call.LegB, taken, Cancel)).Accepted);
        a.Learn((await node.Client.AnswerAsync(call.LegA, call.LegB, Cancel)).LocalSdp, "image");
        byte[] there = [0, 1, 2, 3, 4], back = [0, 1, 9, 8, 7];
        a.Send(there);
        Assert.Equal(there, await b.HearAsync());
        b.Send(back);
        Assert.Equal(back, await a.HearAsync());
    }

    [Theory]
    [InlineData("0.0.0.0,::", V6)]
    [InlineData("127.0.0.1", V4)]       // that node has nothing else
    public async Task A_leg_that_another_node_had_stays_in_its_family_where_it_can(string bind, string there)
    {
        await using TestNode one = await TestNode.StartAsync();
        await using TestNode other = await TestNode.StartAsync(null, null, ("FirstPort", "31000"), ("LastPort", "31999"), ("Bind", bind));
        using TestCall call = await TestCall.ConnectAsync(one, a: new FakePeer(V6), policyA: TestCall.Policy(signalling: V4));
        string state = (await one.Client.AnswerAsync(call.LegA, call.LegB, Cancel)).State!;
        Assert.True(await other.Client.RestoreAsync(call.LegA, TestCall.Policy(signalling: V4), state, Cancel));
        LegDescription offer = await other.Client.OfferAsync(call.LegA, TestCall.Policy(signalling: V4), null, Cancel);
        Assert.Equal(Line(there), LineOf(offer.LocalSdp!));
    }

    [Fact]
    public async Task Pairs_that_were_kept_open_serve_their_own_family()
    {
        var time = new FakeTimeProvider();
        await using TestNode node = await TestNode.StartAsync(time, null, ("FirstPort", "29600"), ("LastPort", "29799"));
        int[] four = await EndAsync(V4), six = await EndAsync(V6);
        Assert.Empty(four.Intersect(six));
        using TestCall next4 = await TestCall.ConnectAsync(node), next6 = await TestCall.ConnectAsync(node, address: V6);
        Assert.Equal(four, next4.Ports);
        Assert.Equal(six, next6.Ports);
        await TestCall.PassesAsync(next4.A, next4.B);
        await TestCall.PassesAsync(next6.A, next6.B);

        async Task<int[]> EndAsync(string address)
        {
            using TestCall call = await TestCall.ConnectAsync(node, address: address);
            await call.EndAndDrainAsync(time);
            return call.Ports;
        }
    }

    [Fact]
    public async Task The_ports_are_one_range_for_both_families_and_the_last_are_for_help()     // SECURITY.md S36
    {
        await using TestNode node = await TestNode.StartAsync(null, null, ("FirstPort", "33300"), ("LastPort", "33363"));
        int legs = 0;
        while ((await OfferAsync(legs % 2 == 0 ? V4 : V6, forHelp: false)).Accepted)
            legs++;
        Assert.Equal((30, 30), (legs, node.Node.LegCapacity));
        Assert.True((await OfferAsync(V6, forHelp: true)).Accepted);
        Assert.True((await OfferAsync(V4, forHelp: true)).Accepted);
        Assert.Equal(LegFaults.NoFreePort, (await OfferAsync(V6, forHelp: true)).Fault);

        Task<LegDescription> OfferAsync(string address, bool forHelp) =>
            node.Client.OfferAsync(new LegId(TestNode.NewCall(), 1), TestCall.Policy(signalling: address) with { ForHelp = forHelp }, null, Cancel);
    }

    private static Task<TestCall> ConnectAsync(TestNode node, string a, string b, bool secureA, bool secureB) =>
        TestCall.ConnectAsync(node, secureA: secureA, secureB: secureB, a: new FakePeer(a), policyA: TestCall.Policy(signalling: a), address: b);

    private static string Line(string address) => $"c=IN {(address.Contains(':', StringComparison.Ordinal) ? "IP6" : "IP4")} {address}";

    private static string Line(FakePeer peer) => LineOf(peer.NodeSdp);

    private static string LineOf(string sdp) => sdp.Split("\r\n").First(line => line.StartsWith("c=", StringComparison.Ordinal));

    private static string[] Origin(string sdp) => sdp.Split("\r\n").First(line => line.StartsWith("o=", StringComparison.Ordinal)).Split(' ');
}
