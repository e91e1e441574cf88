using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Contracts.Tests;

public sealed class RateTableTests
{
    [Theory]
    [InlineData("prefix,perMinute\n+4989,0.0125\n,1\n", 2)]
    [InlineData("+4989;0.0125\r\n\r\n+1;2\r\n", 2)]
    [InlineData("\"+49\",\"0.000001\"", 1)]
    [InlineData("", 0)]
    public void A_table_is_read_as_people_write_it(string text, int count)
    {
        Assert.Null(RateTable.Read(text, out IReadOnlyList<CallRate> rates));
        Assert.Equal(count, rates.Count);
        Assert.Null(RateTable.Read(RateTable.Write(rates), out IReadOnlyList<CallRate> again));
        Assert.Equal(rates, again);
    }

    [Fact]
    public void Prices_are_millionths()
    {
        Assert.Null(RateTable.Read("+4989,0.0125\n+1,1000000", out IReadOnlyList<CallRate> rates));
        Assert.Equal([new CallRate("+4989", 12_500), new CallRate("+1", 1_000_000_000_000)], rates);
    }

    [Theory]
    [InlineData("+49", "Line 1: must be a prefix and a price")]
    [InlineData("h\n49,1", "Line 2: the prefix must be a plus")]
    [InlineData("+49,-1", "Line 1: the price")]
    [InlineData("+49,0.0000001", "Line 1: the price")]
    [InlineData("+49,1e3", "Line 1: the price")]
    [InlineData("+49,1\n+49,2", "Line 2: the prefix stands in the table twice")]
    [InlineData("+49,1000001", "Line 1: the price")]
    public void A_fault_names_its_line(string text, string fault)
    {
        Assert.StartsWith(fault, RateTable.Read(text, out IReadOnlyList<CallRate> rates), StringComparison.Ordinal);
        Assert.Empty(rates);
    }
}
