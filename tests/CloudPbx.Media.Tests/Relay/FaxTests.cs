using System.Net;
using System.Net.Sockets;
using CloudPbx.MediaControl;

namespace CloudPbx.Media.Tests.Relay;

/// <summary>Fax passed on between two legs (ITU-T T.38 by UDPTL, INTEROP I64).</summary>
public sealed class FaxTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task I64_a_fax_takes_the_audios_place_is_passed_byte_by_byte_and_gives_the_place_back() // RFC 3264 §8.3.3
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node);
        using PassedPeer a = new(), b = new();
        await FaxAsync(node, call, a, b);
        Assert.Equal(["m=image"], Kinds(call.B.NodeSdp));
        Assert.Contains("a=T38MaxBitRate:9600", call.A.NodeSdp, StringComparison.Ordinal);       // B's words
        await PassesAsync(a, b, Udptl(0, 0x06, 1, 2, 3));
        await PassesAsync(b, a, Udptl(0, 0xFF));
        await PassesAsync(a, b, Udptl(1, [.. Enumerable.Range(0, 170).Select(i => (byte)i)]));

        LegDescription back = await node.Client.ReceiveOfferAsync(call.LegA, TestCall.Policy(), call.A.Sdp(version: 3), Cancel);
        Assert.True(back.AsksPartner);
        await ReofferAsync(node, call, call.B.Sdp(version: 3));
        Assert.Equal(["m=audio"], Kinds(call.B.NodeSdp));
        await TestCall.PassesAsync(call.A, call.B);
        await TestCall.PassesAsync(call.B, call.A);
        LegStatistics figures = await node.Client.RemoveAsync(call.LegA, Cancel);
        Assert.Equal((2L, 1L), (figures.PassedReceived, figures.PassedSent));
    }

    [Fact]
    public async Task I64_a_fax_that_the_other_party_refuses_is_refused_and_the_audio_goes_on()
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node);
        using PassedPeer a = new();
        Assert.True((await node.Client.ReceiveOfferAsync(call.LegA, TestCall.Policy(), Instead(call.A, a.Fax()), Cancel)).AsksPartner);
        await node.Client.OfferAsync(call.LegB, TestCall.Policy(), call.LegA, Cancel);             // B says 488 to it
        Assert.Equal(LegFaults.NoAudio, (await node.Client.AnswerAsync(call.LegA, call.LegB, Cancel)).Fault);
        await TestCall.PassesAsync(call.A, call.B);
        LegDescription again = await node.Client.ReceiveOfferAsync(call.LegA, TestCall.Policy(), call.A.Sdp(version: 3), Cancel);
        Assert.False(again.AsksPartner);                                                           // an audio re-INVITE after the 488 is served at once
        LegDescription answer = await node.Client.AnswerAsync(call.LegA, call.LegB, Cancel);
        Assert.Equal(["m=audio"], Kinds(answer.LocalSdp!));
        LegDescription repaired = await node.Client.OfferAsync(call.LegB, TestCall.Policy(), call.LegA, Cancel);
        Assert.Equal(["m=audio"], Kinds(repaired.LocalSdp!));
        await TestCall.PassesAsync(call.B, call.A);
    }

    [Fact]
    public async Task I64_a_refresh_during_a_fax_is_answered_with_the_fax_alone()
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node);
        using PassedPeer a = new(), b = new();
        await FaxAsync(node, call, a, b);
        LegDescription refresh = await node.Client.ReceiveOfferAsync(call.LegA, TestCall.Policy(), Instead(call.A, a.Fax()), Cancel);
        Assert.False(refresh.AsksPartner);
        Assert.Equal(call.A.NodeSdp.Split("\r\n"), (await node.Client.AnswerAsync(call.LegA, call.LegB, Cancel)).LocalSdp!.Split("\r\n"));
        Assert.Equal(call.B.NodeSdp.Split("\r\n"), (await node.Client.OfferAsync(call.LegB, TestCall.Policy(), call.LegA, Cancel)).LocalSdp!.Split("\r\n"));   // one without an offer, or our own
        await PassesAsync(b, a, Udptl(7, 1));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task I64_a_first_offer_of_both_reaches_the_other_party_whose_refusal_keeps_port_0(bool takes)
    {
        await using TestNode node = await TestNode.StartAsync();
        using FakePeer a = new(), b = new();
        using PassedPeer faxA = new(), faxB = new();
        var call = TestNode.NewCall();
        var (legA, legB) = (new LegId(call, 1), new LegId(call, 2));
        Assert.True((await node.Client.ReceiveOfferAsync(legA, TestCall.Policy(), a.Sdp() + faxA.Fax(), Cancel)).Accepted);
        LegDescription toB = await node.Client.OfferAsync(legB, TestCall.Policy(), legA, Cancel);
        Assert.Equal(["m=audio", "m=image"], Kinds(toB.LocalSdp!));
        Assert.True(toB.PassesMore);
        faxB.Learn(toB.LocalSdp, "image");
        Assert.True((await node.Client.ReceiveAnswerAsync(legB, b.Sdp() + (takes ? faxB.Fax() : "m=image 0 udptl t38\r\n"), Cancel)).Accepted);
        LegDescription toA = await node.Client.AnswerAsync(legA, legB, Cancel);
        Assert.Equal(takes, toA.PassesMore);
        Assert.Equal(["m=audio", "m=image"], Kinds(toA.LocalSdp!));
        await node.Client.BridgeAsync(legA, legB, Cancel);
        if (!takes)
        {
            Assert.Contains("m=image 0 udptl t38\r\n", toA.LocalSdp, StringComparison.Ordinal);
            return;
        }
        faxA.Learn(toA.LocalSdp, "image");
        await PassesAsync(faxA, faxB, Udptl(0, 9));
    }

    [Fact]
    public async Task A_call_of_a_fax_machine_alone_is_passed_on_and_never_to_ourselves()
    {
        await using TestNode node = await TestNode.StartAsync();
        using FakePeer a = new(), b = new();
        using PassedPeer faxA = new(), faxB = new();
        var call = TestNode.NewCall();
        var (legA, legB) = (new LegId(call, 1), new LegId(call, 2));
        Assert.True((await node.Client.ReceiveOfferAsync(legA, TestCall.Policy(), Instead(a, faxA.Fax()), Cancel)).Accepted);
        Assert.Equal(LegFaults.NoAudio, (await node.Client.AnswerAsync(legA, null, Cancel)).Fault);
        LegDescription toB = await node.Client.OfferAsync(legB, TestCall.Policy(), legA, Cancel);
        Assert.Equal(["m=image"], Kinds(toB.LocalSdp!));
        faxB.Learn(toB.LocalSdp, "image");
        Assert.True((await node.Client.ReceiveAnswerAsync(legB, Instead(b, faxB.Fax()), Cancel)).Accepted);
        LegDescription toA = await node.Client.AnswerAsync(legA, legB, Cancel);
        Assert.Equal(["m=image"], Kinds(toA.LocalSdp!));
        faxA.Learn(toA.LocalSdp, "image");
        await node.Client.BridgeAsync(legA, legB, Cancel);
        await PassesAsync(faxB, faxA, Udptl(3, 3));
        Assert.Equal(LegFaults.EncryptionMismatch, (await node.Client.ReceiveOfferAsync(legA with { Leg = 3 }, TestCall.Policy(SrtpPolicy.Required), a.Sdp() + faxA.Fax(), Cancel)).Fault);
        Assert.Equal(LegFaults.NoAudio, (await node.Client.ReceiveOfferAsync(legA with { Leg = 3 }, TestCall.Policy(SrtpPolicy.Required), Instead(a, faxA.Fax()), Cancel)).Fault);   // UDPTL has no encryption
    }

    [Fact]
    public async Task S14_S15_a_strangers_datagrams_and_broken_ones_are_counted_and_end_nothing()
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node);
        using PassedPeer a = new(), b = new();
        await FaxAsync(node, call, a, b);
        await PassesAsync(a, b, Udptl(0, 1));
        using var stranger = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        stranger.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0));
        a.Send(Udptl(1, 66), stranger);
        a.Send([0, 2, 1]);
        a.Send([]);
        await PassesAsync(a, b, Udptl(2, 2));
        LegStatistics figures = await node.Client.RemoveAsync(call.LegA, Cancel);
        Assert.Equal((2L, 1L, 2L), (figures.PassedReceived, figures.StrangersDropped, figures.PassedMalformed));
    }

    [Fact]
    public async Task A_fax_goes_on_at_another_node_in_its_own_words() // legs move between nodes
    {
        await using TestNode node = await TestNode.StartAsync();
        await using TestNode other = await TestNode.StartAsync(null, null, ("FirstPort", "31000"), ("LastPort", "31999"));
        using TestCall call = await TestCall.ConnectAsync(node);
        using PassedPeer a = new(), b = new();
        (string stateA, string stateB) = await FaxAsync(node, call, a, b);
        await other.Client.RestoreAsync(call.LegA, TestCall.Policy(), stateA, Cancel);
        await other.Client.RestoreAsync(call.LegB, TestCall.Policy(), stateB, Cancel);
        foreach ((LegId leg, LegId like, FakePeer peer, PassedPeer fax) in new[] { (call.LegA, call.LegB, call.A, a), (call.LegB, call.LegA, call.B, b) })
        {
            LegDescription offer = await other.Client.OfferAsync(leg, TestCall.Policy(), like, Cancel);
            Assert.Equal(["m=image"], Kinds(offer.LocalSdp!));
            fax.Learn(offer.LocalSdp, "image");
            Assert.True((await other.Client.ReceiveAnswerAsync(leg, Instead(peer, fax.Fax()), Cancel)).Accepted);
        }
        await other.Client.BridgeAsync(call.LegA, call.LegB, Cancel);
        Assert.InRange(a.Node.Port, 31000, 31999);
        await PassesAsync(a, b, Udptl(12, 1));
        await PassesAsync(b, a, Udptl(40, 2));
    }

    private static byte[] Udptl(int sequence, params byte[] packet) => [(byte)(sequence >> 8), (byte)sequence, (byte)packet.Length, .. packet, 0, 0];

    private static async Task PassesAsync(PassedPeer from, PassedPeer to, byte[] datagram)
    {
        from.Send(datagram);
        Assert.Equal(datagram, await to.HearAsync());
    }

    /// <summary>The session part of a phone's SDP with other sections.</summary>
    private static string Instead(FakePeer peer, string sections) => peer.Sdp(version: 2)[..peer.Sdp(version: 2).IndexOf("m=audio", StringComparison.Ordinal)] + sections;

    private static string[] Kinds(string sdp) => [.. sdp.Split("\r\n").Where(l => l.StartsWith("m=", StringComparison.Ordinal)).Select(l => l.Split(' ')[0])];

    /// <summary>A goes over to fax, as call control does it.</summary>
    private static async Task<(string StateA, string StateB)> FaxAsync(TestNode node, TestCall call, PassedPeer a, PassedPeer b)
    {
        LegDescription offer = await node.Client.ReceiveOfferAsync(call.LegA, TestCall.Policy(), Instead(call.A, a.Fax()), Cancel);
        Assert.True(offer.Accepted, offer.Fault);
        Assert.True(offer.AsksPartner);
        (LegDescription toA, LegDescription fromB, LegDescription toB) = await ExchangeAsync(node, call, Instead(call.B, b.Fax(9600)));
        a.Learn(toA.LocalSdp, "image");
        b.Learn(toB.LocalSdp, "image");
        return (toA.State!, fromB.State!);
    }

    private static async Task ReofferAsync(TestNode node, TestCall call, string answer)
    {
        (LegDescription toA, _, LegDescription toB) = await ExchangeAsync(node, call, answer);
        call.A.Learn(toA.LocalSdp);
        call.B.Learn(toB.LocalSdp);
    }

    private static async Task<(LegDescription ToA, LegDescription FromB, LegDescription ToB)> ExchangeAsync(TestNode node, TestCall call, string answer)
    {
        LegDescription toB = await node.Client.OfferAsync(call.LegB, TestCall.Policy(), call.LegA, Cancel);
        Assert.True(toB.Accepted, toB.Fault);
        LegDescription fromB = await node.Client.ReceiveAnswerAsync(call.LegB, answer, Cancel);
        Assert.True(fromB.Accepted, fromB.Fault);
        LegDescription toA = await node.Client.AnswerAsync(call.LegA, call.LegB, Cancel);
        Assert.True(toA.Accepted, toA.Fault);
        call.A.Note(toA.LocalSdp!);
        call.B.Note(toB.LocalSdp!);
        return (toA, fromB, toB);
    }
}
