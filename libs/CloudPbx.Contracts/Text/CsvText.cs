using System.Text;

namespace CloudPbx.Contracts.Text;

/// <summary>CSV (RFC 4180) as spreadsheets read and write it.</summary>
public static class CsvText
{
    /// <summary>Writes one field: quoted where it must be, and never a formula to a spreadsheet (S22). A number in E.164 is none.</summary>
    /// <param name="text">The text; a stranger may have written it.</param>
    public static string Field(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return "";
        string safe = IsFormula(text) ? "'" + text : text;
        return safe.AsSpan().IndexOfAny(",;\"\r\n") < 0 ? safe : $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    /// <summary>Writes one line without its end.</summary>
    /// <param name="fields">The fields.</param>
    public static string Line(params IEnumerable<string?> fields) => string.Join(',', fields.Select(Field));

    /// <summary>Reads a text. The separator is a comma, or a semicolon or tab where the first line has more of those: spreadsheets write what their country is used to.</summary>
    /// <param name="text">The text, with a heading or without.</param>
    /// <param name="fault">What is wrong, or <see langword="null"/>.</param>
    /// <returns>The rows that are not empty; without what <see cref="Field"/> put before a formula.</returns>
    public static IReadOnlyList<CsvRow> Read(string text, out string? fault)
    {
        ArgumentNullException.ThrowIfNull(text);
        fault = null;
        text = text.TrimStart('\uFEFF');
        char separator = SeparatorOf(text);
        List<CsvRow> rows = [];
        List<string> fields = [];
        StringBuilder field = new();
        int line = 1, begun = 1;
        bool quoted = false, wasQuoted = false;
        for (int i = 0; i <= text.Length; i++)
        {
            char? c = i < text.Length ? text[i] : null;
            if (quoted)
            {
                if (c is null)
                {
                    fault = $"Line {begun}: a quotation mark is opened and never closed.";
                    return rows;
                }
                if (c == '\n')
                    line++;
                if (c != '"')
                    field.Append(c);
                else if (i + 1 < text.Length && text[i + 1] == '"')
                    field.Append(text[i++]);
                else
                    quoted = false;
            }
            else if (c == '"' && field.Length == 0 && !wasQuoted)
            {
                quoted = wasQuoted = true;
            }
            else if (c is null or '\n' or '\r' || c == separator)
            {
                fields.Add(Unguarded(wasQuoted ? field.ToString() : field.ToString().Trim()));
                field.Clear();
                wasQuoted = false;
                if (c == separator)
                    continue;
                if (c == '\r' && i + 1 < text.Length && text[i + 1] == '\n')
                    i++;
                if (fields.Exists(f => f.Length > 0))
                    rows.Add(new CsvRow(begun, [.. fields]));
                fields.Clear();
                begun = ++line;
            }
            else
            {
                field.Append(c);
            }
        }
        return rows;
    }

    private static char SeparatorOf(string text)
    {
        ReadOnlySpan<char> first = text.AsSpan(0, text.AsSpan().IndexOfAny('\r', '\n') is >= 0 and int end ? end : text.Length);
        char best = ',';
        foreach (char candidate in ";\t")
            if (first.Count(candidate) > first.Count(best))
                best = candidate;
        return best;
    }

    private static bool IsFormula(string text) =>
        text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' && !(text.Length > 1 && text[0] == '+' && text.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0);

    private static string Unguarded(string text) => text.Length > 1 && text[0] == '\'' && IsFormula(text[1..]) ? text[1..] : text;
}
