using CloudPbx.Net.Sockets;

namespace CloudPbx.Net.Tests.Sockets;

public class ReadPacerTests
{
    [Fact]
    public void Where_reads_bring_several_messages_they_are_further_apart_and_where_they_do_not_closer_again()
    {
        ReadPacer pacer = new(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(4));
        Assert.Equal([2, 4, 4], Intervals(ref pacer, hadSeveral: true));
        Assert.Equal([2, 1, 1], Intervals(ref pacer, hadSeveral: false));
    }

    [Fact]
    public void A_pacer_of_one_interval_keeps_it()
    {
        ReadPacer pacer = new(TimeSpan.FromMilliseconds(3));
        Assert.Equal([3, 3, 3], Intervals(ref pacer, hadSeveral: true));
        Assert.Equal([3, 3, 3], Intervals(ref pacer, hadSeveral: false));
    }

    private static double[] Intervals(ref ReadPacer pacer, bool hadSeveral)
    {
        double[] intervals = new double[3];
        for (int i = 0; i < intervals.Length; i++)
        {
            pacer.Took(wasFull: false, hadSeveral);
            intervals[i] = pacer.Interval.TotalMilliseconds;
        }
        return intervals;
    }
}
