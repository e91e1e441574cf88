using CloudPbx.Load.Generators;

namespace CloudPbx.Load.Tests.Generators;

public class LatenciesTests
{
    [Fact]
    public void Percentiles_are_right_to_a_sixteenth()
    {
        Latencies latencies = new();
        for (int i = 1; i <= 10_000; i++)
            latencies.Add(i);
        Assert.Equal(10_000, latencies.Count);
        Assert.InRange(latencies.Percentile(50), 5000, 5000 * 17 / 16);
        Assert.InRange(latencies.Percentile(99), 9900, 9900 * 17 / 16);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(1_000_003)]
    public void One_value_is_its_own_percentile(long value)
    {
        Latencies latencies = new();
        latencies.Add(value);
        Assert.InRange(latencies.Percentile(50), value, value + (value / 16));
    }

    [Fact]
    public void Nothing_has_the_percentile_zero() => Assert.Equal(0, new Latencies().Percentile(99));
}
