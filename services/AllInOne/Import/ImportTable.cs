using CloudPbx.Contracts.Text;

namespace CloudPbx.AllInOne.Import;

/// <summary>A CSV file of another product: its columns are found by what they are called, in several ways of writing.</summary>
internal sealed class ImportTable
{
    private readonly IReadOnlyList<CsvRow> _rows;
    private readonly List<string> _heading;

    private ImportTable(IReadOnlyList<CsvRow> rows) => (_rows, _heading) = (rows, [.. rows[0].Fields.Select(Plain)]);

    /// <summary>The rows below the heading.</summary>
    public IEnumerable<CsvRow> Rows => _rows.Skip(1);

    /// <summary>Reads a file's text.</summary>
    /// <param name="name">The file's name, for errors.</param>
    /// <param name="text">Its text.</param>
    /// <param name="needed">The names of a column that must be there.</param>
    /// <exception cref="StartException">It is no table, or the column is not there.</exception>
    public static ImportTable Read(string name, string text, params string[] needed)
    {
        IReadOnlyList<CsvRow> rows = CsvText.Read(text, out string? fault);
        if (fault is not null || rows.Count == 0)
            throw new StartException($"{name}: {fault ?? "the file is empty: its first line must name the columns."}");
        ImportTable table = new(rows);
        return table.ColumnOf(needed) >= 0
            ? table
            : throw new StartException($"{name}: no column is called {string.Join(" or ", needed.Select(column => $"\"{column}\""))}. The first line must name the columns; it names {string.Join(", ", rows[0].Fields)}.");
    }

    /// <summary>A row's value in the first column of one of these names, or null where it is empty.</summary>
    public string? Find(CsvRow row, params string[] names) => row[ColumnOf(names)] is { Length: > 0 } text ? text : null;

    private int ColumnOf(string[] names) => names.Select(name => _heading.IndexOf(Plain(name))).FirstOrDefault(column => column >= 0, -1);

    /// <summary>"Display Name", "display_name" and "displayName" are one.</summary>
    private static string Plain(string name) => new([.. name.Where(char.IsLetterOrDigit).Select(char.ToLowerInvariant)]);
}
