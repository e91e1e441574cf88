using CloudPbx.AllInOne.Commands;

namespace CloudPbx.AllInOne.Tests.Commands;

public sealed class TextTableTests
{
    [Fact]
    public void Columns_are_as_wide_as_their_widest_cell_and_control_characters_cannot_reach_the_terminal()
    {
        var table = new TextTable("user", "agent");
        table.Add("100", "phone\u001b[2J");
        table.Add("1001");
        using var text = new StringWriter { NewLine = "\n" };
        table.WriteTo(text);
        Assert.Equal("user  agent\n100   phone·[2J\n1001\n", text.ToString());
    }
}
