using CloudPbx.MediaControl;
using CloudPbx.MediaControl.Wire;
using Microsoft.Extensions.Time.Testing;
using Direction = CloudPbx.MediaControl.Direction;

namespace CloudPbx.Media.Tests.Control;

public class ControlStreamTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Carriage.Own)]
    [InlineData(Carriage.Grpc)]
    public async Task A_lower_epoch_is_refused_and_a_higher_one_takes_the_session_over(Carriage carriage)
    {
        await using TestNode node = await TestNode.StartAsync(carriage);
        var leg = new LegId(TestNode.NewCall(), 1);
        IMediaNode old = node.Client.ForEpoch(5), young = node.Client.ForEpoch(6);
        Assert.True((await old.OfferAsync(leg, TestCall.Policy(), null, Cancel)).Accepted);
        LegDescription taken = await young.OfferAsync(leg, TestCall.Policy(), null, Cancel);
        Assert.True(taken.Accepted);
        Assert.Equal(LegFaults.StaleEpoch, (await old.OfferAsync(leg, TestCall.Policy(), null, Cancel)).Fault);
        Assert.Equal(LegStatistics.None, await old.RemoveAsync(leg, Cancel));
        Assert.Equal(taken, await young.OfferAsync(leg, TestCall.Policy(), null, Cancel));
    }

    [Theory]
    [InlineData(Carriage.Own)]
    [InlineData(Carriage.Grpc)]
    public async Task Sessions_outlive_a_broken_stream_and_its_reports_wait_for_the_next(Carriage carriage)
    {
        await using TestNode node = await TestNode.StartAsync(carriage);
        MediaControlClient first = node.NewClient(node, "worker-7");
        first.Start();
        using var peer = new FakePeer();
        var leg = new LegId(TestNode.NewCall(), 1);
        Assert.True((await first.ReceiveOfferAsync(leg, TestCall.Policy(), peer.Sdp(), Cancel)).Accepted);
        LegDescription answer = await first.AnswerAsync(leg, null, Cancel);
        peer.Learn(answer.LocalSdp);
        await first.EchoAsync(leg, Cancel);
        await first.DisposeAsync();
        await Task.Delay(200, Cancel);

        await TestCall.PassesAsync(peer, peer); // the packet path does not need a controller
        peer.SendPayload(101, [9, 0x8A, 0, 160], true, peer.Timestamp);
        await Task.Delay(100, Cancel);
        Assert.False(node.HasReport);

        MediaControlClient second = node.NewClient(node, "worker-7");
        second.Start();
        Assert.Equal("digit 9 20 leg 1", await node.ReportAsync());
        Assert.Equal(answer, await second.AnswerAsync(leg, null, Cancel)); // the session is where it was
        await second.DisposeAsync();
    }

    [Theory]
    [InlineData(Carriage.Own)]
    [InlineData(Carriage.Grpc)]
    public async Task A_controller_that_comes_back_within_ninety_seconds_finds_its_sessions(Carriage carriage)
    {
        var time = new FakeTimeProvider();
        await using TestNode node = await TestNode.StartAsync(carriage, time);
        MediaControlClient first = node.NewClient(node, "worker-7");
        first.Start();
        var leg = new LegId(TestNode.NewCall(), 1);
        LegDescription offer = await first.OfferAsync(leg, TestCall.Policy(), null, Cancel);
        Assert.True(offer.Accepted);
        await first.DisposeAsync();
        time.Advance(TimeSpan.FromSeconds(85));
        await using MediaControlClient second = node.NewClient(node, "worker-7");
        second.Start();
        Assert.Equal(AttachOutcome.Attached, await second.ForEpoch(1).AttachAsync(leg.Session, Cancel));
        time.Advance(TimeSpan.FromSeconds(85));
        Assert.Equal(offer, await second.ForEpoch(1).OfferAsync(leg, TestCall.Policy(), null, Cancel));
    }

    [Theory]
    [InlineData(Carriage.Own)]
    [InlineData(Carriage.Grpc)]
    public async Task A_session_is_attached_to_another_controller_by_epoch(Carriage carriage)
    {
        await using TestNode node = await TestNode.StartAsync(carriage);
        using var peer = new FakePeer();
        var leg = new LegId(TestNode.NewCall(), 1);
        var nobody = new Silence();
        await using MediaControlClient old = node.NewClient(nobody);
        old.Start();
        IMediaNode owner = old.ForEpoch(5);
        Assert.True((await owner.ReceiveOfferAsync(leg, TestCall.Policy(), peer.Sdp(), Cancel)).Accepted);
        peer.Learn((await owner.AnswerAsync(leg, null, Cancel)).LocalSdp);
        Assert.Equal(AttachOutcome.Stale, await node.Client.ForEpoch(4).AttachAsync(leg.Session, Cancel));
        Assert.Equal(AttachOutcome.Attached, await node.Client.ForEpoch(6).AttachAsync(leg.Session, Cancel));
        Assert.Equal(AttachOutcome.Unknown, await node.Client.ForEpoch(6).AttachAsync(TestNode.NewCall(), Cancel));
        peer.SendPayload(101, [2, 0x8A, 0, 160], true, peer.Timestamp);
        Assert.Equal("digit 2 20 leg 1", await node.ReportAsync());
        Assert.False(nobody.Heard);
    }

    private sealed class Silence : IMediaEvents
    {
        public void PromptEnded(LegId leg, string name, PromptEnd end, char? digit)
        {
        }

        public void SpeakingChanged(LegId leg, bool speaks)
        {
        }

        public bool Heard { get; private set; }

        public void DigitReceived(LegId leg, char digit, int durationMs) => Heard = true;

        public void LegSilent(LegId leg) => Heard = true;

        public void NodeLost() => Heard = true;
    }

    [Theory]
    [InlineData(Carriage.Own)]
    [InlineData(Carriage.Grpc)]
    public async Task A_node_that_is_away_refuses_and_never_throws(Carriage carriage)
    {
        TestNode node = await TestNode.StartAsync(carriage);
        await node.StopNodeAsync();
        var leg = new LegId(TestNode.NewCall(), 1);
        LegDescription refused = await node.Client.OfferAsync(leg, TestCall.Policy(), null, Cancel);
        Assert.Equal((false, LegFaults.NodeUnavailable, true), (refused.Accepted, refused.Fault, refused.Unavailable));
        await node.Client.BridgeAsync(leg, leg with { Leg = 2 }, Cancel);
        Assert.Equal(LegStatistics.None, await node.Client.RemoveAsync(leg, Cancel));
        await node.Client.DisposeAsync();
    }

    [Theory]
    [InlineData(Carriage.Own)]
    [InlineData(Carriage.Grpc)]
    public async Task A_restarted_node_is_noticed_by_its_instance(Carriage carriage)
    {
        TestNode node = await TestNode.StartAsync(carriage);
        await node.StopNodeAsync();
        await using TestNode another = await TestNode.StartAsync(carriage, former: node);
        Assert.Equal("lost", await node.ReportAsync());
        LegDescription offer = await node.Client.OfferAsync(new LegId(TestNode.NewCall(), 1), TestCall.Policy(), null, Cancel);
        Assert.True(offer.Accepted, offer.Fault);
        await node.Client.DisposeAsync();
    }

    [Fact]
    public void Records_survive_the_wire()
    {
        var leg = new LegId(TestNode.NewCall(), 3);
        Assert.True(WireMapping.TryParse(leg.ToWire(), out LegId read));
        Assert.Equal(leg, read);
        Assert.False(WireMapping.TryParse(new Leg { Session = "nonsense" }, out _));
        Assert.False(WireMapping.TryParse(null, out _));

        LegPolicy policy = TestCall.Policy(SrtpPolicy.Required, offerSecure: true, nat: NatMode.On) with { Codecs = ["opus"], TelephoneEvent = false, SignalledDigits = true, ForHelp = true, ToneCountry = "CN" };
        LegPolicy back = policy.ToWire().ToDomain();
        Assert.Equal(policy.Codecs, back.Codecs);
        Assert.Equal(policy with { Codecs = back.Codecs }, back);
        var description = new LegDescription(true, null, "v=0", Direction.RecvOnly, "PCMA", true, true);
        Assert.Equal(description, description.ToWire().ToDomain());
        var figures = new LegStatistics { Codec = "G722", Encrypted = true, PacketsSent = 1, Lost = -2, JitterMilliseconds = 3.5, RoundTripMilliseconds = 4, Malformed = 5, SourceChanges = 6 };
        Assert.Equal(figures, figures.ToWire().ToDomain());
    }
}
