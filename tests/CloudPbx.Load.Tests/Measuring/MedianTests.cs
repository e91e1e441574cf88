using CloudPbx.Load.Measuring;

namespace CloudPbx.Load.Tests.Measuring;

public class MedianTests
{
    [Theory]
    [InlineData(new[] { 7.0 }, 7)]
    [InlineData(new[] { 9.0, 1, 5 }, 5)]
    [InlineData(new[] { 4.0, 1, 2, 100 }, 3)]
    public void The_middle_is_taken_whatever_the_order(double[] values, double expected) => Assert.Equal(expected, Median.Of(values));

    [Fact]
    public void Nothing_has_no_median() => Assert.Throws<ArgumentException>(() => Median.Of([]));
}
