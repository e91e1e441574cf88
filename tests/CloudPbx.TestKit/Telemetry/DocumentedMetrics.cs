using System.Diagnostics.Metrics;
using Xunit;

namespace CloudPbx.TestKit.Telemetry;

/// <summary>The tables of metrics in <c>libs/CloudPbx.Hosting/README.md</c>, one below each meter's name.</summary>
public static class DocumentedMetrics
{
    /// <summary>Compares a meter's instruments with its table: name, kind and unit.</summary>
    /// <param name="meter">The meter's name.</param>
    /// <param name="instruments">What the meter really has.</param>
    public static void AssertComplete(string meter, IEnumerable<Instrument> instruments) =>
        Assert.Equal(Read(meter), instruments.Select(instrument => $"{instrument.Name} {KindOf(instrument)} {instrument.Unit}").Order(StringComparer.Ordinal));

    /// <summary>The names of all metrics that are documented.</summary>
    public static IReadOnlyList<string> Names => [.. Rows().Select(row => row.Cells[0])];

    private static List<string> Read(string meter) =>
        [.. Rows().Where(row => row.Meter == meter).Select(row => $"{row.Cells[0]} {row.Cells[1]} {row.Cells[2]}").Order(StringComparer.Ordinal)];

    private static IEnumerable<(string Meter, string[] Cells)> Rows()
    {
        string meter = "";
        foreach (string line in File.ReadLines(Path.Combine(Root(), "libs", "CloudPbx.Hosting", "README.md")))
        {
            if (line.StartsWith("### `", StringComparison.Ordinal))
                meter = line.Split('`')[1];
            else if (line.StartsWith("| `cloudpbx.", StringComparison.Ordinal))
                yield return (meter, [.. line.Trim('|').Split('|').Select(cell => cell.Trim().Trim('`'))]);
        }
    }

    private static string KindOf(Instrument instrument) => instrument.GetType().Name.Split('`')[0] switch
    {
        "Counter" or "ObservableCounter" => "counter",
        "UpDownCounter" or "ObservableUpDownCounter" or "ObservableGauge" => "gauge",
        var other => other.ToLowerInvariant(),
    };

    private static string Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "CloudPbx.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests do not run inside the repository.");
    }
}
