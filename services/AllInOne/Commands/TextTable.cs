namespace CloudPbx.AllInOne.Commands;

/// <summary>Columns of text for a terminal, each as wide as its widest cell.</summary>
internal sealed class TextTable(params string[] headings)
{
    private readonly List<string[]> _rows = [headings];

    /// <summary>Adds a row; missing cells are empty. Control characters from the network are shown as <c>·</c>.</summary>
    public void Add(params string?[] cells) => _rows.Add([.. headings.Select((_, i) => Printable(i < cells.Length ? cells[i] : null))]);

    /// <summary>Writes headings and rows.</summary>
    public void WriteTo(TextWriter writer)
    {
        int[] widths = [.. headings.Select((_, column) => _rows.Max(row => row[column].Length))];
        foreach (string[] row in _rows)
            writer.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }

    private static string Printable(string? cell) => string.Create(cell?.Length ?? 0, cell, static (to, from) =>
    {
        for (int i = 0; i < to.Length; i++) to[i] = char.IsControl(from![i]) ? '·' : from[i];
    });
}
