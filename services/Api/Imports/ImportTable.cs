using CloudPbx.Contracts.Text;

namespace CloudPbx.Api.Imports;

/// <summary>A CSV file of another product: its columns are found by what they are called, in several ways of writing.</summary>
internal sealed class ImportTable
{
    /// <summary>Rows of one file at most.</summary>
    private const int Most = 10_000;

    private readonly IReadOnlyList<CsvRow> _rows;
    private readonly List<string> _heading;

    private ImportTable(IReadOnlyList<CsvRow> rows) => (_rows, _heading) = (rows, [.. rows[0].Fields.Select(Plain)]);

    /// <summary>The rows below the heading.</summary>
    public IEnumerable<CsvRow> Rows => _rows.Skip(1);

    /// <summary>Reads a file's text.</summary>
    /// <param name="text">Its text.</param>
    /// <param name="fault">What is wrong where it is no table, or its column is not there.</param>
    /// <param name="needed">The names of a column that must be there.</param>
    public static ImportTable? Read(string text, out string? fault, params string[] needed)
    {
        IReadOnlyList<CsvRow> rows = CsvText.Read(text, out fault);
        if (fault is null && rows.Count == 0)
            fault = "Must not be empty: its first line names the columns.";
        if (fault is null && rows.Count > Most + 1)
            fault = $"Must not have more than {Most} rows: split the file.";
        if (fault is not null)
            return null;
        ImportTable table = new(rows);
        if (table.ColumnOf(needed) < 0)
            fault = $"Must have a column {string.Join(" or ", needed.Select(column => $"\"{column}\""))}: the first line names the columns.";
        return fault is null ? table : null;
    }

    /// <summary>A row's value in the first column of one of these names, or null where it is empty.</summary>
    public string? Find(CsvRow row, params string[] names) => row[ColumnOf(names)] is { Length: > 0 } text ? text : null;

    private int ColumnOf(string[] names) => names.Select(name => _heading.IndexOf(Plain(name))).FirstOrDefault(column => column >= 0, -1);

    /// <summary>"Display Name", "display_name" and "displayName" are one.</summary>
    private static string Plain(string name) => new([.. name.Where(char.IsLetterOrDigit).Select(char.ToLowerInvariant)]);
}
