namespace CloudPbx.Contracts.Text;

/// <summary>A row of a CSV text.</summary>
/// <param name="Line">The line on which it begins, the first is 1.</param>
/// <param name="Fields">Its fields.</param>
public sealed record CsvRow(int Line, IReadOnlyList<string> Fields)
{
    /// <summary>A field, empty where the row is shorter.</summary>
    /// <param name="index">Which, the first is 0; below 0: none.</param>
    public string this[int index] => index >= 0 && index < Fields.Count ? Fields[index] : "";
}
