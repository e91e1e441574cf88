using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Contracts.Tests.Trunks;

public sealed class NumberRewriterTests
{
    [Theory]
    [InlineData("0044123", "+44123")]                   // the longest prefix, whatever the order of the rules
    [InlineData("0201234", "+49201234")]
    [InlineData("5551234", "5551234")]
    [InlineData("", "")]
    public void The_longest_prefix_is_replaced(string number, string expected)
    {
        NumberRewriter rewriter = new([Prefix("0", "+49"), Prefix("00", "+")]);
        Assert.Equal(expected, rewriter.Rewrite(number));
    }

    [Fact]
    public void The_empty_prefix_fits_what_no_other_fits() =>
        Assert.Equal("+86105551234", new NumberRewriter([Prefix("", "+8610"), Prefix("+", "+")]).Rewrite("5551234"));

    [Theory]
    [InlineData("+8613912345678", "013912345678")]
    [InlineData("+861391234567", "+861391234567")]      // one digit short: the pattern fits the whole number or not at all
    [InlineData("x+8613912345678", "x+8613912345678")]
    public void A_pattern_fits_the_whole_number_and_its_groups_are_kept(string number, string expected) =>
        Assert.Equal(expected, new NumberRewriter([Pattern(@"\+86(1\d{10})", "0$1")]).Rewrite(number));

    [Fact]
    public void The_prefix_acts_first_and_then_the_first_pattern_that_fits_each_once()
    {
        NumberRewriter rewriter = new([Pattern("1.*", "$0"), Prefix("0", "00"), Pattern("00(.*)", "1$1"), Pattern("(.*)", "never")]);
        List<string> acted = [];
        Assert.Equal("15", rewriter.Rewrite("05", (rule, after) => acted.Add($"{rule.Prefix ?? rule.Pattern} {after}")));
        Assert.Equal(["0 005", "00(.*) 15"], acted);
    }

    [Theory]
    [InlineData("(?=1)1", "look around")]
    [InlineData(@"(1)\1", "refer back")]
    [InlineData("((", "no regular expression")]
    [InlineData("1)|(2", "no regular expression")]
    public void A_pattern_that_cannot_run_in_linear_time_is_refused_and_says_why(string pattern, string why)
    {
        Assert.Contains(why, NumberRewriter.Check(Pattern(pattern, "")), StringComparison.Ordinal);
        Assert.Equal("1", new NumberRewriter([Pattern(pattern, "9")]).Rewrite("1"));
    }

    [Fact]
    public void A_replacement_that_cannot_be_read_is_refused_and_rewrites_nothing()          // found by fuzzing
    {
        NumberRewrite rule = new() { Pattern = "(.*)", Replacement = "$2147483648" };
        Assert.StartsWith("The replacement cannot be read", NumberRewriter.Check(rule), StringComparison.Ordinal);
        Assert.Equal("123", new NumberRewriter([rule]).Rewrite("123"));
    }

    [Fact]
    public void A_rule_has_a_prefix_or_a_pattern_and_never_both()
    {
        Assert.NotNull(NumberRewriter.Check(new NumberRewrite { Replacement = "" }));
        Assert.NotNull(NumberRewriter.Check(new NumberRewrite { Prefix = "0", Pattern = "0", Replacement = "" }));
        Assert.Null(NumberRewriter.Check(Prefix("0", "")));
    }

    [Fact]
    public void What_is_too_long_for_a_number_is_left_as_it_is() =>
        Assert.Equal(new string('0', 65), new NumberRewriter([Prefix("0", "1")]).Rewrite(new string('0', 65)));

    private static NumberRewrite Prefix(string prefix, string replacement) => new() { Prefix = prefix, Replacement = replacement };

    private static NumberRewrite Pattern(string pattern, string replacement) => new() { Pattern = pattern, Replacement = replacement };
}
