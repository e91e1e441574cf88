namespace CloudPbx.Load.Tests;

public class BenchOptionsTests
{
    private static readonly string[] s_known = ["relay", "call"];

    [Fact]
    public void Names_and_options_may_stand_in_any_order()
    {
        (BenchOptions? options, string? fault) = BenchOptions.Parse(["relay", "--runs", "5", "call", "--json", "out.json", "--ours-only"], s_known);
        Assert.Null(fault);
        Assert.Equal(["relay", "call"], options!.Names);
        Assert.Equal((5, "out.json", true), (options.Runs, options.JsonFile, options.OursOnly));
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("--runs")]
    [InlineData("--runs", "0")]
    [InlineData("--runs", "many")]
    [InlineData("--seconds", "100000")]
    [InlineData("--colour", "1")]
    [InlineData("--scale", "0.5")]
    public void What_is_wrong_is_said(params string[] arguments)
    {
        (BenchOptions? options, string? fault) = BenchOptions.Parse(arguments, s_known);
        Assert.Null(options);
        Assert.NotNull(fault);
    }
}
