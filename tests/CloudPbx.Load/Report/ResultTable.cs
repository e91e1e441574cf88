using System.Globalization;

namespace CloudPbx.Load.Report;

/// <summary>The results for a reader.</summary>
internal static class ResultTable
{
    /// <summary>Aligned lines, Markdown that reads well as it is.</summary>
    public static IEnumerable<string> Lines(IReadOnlyList<BenchResult> results)
    {
        string[][] rows =
        [
            ["bench", "unit", "ours", "peer", "ratio", "floor", "goal", "", "beside (per unit)", "note"],
            .. results.Select(r => new[]
            {
                r.Name, r.Unit, Number(r.Ours), r.Peer is null ? "" : $"{Number(r.Peer)} {r.PeerName}", Number(r.Ratio), Number(r.Floor), $"{r.Goal}",
                r.Goal?.IsMetBy(r) switch { true => "yes", false => "no", _ => "" },
                string.Join(", ", r.Others.Select(o => $"{o.Key} {Number(o.Value)}")), r.Note,
            }),
        ];
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length))];
        for (int i = 0; i < rows.Length; i++)
        {
            yield return $"| {string.Join(" | ", rows[i].Select((cell, column) => cell.PadRight(widths[column])))} |";
            if (i == 0)
                yield return $"|{string.Join('|', widths.Select(width => new string('-', width + 2)))}|";
        }
    }

    internal static string Number(double? value) => value switch
    {
        null => "",
        >= 1000 or <= -1000 => value.Value.ToString("#,0", CultureInfo.InvariantCulture),
        >= 100 or <= -100 => value.Value.ToString("0", CultureInfo.InvariantCulture),
        >= 10 or <= -10 => value.Value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("0.00", CultureInfo.InvariantCulture),
    };
}
