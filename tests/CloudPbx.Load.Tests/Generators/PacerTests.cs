using CloudPbx.Load.Generators;

namespace CloudPbx.Load.Tests.Generators;

public class PacerTests
{
    private const long Millisecond = 1_000_000;

    [Fact]
    public void A_thousand_a_second_is_one_each_millisecond()
    {
        Pacer pacer = new(1000, start: 0);
        Assert.True(pacer.TryTake(0));
        Assert.False(pacer.TryTake(Millisecond - 1));
        Assert.Equal(1, pacer.Until(Millisecond - 1));
        Assert.True(pacer.TryTake(Millisecond));
    }

    [Fact]
    public void A_short_delay_is_made_up_for()
    {
        Pacer pacer = new(1000, start: 0);
        Assert.Equal(21, Take(ref pacer, 20 * Millisecond));
        Assert.Equal(0, pacer.LeftOut);
    }

    [Fact]
    public void A_long_delay_is_left_out_and_counted()
    {
        Pacer pacer = new(1000, start: 0);
        int taken = Take(ref pacer, 1000 * Millisecond);
        Assert.InRange(taken, 1, 60);
        Assert.InRange(pacer.LeftOut + taken, 1000, 1001);
    }

    private static int Take(ref Pacer pacer, long now)
    {
        int taken = 0;
        while (pacer.TryTake(now))
            taken++;
        return taken;
    }
}
