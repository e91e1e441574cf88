using System.Buffers.Binary;
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

    [Theory]                                                                            // SECURITY.md S15, INTEROP I61
    [InlineData("8 0 101", "8 0 101")]                                                  // passed on
    [InlineData("8 101", "9 101")]                                                      // transcoded
    [InlineData("8 13", "8")]                                                           // its noise is made anew
    public async Task A_packet_of_another_source_between_does_not_silence_one_whose_numbers_have_been_round_once(string formatsA, string formatsB)
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, formatsA, formatsB);
        uint ssrc = call.A.Ssrc;
        call.A.Sequence = 65_530;
        await PassAsync(20);
        bool isAgreed = formatsB == "8";
        (call.A.Ssrc, ushort next) = (ssrc + 1, call.A.Sequence);
        call.A.Sequence = 7;
        call.A.SendPayload(isAgreed ? (byte)13 : (byte)77, [60], marker: false, call.A.Timestamp);
        (call.A.Ssrc, call.A.Sequence) = (ssrc, next);
        await PassAsync(20);
        LegStatistics a = await node.Client.RemoveAsync(call.LegA, Cancel);
        Assert.Equal((isAgreed ? 2L : 0, isAgreed ? 0L : 1, 0L), (a.SourceChanges, a.Malformed, a.Lost));

        async Task PassAsync(int packets)
        {
            for (int i = 0; i < packets; i++)
            {
                call.A.Send(8, 0x11);
                Assert.NotNull(await call.B.HearAsync());
            }
        }
    }

    [Fact]                                                                              // INTEROP I65; RFC 5761 §4: their types are no RTP's
    public async Task Reports_on_the_port_of_RTP_are_read_though_nobody_agreed_on_that()
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node);
        await TestCall.PassesAsync(call.A, call.B);
        Heard heard = await TestCall.PassesAsync(call.B, call.A);
        byte[] report = new byte[32];
        new byte[] { 0x81, 201, 0, 7, 1, 2, 3, 4 }.CopyTo(report, 0);
        BinaryPrimitives.WriteUInt32BigEndian(report.AsSpan(8), heard.Ssrc);
        report[15] = 3;                                                                 // lost at its side
        call.A.Rtp.SendTo(report, call.A.Node);
        await TestCall.PassesAsync(call.A, call.B);
        LegStatistics a = await node.Client.RemoveAsync(call.LegA, Cancel);
        Assert.Equal((3L, 0L, 2L, 0L), (a.LostByPeer, a.SourceChanges, a.PacketsReceived, a.Malformed));
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
