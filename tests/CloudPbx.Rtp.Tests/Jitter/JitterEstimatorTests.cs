using CloudPbx.Rtp.Jitter;
using CloudPbx.Rtp.Packets;

namespace CloudPbx.Rtp.Tests.Jitter;

public sealed class JitterEstimatorTests
{
    [Fact]
    public void Packets_in_step_have_no_jitter()
    {
        var jitter = new JitterEstimator();
        for (uint i = 0; i < 100; i++)
            Assert.Equal(0u, jitter.Add(unchecked(uint.MaxValue - 800 + (i * 160)), 12_345 + (i * 160)));
    }

    [Fact]
    public void A_steady_swing_is_approached_by_sixteenths()                    // RFC 3550 A.8: s->jitter += d - ((s->jitter + 8) >> 4)
    {
        var jitter = new JitterEstimator();
        uint scaled = 0;
        jitter.Add(0, 0);
        for (uint i = 1; i < 400; i++)
        {
            scaled = scaled + 80 - ((scaled + 8) >> 4);
            Assert.Equal(scaled >> 4, jitter.Add(i * 160, (i * 160) + (i % 2 * 80)));
        }
        Assert.InRange(jitter.Jitter, 79u, 80u);
    }

    [Fact]
    public void Report_blocks_count_the_loss_since_the_last_one()               // RFC 3550 A.3
    {
        var statistics = new ReceiverStatistics(9, probation: 0);
        for (ushort i = 0; i < 100; i++)
        {
            if (i % 4 != 3)
                statistics.Add(i, i * 160u, i * 160u);
        }
        statistics.AddSenderReport(new RtcpSenderInfo(0x1122_3344_5566_7788, 0, 0, 0), milliseconds: 1000);
        RtcpReportBlock block = statistics.NextReport(milliseconds: 1500);
        Assert.Equal((9u, 98u, 24, (byte)(24 * 256 / 99)), (block.Ssrc, block.HighestSequence, block.CumulativeLost, block.FractionLost));
        Assert.Equal((0x3344_5566u, 32_768u), (block.LastSenderReport, block.DelaySinceLastSenderReport));
        statistics.Add(99, 99 * 160, 99 * 160);
        Assert.Equal((0, 24), (statistics.NextReport(2000).FractionLost, statistics.NextReport(2000).CumulativeLost));
    }
}
