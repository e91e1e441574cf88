using CloudPbx.MediaControl;
using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.Media.Tests.Relay;

/// <summary>What a leg's figures say of packets whose losses and arrivals are known.</summary>
public sealed class FiguresTests
{
    private const double RoundTripMilliseconds = 200;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_change_of_the_source_is_counted_and_heard()                  // INTEROP I61: holds and transfers change it
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node);
        uint first = call.A.Ssrc;
        foreach (uint ssrc in new[] { first, first + 1, first + 2, first })
        {
            call.A.Ssrc = ssrc;
            for (int i = 0; i < 5; i++)
                await TestCall.PassesAsync(call.A, call.B);
        }
        await TestCall.PassesAsync(call.B, call.A);
        LegStatistics a = await node.Client.RemoveAsync(call.LegA, Cancel), b = await node.Client.RemoveAsync(call.LegB, Cancel);
        Assert.Equal((3L, 20L, 0L), (a.SourceChanges, a.PacketsReceived, a.Lost));
        Assert.Equal((0L, 1L), (b.SourceChanges, b.PacketsReceived));
    }

    [Theory]                                                                            // RFC 3550 §6.4.1, A.8; ITU-T G.107, G.113
    [InlineData(0, 0)]
    [InlineData(0, 8)]
    [InlineData(10, 0)]
    [InlineData(10, 8)]
    [InlineData(4, 15)]
    public async Task Loss_jitter_and_round_trip_are_those_that_were_made_and_the_score_is_the_E_models(int lossPercent, int lateMilliseconds)
    {
        var time = new FakeTimeProvider();
        await using TestNode node = await TestNode.StartAsync(time);
        using var phone = new FakePeer();
        using TestCall call = await TestCall.ConnectAsync(node, sdpA: phone.Sdp(extra: "a=rtcp-mux\r\n"), a: phone);
        await TestCall.PassesAsync(call.B, phone);
        await ReportAsync(phone, time);
        const int Packets = 400;
        double jitter = 0;
        int? before = null;
        int lost = 0, offset = 0;
        for (int i = 0; i < Packets; i++)
        {
            int late = i % 2 * lateMilliseconds;                                        // each second one
            if (i > 0)                                                                  // the first one comes with the report, so that this is read at its time
                time.Advance(TimeSpan.FromMilliseconds(20 + late - offset));
            offset = late;
            if (lossPercent > 0 && i % (100 / lossPercent) == 2)
            {
                (phone.Sequence, phone.Timestamp) = ((ushort)(phone.Sequence + 1), phone.Timestamp + 160);
                lost++;
                continue;
            }
            await TestCall.PassesAsync(phone, call.B);
            jitter += (Math.Abs(late - (before ?? late)) - jitter) / 16;                // of those that came
            before = late;
        }
        LegStatistics figures = await node.Client.RemoveAsync(call.LegA, Cancel);
        Assert.Equal((lost, Packets - lost, 3), (figures.Lost, figures.PacketsReceived, figures.LostByPeer));
        Assert.InRange(figures.RoundTripMilliseconds!.Value, RoundTripMilliseconds - 0.1, RoundTripMilliseconds + 0.1);     // in 1/65536 s
        Assert.InRange(figures.JitterMilliseconds, jitter - 0.25, jitter + 0.25);                                           // A.8 counts in ticks of 0.125 ms

        double delay = (RoundTripMilliseconds / 2) + 20 + (2 * jitter);
        double r = 93.2 - (0.024 * delay) - (95 * 100.0 * lost / Packets / ((100.0 * lost / Packets) + 25.1));              // R0 − Is − Id − Ie,eff
        double score = 1 + (0.035 * r) + (7e-6 * r * (r - 60) * (100 - r));
        Assert.InRange(figures.Mos!.Value, score - 0.02, score + 0.02);
    }

    /// <summary>Makes the node report, and answers with a receiver report that comes a known time later (RFC 3550 §6.4.1: LSR, DLSR 0).</summary>
    private static async Task ReportAsync(FakePeer phone, FakeTimeProvider time)
    {
        time.Advance(TimeSpan.FromSeconds(8));
        byte[] report = new byte[500], answer = new byte[32];
        await phone.Rtp.ReceiveAsync(report.AsMemory(), Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(5), Cancel);
        Assert.Equal(200, report[1]);
        new byte[] { 0x81, 201, 0, 7, 1, 2, 3, 4 }.CopyTo(answer, 0);
        report.AsSpan(4, 4).CopyTo(answer.AsSpan(8));
        answer[15] = 3;                                                                 // lost at its side
        report.AsSpan(10, 4).CopyTo(answer.AsSpan(24));
        time.Advance(TimeSpan.FromMilliseconds(RoundTripMilliseconds));
        phone.Rtp.SendTo(answer, phone.Node);
    }
}
