using CloudPbx.AllInOne.Commands;
using CloudPbx.AllInOne.FirstStart;

namespace CloudPbx.AllInOne.Cluster;

/// <summary>How phones connect, and which processes there are to look at or to kill.</summary>
/// <param name="Phones">What a single process would print as well.</param>
/// <param name="Processes">All processes.</param>
internal sealed record ClusterBanner(StartBanner Phones, IReadOnlyList<RunningProcess> Processes)
{
    /// <summary>Writes the table.</summary>
    public void WriteTo(TextWriter writer)
    {
        Phones.WriteTo(writer);
        writer.WriteLine();
        var table = new TextTable("  Process", "Id", "Log");
        foreach (RunningProcess process in Processes) table.Add("  " + process.Name, $"{process.ProcessId}", process.LogFile ?? "");
        table.WriteTo(writer);
        if (Processes.FirstOrDefault(p => p.Name == "worker-1") is { } worker)
        {
            writer.WriteLine();
            writer.WriteLine($"  kill {worker.ProcessId} drains a worker, kill -9 {worker.ProcessId} kills it; another one takes its tenants over, and it is started again.");
        }
    }
}
