namespace CloudPbx.Architecture.Tests;

/// <summary>The table of RFCs in the SIP stack's README: each row names tests that are there.</summary>
public class RfcTableTests
{
    private static readonly string[] s_rfcs = ["3261", "3262", "3263", "3264", "3311", "3327", "3515", "3581", "3891", "4028", "4235", "5031", "5393", "5621", "5626", "6026", "6442", "6665", "7118", "8760"];

    [Fact]
    public void Every_RFC_has_its_rows_and_every_row_tests_that_exist()
    {
        List<string> missing = [], rfcs = [];
        foreach (string[] cells in Rows())
        {
            if (cells[0].Length > 0)
                rfcs.Add(cells[0]);
            bool isDone = cells[2].StartsWith("done", StringComparison.Ordinal) || cells[2].StartsWith("partly", StringComparison.Ordinal);
            if (isDone && !cells[3].Contains('`', StringComparison.Ordinal))
                missing.Add($"{rfcs[^1]} {cells[1]}: no test");
            foreach (string suite in cells[3].Split(';', StringSplitOptions.TrimEntries))
            {
                string project = suite.StartsWith('`') ? "Sip" : suite.Split(' ')[0];
                foreach (string name in suite.Split('`').Where((_, i) => i % 2 == 1))
                {
                    string path = Path.Combine(Repository.Root, "tests", $"CloudPbx.{project}.Tests", Path.GetDirectoryName(name)!);
                    if (!Directory.Exists(path) || Directory.GetFiles(path, Path.GetFileName(name) + ".cs").Length == 0)
                        missing.Add($"{rfcs[^1]} {cells[1]}: {project} {name}");
                }
            }
        }
        Assert.Empty(missing);
        Assert.Equal(s_rfcs, rfcs);
    }

    private static IEnumerable<string[]> Rows() => File.ReadLines(Path.Combine(Repository.Root, "libs", "CloudPbx.Sip", "README.md"))
        .SkipWhile(line => line != "## RFCs, section by section").TakeWhile(line => line != "## Tests")
        .Where(line => line.StartsWith('|')).Skip(2).Select(line => line[1..^1].Split('|', StringSplitOptions.TrimEntries));
}
