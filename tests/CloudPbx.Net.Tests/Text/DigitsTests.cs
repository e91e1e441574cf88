using System.Text;
using CloudPbx.Net.Text;

namespace CloudPbx.Net.Tests.Text;

public class DigitsTests
{
    [Theory]
    [InlineData("0", 0u)]
    [InlineData("0068", 68u)]
    [InlineData("4294967295", uint.MaxValue)]
    [InlineData("4294967296", uint.MaxValue)]
    [InlineData("36893488147419103232000000000000", uint.MaxValue)]
    public void Digits_are_a_number_that_never_wraps(string text, uint expected)
    {
        Assert.True(Digits.TryParse(Encoding.ASCII.GetBytes(text), out uint value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("1,000")]
    [InlineData("0x1")]
    public void Anything_else_is_no_number(string text) => Assert.False(Digits.TryParse(Encoding.ASCII.GetBytes(text), out _));
}
