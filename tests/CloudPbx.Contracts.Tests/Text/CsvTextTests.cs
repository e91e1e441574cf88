using CloudPbx.Contracts.Text;

namespace CloudPbx.Contracts.Tests.Text;

public sealed class CsvTextTests
{
    [Theory]
    [InlineData("Alice", "Alice")]
    [InlineData("Smith, \"Bob\"", "\"Smith, \"\"Bob\"\"\"")]
    [InlineData("+4930123", "+4930123")]                                // a number is no formula
    [InlineData("=HYPERLINK(0)", "'=HYPERLINK(0)")]                     // what a stranger calls himself is
    [InlineData("+1+cmd|x", "'+1+cmd|x")]
    [InlineData("-2+3", "'-2+3")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("\t=1", "'\t=1")]
    [InlineData(null, "")]
    public void S22_a_strangers_name_is_never_a_formula(string? text, string expected) => Assert.Equal(expected, CsvText.Field(text));

    [Theory]
    [InlineData("a,b\r\n1,2\r\n")]
    [InlineData("a;b\n1;2")]                                            // a spreadsheet of a country with decimal commas
    [InlineData("\uFEFFa\tb\r1\t2\r")]
    [InlineData("\"a\",b\n\n1,\"2\"\n,\n")]                              // empty rows count for nothing
    public void Every_spreadsheets_way_of_writing_is_read(string text) =>
        Assert.Equal(["a|b", "1|2"], CsvText.Read(text, out _).Select(row => string.Join('|', row.Fields)));

    [Fact]
    public void A_field_may_hold_everything_and_rows_know_their_lines()
    {
        IReadOnlyList<CsvRow> rows = CsvText.Read("name\n\"Smith; \"\"Bob\"\"\nand son\"\n'=1+1\n", out string? fault);
        Assert.Null(fault);
        Assert.Equal([(1, "name"), (2, "Smith; \"Bob\"\nand son"), (4, "=1+1")], rows.Select(row => (row.Line, row[0])));
        Assert.Equal("", rows[0][7]);
    }

    [Fact]
    public void What_was_written_is_read_again()
    {
        string[] fields = ["=1", "'quoted'", "a,b;c", "\"", "line\nbreak", "+4930", "plain"];
        Assert.Equal(fields, CsvText.Read(CsvText.Line(fields) + "\r\n", out _).Single().Fields);
    }

    [Fact]
    public void A_quotation_mark_that_is_never_closed_is_told_with_its_line()
    {
        CsvText.Read("a,b\n1,\"2\n3,4\n", out string? fault);
        Assert.Equal("Line 2: a quotation mark is opened and never closed.", fault);
    }
}
