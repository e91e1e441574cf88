using CloudPbx.AllInOne.Commands;
using CloudPbx.AllInOne.FirstStart;

namespace CloudPbx.AllInOne.Cluster;

/// <summary>How phones connect, and which processes there are to look at or to kill.</summary>
/// <param name="Phones">What a single process would print as well.</param>
/// <param name="FurtherEdges">The ports of the edges after the first one, for SIP by UDP and TCP, and by TLS.</param>
/// <param name="Processes">All processes.</param>
internal sealed record ClusterBanner(StartBanner Phones, IReadOnlyList<(int Sip, int Tls)> FurtherEdges, IReadOnlyList<RunningProcess> Processes)
{
    /// <summary>Writes the table.</summary>
    public void WriteTo(TextWriter writer)
    {
        Phones.WriteTo(writer);
        for (int i = 0; i < FurtherEdges.Count; i++)
            writer.WriteLine($"  {ClusterSettings.EdgeName(i + 2)} has SIP by UDP and TCP on port {FurtherEdges[i].Sip}, by TLS on port {FurtherEdges[i].Tls}.");
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
