using System.Net;
using CloudPbx.MediaControl;
using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.Media.Tests;

/// <summary>Two peers connected through a node as call control does it: A offers, B is offered like A, A is answered like B.</summary>
internal sealed class TestCall : IDisposable
{
    private TestCall(TestNode node, FakePeer a, FakePeer b)
    {
        Node = node;
        A = a;
        B = b;
        var id = TestNode.NewCall();
        (LegA, LegB) = (new LegId(id, 1), new LegId(id, 2));
    }

    public TestNode Node { get; }

    public FakePeer A { get; }

    public FakePeer B { get; }

    public LegId LegA { get; }

    public LegId LegB { get; }

    /// <summary>The node's RTP ports for it, in order.</summary>
    public int[] Ports => [.. new[] { A.Node.Port, B.Node.Port }.Order()];

    public static LegPolicy Policy(SrtpPolicy srtp = SrtpPolicy.Optional, bool offerSecure = false, string signalling = "127.0.0.1", NatMode nat = NatMode.Auto) =>
        new() { Srtp = srtp, OfferSecureProfile = offerSecure, PeerSignallingAddress = IPAddress.Parse(signalling), Nat = nat };

    public static async Task<TestCall> ConnectAsync(
        TestNode node, string formatsA = "8 0 101", string formatsB = "8 0 101", bool secureA = false, bool secureB = false, string? sdpA = null, FakePeer? a = null,
        LegPolicy? policyA = null, string suiteA = "AES_CM_128_HMAC_SHA1_80", string suiteB = "AES_CM_128_HMAC_SHA1_80", string address = "127.0.0.1",
        Action? untilFree = null)
    {
        var call = new TestCall(node, a ?? new FakePeer(address) { Suite = suiteA }, new FakePeer(address) { Suite = suiteB });
        CancellationToken cancel = CancellationToken.None;
        LegDescription offer = await FreeAsync(untilFree, () => node.Client.ReceiveOfferAsync(
            call.LegA, policyA ?? Policy(signalling: address), sdpA ?? call.A.Sdp(formatsA, secureA), cancel));
        Assert.True(offer.Accepted, offer.Fault);
        LegDescription toB = await FreeAsync(untilFree, () => node.Client.OfferAsync(call.LegB, Policy(offerSecure: secureB, signalling: address), call.LegA, cancel));
        Assert.True(toB.Accepted, toB.Fault);
        call.B.Learn(toB.LocalSdp);
        LegDescription fromB = await node.Client.ReceiveAnswerAsync(call.LegB, call.B.Sdp(formatsB, secureB), cancel);
        Assert.True(fromB.Accepted, fromB.Fault);
        LegDescription toA = await node.Client.AnswerAsync(call.LegA, call.LegB, cancel);
        Assert.True(toA.Accepted, toA.Fault);
        call.A.Learn(toA.LocalSdp);
        await node.Client.BridgeAsync(call.LegA, call.LegB, cancel);
        return call;
    }

    /// <summary>Asks again while all ports are taken or drain.</summary>
    private static async Task<LegDescription> FreeAsync(Action? untilFree, Func<Task<LegDescription>> ask)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        LegDescription description;
        while ((description = await ask()).Fault == LegFaults.NoFreePort && untilFree is not null && !patience.IsCancellationRequested)
            untilFree();
        return description;
    }

    /// <summary>Sends from one peer and expects the other to hear the same octets.</summary>
    public static async Task<Heard> PassesAsync(FakePeer from, FakePeer to, byte fill = 0x11, byte payloadType = 8)
    {
        byte[] sent = from.Send(payloadType, fill);
        Heard? heard = await to.HearAsync();
        Assert.NotNull(heard);
        Assert.Equal(sent, heard.Payload);
        return heard;
    }

    /// <summary>Ends it, and turns the node's clock until no port drains any more (SECURITY.md S18).</summary>
    /// <param name="time">The node's clock.</param>
    public async Task EndAndDrainAsync(FakeTimeProvider time)
    {
        await Node.Client.RemoveAsync(LegA, CancellationToken.None);
        await Node.Client.RemoveAsync(LegB, CancellationToken.None);
        time.Advance(TimeSpan.FromSeconds(31));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (Node.Node.PortPairsTaken > 0)
            await Task.Delay(20, patience.Token);
    }

    public void Dispose()
    {
        A.Dispose();
        B.Dispose();
    }
}
