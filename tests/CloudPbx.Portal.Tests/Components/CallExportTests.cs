using CloudPbx.Contracts.Events;
using CloudPbx.Portal.Components.Pages.Calls;

namespace CloudPbx.Portal.Tests.Components;

public sealed class CallExportTests
{
    [Theory]
    [InlineData("Alice", "Alice")]
    [InlineData("Smith, \"Bob\"", "\"Smith, \"\"Bob\"\"\"")]
    [InlineData("+4930123", "+4930123")]                                // a number is no formula
    [InlineData("=HYPERLINK(0)", "'=HYPERLINK(0)")]                     // what a stranger calls himself is
    [InlineData("+1+cmd|x", "'+1+cmd|x")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData(null, "")]
    public void A_strangers_name_is_never_a_formula(string? text, string expected) => Assert.Equal(expected, CallExport.Text(text));

    [Fact]
    public void A_line_has_the_instants_in_UTC_and_every_column()
    {
        string line = CallExport.Line(Calls.Record(CallDisposition.NoAnswer, 408, new DateTime(2026, 11, 26, 7, 0, 0, DateTimeKind.Utc)));
        Assert.StartsWith("2026-11-26T07:00:00.000Z,,2026-11-26T07:01:03.000Z,100,,101,,internal,noAnswer,0.000,408,,caller,", line, StringComparison.Ordinal);
    }
}
